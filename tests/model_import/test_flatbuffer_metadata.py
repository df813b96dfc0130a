"""Metadata inside TensorFlow Lite models: scaling of photos, and lists of classes."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from model_metadata import with_metadata
from PIL import Image
from tiny_models import EDGE, tiny_description, tiny_flatbuffer

from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.input_values import normalization, normalized, scale
from catdog_desktop.inference.model_file import ModelError, load_model_file, parse_description
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.errors import ModelImportError, RefusedModelError
from catdog_desktop.model_import.inspection.flatbuffer_metadata import FlatbufferMetadata, read_metadata
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.proposals.facts import ModelFacts, facts_from_json
from catdog_desktop.model_import.proposals.flatbuffer_facts import facts_of_flatbuffer
from catdog_desktop.model_import.proposals.questions import Question, questions_for

TORCH = ([123.68, 116.28, 103.53], [58.4, 57.12, 57.38])


def facts_of(path: Path, flatbuffer: bytes) -> ModelFacts:
    path.write_bytes(flatbuffer)
    return facts_of_flatbuffer(path, inspect_flatbuffer(path))


def scaling_question(facts: ModelFacts) -> Question:
    [question] = [question for question in questions_for(facts) if question.key == "scaling"]
    return question


def test_metadata_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    files = {"de.txt": b"Hund\nKatze\n", "names": b"dog\ncat\n"}
    path.write_bytes(
        with_metadata(tiny_flatbuffer(2), mean=[127.0], deviation=[128.0], files=files, locales={"de.txt": "de"})
    )
    assert read_metadata(path) == FlatbufferMetadata((127.0,), (128.0,), ("names", "de.txt"))


def test_model_without_metadata_states_nothing(tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "m.tflite", tiny_flatbuffer())
    assert facts.stated_scaling == ""
    assert read_metadata(tmp_path / "m.tflite") == FlatbufferMetadata()


@pytest.mark.parametrize(
    ("mean", "deviation", "scaling"),
    [
        ([0.0], [255.0], "0..1"),
        ([127.5], [127.5], "-1..1"),
        ([127.5, 127.5, 127.5], [127.5, 127.5, 127.5], "-1..1"),
        ([127.5], [127.5, 127.5, 127.5], "-1..1"),
        ([0.0], [1.0], "in graph"),
        (*TORCH, "imagenet-torch"),
        ([127.0], [128.0], "normalized 127 128"),
        ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0], "normalized 1,2,3 4,5,6"),
        ([0.0], [0.0], ""),
        ([float("nan")], [1.0], ""),
        ([1.0, 2.0], [1.0, 2.0], ""),
        ([], [1.0], ""),
    ],
    ids=str,
)
def test_stated_normalization_gives_scaling(
    mean: list[float], deviation: list[float], scaling: str, tmp_path: Path
) -> None:
    facts = facts_of(tmp_path / "m.tflite", with_metadata(tiny_flatbuffer(), mean=mean, deviation=deviation))
    assert facts.stated_scaling == scaling
    assert facts_from_json(facts.as_json()) == facts
    if scaling:
        question = scaling_question(facts)
        assert (question.proposed, question.minor) == (scaling, True)
        assert question.reason == "The program that made the model does so."


def test_other_normalization_is_an_option_in_words(tmp_path: Path) -> None:
    mean, deviation = [123.5, 116.0, 104.25], [58.0, 57.0, 57.5]
    facts = facts_of(tmp_path / "m.tflite", with_metadata(tiny_flatbuffer(), mean=mean, deviation=deviation))
    first = scaling_question(facts).options[0]
    assert first.text == "minus 123.5; 116; 104.25, then divided by 58; 57; 57.5"


def test_three_means_for_grey_photos_are_ignored(tmp_path: Path) -> None:
    grey = tiny_flatbuffer(channels=1)
    path = tmp_path / "m.tflite"
    assert facts_of(path, with_metadata(grey, mean=TORCH[0], deviation=TORCH[1])).stated_scaling == ""
    assert facts_of(path, with_metadata(grey, mean=[127.5], deviation=[127.5])).stated_scaling == "-1..1"


def test_integers_count_more_than_metadata_that_contradicts_them(tmp_path: Path) -> None:
    quantized = tiny_flatbuffer(quantized=True)
    path = tmp_path / "m.tflite"
    assert facts_of(path, with_metadata(quantized, mean=[0.0], deviation=[1.0])).stated_scaling == ""
    assert facts_of(path, with_metadata(quantized, mean=[0.0], deviation=[255.0])).stated_scaling == "0..1"
    nearly = facts_of(path, with_metadata(quantized, mean=[1.0], deviation=[254.0]))
    assert nearly.stated_scaling == "normalized 1 254"


def test_bytes_without_a_step_take_pixels_as_they_are(tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "m.tflite", tiny_flatbuffer(quantized=True, step=0.0))
    assert min(facts.misfits, key=lambda scaling: facts.misfits[scaling]) == "in graph"


def test_import_with_metadata_uses_its_scaling_and_its_list(tmp_path: Path) -> None:
    path = tmp_path / "cats.tflite"
    flatbuffer = with_metadata(
        tiny_flatbuffer(2, "softmax"), mean=[10.0], deviation=[200.0], files={"classes_of_pets": b"dog\ncat\n"}
    )
    path.write_bytes(flatbuffer)
    draft = Conversion(path).run()
    answers = {question.key: question.proposed for question in draft.questions()}
    assert (answers["scaling"], answers["labels"]) == ("normalized 10 200", "dog,cat")
    model = load_model_file(draft.install(answers, "from metadata").folder)
    assert model.scaling == "normalized 10 200"
    assert model.identity != draft.model_file(answers | {"scaling": "0..1"}).identity
    photo = tmp_path / "red.png"
    Image.new("RGB", (EDGE, EDGE), (255, 0, 0)).save(photo)
    # Red minus blue is (255 - 10) / 200 - (0 - 10) / 200 = 1.275; the weight is 4, and the first class is the dog.
    expected = 1 / (1 + np.exp(-2 * 4 * 1.275))
    assert classify_photo(photo, Classifier(model), model).scores.dog == pytest.approx(expected, abs=1e-6)


def test_labels_with_a_language_come_after_those_without(tmp_path: Path) -> None:
    files = {"labels_de.txt": b"Hund\nKatze\n", "labels.txt": b"dog\ncat\n"}
    path = tmp_path / "cats.tflite"
    path.write_bytes(with_metadata(tiny_flatbuffer(2, "softmax"), files=files, locales={"labels_de.txt": "de"}))
    assert Conversion(path).run().facts.class_names == ("dog", "cat")


def test_damaged_metadata_is_ignored_or_refused(tmp_path: Path) -> None:
    plain = tiny_flatbuffer()
    whole = with_metadata(plain, mean=[127.0], deviation=[128.0])
    start = whole.index(b"M001") - 4
    path = tmp_path / "m.tflite"
    read = 0
    for at in range(start, min(start + 300, len(whole))):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with contextlib.suppress(RefusedModelError, ModelImportError):
            facts = facts_of_flatbuffer(path, inspect_flatbuffer(path))
            assert facts_from_json(facts.as_json()) == facts
            read += 1
    assert read > 100


@pytest.mark.parametrize(
    "scaling",
    ["normalized", "normalized 1", "normalized 1,2 1,2", "normalized 1 0", "normalized nan 1", "normalized a b"],
)
def test_malformed_normalization_is_refused(scaling: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a valid model description"):
        parse_description(tiny_description("0" * 64, scaling=scaling), tmp_path)


def test_three_means_do_not_fit_grey_photos(tmp_path: Path) -> None:
    scaling = normalized(*TORCH)
    assert parse_description(tiny_description("0" * 64, scaling=scaling), tmp_path).scaling == scaling
    with pytest.raises(ModelError, match="which has three colours"):
        parse_description(tiny_description("0" * 64, scaling=scaling, colour="grey"), tmp_path)


def test_normalized_photo_has_mean_and_deviation_of_each_channel() -> None:
    name = normalized([1.0, 2.0, 3.0], [2.0, 4.0, 8.0])
    assert normalization(name) == ((1.0, 2.0, 3.0), (2.0, 4.0, 8.0))
    assert normalization("0..1") is None
    pixels = np.full((1, 1, 3), 11, np.uint8)
    assert scale(pixels, "rgb", name).ravel().tolist() == [5.0, 2.25, 1.0]
