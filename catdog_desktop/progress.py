"""How far a long job is: one type for classifying, sorting, exporting, importing and the cluster."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps, at `rate` steps a second."""

    done: int
    total: int
    """Steps known so far. It may grow while folders are still being walked."""
    rate: float = 0.0
    """Steps a second over the last seconds; 0 while unknown."""

    @property
    def fraction(self) -> float:
        """The part that is done, 0..1; 0 while nothing is known to do."""
        return self.done / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at this rate; None while the rate is unknown."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None
