"""Downloads of Teachable Machine are imported as they are, and answer as its own code does. See `make_teachable.py`."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.conversion.conversion import Conversion

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parent
NAMES = (
    "converted_keras.zip",
    "converted_savedmodel.zip",
    "converted_tflite.zip",
    "converted_tflite_quantized.zip",
)


class Downloads(NamedTuple):
    folder: Path
    photos: list[Path]
    expected: dict[str, list[list[float]]]
    """By "keras" and "quantized", by photo: dog, cat and bird, after the preparation of the site's own code."""


@pytest.fixture(scope="module")
def downloads(
    tmp_path_factory: pytest.TempPathFactory, encoded_photos: Path, run_beside: Callable[..., str]
) -> Downloads:
    folder, photos = tmp_path_factory.mktemp("teachable"), []
    for path in sorted(encoded_photos.glob("*.jpg")):
        photos.append(folder / f"{path.stem}.png")
        with Image.open(path) as photo:
            # Of even size: the site's code cuts at half pixels, the app as Keras does at whole ones.
            photo.convert("RGB").crop((0, 0, photo.width // 2 * 2, photo.height // 2 * 2)).save(photos[-1])
    run_beside(HERE / "make_teachable.py", folder, *photos, folder=folder)
    expected = json.loads((folder / "expected.json").read_text(encoding="ascii"))
    return Downloads(folder, photos, expected)


def check(path: Path, downloads: Downloads, expected: str = "keras") -> None:
    """Import the model at `path` with what is proposed, and compare its answers."""
    draft = Conversion(path).run()
    answers = {question.key: question.proposed for question in draft.questions()}
    assert draft.facts.class_names == ("Hund", "Katze", "Vogel")
    assert (answers["dog_classes"], answers["cat_classes"]) == ("0", "1")
    assert (answers["scaling"], answers["fit"], answers["resampling"]) == ("-1..1", "crop", "lanczos")
    model = draft.install(answers)
    classifier = Classifier(model)
    found = [classify_photo(photo, classifier, model).scores for photo in downloads.photos]
    assert [(one.dog, one.cat) for one in found if one is not None] == [
        pytest.approx(tuple(numbers[:2]), abs=1e-3) for numbers in downloads.expected[expected]
    ]


def test_answers_of_the_made_model_differ_between_photos(downloads: Downloads) -> None:
    dogs = [numbers[0] for numbers in downloads.expected["keras"]]
    assert max(dogs) - min(dogs) > 0.3


@pytest.mark.parametrize("name", NAMES)
def test_download_answers_as_its_own_code(name: str, downloads: Downloads) -> None:
    check(downloads.folder / name, downloads, "quantized" if "quantized" in name else "keras")


@pytest.mark.parametrize("name", ["converted_keras.zip", "converted_savedmodel.zip"])
def test_folder_of_an_unpacked_download_answers_as_its_own_code(
    name: str, downloads: Downloads, tmp_path: Path
) -> None:
    folder = tmp_path / "Tiere 猫" / Path(name).stem
    with zipfile.ZipFile(downloads.folder / name) as archive:
        archive.extractall(folder)
    check(folder, downloads)


def test_download_packed_again_in_a_folder_answers_as_its_own_code(downloads: Downloads, tmp_path: Path) -> None:
    path = tmp_path / "packed again.zip"
    with (
        zipfile.ZipFile(downloads.folder / "converted_savedmodel.zip") as archive,
        zipfile.ZipFile(path, "w") as again,
    ):
        for name in archive.namelist():
            again.writestr(f"my animals/{name}", archive.read(name))
        again.writestr("__MACOSX/my animals/._labels.txt", b"\0\5\x16\7")
        again.writestr("my animals/.DS_Store", b"Bud1")
    check(path, downloads)
