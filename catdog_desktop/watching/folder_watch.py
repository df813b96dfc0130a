"""Watch folders and hand over each new photo once, when it is complete.

The system reports new files through the watchdog library. Events can be missing: the queue is finite, network drives do
not report what other computers write, and folders behind links are not watched. So the folders are also walked: after
a burst of events, when a folder comes back, and at intervals. Without events the intervals are short. The same walk
implements polling, since that of watchdog follows links in circles.
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
from catdog_desktop.discovery.skip_rules import Skipped, SkipRules
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.messages import _
from catdog_desktop.sorting.sorted_folders import own_output_folders
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.watching.arrivals import Arrivals

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

TICK_SECONDS: Final = 0.25
_DEFAULT_RULES: Final = SkipRules()
_SLICE_SECONDS: Final = 0.1
"""Time limit for one slice of a walk or of decoding arrivals, so that `take` returns in time."""
_ROOTS_SECONDS: Final = 2.0
"""Interval of checks whether the watched folders exist."""
_NETWORK_SECONDS: Final = 15.0
"""Interval of walks where events may be missing."""
_WALK_SECONDS: Final = 600.0
"""Interval of walks where the system reports all changes."""
_BURST: Final = 200
"""After so many events at once some may be lost. The smallest queue, that of Windows, holds a few hundred."""
_QUIET_SECONDS: Final = 2.0
_FOLDER_QUIET_SECONDS: Final = 0.5
_MAX_DELAY_SECONDS: Final = 10.0
"""Longest delay of a requested walk while events keep coming."""
_NETWORK_FILE_SYSTEMS: Final = frozenset(
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
"""Names of network file systems in /proc/self/mounts."""
_OLD_SECONDS: Final = 60.0
"""A file that did not change for this time is complete."""


@dataclass(slots=True)
class _Root:
    """A watched folder."""

    path: Path
    arrived_since: float
    """Photos created or changed since then (seconds since 1970) are new, even if the first walk finds them."""
    identity: tuple[int, int] | None = None
    """Device and inode of the folder; None while it is missing."""
    subscription: "ObservedWatch | None" = None
    """Set while the system reports changes."""
    is_known: bool = False
    """Whether it was walked once."""
    was_checked: bool = False
    """Whether its existence was checked once."""


@dataclass(slots=True)
class News:
    """New photos and messages since the last `take`."""

    photos: list[Path] = field(default_factory=list)
    """New or changed photos that are complete."""
    sentences: list[str] = field(default_factory=list)
    """For the user."""


class FolderWatch:
    """Watches folders with their subfolders. All work is done in `take`, in the thread of the caller."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        poll_seconds: float | None = None,
        with_existing: bool = False,
        arrived_since: float | None = None,
        arrivals: Arrivals | None = None,
        rules: SkipRules = _DEFAULT_RULES,
    ) -> None:
        """Watch `folders`. Missing ones are watched as soon as they exist. Raises nothing.

        With `poll_seconds` the folders are walked at that interval and events are not used. Existing photos are handed
        over if `with_existing` is set, or if they are newer than `arrived_since` (seconds since 1970; default: now).
        `rules` decide what is skipped inside the folders.
        """
        self._roots: list[_Root] = []
        self._poll_seconds = poll_seconds
        self._walk_seconds = poll_seconds or _WALK_SECONDS
        self._with_existing = with_existing
        self._arrivals = Arrivals() if arrivals is None else arrivals
        self._rules = rules
        self._sorted_outputs = _SortedOutputs()
        self._events: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()
        self._sentences: list[str] = []
        self._observer: BaseObserver | None = None
        self._walk: Iterator[None] | None = None
        self._walk_again = True
        self._ready: list[Path] = []
        self._events_since_walk = 0
        self._last_event = self._last_walk = 0.0
        self._roots_due = 0.0
        for folder in folders:
            self.add(folder, arrived_since)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folders(self) -> list[Path]:
        """The watched folders that exist now."""
        return [root.path for root in self._roots if root.identity is not None]

    @property
    def polls(self) -> bool:
        """Whether folders are walked often because events may be missing."""
        return self._walk_seconds < _WALK_SECONDS

    @property
    def waiting(self) -> int:
        """The number of new files that are not known to be complete."""
        return len(self._arrivals)

    def add(self, folder: Path, arrived_since: float | None = None) -> None:
        """Watch another folder from the next `take` on."""
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
            with contextlib.suppress(RuntimeError):  # Never started.
                self._observer.join()
            self._observer = None

    def _step(self) -> News:
        now = time.monotonic()
        self._handle_events(now)
        if now >= self._roots_due:
            self._roots_due = now + _ROOTS_SECONDS
            self._check_roots()
        if self._walk is None and self._is_walk_due(now):
            self._walk = self._walk_all()
        ends = now + _SLICE_SECONDS
        if self._walk is not None:
            for _slice in self._walk:
                if time.monotonic() > ends:
                    break
            else:
                self._walk, self._last_walk = None, time.monotonic()
        ends = time.monotonic() + _SLICE_SECONDS
        arrived = self._arrivals.take(time.monotonic(), lambda: time.monotonic() > ends)
        for path, reason in arrived.given_up:
            self._sentences.append(
                _("{path} is not complete ({reason}). It is classified once it is.").format(path=path, reason=reason)
            )
        if arrived.complete:
            self._sorted_outputs.refresh(self._roots)  # A sort may have started meanwhile.
        complete = [photo for photo in arrived.complete if not self._sorted_outputs.contains(photo, self._roots)]
        news = News(self._ready + complete, self._sentences)
        self._ready, self._sentences = [], []
        return news

    # Events of the system.

    def _on_event(self, root: Path, real_root: str, event: "FileSystemEvent") -> None:
        """Queue an event. Called in a thread of watchdog."""
        if event.event_type in ("created", "modified", "moved", "closed"):
            path = os.fsdecode(event.dest_path if event.event_type == "moved" else event.src_path)
            if path.startswith(real_root) and not (event.is_directory and event.event_type == "modified"):
                below = path[len(real_root) :].lstrip(os.sep)
                self._events.put((os.path.join(root, below), event.is_directory))  # noqa: PTH118  Faster than Path.

    def _handle_events(self, now: float) -> None:
        while True:
            try:
                name, is_folder = self._events.get_nowait()
            except queue.Empty:
                return
            self._last_event = now
            self._events_since_walk += 1
            if is_folder:
                # Its files may be older than the subscription to its events.
                self._walk_again = True
            elif not self._sorted_outputs.contains(Path(name), self._roots) and not self._is_skipped(Path(name)):
                # A first walk that is not finished may have marked the file as seen.
                known = all(root.is_known for root in self._roots)
                (self._arrivals.note if known else self._arrivals.note_again)(Path(name))

    def _is_skipped(self, path: Path) -> bool:
        """Whether a walk would skip the file: it is in a system folder, incomplete, a backup, or excluded."""
        roots = [root.path for root in self._roots if path.is_relative_to(root.path)]
        return bool(roots) and all(self._rules.skips(path, root) for root in roots)

    def _subscribe(self, root: _Root) -> None:
        if self._poll_seconds is not None:
            return
        if is_network_drive(root.path):
            self._walk_seconds = _NETWORK_SECONDS
        try:
            if self._observer is None:
                self._observer = _make_observer()
                self._observer.start()
            # watchdog does not report changes behind a link, so the real folder is watched.
            real = os.path.realpath(root.path)
            handler = _handler(partial(self._on_event, root.path, real))
            root.subscription = self._observer.schedule(handler, real, recursive=True)
        except OSError as error:
            # The limit of inotify is reached, or the file system does not support events.
            self._walk_seconds = _NETWORK_SECONDS
            self._sentences.append(
                _(
                    "The system does not report new files in {folder} ({reason}), so it is checked every {seconds} "
                    "seconds."
                ).format(folder=root.path, reason=error.strerror or error, seconds=f"{_NETWORK_SECONDS:.0f}")
            )

    def _unsubscribe(self, root: _Root) -> None:
        if self._observer is not None and root.subscription is not None:
            with contextlib.suppress(KeyError, OSError, RuntimeError):
                self._observer.unschedule(root.subscription)
        root.subscription = None

    # Walks.

    def _check_roots(self) -> None:
        """Detect folders that disappeared, came back, or were replaced."""
        for root in self._roots:
            identity = _identity(root.path)
            was_checked, root.was_checked = root.was_checked, True
            if identity is None and not was_checked:
                self._sentences.append(
                    _("{folder} does not exist. It is watched as soon as it does.").format(folder=root.path)
                )
            if identity == root.identity:
                continue
            if root.identity is not None:
                self._unsubscribe(root)
            if identity is None:
                self._sentences.append(
                    _("{folder} is gone. It is watched again when it is back.").format(folder=root.path)
                )
            else:
                if root.identity is None and was_checked:
                    self._sentences.append(_("{folder} is back.").format(folder=root.path))
                self._subscribe(root)
                self._walk_again = True
            root.identity = identity

    def _is_walk_due(self, now: float) -> bool:
        if not self.folders:
            return False
        quiet, since_walk = now - self._last_event, now - self._last_walk
        if since_walk >= self._walk_seconds or any(root.identity and not root.is_known for root in self._roots):
            return True
        if self._walk_again:
            return quiet >= _FOLDER_QUIET_SECONDS or since_walk >= _MAX_DELAY_SECONDS
        return self._events_since_walk >= _BURST and quiet >= _QUIET_SECONDS

    def _walk_all(self) -> Iterator[None]:
        """Compare the signature of every photo with the last one seen. Yields every 50 photos."""
        self._walk_again, self._events_since_walk = False, 0
        fresh = next((root for root in self._roots if root.identity and not root.is_known), None)
        for number, photo in enumerate(find_photos(self.folders if fresh is None else [fresh.path], self._rules)):
            if not isinstance(photo, Skipped) and not self._sorted_outputs.contains(photo, self._roots):
                with contextlib.suppress(OSError, ValueError):
                    status = os.stat(photo)  # noqa: PTH116
                    signature = FileSignature.of(status)
                    if fresh is not None and _last_change(status) < fresh.arrived_since:
                        self._take_existing(photo, signature, status)
                    else:
                        self._arrivals.note_changed(photo, signature)
            if number % 50 == 0:
                yield
        if fresh is not None:
            fresh.is_known = True
        yield

    def _take_existing(self, photo: Path, signature: FileSignature, status: os.stat_result) -> None:
        if not self._with_existing:
            self._arrivals.mark_seen(photo, signature)
        elif time.time() - _last_change(status) < _OLD_SECONDS:
            self._arrivals.note(photo)  # It may still be written.
        else:
            self._arrivals.mark_seen(photo, signature)
            self._ready.append(photo)


