"""Imported models: flatbuffers without a signature, of every kind of scores, colour and input type."""

import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_models import EDGE, RED_WEIGHT, tiny_description, tiny_flatbuffer

from catdog_desktop import cli
from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.model_file import ModelError, load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.store.fingerprint import file_fingerprint
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Verdict

SURE = 1 / (1 + math.exp(-RED_WEIGHT))
SURER = 1 / (1 + math.exp(-2 * RED_WEIGHT))


def write_model(folder: Path, flatbuffer: bytes, **more: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.tflite").write_bytes(flatbuffer)
    description = tiny_description(hashlib.sha256(flatbuffer).hexdigest(), **more)
    (folder / "model.json").write_text(json.dumps(description))
    return folder


def judge(folder: Path, colour: tuple[int, int, int]) -> Result:
    """Write a photo of one colour and classify it."""
    model = load_model_file(folder)
    Image.new("RGB", (40, 30), colour).save(folder / "photo.png")
    return classify_photo(folder / "photo.png", Classifier(model), model)


RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[int, int, int], float]] = {
    # what the flatbuffer is, what is said of it, the photo, the score of a dog
    "red is 1, a dog": ({}, {}, RED, SURE),
    "blue is 0, a cat": ({}, {}, BLUE, 1 - SURE),
    "1 is a cat": ({}, {"labels": ["dog", "cat"]}, RED, 1 - SURE),
    "blue comes first": ({}, {"colour": "bgr"}, RED, 1 - SURE),
    "before the sigmoid": ({"activation": ""}, {"answers": {"kind": "sigmoid", "logits": True}}, RED, SURE),
    "two, cat first": (
        {"outputs": 2, "activation": "softmax"},
        {"answers": {"kind": "softmax"}},
        RED,
        1 - SURER,
    ),
    "two, dog first": (
        {"outputs": 2, "activation": "softmax"},
        {"answers": {"kind": "softmax"}, "labels": ["dog", "cat"]},
        RED,
        SURER,
    ),
    "before the softmax": (
        {"outputs": 2, "activation": ""},
        {"answers": {"kind": "softmax", "logits": True}},
        BLUE,
        SURER,
    ),
    "two by themselves": ({"outputs": 2}, {"answers": {"kind": "independent"}}, BLUE, SURE),
    "three, a dog among them": (
        {"outputs": 3, "activation": "softmax"},
        {"answers": {"kind": "softmax"}, "labels": ["dog", "neither", "cat"]},
        RED,
        math.exp(RED_WEIGHT) / (math.exp(RED_WEIGHT) + math.exp(-RED_WEIGHT) + 1),
    ),
    "two kinds of dogs": (
        {"outputs": 4, "activation": "softmax"},
        {"answers": {"kind": "softmax"}, "labels": ["dog", "dog", "cat", "neither"]},
        BLUE,
        2 * math.cosh(RED_WEIGHT) / (2 * math.cosh(RED_WEIGHT) + 2),
    ),
    "three by themselves": (
        {"outputs": 3},
        {"answers": {"kind": "independent"}, "labels": ["dog", "neither", "dog"]},
        RED,
        SURE,
    ),
    "grey": ({"channels": 1}, {"colour": "grey"}, WHITE, SURE),
    "bytes that stand for less": ({"quantized": True}, {}, RED, SURE),
    "another scale": ({}, {"scaling": "-1..1"}, RED, SURER),
    "any size": ({"free": True}, {"width": 20, "height": 12}, RED, SURE),
    "the quick way": ({}, {"decoding": "quick", "resampling": "bilinear"}, RED, SURE),
    "grey, the quick way": ({"channels": 1}, {"colour": "grey", "decoding": "quick"}, WHITE, SURE),
}


