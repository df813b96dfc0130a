"""Transfer one file of a sort to its place or back. Each step is recorded in the journal before it happens.

A failed transfer is reverted at once with `resume.settle`, the same code that cleans up after a crash.
"""

import errno
import os
import stat
from pathlib import Path

from catdog_desktop.files.free_names import free_path
from catdog_desktop.files.safe_copy import (
    CopyError,
    FileStat,
    copy_verified,
    fsync_folder,
    has_other_name,
    is_link_to,
    is_same_file,
    remove,
)
from catdog_desktop.messages import N_
from catdog_desktop.sorting.destination import require_reachable
from catdog_desktop.sorting.journal import Journal
from catdog_desktop.sorting.journal_items import Direction, JournalItem, Transfer
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.resume import settle
from catdog_desktop.sorting.transfer_errors import (
    DestinationGoneError,
    KeepReason,
    KeptError,
    NameTakenError,
    Problem,
    TransferError,
    from_oserror,
)


def put(journal: Journal, item: JournalItem, target: Path) -> None:
    """Copy, move or link `item` to `target`, as the journal's action says.

    Raises `NameTakenError` or `TransferError`; the file is then where it was. If even that cannot be found out (the
    disk is gone), the transfer stays open in the journal for `resume.settle`.
    """
    _require_unchanged(item)
    try:
        make_folders(journal, target.parent)
        if os.path.lexists(target):
            raise NameTakenError
    except OSError as error:
        raise from_oserror(error, target) from error
    transfer = Transfer(Direction.OUT, item.source, target, item.stat.inode)
    _run(journal, item, transfer, journal.action)


def take_back(journal: Journal, item: JournalItem) -> None:
    """Undo `put`. Raises `KeptError` or `TransferError`; the file is then where it was."""
    assert item.placed is not None
    placed = item.placed
    if journal.action is Action.MOVE:
        _move_back(journal, item, placed)
        return
    try:
        if not journal.destination.is_there():  # Otherwise a missing folder was removed, and the copy with it.
            require_reachable(placed)
        transfer = Transfer(Direction.BACK, placed, item.source, 0)
        if os.path.lexists(placed):
            _require_removable(journal, item, placed)
        journal.begin(item, transfer)
        if os.path.lexists(placed):
            remove(placed)
            fsync_folder(placed.parent)
    except OSError as error:
        raise from_oserror(error, placed) from error
    journal.note_done(item)


def make_folders(journal: Journal, folder: Path) -> None:
    """Create `folder` and its missing parents, each recorded in the journal.

    Raises `OSError`, or `DestinationGoneError` if the disk was unplugged meanwhile; nothing is left behind then.
    """
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    if missing and not journal.destination.is_there():
        raise DestinationGoneError
    for path in reversed(missing):
        journal.note_folder(path)
        try:
            os.mkdir(path)  # noqa: PTH102
        except FileExistsError:
            journal.retract_folder(path)
        except OSError:
            journal.retract_folder(path)
            raise
        if not journal.destination.is_there():
            os.rmdir(path)  # noqa: PTH106
            journal.retract_folder(path)
            raise DestinationGoneError
        fsync_folder(path.parent)


def _require_unchanged(item: JournalItem) -> None:
    try:
        now = FileStat.of(item.source)
    except (FileNotFoundError, NotADirectoryError):
        raise TransferError(Problem.SOURCE_GONE) from None
    except OSError as error:
        raise from_oserror(error, item.source) from error
    if (now.size, now.modified_ns) != (item.stat.size, item.stat.modified_ns):
        raise TransferError(Problem.SOURCE_CHANGED)


def _run(journal: Journal, item: JournalItem, transfer: Transfer, action: Action) -> None:
    journal.begin(item, transfer)
    try:
        _TRANSFER[action](journal, item, transfer)
        fsync_folder(transfer.target.parent)
    except BaseException as error:
        if _came_back_after_failure(journal, item, transfer):
            return
        if isinstance(error, FileExistsError):
            raise NameTakenError from error
        if isinstance(error, OSError):
            raise from_oserror(error, transfer.target) from error
        if isinstance(error, CopyError):
            raise TransferError(Problem.COPY_FAILED, detail=str(error)) from error
        raise
    journal.note_done(item)


