"""One file of a sort goes to its place or comes back, with its lines in the journal, and is never left between.

What an interruption left half done is brought to one side or the other.
The rule behind all of it: a name is removed only when the same content is known to have another one.
"""

import errno
import os
import stat
from pathlib import Path

from catdog_desktop.files.free_names import free_path
from catdog_desktop.files.safe_copy import (
    NOTHING,
    CopyError,
    FileStat,
    copy_compared,
    force_folder_to_disk,
    has_other_name,
    is_same_file,
    remove,
    rename_without_replacing,
)
from catdog_desktop.sorting.journal import Journal
from catdog_desktop.sorting.journal_items import JournalItem, Leg, Way
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.transfer_errors import (
    DestinationGoneError,
    LeftError,
    NameTakenError,
    TransferError,
    in_words,
)


def put(journal: Journal, item: JournalItem, target: Path) -> None:
    """Bring `item` to `target` as the journal's action says.

    Raises `NameTakenError` or `TransferError`; the file is then where it was. If it cannot even be told where it is
    (the disk is gone), its leg stays open in the journal, for `settle`.
    """
    _require_unchanged(item)
    try:
        make_folders(journal, target.parent)
        if os.path.lexists(target):
            raise NameTakenError
    except OSError as error:
        raise in_words(error, target) from error
    leg = Leg(Way.OUT, item.source, target, item.looks.inode)
    _travel(journal, item, leg, journal.action)


def take_back(journal: Journal, item: JournalItem) -> None:
    """Undo what `put` did. Raises `LeftError` or `TransferError`; the file is then where it was."""
    assert item.placed is not None
    placed = item.placed
    if journal.action is Action.MOVE:
        _move_back(journal, item, placed)
        return
    try:
        if not journal.place.is_there():  # else somebody has removed the folder, and the copy with it
            _require_reachable(placed)
        leg = Leg(Way.BACK, placed, item.source, 0)
        if os.path.lexists(placed):
            _require_removable(journal, item, placed)
        journal.begin(item, leg)
        if os.path.lexists(placed):
            remove(placed)
            force_folder_to_disk(placed.parent)
    except OSError as error:
        raise in_words(error, placed) from error
    journal.done(item)


def settle(journal: Journal, item: JournalItem) -> None:
    """After an interruption, bring `item` to where it was or to where it was going.

    Raises `TransferError` if the disk that would tell is not there; nothing is changed then.
    """
    leg = item.leg
    if leg is None:
        return
    try:
        if leg.way is Way.BACK and journal.action is not Action.MOVE:
            arrived = False  # to remove a copy is begun anew
        else:
            if journal.action is Action.MOVE or not journal.place.is_there():
                _require_reachable(leg.target)
            arrived = _has_arrived(journal, item, leg)
    except OSError as error:
        raise in_words(error, leg.target) from error
    if arrived:
        journal.done(item)
    else:
        journal.not_done(item)


def make_folders(journal: Journal, folder: Path) -> None:
    """Make `folder` and what is missing above it, each with its line in the journal.

    Raises `OSError`, or `DestinationGoneError` if the disk was pulled out in this moment: nothing is left then.
    """
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    if missing and not journal.place.is_there():
        raise DestinationGoneError
    for path in reversed(missing):
        journal.folder(path)
        try:
            os.mkdir(path)  # noqa: PTH102
        except FileExistsError:
            journal.folder_not_made(path)
        except OSError:
            journal.folder_not_made(path)
            raise
        if not journal.place.is_there():
            os.rmdir(path)  # noqa: PTH106
            journal.folder_not_made(path)
            raise DestinationGoneError
        force_folder_to_disk(path.parent)


def _require_unchanged(item: JournalItem) -> None:
    try:
        now = FileStat.of(item.source)
    except (FileNotFoundError, NotADirectoryError):
        raise TransferError("is no longer there.") from None
    except OSError as error:
        raise in_words(error, item.source) from error
    if (now.size, now.modified_ns) != (item.looks.size, item.looks.modified_ns):
        raise TransferError("was changed after the plan was made. Make a new plan.")


def _require_reachable(path: Path) -> None:
    """Raise `TransferError` if the folder of `path` is missing: its disk may be, and then nothing can be told."""
    if not os.path.isdir(path.parent):  # noqa: PTH112
        raise TransferError(
            f"cannot be found, nor its folder “{path.parent}”. Connect the disk it was on, then try again.",
            ends_run=False,
        )


