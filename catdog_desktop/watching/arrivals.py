"""Decide when a new photo is complete: its size and time no longer change, and it can be decoded to its end.

A file that is being copied has its final name before it has all of its content. A truncated photo is never handed over.
"""

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from catdog_desktop.decoding.damaged_jpeg import has_end_marker
from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.decoding.formats import JPEG_START
from catdog_desktop.discovery.skip_rules import SkipReason, file_skip_reason
from catdog_desktop.file_kinds import has_photo_suffix, looks_like_photo
from catdog_desktop.files.drive_calls import call_drive, open_on_drive
from catdog_desktop.messages import _
from catdog_desktop.store.fingerprint import FileSignature, file_signature

SETTLE_SECONDS: Final = 1.5
"""How long size and time must stay the same. FAT keeps times to two seconds only, but a growing file changes its
size."""
PATIENCE_SECONDS: Final = 60.0
"""How long to wait for an undecodable file to change before it is handed over or given up."""
_FIRST_RETRY_SECONDS: Final = 1.0
_PROBE_SIZE: Final = (64, 64)
"""A small decode is enough to see whether the photo is complete. The model decodes it again later."""
_HEAD_BYTES: Final = 64
_AWAY_SECONDS: Final = 5.0
"""Interval of tries to reach a file whose drive or folder is away."""
_NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.ELOOP, errno.ENAMETOOLONG)
"""Errors of a file that is gone, or that is none (EINVAL). Others, such as EIO, may pass."""


class Completeness(Enum):
    """State of a file that no longer changes."""

    COMPLETE = "complete"
    """Nothing more to wait for. The file may still be unreadable; classifying it reports that."""
    TRUNCATED = "truncated"
    WITHOUT_END = "without an end marker"
    """A JPEG that seems to have all its pixels. It may still grow: a few bytes at its end change little."""
    UNREADABLE = "unreadable"
    """Possibly not yet complete."""
    GONE = "gone"
    NOT_A_PHOTO = "not a photo"
    """Neither the name nor the first bytes are those of a photo."""


_MAY_GROW: Final = (Completeness.TRUNCATED, Completeness.WITHOUT_END, Completeness.UNREADABLE)
"""States in which a file is waited for until the patience runs out."""


@dataclass(slots=True)
class _Candidate:
    signature: FileSignature | None = None
    unchanged_since: float = 0.0
    """Monotonic time since when the signature is the same."""
    next_probe: float = 0.0
    """Monotonic time of the next attempt to decode the file."""
    tries: int = 0


@dataclass(slots=True)
class Arrived:
    """Files that are complete or given up."""

    complete: list[Path] = field(default_factory=list)
    given_up: list[tuple[Path, str]] = field(default_factory=list)
    """Files that are not complete and no longer change, with the reason. They are probed again when they change."""


