"""Importing a model in the window: progress, questions with live results, refusals, cancelling."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from driving import WAIT_MS, App, files
from hostile_flatbuffers import HARMFUL
from PIL import Image
from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QStackedWidget,
    QToolButton,
)
from pytestqt.qtbot import QtBot
from test_shared_photos import SOURCE, unpacked
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.gui.app import open_paths
from catdog_desktop.gui.model_import import import_dialog
from catdog_desktop.gui.model_import.class_list import ClassList
from catdog_desktop.gui.model_import.example_results import ExampleClassifier
from catdog_desktop.gui.model_import.import_dialog import ImportDialog
from catdog_desktop.inference.installed_models import find_model, installed_models
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.model_import.conversion import conversion
from catdog_desktop.model_import.proposals.questions import Option, Question
from catdog_desktop.model_import.proposals.trial_run import trial_photos
from catdog_desktop.sandbox import process as child_process
from catdog_desktop.verdict import Verdict

_TENSORFLOW_MS = 600_000
"""TensorFlow starts slowly where much else runs."""
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def tiny(folder: Path) -> Path:
    """Return the file of a model that gives 0 for blue and 1 for red."""
    path = folder / "blue or red.tflite"
    path.write_bytes(tiny_flatbuffer())
    return path


@pytest.fixture
def colours(folder: Path) -> list[Path]:
    paths = [folder / "blue.png", folder / "red.png"]
    Image.new("RGB", (64, 48), (0, 0, 255)).save(paths[0])
    Image.new("RGB", (64, 48), (255, 0, 0)).save(paths[1])
    return paths


def import_by_drop(app: App, source: Path) -> ImportDialog:
    app.drop(files([source]))
    app.wait_for(lambda: [dialog for dialog in app.window.findChildren(ImportDialog) if dialog.isVisible()])
    dialog = app.dialog(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    return dialog


def wait_for_page(app: App, dialog: ImportDialog, page: str) -> None:
    app.wait_for(lambda: dialog.page == page)


def text_of(dialog: ImportDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def button(dialog: ImportDialog, words: str) -> QPushButton:
    [found] = [b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == words and b.isVisible()]
    return found


def cat_scores(dialog: ImportDialog) -> list[float | None]:
    """Return the cat score that the dialog shows for each example photo."""
    return [line.cat.score for line in dialog.photos.lines]


def wait_for_cat_scores(app: App, dialog: ImportDialog, *expected: float) -> None:
    def are_shown() -> bool:
        shown = cat_scores(dialog)
        return None not in shown and shown == [pytest.approx(score, abs=0.01) for score in expected]

    app.wait_for(are_shown)


def test_dropped_model_is_imported_and_used(app: App, tiny: Path, colours: list[Path]) -> None:
    app.add(*colours)
    dialog = import_by_drop(app, tiny)
    wait_for_page(app, dialog, "questions")
    assert dialog.name.text() == "blue or red"
    assert "16 × 16 pixels" in text_of(dialog)
    app.wait_for(lambda: None not in cat_scores(dialog))
    assert len(cat_scores(dialog)) == 2, "the photos of the user"
    assert all("· current model: " in line.text.text() for line in dialog.photos.lines)
    app.wait_for(lambda: "never neither or both" in dialog.limits.text())
    dialog.name.setText("Blue & red")
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.click(button(dialog, "Use this model"))
    assert find_model("blue-red").is_dir()
    assert load_model_file(find_model("blue-red")).title == "Blue & red"
    assert app.window.session.model is not None
    assert app.window.session.model.name == "blue-red"
    assert {row.verdict for row in app.shown} <= {Verdict.CAT, Verdict.DOG, Verdict.UNSURE}
    app.wait_for(lambda: not app.window.findChildren(ImportDialog))


def test_dropped_models_and_photos_are_imported_in_turn_and_added(app: App, tiny: Path, colours: list[Path]) -> None:
    second = tiny.with_name("second.tflite")
    second.write_bytes(tiny.read_bytes())
    app.drop(files([tiny, *colours, second]))
    app.wait_for(lambda: [dialog for dialog in app.window.findChildren(ImportDialog) if dialog.isVisible()])
    first = app.dialog(ImportDialog)
    assert isinstance(first, ImportDialog)
    wait_for_page(app, first, "questions")
    assert first.name.text() == "blue or red"
    app.click(button(first, "Use this model"))
    app.wait_for(lambda: [d for d in app.window.findChildren(ImportDialog) if d is not first and d.isVisible()])
    dialog = app.dialog(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    wait_for_page(app, dialog, "questions")
    assert dialog.name.text() == "second"
    app.click(button(dialog, "Cancel"))
    app.wait_for(lambda: not app.window.findChildren(ImportDialog))
    app.wait_done(2)


def test_classes_are_chosen_and_results_follow(app: App, colours: list[Path], folder: Path) -> None:
    path = folder / "four.tflite"
    path.write_bytes(tiny_flatbuffer(4, "softmax"))
    (folder / "four_labels.txt").write_text("bird\nfish\nfrog\nant\n", encoding="utf-8")
    app.add(*colours)
    dialog = import_by_drop(app, path)
    wait_for_page(app, dialog, "questions")
    assert not button(dialog, "Use this model").isEnabled(), "no class is a cat or a dog yet"
    cats, dogs = dialog.questions.findChildren(ClassList)
    assert (cats.title(), dogs.title()) == ("Which of its classes are cats?", "Which of its classes are dogs?")
    assert [cats.list.item(row).text() for row in range(4)] == ["0: bird", "1: fish", "2: frog", "3: ant"]
    cats.check("1", checked=True)
    assert button(dialog, "Use this model").isEnabled()
    wait_for_cat_scores(app, dialog, 0.965, 0.0)
    dogs.check("1", checked=True)
    assert (cats.answer, dogs.answer) == ("", "1"), "no class is both"
    cats.check("0", checked=True)
    wait_for_cat_scores(app, dialog, 0.0, 0.965)
    assert dialog.questions.answers["fit"] == "squash"
    app.click(button(dialog, "Use this model"))
    app.wait_for(lambda: app.window.session.model is not None and app.window.session.model.name == "four")
    assert app.window.session.model.labels == ("cat", "dog", "neither", "neither")


def test_classes_are_filtered(qtbot: QtBot) -> None:
    options = tuple(Option(str(number), f"{number}: class {number}") for number in range(30))
    classes = ClassList(Question("cat_classes", "Which?", options, "7,20", "So.", many=True))
    qtbot.addWidget(classes)
    assert [classes.list.item(row).text() for row in range(2)] == ["7: class 7", "20: class 20"]
    classes.filter.setText("CLASS 2")
    shown = [classes.list.item(row).text() for row in range(30) if not classes.list.item(row).isHidden()]
    assert len(shown) == 11
    assert classes.answer == "7,20"


def test_dropped_zip_of_teachable_machine_is_imported(app: App, folder: Path) -> None:
    path = folder / "converted_tflite.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model_unquant.tflite", tiny_flatbuffer(2, "softmax"))
        archive.writestr("labels.txt", "0 Dog\n1 Cat\n")
    dialog = import_by_drop(app, path)
    wait_for_page(app, dialog, "questions")
    assert dialog.questions.answers["labels"] == "dog,cat"
    app.click(button(dialog, "Cancel"))


def test_model_named_on_the_command_line_is_imported(app: App, tiny: Path, colours: list[Path]) -> None:
    open_paths(app.window, [*colours, tiny])
    dialog = app.dialog(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    wait_for_page(app, dialog, "questions")
    app.wait_done(2)


def test_results_of_example_photos_follow_the_answers(app: App, tiny: Path, colours: list[Path]) -> None:
    app.add(*colours)
    dialog = import_by_drop(app, tiny)
    wait_for_page(app, dialog, "questions")
    scaling = {radio.text(): radio for radio in dialog.findChildren(QRadioButton)}
    assert sum("proposed" in words for words in scaling) == sum(radio.isChecked() for radio in scaling.values()) == 2
    by_255 = next(radio for words, radio in scaling.items() if words.startswith("Divided by 255"))
    dog_is_1 = next(radio for words, radio in scaling.items() if words.startswith("Dog (and 0"))
    cat_is_1 = next(radio for words, radio in scaling.items() if words.startswith("Cat (and 0"))
    by_255.click()
    dog_is_1.click()
    wait_for_cat_scores(app, dialog, 0.982, 0.018)
    cat_is_1.click()
    wait_for_cat_scores(app, dialog, 0.018, 0.982)
    next(radio for words, radio in scaling.items() if words.startswith("Divided by 127.5")).click()
    wait_for_cat_scores(app, dialog, 0.0003, 0.9997)
    assert dialog.questions.answers["scaling"] == "-1..1"
    assert dialog.questions.answers["labels"] == "dog,cat"
    app.click(button(dialog, "Cancel"))
    app.wait_for(lambda: not app.window.findChildren(ImportDialog))
    assert [model.name for model in installed_models()] == ["catdog"]


def test_impossible_answers_are_reported_beside_the_photos(app: App, folder: Path, colours: list[Path]) -> None:
    """The numbers of this model are logits, which cannot be probabilities."""
    app.add(*colours)
    (folder / "logits.tflite").write_bytes(tiny_flatbuffer(activation=""))
    dialog = import_by_drop(app, folder / "logits.tflite")
    wait_for_page(app, dialog, "questions")
    fold = next(b for b in dialog.findChildren(QToolButton) if "Advanced" in b.text())
    app.click(fold)
    box = next(b for b in dialog.findChildren(QComboBox) if b.findData("sigmoid logits") >= 0)
    assert box.isVisible()
    box.setCurrentIndex(box.findData("sigmoid"))
    app.wait_for(lambda: any("no probabilities" in line.text.text() for line in dialog.photos.lines))
    box.setCurrentIndex(box.findData("sigmoid logits"))
    app.wait_for(lambda: None not in cat_scores(dialog))
    dialog.reject()


def test_import_without_photos_shows_shipped_examples(app: App, tiny: Path) -> None:
    dialog = import_by_drop(app, tiny)
    wait_for_page(app, dialog, "questions")
    assert [line.path for line in dialog.photos.lines] == list(trial_photos())
    app.wait_for(lambda: None not in cat_scores(dialog))
    assert "Results for a cat" in text_of(dialog)


def test_import_with_the_keyboard_alone(app: App, tiny: Path, colours: list[Path]) -> None:
    app.add(*colours)
    dialog = import_by_drop(app, tiny)
    wait_for_page(app, dialog, "questions")
    assert button(dialog, "Use this model").hasFocus()
    reached = set()
    for _ in range(12):
        app.key(Qt.Key.Key_Tab, on=dialog.focusWidget())
        reached.add(type(dialog.focusWidget()))
    assert {QLineEdit, QRadioButton, QToolButton, QPushButton} <= reached
    radio = next(r for r in dialog.findChildren(QRadioButton) if r.text().startswith("Dog (and 0"))
    radio.setFocus()
    radio.click()
    app.key(Qt.Key.Key_Down, on=radio)
    assert dialog.questions.answers["labels"] == "dog,cat"
    with app.qtbot.waitSignal(dialog.imported, timeout=WAIT_MS):
        app.key(Qt.Key.Key_Return, on=dialog.name)
    app.wait_for(lambda: app.window.session.model is not None and app.window.session.model.labels == ("dog", "cat"))


def test_accessible_texts_name_the_proposed_answers(app: App, tiny: Path) -> None:
    dialog = import_by_drop(app, tiny)
    wait_for_page(app, dialog, "questions")
    proposed = [r for r in dialog.findChildren(QRadioButton) if r.isChecked()]
    assert all(radio.accessibleDescription().startswith("Proposed. ") for radio in proposed)
    app.wait_for(lambda: None not in cat_scores(dialog))
    line = dialog.photos.lines[0]
    assert line.accessibleName() == trial_photos()[0].name
    assert "cat " in line.accessibleDescription()
    assert dialog.name.accessibleName() == "Name of the model"


BAD: dict[str, tuple[str, bytes, str]] = {
    "text": ("cats.h5", b"these are no weights", "not a model that CatDog knows"),
    "empty": ("cats.keras", b"", "not a model that CatDog knows"),
    "pickle": ("cats.h5", b"\x80\x04\x95" + bytes(40), "a pickle, which is a program"),
    "half a zip": ("cats.keras", b"PK\x03\x04" + bytes(40), "not a whole zip"),
    "half a flatbuffer": ("cats.tflite", tiny_flatbuffer()[:400], "is damaged"),
    "no catdog": ("cats.catdog", b"PK no", "not a whole zip"),
}


@pytest.mark.tensorflow
def test_file_that_is_no_model_is_refused(app: App, folder: Path) -> None:
    for name, content, says in BAD.values():
        (folder / name).write_bytes(content)
        dialog = import_by_drop(app, folder / name)
        wait_for_page(app, dialog, "problem")
        assert says in text_of(dialog), name
        assert "The model was not imported" in text_of(dialog)
        app.key(Qt.Key.Key_Escape, on=dialog)
        app.wait_for(lambda: not app.window.findChildren(ImportDialog))
    assert [model.name for model in installed_models()] == ["catdog"]


def hdf5(folder: Path, name: str = "my cats.h5") -> Path:
    """Return a file that begins like HDF5, which is passed to the child process."""
    path = folder / name
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    return path


def test_unprotected_computer_is_named_before_the_import(
    app: App, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_dialog, "import_warning", lambda: "It can reach your files.")
    path = folder / "tiny.tflite"
    path.write_bytes(tiny_flatbuffer())
    dialog = import_by_drop(app, path)
    wait_for_page(app, dialog, "warning")
    assert "It can reach your files." in text_of(dialog)
    app.click(button(dialog, "Import anyway"))
    wait_for_page(app, dialog, "questions")
    app.click(button(dialog, "Cancel"))


def test_keras_model_without_tensorflow_shows_commands(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "has_tensorflow", lambda: False)
    dialog = import_by_drop(app, hdf5(folder))
    wait_for_page(app, dialog, "problem")
    assert "TensorFlow, which this installation does not have" in text_of(dialog)
    commands = [line.text() for line in dialog.findChildren(QLineEdit) if line.isVisible()]
    assert commands == [
        "pip install 'catdog-desktop[train]'",
        'catdog import-model "my cats.h5" --export "my cats".catdog',
    ]
    for number, copy in enumerate(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy"):
        app.click(copy)
        assert QGuiApplication.clipboard().text() == commands[number]


def child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Replace the program of the child process."""
    monkeypatch.setattr(conversion, "has_tensorflow", lambda: True)
    monkeypatch.setattr(child_process, "child_command", lambda: [sys.executable, "-c", program])


