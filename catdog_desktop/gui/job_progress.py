"""Progress of a classification job, measured from the running totals of a pipeline."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from catdog_desktop.pipeline import PhotoCounts
from catdog_desktop.progress import Progress

PROGRESS_SECONDS: Final = 0.1
"""How often a running job is reported: often enough to look alive, rarely enough to cost nothing."""
_RATE_SECONDS: Final = 5.0
"""Window of the rate, so that one slow folder does not affect the rate of the whole job."""
_MIN_RATE_SECONDS: Final = 0.2
"""A rate over a shorter time is noise and is reported as unknown."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far the classification of the photos added since the thread was last idle is."""

    progress: Progress
    """Its rate counts new photos only: cached results arrive a hundred times as fast."""
    failed: int = 0
    """Photos of `done` that could not be read."""
    known: int = 0
    """Photos of `done` whose result came from the store."""
    judged_again: int = 0
    """Photos of `done` that had a verdict of an earlier version of the model."""
    changed: int = 0
    """Photos of `judged_again` whose verdict is another one now."""
    finding: bool = False
    """Folders are still being walked: `total` will grow."""
    busy: bool = True
    paused: bool = False
    """No further photo is begun until the user resumes."""
    cut_short: bool = False
    """The job was cancelled while folders were still being walked, so some of their photos were not found."""

    @property
    def done(self) -> int:
        """Photos that have a result or an error."""
        return self.progress.done

    @property
    def total(self) -> int:
        """Photos found so far, without those that were cancelled."""
        return self.progress.total


class JobMeter:
    """Turns the totals of a pipeline, which only grow, into the progress of the current job.

    A job begins with the first photo added while nothing is under way and ends when every photo added since is done.
    """

    def __init__(self) -> None:
        self._at_start = PhotoCounts()
        self._samples: deque[tuple[float, int]] = deque()
        """Time (monotonic seconds) and new photos done by then, of the last `_RATE_SECONDS`."""
        self._under_way = False
        self._cut_short = False
        self._reported_at = 0.0

    @property
    def under_way(self) -> bool:
        """Whether a job has begun whose end was not reported yet."""
        return self._under_way

    def begin(self) -> None:
        """Begin a job, or go on with the current one. Its end is reported even if it finds no photo."""
        self._under_way = True

    def note_cut_short(self) -> None:
        """Note that a walk was cancelled before its end."""
        self._cut_short = True

    def count_from_zero(self) -> None:
        """Expect the totals of another pipeline, which begin at zero."""
        self._at_start = PhotoCounts()
        self._samples.clear()

    def measure(self, totals: PhotoCounts, *, finding: bool, busy: bool) -> JobProgress | None:
        """Return the progress if it is due (every `PROGRESS_SECONDS` while busy, once at the end), else None."""
        if not busy and not self._under_way:
            return None
        now = time.monotonic()
        if busy and now - self._reported_at < PROGRESS_SECONDS:
            return None
        self._reported_at = now
        start = self._at_start
        done, known = totals.done - start.done, totals.known - start.known
        total = totals.added - totals.cancelled - (start.added - start.cancelled)
        progress = JobProgress(
            Progress(done, total, self._rate(now, done - known)),
            failed=totals.failed - start.failed,
            known=known,
            judged_again=totals.judged_again - start.judged_again,
            changed=totals.changed - start.changed,
            finding=finding,
            busy=busy,
            cut_short=self._cut_short and not busy,
        )
        self._under_way = busy
        if not busy:
            self._at_start = totals
            self._samples.clear()
            self._cut_short = False
        return progress

    def abandon(self) -> JobProgress | None:
        """End the job that is under way without knowing how far it came; return its last progress, if there is one."""
        if not self._under_way:
            return None
        self._under_way = self._cut_short = False
        return JobProgress(Progress(0, 0), busy=False)

    def _rate(self, now: float, new_photos: int) -> float:
        self._samples.append((now, new_photos))
        while self._samples[0][0] < now - _RATE_SECONDS:
            self._samples.popleft()
        began, before = self._samples[0]
        return (new_photos - before) / (now - began) if now - began > _MIN_RATE_SECONDS else 0.0
