"""The lock that lets one process or thread at a time sort, undo or write sidecars."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from catdog_desktop.sorting.errors import SortError, SortProblem, reraise_as


class SortRunningError(SortError):
    """Another process or thread holds the lock."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(SortProblem.RUNNING, detail="" if pid is None else pid)
        self.pid = pid
        """The process that holds the lock, if it can be read."""


@contextlib.contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold the lock file in the journal folder. The system releases it if the process dies.

    Raises `SortRunningError` if the lock is held, and `SortError` if the lock file cannot be created.
    """
    with reraise_as(SortProblem.LOCK_NOT_CREATED):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _lock(handle):
            with contextlib.suppress(OSError):
                os.lseek(handle, 1, os.SEEK_SET)
            raise SortRunningError(_read_pid(handle))
        with contextlib.suppress(OSError):  # The process id is only shown to users.
            os.ftruncate(handle, 1)
            os.lseek(handle, 1, os.SEEK_SET)
            os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def is_running(folder: Path) -> bool:
    """Whether a sort holds the lock, or the lock cannot be taken at all."""
    try:
        with one_writer(folder):
            return False
    except SortError:
        return True


def _lock(handle: int) -> bool:
    """Lock the first byte. It stays empty, since a locked byte cannot be read on Windows."""
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


def _read_pid(handle: int) -> int | None:
    try:
        pid = os.read(handle, 20).decode("ascii", "replace")
    except OSError:
        return None
    return int(pid) if pid.isdigit() else None
