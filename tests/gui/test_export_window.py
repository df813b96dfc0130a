"""Exporting in the window: the dialog, the files written, the bar, and the undo of keywords."""

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import WAIT_MS, App
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sort_steps import activate, press, tab_to
from xmp_samples import ADOBE, FLAT, read

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.exporting.export_file import ExportFormat
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.exporting import export_commands, export_job
from catdog_desktop.gui.exporting.export_dialog import ExportDialog
from catdog_desktop.gui.selection_scope import Scope
from catdog_desktop.gui.widgets.job_bar import JobBar
from catdog_desktop.languages.choice import use_language
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Verdict

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def photos(make_photos: Callable[..., list[Path]]) -> list[Path]:
    """Six photos: two cats, four of neither."""
    return make_photos(6)


def open_dialog(app: App) -> ExportDialog:
    activate(app)
    app.key(Qt.Key.Key_E, CTRL)
    dialog = app.dialog(ExportDialog)
    assert isinstance(dialog, ExportDialog)
    app.wait_for(lambda: QApplication.activeWindow() is dialog)
    return dialog


def bar(app: App) -> JobBar:
    return app.window.exports.bar


def wait_for_bar(app: App, sentence: str) -> None:
    app.wait_for(lambda: not app.window.exports.is_running and bar(app).text == sentence)


