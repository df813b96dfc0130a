"""Watch folders and hand over each new photo once, when it is complete.

The system reports new files (`system_events`). Events can be missing: the queue is finite, network drives do not report
what other computers write, Linux limits how many folders are watched, and folders behind links are not watched. So the
folders are also walked: after a burst of events, when a folder comes back, and at intervals. Without events the
intervals are short. The same walk implements polling, since that of watchdog follows links in circles.

A folder that is missing or whose drive does not answer is not available. Nothing in it counts as deleted.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.discovery.skip_rules import Skipped, SkipRules
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.file_kinds import is_raw
from catdog_desktop.files.drive_calls import DriveTimeoutError, call_drive, drive_is_silent, reports_no_changes
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.watching.arrivals import Arrivals
from catdog_desktop.watching.inotify_limit import inotify_is_exhausted, inotify_limit
from catdog_desktop.watching.retries import Retries
from catdog_desktop.watching.sorted_outputs import SortedOutputs
from catdog_desktop.watching.system_events import SystemEvents

TICK_SECONDS: Final = 0.25
_DEFAULT_RULES: Final = SkipRules()
_SLICE_SECONDS: Final = 0.1
"""Time limit for one slice of a walk or of decoding arrivals, so that `take` returns in time."""
_ROOTS_SECONDS: Final = 2.0
"""Interval of checks whether the watched folders exist."""
_ANSWER_SECONDS: Final = 5.0
"""How long such a check may take."""
_NETWORK_SECONDS: Final = 15.0
"""Interval of walks where events may be missing."""
_WALK_SECONDS: Final = 600.0
"""Interval of walks where the system reports all changes."""
_BURST: Final = 200
"""After so many events at once some may be lost. The smallest queue, that of Windows, holds a few hundred."""
_MOST_LOST_EVENTS: Final = 3
"""How often events are asked for again after an error has ended them."""
_QUIET_SECONDS: Final = 2.0
_FOLDER_QUIET_SECONDS: Final = 0.5
_MAX_DELAY_SECONDS: Final = 10.0
"""Longest delay of a requested walk while events keep coming."""
_OLD_SECONDS: Final = 60.0
"""A file that did not change for this time is complete."""


@dataclass(slots=True)
class _Root:
    """A watched folder."""

    path: Path
    arrived_since: float
    """Photos created or changed since then (seconds since 1970) are new, even if the first walk finds them."""
    identity: tuple[int, int] | None = None
    """Device and inode of the folder; None while it is not available."""
    is_subscribed: bool = False
    """Whether the system was asked to report its changes, or it was found that it does not."""
    lost_events: int = 0
    """How often the system has stopped to report its changes."""
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
        self._retries = Retries()
        self._rules = rules
        self._sorted_outputs = SortedOutputs()
        self._events = SystemEvents()
        self._sentences: list[str] = []
        self._is_limit_reported = False
        self._walk: Iterator[None] | None = None
        self._walk_again = True
        self._ready: list[Path] = []
        self._events_since_walk = 0
        self._last_event = self._last_walk = self._last_forgotten = 0.0
        self._roots_due = 0.0
        for folder in folders:
            self.add(folder, arrived_since)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folders(self) -> list[Path]:
        """The watched folders that are available now."""
        return [root.path for root in self._roots if root.identity is not None]

    @property
    def polls(self) -> bool:
        """Whether folders are walked often because events may be missing."""
        return self._walk_seconds < _WALK_SECONDS

    @property
    def waiting(self) -> int:
        """The number of new files that are not known to be complete, or that are tried again later."""
        return len(self._arrivals) + len(self._retries)

    def add(self, folder: Path, arrived_since: float | None = None) -> None:
        """Watch another folder from the next `take` on."""
        self._roots.append(_Root(folder.absolute(), time.time() if arrived_since is None else arrived_since))
        self._walk_again = True
        self._roots_due = 0.0

    def retry(self, photo: Path) -> int:
        """Hand over a photo again after a while: it could not be read for a reason that may pass.

        Return how often it has failed; 0 if that was too often, and it is given up.
        """
        return self._retries.add(photo, time.monotonic())

    def confirm(self, photo: Path) -> None:
        """Note that a photo that was handed over could be read."""
        self._retries.forget(photo)

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
        self._events.close()

    def _step(self) -> News:
        now = time.monotonic()
        self._handle_events(now)
        if now >= self._roots_due:
            self._roots_due = now + _ROOTS_SECONDS
            self._check_roots()
        self._walk_on(now)
        for photo in self._retries.take(now):
            self._arrivals.note_again(photo)
        ends = time.monotonic() + _SLICE_SECONDS
        arrived = self._arrivals.take(time.monotonic(), lambda: time.monotonic() > ends)
        for path, reason in arrived.given_up:
            self._sentences.append(
                _("{path} is not complete ({reason}). It is classified once it is.").format(path=path, reason=reason)
            )
        self._ready += arrived.complete
        if self._ready:
            self._sorted_outputs.refresh(self._paths)  # A sort may have started meanwhile.
        # Taken from the lists last: an exception before must not lose them.
        photos = [photo for photo in self._ready if not self._is_handed_over_with_another(photo)]
        news = News(photos, self._sentences)
        self._ready, self._sentences = [], []
        return news

    def _is_handed_over_with_another(self, photo: Path) -> bool:
        """Whether a photo is the copy of a sort, or a raw file whose JPEG has come while it was being written."""
        return self._sorted_outputs.contains(photo, self._paths) or (is_raw(photo) and self._is_skipped(photo))

    @property
    def _paths(self) -> list[Path]:
        return [root.path for root in self._roots]

    # Events of the system.

    def _handle_events(self, now: float) -> None:
        folders = self._paths
        is_folder_new = False
        for change in self._events.take():
            path = change.path
            self._last_event = now
            if change.is_gone:
                self._arrivals.forget(path)
                self._retries.forget(path)
                continue
            self._events_since_walk += 1
            if change.is_folder:
                # Its files may be older than the subscription to its events.
                self._walk_again = is_folder_new = True
            elif not self._sorted_outputs.contains(path, folders) and not self._is_skipped(path):
                # A first walk that is not finished may have marked the file as seen.
                known = all(root.is_known for root in self._roots)
                (self._arrivals.note if known else self._arrivals.note_again)(path)
        if is_folder_new:
            self._is_limit_reached()

    def _is_skipped(self, path: Path) -> bool:
        """Whether a walk would skip the file: it is in a system folder, incomplete, a backup, or excluded."""
        roots = [root for root in self._paths if path.is_relative_to(root)]
        return bool(roots) and all(self._rules.skips(path, root) for root in roots)

    def _subscribe(self, root: _Root) -> None:
        if self._poll_seconds is not None:
            return
        try:
            if reports_no_changes(root.path):
                # Its events are those of this computer only, and to ask for them may take for ever.
                self._walk_seconds = _NETWORK_SECONDS
                return
            self._events.subscribe(root.path)
        except Exception as error:  # noqa: BLE001  Whatever it is, the folder can be polled.
            self._walk_seconds = _NETWORK_SECONDS
            if self._is_limit_reached():
                return
            # Usually the file system does not support events.
            self._sentences.append(
                _(
                    "The system does not report new files in {folder} ({reason}), so it is checked every {seconds} "
                    "seconds."
                ).format(
                    folder=root.path,
                    reason=getattr(error, "strerror", None) or error,
                    seconds=f"{_NETWORK_SECONDS:.0f}",
                )
            )
        else:
            self._is_limit_reached()

    def _on_events_ended(self, root: _Root) -> None:
        """Ask for events again, and walk for those that were missed. If they end again and again, poll."""
        root.lost_events += 1
        root.is_subscribed = root.lost_events > _MOST_LOST_EVENTS
        if root.is_subscribed:
            self._walk_seconds = _NETWORK_SECONDS
        self._walk_again = True
        self._events.unsubscribe(root.path)

    def _is_limit_reached(self) -> bool:
        """Whether the system does not report new files in some subfolders. If so they are polled; said once."""
        folders = self.folders or self._paths
        if self._is_limit_reported or self._poll_seconds is not None or not folders:
            return self._is_limit_reported
        if not inotify_is_exhausted(folders[0]):
            return False
        self._walk_seconds = _NETWORK_SECONDS
        self._is_limit_reported = True
        limit = inotify_limit()
        self._sentences.append(
            _(
                "There are more folders than the system can watch ({limit}), so new photos in some of them are found "
                "every {seconds} seconds only. To raise the limit: sudo sysctl fs.inotify.max_user_watches={more}"
            ).format(
                limit=_("unknown limit") if limit is None else format_number(limit),
                seconds=f"{_NETWORK_SECONDS:.0f}",
                more=max(524_288, 2 * (limit or 0)),
            )
        )
        return True

    # Walks.

    def _check_roots(self) -> None:
        """Detect folders that disappeared, came back, or were replaced, and drives that do not answer."""
        for root in self._roots:
            is_silent = False
            try:
                identity = call_drive(root.path, _identity, root.path, seconds=_ANSWER_SECONDS)
            except DriveTimeoutError:
                identity, is_silent = None, True
            was_checked, root.was_checked = root.was_checked, True
            if identity is None and not was_checked:
                self._sentences.append(_missing_at_first(root.path, is_silent=is_silent))
            if identity != root.identity:
                if root.is_subscribed:
                    root.is_subscribed = False
                    self._events.unsubscribe(root.path)
                if identity is None:
                    self._sentences.append(_missing(root.path, is_silent=is_silent))
                elif root.identity is None and was_checked:
                    self._sentences.append(_("{folder} is back.").format(folder=root.path))
                    self._retries.hasten(time.monotonic())
                root.identity = identity
            elif self._events.has_ended(root.path):
                self._on_events_ended(root)
            # By itself, so that it is done at the next check if an exception comes in between.
            if root.identity is not None and not root.is_subscribed:
                self._walk_again = True
                self._subscribe(root)
                root.is_subscribed = True

    def _is_walk_due(self, now: float) -> bool:
        if not self.folders:
            return False
        quiet, since_walk = now - self._last_event, now - self._last_walk
        if since_walk >= self._walk_seconds or any(root.identity and not root.is_known for root in self._roots):
            return True
        if self._walk_again:
            return quiet >= _FOLDER_QUIET_SECONDS or since_walk >= _MAX_DELAY_SECONDS
        return self._events_since_walk >= _BURST and quiet >= _QUIET_SECONDS

    def _walk_on(self, now: float) -> None:
        """Begin a walk if one is due, and walk for a moment."""
        if self._walk is None and self._is_walk_due(now):
            self._is_limit_reached()
            self._walk = self._walk_all()
        if self._walk is None:
            return
        ends = now + _SLICE_SECONDS
        try:
            for _slice in self._walk:
                if time.monotonic() > ends:
                    return
        except BaseException:
            # The walk is over. Whatever it has missed is found by the next one.
            self._walk, self._walk_again, self._last_walk = None, True, time.monotonic()
            raise
        self._walk, self._last_walk = None, time.monotonic()

    def _walk_all(self) -> Iterator[None]:
        """Compare the signature of every photo with the last one seen. Yields every 50 photos."""
        self._walk_again, self._events_since_walk = False, 0
        fresh = next((root for root in self._roots if root.identity and not root.is_known), None)
        forgets = fresh is None and time.monotonic() - self._last_forgotten >= _WALK_SECONDS
        if forgets:
            self._last_forgotten = time.monotonic()
            self._arrivals.begin_walk()
        for number, photo in enumerate(find_photos(self.folders if fresh is None else [fresh.path], self._rules)):
            if not isinstance(photo, Skipped) and not self._sorted_outputs.contains(photo, self._paths):
                with contextlib.suppress(OSError, ValueError):
                    status = call_drive(photo, os.stat, photo)
                    signature = FileSignature.of(status)
                    if fresh is not None and _last_change(status) < fresh.arrived_since:
                        self._take_existing(photo, signature, status)
                    else:
                        self._arrivals.note_changed(photo, signature)
            if number % 50 == 0:
                yield
        if forgets:
            yield from self._arrivals.forget_deleted()
        if fresh is not None:
            # A drive that did not answer is walked again, else its photos would be new later.
            fresh.is_known = not drive_is_silent(fresh.path)
        yield

    def _take_existing(self, photo: Path, signature: FileSignature, status: os.stat_result) -> None:
        if not self._with_existing:
            self._arrivals.mark_seen(photo, signature)
        elif time.time() - _last_change(status) < _OLD_SECONDS:
            self._arrivals.note(photo)  # It may still be written.
        else:
            self._arrivals.mark_seen(photo, signature)
            self._ready.append(photo)


def _missing_at_first(folder: Path, *, is_silent: bool) -> str:
    if is_silent:
        return _missing(folder, is_silent=True)
    return _("{folder} does not exist. It is watched as soon as it does.").format(folder=folder)


def _missing(folder: Path, *, is_silent: bool) -> str:
    if is_silent:
        return _("{folder} is not available: its drive does not answer. It is watched again when it does.").format(
            folder=folder
        )
    return _("{folder} is gone. It is watched again when it is back.").format(folder=folder)


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
