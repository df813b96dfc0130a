"""Models of every form are imported and give the scores of Keras, also after they were exported and opened."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.installed_models import remove_model
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.model_archive import export_model, open_archive
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.facts import facts_from_json

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
FORMS = ("keras3_{}.keras", "keras3_{}.h5", "tf_keras_{}.h5", "tf_keras_saved_model_{}")
ENDS = {"sigmoid": "sigmoid", "softmax": "softmax", "logit": "sigmoid logits", "logits": "softmax logits"}
COLOURS = ("rgb", "grey")
SCALES = {"inner": "in graph", "outer": "0..1"}
NAMES = [
    (form.format(f"{end}_{colour}_{scale}"), end, colour, scale)
    for form in FORMS
    for end in ENDS
    for colour in COLOURS
    for scale in SCALES
]
TRAINED = {
    f"trained_{number}_{writer}.keras": scaling
    for number, scaling in enumerate(("0..1", "-1..1", "in graph", "imagenet-torch", "imagenet-caffe"))
    for writer in ("keras", "tf_keras")
}
Made = tuple[dict[str, Any], dict[str, Any], Path, list[Path]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, encoded_photos: Path, run_beside: Callable[..., str]) -> Made:
    """ModelFacts and Keras's answers by name, the folder of the flatbuffers, and the photos."""
    photos = sorted(encoded_photos.glob("*.jpg"))
    turned = tmp_path_factory.mktemp("turned") / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated: Keras ignores the orientation
    with Image.open(photos[0]) as photo:
        photo.convert("L").save(turned, exif=exif)
    photos.append(turned)
    models, work = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("work")
    run_beside(HERE / "make_matrix.py", models, *photos, folder=models)
    for name in (*(name for name, *_ in NAMES), *TRAINED):
        place = work / name / name
        place.parent.mkdir()
        source = models / name
        shutil.copytree(source, place) if source.is_dir() else shutil.copyfile(source, place)
    facts = json.loads(run_beside(HERE / "convert_many.py", work, folder=models).splitlines()[-1])
    return facts, json.loads((models / "expected.json").read_text()), work, photos


def answers_of(model: ModelFile, photos: list[Path]) -> list[list[float]]:
    results = [classify_photo(photo, Classifier(model), model) for photo in photos]
    return [[result.scores.cat, result.scores.dog] for result in results if result.scores is not None]


@pytest.mark.parametrize(("name", "end", "colour", "scale"), NAMES, ids=[name for name, *_ in NAMES])
def test_imported_model_answers_as_keras(
    name: str, end: str, colour: str, scale: str, made: Made, tmp_path: Path
) -> None:
    all_facts, expected, work, photos = made
    facts = facts_from_json(all_facts[name])
    draft = ModelDraft(facts, (work / name / "model.tflite").read_bytes(), name, "0" * 64).tried()
    asked = {question.key: question for question in draft.questions()}
    assert (facts.width, facts.height, facts.channels) == (32, 40, 3 if colour == "rgb" else 1)
    assert facts.difference is not None
    assert facts.difference < 1e-4
    assert facts.scaled == ("yes" if scale == "inner" else "no")
    assert asked["scaling"].minor == (scale == "inner")
    assert asked["answers"].proposed == ENDS[end]
    assert asked["colour"].proposed == colour

    answers = {key: question.proposed for key, question in asked.items()}
    model = draft.install(answers | {"labels": "cat,dog", "scaling": SCALES[scale]})
    found = answers_of(model, photos)
    assert found == [pytest.approx(pair, abs=1e-3) for pair in expected[name]]
    assert model.exclusive

    archive = tmp_path / "model.catdog"
    export_model(model.folder, archive)
    remove_model(model.folder.name)
    assert answers_of(open_archive(archive), photos) == found


@pytest.mark.parametrize("name", TRAINED)
def test_scaling_is_found_by_the_normalization(name: str, made: Made) -> None:
    all_facts, _, work, _ = made
    draft = ModelDraft(
        facts_from_json(all_facts[name]), (work / name / "model.tflite").read_bytes(), name, "0" * 64
    ).tried()
    scaling = draft.questions()[0]
    assert (scaling.key, scaling.proposed) == ("scaling", TRAINED[name])
    assert "trained on" in scaling.reason


def test_expected_answers_differ(made: Made) -> None:
    """Otherwise the test above would prove little."""
    _, expected, _, _ = made
    dogs = [[dog for _, dog in pairs] for pairs in expected.values()]
    assert sum(max(values) - min(values) > 0.02 for values in dogs) > len(dogs) * 0.9
