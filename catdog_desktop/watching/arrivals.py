"""Files that are arriving: when is a new photo whole? When its size and time have settled and it can be decoded.

A file that is being copied has its name from the start and its content bit by bit. To judge half a photo would be
worse than to wait: so a photo that ends too early is not handed over, however long it takes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.file_kinds import has_photo_suffix, is_system_file, looks_like_photo
from catdog_desktop.store.fingerprint import FileSignature, file_signature

SETTLE_SECONDS: Final = 1.5
"""How long size and time must stay the same. The coarsest clock of a file system ticks every two seconds, but while a
file grows its size tells."""
PATIENCE_SECONDS: Final = 60.0
"""After so long without a change a file that cannot be decoded is taken for what it is."""
_FIRST_RETRY_SECONDS: Final = 1.0
_PROBE_SIZE: Final = (64, 64)
"""Enough to tell whether all of a photo is there; the model's own decode comes later."""
_HEAD_BYTES: Final = 64
_HALF_NAMES: Final = (".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".tmp", ".temp")
"""What browsers and copiers call a file until it is whole; then it gets its name, and that is heard of."""


class Wholeness(Enum):
    """What can be said of a file that has stopped changing."""

    WHOLE = "whole"
    """There is nothing more to wait for; it may still be no photo, which whoever reads it will say."""
    CUT_SHORT = "it ends too early"
    UNREADABLE = "it cannot be decoded"
    """Perhaps not yet."""
    GONE = "gone"
    NO_PHOTO = "no photo"
    """Neither named like a photo nor beginning like one."""


@dataclass(slots=True)
class _Candidate:
    stamp: FileSignature | None = None
    settled: float = 0.0
    """Since when the stamp is what it is."""
    look_at: float = 0.0
    """When to try again to decode it."""
    tries: int = 0


@dataclass(slots=True)
class Arrived:
    """What has come of the files that were noted."""

    whole: list[Path] = field(default_factory=list)
    given_up: list[tuple[Path, str]] = field(default_factory=list)
    """Files that are not whole and no longer change, and why; they are looked at again when they change."""


class Arrivals:
    """The files that were heard of and are not known to be whole. For one thread."""

    def __init__(
        self,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        probe: Callable[[Path], Wholeness] | None = None,
    ) -> None:
        self._settle = settle_seconds
        self._patience = patience_seconds
        self._probe = probe or wholeness
        self._candidates: dict[Path, _Candidate] = {}
        self._seen: dict[Path, FileSignature] = {}

    def __len__(self) -> int:
        """Return how many files are being waited for."""
        return len(self._candidates)

    def note(self, path: Path) -> None:
        """Look at a file: it is new, or has changed."""
        if not _is_half(path.name):
            self._candidates.setdefault(path, _Candidate())

    def note_changed(self, path: Path, stamp: FileSignature) -> bool:
        """Look at a file if it is not as it was when it was last seen; return whether that is so."""
        if self._seen.get(path) == stamp:
            return False
        self.note(path)
        return True

    def note_anew(self, path: Path) -> None:
        """Look at a file even if it is as it was when it was last seen."""
        self._seen.pop(path, None)
        self.note(path)

    def know(self, path: Path, stamp: FileSignature) -> None:
        """Take a file as seen, unless it was noted already: only a change makes it new."""
        if path not in self._candidates:
            self._seen[path] = stamp

    def take(self, now: float, until: Callable[[], bool] = lambda: False) -> Arrived:
        """Return what is whole at the moment `now` (seconds of a clock that only goes forward).

        Each photo takes as long as it takes to decode; `until` can end it sooner.
        """
        arrived = Arrived()
        for path in list(self._candidates):
            candidate = self._candidates[path]
            if not self._has_settled(path, candidate, now):
                continue
            self._judge(path, candidate, now, arrived)
            if until():
                break
        return arrived

    def _has_settled(self, path: Path, candidate: _Candidate, now: float) -> bool:
        try:
            stamp = file_signature(path)
        except (OSError, ValueError):
            # Renamed or removed; or a pipe, which is no photo.
            del self._candidates[path]
            self._seen.pop(path, None)
            return False
        if stamp != candidate.stamp:
            candidate.stamp, candidate.settled, candidate.look_at, candidate.tries = stamp, now, 0.0, 0
        if self._seen.get(path) == stamp:
            del self._candidates[path]  # it was only touched
            return False
        return now - candidate.settled >= self._settle and now >= candidate.look_at

    def _judge(self, path: Path, candidate: _Candidate, now: float, arrived: Arrived) -> None:
        stamp = candidate.stamp
        assert stamp is not None
        # An empty file has been made, and not yet written.
        found = self._probe(path) if stamp.size else Wholeness.CUT_SHORT
        try:
            if found is not Wholeness.GONE and file_signature(path) != stamp:
                return  # it has changed under our hands
        except OSError:
            found = Wholeness.GONE
        waited = now - candidate.settled
        if found in (Wholeness.CUT_SHORT, Wholeness.UNREADABLE) and waited < self._patience:
            candidate.look_at = now + min(_FIRST_RETRY_SECONDS * 2**candidate.tries, self._patience - waited)
            candidate.tries += 1
            return
        del self._candidates[path]
        if found is Wholeness.GONE:
            return
        self._seen[path] = stamp
        if found is Wholeness.CUT_SHORT:
            arrived.given_up.append((path, "it is empty" if not stamp.size else found.value))
        elif found is not Wholeness.NO_PHOTO:
            arrived.whole.append(path)


def wholeness(path: Path) -> Wholeness:
    """Return what can be said of a file that has stopped changing, by decoding it."""
    try:
        if not has_photo_suffix(path) and not _begins_like_photo(path):
            return Wholeness.NO_PHOTO
        return Wholeness.CUT_SHORT if decode_photo(path, _PROBE_SIZE, thumbnail=False).info.damaged else Wholeness.WHOLE
    except FileNotFoundError:
        return Wholeness.GONE
    except OSError:
        return Wholeness.UNREADABLE
    except PhotoError as error:
        return {Unreadable.VANISHED: Wholeness.GONE, Unreadable.TOO_LARGE: Wholeness.WHOLE}.get(
            error.reason, Wholeness.UNREADABLE
        )


def _begins_like_photo(path: Path) -> bool:
    with path.open("rb") as file:
        return looks_like_photo(file.read(_HEAD_BYTES))


def _is_half(name: str) -> bool:
    return is_system_file(name) or name.lower().endswith(_HALF_NAMES)
