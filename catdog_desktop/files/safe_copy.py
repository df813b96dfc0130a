"""One file is copied, compared and put in its place, whole or not at all, and never over another.

Everything here goes through `os`, a call for a step on the disk: the tests stop the process between any two of them.
"""

import contextlib
import errno
import hashlib
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_CHUNK: Final = 1 << 20
_BINARY: Final = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
_NOT_KNOWN_HERE: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
_NO_HARD_LINKS: Final = _NOT_KNOWN_HERE | {errno.EPERM, errno.EMLINK}


class CopyError(Exception):
    """The copy is not what the source is; the message says why, to be read after the file's name."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: equal for equal files, and for no others."""

    size: int
    digest: str
    """BLAKE2b, 32 bytes, as hexadecimal digits."""

    def is_in(self, path: Path) -> bool:
        """Whether `path` is a regular file (no link) that holds just this. Raises `OSError`."""
        try:
            found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == self.size and content_of(path) == self


NOTHING: Final = Content(0, hashlib.blake2b(digest_size=32).hexdigest())
"""What an empty file holds."""


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells whether a file was changed or replaced, without reading it."""

    size: int
    modified_ns: int
    inode: int
    mode: int

    @classmethod
    def of(cls, path: Path) -> "FileStat":
        """Return how the file (or the one that a link leads to) looks now. Raises `OSError`."""
        return cls.from_stat(os.stat(path))  # noqa: PTH116

    @classmethod
    def from_stat(cls, found: os.stat_result) -> "FileStat":
        """Return the same from what the system says of a file."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino, stat.S_IMODE(found.st_mode))


def content_of(path: Path, between: Callable[[], object] = bool) -> Content:
    """Return what `path` holds, reading all of it; `between` is called before each MB. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY | _BINARY)
    try:
        return _read_all(handle, between)
    finally:
        os.close(handle)


def copy_compared(source: Path, temporary: Path, looks: FileStat | None = None) -> tuple[Content, FileStat]:
    """Copy `source` to `temporary`, which must not exist, force it to the disk, read it again and compare.

    Times and permissions are kept, or set to those of `looks`; extended attributes are kept on Linux only.
    Returns the content and how the source looked meanwhile. Raises `OSError` or `CopyError`; what there is of
    `temporary` is for the caller to remove.
    """
    reading = os.open(source, os.O_RDONLY | _BINARY)
    try:
        before = os.fstat(reading)
        writing = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            content = _pour(reading, writing)
            after = FileStat.from_stat(os.fstat(reading))
            if after != FileStat.from_stat(before) or content.size != after.size:
                raise CopyError("was changed while it was read")
            _keep_times_and_permissions(source, before, temporary, looks or after)
            force_to_disk(writing)
            _forget_cached(writing)
            os.lseek(writing, 0, os.SEEK_SET)
            if _read_all(writing) != content:
                raise CopyError("was not written as it was read: the disk or its cable may be faulty")
        finally:
            os.close(writing)
    finally:
        os.close(reading)
    return content, after


def rename_without_replacing(
    source: Path, target: Path, before_placeholder: Callable[[], None], no_placeholder: Callable[[], None] | None = None
) -> None:
    """Give `source` the name `target` on the same file system, unless something has it.

    `os.replace` would overwrite a file that appeared a moment ago. So: the system's own rename that refuses (Linux,
    macOS, and plainly on Windows); else a hard link, which refuses, and then the old name goes; else, where there are
    no hard links (exFAT on a Mac), an empty file of our own takes the name first and is replaced. Before that
    `before_placeholder` is called, and `no_placeholder` if the name was taken meanwhile: that file is not ours.
    Raises `FileExistsError` if the name is taken, else `OSError`.
    """
    if sys.platform == "win32":
        os.rename(source, target)  # noqa: PTH104  Not Path.rename, so that every step goes through os.
        return
    if rename_exclusively(source, target):
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
    else:
        os.unlink(source)  # noqa: PTH108
        return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(target))
    before_placeholder()
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if no_placeholder is not None:
            no_placeholder()
        raise
    try:
        os.replace(source, target)  # noqa: PTH105
    except OSError:
        os.unlink(target)  # noqa: PTH108
        raise


def rename_exclusively(source: Path, target: Path) -> bool:
    """Rename by the system's call that never replaces; return False where system or file system know none."""
    libc = _libc()
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        here, no_replace = -100, 1  # AT_FDCWD, RENAME_NOREPLACE
        status = libc.renameat2(here, os.fsencode(source), here, os.fsencode(target), no_replace)
    elif sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        exclusive = 4  # RENAME_EXCL
        status = libc.renamex_np(os.fsencode(source), os.fsencode(target), exclusive)
    else:
        return False
    if status == 0:
        return True
    number = _last_error()
    if number in _NOT_KNOWN_HERE:
        return False
    raise OSError(number, os.strerror(number), os.fspath(source), None, os.fspath(target))


