"""What stands in the pipeline's place when the model cannot be used: it says so of every photo."""

from collections.abc import Iterable
from pathlib import Path

from catdog_desktop.pipeline import PhotoCounts
from catdog_desktop.verdict import Result


class NullPipeline:
    """Takes photos as a `Pipeline` does and answers each with the reason, so that none seems to be swallowed."""

    def __init__(self, reason: str) -> None:
        self._sentence = f"was not classified: {reason}".rstrip(".")
        self._results: list[Result] = []
        self._added = 0

    @property
    def idle(self) -> bool:
        """Whether every answer has been taken."""
        return not self._results

    @property
    def counts(self) -> PhotoCounts:
        """Every photo has failed as soon as it is added."""
        return PhotoCounts(added=self._added, done=self._added, failed=self._added)

    complaint = None

    def add(self, photos: Iterable[Path], *, afresh: bool = False) -> None:
        """Answer for `photos`."""
        answers = [Result(path, error=self._sentence) for path in photos]
        self._added += len(answers)
        self._results += answers

    def prefer(self, photos: Iterable[Path]) -> None:
        """Nothing waits."""

    def discard(self, photos: Iterable[Path]) -> None:
        """Nothing waits."""

    def cancel(self) -> list[Path]:
        """Nothing waits, so nothing is dropped."""
        return []

    def wait_until_kept(self) -> None:
        """Nothing is kept."""

    def take_results(self, timeout: float = 0.0) -> list[Result]:
        """Return the answers that have come since the last call."""
        taken, self._results = self._results, []
        return taken
