"""Errors of sorting have fields, and every problem has a sentence with all of them filled in."""

from pathlib import Path

import pytest

from catdog_desktop.sorting.errors import SortError, SortProblem, reraise_as
from catdog_desktop.sorting.lock import SortRunningError


@pytest.mark.parametrize("problem", list(SortProblem), ids=lambda problem: problem.name)
def test_sort_error_has_a_sentence_for_each_problem(problem: SortProblem) -> None:
    sentence = str(SortError(problem, Path("/out/{place}"), "the reason", sort_id="20261127-000000-000001"))
    assert sentence[0].isupper() or sentence[0] == "“"
    assert "{detail}" not in sentence
    assert "{id}" not in sentence


def test_sort_error_keeps_fields() -> None:
    error = SortError(SortProblem.JOURNAL_DAMAGED, Path("/j/1.journal"), "KeyError: 'step'", sort_id="1")
    assert (error.problem, error.place, error.detail, error.sort_id) == (
        SortProblem.JOURNAL_DAMAGED,
        Path("/j/1.journal"),
        "KeyError: 'step'",
        "1",
    )
    assert "catdog undo 1 --forget" in str(error)


def test_reraise_as_gives_the_reason_of_the_system() -> None:
    with pytest.raises(SortError) as raised, reraise_as(SortProblem.JOURNAL_NOT_WRITTEN):
        raise OSError(28, "No space left on device", "/j/1.journal")
    assert raised.value.problem is SortProblem.JOURNAL_NOT_WRITTEN
    assert raised.value.detail.startswith("No space left on device")


@pytest.mark.parametrize(("pid", "expected"), [(None, "running. Wait"), (7, "running (process 7). Wait")])
def test_sort_running_error_names_the_process_if_known(pid: int | None, expected: str) -> None:
    assert expected in str(SortRunningError(pid))
