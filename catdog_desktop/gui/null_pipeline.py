"""Stand-in for the pipeline when no model can be used: every photo fails with the reason."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from catdog_desktop.decoding.problem_text import NO_MODEL
from catdog_desktop.learning.head import Head
from catdog_desktop.pipeline import PhotoCounts
from catdog_desktop.verdict import Result


class NullPipeline:
    """Takes photos as a `Pipeline` does and returns an error for each, so that no photo seems to be lost."""

    complaint = None
    """The store is not used, so it cannot fail."""

    def __init__(self, reason: str) -> None:
        """`reason` is a sentence: why there is no model."""
        self._error = NO_MODEL.format(reason=reason.rstrip("."))
        self._results: list[Result] = []
        self._added = 0

    @property
    def idle(self) -> bool:
        """Whether every result has been taken."""
        return not self._results

    @property
    def is_looking_up(self) -> bool:
        """Whether photos wait to be looked up: never."""
        return False

    @property
    def counts(self) -> PhotoCounts:
        """Photos by state: each fails as soon as it is added."""
        return PhotoCounts(added=self._added, done=self._added, failed=self._added)

    def add(self, photos: Iterable[Path], *, afresh: bool = False) -> None:
        """Let each of `photos` fail."""
        results = [Result(path, error=self._error) for path in photos]
        self._added += len(results)
        self._results += results

    def prefer(self, photos: Iterable[Path]) -> None:
        """Do nothing: no photo ever waits."""

    def discard(self, photos: Iterable[Path]) -> None:
        """Do nothing: no photo ever waits."""

    def not_waiting(self, photos: Iterable[Path]) -> list[Path]:
        """Return all of `photos`: none ever waits."""
        return list(photos)

    def cancel(self) -> list[Path]:
        """Return no photos: none ever waits."""
        return []

    def pause(self, *, paused: bool) -> None:
        """Do nothing: no photo ever waits."""

    def limit_jobs(self, jobs: int | None) -> None:
        """Do nothing: no photo ever waits."""

    def unloaded(self) -> AbstractContextManager[None]:
        """Do nothing: there is no model."""
        return nullcontext()

    def wait_until_kept(self) -> None:
        """Return at once: nothing is stored."""

    def use_head(self, head: Head | None) -> None:
        """Do nothing: there are no scores."""

    def take_results(self, timeout: float = 0.0) -> list[Result]:
        """Return the results since the last call, at once."""
        taken, self._results = self._results, []
        return taken
