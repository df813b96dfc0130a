"""The saved evaluation of the shipped model: it is of this model, and the model still gives its scores."""

import hashlib
from pathlib import Path

import pytest
from test_shared_photos import SOURCE, unpacked

from catdog_desktop.evaluating.evaluation import Evaluation, Proportion, figures_of
from catdog_desktop.evaluating.saved_evaluation import load_evaluation
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.paths import default_model
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result, Verdict

SAMPLE = 150
TOLERANCE = 0.01
"""Processors differ in the last digits of a convolution."""


@pytest.fixture(scope="module")
def baseline() -> Evaluation:
    return load_evaluation(default_model() / "evaluation.json").evaluation


def test_baseline_is_of_the_shipped_model(baseline: Evaluation, model: ModelFile) -> None:
    assert (baseline.model_sha256, baseline.model_version) == (model.sha256, model.version)
    assert baseline.thresholds == model.thresholds


@pytest.mark.parametrize(
    ("described", "measured"),
    [
        ("forced_accuracy", "forced_accuracy"),
        ("pets_called_neither", "pets_called_neither"),
        ("neither_called_pet", "neither_called_a_pet"),
        ("unsure", "unsure_of_pets"),
        ("log_loss", "log_loss"),
        ("calibration_error", "calibration_error"),
    ],
)
def test_description_has_the_measured_figures(
    described: str, measured: str, baseline: Evaluation, model: ModelFile
) -> None:
    figure = dict(figures_of(baseline))[measured]
    value = figure.value if isinstance(figure, Proportion) else figure
    assert model.figures[described] == pytest.approx(value, abs=2e-4)


def test_baseline_meets_the_requirements_of_version_one(baseline: Evaluation) -> None:
    figures = baseline.proportions()
    assert figures["forced_accuracy"].total >= 1000
    assert figures["forced_accuracy"].count >= 0.99 * figures["forced_accuracy"].total
    assert figures["neither_called_a_pet"].count <= 0.03 * figures["neither_called_a_pet"].total


def test_shipped_model_gives_the_baseline_scores(baseline: Evaluation, model: ModelFile, tmp_path: Path) -> None:
    if not SOURCE.exists():
        pytest.skip("the shared photos are not here (set CATDOG_PHOTOS to their tar or folder)")
    # Those that lie near a threshold first: there a change shows at once.
    near = sorted(baseline.photos, key=lambda p: min(abs(p.scores.cat - 0.5), abs(p.scores.dog - 0.5)))
    rest = sorted(baseline.photos, key=lambda p: hashlib.sha256(p.path.encode()).digest())
    chosen = {photo.path: photo for photo in (*near[:50], *rest[: SAMPLE - 50])}
    paths = dict(zip(unpacked(list(chosen), tmp_path), chosen.values(), strict=True))
    results: list[Result] = []
    with Pipeline(model, thumbnails=False) as pipeline:
        pipeline.add(paths)
        while not pipeline.idle:
            results += pipeline.take_results(0.1)
    assert len(results) == len(paths)
    for result in results:
        before = paths[result.path].scores
        assert result.scores is not None
        assert result.scores.cat == pytest.approx(before.cat, abs=TOLERANCE), result.path.name
        assert result.scores.dog == pytest.approx(before.dog, abs=TOLERANCE), result.path.name


def test_baseline_has_every_verdict_but_both(baseline: Evaluation) -> None:
    verdicts = {baseline.verdict(photo) for photo in baseline.photos}
    assert verdicts >= {Verdict.CAT, Verdict.DOG, Verdict.NEITHER, Verdict.UNSURE}
