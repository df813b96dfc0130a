"""Compare duplicates byte by byte before one of them is removed: fingerprints cover only samples of a file."""

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from catdog_desktop.messages import N_, MessageError, _

_CHUNK: Final = 1 << 20


class KeptFileError(MessageError):
    """The file to keep is missing, is not a regular file or cannot be read. The text follows the file's name."""


@dataclass(frozen=True, slots=True)
class VerifiedCopies:
    """Which files may be removed because another file has the same content."""

    same: tuple[Path, ...]
    """Files of their own with exactly the content of the kept file."""
    different: tuple[tuple[Path, str], ...]
    """All others, each with the reason, to be read after the file's name."""


def verify_copies(
    keep: Path, others: Sequence[Path], *, is_cancelled: Callable[[], bool] = lambda: False
) -> VerifiedCopies:
    """Compare every byte of `others` with `keep`, and check that `keep` is a regular file of its own.

    A name of the kept file itself (a link, a hard link, a path through a linked folder) is never among `same`: removing
    it could remove the kept file. If `is_cancelled` returns True, the remaining files are `different`. Raises
    `KeptFileError`.
    """
    try:
        kept = os.lstat(keep)
    except OSError as error:
        raise KeptFileError(N_("is not there any more ({reason})"), reason=error.strerror) from error
    if not stat.S_ISREG(kept.st_mode):
        raise KeptFileError(N_("is not a regular file"))
    same: list[Path] = []
    different: list[tuple[Path, str]] = []
    for other in others:
        reason = _("was not compared") if is_cancelled() else _difference(keep, kept, other)
        if reason:
            different.append((other, reason))
        else:
            same.append(other)
    if same and not _is_unchanged(keep, kept):
        raise KeptFileError(N_("was changed while it was compared"))
    return VerifiedCopies(tuple(same), tuple(different))


def _difference(keep: Path, kept: os.stat_result, other: Path) -> str:
    """Return why `other` must stay; empty if it is a separate file with the same content."""
    try:
        found = os.lstat(other)
    except OSError as error:
        return _("cannot be read ({reason})").format(reason=error.strerror)
    if not stat.S_ISREG(found.st_mode):
        return _("is not a regular file")
    if os.path.samestat(found, kept):
        return _("is another name of the kept file")
    if found.st_size != kept.st_size:
        return _("has another size than the kept file")
    try:
        file = other.open("rb")
    except OSError as error:
        return _("cannot be read ({reason})").format(reason=error.strerror)
    with file:
        # Opened within this call, so that an error of the kept file is not taken for one of the other.
        kept_file = _open_kept(keep)
        with kept_file:
            try:
                return "" if _equal(kept_file, file) else _("has other content than the kept file")
            except OSError as error:
                return _("cannot be read ({reason})").format(reason=error.strerror)


def _open_kept(keep: Path) -> IO[bytes]:
    try:
        return keep.open("rb")
    except OSError as error:
        raise KeptFileError(N_("cannot be read ({reason})"), reason=error.strerror) from error


def _equal(first: IO[bytes], second: IO[bytes]) -> bool:
    while True:
        one, other = first.read(_CHUNK), second.read(_CHUNK)
        if one != other:
            return False
        if not one:
            return True


def _is_unchanged(path: Path, before: os.stat_result) -> bool:
    try:
        now = os.lstat(path)
    except OSError:
        return False
    return os.path.samestat(now, before) and (now.st_size, now.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