def _travel(journal: Journal, item: JournalItem, leg: Leg, action: Action) -> None:
    journal.begin(item, leg)
    try:
        _TRAVEL[action](journal, item, leg)
        force_folder_to_disk(leg.target.parent)
    except BaseException as error:
        if _came_back_after_failure(journal, item, leg):
            return
        if isinstance(error, FileExistsError):
            raise NameTakenError from error
        if isinstance(error, OSError):
            raise in_words(error, leg.target) from error
        if isinstance(error, CopyError):
            raise TransferError(f"{error}.") from error
        raise
    journal.done(item)


def _came_back_after_failure(journal: Journal, item: JournalItem, leg: Leg) -> bool:
    """Clear away what a failed way has left: the file must be where it was, never half. True if it has come back.

    It may have arrived, and only what comes after that failed: then it is brought back, if it was on its way out.
    """
    try:
        settle(journal, item)
        if item.placed == leg.target and leg.way is Way.OUT:
            take_back(journal, item)
    except (TransferError, LeftError) as error:  # the leg stays open
        raise DestinationGoneError from error
    return leg.way is Way.BACK and item.restored == leg.target and item.placed is None


def _rename(journal: Journal, item: JournalItem, source: Path, target: Path) -> None:
    """Rename, and note where it may take an empty file to hold the name."""
    rename_without_replacing(
        source, target, lambda: journal.placeholder(item), lambda: journal.placeholder_not_made(item)
    )


def _copy(journal: Journal, item: JournalItem, leg: Leg) -> None:
    temporary = journal.temporary(item, leg.target)
    content, _ = copy_compared(leg.source, temporary)
    journal.copied(item, content)
    _rename(journal, item, temporary, leg.target)