def test_import_shows_progress_and_is_cancelled(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, 'print(\'{"step": "opening"}\', flush=True)\nimport time\ntime.sleep(600)')
    dialog = import_by_drop(app, hdf5(folder))
    app.wait_for(lambda: dialog.step.text() == "Opening the model…")
    assert 40 <= dialog.bar.value() <= 60
    assert dialog.page == "progress"
    app.click(button(dialog, "Cancel"))
    assert not dialog.isVisible()
    app.wait_for(lambda: not app.window.findChildren(ImportDialog))


BROKEN_CHILDREN = {
    "import os; os.abort()": "broke down (it was ended by SIGABRT)",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": "ran out of memory",
    "print('nonsense')": "its answer makes no sense",
    'print(\'{"result": {"failed": "It needs the layer KerasLayer."}}\')': "It needs the layer KerasLayer.",
}


def test_broken_child_process_is_reported(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program, says in BROKEN_CHILDREN.items():
        child(monkeypatch, program)
        dialog = import_by_drop(app, hdf5(folder))
        wait_for_page(app, dialog, "problem")
        assert says in text_of(dialog)
        dialog.reject()
        app.wait_for(lambda: not app.window.findChildren(ImportDialog))


@pytest.mark.skipif(sys.platform != "linux", reason="limits and signals as on Linux")
def test_harmful_flatbuffer_only_ends_the_child_process(app: App, folder: Path) -> None:
    for name, says in (("bottomless", "broke down (it was ended by"), ("huge", "more than the 2 GB of memory")):
        (folder / "cats.tflite").write_bytes(HARMFUL[name]())
        dialog = import_by_drop(app, folder / "cats.tflite")
        wait_for_page(app, dialog, "problem")
        assert says in text_of(dialog)
        dialog.reject()
        app.wait_for(lambda: not app.window.findChildren(ImportDialog))


@pytest.mark.parametrize("packed", [False, True], ids=["tflite", "catdog"])
def test_endless_flatbuffer_is_cancelled(packed: bool, app: App, folder: Path) -> None:
    source = folder / "cats.tflite"
    source.write_bytes(HARMFUL["endless"]())
    if packed:
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        with zipfile.ZipFile(folder / "cats.catdog", "w") as archive:
            archive.write(source, "model.tflite")
            archive.writestr("model.json", json.dumps(tiny_description(digest, width=8, height=8)))
        source = folder / "cats.catdog"
    dialog = import_by_drop(app, source)
    app.wait_for(lambda: dialog.step.text() == "Trying it on a photo of a cat…")
    assert dialog.page == "progress"
    app.click(button(dialog, "Cancel"))
    assert not dialog.isVisible()
    app.wait_for(lambda: not app.window.findChildren(ImportDialog))
    assert [model.name for model in installed_models()] == ["catdog"]


def test_dropped_saved_model_folder_is_imported(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, 'print(\'{"result": {"failed": "It was a SavedModel."}}\')')
    (folder / "export" / "variables").mkdir(parents=True)
    (folder / "export" / "saved_model.pb").write_bytes(b"\x08\x01")
    dialog = import_by_drop(app, folder / "export")
    wait_for_page(app, dialog, "problem")
    assert "It was a SavedModel." in text_of(dialog)


def test_dropped_photo_folder_is_not_imported(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> None:
    make_photos(2)
    app.add(folder)
    app.wait_done(2)
    assert not app.window.findChildren(ImportDialog)


def test_window_closes_during_an_import(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, "import time\ntime.sleep(600)")
    dialog = import_by_drop(app, hdf5(folder))
    assert dialog.isVisible()
    app.window.close()
    assert not app.window.isVisible()


def test_wait_of_closed_dialog_leaves_nothing_running(app: App, tiny: Path, colours: list[Path]) -> None:
    app.add(*colours)
    dialog = import_by_drop(app, tiny)
    wait_for_page(app, dialog, "questions")
    radio = next(r for r in dialog.findChildren(QRadioButton) if not r.isChecked())
    radio.click()  # the example photos are classified again
    dialog.reject()
    dialog.wait()
    assert [pool.activeThreadCount() for pool in dialog.findChildren(QThreadPool)] == [0]


@pytest.mark.slow
def test_keras_model_of_tensorflow_2_4_gives_the_scores_of_keras(app: App, tmp_path: Path) -> None:
    """The blog's own architecture, as its notebook saved it years ago: what Keras said of each photo, it says here."""
    expected = json.loads((DATA / "seed_notebook_tf24.expected.json").read_text(encoding="utf-8"))
    photos = shared_photos(expected, tmp_path)
    app.drop(files(photos.values()))
    app.wait_done(len(photos), at_most=_TENSORFLOW_MS)
    dialog = import_by_drop(app, DATA / "seed_notebook_tf24.h5")
    app.wait_for(lambda: dialog.page != "progress", at_most=_TENSORFLOW_MS)
    assert dialog.page == "questions", text_of(dialog)
    assert dialog.questions.answers["labels"] == "cat,dog"
    app.wait_for(lambda: None not in cat_scores(dialog), at_most=_TENSORFLOW_MS)
    for line in dialog.photos.lines:
        assert line.dog.score == pytest.approx(expected[line.path.name], abs=0.001)
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=_TENSORFLOW_MS):
        app.click(button(dialog, "Use this model"))
    assert len(photos) == len(expected) == 20
    for name, path in photos.items():
        result = app.row(path).result
        assert result is not None
        assert result.scores is not None
        assert result.scores.dog == pytest.approx(expected[name], abs=0.001), name
        assert result.scores.cat == pytest.approx(1 - expected[name], abs=0.001), name


def shared_photos(names: Iterable[str], into: Path) -> dict[str, Path]:
    """Return photos by their names, "cat.1.jpg"; skip where they are not at hand."""
    if not SOURCE.exists():
        pytest.skip("the shared photos are not here (set CATDOG_PHOTOS to their tar or folder)")
    paths = unpacked([f"{name.partition('.')[0]}/{name}" for name in names], into)
    return {path.name: path for path in paths}


def test_convert_again_for_another_photo_size(app: App, folder: Path, colours: list[Path]) -> None:
    app.add(*colours)
    (folder / "free.tflite").write_bytes(tiny_flatbuffer(free=True))
    dialog = import_by_drop(app, folder / "free.tflite")
    wait_for_page(app, dialog, "questions")
    assert "photos of any size; 180 × 180 pixels" in text_of(dialog)
    width, height = (box for box in dialog.findChildren(QSpinBox) if box.isVisible())
    width.setValue(64)
    height.setValue(48)
    app.click(button(dialog, "Convert again"))
    app.wait_for(lambda: dialog.page == "questions" and "64 × 48 pixels" in text_of(dialog))
    app.wait_for(lambda: len(dialog.findChildren(ExampleClassifier)) == 1)
    [pages] = dialog.findChildren(QStackedWidget)
    assert pages.count() == 1, "the pages of the first conversion are gone"
    app.wait_for(lambda: None not in cat_scores(dialog))
    app.click(button(dialog, "Use this model"))
    app.wait_for(lambda: app.window.session.model is not None and app.window.session.model.input_size == (64, 48))
