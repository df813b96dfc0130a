"""Delete what is stored about photos: in the store, and in the journals of sorts that were undone.

Journals of sorts and of exported keywords that can still be undone are kept, although they contain file names.
"""

import contextlib
from collections.abc import Collection
from pathlib import Path

from catdog_desktop.exporting.xmp_journal import list_xmp_journals, xmp_journals_folder
from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.journal import last_state, list_journals
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.options import SortError
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind, Remembered


def forget_photos(store: Store, kinds: Collection[Kind], folder: Path | None = None) -> Remembered:
    """Delete data of these kinds, about all photos or those below `folder`; return what was deleted.

    Deleting all results also deletes the journals of sorts that were undone. Raises `StoreError`.
    """
    deleted = store.forget(kinds, folder)
    if folder is None and Kind.RESULTS in kinds:
        _delete_undone_sorts()
    return deleted


def kept_journals() -> int:
    """Return the number of journals of sorts and keywords that are kept, since they can still be undone."""
    sorts = [path for path in list_journals(journals_folder()) if last_state(path) is not JournalState.UNDONE]
    return len(sorts) + len(list_xmp_journals(xmp_journals_folder()))


def _delete_undone_sorts() -> None:
    folder = journals_folder()
    undone = [path for path in list_journals(folder) if last_state(path) is JournalState.UNDONE]
    if undone:
        # While a sort runs, the lock is taken. The journals are then deleted the next time.
        with contextlib.suppress(SortError, OSError), one_writer(folder):
            for path in undone:
                path.unlink(missing_ok=True)
