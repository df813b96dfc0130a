"""What the child does when it is asked to try a model, here without the child."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER, ModelError
from catdog_desktop.inference.runtime import ModelTooLargeError
from catdog_desktop.model_import.proposals import cat_answers as module
from catdog_desktop.model_import.proposals.cat_answers import cat_answers
from catdog_desktop.model_import.proposals.trial_photos import trial_photos

CAT = trial_photos()[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path, **more: Any) -> Path:
    flatbuffer = tiny_flatbuffer()
    (folder / FLATBUFFER).write_bytes(flatbuffer)
    description = tiny_description(hashlib.sha256(flatbuffer).hexdigest(), **more)
    (folder / DESCRIPTION).write_text(json.dumps(description))
    return folder


def test_both_views_are_answered_under_each_scaling(folder: Path) -> None:
    answers = cat_answers(folder, ["0..1", "in graph"], CAT)
    assert list(answers) == ["0..1", "in graph"]
    [[as_it_is], [mirrored]] = answers["0..1"]
    assert as_it_is == pytest.approx(mirrored, abs=0.05), "it judges by colours alone"
    assert 0.5 < as_it_is < 1.0, "a red cat"
    assert answers["in graph"][0][0] == pytest.approx(1.0), "a red cat, 255 times as sure"
    json.dumps(answers)


def test_no_photo(folder: Path) -> None:
    with pytest.raises(OSError, match="none"):
        cat_answers(folder, ["0..1"], folder / "none.jpg")


@pytest.mark.parametrize(
    "more", [{"width": 9}, {"outputs": {"scores": "none"}}, {"answers": {"kind": "softmax"}}], ids=str
)
def test_the_folder_is_nobodys_business(more: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^The model ") as failed:
        cat_answers(written(tmp_path, **more), ["0..1"], CAT)
    assert str(tmp_path) not in str(failed.value)


def test_want_of_memory_is_told_from_other_failures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise ModelTooLargeError("no room")

    monkeypatch.setattr(module, "Classifier", refuse)
    with pytest.raises(MemoryError, match="no room"):
        cat_answers(folder, ["0..1"], CAT)
