"""The headline figures of a model: only those of its description, and first in doctor."""

from dataclasses import replace
from typing import Any

import pytest

from catdog_desktop import doctor
from catdog_desktop.inference.model_figures import describe_unseen_sources, unseen_source_figures
from catdog_desktop.inference.model_file import ModelFile

HEADLINE = {"called_pet": 0.0123, "pets_right": 0.967, "photos": 5069, "sources": {"hlb": 1}}


@pytest.mark.parametrize("figures", [{}, {"unseen_sources": None}, {"unseen_sources": [1]}, {"unseen_sources": {}}])
def test_unseen_source_figures_absent_is_empty(figures: dict[str, Any]) -> None:
    assert unseen_source_figures(figures) == {}
    assert describe_unseen_sources(figures) == []


def test_unseen_source_figures_keeps_shares_only() -> None:
    found = unseen_source_figures({"unseen_sources": {**HEADLINE, "ok": True}, "forced_accuracy": 1.0})
    assert found == {"called_pet": 0.0123, "pets_right": 0.967}


def test_describe_unseen_sources_in_words() -> None:
    assert describe_unseen_sources({"unseen_sources": HEADLINE}) == [
        "1.2% of photos without a pet are called a pet",
        "96.7% of pets are right",
    ]


def test_doctor_shows_unseen_sources_before_other_figures(model: ModelFile) -> None:
    described = replace(model, figures={"forced_accuracy": 0.99, "unseen_sources": HEADLINE})
    lines = [line for line, _ in doctor._describe(described)]
    unseen = [number for number, line in enumerate(lines) if "unseen" in line]
    in_source = [number for number, line in enumerate(lines) if "forced accuracy" in line]
    assert len(unseen) == 2
    assert max(unseen) < min(in_source)
