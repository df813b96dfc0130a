"""Open dialogs, questions and parts of the window that no single action shows, for tests that look at all of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from driving import App, files
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QToolButton, QWidget
from sort_steps import activate, make_plan, open_dialog
from tiny_models import tiny_flatbuffer

from catdog_desktop.discovery.skip_rules import system_folder_kind
from catdog_desktop.exporting.export_file import ExportFormat
from catdog_desktop.gui.dialogs import ListDialog
from catdog_desktop.gui.exporting.export_dialog import ExportDialog
from catdog_desktop.gui.learning.lesson_dialog import LessonDialog
from catdog_desktop.gui.learning.threshold_dialog import ThresholdDialog
from catdog_desktop.gui.library.locate_dialog import LocateDialog
from catdog_desktop.gui.model_import.class_list import ClassList
from catdog_desktop.gui.model_import.import_dialog import ImportDialog
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.gui.settings.stored_data import ForgetDialog
from catdog_desktop.gui.sorting.sort_again_dialog import SortAgainDialog
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.inference.installed_models import installed_models
from catdog_desktop.learning.head import Head
from catdog_desktop.learning.learnt_file import LearntHead
from catdog_desktop.learning.lesson import Change, Lesson
from catdog_desktop.learning.standard_set import StandardFigures
from catdog_desktop.learning.threshold_curve import CheckedPhotos
from catdog_desktop.messages import _
from catdog_desktop.model_import.errors import NoTensorFlowError
from catdog_desktop.model_import.protection import warning_for
from catdog_desktop.sandbox.confinement import Confinement
from catdog_desktop.sorting.options import Action
from catdog_desktop.verdict import Scores, Thresholds, Verdict

_Dialog = TypeVar("_Dialog", bound=QDialog)
LABELS = ("retriever", "tabby", "teapot", "hammer")
"""Names of the classes of a model. They are not translated."""
FILE_DIALOGS = {
    "open photos": "file.open_photos",
    "open folder": "file.open_folder",
    "save problems": "photos.save_problems",
    "import model": "model.import",
    "import model folder": "model.import_folder",
    "save model": "model.save",
    "back up": "file.back_up",
    "restore": "file.restore",
    "save report": "help.save_report",
}
"""The file dialogs of the window, and the actions that open them."""
QUESTIONS = {
    "gui/undo_commands.py:_ask": "question: undo a sort",
    "gui/library/backup_commands.py:_ask_about_models": "question: back up models",
    "gui/library/backup_commands.py:_ask_to_restore": "question: restore",
    "gui/sorting/sort_dialog.py:_ask_about_system_folders": "question: system folder",
    "gui/settings/stored_data.py:_confirm": "question: forget",
    "gui/photo_commands.py:_ask_whether_to_mark": "question: mark many",
    "gui/trash_commands.py:_ask": "question: trash",
    "gui/model_import/model_commands.py:_ask_whether_to_remove": "question: remove a model",
}
"""The function that makes each `QMessageBox`, and the state that shows it."""


def further_states(app: App, folder: Path, photos: list[Path]) -> Iterator[tuple[str, QWidget]]:
    """Yield the name and the widget of each state; the gallery shows `photos` of `folder`."""
    yield from _parts(app)
    yield from _file_dialogs(app)
    yield from _sorting(app, folder, photos)
    yield from _questions(app, folder, photos)
    yield from _learning(app, photos)
    yield from _import(app, folder)


def _parts(app: App) -> Iterator[tuple[str, QWidget]]:
    """Parts of the window that come and go."""
    window = app.window
    if app.action("view.more_filters").isChecked():
        app.run("view.more_filters")  # they were a state before
    window.tour.begin()
    for step in range(1, 4):
        yield f"tour {step}", window
        window.tour.next.click()
    app.drag(files([Path.home()]))
    yield "drag", window
    app.leave()
    window.header.search.setText("no photo has this name")
    app.wait_for(window.gallery.no_matches.isVisible)
    yield "no matches", window
    window.header.search.clear()
    app.wait_for(lambda: not window.gallery.no_matches.isVisible())
    window.card_menu.on_a_photo.popup(window.pos())
    yield "menu of a card", window.card_menu.on_a_photo
    window.card_menu.on_a_photo.close()


def _file_dialogs(app: App) -> Iterator[tuple[str, QWidget]]:
    for name, action in FILE_DIALOGS.items():
        app.run(action)
        yield from _closed_after(f"file dialog: {name}", _only(app, QFileDialog))
    kinds: dict[str, type[SortDialog | ExportDialog | LocateDialog]] = {
        "file.sort": SortDialog,
        "file.export": ExportDialog,
        "file.locate_folder": LocateDialog,
    }
    for action, kind in kinds.items():
        app.run(action)
        dialog = _only(app, kind)
        assert [type(each).__name__ for each in _open_dialogs(app, QDialog)] == [kind.__name__]
        if isinstance(dialog, ExportDialog):
            for format_, button in dialog.formats.items():
                button.click()
                yield f"export: {format_.value}", dialog
            dialog.formats[ExportFormat.CSV].click()
            dialog.offer_replacing(Path("photos.csv"))
            yield "export: replace", dialog
        app.click(dialog.choices.choose if isinstance(dialog, SortDialog) else dialog.choose)
        yield from _closed_after(f"file dialog of {kind.__name__}", _only(app, QFileDialog))
        yield from _closed_after(f"{kind.__name__} again", dialog)


def _sorting(app: App, folder: Path, photos: list[Path]) -> Iterator[tuple[str, QWidget]]:
    """The plan, its parts, the bar after the sort, *Sort again*."""
    target = folder.parent / "sorted"
    taken = target / "neither" / photos[2].name
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"another file")  # so that a photo gets a new name
    dialog = open_dialog(app)
    dialog.choices.destination.setText("relative")
    app.click(dialog.preview)
    yield "sort: error", dialog
    dialog.choices.action_buttons[Action.MOVE].click()
    make_plan(app, dialog, target)
    for number in range(dialog.plan_page.part.count()):
        dialog.plan_page.part.setCurrentIndex(number)
        yield f"sort plan, part {number}", dialog
    dialog.start.click()
    app.wait_for(lambda: not app.window.sort.is_running)
    yield "bar of sort", app.window
    app.run("file.sort_again")
    app.wait_for(lambda: _open_dialogs(app, SortAgainDialog))
    (again,) = _open_dialogs(app, SortAgainDialog)
    app.wait_for(lambda: again.plan is not None or again.error)
    yield from _closed_after("sort again", again)
    activate(app)
    app.run("edit.undo")
    question = _only(app, QMessageBox)
    yield QUESTIONS["gui/undo_commands.py:_ask"], question
    question.defaultButton().click()
    app.wait_for(lambda: not app.window.sort.is_running and all(path.exists() for path in photos))
    app.wait_done(app.window.session.gallery.total)


def _questions(app: App, folder: Path, photos: list[Path]) -> Iterator[tuple[str, QWidget]]:
    window = app.window
    dialog = open_dialog(app)
    make_plan(app, dialog, folder.parent / "elsewhere")
    assert dialog._plan is not None
    kind = system_folder_kind(".Trash-1000") or ""
    dialog.show_plan(dialog._plan, (), {folder: kind, folder.parent: kind})
    app.click(dialog.start)
    name = QUESTIONS["gui/sorting/sort_dialog.py:_ask_about_system_folders"]
    yield from _closed_after(name, _only(app, QMessageBox))
    yield from _closed_after("sort plan", dialog)

    rows = [app.row(path) for path in photos]
    for verdict in (Verdict.CAT, Verdict.NEITHER, None):
        window.photos._ask_whether_to_mark(rows, verdict)
        name = QUESTIONS["gui/photo_commands.py:_ask_whether_to_mark"]
        yield from _closed_after(name, _only(app, QMessageBox))

    photos[0].with_suffix(".xmp").write_text("made by a test")
    app.window.gallery.select_paths(photos[:2])
    app.run("edit.trash")
    yield from _closed_after(QUESTIONS["gui/trash_commands.py:_ask"], _only(app, QMessageBox))
    photos[0].with_suffix(".xmp").unlink()

    app.run("edit.settings")
    settings = _only(app, SettingsDialog)
    app.wait_for(settings.stored_data.forget.isEnabled)
    app.click(settings.stored_data.forget)
    forget = _only(app, ForgetDialog)
    for box in forget.boxes.values():
        box.setChecked(True)
    yield "forget", forget
    app.click(forget.forget)
    yield from _closed_after(QUESTIONS["gui/settings/stored_data.py:_confirm"], _only(app, QMessageBox))
    yield from _closed_after("settings again", settings)

    backup = folder.parent / "all.catdog-backup"
    for count in (1, 2):
        window.backups._ask_about_models(backup, count)
        name = QUESTIONS["gui/library/backup_commands.py:_ask_about_models"]
        yield from _closed_after(name, _only(app, QMessageBox))
    window.backups._write(backup, with_models=False)
    app.wait_for(lambda: not window.backups.is_running and backup.exists())
    yield "bar of backup", window
    window.backups._read(backup)
    app.wait_for(lambda: _open_dialogs(app, QMessageBox))
    yield from _closed_after(QUESTIONS["gui/library/backup_commands.py:_ask_to_restore"], _only(app, QMessageBox))
    broken = replace(installed_models()[0], problem=_("The stored data cannot be read."))
    window.models.use(broken)
    name = QUESTIONS["gui/model_import/model_commands.py:_ask_whether_to_remove"]
    yield from _closed_after(name, _only(app, QMessageBox))
    missing = [(folder / "gone.jpg", _("is missing."))]
    window.library.show_list(_("Locate moved folder"), _("These photos keep their old paths."), missing)
    yield from _closed_after("details of a job", _only(app, ListDialog))


def _learning(app: App, photos: list[Path]) -> Iterator[tuple[str, QWidget]]:
    learnt = LearntHead(Head(np.zeros((128, 2), np.float32)), "made by a test", 12, 9, "2026-01-31")
    change = Change(photos[0], Verdict.DOG, Verdict.NEITHER, Scores(0.1, 0.8), Scores(0.1, 0.2))
    better, worse = StandardFigures(1000, 999, 1000, 1), StandardFigures(1000, 900, 1000, 100)
    lesson = Lesson(learnt, 3, 12, 2, 0, (change, replace(change, path=photos[1])), better, worse)
    for name, shown in (
        ("what was learnt", lesson),
        ("nothing changes", replace(lesson, changes=(), standard_before=None, standard_after=None)),
    ):
        dialog = LessonDialog(shown, app.window.session.thumbnail, app.window)
        dialog.open()
        yield from _closed_after(name, dialog)
    chance = np.random.default_rng(1)
    codes = chance.integers(0, 4, 40).astype(np.int8)
    scores = np.clip(np.array([[1, 0], [0, 1], [1, 1], [0, 0]])[codes] * 0.6 + chance.random((40, 2)) * 0.4, 0, 1)
    comparison = ThresholdDialog(CheckedPhotos(scores, codes), Thresholds(), app.window)
    comparison.open()
    yield "comparison with your verdicts", comparison
    comparison.save.click()
    yield from _closed_after("file dialog: comparison", _only(app, QFileDialog))
    yield from _closed_after("comparison", comparison)


def _import(app: App, folder: Path) -> Iterator[tuple[str, QWidget]]:
    """All pages of the import. The files are beside the folder, which is open in the window."""
    place = folder.parent / "models"
    place.mkdir()
    for classes in (1, 4):
        source = place / f"model with {classes} outputs.tflite"
        source.write_bytes(tiny_flatbuffer(classes, "sigmoid" if classes == 1 else "softmax", free=classes == 4))
        (place / f"{source.stem}_labels.txt").write_text("\n".join(LABELS[:classes]), encoding="utf-8")
        yield from _import_pages(app, source, classes)


def _import_pages(app: App, source: Path, classes: int) -> Iterator[tuple[str, QWidget]]:
    app.drop(files([source]))
    dialog = _only(app, ImportDialog)
    app.wait_for(lambda: dialog.page == "questions")
    for button in dialog.findChildren(QToolButton):
        if button.isCheckable():
            button.setChecked(True)  # the section of further questions
    for class_list in dialog.findChildren(ClassList)[:1]:
        class_list.check("1", checked=True)
    app.wait_for(lambda: any(line.cat.score is not None for line in dialog.photos.lines) and dialog.limits.text())
    yield f"import: questions about {classes} outputs", dialog
    if classes == 1:
        dialog._show_progress_page()
        yield "import: progress", dialog
        for number, protected in enumerate(((), ("files",), ("network",))):
            dialog._show_warning_page(warning_for(Confinement(protected)))
            yield f"import: warning {number}", dialog
        dialog._show_problem_page(NoTensorFlowError("my pets.keras"))
        yield "import: problem", dialog
    dialog.reject()
    app.wait_for(lambda: not app.window.findChildren(ImportDialog))


def _open_dialogs(app: App, kind: type[_Dialog]) -> list[_Dialog]:
    return [dialog for dialog in app.window.findChildren(kind) if dialog.isVisible()]


def _only(app: App, kind: type[_Dialog]) -> _Dialog:
    """Wait for a dialog of this class, and return it."""
    app.wait_for(lambda: _open_dialogs(app, kind))
    (dialog,) = _open_dialogs(app, kind)
    return dialog


def _closed_after(name: str, dialog: QDialog) -> Iterator[tuple[str, QWidget]]:
    yield name, dialog
    dialog.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
