"""Watching folders: photos that arrive are handed over, each once, when they are whole.

The system tells of new files (by the library watchdog). It may lose some: its queue is finite, network drives tell
nothing of what others write, folders behind links are not heard of. So the folders are also walked: after a burst of
news, when a folder comes back, and every so often; always, where the system tells nothing. The same walk serves where
polling is asked for: watchdog's own would follow links in circles.
"""

import contextlib
import os
import queue
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.discovery.skip_rules import Skipped
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.sorting.sorted_folders import own_output_folders
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.watching.arrivals import Arrivals

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

TICK_SECONDS: Final = 0.25
_SLICE_SECONDS: Final = 0.1
"""So long one step of a walk or of looking at arrivals may take, that `take` returns in time."""
_ROOTS_SECONDS: Final = 2.0
"""How often to look whether the folders themselves are there."""
_NETWORK_SECONDS: Final = 15.0
"""How often to walk where it may not."""
_WALK_SECONDS: Final = 600.0
"""How often to walk where the system tells what is new."""
_BURST: Final = 200
"""After so many news at once some may have been lost: the smallest queue, that of Windows, holds a few hundred."""
_QUIET_SECONDS: Final = 2.0
_FOLDER_QUIET_SECONDS: Final = 0.5
_LONGEST_SECONDS: Final = 10.0
"""After so long a walk that is asked for is begun though the news go on."""
_NETWORK_KINDS: Final = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.gvfsd-fuse",
        "9p",
        "afs",
        "ceph",
        "davfs",
    }
)
"""As Linux calls the file systems of other computers."""
_OLD_SECONDS: Final = 60.0
"""A file that has not changed for so long is not being written."""


@dataclass(slots=True)
class _Root:
    """A folder that is watched."""

    path: Path
    arrived_since: float
    """Photos named or written since then are new, even if they are there before the first walk."""
    identity: tuple[int, int] | None = None
    """Device and number of the folder, while it is there."""
    heard: "ObservedWatch | None" = None
    """While the system tells of it."""
    is_known: bool = False
    """It was walked once, so that what is there is known."""
    looked_at: bool = False


@dataclass(slots=True)
class News:
    """What a watch has to tell."""

    photos: list[Path] = field(default_factory=list)
    """New or changed, and whole."""
    sentences: list[str] = field(default_factory=list)
    """For the user."""


