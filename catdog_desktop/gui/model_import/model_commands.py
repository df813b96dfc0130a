"""The menu *Model*: which model classifies, bringing one, passing one on, taking one away."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMessageBox

from catdog_desktop.file_kinds import MODEL_SUFFIXES
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.action_table import Choice
from catdog_desktop.gui.actions import Menu
from catdog_desktop.gui.status_text import VERDICT_WORDS
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.viewer.occlusion_heat import OcclusionHeatMaps
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.inference.installed_models import InstalledModel, installed_models, remove_model
from catdog_desktop.inference.model_file import ModelError, ModelFile

if TYPE_CHECKING:
    from catdog_desktop.gui.model_import.import_dialog import ImportDialog

SAVED_MODEL: Final = "saved_model.pb"
"""The file by which a folder is known for a SavedModel."""


class ModelCommands(QObject):
    """What the menu *Model* does. Whatever touches the disk runs beside the GUI thread."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        session, preview = context.session, context.preview
        self._window = context.window
        self._session = session
        self._settings = context.settings
        self._actions = context.actions
        self._errands = context.tasks
        self._say = context.say
        self._dialogs: list[ImportDialog] = []
        self._models: list[InstalledModel] = []
        self._wanted: ModelFile | InstalledModel | None = None
        """Chosen a moment ago; it is kept in the settings once it works."""
        self.choices: list[QAction] = []
        """One for each model, in the order of the menu."""
        bind = context.actions.bind
        bind("model.import", self.ask_for_file)
        bind("model.import_folder", self.ask_for_folder)
        bind("model.save", self.ask_where_to_save, enabled=lambda: self._session.model is not None)
        bind("model.remove", self.ask_whether_to_remove, enabled=self._can_remove)
        context.actions.menu(Menu.MODEL).aboutToShow.connect(self.look_again)
        self._heat_errands = TaskQueue(session.failed.emit, self)
        self._heat = OcclusionHeatMaps(self._heat_errands, self)
        self._heat.maps_ready.connect(preview.show_maps)
        preview.maps_wanted.connect(self._want_heat)
        session.model_ready.connect(self._heat.use_model)
        session.model_ready.connect(preview.show_model)
        session.model_ready.connect(self._on_ready)
        session.model_refused.connect(self._on_refused)

    # What the menu's entries do.

    def look_again(self) -> None:
        """List the models as they are on the disk now."""
        self._errands.run(installed_models, self._show_models)

    def use(self, model: InstalledModel) -> None:
        """Classify by another model from now on."""
        if model.problem:
            self._actions.refresh()
            self._ask_whether_to_remove(model, f"{model.title} cannot be used. {model.problem} Remove it?")
            return
        if model is self._current():
            return
        self._wanted = model
        self._session.use_model(model.folder)

    def ask_for_file(self) -> None:
        """Let the user choose the file of a model."""
        dialog = self._picker("Import a model", QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in sorted(MODEL_SUFFIXES))
        dialog.setNameFilters([f"Models ({patterns} {SAVED_MODEL} *.zip)", "All files (*)"])
        dialog.fileSelected.connect(lambda name: self.bring_from(Path(name)))
        dialog.open()

    def ask_for_folder(self) -> None:
        """Let the user choose the folder of a SavedModel."""
        dialog = self._picker("Import a SavedModel folder", QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.bring_from(Path(name)))
        dialog.open()

    def bring_from(self, source: Path) -> None:
        """Import the model at `source`, a file or the folder of a SavedModel."""
        # Imported here: the window need not wait for what few will ever use.
        from catdog_desktop.gui.model_import.import_dialog import ImportDialog

        dialog = ImportDialog(source.parent if source.name == SAVED_MODEL else source, self._photos(), self._window)
        dialog.imported.connect(self._on_imported)
        dialog.failed.connect(self._session.failed)
        self._dialogs.append(dialog)
        dialog.finished.connect(lambda _: self._dialogs.remove(dialog))
        dialog.open()

    def bring_if_saved_models(self, paths: Sequence[Path]) -> None:
        """Offer to import a dropped folder, should it be a SavedModel."""
        if len(paths) == 1:
            self._errands.run(partial(_saved_model_in, paths[0]), self._bring_if_any)

    def ask_where_to_save(self) -> None:
        """Let the user choose where the model is written as one file."""
        model = self._session.model
        if model is None:
            return
        dialog = self._picker("Save the model", QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["CatDog models (*.catdog)"])
        dialog.setDefaultSuffix("catdog")
        dialog.selectFile(f"{model.name}.catdog")
        dialog.fileSelected.connect(lambda name: self._save(model, Path(name)))
        dialog.open()

    def ask_whether_to_remove(self) -> None:
        """Remove the model that is used, if the user says so: it cannot be brought back from here."""
        current = self._current()
        if current is not None and not current.is_shipped:
            words = f"Remove {current.title}? Your photos are then judged by the app's own model again."
            self._ask_whether_to_remove(current, words)

    def close(self) -> None:
        """Stop what is being made or imported, and wait for it."""
        self._heat.want(None)
        self._heat_errands.close()
        for dialog in list(self._dialogs):
            dialog.reject()
            dialog.wait()

    # What follows.

    def _want_heat(self, row: Row | None) -> None:
        if row is None or row.result is None:
            self._heat.want(None)
        else:
            self._heat.want(row.path, row.result.fingerprint)

    def _bring_if_any(self, folder: Path | None) -> None:
        if folder is not None:
            self.bring_from(folder)

    def _photos(self) -> dict[Path, str]:
        """Return some photos to try a model on: such with different verdicts first."""
        rows = self._session.gallery.rows_in(State.DONE)[:200]
        first = {row.verdict: row for row in reversed(rows)}
        chosen = sorted(first.values(), key=lambda row: row.number)
        chosen += [row for row in rows if row not in chosen]
        return {row.path: "" if row.verdict is None else VERDICT_WORDS[row.verdict] for row in chosen}

    def _ask_whether_to_remove(self, model: InstalledModel, words: str) -> None:
        question = QMessageBox(self._window)
        question.setWindowTitle("Remove a model")
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setText(words)
        question.setInformativeText("The file that it was imported from stays where it is.")
        remove = question.addButton("&Remove", QMessageBox.ButtonRole.DestructiveRole)
        cancel = question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(cancel)
        question.setEscapeButton(cancel)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove.clicked.connect(lambda: self._remove(model))
        question.open()

    def _save(self, model: ModelFile, target: Path) -> None:
        self._settings.change(last_folder=str(target.parent))
        self._errands.run(partial(_export, model.folder, target), self._say)

    def _remove(self, model: InstalledModel) -> None:
        if model is self._current():
            self._use_shipped()
        self._errands.run(partial(_remove, model), self._on_removed)

    def _on_removed(self, sentence: str) -> None:
        self._say(sentence)
        self.look_again()

    def _use_shipped(self) -> None:
        shipped = next((model for model in self._models if model.is_shipped), None)
        if shipped is not None:
            self.use(shipped)

    def _on_imported(self, model: ModelFile) -> None:
        self._wanted = model
        self._session.use_model(model.folder)

    def _on_ready(self, model: ModelFile) -> None:
        if self._wanted is not None and self._wanted.folder == model.folder:
            is_shipped = isinstance(self._wanted, InstalledModel) and self._wanted.is_shipped
            self._settings.change(model="" if is_shipped else model.folder.name)
            self._say(f"Photos are now judged by {model.title}. {model.answers.limits}".strip())
        self._wanted = None
        # Qt appends " — CatDog" to titles that do not end with it.
        self._window.setWindowTitle(f"{model.title} — CatDog" if model.source else "CatDog")
        self._actions.refresh()
        self.look_again()

    def _on_refused(self, sentence: str) -> None:
        self._wanted = None
        self._say(f"The model before stays in use. {sentence}")
        self._actions.refresh()

    def _show_models(self, models: list[InstalledModel]) -> None:
        if models != self._models:
            self._models = models
            self.choices = self._actions.set_choices("model.choices", [self._choice(model) for model in models])
        self._actions.refresh()

    def _choice(self, model: InstalledModel) -> Choice:
        title = model.title.replace("&", "&&")
        return Choice(
            id=model.name,
            text=f"{title} (broken)" if model.problem else title,
            tip=model.problem or str(model.folder),
            run=partial(self.use, model),
            is_checked=lambda: model is self._current(),
        )

    def _current(self) -> InstalledModel | None:
        """Return which of the models is used; None for one that was named at the start, from elsewhere."""
        used = self._session.model
        return next((model for model in self._models if used is not None and model.folder == used.folder), None)

    def _can_remove(self) -> bool:
        current = self._current()
        return current is not None and not current.is_shipped

    def _picker(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self._settings.current.last_folder)
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _saved_model_in(folder: Path) -> Path | None:
    return folder if os.path.isfile(folder / SAVED_MODEL) else None  # noqa: PTH113  Path's raises where it may not look.


def _export(folder: Path, target: Path) -> str:
    from catdog_desktop.model_import.model_archive import export_model

    try:
        export_model(folder, target, replace=True)  # the dialog has asked
    except ModelError as error:
        return str(error)
    return f"The model was written to {target}. It opens in CatDog on any computer."


def _remove(model: InstalledModel) -> str:
    try:
        remove_model(model.name)
    except ModelError as error:
        return str(error)
    return f"{model.title} was removed."