def is_same_file(first: Path, second: Path) -> bool:
    """Whether both names are there and lead to one file, links not followed."""
    try:
        one, other = os.lstat(first), os.lstat(second)
    except OSError:
        return False
    return one.st_ino != 0 and os.path.samestat(one, other)


def has_other_name(path: Path) -> bool:
    """Whether the file keeps a name if this one is removed."""
    return os.lstat(path).st_nlink > 1


def remove(path: Path) -> None:
    """Remove a file or link that we made, if it is there. Raises `OSError`."""
    try:
        os.unlink(path)  # noqa: PTH108
    except (FileNotFoundError, NotADirectoryError):
        return
    except PermissionError:
        if os.name != "nt":
            raise
        os.chmod(path, stat.S_IWRITE)  # noqa: PTH101  Windows keeps files that are read-only.
        os.unlink(path)  # noqa: PTH108


def force_to_disk(handle: int) -> None:
    """Return when what was written is on the disk, and not in some memory of it."""
    if sys.platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def force_folder_to_disk(folder: Path) -> None:
    """Make the names in `folder` last; where folders cannot be forced to the disk, the system does it in its time."""
    if sys.platform == "win32":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # names may be written in it, but not listed
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NOT_KNOWN_HERE | {errno.EBADF, errno.EACCES, errno.EROFS}:
            raise
    finally:
        os.close(handle)


def _pour(reading: int, writing: int) -> Content:
    digest, size = hashlib.blake2b(digest_size=32), 0
    while chunk := os.read(reading, _CHUNK):
        digest.update(chunk)
        size += len(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(writing, rest) :]
    return Content(size, digest.hexdigest())


def _read_all(handle: int, between: Callable[[], object] = bool) -> Content:
    digest, size = hashlib.blake2b(digest_size=32), 0
    while chunk := os.read(handle, _CHUNK):
        between()
        digest.update(chunk)
        size += len(chunk)
    return Content(size, digest.hexdigest())


def _forget_cached(handle: int) -> None:
    """Ask the system to drop what it holds of the file in memory, so that the comparison reads the disk."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _keep_times_and_permissions(source: Path, found: os.stat_result, copy: Path, looks: FileStat) -> None:
    """Not `shutil.copystat`, which would also lock the copy on a Mac before it has its name.

    Some file systems know no owners, permissions or attributes: a photo without them is still the photo.
    """
    if os.name == "posix" and (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):  # only root may give files away
            os.chown(copy, found.st_uid, found.st_gid)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for name in os.listxattr(source):
                with contextlib.suppress(OSError):
                    os.setxattr(copy, name, os.getxattr(source, name))
    with contextlib.suppress(OSError):
        os.utime(copy, ns=(found.st_atime_ns, looks.modified_ns))
    with contextlib.suppress(OSError):
        os.chmod(copy, looks.mode)  # noqa: PTH101


@cache
def _libc() -> Any:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _last_error() -> int:
    import ctypes

    return ctypes.get_errno()
