"""Errors of cluster jobs: each problem has a sentence with its fields."""

import re
from pathlib import Path

import pytest

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem


@pytest.mark.parametrize("problem", ClusterProblem)
def test_str_of_each_problem_is_a_filled_in_sentence(problem: ClusterProblem) -> None:
    text = str(ClusterError(problem, Path("/nas/out"), "some reason", column="path"))
    assert not re.search(r"[{}]|None", text)
    assert text[-1] in ".)"


def test_str_without_column_names_those_found() -> None:
    error = ClusterError(ClusterProblem.NO_COLUMN, Path("a.parquet"), "'file', 'size'", column="path")
    assert str(error) == "a.parquet has no column 'path' (it has 'file', 'size')."
