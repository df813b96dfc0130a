"""Reading models: every fault is reported before the model runs."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catdog_desktop.inference import model_file
from catdog_desktop.inference.answers import Answers
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.verdict import Thresholds

Description = dict[str, Any]


@pytest.fixture
def copy(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model for tests to damage."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("model.json", "model.tflite"):
        shutil.copyfile(model_folder / name, folder / name)
    return folder


def describe(folder: Path, change: Callable[[Description], object]) -> None:
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    change(description)
    (folder / "model.json").write_text(json.dumps(description), encoding="utf-8")


def replace_flatbuffer(folder: Path, data: bytes) -> None:
    """Replace the flatbuffer by `data`, with a description of the right sha256."""
    (folder / "model.tflite").write_bytes(data)
    describe(folder, lambda description: description.update(sha256=hashlib.sha256(data).hexdigest()))


def test_load_shipped_model(model: ModelFile) -> None:
    assert model.labels == ("cat", "dog")
    assert model.input_size == (model.input_width, model.input_height)
    assert model.sha256 == hashlib.sha256(model.flatbuffer).hexdigest()
    assert len(model.flatbuffer) <= 10 * 10**6
    assert model.licence
    assert model.figures
    assert "flatbuffer" not in repr(model), "megabytes in a log"


BROKEN_DESCRIPTIONS: dict[str, tuple[Callable[[Description], object], str]] = {
    "no format": (lambda d: d.pop("format"), "format None"),
    "format of the future": (lambda d: d.update(format=2), "format 2"),
    "no name": (lambda d: d.pop("name"), "has no 'name'"),
    "no labels": (lambda d: d.pop("labels"), "has no 'labels'"),
    "labels of others": (lambda d: d.update(labels=["cat", "mouse"]), "labels are"),
    "one label twice": (lambda d: d.update(labels=["dog", "dog"]), "labels are"),
    "three labels": (lambda d: d.update(labels=["cat", "dog", "fox"]), "labels are"),
    "labels are a number": (lambda d: d.update(labels=3), "not a valid model description"),
    "no input": (lambda d: d.pop("input"), "has no 'input'"),
    "input is a list": (lambda d: d.update(input=[1]), "not a valid model description"),
    "input is null": (lambda d: d.update(input=None), "not a valid model description"),
    "no width": (lambda d: d["input"].pop("width"), "has no 'width'"),
    "width of nothing": (lambda d: d["input"].update(width=0), "not possible"),
    "width of too much": (lambda d: d["input"].update(width=10**9), "not possible"),
    "width is a word": (lambda d: d["input"].update(width="wide"), "not a valid model description"),
    "width is endless": (lambda d: d["input"].update(width=float("inf")), "not a valid model description"),
    "other colours": (lambda d: d["input"].update(colour="cmyk"), "colour 'cmyk' is unknown"),
    "other scaling": (lambda d: d["input"].update(scaling="none"), "scaling 'none' is unknown"),
    "other decoding": (lambda d: d["input"].update(decoding="lazy"), "decoding 'lazy' is unknown"),
    "grey in three colours": (
        lambda d: d["input"].update(colour="grey", scaling="imagenet-torch"),
        "grey photos cannot be scaled",
    ),
    "answers of another kind": (lambda d: d.update(answers={"kind": "oracle"}), "kind 'oracle' are unknown"),
    "answers are a word": (lambda d: d.update(answers="sigmoid"), "not a valid model description"),
    "logits are a word": (lambda d: d.update(answers={"kind": "sigmoid", "logits": "yes"}), "not true or false"),
    "source is a list": (lambda d: d.update(source=[1]), "not a valid model description"),
    "quick crop": (lambda d: d["input"].update(fit="crop"), "cropped photos need the decoding"),
    "maps without dogs": (lambda d: d.update(labels=["cat", "neither"]), "heat maps need the labels"),
    "other fit": (lambda d: d["input"].update(fit="stretch"), "fit 'stretch' is unknown"),
    "other resampling": (lambda d: d["input"].update(resampling="magic"), "resampling 'magic' is unknown"),
    "resampling is a list": (lambda d: d["input"].update(resampling=[]), "resampling"),
    "no outputs": (lambda d: d.pop("outputs"), "has no 'outputs'"),
    "outputs are a word": (lambda d: d.update(outputs="scores"), "not a valid model description"),
    "no thresholds": (lambda d: d.pop("thresholds"), "has no 'thresholds'"),
    "threshold of one": (lambda d: d["thresholds"].update(cat=1.0), "cat threshold must lie"),
    "threshold is no number": (lambda d: d["thresholds"].update(dog=float("nan")), "dog threshold must lie"),
    "threshold is null": (lambda d: d["thresholds"].update(dog=None), "not a valid model description"),
    "band of one": (lambda d: d["thresholds"].update(unsure=1), "unsure band must lie"),
    "no sha256": (lambda d: d.pop("sha256"), "has no 'sha256'"),
    "other sha256": (lambda d: d.update(sha256="0" * 64), "is damaged or is not the file"),
    "sha256 is a number": (lambda d: d.update(sha256=1), "is damaged or is not the file"),
    "figures are a word": (lambda d: d.update(figures="good"), "not a valid model description"),
    "figures are null": (lambda d: d.update(figures=None), "not a valid model description"),
    "no licence": (lambda d: d.pop("licence"), "has no 'licence'"),
}


@pytest.mark.parametrize(("change", "says"), BROKEN_DESCRIPTIONS.values(), ids=BROKEN_DESCRIPTIONS)
def test_load_invalid_description_raises(change: Callable[[Description], object], says: str, copy: Path) -> None:
    describe(copy, change)
    with pytest.raises(ModelError) as caught:
        load_model_file(copy)
    assert says in str(caught.value)
    assert str(copy) in str(caught.value), "which model?"
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[1]", "not a model description"),
        (b"null", "not a model description"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_load_description_that_is_no_object_raises(content: bytes, says: str, copy: Path) -> None:
    (copy / "model.json").write_bytes(content)
    with pytest.raises(ModelError, match=says):
        load_model_file(copy)


@pytest.mark.parametrize("name", ["model.json", "model.tflite"])
def test_load_missing_file_raises(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        load_model_file(copy)


@pytest.mark.parametrize("name", ["model.json", "model.tflite"])
def test_load_folder_in_place_of_a_file_raises(name: str, copy: Path) -> None:
    (copy / name).unlink()
    (copy / name).mkdir()
    with pytest.raises(ModelError, match="cannot be read"):
        load_model_file(copy)


def test_load_missing_folder_raises(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model in"):
        load_model_file(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError):
        load_model_file(tmp_path / "file")


def test_load_changed_flatbuffer_raises(copy: Path) -> None:
    data = bytearray((copy / "model.tflite").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / "model.tflite").write_bytes(data)
    with pytest.raises(ModelError, match="is damaged or is not the file"):
        load_model_file(copy)


def test_load_too_large_flatbuffer_raises(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "MAX_FLATBUFFER_BYTES", 1000)
    with pytest.raises(ModelError, match="is larger than"):
        load_model_file(copy)


@pytest.mark.parametrize("data", [b"", b"TFL3", b"PK\x03\x04TFL2" * 20, b"\x89HDF\r\n\x1a\n" * 9])
def test_load_other_file_as_flatbuffer_raises(data: bytes, copy: Path) -> None:
    replace_flatbuffer(copy, data)
    with pytest.raises(ModelError, match="is not a TensorFlow Lite model"):
        load_model_file(copy)


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.9, 0.9999])
def test_classifier_truncated_flatbuffer_raises(share: float, copy: Path) -> None:
    whole = (copy / "model.tflite").read_bytes()
    replace_flatbuffer(copy, whole[: max(8, int(len(whole) * share))])
    with pytest.raises(ModelError, match="cannot be run"):
        Classifier(load_model_file(copy))


@pytest.mark.parametrize("tail", [b"", bytes(100), bytes(range(256)) * 4, b"\xff" * 1000])
def test_classifier_other_flatbuffer_raises(tail: bytes, copy: Path) -> None:
    replace_flatbuffer(copy, b"\x1c\0\0\0TFL3" + tail)
    with pytest.raises(ModelError, match="cannot be run"):
        Classifier(load_model_file(copy))


UNLIKE_THE_FLATBUFFER: dict[str, tuple[Callable[[Description], object], str]] = {
    "input of another size": (lambda d: d["input"].update(width=32), r"takes float32 of shape \(1, .*but model.json"),
    "scores of another name": (lambda d: d["outputs"].update(scores="logits"), "has no output 'logits'"),
    "maps of another name": (lambda d: d["outputs"].update(maps="heat"), "has no output 'heat'"),
    "scores and maps swapped": (
        lambda d: d["outputs"].update(scores=d["outputs"]["maps"], maps=d["outputs"]["scores"]),
        "answers 'maps' with shape",
    ),
}


@pytest.mark.parametrize(("change", "says"), UNLIKE_THE_FLATBUFFER.values(), ids=UNLIKE_THE_FLATBUFFER)
def test_classifier_description_of_another_flatbuffer_raises(
    change: Callable[[Description], object], says: str, copy: Path
) -> None:
    describe(copy, change)
    with pytest.raises(ModelError, match=says):
        Classifier(load_model_file(copy))


def test_description_without_maps(copy: Path) -> None:
    describe(copy, lambda description: description["outputs"].pop("maps"))
    model = load_model_file(copy)
    assert model.maps_output is None
    pixels = np.zeros((model.input_height, model.input_width, 3), np.uint8)
    assert Classifier(model).classify(pixels).heat_maps is None


def test_description_defaults(copy: Path) -> None:
    describe(copy, lambda d: [d.pop(name, None) for name in ("title", "figures", "training")])
    describe(copy, lambda d: d.update(sha256=d["sha256"].upper(), thresholds={"cat": 0.4, "dog": 0.6, "unsure": 0}))
    model = load_model_file(copy)
    assert (model.title, dict(model.figures), dict(model.training)) == (model.name, {}, {})
    assert model.thresholds == Thresholds(0.4, 0.6, 0.0)


def test_description_of_an_imported_model(copy: Path) -> None:
    describe(copy, lambda d: d.pop("second_look", None))
    describe(copy, lambda d: d.update(labels=["dog", "cat"], licence="unknown", source={"file": "a.h5"}))
    describe(copy, lambda d: d.update(answers={"kind": "softmax", "logits": True}))
    describe(copy, lambda d: d["input"].update(colour="bgr", scaling="imagenet-caffe", decoding="as stored"))
    model = load_model_file(copy)
    assert (model.colour, model.scaling, model.decoding, model.channels) == ("bgr", "imagenet-caffe", "as stored", 3)
    assert model.answers == Answers("softmax", logits=True, labels=("dog", "cat"))
    assert model.exclusive
    assert model.thresholds.exclusive
    assert model.source == {"file": "a.h5"}


READINGS: list[Callable[[Description], object]] = [
    lambda d: d["input"].update(scaling="0..1"),
    lambda d: d["input"].update(colour="bgr"),
    lambda d: d["input"].update(resampling="nearest"),
    lambda d: d["input"].update(decoding="as stored"),
    lambda d: d["input"].update(decoding="upright"),
    lambda d: d["input"].update(width=96, decoding="as stored"),
    lambda d: d.update(labels=["dog", "cat"]),
    lambda d: d.update(answers={"kind": "softmax"}),
    lambda d: d.update(answers={"kind": "independent", "logits": True}),
]


def test_identity_depends_on_what_changes_scores(copy: Path, model: ModelFile) -> None:
    describe(copy, lambda d: d.pop("second_look", None))
    with_second_look, model = model, load_model_file(copy)
    assert model.identity == model.sha256, "what was known of the shipped model stays known"
    assert with_second_look.identity != model.identity
    whole = (copy / "model.json").read_text(encoding="utf-8")
    identities = {model.identity}
    for change in READINGS:
        (copy / "model.json").write_text(whole, encoding="utf-8")
        describe(copy, change)
        identities.add(load_model_file(copy).identity)
    assert len(identities) == len(READINGS) + 1
    (copy / "model.json").write_text(whole, encoding="utf-8")
    describe(copy, lambda d: d.update(title="Another", thresholds={"cat": 0.4, "dog": 0.4, "unsure": 0.1}))
    assert load_model_file(copy).identity == model.identity


def test_title_is_one_short_line(copy: Path) -> None:
    describe(copy, lambda description: description.update(title="Cats\n\u202eand dogs " * 50))
    title = load_model_file(copy).title
    assert title.startswith("Cats  and dogs")
    assert title.isprintable()
    assert len(title) <= 100