class Arrivals:
    """Tracks files that were reported and are not known to be complete. Not thread-safe."""

    def __init__(
        self,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        probe: Callable[[Path], Completeness] | None = None,
    ) -> None:
        self._settle = settle_seconds
        self._patience = patience_seconds
        self._probe = probe or completeness
        self._candidates: dict[Path, _Candidate] = {}
        self._seen: dict[Path, FileSignature] = {}
        self._arrived = Arrived()
        self._not_found: set[Path] = set()
        """Of the files seen before, those that the present walk has not found yet."""

    def __len__(self) -> int:
        """Return the number of files that are not known to be complete."""
        return len(self._candidates)

    def note(self, path: Path) -> None:
        """Track a new or changed file."""
        if not _is_partial(path.name):
            self._candidates.setdefault(path, _Candidate())

    def note_changed(self, path: Path, signature: FileSignature) -> bool:
        """Track a file if its signature differs from the last one seen; return whether it does."""
        self._not_found.discard(path)
        if self._seen.get(path) == signature:
            return False
        self.note(path)
        return True

    def note_again(self, path: Path) -> None:
        """Track a file even if its signature is the last one seen."""
        self._seen.pop(path, None)
        self.note(path)

    def mark_seen(self, path: Path, signature: FileSignature) -> None:
        """Treat a file that is not tracked as seen. It is new again once its signature changes."""
        self._not_found.discard(path)
        if path not in self._candidates:
            self._seen[path] = signature

    def forget(self, path: Path) -> None:
        """Note that a file was deleted or renamed. Another one of the same name is new."""
        self._seen.pop(path, None)

    def begin_walk(self) -> None:
        """Begin a walk of all folders, which calls `note_changed` or `mark_seen` for each file that it finds."""
        self._not_found = set(self._seen)

    def forget_deleted(self) -> Iterator[None]:
        """Forget the files that the walk has not found. Yields after each, since it touches the disk.

        A file whose folder is missing, or whose drive does not answer, is not forgotten: it may come back.
        """
        missing, self._not_found = self._not_found, set()
        for path in missing:
            with contextlib.suppress(OSError, ValueError):
                if not call_drive(path, os.path.lexists, path) and call_drive(path, os.path.isdir, path.parent):
                    self.forget(path)
            yield

    def take(self, now: float, until: Callable[[], bool] = lambda: False) -> Arrived:
        """Return the files that are complete or given up at the monotonic time `now`.

        Decodes each candidate. Stops early, after the current file, once `until` returns True.
        """
        for path in list(self._candidates):
            candidate = self._candidates[path]
            if not self._has_settled(path, candidate, now):
                continue
            self._judge(path, candidate, now)
            if until():
                break
        # Taken only now: an exception before loses none of them.
        arrived, self._arrived = self._arrived, Arrived()
        return arrived

    def _has_settled(self, path: Path, candidate: _Candidate, now: float) -> bool:
        if candidate.signature is None and now < candidate.next_probe:
            return False
        try:
            signature = file_signature(path)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno not in _NOT_THERE:
                candidate.next_probe = now + _AWAY_SECONDS  # Its drive or folder is away, and may come back.
                return False
            # Renamed, removed, or a pipe.
            del self._candidates[path]
            self._seen.pop(path, None)
            return False
        if signature != candidate.signature:
            candidate.signature, candidate.unchanged_since = signature, now
            candidate.next_probe, candidate.tries = 0.0, 0
        if self._seen.get(path) == signature:
            del self._candidates[path]  # Same size and time as before.
            return False
        return now - candidate.unchanged_since >= self._settle and now >= candidate.next_probe

    def _judge(self, path: Path, candidate: _Candidate, now: float) -> None:
        signature = candidate.signature
        assert signature is not None
        # An empty file was created and is not written yet.
        found = self._look(path) if signature.size else Completeness.TRUNCATED
        try:
            if found is not Completeness.GONE and file_signature(path) != signature:
                return  # Changed while it was decoded.
        except OSError as error:
            if error.errno not in _NOT_THERE:
                candidate.next_probe = now + _AWAY_SECONDS
                return
            found = Completeness.GONE
        waited = now - candidate.unchanged_since
        if found in _MAY_GROW and waited < self._patience:
            candidate.next_probe = now + min(_FIRST_RETRY_SECONDS * 2**candidate.tries, self._patience - waited)
            candidate.tries += 1
            return
        del self._candidates[path]
        if found is Completeness.GONE:
            return
        self._seen[path] = signature
        if found is Completeness.TRUNCATED:
            self._arrived.given_up.append((path, _("it is empty") if not signature.size else _("it ends too early")))
        elif found is not Completeness.NOT_A_PHOTO:
            self._arrived.complete.append(path)

    def _look(self, path: Path) -> Completeness:
        try:
            return self._probe(path)
        except Exception:  # noqa: BLE001  One photo must not end the watch. Classifying it reports the error.
            return Completeness.UNREADABLE


def completeness(path: Path) -> Completeness:
    """Decode a file that no longer changes, and return its state."""
    try:
        if not has_photo_suffix(path) and not _begins_like_photo(path):
            return Completeness.NOT_A_PHOTO
        if decode_photo(path, _PROBE_SIZE, thumbnail=False).info.damaged:
            return Completeness.TRUNCATED
        return Completeness.WITHOUT_END if _lacks_end_marker(path) else Completeness.COMPLETE
    except FileNotFoundError:
        return Completeness.GONE
    except OSError:
        return Completeness.UNREADABLE
    except PhotoError as error:
        return {Unreadable.VANISHED: Completeness.GONE, Unreadable.TOO_LARGE: Completeness.COMPLETE}.get(
            error.reason, Completeness.UNREADABLE
        )


def _lacks_end_marker(path: Path) -> bool:
    with open_on_drive(path) as file:
        content = file.read()
    return content.startswith(JPEG_START) and not has_end_marker(content)


def _begins_like_photo(path: Path) -> bool:
    with open_on_drive(path) as file:
        return looks_like_photo(file.read(_HEAD_BYTES))


def _is_partial(name: str) -> bool:
    """Whether a file gets its content or its final name later, or is a file of the system."""
    skip = file_skip_reason(name)
    return skip is not None and skip[0] in (SkipReason.SYSTEM_FILE, SkipReason.PARTIAL_FILE)
