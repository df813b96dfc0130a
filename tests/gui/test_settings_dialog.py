"""Settings: they take effect at once and are saved; an invalid file does not prevent the start."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPushButton, QSlider

from catdog_desktop import pipeline
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings, load_settings, save_settings
from catdog_desktop.verdict import Verdict


@pytest.fixture
def dialog(app: App, cat: Path) -> SettingsDialog:
    app.add(cat)
    app.key(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = app.dialog(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    return dialog


def _button(dialog: SettingsDialog, text: str) -> QPushButton:
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == text]
    return button


def test_dialog_initially_shows_recommended_thresholds(app: App, dialog: SettingsDialog) -> None:
    limits = app.window.session.model.thresholds
    assert [slider.value() for slider in (dialog.cat, dialog.dog, dialog.unsure)] == [
        round(limits.cat * 100), round(limits.dog * 100), round(limits.unsure * 100),
    ]  # fmt: skip


def test_slider_changes_verdicts_without_classifying(
    app: App, dialog: SettingsDialog, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(pipeline, "classify_photo", lambda *args, **kwargs: calls.append(args))
    row = app.row(cat)
    result, scores = row.result, row.result.scores
    dialog.unsure.setValue(0)
    dialog.cat.setValue(max(1, round(scores.cat * 100) - 5))
    dialog.dog.setValue(min(99, round(scores.dog * 100) + 5))
    assert row.verdict is Verdict.CAT
    dialog.cat.setValue(99)
    expected = Verdict.CAT if scores.cat >= 0.99 else Verdict.NEITHER
    assert row.verdict is expected
    dialog.unsure.setValue(45)
    dialog.cat.setValue(round(scores.cat * 100) - 10)
    assert row.verdict is Verdict.UNSURE
    assert "maybe a cat, maybe a dog" in app.heard(cat)
    assert row.result is result
    assert calls == []


def test_reset_restores_recommended_thresholds(app: App, dialog: SettingsDialog, cat: Path) -> None:
    limits = app.window.session.model.thresholds
    before = app.row(cat).verdict
    dialog.cat.setValue(1)
    dialog.dog.setValue(1)
    dialog.unsure.setValue(45)
    assert app.window.settings.cat_threshold == 0.01
    app.click(_button(dialog, "Reset to recommended"))
    assert app.window.settings.cat_threshold is None
    assert app.window.settings.unsure_band is None
    assert dialog.cat.value() == round(limits.cat * 100)
    assert app.row(cat).verdict is before
    assert app.window.session.gallery.thresholds == limits


def test_slider_stores_only_its_own_threshold(app: App, dialog: SettingsDialog) -> None:
    of_model = app.window.session.model.thresholds
    dialog.dog.setValue(77 if dialog.dog.value() != 77 else 78)
    settings = app.window.settings
    assert (settings.cat_threshold, settings.unsure_band) == (None, None)
    limits = app.window.session.gallery.thresholds
    assert (limits.cat, limits.dog, limits.unsure) == (of_model.cat, dialog.dog.value() / 100, of_model.unsure)


def test_slider_extremes_are_valid_settings(app: App, dialog: SettingsDialog) -> None:
    for slider in dialog.findChildren(QSlider):
        for value in (slider.minimum(), slider.maximum()):
            slider.setValue(value)
            app.window.settings.check()
            assert app.window.session.gallery.thresholds == app.window.settings.thresholds(
                app.window.session.model.thresholds
            )


def test_slider_label_describes_threshold(app: App, dialog: SettingsDialog) -> None:
    dialog.cat.setValue(60)
    dialog.dog.setValue(50)
    dialog.unsure.setValue(10)
    texts = [label.text().replace("&", "") for label in dialog.findChildren(QLabel)]
    assert "Cat if score is at least 60%" in texts
    assert "Unsure range: ±10 points (cat 50–70%, dog 40–60%)" in texts
    dialog.unsure.setValue(0)
    texts = [label.text().replace("&", "") for label in dialog.findChildren(QLabel)]
    assert "Unsure range: none" in texts


def test_theme_and_jobs_change_settings(app: App, dialog: SettingsDialog) -> None:
    dialog.theme.setCurrentIndex(2)
    assert app.window.settings.theme == "dark"
    dialog.jobs.setValue(3)
    assert app.window.settings.jobs == 3
    dialog.jobs.setValue(0)
    assert app.window.settings.jobs is None
    assert dialog.jobs.text().startswith("One per core (")
    app.key(Qt.Key.Key_Space, on=dialog.thorough)
    assert app.window.settings.thorough


def test_close_keeps_changes(app: App, dialog: SettingsDialog) -> None:
    dialog.cat.setValue(70)
    app.click(dialog.findChild(QDialogButtonBox).buttons()[0])
    assert app.window.settings.cat_threshold == 0.7
    app.wait_for(lambda: not app.window.findChildren(SettingsDialog))
    app.run("edit.settings")
    again = app.dialog(SettingsDialog)
    assert again.cat.value() == 70


def test_dialog_keeps_settings_changed_elsewhere(app: App, dialog: SettingsDialog) -> None:
    dialog.accept()
    app.run("view.sort.name")
    app.run("view.list")
    app.run("edit.settings")
    app.dialog(SettingsDialog).cat.setValue(33)
    assert (app.window.settings.sort_key, app.window.settings.view) == ("name", "list")


# Saved from one start to the next.


def test_settings_are_restored_by_next_window(open_app: Callable[..., App]) -> None:
    first = open_app()
    first.run("view.theme.dark")
    first.run("view.list")
    first.run("view.sort.cat")
    first.window.appearance.set_card_width(300)
    first.run("edit.settings")
    first.dialog(SettingsDialog).cat.setValue(66)
    first.window.resize(760, 640)
    first.window.close()
    saved, complaint = load_settings(settings_file())
    assert complaint is None
    assert (saved.theme, saved.view, saved.sort_key, saved.card_width) == ("dark", "list", "cat", 300)
    second = open_app(settings=saved)
    window = second.window
    assert second.action("view.theme.dark").isChecked()
    assert second.action("view.list").isChecked()
    assert second.action("view.sort.cat").isChecked()
    assert window.session.gallery.query.sort_key == "cat"
    assert window.session.gallery.query.descending
    assert window.settings.card_width == 300
    assert (window.width(), window.height()) == (760, 640)
    second.wait_for(lambda: window.session.model is not None)
    assert window.session.gallery.thresholds.cat == 0.66
    assert window.palette().window().color().lightness() < 80


def test_settings_are_saved_while_window_is_open(app: App) -> None:
    """The computer may be switched off."""
    app.run("view.list")
    app.wait_for(settings_file().is_file)
    app.wait_for(lambda: load_settings(settings_file())[0].view == "list")


def test_settings_save_failure_is_reported(app: App, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "config").write_text("a file where the folder should be", encoding="utf-8")
    app.run("view.list")
    app.wait_for(lambda: "could not be saved" in app.message)
    assert app.window.settings.view == "list"


@pytest.mark.parametrize("window", ["", "no base64!", "AAAA", "AAAA BBBB", "QUJD QUJD", "é"])
def test_window_invalid_geometry_opens_normally(open_app: Callable[..., App], window: str) -> None:
    app = open_app(settings=Settings(window=window))
    assert app.window.isVisible()
    assert app.window.width() >= 400


def test_card_width_beyond_slider_is_kept(open_app: Callable[..., App]) -> None:
    """The slider has a smaller range than the file: 480 must not become 400."""
    save_settings(settings_file(), Settings(card_width=480))
    app = open_app(settings=load_settings(settings_file())[0])
    app.window.close()
    assert json.loads(settings_file().read_text(encoding="utf-8"))["card_width"] == 480


def test_patterns_to_skip_are_saved_when_valid(app: App, dialog: SettingsDialog) -> None:
    dialog.exclude.setPlainText("*_edited.jpg\nScreenshots/\n")
    assert app.window.settings.exclude == "*_edited.jpg\nScreenshots/"
    assert not dialog.exclude_error.isVisible()


def test_invalid_pattern_is_reported_and_not_saved(app: App, dialog: SettingsDialog) -> None:
    dialog.exclude.setPlainText("Screenshots/")
    dialog.exclude.setPlainText("Screenshots/\n!")
    assert dialog.exclude_error.text() == "“!” is not a valid pattern."
    assert app.window.settings.exclude == "Screenshots/"
    dialog.exclude.setPlainText("")
    assert dialog.exclude_error.text() == ""
    assert app.window.settings.exclude == ""
