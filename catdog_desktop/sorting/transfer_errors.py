"""Why a file of a sort was not copied, moved or removed. Each error carries a reason; `str` gives the sentence."""

import errno
import os
import sys
from enum import Enum, auto
from pathlib import Path
from typing import Final

from catdog_desktop.messages import _


class Problem(Enum):
    """Why a file was not transferred."""

    DESTINATION_GONE = auto()
    DISK_FULL = auto()
    DISK_NOT_RESPONDING = auto()
    FILE_TOO_LARGE = auto()
    PROTECTED = auto()
    SOURCE_FOLDER_PROTECTED = auto()
    OTHER_DISK = auto()
    LINKS_NOT_ALLOWED = auto()
    NOT_FOUND = auto()
    SOURCE_GONE = auto()
    SOURCE_CHANGED = auto()
    FOLDER_UNREACHABLE = auto()
    PLACED_FILE_GONE = auto()
    ORIGINAL_FOLDER_GONE = auto()
    COPY_UNNAMED = auto()
    NAME_TOO_LONG = auto()
    COPY_FAILED = auto()
    OTHER = auto()


_ENDS_RUN: Final = frozenset({Problem.DESTINATION_GONE, Problem.DISK_FULL, Problem.DISK_NOT_RESPONDING})


class TransferError(Exception):
    """A file was not transferred and is unchanged. `str` is a sentence without the file's name, to be read after it."""

    def __init__(self, problem: Problem, path: Path | None = None, detail: str = "") -> None:
        super().__init__(problem, path, detail)
        self.problem = problem
        self.path = path
        """The folder or file that the sentence names, if it names one."""
        self.detail = detail
        """The reason that the system gives, if it gives one."""

    def __str__(self) -> str:
        return _sentence(self.problem).format(path=self.path, detail=self.detail)

    @property
    def ends_run(self) -> bool:
        """Whether every other file would fail, too: the disk is full or gone."""
        return self.problem in _ENDS_RUN


class DestinationGoneError(TransferError):
    """The disk of the destination is gone."""

    def __init__(self) -> None:
        super().__init__(Problem.DESTINATION_GONE)


class NameTakenError(Exception):
    """Another file has the target's name."""


class KeepReason(Enum):
    """Why undo keeps a file that the sort made or moved."""

    REPLACED = auto()
    """The file is not the one that the sort put there."""
    CHANGED = auto()
    """The file is not the one that the sort made."""
    MAY_BE_LAST_COPY = auto()
    PHOTO_STAYS = auto()
    """The photo that the file belongs to stays, too."""


class KeptError(Exception):
    """Undo keeps a file. `str` is a sentence without the file's name, to be read after it."""

    def __init__(self, reason: KeepReason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return {
            KeepReason.REPLACED: _("is no longer what the sort put there, so it was left."),
            KeepReason.CHANGED: _("is no longer what the sort made there, so it was left."),
            KeepReason.MAY_BE_LAST_COPY: _(
                "may be the last copy of the photo: the original was changed or is gone. So it was left."
            ),
            KeepReason.PHOTO_STAYS: _("stays with its photo."),
        }[self.reason]


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})
_GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE} if hasattr(errno, "ESTALE") else {errno.EIO})


def from_oserror(error: OSError, path: Path) -> TransferError:
    """Return `error` as a `TransferError`. `path` is the file that was transferred."""
    number, reason = error.errno, error.strerror or str(error)
    if number in _FULL:
        return TransferError(Problem.DISK_FULL)
    if number in _GONE:
        return TransferError(Problem.DISK_NOT_RESPONDING, detail=reason)
    if number == errno.EFBIG:
        return TransferError(Problem.FILE_TOO_LARGE)
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        name = error.filename2 or error.filename or path
        return TransferError(Problem.PROTECTED, Path(os.fsdecode(name)).parent, reason)
    if number == errno.EXDEV:
        return TransferError(Problem.OTHER_DISK)
    if sys.platform == "win32" and error.winerror == 1314:  # ERROR_PRIVILEGE_NOT_HELD
        return TransferError(Problem.LINKS_NOT_ALLOWED)
    if number in (errno.ENOENT, errno.ENOTDIR):
        return TransferError(Problem.NOT_FOUND)
    return TransferError(Problem.OTHER, detail=reason)


def _sentence(problem: Problem) -> str:
    return {
        Problem.DESTINATION_GONE: _(
            "was not transferred: the destination is gone. Connect the disk again, then finish or undo."
        ),
        Problem.DISK_FULL: _("does not fit: the disk is full. Free some space on it, then finish or undo."),
        Problem.DISK_NOT_RESPONDING: _(
            "was not transferred: the disk does not respond ({detail}). Connect it again, then finish or undo."
        ),
        Problem.FILE_TOO_LARGE: _("is too large for the file system of the destination."),
        Problem.PROTECTED: _("is protected: you may not change “{path}” or the file ({detail})."),
        Problem.SOURCE_FOLDER_PROTECTED: _("cannot be moved: its folder “{path}” is protected."),
        Problem.OTHER_DISK: _(
            "is on another disk than the destination, and hard links work on one disk only. Copy it."
        ),
        Problem.LINKS_NOT_ALLOWED: _(
            "cannot be linked: Windows allows symbolic links in developer mode only. Copy it."
        ),
        Problem.NOT_FOUND: _("was not transferred: the file or the folder is gone."),
        Problem.SOURCE_GONE: _("is no longer there."),
        Problem.SOURCE_CHANGED: _("was changed after the plan was made. Make a new plan."),
        Problem.FOLDER_UNREACHABLE: _(
            "cannot be found, nor its folder “{path}”. Connect the disk it was on, then try again."
        ),
        Problem.PLACED_FILE_GONE: _("is no longer where the sort put it, at “{path}”."),
        Problem.ORIGINAL_FOLDER_GONE: _(
            "cannot go back: its folder “{path}” is gone. Connect the disk, or create the folder again."
        ),
        Problem.COPY_UNNAMED: _("is gone, but “{path}” is a complete copy of it. Rename that file to keep it."),
        Problem.NAME_TOO_LONG: _("has a name too long for a number to be added."),
        Problem.COPY_FAILED: _("{detail}."),
        Problem.OTHER: _("was not transferred ({detail})."),
    }[problem]
