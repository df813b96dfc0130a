"""Resume a sort after a crash: complete or revert every interrupted transfer.

How a sort goes on after a crash, a kill or a power cut:

1. The next start finds journals whose state is unfinished (`history.open_sorts`) and asks the user.
2. `run.finish_sort` and `run.undo_sort` first call `settle_all`, which compares the files on the disk with the journal.
   It completes or reverts each open transfer and removes temporary files and placeholders.
3. Then they run the steps whose photos are not at their place yet (finish), or those that are (undo).

The rule behind all of it: a name is removed only if the same content is known to exist under another name.
"""

import os
from pathlib import Path

from catdog_desktop.files.safe_copy import EMPTY, FileStat, has_other_name, is_link_to, is_same_file, remove
from catdog_desktop.sorting.destination import require_reachable
from catdog_desktop.sorting.errors import SortError, SortProblem
from catdog_desktop.sorting.journal import Journal
from catdog_desktop.sorting.journal_items import Direction, JournalItem, Transfer
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.transfer_errors import Problem, TransferError, from_oserror


def settle_all(journal: Journal) -> list[JournalItem]:
    """Settle every open transfer of `journal`; return the items that had one.

    Raises `SortError` if a file cannot be settled, for example because its disk is not connected.
    """
    settled = []
    for item in journal.items:
        if item.transfer is None:
            continue
        try:
            settle(journal, item)
        except TransferError as error:
            raise SortError(SortProblem.FILE_NOT_SETTLED, item.source.name, error) from error
        settled.append(item)
    return settled


def settle(journal: Journal, item: JournalItem) -> None:
    """Complete or revert the open transfer of `item`, if it has one, as the files on the disk require.

    Raises `TransferError`, with nothing changed, if the disk that shows how far the transfer got is not connected.
    """
    transfer = item.transfer
    if transfer is None:
        return
    try:
        if transfer.direction is Direction.BACK and journal.action is not Action.MOVE:
            complete = False  # Undo removes the copy or link again.
        else:
            if journal.action is Action.MOVE or not journal.destination.is_there():
                require_reachable(transfer.target)
            complete = _is_complete(journal, item, transfer)
    except OSError as error:
        raise from_oserror(error, transfer.target) from error
    if complete:
        journal.note_done(item)
    else:
        journal.note_not_done(item)


def _is_complete(journal: Journal, item: JournalItem, transfer: Transfer) -> bool:
    """Whether the transfer was complete, judged by the files. Removes incomplete files. Raises `OSError`."""
    if journal.action is Action.HARD_LINK:
        return is_same_file(Path(os.path.realpath(transfer.source)), transfer.target)
    if journal.action is Action.SYMBOLIC_LINK:
        return is_link_to(transfer.target, item.source)
    temporary = journal.temporary(item, transfer.target)
    if os.path.lexists(transfer.source):
        return _settle_with_source(journal, item, transfer, temporary)
    return _settle_without_source(journal, item, transfer, temporary)


def _settle_with_source(journal: Journal, item: JournalItem, transfer: Transfer, temporary: Path) -> bool:
    """Settle a transfer where a file has the source's name: the source, or a newer file after the source was moved."""
    moving = journal.action is Action.MOVE
    if os.path.lexists(temporary):
        linked = is_same_file(temporary, transfer.target)
        if not linked:
            _remove_placeholder(transfer)
        remove(temporary)
        return linked and not (moving and _removed_copy(transfer))
    if transfer.copied is not None:
        return transfer.copied.is_in(transfer.target) and not (moving and _removed_copy(transfer))
    if not moving:
        return False
    if is_same_file(transfer.source, transfer.target):
        if has_other_name(transfer.target):
            remove(transfer.target)  # Half of a rename by hard link.
        return False
    if _is_moved_file(item, transfer, transfer.target) and not _is_moved_file(item, transfer, transfer.source):
        return True
    _remove_placeholder(transfer)
    return False


def _settle_without_source(journal: Journal, item: JournalItem, transfer: Transfer, temporary: Path) -> bool:
    """Settle a transfer whose source is gone. The temporary file or the target may be the last copy of the photo."""
    if os.path.lexists(temporary):
        if transfer.copied is None or not transfer.copied.is_in(temporary):
            remove(temporary)  # An incomplete copy is useless.
            return False
        if is_same_file(temporary, transfer.target):
            remove(temporary)
            return True
        _remove_placeholder(transfer)
        if not os.path.lexists(transfer.target):
            journal.rename(item, temporary, transfer.target)
            return True
        raise TransferError(Problem.COPY_UNNAMED, temporary)
    if transfer.copied is not None:
        return transfer.copied.is_in(transfer.target)
    return journal.action is Action.MOVE and _is_moved_file(item, transfer, transfer.target)


def _removed_copy(transfer: Transfer) -> bool:
    """Remove the target of a move if the source still has the same content. Otherwise it may be the last copy."""
    if transfer.copied is None or not transfer.copied.is_in(transfer.source):
        return False
    remove(transfer.target)
    return True


def _is_moved_file(item: JournalItem, transfer: Transfer, path: Path) -> bool:
    """Whether the file at `path` is the one that was to be renamed: same inode, or (on FAT) same size and time."""
    try:
        found = FileStat.from_stat(os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return False
    unchanged = (found.size, found.modified_ns) == (item.stat.size, item.stat.modified_ns)
    return found.inode == transfer.inode or unchanged


def _remove_placeholder(transfer: Transfer) -> None:
    if transfer.has_placeholder and EMPTY.is_in(transfer.target):
        remove(transfer.target)
