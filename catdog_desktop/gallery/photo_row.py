"""One photo of the gallery: its path, its state and what is known of it."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from catdog_desktop.decoding.errors import NO_LONGER_THERE
from catdog_desktop.formatting import displayable
from catdog_desktop.verdict import Result, Thresholds, Verdict


class State(Enum):
    """How far the classification of a photo is."""

    WAITING = "waiting"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class Presence(Enum):
    """Whether an animal is in a photo, by its score alone."""

    NO = "no"
    MAYBE = "maybe"
    """The score is within the unsure range."""
    YES = "yes"


@dataclass(slots=True, eq=False)
class Row:
    """One photo in the gallery. Rows are compared by identity."""

    path: Path
    number: int
    """Position in the order of adding, with gaps for removed rows. `GalleryModel.renumbered` says when it changes."""
    state: State = State.WAITING
    result: Result | None = None
    verdict: Verdict | None = None
    """Kept here and in `Columns`: here for painting one row, there for filtering all rows at once."""
    thresholds: Thresholds | None = None
    """The thresholds that `verdict` was judged by."""
    result_time: float = 0.0
    """When the scores arrived, in seconds of `time.monotonic()`; the animation of the bars starts there."""
    duplicate_group: int | None = None
    """Shared by all photos of the gallery with the same fingerprint; None if no other photo has it."""

    @property
    def name(self) -> str:
        """The file name; bytes that are not UTF-8 are replaced."""
        return displayable(self.path.name)

    @property
    def corrected(self) -> bool:
        """Whether the verdict is the user's own."""
        return self.result is not None and self.result.correction is not None

    @property
    def rating(self) -> int:
        """The user's own rating, 1 to 5 stars; 0 without one."""
        return 0 if self.result is None or self.result.rating is None else self.result.rating

    @property
    def is_problem(self) -> bool:
        """Whether the file is unreadable or damaged."""
        return self.state is State.FAILED or (self.result is not None and self.result.info.damaged)

    @property
    def is_missing(self) -> bool:
        """Whether the file was gone when it was last looked for."""
        return self.result is not None and self.result.error == NO_LONGER_THERE

    @property
    def presence(self) -> tuple[Presence, Presence] | None:
        """Whether a cat and a dog are in the photo; None without scores, or with a correction."""
        if self.result is None or self.result.scores is None or self.thresholds is None or self.corrected:
            return None
        scores, thresholds = self.result.scores, self.thresholds
        unsure = thresholds.unsure
        return _presence(scores.cat, thresholds.cat, unsure), _presence(scores.dog, thresholds.dog, unsure)

    def apply_result(self, result: Result, thresholds: Thresholds, now: float) -> None:
        """Store `result`. `result_time` becomes `now` only if the scores differ: a correction starts no animation."""
        if self.result is None or self.result.scores != result.scores:
            self.result_time = now
        self.result = result
        self.state = State.DONE if result.error is None else State.FAILED
        self.judge(thresholds)

    def judge(self, thresholds: Thresholds) -> None:
        """Set the verdict by `thresholds`."""
        self.thresholds = thresholds
        self.verdict = None if self.result is None else self.result.verdict(thresholds)


def _presence(score: float, threshold: float, unsure: float) -> Presence:
    if abs(score - threshold) < unsure:
        return Presence.MAYBE
    return Presence.YES if score >= threshold else Presence.NO