def _move(journal: Journal, item: JournalItem, leg: Leg) -> None:
    try:
        _rename(journal, item, leg.source, leg.target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_across(journal, item, leg)
    else:
        force_folder_to_disk(leg.source.parent)


def _move_across(journal: Journal, item: JournalItem, leg: Leg) -> None:
    """Copy to the other file system, compare, and only then delete the source."""
    temporary = journal.temporary(item, leg.target)
    content, looks = copy_compared(leg.source, temporary, _looks_to_give(item, leg))
    journal.copied(item, content)
    _rename(journal, item, temporary, leg.target)
    force_folder_to_disk(leg.target.parent)
    if FileStat.of(leg.source) != looks:
        raise CopyError("was changed while it was moved")
    os.unlink(leg.source)  # noqa: PTH108
    force_folder_to_disk(leg.source.parent)


def _looks_to_give(item: JournalItem, leg: Leg) -> FileStat | None:
    """Return the old times and permissions for a photo that comes back unchanged: its stay may have cost them.

    A stick keeps times to two seconds and no permissions.
    """
    if leg.way is Way.BACK and item.content is not None and item.content.is_in(leg.source):
        return item.looks
    return None


def _hard_link(_journal: Journal, item: JournalItem, leg: Leg) -> None:
    os.link(os.path.realpath(item.source), leg.target)


def _symbolic_link(_journal: Journal, item: JournalItem, leg: Leg) -> None:
    os.symlink(item.source, leg.target)  # noqa: PTH211


_TRAVEL = {
    Action.COPY: _copy,
    Action.MOVE: _move,
    Action.HARD_LINK: _hard_link,
    Action.SYMBOLIC_LINK: _symbolic_link,
}


def _move_back(journal: Journal, item: JournalItem, placed: Path) -> None:
    try:
        _require_reachable(placed)
        looks = os.lstat(placed)
    except FileNotFoundError:
        raise TransferError(f"is no longer where the sort put it, at “{placed}”.") from None
    except OSError as error:
        raise in_words(error, placed) from error
    if not stat.S_ISREG(looks.st_mode):
        raise LeftError("is no longer what the sort put there, so it was left.")
    if not os.path.isdir(item.source.parent):  # noqa: PTH112
        # Not made anew: it may lie on a disk that is not connected.
        raise TransferError(
            f"cannot go back: its folder “{item.source.parent}” is gone. Connect the disk or make the folder again."
        )
    while True:
        try:
            target = free_path(item.source)
        except OSError as error:
            raise in_words(error, item.source) from error
        try:
            _travel(journal, item, Leg(Way.BACK, placed, target, looks.st_ino), Action.MOVE)
        except NameTakenError:
            continue
        return


def _require_removable(journal: Journal, item: JournalItem, placed: Path) -> None:
    """Raise `LeftError` unless what lies at `placed` is what we made, and removing it loses nothing."""
    if journal.action is Action.HARD_LINK:
        removable = is_same_file(Path(os.path.realpath(item.source)), placed) and has_other_name(placed)
    elif journal.action is Action.SYMBOLIC_LINK:
        removable = _leads_to(placed, item.source)
    else:
        removable = item.content is not None and item.content.is_in(placed)
    if not removable:
        raise LeftError("is no longer what the sort made there, so it was left.")
    if journal.action is Action.COPY and not _is_still_at_its_source(item, placed):
        raise LeftError("may be all there is of the photo: the original was changed or is gone. So it was left.")


def _is_still_at_its_source(item: JournalItem, placed: Path) -> bool:
    """Whether the original is there without `placed`: not as a link to it."""
    try:
        if is_same_file(Path(os.path.realpath(item.source)), placed) and not has_other_name(placed):
            return False
        now = FileStat.of(item.source)
        if (now.size, now.modified_ns) == (item.looks.size, item.looks.modified_ns):
            return True
        return item.content is not None and item.content.is_in(item.source)
    except OSError:
        return False


def _leads_to(link: Path, target: Path) -> bool:
    try:
        return os.readlink(link) in (os.fspath(target), f"\\\\?\\{target}")  # noqa: PTH115
    except OSError:
        return False


def _has_arrived(journal: Journal, item: JournalItem, leg: Leg) -> bool:
    """Tell from the files whether an interrupted way was gone to its end; clear away what is half.

    Raises `OSError`.
    """
    if journal.action is Action.HARD_LINK:
        return is_same_file(Path(os.path.realpath(leg.source)), leg.target)
    if journal.action is Action.SYMBOLIC_LINK:
        return _leads_to(leg.target, item.source)
    temporary = journal.temporary(item, leg.target)
    if os.path.lexists(leg.source):
        return _settle_with_source(journal, item, leg, temporary)
    return _settle_without_source(journal, item, leg, temporary)


def _settle_with_source(journal: Journal, item: JournalItem, leg: Leg, temporary: Path) -> bool:
    """Settle where the source's name is taken: by the source, or by another file after the source had gone its way."""
    moving = journal.action is Action.MOVE
    if os.path.lexists(temporary):
        linked = is_same_file(temporary, leg.target)
        if not linked:
            _remove_placeholder(leg)
        remove(temporary)
        return linked and not (moving and _withdrew_copy(leg))
    if leg.copied is not None:
        return leg.copied.is_in(leg.target) and not (moving and _withdrew_copy(leg))
    if not moving:
        return False
    if is_same_file(leg.source, leg.target):
        if has_other_name(leg.target):
            remove(leg.target)  # a rename by hard link, half done
        return False
    if _is_what_went(item, leg, leg.target) and not _is_what_went(item, leg, leg.source):
        return True
    _remove_placeholder(leg)
    return False


def _withdrew_copy(leg: Leg) -> bool:
    """Remove the target of a move if the source still holds the same; else it may be all there is of the photo."""
    if leg.copied is None or not leg.copied.is_in(leg.source):
        return False
    remove(leg.target)
    return True


def _is_what_went(item: JournalItem, leg: Leg, path: Path) -> bool:
    """Whether the file at `path` is the one that was to be renamed: it keeps its inode or, on a stick, its looks."""
    try:
        found = FileStat.from_stat(os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return False
    same_looks = (found.size, found.modified_ns) == (item.looks.size, item.looks.modified_ns)
    return found.inode == leg.inode or same_looks


def _settle_without_source(journal: Journal, item: JournalItem, leg: Leg, temporary: Path) -> bool:
    """Settle where the source is gone, by us or by somebody else: what we have of it may be all there is."""
    if os.path.lexists(temporary):
        if leg.copied is None or not leg.copied.is_in(temporary):
            remove(temporary)  # half a copy helps nobody
            return False
        if is_same_file(temporary, leg.target):
            remove(temporary)
            return True
        _remove_placeholder(leg)
        if not os.path.lexists(leg.target):
            _rename(journal, item, temporary, leg.target)
            return True
        raise TransferError(f"is gone, but a whole copy of it is “{temporary}”. Give that another name to keep it.")
    if leg.copied is not None:
        return leg.copied.is_in(leg.target)
    return journal.action is Action.MOVE and _is_what_went(item, leg, leg.target)


def _remove_placeholder(leg: Leg) -> None:
    if leg.placeholder and NOTHING.is_in(leg.target):
        remove(leg.target)
