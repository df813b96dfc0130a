"""Results in the order of the input."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline_gate import PATIENCE, Gate, paths

from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.ordered_results import WINDOW, classify_in_order
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result, Scores


def test_classify_in_order_keeps_the_order(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first_may_end = threading.Event()

    def classify(path: Path, *_: object, **__: object) -> Result:
        if path.name == "0.jpg":
            assert first_may_end.wait(PATIENCE)
        if path.name == "9.jpg":
            first_may_end.set()
        return Result(path, scores=Scores(0, 0))

    monkeypatch.setattr(pipeline_module, "classify_photo", classify)
    photos = paths(200)
    with Pipeline(model, jobs=2) as pipeline:
        assert [result.path for result in classify_in_order(pipeline, photos)] == photos


def test_classify_in_order_takes_photos_as_needed(model: ModelFile, gate: Gate) -> None:
    asked = 0

    def endless() -> Iterator[Path]:
        nonlocal asked
        while True:
            asked += 1
            yield Path(f"{asked}.jpg")

    gate.let_through(10_000)
    with Pipeline(model, jobs=2) as pipeline:
        results = classify_in_order(pipeline, endless())
        for number in range(300):
            assert next(results).path.name == f"{number + 1}.jpg"
            assert asked - number <= WINDOW + 1


def test_classify_in_order_passes_skipped_and_finished(model: ModelFile, gate: Gate) -> None:
    gate.let_through()
    known = Result(Path("known.jpg"), error="does not exist")
    omitted = Skipped(Path("Thumbs.db"), SkipReason.SYSTEM_FILE)
    with Pipeline(model, jobs=1) as pipeline:
        outcomes = list(classify_in_order(pipeline, [Path("a.jpg"), known, omitted, Path("b.jpg")]))
    assert [outcome for outcome in outcomes if isinstance(outcome, Skipped)] == [omitted]
    assert [o.path.name for o in outcomes if isinstance(o, Result)] == ["a.jpg", "known.jpg", "b.jpg"]


def test_classify_in_order_of_nothing(model: ModelFile) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        assert list(classify_in_order(pipeline, [])) == []
