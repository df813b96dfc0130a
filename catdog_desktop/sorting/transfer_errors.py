"""Why a file of a sort stays where it is, in words that say what to do."""

import errno
import os
import sys
from pathlib import Path


class TransferError(Exception):
    """The file stays as it was. The message is a sentence without the file's name, to be read after it."""

    def __init__(self, sentence: str, *, ends_run: bool = False) -> None:
        super().__init__(sentence)
        self.ends_run = ends_run
        """The next file would fare no better: the disk is full or gone."""


class DestinationGoneError(TransferError):
    """The disk that the sort fills is not there any more."""

    def __init__(self) -> None:
        super().__init__(
            "could not be brought there: the destination is gone. Connect the disk again, then finish or undo.",
            ends_run=True,
        )


class NameTakenError(Exception):
    """Something has the target's name by now."""


class LeftError(Exception):
    """What lies there is no longer what we wrote, so it is not ours to remove. The message says so."""


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})
_GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE} if hasattr(errno, "ESTALE") else {errno.EIO})


def in_words(error: OSError, path: Path) -> TransferError:
    """Return `error` as a sentence that says what to do."""
    number, reason = error.errno, error.strerror or str(error)
    if number in _FULL:
        return TransferError("does not fit: the disk is full. Make room there, then finish or undo.", ends_run=True)
    if number in _GONE:
        return TransferError(
            f"cannot be brought there: the disk does not answer ({reason}). Connect it again, then finish or undo.",
            ends_run=True,
        )
    if number == errno.EFBIG:
        return TransferError("is too large for the file system there.")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        name = error.filename2 or error.filename or path
        where = Path(os.fsdecode(name)).parent
        return TransferError(f"is protected: “{where}” or the file may not be changed by you ({reason}).")
    if number == errno.EXDEV:
        return TransferError("lies on another disk than the destination, where a hard link cannot lead. Copy instead.")
    if sys.platform == "win32" and error.winerror == 1314:
        return TransferError("cannot be linked: Windows lets only developers make symbolic links. Copy instead.")
    if number in (errno.ENOENT, errno.ENOTDIR):
        return TransferError("could not be brought there: the file or the folder is gone.")
    return TransferError(f"could not be brought there ({reason}).")
