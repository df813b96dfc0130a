"""The menu *Model*: choosing, remembering, saving and removing a model."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import WAIT_MS, App, files
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLabel, QLineEdit, QMessageBox
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.dialogs import AboutDialog, CrashDialog
from catdog_desktop.gui.model_import import example_results, model_commands
from catdog_desktop.gui.model_import.import_dialog import ImportDialog
from catdog_desktop.inference import installed_models as installed_models_module
from catdog_desktop.inference import model_file
from catdog_desktop.inference.installed_models import find_model, install_model, installed_models, models_folder
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import import model_archive
from catdog_desktop.model_import.model_archive import export_model
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.verdict import Verdict


def install_tiny(name: str = "tiny", **more: object) -> ModelFile:
    flatbuffer = tiny_flatbuffer()
    digest = hashlib.sha256(flatbuffer).hexdigest()
    return install_model(tiny_description(digest, name=name, title=name.title(), **more), flatbuffer)


@pytest.fixture
def colours(folder: Path) -> list[Path]:
    """Return a blue, a red and a white photo: for the tiny model a cat, a dog and unsure."""
    paths = []
    for name, colour in (("blue", (0, 0, 255)), ("red", (255, 0, 0)), ("white", (255, 255, 255))):
        path = folder / f"{name}.png"
        Image.new("RGB", (64, 48), colour).save(path)
        paths.append(path)
    return paths


def choices(app: App) -> dict[str, bool]:
    """Return the models of the menu, and whether each is chosen."""
    return {action.text(): action.isChecked() for action in app.window.models.choices}


def choose(app: App, title: str) -> None:
    [action] = [action for action in app.window.models.choices if action.text() == title]
    action.trigger()


def verdicts(app: App) -> list[Verdict | None]:
    return [row.verdict for row in app.shown]


def test_path_that_cannot_exist_is_not_imported(app: App, folder: Path) -> None:
    """To ask whether it is a SavedModel raises; the path fails like any unreadable photo."""
    app.add(folder / ("n" * 300))
    install_tiny()
    app.window.models.refresh_models()  # behind it in the same queue
    app.wait_for(lambda: len(choices(app)) == 2)
    assert app.window.findChildren(CrashDialog) == []
    assert [row.state for row in app.shown] == [State.FAILED]


def test_another_model_classifies_all_photos_and_back_from_the_store(app: App, colours: list[Path]) -> None:
    app.add(*colours)
    shipped = [row.result for row in app.shown]
    assert choices(app) == {"CatDog (comes with the app)": True}
    install_tiny()
    app.window.action_table.menu(Menu.MODEL).aboutToShow.emit()
    app.wait_for(lambda: choices(app) == {"CatDog (comes with the app)": True, "Tiny": False})
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        choose(app, "Tiny")
    assert verdicts(app) == [Verdict.CAT, Verdict.DOG, Verdict.UNSURE]
    assert choices(app) == {"CatDog (comes with the app)": False, "Tiny": True}
    assert app.window.session.gallery.counts()[Filter.UNSURE] == 1
    assert app.window.settings.model == "tiny"
    assert app.window.windowTitle() == f"{colours[0].parent.name} · Tiny"

    with app.qtbot.waitSignal(
        app.window.session.progress_changed, check_params_cb=lambda p: not p.busy, timeout=WAIT_MS
    ) as ended:
        choose(app, "CatDog (comes with the app)")
    assert ended.args[0].known == 3, "the results of before come from the store"
    for before, row in zip(shipped, app.shown, strict=True):
        assert before is not None
        assert row.result is not None
        assert row.result.scores == before.scores
    assert app.window.settings.model == ""
    assert app.window.windowTitle() == colours[0].parent.name


def test_chosen_model_is_remembered(open_app: Callable[..., App], colours: list[Path]) -> None:
    install_tiny()
    app = open_app()
    app.wait_for(lambda: "Tiny" in choices(app))
    choose(app, "Tiny")
    app.wait_for(lambda: app.window.session.model is not None and app.window.session.model.name == "tiny")
    app.window.close()
    settings, _ = load_settings(settings_file())
    assert settings.model == "tiny"
    again = open_app(model=find_model(settings.model), settings=settings)
    again.add(*colours)
    assert verdicts(again) == [Verdict.CAT, Verdict.DOG, Verdict.UNSURE]
    again.wait_for(lambda: choices(again).get("Tiny") is True)


def test_correction_outlives_the_model(app: App, colours: list[Path]) -> None:
    app.add(*colours)
    app.window.session.correct([colours[0]], Verdict.BOTH)
    app.wait_for(lambda: app.row(colours[0]).verdict is Verdict.BOTH)
    install_tiny()
    app.window.models.refresh_models()
    app.wait_for(lambda: "Tiny" in choices(app))
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        choose(app, "Tiny")
    assert verdicts(app) == [Verdict.BOTH, Verdict.DOG, Verdict.UNSURE]
    result = app.row(colours[0]).result
    assert result is not None
    assert result.scores is not None
    assert result.scores.cat > 0.9, "the scores of the model are kept"


def test_choosing_the_current_model_does_nothing(app: App, colours: list[Path]) -> None:
    app.add(*colours)
    ready: list[object] = []
    app.window.session.model_ready.connect(ready.append)
    choose(app, "CatDog (comes with the app)")
    install_tiny()
    app.window.models.refresh_models()
    app.wait_for(lambda: "Tiny" in choices(app))
    assert ready == []
    assert choices(app)["CatDog (comes with the app)"]


def test_model_chosen_during_a_job_classifies_all_photos(app: App, make_photos: Callable[..., list[Path]]) -> None:
    install_tiny()
    app.window.models.refresh_models()
    app.wait_for(lambda: "Tiny" in choices(app))
    paths = make_photos(30)
    app.drop(files(paths))
    app.wait_for(lambda: app.window.session.gallery.rows_in(State.DONE))
    choose(app, "Tiny")
    app.wait_for(lambda: app.window.session.model is not None and app.window.session.model.name == "tiny")
    app.wait_done(30)
    scores = [row.result.scores for row in app.shown if row.result is not None and row.result.scores is not None]
    assert len(scores) == 30
    assert all(one.cat + one.dog == pytest.approx(1) for one in scores), "no score of the model before is left"


def test_broken_model_is_refused_and_current_one_stays(app: App, colours: list[Path]) -> None:
    app.add(*colours)
    before = [row.result for row in app.shown]
    tiny = install_tiny()
    app.window.models.refresh_models()
    app.wait_for(lambda: "Tiny" in choices(app))
    (tiny.folder / "model.tflite").write_bytes(b"\0\0\0\0TFL3 and no more")
    choose(app, "Tiny")
    app.wait_for(lambda: "The current model stays in use." in app.message)
    assert "is damaged" in app.message
    assert [row.result for row in app.shown] == before
    assert choices(app) == {"CatDog (comes with the app)": True, "Tiny": False}
    assert app.window.settings.model == ""


def test_broken_model_is_marked_and_can_be_removed(app: App) -> None:
    (models_folder() / "wreck").mkdir(parents=True)
    app.window.models.refresh_models()
    app.wait_for(lambda: "wreck (broken)" in choices(app))
    choose(app, "wreck (broken)")
    question = app.window.findChild(QMessageBox)
    assert "model.json is missing" in question.text()
    assert question.defaultButton().text().replace("&", "") == "Cancel"
    assert choices(app)["CatDog (comes with the app)"]
    [remove] = [button for button in question.buttons() if button.text() == "&Remove"]
    app.click(remove)
    app.wait_for(lambda: app.message == "wreck was removed.")
    app.wait_for(lambda: list(choices(app)) == ["CatDog (comes with the app)"])
    assert not (models_folder() / "wreck").exists()


def test_removing_the_current_model_returns_to_the_shipped_one(app: App, colours: list[Path]) -> None:
    assert not app.action("model.remove").isEnabled(), "the shipped model cannot be removed"
    install_tiny()
    app.window.models.refresh_models()
    app.wait_for(lambda: "Tiny" in choices(app))
    choose(app, "Tiny")
    app.wait_for(lambda: app.action("model.remove").isEnabled())
    app.add(*colours)
    app.run("model.remove")
    question = app.window.findChild(QMessageBox)
    app.key(Qt.Key.Key_Escape, on=question)
    app.wait_for(lambda: not app.window.findChildren(QMessageBox))
    assert [model.name for model in installed_models()] == ["catdog", "tiny"]
    app.run("model.remove")
    question = app.window.findChild(QMessageBox)
    app.click(next(button for button in question.buttons() if button.text() == "&Remove"))
    app.wait_for(lambda: [model.name for model in installed_models()] == ["catdog"])
    app.wait_for(lambda: app.window.session.model is not None and app.window.session.model.name == "catdog")
    app.wait_done(3)
    assert app.window.settings.model == ""
    assert not app.action("model.remove").isEnabled()


def test_model_is_saved_as_one_file(app: App, folder: Path) -> None:
    app.run("model.save")
    dialog = app.dialog(QFileDialog)
    dialog.setDirectory(str(folder))
    dialog.findChild(QLineEdit).setText("mine")
    dialog.accept()
    app.wait_for(lambda: app.message.startswith("The model was saved as"))
    assert (folder / "mine.catdog").is_file()
    app.run("model.save")
    dialog = app.dialog(QFileDialog)
    assert Path(dialog.directory().absolutePath()) == folder


def test_dropped_catdog_file_is_installed_and_used(app: App, colours: list[Path], folder: Path, tmp_path: Path) -> None:
    app.add(*colours)
    elsewhere = install_tiny(labels=["dog", "cat"])
    export_model(elsewhere.folder, folder / "given.catdog")
    (elsewhere.folder / "model.json").unlink()
    (elsewhere.folder / "model.tflite").unlink()
    elsewhere.folder.rmdir()
    app.drag(files([folder / "given.catdog"]))
    assert app.window.drop_overlay.isVisible()
    assert app.window.drop_overlay.text == "Drop to import this model"
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.drop(files([folder / "given.catdog"]))
    assert verdicts(app) == [Verdict.DOG, Verdict.CAT, Verdict.UNSURE]
    app.wait_for(lambda: choices(app).get("Tiny") is True)
    assert not [dialog for dialog in app.window.findChildren(ImportDialog) if dialog.isVisible()]
    assert app.window.settings.model == "tiny"


def test_limits_of_an_exclusive_model_are_shown(app: App, colours: list[Path]) -> None:
    app.add(*colours)

    def is_shown(sentence: str) -> bool:
        return any(sentence in label.text() for label in app.window.preview.findChildren(QLabel) if label.isVisible())

    assert not is_shown("never neither or both")
    install_tiny()
    app.window.models.refresh_models()
    app.wait_for(lambda: "Tiny" in choices(app))
    choose(app, "Tiny")
    app.wait_for(lambda: is_shown("never neither or both"))
    app.run("help.about")
    texts = " ".join(label.text() for label in app.dialog(AboutDialog).findChildren(QLabel))
    assert "never neither or both" in texts
    assert "Imported from tiny.tflite" in texts
    assert "was not measured here" in texts


def test_heat_map_of_a_model_without_maps_is_found_by_occlusion(app: App, folder: Path) -> None:
    """The tiny model sees its dog in the red part on the right of a dark photo."""
    photo = Image.new("RGB", (64, 64))
    photo.paste((255, 0, 0), (40, 8, 64, 56))
    photo.save(folder / "dog.png")
    install_tiny()
    app.window.models.refresh_models()
    app.wait_for(lambda: "Tiny" in choices(app))
    choose(app, "Tiny")
    app.wait_for(lambda: app.window.session.model is not None and app.window.session.model.name == "tiny")
    app.add(folder / "dog.png")
    view = app.window.preview.view
    app.wait_for(lambda: view.has_photo)
    assert not view.has_overlay
    app.key(Qt.Key.Key_H)  # cat
    app.key(Qt.Key.Key_H)  # dog
    app.wait_for(lambda: view.has_overlay)
    shown = [label.text() for label in app.window.preview.findChildren(QLabel) if label.isVisible()]
    assert any(text.startswith("Found by covering parts of the photo") for text in shown)
    with app.qtbot.waitSignal(
        app.window.preview.maps_requested, check_params_cb=lambda row: row is None, timeout=WAIT_MS
    ):
        app.key(Qt.Key.Key_H)  # off
    assert not view.has_overlay


def test_app_starts_with_shipped_model_if_chosen_one_is_gone() -> None:
    from catdog_desktop.gui import app as app_module
    from catdog_desktop.paths import default_model

    folder, complaint = app_module.model_folder(None, Settings(model="gone"))
    assert folder == default_model()
    assert complaint == "The model gone was not found. The model of the app is used."
    assert app_module.model_folder(None, Settings()) == (default_model(), None)
    assert app_module.model_folder(Path("x"), Settings(model="gone")) == (Path("x"), None)
    tiny = install_tiny()
    assert app_module.model_folder(None, Settings(model="tiny")) == (tiny.folder, None)
    assert app_module.model_folder(Path("tiny"), Settings()) == (tiny.folder, None)
    assert app_module.model_folder(tiny.folder, Settings()) == (tiny.folder, None)


def test_import_by_shortcut(app: App) -> None:
    menu = app.window.action_table.menu(Menu.MODEL)
    words = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert words[0] == "&Import…"
    assert app.action("model.import").shortcut().toString() == "Ctrl+I"
    app.key(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = app.dialog(QFileDialog)
    assert "*.keras" in dialog.nameFilters()[0]
    dialog.reject()


def test_disk_and_inference_never_run_in_gui_thread(
    app: App, colours: list[Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a model is imported, used, saved and removed."""
    threads_of: dict[str, set[threading.Thread]] = {}

    def record(owner: Any, name: str) -> None:
        real, seen = getattr(owner, name), threads_of.setdefault(name, set())

        def do(*args: Any, **options: Any) -> Any:
            seen.add(threading.current_thread())
            return real(*args, **options)

        monkeypatch.setattr(owner, name, do)

    record(Classifier, "classify")
    record(model_file, "check_description")
    for name in ("check_description", "load_model_file"):
        record(installed_models_module, name)
    for name in ("installed_models", "remove_model"):
        record(model_commands, name)
    record(model_archive, "export_model")
    record(example_results, "decode_for_view")
    app.add(*colours)
    (folder / "brought.tflite").write_bytes(tiny_flatbuffer())
    app.drop(files([folder / "brought.tflite"]))
    dialog = app.dialog(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    app.wait_for(lambda: dialog.page == "questions" and all(line.cat.score is not None for line in dialog.photos.lines))
    dialog.findChild(QDialogButtonBox).accepted.emit()
    app.wait_for(lambda: app.action("model.remove").isEnabled() and not app.window.findChildren(ImportDialog))
    app.run("view.next_heat_map")  # not by its key: on a screen in memory no window becomes active again after a dialog
    app.wait_for(lambda: app.window.preview.view.has_overlay)
    app.run("model.save")
    picker = app.dialog(QFileDialog)
    picker.setDirectory(str(folder))
    picker.findChild(QLineEdit).setText("on")
    picker.accept()
    app.wait_for((folder / "on.catdog").is_file)
    app.run("model.remove")
    question = app.window.findChild(QMessageBox)
    app.click(next(button for button in question.buttons() if button.text() == "&Remove"))
    app.wait_for(lambda: not app.action("model.remove").isEnabled() and not (models_folder() / "brought").exists())
    idle = [name for name, threads in threads_of.items() if not threads]
    assert idle == [], "some function was never called where the test records it"
    assert [name for name, threads in threads_of.items() if threading.main_thread() in threads] == []
