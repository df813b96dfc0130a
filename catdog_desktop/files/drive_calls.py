"""Calls to drives that may not answer: a network share that went away can block a call for ever.

Such a call is made in a thread of its own, and the caller waits for a limited time. A drive with a call that has not
returned is silent: further calls fail at once, except one from time to time that tries whether it is back. Calls to
local drives are made directly and cost nothing more.
"""

import contextlib
import errno
import io
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from catdog_desktop.messages import _

ANSWER_SECONDS: Final = 20.0
"""How long a call may take. A sleeping disk of a network drive needs up to 15 s to start."""
_TRY_AGAIN_SECONDS: Final = 30.0
"""How often a silent drive is tried."""
_MOST_LOST_THREADS: Final = 8
"""After so many calls that have not returned, a drive is not tried any more before one returns."""
_IDLE_SECONDS: Final = 10.0
"""How long a thread is kept for the next call."""
_MOUNTS: Final = Path("/proc/self/mounts")
_MOUNTS_SECONDS: Final = 5.0
"""How often the list of mounted drives is read again."""
_READ_BYTES: Final = 2**20
_MOUNTED_IN: Final = frozenset({"/media", "/run/media", "/mnt", "/Volumes"})
_MOUNTED_IN_FOR_USERS: Final = frozenset({"/media", "/run/media"})
"""Folders in which systems mount drives, and those that have one such folder for each user."""
NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "davfs", "glusterfs", "lustre", "beegfs"}
)
"""Names of network file systems in /proc/self/mounts. Those of FUSE are treated alike, except `fuseblk`, local NTFS."""
_ALSO_WRITTEN_ELSEWHERE: Final = frozenset({"fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse"})
"""File systems of FUSE that show a folder of another computer. Others, such as mergerfs, report all changes."""

T = TypeVar("T")


class DriveTimeoutError(TimeoutError):
    """A drive does not answer. `filename` is the path that was asked for."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(errno.ETIMEDOUT, _("the drive does not answer"), str(path))


@dataclass(slots=True)
class _Task(Generic[T]):
    work: Callable[[], T]
    drive: str
    done: threading.Event = field(default_factory=threading.Event)
    value: T | None = None
    error: BaseException | None = None
    is_lost: bool = False
    """The caller no longer waits."""


@dataclass(slots=True)
class _Silence:
    """A drive with calls that have not returned."""

    lost: int
    try_again: float
    """Monotonic time at which it may be tried."""


class _Drives:
    """The threads that make calls, and the drives that do not answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[queue.SimpleQueue[_Task[Any]]] = []
        self._silent: dict[str, _Silence] = {}
        self._owner = os.getpid()

    def call(self, work: Callable[[], T], drive: str, path: Path, seconds: float) -> T:
        """Return what `work` returns. Raises what it raises, and `DriveTimeoutError`."""
        task = _Task(work, drive)
        with self._lock:
            if self._owner != os.getpid():  # A fork has copied the list, not the threads.
                self._owner, self._idle, self._silent = os.getpid(), [], {}
            silence = self._silent.get(drive)
            if silence is not None:
                if time.monotonic() < silence.try_again or silence.lost >= _MOST_LOST_THREADS:
                    raise DriveTimeoutError(path)
                silence.try_again = time.monotonic() + _TRY_AGAIN_SECONDS
            tasks = self._idle.pop() if self._idle else None
        if tasks is None:
            tasks = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(tasks,), name="drive-call", daemon=True).start()
        tasks.put(task)
        if not task.done.wait(seconds):
            with self._lock:
                if not task.done.is_set():
                    task.is_lost = True
                    silence = self._silent.setdefault(drive, _Silence(0, time.monotonic() + _TRY_AGAIN_SECONDS))
                    silence.lost += 1
                    raise DriveTimeoutError(path)
        if task.error is not None:
            raise task.error
        return task.value  # type: ignore[return-value]  # Set, since the work has returned.

    def is_silent(self, drive: str) -> bool:
        """Whether a call to the drive has not returned in time."""
        with self._lock:
            return drive in self._silent

    def _serve(self, tasks: "queue.SimpleQueue[_Task[Any]]") -> None:
        while True:
            try:
                task = tasks.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if tasks in self._idle:
                        self._idle.remove(tasks)
                        return
                continue
            try:
                task.value = task.work()
            except BaseException as error:  # noqa: BLE001  Raised again in the thread of the caller.
                task.error = error
            with self._lock:
                task.done.set()
                if task.is_lost:
                    self._answered(task)
                self._idle.append(tasks)
            # The value may be large, and the thread waits for long.
            del task

    def _answered(self, task: _Task[Any]) -> None:
        silence = self._silent.get(task.drive)
        if silence is None:
            return
        silence.lost -= 1
        if silence.lost == 0 or not isinstance(task.error, OSError):
            # One answer is enough: the drive is back. Calls that are still lost end when they end.
            del self._silent[task.drive]
        if isinstance(task.value, io.IOBase):
            task.value.close()


_drives = _Drives()


def drive_is_silent(path: Path) -> bool:
    """Whether a call to the drive of `path` has not returned in time, and none has since."""
    drive = network_drive(path)
    return bool(drive) and _drives.is_silent(drive)


def call_drive(path: Path, work: Callable[..., T], *arguments: object, seconds: float = ANSWER_SECONDS) -> T:
    """Return `work(*arguments)`, a call to the drive of `path`.

    Raises what it raises, and `DriveTimeoutError` if a network drive has not answered after `seconds`.
    """
    drive = network_drive(path)
    if not drive:
        return work(*arguments)
    return _drives.call(lambda: work(*arguments), drive, path, seconds)


