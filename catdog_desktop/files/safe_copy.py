"""Copy with verification, rename without overwriting, fsync.

Each step on the disk is one call of a function in `os`. The tests kill the process between any two of these calls.
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

from catdog_desktop.messages import N_, MessageError

_CHUNK: Final = 1 << 20
_BINARY: Final = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
_NOT_SUPPORTED: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
_NO_HARD_LINKS: Final = _NOT_SUPPORTED | {errno.EPERM, errno.EMLINK}


class CopyError(MessageError):
    """The copy differs from the source. The text is the reason, to be read after the file's name."""


@dataclass(frozen=True, slots=True)
class Content:
    """Size and digest of a file's content: equal for equal content only."""

    size: int
    digest: str
    """BLAKE2b, 32 bytes, as hexadecimal digits."""

    def is_in(self, path: Path) -> bool:
        """Whether `path` is a regular file, not a link, with exactly this content. Raises `OSError`."""
        try:
            found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == self.size and content_of(path) == self


EMPTY: Final = Content(0, hashlib.blake2b(digest_size=32).hexdigest())
"""The content of an empty file."""


@dataclass(frozen=True, slots=True)
class FileStat:
    """The parts of a stat result that show whether a file was changed or replaced, without reading it."""

    size: int
    modified_ns: int
    inode: int
    mode: int

    @classmethod
    def of(cls, path: Path) -> "FileStat":
        """Return the stat of a file, following links. Raises `OSError`."""
        return cls.from_stat(os.stat(path))  # noqa: PTH116

    @classmethod
    def from_stat(cls, found: os.stat_result) -> "FileStat":
        """Return the parts of `found`."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino, stat.S_IMODE(found.st_mode))


def content_of(path: Path, on_chunk: Callable[[], object] = bool) -> Content:
    """Read all of `path` and return its content. Calls `on_chunk` for each MiB. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY | _BINARY)
    try:
        return _read_all(handle, on_chunk)
    finally:
        os.close(handle)


def copy_verified(source: Path, temporary: Path, stat_to_set: FileStat | None = None) -> tuple[Content, FileStat]:
    """Copy `source` to `temporary`, which must not exist, fsync it, read it back and compare.

    Keeps the modification time and permissions, or sets those of `stat_to_set`. Keeps extended attributes on Linux
    only. Returns the content and the stat of the source. Raises `OSError` or `CopyError`; the caller then removes
    `temporary`.
    """
    reading = os.open(source, os.O_RDONLY | _BINARY)
    try:
        before = os.fstat(reading)
        writing = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            content = _copy_bytes(reading, writing)
            after = FileStat.from_stat(os.fstat(reading))
            if after != FileStat.from_stat(before) or content.size != after.size:
                raise CopyError(N_("was changed while it was read"))
            _copy_metadata(source, before, temporary, stat_to_set or after)
            fsync_file(writing)
            _drop_from_page_cache(writing)
            os.lseek(writing, 0, os.SEEK_SET)
            if _read_all(writing) != content:
                raise CopyError(N_("was not written as it was read: the disk or its cable may be faulty"))
        finally:
            os.close(writing)
    finally:
        os.close(reading)
    return content, after


def rename_without_replacing(
    source: Path,
    target: Path,
    before_placeholder: Callable[[], None],
    on_name_taken: Callable[[], None] | None = None,
) -> None:
    """Rename `source` to `target` on the same file system. Raises `FileExistsError` if `target` exists, or `OSError`.

    `os.replace` would overwrite a file that was created a moment before. Three ways are tried in turn:

    1. The rename of the system that never replaces (Linux, macOS; on Windows the ordinary one).
    2. A hard link, which never replaces, and then the removal of the old name.
    3. Without hard links (exFAT on macOS): create an empty placeholder with O_EXCL, then replace it. Calls
       `before_placeholder` first, and `on_name_taken` if another program created the file meanwhile.
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
        if on_name_taken is not None:
            on_name_taken()
        raise
    try:
        os.replace(source, target)  # noqa: PTH105
    except OSError:
        os.unlink(target)  # noqa: PTH108
        raise


def rename_exclusively(source: Path, target: Path) -> bool:
    """Rename with the system call that never replaces. Return False if the system or file system has none."""
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
    if number in _NOT_SUPPORTED:
        return False
    raise OSError(number, os.strerror(number), os.fspath(source), None, os.fspath(target))


def is_same_file(first: Path, second: Path) -> bool:
    """Whether both names exist and are one file (hard links). Symbolic links are not followed."""
    try:
        one, other = os.lstat(first), os.lstat(second)
    except OSError:
        return False
    return one.st_ino != 0 and os.path.samestat(one, other)


def is_link_to(link: Path, target: Path) -> bool:
    """Whether `link` is a symbolic link that holds the path `target`."""
    try:
        return os.readlink(link) in (os.fspath(target), f"\\\\?\\{target}")  # noqa: PTH115
    except OSError:
        return False


def has_other_name(path: Path) -> bool:
    """Whether the file has another hard link."""
    return os.lstat(path).st_nlink > 1


def remove(path: Path) -> None:
    """Remove a file or link that this app made, if it exists. Raises `OSError`."""
    try:
        os.unlink(path)  # noqa: PTH108
    except (FileNotFoundError, NotADirectoryError):
        return
    except PermissionError:
        if os.name != "nt":
            raise
        os.chmod(path, stat.S_IWRITE)  # noqa: PTH101  Windows does not remove read-only files.
        os.unlink(path)  # noqa: PTH108


def fsync_file(handle: int) -> None:
    """Return after the written data is on the disk, past its write cache where the system allows that."""
    if sys.platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def fsync_folder(folder: Path) -> None:
    """Fsync the names in `folder`. Does nothing where the system or file system cannot fsync folders."""
    if sys.platform == "win32":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return  # The folder is writable but not readable.
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED | {errno.EBADF, errno.EACCES, errno.EROFS}:
            raise
    finally:
        os.close(handle)


def _copy_bytes(reading: int, writing: int) -> Content:
    digest, size = hashlib.blake2b(digest_size=32), 0
    while chunk := os.read(reading, _CHUNK):
        digest.update(chunk)
        size += len(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(writing, rest) :]
    return Content(size, digest.hexdigest())


def _read_all(handle: int, on_chunk: Callable[[], object] = bool) -> Content:
    digest, size = hashlib.blake2b(digest_size=32), 0
    while chunk := os.read(handle, _CHUNK):
        on_chunk()
        digest.update(chunk)
        size += len(chunk)
    return Content(size, digest.hexdigest())


def _drop_from_page_cache(handle: int) -> None:
    """Ask the system to drop the file from its page cache, so that the comparison reads the disk."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _copy_metadata(source: Path, found: os.stat_result, copy: Path, stat_to_set: FileStat) -> None:
    """Copy owner, extended attributes, times and permissions, as far as the file system supports them.

    `shutil.copystat` would also copy the locked flag on macOS, and the copy could not be renamed.
    """
    if os.name == "posix" and (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):  # Only root may change the owner.
            os.chown(copy, found.st_uid, found.st_gid)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for name in os.listxattr(source):
                with contextlib.suppress(OSError):
                    os.setxattr(copy, name, os.getxattr(source, name))
    with contextlib.suppress(OSError):
        os.utime(copy, ns=(found.st_atime_ns, stat_to_set.modified_ns))
    with contextlib.suppress(OSError):
        os.chmod(copy, stat_to_set.mode)  # noqa: PTH101


@cache
def _libc() -> Any:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _last_error() -> int:
    import ctypes

    return ctypes.get_errno()
