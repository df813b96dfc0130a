"""Delete what is stored about photos: in the store, the last session, pasted images, and journals that were undone.

Journals of sorts, of exported keywords and of the trash that can still be undone are kept, although they contain file
names.
"""

import contextlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from catdog_desktop.exporting.xmp_journal import list_xmp_journals, xmp_journals_folder
from catdog_desktop.last_session import forget_last_use
from catdog_desktop.paths import journals_folder, last_session_file, log_file, pasted_folder, settings_file
from catdog_desktop.settings import load_settings, save_settings, without_folders
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.journal import last_state, list_journals
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind, Remembered
from catdog_desktop.trashing.trash_journal import (
    TrashError,
    list_trash_journals,
    read_trash_journal,
    trash_journals_folder,
)


def remembered(store: Store, folder: Path | None = None) -> Remembered:
    """Return a summary of what is stored about all photos, or about those below `folder`. Raises `StoreError`."""
    stored = store.remembered(folder)
    if folder is not None:
        return stored
    pasted = _pasted_images()
    return replace(
        stored,
        has_session=last_session_file().exists(),
        pasted=len(pasted),
        pasted_bytes=sum(path.stat().st_size for path in pasted),
    )


def forget_photos(store: Store, kinds: Collection[Kind], folder: Path | None = None) -> Remembered:
    """Delete data of these kinds, about all photos or those below `folder`; return what was deleted.

    The last session and pasted images are only deleted for all photos. Deleting all results also empties the log and
    deletes the journals of sorts and of the trash that were undone. Raises `StoreError`.
    """
    before = remembered(store, folder)
    deleted = store.forget(kinds, folder)
    if folder is not None:
        return deleted
    if Kind.RESULTS in kinds:
        _delete_undone_sorts()
        _delete_undone_trash()
    try:
        if Kind.RESULTS in kinds:
            _empty_log()
        if Kind.SESSION in kinds:
            forget_last_use(last_session_file())
            _forget_folders_of_dialogs()
            deleted = replace(deleted, has_session=before.has_session)
        if Kind.PASTED in kinds:
            for path in _pasted_images():
                path.unlink(missing_ok=True)
            deleted = replace(deleted, pasted=before.pasted, pasted_bytes=before.pasted_bytes)
    except OSError as error:
        raise StoreError(StoreProblem.FILE_NOT_DELETED, error.filename, error.strerror or error) from error
    return deleted


def kept_journals() -> int:
    """Return the number of journals that are kept, since a sort, keywords or the trash can still be undone."""
    sorts = [path for path in list_journals(journals_folder()) if last_state(path) is not JournalState.UNDONE]
    trash = list_trash_journals(trash_journals_folder())
    return len(sorts) + len(list_xmp_journals(xmp_journals_folder())) + len(trash)


def _pasted_images() -> list[Path]:
    try:
        return [path for path in pasted_folder().iterdir() if path.is_file()]
    except OSError:
        return []


def _empty_log() -> None:
    """Empty the log, whose errors may name photos. Not deleted: the app holds it open."""
    for path in (log_file(), log_file().with_name(log_file().name + ".1")):
        if path.exists() and path.stat().st_size:
            path.write_bytes(b"")


def _forget_folders_of_dialogs() -> None:
    settings, warning = load_settings(settings_file())
    if warning is None and without_folders(settings) != settings:
        save_settings(settings_file(), without_folders(settings))


def _delete_undone_trash() -> None:
    for path in list_trash_journals(trash_journals_folder()):
        with contextlib.suppress(TrashError, OSError):
            if not read_trash_journal(path).in_trash:
                path.unlink()


def _delete_undone_sorts() -> None:
    folder = journals_folder()
    undone = [path for path in list_journals(folder) if last_state(path) is JournalState.UNDONE]
    if undone:
        # While a sort runs, the lock is taken. The journals are then deleted the next time.
        with contextlib.suppress(SortError, OSError), one_writer(folder):
            for path in undone:
                path.unlink(missing_ok=True)
