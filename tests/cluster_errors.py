"""Checks of errors of cluster jobs, for `pytest.raises`."""

from collections.abc import Callable
from pathlib import Path

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem


def has(problem: ClusterProblem, place: Path | None = None, detail: str = "") -> Callable[[ClusterError], bool]:
    """Return a check for an error with this problem, and with this place and detail if they are given."""

    def check(error: ClusterError) -> bool:
        return error.problem is problem and place in (None, error.place) and detail in ("", error.detail)

    return check
