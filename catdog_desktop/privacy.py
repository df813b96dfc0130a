"""To forget what is remembered of photos: in the store, and in the journals of sorts that were undone.

Journals of sorts and of exported keywords that can still be undone are never touched, though they name photos.
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
    """Forget what is of these kinds, of all photos or of those below `folder`; return what it was.

    With all results go the journals of sorts that were undone. Raises `StoreError`.
    """
    forgotten = store.forget(kinds, folder)
    if folder is None and Kind.RESULTS in kinds:
        _forget_undone_sorts()
    return forgotten


def kept_journals() -> int:
    """Return how many journals of sorts and keywords stay, since what they tell may still be undone or looked up."""
    sorts = [path for path in list_journals(journals_folder()) if last_state(path) is not JournalState.UNDONE]
    return len(sorts) + len(list_xmp_journals(xmp_journals_folder()))


def _forget_undone_sorts() -> None:
    folder = journals_folder()
    undone = [path for path in list_journals(folder) if last_state(path) is JournalState.UNDONE]
    if undone:
        # A sort that runs now has its journal; the undone ones go the next time.
        with contextlib.suppress(SortError, OSError), one_writer(folder):
            for path in undone:
                path.unlink(missing_ok=True)