def export_as(app: App, format_: ExportFormat, path: Path | None = None) -> ExportDialog:
    dialog = open_dialog(app)
    dialog.formats[format_].click()
    if path is not None:
        dialog.file.setText(str(path))
    app.click(dialog.export)
    return dialog


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_export_to_csv_with_the_keyboard_alone(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    tab_to(app, dialog.file)
    dialog.file.selectAll()
    app.qtbot.keyClicks(dialog.file, str(tmp_path / "pets.csv"))  # type: ignore[no-untyped-call]
    app.key(Qt.Key.Key_Return, on=dialog.file)
    wait_for_bar(app, "6 photos exported to “pets.csv”.")
    assert [row["path"] for row in rows(tmp_path / "pets.csv")] == [str(photo) for photo in photos]
    assert bar(app).button_texts == ["Show"]
    assert app.window.settings.export_to == str(tmp_path)


def test_show_reveals_the_exported_file(
    app: App, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(export_commands, "reveal", lambda path, _say: shown.append(path))
    app.add(*photos)
    export_as(app, ExportFormat.JSON_LINES, tmp_path / "pets.jsonl")
    wait_for_bar(app, "6 photos exported to “pets.jsonl”.")
    press(app, "Show", bar(app))
    assert shown == [tmp_path / "pets.jsonl"]


def test_export_of_shown_or_selected_photos(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    app.window.filtering.set_filter(Filter.CAT)
    dialog = export_as(app, ExportFormat.CSV, tmp_path / "cats.csv")
    assert [dialog.scope.itemText(number) for number in range(dialog.scope.count())] == [
        "The 2 photos shown",
        "All 6 photos",
    ]
    wait_for_bar(app, "2 photos exported to “cats.csv”.")
    app.window.filtering.set_filter(Filter.ALL)
    app.select(photos[:3])
    dialog = open_dialog(app)
    assert dialog.scope.currentText() == "The 3 selected photos"
    dialog.file.setText(str(tmp_path / "three.csv"))
    app.click(dialog.export)
    wait_for_bar(app, "3 photos exported to “three.csv”.")
    assert len(rows(tmp_path / "three.csv")) == 3


def test_contact_sheet_has_thumbnails_and_corrections(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    with app.qtbot.waitSignal(app.window.session.corrected, timeout=WAIT_MS):
        app.window.session.correct([photos[1]], Verdict.DOG)
    export_as(app, ExportFormat.CONTACT_SHEET, tmp_path / "pets.html")
    wait_for_bar(app, "6 photos exported to “pets.html”.")
    source = (tmp_path / "pets.html").read_text(encoding="utf-8")
    assert source.count("data:image/jpeg") == 6
    assert "dog (your verdict)" in source


def test_existing_file_is_replaced_only_if_the_user_agrees(app: App, photos: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    path.write_text("mine")
    app.add(*photos)
    dialog = export_as(app, ExportFormat.CSV, path)
    app.wait_for(lambda: dialog.error.isVisible())
    assert dialog.error.text() == "“pets.csv” already exists. Replace it, or choose another name."
    assert dialog.export.text() == "&Replace"
    assert path.read_text() == "mine"
    (tmp_path / "other.csv").write_text("also mine")
    dialog.file.setText(str(tmp_path / "other.csv"))
    assert dialog.export.text() == "&Export", "the user agreed for another file"
    app.click(dialog.export)
    app.wait_for(lambda: dialog.error.isVisible())
    assert (tmp_path / "other.csv").read_text() == "also mine"
    dialog.file.setText(str(path))
    app.click(dialog.export)
    app.wait_for(lambda: dialog.export.text() == "&Replace")
    app.click(dialog.export)
    wait_for_bar(app, "6 photos exported to “pets.csv”.")
    assert len(rows(path)) == 6


def test_invalid_file_is_refused_until_it_is_changed(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    (tmp_path / "folder.csv").mkdir()
    dialog = open_dialog(app)
    for file, sentence in (
        ("", "Enter the full path"),
        ("pets.csv", "Enter the full path"),
        (tmp_path / "gone" / "pets.csv", "There is no folder"),
        (tmp_path / "folder.csv", "is a folder"),
    ):
        dialog.file.setText(str(file))
        assert not dialog.error.isVisible(), "the error goes when the field changes"
        app.click(dialog.export)
        app.wait_for(lambda sentence=sentence: sentence in dialog.error.text())
        assert dialog.isVisible()
        assert dialog.export.isEnabled()
    app.key(Qt.Key.Key_Escape, on=dialog)


def test_format_changes_the_suffix_of_the_file(app: App, photos: list[Path]) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    dialog.file.setText("/photos/my.pets.csv")
    dialog.formats[ExportFormat.CONTACT_SHEET].click()
    assert dialog.file.text() == str(Path("/photos/my.pets.html"))
    dialog.formats[ExportFormat.XMP].click()
    assert not dialog.file.isEnabled()
    assert dialog.hint.text() == "2 photos get keywords."
    dialog.formats[ExportFormat.CSV].click()
    assert dialog.csv_style.isEnabled()
    assert dialog.file.text() == str(Path("/photos/my.pets.csv"))
    app.key(Qt.Key.Key_Escape, on=dialog)


def test_keywords_are_written_and_undone(app: App, photos: list[Path], folder: Path) -> None:
    (folder / "IMG_1.xmp").write_bytes(ADOBE)
    before = sorted(os.listdir(folder))
    app.add(*photos)
    export_as(app, ExportFormat.XMP)
    wait_for_bar(app, "Keywords written for 2 photos.")
    assert read((folder / "IMG_1.xmp").read_bytes(), FLAT) == ["Holiday", "Lake & shore", "cat"]
    assert len(os.listdir(folder)) == len(before) + 1
    assert bar(app).button_texts == ["Undo", "Show"]
    press(app, "Undo", bar(app))
    wait_for_bar(app, "Keywords removed from 2 photos.")
    assert sorted(os.listdir(folder)) == before
    assert (folder / "IMG_1.xmp").read_bytes() == ADOBE


def test_names_of_new_sidecars_are_chosen_and_kept(app: App, photos: list[Path], folder: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    assert not dialog.sidecar_names.isEnabled()
    dialog.formats[ExportFormat.XMP].click()
    assert dialog.sidecar_names.isEnabled()
    dialog.sidecar_names.setCurrentIndex(dialog.sidecar_names.findData("adobe"))
    dialog.export.click()
    wait_for_bar(app, "Keywords written for 2 photos.")
    assert sorted(path.name for path in folder.glob("*.xmp")) == ["IMG_1.xmp", "IMG_4.xmp"]
    assert app.window.settings.sidecar_names == "adobe"
    assert open_dialog(app).sidecar_names.currentData() == "adobe"


def test_keywords_are_english_until_translation_is_chosen(
    open_app: Callable[..., App], photos: list[Path], folder: Path
) -> None:
    use_language("de")
    try:
        app = open_app()
        app.wait_for(lambda: app.window.session.model is not None)
        app.add(*photos)
        dialog = open_dialog(app)
        assert dialog.keywords.isVisible()
        assert not dialog.keywords.isEnabled()
        dialog.formats[ExportFormat.XMP].click()
        assert dialog.keywords.currentText() == "cat, dog"
        dialog.keywords.setCurrentIndex(1)
        assert dialog.keywords.currentText() == "Katze, Hund"
        dialog.export.click()
        app.wait_for(lambda: not app.window.exports.is_running and len(list(folder.glob("*.xmp"))) == 2)
    finally:
        use_language("en")
    assert {tuple(read(path.read_bytes(), FLAT)[-1:]) for path in folder.glob("*.xmp")} == {("Katze",)}
    assert app.window.settings.keywords["cat"] == "Katze"
    dialog = open_dialog(app)
    assert [dialog.keywords.itemText(row) for row in range(2)] == ["cat, dog", "Katze, Hund"]
    assert dialog.keywords.currentText() == "Katze, Hund", "what was chosen stays in another language"


def test_no_keywords_are_offered_in_english(app: App, photos: list[Path]) -> None:
    app.add(*photos)
    assert not open_dialog(app).keywords.isVisible()


def test_undo_last_keywords_leaves_a_changed_sidecar(app: App, photos: list[Path], folder: Path) -> None:
    app.add(*photos)
    app.run("file.undo_keywords")
    wait_for_bar(app, "There are no keywords to undo.")
    export_as(app, ExportFormat.XMP)
    wait_for_bar(app, "Keywords written for 2 photos.")
    sidecar = next(folder.glob("*.xmp"))
    sidecar.write_bytes(sidecar.read_bytes() + b"<!-- mine -->")
    activate(app)
    app.run("file.undo_keywords")
    wait_for_bar(app, "Keywords removed from 1 photo. 1 photo failed.")
    assert bar(app).button_texts == ["Details"]
    assert [path.name for path in folder.glob("*.xmp")] == [sidecar.name]


def test_export_of_empty_gallery_is_disabled(app: App) -> None:
    assert not app.action("file.export").isEnabled()


def test_stopped_export_writes_nothing(
    app: App, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.add(*photos)
    begun: list[int] = []
    write = export_job.write_export

    def write_once_stopped(*args: Any, cancel_token: CancelToken, **options: Any) -> None:
        begun.append(1)
        assert cancel_token.wait(60)
        write(*args, cancel_token=cancel_token, **options)

    monkeypatch.setattr(export_job, "write_export", write_once_stopped)
    export_as(app, ExportFormat.CSV, tmp_path / "pets.csv")
    app.wait_for(lambda: begun == [1])
    assert not app.action("file.export").isEnabled()
    press(app, "Stop", bar(app))
    wait_for_bar(app, "The export was stopped. Nothing was written.")
    assert not (tmp_path / "pets.csv").exists()
    assert app.action("file.export").isEnabled()


def test_dialog_fits_full_hd_at_twice_the_size(qtbot: QtBot) -> None:
    """Such a screen is 960 × 540 pixels of Qt, a panel and the title bar take some 70 of them."""
    dialog = ExportDialog([Scope("All", [])], Settings())
    qtbot.addWidget(dialog)
    needed = dialog.minimumSizeHint()
    assert needed.width() <= 960
    assert needed.height() <= 470
    assert dialog.sizeHint().height() > needed.height(), "where there is space, nothing scrolls"


def test_csv_style_follows_the_language(open_app: Callable[..., App], photos: list[Path], tmp_path: Path) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    try:
        app = open_app(settings=Settings(export_to=str(tmp_path)))
        app.add(*photos)
        dialog = open_dialog(app)
        assert dialog.csv_style.currentText().startswith("0,5")
        assert dialog.file.text() == str(tmp_path / "Cats and dogs.csv")
        app.click(dialog.export)
        wait_for_bar(app, "6 photos exported to “Cats and dogs.csv”.")
    finally:
        QLocale.setDefault(before)
    assert ";verdict;" in (tmp_path / "Cats and dogs.csv").read_text(encoding="utf-8-sig")