@pytest.mark.parametrize(("flatbuffer", "said", "colour", "dog"), CASES.values(), ids=CASES)
def test_imported_model_of_each_kind_is_read(
    flatbuffer: dict[str, Any], said: dict[str, Any], colour: tuple[int, int, int], dog: float, tmp_path: Path
) -> None:
    folder = write_model(tmp_path / "model", tiny_flatbuffer(**flatbuffer), **said)
    result = judge(folder, colour)
    assert result.scores is not None
    assert result.scores.dog == pytest.approx(dog, abs=1e-3)
    if said.get("answers", {}).get("kind") != "independent" and "neither" not in said.get("labels", ()):
        assert result.scores.cat == pytest.approx(1 - dog, abs=1e-3)
    inspect_flatbuffer(folder / "model.tflite")


def test_exclusive_model_never_says_neither(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", tiny_flatbuffer())
    thresholds = load_model_file(folder).thresholds
    for colour, verdict in ((RED, Verdict.DOG), (BLUE, Verdict.CAT), (WHITE, Verdict.UNSURE)):
        assert judge(folder, colour).verdict(thresholds) is verdict


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "two numbers, not one": ({"answers": {"kind": "softmax"}}, "cannot be read as softmax"),
    "a thousand, not one": ({"answers": {"kind": "imagenet"}}, "cannot be read as imagenet"),
    "three colours, not one": ({"colour": "grey"}, "model.json says a photo of shape"),
    "another size": ({"width": EDGE + 1}, "model.json says a photo of shape"),
    "another name": ({"outputs": {"scores": "dense"}}, "has no output 'dense' \\(it has answer\\)"),
}


@pytest.mark.parametrize(("said", "says"), WRONG.values(), ids=WRONG)
def test_description_that_does_not_fit_the_flatbuffer_raises(said: dict[str, Any], says: str, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", tiny_flatbuffer(), **said)
    with pytest.raises(ModelError, match=says):
        Classifier(load_model_file(folder))


def test_logits_described_as_probabilities_raise(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", tiny_flatbuffer(activation=""))
    with pytest.raises(ModelError, match="answers 4, which are no probabilities"):
        judge(folder, RED)


def test_store_keeps_results_of_two_descriptions_apart(tmp_path: Path) -> None:
    """The same flatbuffer with two descriptions gives two sets of results."""
    one = load_model_file(write_model(tmp_path / "one", tiny_flatbuffer()))
    other = load_model_file(write_model(tmp_path / "other", tiny_flatbuffer(), labels=["dog", "cat"]))
    photo = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), RED).save(photo)
    with Store.open() as store:
        result = classify_photo(photo, Classifier(one), one)
        store.keep([replace(result, fingerprint=file_fingerprint(photo))], one.identity)
        assert set(store.known([photo], one.identity)) == {photo}
        assert store.known([photo], other.identity) == {}


def test_smallest_photo_is_classified(tmp_path: Path) -> None:
    model = load_model_file(write_model(tmp_path / "model", tiny_flatbuffer()))
    pixels = np.zeros((EDGE, EDGE, 3), np.uint8)
    assert Classifier(model).classify(pixels).scores.dog == pytest.approx(0.5)
    assert Classifier(model).model is model


def test_limits_are_printed_once_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_model(tmp_path / "model", tiny_flatbuffer())
    photos = []
    for name, colour in (("red", RED), ("blue", BLUE)):
        photos.append(str(tmp_path / f"{name}.png"))
        Image.new("RGB", (40, 30), colour).save(photos[-1])
    assert cli.main(["classify", "--format", "jsonl", "--model", str(folder), *photos]) == 0
    said = capsys.readouterr()
    assert [json.loads(line)["verdict"] for line in said.out.splitlines()] == ["dog", "cat"]
    assert said.err.count("never neither or both") == 1


def test_doctor_describes_an_imported_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_model(tmp_path / "model", tiny_flatbuffer(), colour="bgr")
    assert cli.main(["doctor", "--model", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "never neither or both" in said
    assert "16 x 16 pixels, nearest, bgr, 0..1, as stored" in said
    assert "from tiny.tflite" in said
    assert "a generated photo was classified" in said