def is_deleted(path: Path) -> bool:
    """Whether a file is not there although its folder is. Never raises: a drive that is away deletes nothing."""
    with contextlib.suppress(OSError, ValueError):
        return not call_drive(path, os.path.lexists, path) and call_drive(path, os.path.isdir, path.parent)
    return False


def is_deleted_below(path: Path, sources: Collection[Path]) -> bool:
    """Whether a file was deleted, perhaps with its folder: one of the folders `sources` that held it is still there.

    A folder that is missing where systems mount drives may be a drive that is away. Never raises.
    """
    if is_deleted(path):
        return True
    with contextlib.suppress(OSError, ValueError):
        if call_drive(path, os.path.lexists, path):
            return False
        for folder in path.parents:
            if call_drive(path, os.path.isdir, folder):
                is_in_source = folder in sources or any(parent in sources for parent in folder.parents)
                return is_in_source and not _holds_drives(folder)
    return False


def _holds_drives(folder: Path) -> bool:
    """Whether systems mount drives in a folder: `/media`, `/media/USER`, `/Volumes`."""
    return folder.as_posix() in _MOUNTED_IN or folder.parent.as_posix() in _MOUNTED_IN_FOR_USERS


def open_on_drive(path: Path) -> io.BufferedReader:
    """Open the file at `path` to read it. Each read of a network drive is limited in time. Raises `OSError`."""
    drive = network_drive(path)
    if not drive:
        return path.open("rb")
    return io.BufferedReader(_NetworkFile(path, call_drive(path, io.FileIO, path)), _READ_BYTES)


class _NetworkFile(io.RawIOBase):
    """A file on a network drive. Each call has a time limit; after one that was exceeded all others fail."""

    def __init__(self, path: Path, file: io.FileIO) -> None:
        super().__init__()
        self._path = path
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:  # Asks the drive for the size.
            return call_drive(self._path, self._file.seek, offset, whence)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        # Into bytes of its own: a call that comes back late must not write to memory that is used for something else.
        content = call_drive(self._path, self._file.read, len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        if self.closed:
            return
        super().close()
        try:
            call_drive(self._path, self._file.close)
        except DriveTimeoutError:
            # FUSE asks the drive when a file is closed, also when Python frees the object. Nothing may wait for it.
            threading.Thread(target=self._file.close, name="drive-close", daemon=True).start()


# Which drives may not answer.


def network_drive(path: Path) -> str:
    """Return the network drive of `path`, by the name of its mount point; empty for a local one or if unknown."""
    if sys.platform == "win32":
        return _windows_drive(path)
    points = _mounts.points()
    if not points:  # Most computers. Each photo asks several times.
        return ""
    try:
        absolute = os.path.abspath(path)  # noqa: PTH100  Path.resolve() would touch the drive.
    except OSError:  # The current folder was deleted.
        return ""
    for point, is_network in points:
        if is_below(absolute, point):
            # Without the drive of the system nothing works anyway.
            return point if is_network and point != "/" else ""
    return ""


def reports_no_changes(folder: Path) -> bool:
    """Whether other computers may write to `folder` without events here. False if unknown."""
    real = os.path.realpath(folder)
    if sys.platform == "win32":
        return bool(network_drive(Path(real)))
    kind = next((kind for point, kind in mount_points(mount_table()) if is_below(real, point)), "")
    return kind in NETWORK_FILE_SYSTEMS or kind in _ALSO_WRITTEN_ELSEWHERE


def _windows_drive(path: Path) -> str:
    import ctypes

    remote = 4  # DRIVE_REMOTE
    drive = os.path.splitdrive(os.path.abspath(path))[0]  # noqa: PTH100
    is_remote = drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == remote  # type: ignore[attr-defined]
    return drive if is_remote else ""


class _Mounts:
    """The mounted drives, from the system's own list, which does not touch them."""

    def __init__(self) -> None:
        self._points: list[tuple[str, bool]] = []
        self._due = 0.0

    def points(self) -> list[tuple[str, bool]]:
        """Return mount points, the innermost first, and whether each is a network drive; empty if none is."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _MOUNTS_SECONDS
            points = [(point, _may_not_answer(kind)) for point, kind in mount_points(mount_table())]
            self._points = points if any(is_network for _point, is_network in points) else []
        return self._points


_mounts = _Mounts()


def mount_table() -> str:
    """Return the list of mounted drives in the format of /proc/self/mounts; empty where the system has none.

    On macOS every drive below /Volumes may be a network drive.
    """
    try:
        if sys.platform == "darwin":
            return "".join(f"drive /Volumes/{_escaped(name)} smbfs\n" for name in os.listdir("/Volumes"))
        return _MOUNTS.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def mount_points(table: str) -> list[tuple[str, str]]:
    """Return mount points and names of file systems in a list in the format of /proc/self/mounts.

    The innermost comes first, and a drive that is mounted over another one before it.
    """
    points = []
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) >= 3:
            point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1])
            points.append((point, fields[2]))
    points.reverse()
    points.sort(key=lambda point: len(point[0]), reverse=True)
    return points


def is_below(path: str, point: str) -> bool:
    """Whether an absolute path is on the drive that is mounted at `point`, unless another one is mounted inside."""
    return path == point or path.startswith(point.rstrip("/") + "/")


def _may_not_answer(kind: str) -> bool:
    return kind in NETWORK_FILE_SYSTEMS or kind.startswith("fuse.")


def _escaped(name: str) -> str:
    return re.sub(r"[ \t\n\\]", lambda found: f"\\{ord(found[0]):03o}", name)