class FolderWatch:
    """Watches folders to their depth. Everything but the constructor and `close` happens in `take`, in its thread."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        poll_seconds: float | None = None,
        with_existing: bool = False,
        arrived_since: float | None = None,
        arrivals: Arrivals | None = None,
    ) -> None:
        """Begin to watch `folders`; those that are not there are watched as soon as they are.

        With `poll_seconds` the folders are walked that often and the system is not asked. Photos that are there
        already are handed over if `with_existing` is set, or if they came after `arrived_since` (seconds since 1970;
        default: now). Raises nothing.
        """
        self._roots: list[_Root] = []
        self._poll_seconds = poll_seconds
        self._walk_seconds = poll_seconds or _WALK_SECONDS
        self._with_existing = with_existing
        self._arrivals = Arrivals() if arrivals is None else arrivals
        self._outputs = _Outputs()
        self._events: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()
        self._sentences: list[str] = []
        self._observer: BaseObserver | None = None
        self._walk: Iterator[None] | None = None
        self._walk_again = True
        self._ready: list[Path] = []
        self._news_since_walk = 0
        self._last_news = self._last_walk = 0.0
        self._roots_due = 0.0
        for folder in folders:
            self.add(folder, arrived_since)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folders(self) -> list[Path]:
        """The folders that are there and watched now."""
        return [root.path for root in self._roots if root.identity is not None]

    @property
    def polls(self) -> bool:
        """Whether folders are walked often because the system does not tell all that is new."""
        return self._walk_seconds < _WALK_SECONDS

    @property
    def waiting(self) -> int:
        """How many files have arrived and are not known to be whole."""
        return len(self._arrivals)

    def add(self, folder: Path, arrived_since: float | None = None) -> None:
        """Watch one more folder, from the next `take` on."""
        self._roots.append(_Root(folder.absolute(), time.time() if arrived_since is None else arrived_since))
        self._walk_again = True
        self._roots_due = 0.0

    def take(self, timeout: float, cancel_token: CancelToken | None = None) -> News:
        """Return what is new. Waits up to `timeout` seconds for it, or until `cancel_token` is set."""
        token = cancel_token or CancelToken()
        until = time.monotonic() + timeout
        while True:
            news = self._step()
            if news.photos or news.sentences or time.monotonic() >= until or token.cancelled:
                return news
            if self._walk is None:
                token.wait(max(0.0, min(TICK_SECONDS, until - time.monotonic())))

    def close(self) -> None:
        """Stop watching."""
        if self._observer is not None:
            self._observer.stop()
            with contextlib.suppress(RuntimeError):  # it never began
                self._observer.join()
            self._observer = None

    def _step(self) -> News:
        now = time.monotonic()
        self._hear(now)
        if now >= self._roots_due:
            self._roots_due = now + _ROOTS_SECONDS
            self._look_at_roots()
        if self._walk is None and self._is_walk_due(now):
            self._walk = self._walk_all()
        ends = now + _SLICE_SECONDS
        if self._walk is not None:
            for _ in self._walk:
                if time.monotonic() > ends:
                    break
            else:
                self._walk, self._last_walk = None, time.monotonic()
        ends = time.monotonic() + _SLICE_SECONDS
        arrived = self._arrivals.take(time.monotonic(), lambda: time.monotonic() > ends)
        for path, reason in arrived.given_up:
            self._sentences.append(f"{path} is not whole ({reason}). It is classified once it is.")
        if arrived.whole:
            self._outputs.look(self._roots)  # a sort may have begun since
        whole = [photo for photo in arrived.whole if not self._outputs.hold(photo, self._roots)]
        news = News(self._ready + whole, self._sentences)
        self._ready, self._sentences = [], []
        return news

    # What the system tells.

    def _on_event(self, root: Path, real_root: str, event: "FileSystemEvent") -> None:
        """Note an event (called in a thread of watchdog)."""
        if event.event_type in ("created", "modified", "moved", "closed"):
            where = os.fsdecode(event.dest_path if event.event_type == "moved" else event.src_path)
            if where.startswith(real_root) and not (event.is_directory and event.event_type == "modified"):
                below = where[len(real_root) :].lstrip(os.sep)
                self._events.put((os.path.join(root, below), event.is_directory))  # noqa: PTH118  Quicker.

    def _hear(self, now: float) -> None:
        while True:
            try:
                where, is_folder = self._events.get_nowait()
            except queue.Empty:
                return
            self._last_news = now
            self._news_since_walk += 1
            if is_folder:
                # What is in it may have come before the system was asked to tell of it.
                self._walk_again = True
            elif not self._outputs.hold(Path(where), self._roots):
                # Until the first walk is over it may have taken the file for an old one.
                known = all(root.is_known for root in self._roots)
                (self._arrivals.note if known else self._arrivals.note_anew)(Path(where))

    def _listen_to(self, root: _Root) -> None:
        if self._poll_seconds is not None:
            return
        if is_network_drive(root.path):
            self._walk_seconds = _NETWORK_SECONDS
        try:
            if self._observer is None:
                self._observer = _make_observer()
                self._observer.start()
            # The folder itself: of what lies behind a link watchdog tells nothing.
            real = os.path.realpath(root.path)
            handler = _handler(partial(self._on_event, root.path, real))
            root.heard = self._observer.schedule(handler, real, recursive=True)
        except OSError as error:
            # No more watches: inotify has a limit on them, and some file systems have none at all.
            self._walk_seconds = _NETWORK_SECONDS
            self._sentences.append(
                f"The system does not tell what is new in {root.path} ({error.strerror or error}). "
                f"So it is looked through every {_NETWORK_SECONDS:.0f} seconds."
            )

    def _stop_listening_to(self, root: _Root) -> None:
        if self._observer is not None and root.heard is not None:
            with contextlib.suppress(KeyError, OSError, RuntimeError):
                self._observer.unschedule(root.heard)
        root.heard = None

    # Looking for oneself.

    def _look_at_roots(self) -> None:
        """Notice folders that have gone, come, or been replaced by others of the name."""
        for root in self._roots:
            identity = _identity(root.path)
            looked_at, root.looked_at = root.looked_at, True
            if identity is None and not looked_at:
                self._sentences.append(f"{root.path} is not there. It is watched as soon as it is.")
            if identity == root.identity:
                continue
            if root.identity is not None:
                self._stop_listening_to(root)
            if identity is None:
                self._sentences.append(f"{root.path} is gone. It is watched again when it is back.")
            else:
                if root.identity is None and looked_at:
                    self._sentences.append(f"{root.path} is back.")
                self._listen_to(root)
                self._walk_again = True
            root.identity = identity

    def _is_walk_due(self, now: float) -> bool:
        if not self.folders:
            return False
        quiet, since_walk = now - self._last_news, now - self._last_walk
        if since_walk >= self._walk_seconds or any(root.identity and not root.is_known for root in self._roots):
            return True
        if self._walk_again:
            return quiet >= _FOLDER_QUIET_SECONDS or since_walk >= _LONGEST_SECONDS
        return self._news_since_walk >= _BURST and quiet >= _QUIET_SECONDS

    def _walk_all(self) -> Iterator[None]:
        """Compare every photo with what was last seen of it, yielding now and then."""
        self._walk_again, self._news_since_walk = False, 0
        fresh = next((root for root in self._roots if root.identity and not root.is_known), None)
        for number, photo in enumerate(find_photos(self.folders if fresh is None else [fresh.path])):
            if not isinstance(photo, Skipped) and not self._outputs.hold(photo, self._roots):
                with contextlib.suppress(OSError, ValueError):
                    status = os.stat(photo)  # noqa: PTH116
                    stamp = FileSignature.of(status)
                    if fresh is not None and _last_change(status) < fresh.arrived_since:
                        self._take_existing(photo, stamp, status)
                    else:
                        self._arrivals.note_changed(photo, stamp)
            if number % 50 == 0:
                yield
        if fresh is not None:
            fresh.is_known = True
        yield

    def _take_existing(self, photo: Path, stamp: FileSignature, status: os.stat_result) -> None:
        if not self._with_existing:
            self._arrivals.know(photo, stamp)
        elif time.time() - _last_change(status) < _OLD_SECONDS:
            self._arrivals.note(photo)  # perhaps it is being written
        else:
            self._arrivals.know(photo, stamp)
            self._ready.append(photo)


class _Outputs:
    """The folders that sorts fill: the copies in them are no new photos."""

    def __init__(self) -> None:
        self._own: tuple[Path, ...] = ()
        self._within: dict[Path, bool] = {}
        self._due = 0.0

    def look(self, roots: Sequence[_Root]) -> None:
        """Look which folders there are now."""
        self._due = time.monotonic() + 1.0
        own = own_output_folders([root.path for root in roots])
        if own != self._own:
            self._own, self._within = own, {}

    def hold(self, photo: Path, roots: Sequence[_Root]) -> bool:
        """Whether `photo` lies in one of them; looks once a second whether there are more."""
        if time.monotonic() >= self._due:
            self.look(roots)
        if not self._own:
            return False
        folder = photo.parent
        if folder not in self._within:
            real = Path(os.path.realpath(folder))
            self._within[folder] = any(real.is_relative_to(one) for one in self._own)
        return self._within[folder]


def is_network_drive(folder: Path) -> bool:
    """Whether `folder` lies on a drive on which others may write unheard. Where that cannot be told: no."""
    if sys.platform == "win32":
        import ctypes

        remote = 4  # DRIVE_REMOTE
        drive = os.path.splitdrive(os.path.realpath(folder))[0]
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == remote
    return _kind_of_file_system(os.path.realpath(folder), Path("/proc/self/mounts")) in _NETWORK_KINDS


def _kind_of_file_system(folder: str, mounts: Path) -> str:
    """Return the kind of the file system that `folder` lies on, by the longest mount point above it."""
    found, kind = "", ""
    try:
        lines = mounts.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1])
        if len(point) >= len(found) and (folder == point or folder.startswith(point.rstrip("/") + "/")):
            found, kind = point, fields[2]
    return kind


def _last_change(status: os.stat_result) -> float:
    """Return when a file was last written or named, in seconds since 1970."""
    return max(status.st_ctime, status.st_mtime)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)  # noqa: PTH116
        os.scandir(folder).close()  # a folder that may not be listed is as good as gone
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _make_observer() -> "BaseObserver":
    from watchdog.observers import Observer

    observer: BaseObserver = Observer()
    observer.daemon = True
    return observer


def _handler(on_event: Callable[["FileSystemEvent"], None]) -> Any:
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: "FileSystemEvent") -> None:
            on_event(event)

    return Handler()