class _SortedOutputs:
    """The folders that sorts fill. The copies in them are no new photos."""

    def __init__(self) -> None:
        self._own: tuple[Path, ...] = ()
        self._within: dict[Path, bool] = {}
        self._due = 0.0

    def refresh(self, roots: Sequence[_Root]) -> None:
        """Read the journals of sorts again."""
        self._due = time.monotonic() + 1.0
        own = own_output_folders([root.path for root in roots])
        if own != self._own:
            self._own, self._within = own, {}

    def contains(self, photo: Path, roots: Sequence[_Root]) -> bool:
        """Whether `photo` is in one of the folders. Refreshes them once a second."""
        if time.monotonic() >= self._due:
            self.refresh(roots)
        if not self._own:
            return False
        folder = photo.parent
        if folder not in self._within:
            real = Path(os.path.realpath(folder))
            self._within[folder] = any(real.is_relative_to(output) for output in self._own)
        return self._within[folder]


def is_network_drive(folder: Path) -> bool:
    """Whether `folder` is on a network drive, where other computers write without events. False if unknown."""
    if sys.platform == "win32":
        import ctypes

        remote = 4  # DRIVE_REMOTE
        drive = os.path.splitdrive(os.path.realpath(folder))[0]
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == remote
    return _file_system_type(os.path.realpath(folder), Path("/proc/self/mounts")) in _NETWORK_FILE_SYSTEMS


def _file_system_type(folder: str, mounts: Path) -> str:
    """Return the type of the file system of `folder`, from the longest mount point above it."""
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
    """Return when a file was last written, created or renamed, in seconds since 1970."""
    return max(status.st_ctime, status.st_mtime)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)  # noqa: PTH116
        os.scandir(folder).close()  # A folder that cannot be listed counts as missing.
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
