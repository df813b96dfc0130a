"""One sort at a time writes on the user's disk: the lock that sees to it, across processes and threads."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from catdog_desktop.files.disk_errors import reraise_oserror_as
from catdog_desktop.sorting.options import SortError


@contextlib.contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold the lock of all sorts: it goes with the process, whatever ends it. Raises `SortError` if another has it."""
    with reraise_oserror_as(SortError, "The lock of the sorts cannot be made"):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _lock(handle):
            with contextlib.suppress(OSError):
                os.lseek(handle, 1, os.SEEK_SET)
            other = _read_pid(handle)
            raise SortError(f"Another sort is running{other}. Wait until it has ended, then try again.")
        with contextlib.suppress(OSError):  # the number is only told to people
            os.ftruncate(handle, 1)
            os.lseek(handle, 1, os.SEEK_SET)
            os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def is_running(folder: Path) -> bool:
    """Whether a sort holds the lock, or nobody can."""
    try:
        with one_writer(folder):
            return False
    except SortError:
        return True


def _lock(handle: int) -> bool:
    """Lock the first byte, which stays empty: on Windows what is locked cannot be read."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read_pid(handle: int) -> str:
    try:
        pid = os.read(handle, 20).decode("ascii", "replace")
    except OSError:
        return ""
    return f" (process {pid})" if pid.isdigit() else ""