def _came_back_after_failure(journal: Journal, item: JournalItem, transfer: Transfer) -> bool:
    """Revert a failed transfer, and return whether it was one of undo and is nevertheless complete.

    The file may have arrived before the failure. Then a transfer to the destination is undone.
    """
    try:
        settle(journal, item)
        if item.placed == transfer.target and transfer.direction is Direction.OUT:
            take_back(journal, item)
    except (TransferError, KeptError) as error:  # The transfer stays open in the journal.
        raise DestinationGoneError from error
    return transfer.direction is Direction.BACK and item.restored == transfer.target and item.placed is None


def _copy(journal: Journal, item: JournalItem, transfer: Transfer) -> None:
    temporary = journal.temporary(item, transfer.target)
    content, _stat = copy_verified(transfer.source, temporary)
    journal.note_copied(item, content)
    journal.rename(item, temporary, transfer.target)


def _move(journal: Journal, item: JournalItem, transfer: Transfer) -> None:
    try:
        journal.rename(item, transfer.source, transfer.target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_across(journal, item, transfer)
    else:
        fsync_folder(transfer.source.parent)


def _move_across(journal: Journal, item: JournalItem, transfer: Transfer) -> None:
    """Copy to another file system, verify the copy, then delete the source."""
    temporary = journal.temporary(item, transfer.target)
    content, source_stat = copy_verified(transfer.source, temporary, _original_stat(item, transfer))
    journal.note_copied(item, content)
    journal.rename(item, temporary, transfer.target)
    fsync_folder(transfer.target.parent)
    if FileStat.of(transfer.source) != source_stat:
        raise CopyError(N_("was changed while it was moved"))
    os.unlink(transfer.source)  # noqa: PTH108
    fsync_folder(transfer.source.parent)


def _original_stat(item: JournalItem, transfer: Transfer) -> FileStat | None:
    """Return the time and permissions to restore on a photo that undo moves back unchanged; None if it was changed.

    FAT keeps times to two seconds and no permissions, so the photo may have lost them at the destination.
    """
    if transfer.direction is Direction.BACK and item.content is not None and item.content.is_in(transfer.source):
        return item.stat
    return None


def _hard_link(_journal: Journal, item: JournalItem, transfer: Transfer) -> None:
    os.link(os.path.realpath(item.source), transfer.target)


def _symbolic_link(_journal: Journal, item: JournalItem, transfer: Transfer) -> None:
    os.symlink(item.source, transfer.target)  # noqa: PTH211


_TRANSFER = {
    Action.COPY: _copy,
    Action.MOVE: _move,
    Action.HARD_LINK: _hard_link,
    Action.SYMBOLIC_LINK: _symbolic_link,
}


def _move_back(journal: Journal, item: JournalItem, placed: Path) -> None:
    try:
        require_reachable(placed)
        found = os.lstat(placed)
    except FileNotFoundError:
        raise TransferError(Problem.PLACED_FILE_GONE, placed) from None
    except OSError as error:
        raise from_oserror(error, placed) from error
    if not stat.S_ISREG(found.st_mode):
        raise KeptError(KeepReason.REPLACED)
    if not os.path.isdir(item.source.parent):  # noqa: PTH112
        # The folder is not created again, since it may be on a disk that is not connected.
        raise TransferError(Problem.ORIGINAL_FOLDER_GONE, item.source.parent)
    while True:
        try:
            target = free_path(item.source)
        except OSError as error:
            raise from_oserror(error, item.source) from error
        try:
            _run(journal, item, Transfer(Direction.BACK, placed, target, found.st_ino), Action.MOVE)
        except NameTakenError:
            continue
        return


def _require_removable(journal: Journal, item: JournalItem, placed: Path) -> None:
    """Raise `KeptError` unless the file at `placed` is what the sort made, and the photo exists elsewhere."""
    if journal.action is Action.HARD_LINK:
        removable = is_same_file(Path(os.path.realpath(item.source)), placed) and has_other_name(placed)
    elif journal.action is Action.SYMBOLIC_LINK:
        removable = is_link_to(placed, item.source)
    else:
        removable = item.content is not None and item.content.is_in(placed)
    if not removable:
        raise KeptError(KeepReason.CHANGED)
    if journal.action is Action.COPY and not _original_exists(item, placed):
        raise KeptError(KeepReason.MAY_BE_LAST_COPY)


def _original_exists(item: JournalItem, placed: Path) -> bool:
    """Whether the original is there, and is not merely a link to the copy at `placed`."""
    try:
        if is_same_file(Path(os.path.realpath(item.source)), placed) and not has_other_name(placed):
            return False
        now = FileStat.of(item.source)
        if (now.size, now.modified_ns) == (item.stat.size, item.stat.modified_ns):
            return True
        return item.content is not None and item.content.is_in(item.source)
    except OSError:
        return False
