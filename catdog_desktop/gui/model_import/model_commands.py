"""The menu *Model*: choosing the model that classifies, importing, saving and removing one. Heat maps of any model."""

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
from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.window_actions import Choice
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.inference.installed_models import InstalledModel, installed_models, remove_model
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.languages.formats import join_sentences
from catdog_desktop.messages import _
from catdog_desktop.verdict_text import verdict_word

if TYPE_CHECKING:
    from catdog_desktop.gui.model_import.import_dialog import ImportDialog

SAVED_MODEL: Final = "saved_model.pb"
"""The file that makes a folder a SavedModel."""
_MOST_EXAMINED: Final = 20
"""Of dropped files and folders: among more, models are not looked for."""
_ROWS_FOR_EXAMPLES: Final = 200
"""Among how many photos of the gallery the example photos are chosen."""


class ModelCommands(QObject):
    """The actions of the menu *Model*. What touches the disk runs beside the GUI thread."""

    def __init__(self, context: WindowContext) -> None:
        from catdog_desktop.gui.viewer.occlusion_heat import OcclusionHeatMaps

        super().__init__(context.window)
        self._context = context
        self._session = context.session
        self._dialogs: list[ImportDialog] = []
        self._waiting: list[Path] = []
        """Models that are imported once the open dialog is closed."""
        self._models: list[InstalledModel] = []
        """The installed models, in the order of the menu."""
        self._chosen: ModelFile | InstalledModel | None = None
        """The model that the user has just chosen: stored in the settings once it can be used."""
        self.choices: list[QAction] = []
        """The menu's action for each of the installed models."""
        bind = context.actions.bind
        bind("model.import", self.ask_for_file)
        bind("model.import_folder", self.ask_for_folder)
        bind("model.save", self.ask_where_to_save, enabled=lambda: self._session.model is not None)
        bind("model.remove", self.ask_whether_to_remove, enabled=self._can_remove)
        context.actions.menu(Menu.MODEL).aboutToShow.connect(self.refresh_models)
        # A queue of its own: a heat map takes seconds, and settings and imports must not wait for it.
        self._heat_map_tasks = TaskQueue(context.report_error, self)
        self._heat_maps = OcclusionHeatMaps(self._heat_map_tasks, self)
        self._heat_maps.maps_ready.connect(context.preview.show_maps)
        context.preview.maps_requested.connect(self._request_heat_maps)
        self._session.model_ready.connect(self._heat_maps.use_model)
        self._session.model_ready.connect(context.preview.show_model)
        self._session.model_ready.connect(self._on_ready)
        self._session.model_refused.connect(self._on_refused)

    # The actions.

    def refresh_models(self) -> None:
        """List the models that are installed now."""
        self._context.tasks.run(installed_models, self._show_models)

    def use(self, model: InstalledModel) -> None:
        """Classify with another model from now on; offer to remove it if it cannot be used."""
        if model.problem:
            self._context.actions.refresh()
            question = _("{model} cannot be used. {problem} Remove it?")
            self._ask_whether_to_remove(model, question.format(model=model.title, problem=model.problem))
        elif model is not self._current():
            self._chosen = model
            self._session.use_model(model.folder)

    def ask_for_file(self) -> None:
        """Let the user choose the file of a model to import."""
        dialog = self._file_dialog(_("Import a model"), QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*{suffix}" for suffix in sorted(MODEL_SUFFIXES))
        models = _("Models ({patterns})").format(patterns=f"{patterns} {SAVED_MODEL} *.zip")
        dialog.setNameFilters([models, _("All files (*)")])
        dialog.fileSelected.connect(lambda name: self.import_model(Path(name)))
        dialog.open()

    def ask_for_folder(self) -> None:
        """Let the user choose the folder of a SavedModel to import."""
        dialog = self._file_dialog(_("Import a SavedModel folder"), QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.import_model(Path(name)))
        dialog.open()

    def import_model(self, source: Path) -> None:
        """Import the model at `source`: a file, or the folder of a SavedModel."""
        # Imported here so that the window opens sooner: few users ever import a model.
        from catdog_desktop.gui.model_import.import_dialog import ImportDialog

        folder_or_file = source.parent if source.name == SAVED_MODEL else source
        dialog = ImportDialog(folder_or_file, self._example_photos(), self._context.window)
        dialog.imported.connect(self._on_imported)
        dialog.failed.connect(self._context.report_error)
        self._dialogs.append(dialog)
        dialog.finished.connect(lambda _result: self._on_dialog_closed(dialog))
        dialog.open()

    def import_models(self, sources: Sequence[Path]) -> None:
        """Import models one after the other, each in its own dialog."""
        self._waiting += [source for source in sources if source not in self._waiting]
        if self._waiting and not self._dialogs:
            self.import_model(self._waiting.pop(0))

    def import_saved_models(self, paths: Sequence[Path]) -> None:
        """Import those of a few dropped paths that are folders of SavedModels, or zips with a model."""
        if 0 < len(paths) <= _MOST_EXAMINED:
            self._context.tasks.run(partial(_models_among, tuple(paths)), self.import_models)

    def ask_where_to_save(self) -> None:
        """Let the user choose where the current model is saved as one file."""
        model = self._session.model
        if model is None:
            return
        dialog = self._file_dialog(_("Save the model"), QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([_("CatDog models (*.catdog)")])
        dialog.setDefaultSuffix("catdog")
        dialog.selectFile(f"{model.name}.catdog")
        dialog.fileSelected.connect(lambda name: self._save(model, Path(name)))
        dialog.open()

    def ask_whether_to_remove(self) -> None:
        """Remove the current model if the user agrees."""
        current = self._current()
        if current is not None and not current.is_shipped:
            question = _("Remove {model}? Your photos are then classified with the model of the app again.")
            self._ask_whether_to_remove(current, question.format(model=current.title))

    def close(self) -> None:
        """Stop heat maps and imports, and wait for them."""
        self._heat_maps.request(None)
        self._heat_map_tasks.close()
        self._waiting.clear()
        for dialog in list(self._dialogs):
            dialog.reject()
            dialog.wait()

    # Steps of the actions.

    def _request_heat_maps(self, row: Row | None) -> None:
        if row is None or row.result is None:
            self._heat_maps.request(None)
        else:
            self._heat_maps.request(row.path, row.result.fingerprint)

    def _on_dialog_closed(self, dialog: "ImportDialog") -> None:
        self._dialogs.remove(dialog)
        self.import_models(())

    def _example_photos(self) -> dict[Path, str]:
        """Return photos to try a model on, one of each verdict first, with their verdicts in words."""
        rows = self._session.gallery.rows_in(State.DONE)[:_ROWS_FOR_EXAMPLES]
        first = {row.verdict: row for row in reversed(rows)}
        chosen = sorted(first.values(), key=lambda row: row.number)
        chosen += [row for row in rows if row not in chosen]
        return {row.path: "" if row.verdict is None else verdict_word(row.verdict) for row in chosen}

    def _ask_whether_to_remove(self, model: InstalledModel, text: str) -> None:
        question = QMessageBox(self._context.window)
        question.setWindowTitle(_("Remove a model"))
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setText(text)
        question.setInformativeText(_("The file that it was imported from is not removed."))
        remove = question.addButton(_("&Remove"), QMessageBox.ButtonRole.DestructiveRole)
        cancel = question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(cancel)
        question.setEscapeButton(cancel)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove.clicked.connect(lambda: self._remove(model))
        question.open()

    def _save(self, model: ModelFile, target: Path) -> None:
        self._context.settings.change(last_folder=str(target.parent))
        self._context.tasks.run(partial(_export, model.folder, target), self._context.say)

    def _remove(self, model: InstalledModel) -> None:
        if model is self._current():
            self._use_shipped()
        self._context.tasks.run(partial(_remove, model), self._on_removed)

    def _on_removed(self, sentence: str) -> None:
        self._context.say(sentence)
        self.refresh_models()

    def _use_shipped(self) -> None:
        shipped = next((model for model in self._models if model.is_shipped), None)
        if shipped is not None:
            self.use(shipped)

    def _on_imported(self, model: ModelFile) -> None:
        self._chosen = model
        self._session.use_model(model.folder)

    # Changes of the model.

    def _on_ready(self, model: ModelFile) -> None:
        if self._chosen is not None and self._chosen.folder == model.folder:
            is_shipped = isinstance(self._chosen, InstalledModel) and self._chosen.is_shipped
            self._context.settings.change(model="" if is_shipped else model.folder.name)
            sentence = _("Photos are now classified with {model}.").format(model=model.title)
            self._context.say(join_sentences([sentence, model.answers.limits]))
        self._chosen = None
        self._context.actions.refresh()
        self.refresh_models()

    def _on_refused(self, sentence: str) -> None:
        self._chosen = None
        self._context.say(_("The current model stays in use. {problem}").format(problem=sentence))
        self._context.actions.refresh()

    def _show_models(self, models: list[InstalledModel]) -> None:
        if models != self._models:
            self._models = models
            choices = [self._choice(model) for model in models]
            self.choices = self._context.actions.set_choices("model.choices", choices)
        self._context.actions.refresh()

    def _choice(self, model: InstalledModel) -> Choice:
        title = model.title.replace("&", "&&")
        return Choice(
            id=model.name,
            text=_("{model} (broken)").format(model=title) if model.problem else title,
            tip=model.problem or str(model.folder),
            run=partial(self.use, model),
            is_checked=lambda: model is self._current(),
        )

    def _current(self) -> InstalledModel | None:
        """Return the installed model in use; None if the app was started with a model from elsewhere."""
        used = self._session.model
        return next((model for model in self._models if used is not None and model.folder == used.folder), None)

    def _can_remove(self) -> bool:
        current = self._current()
        return current is not None and not current.is_shipped

    def _file_dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._context.window, title, self._context.settings.current.last_folder)
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _models_among(paths: Sequence[Path]) -> list[Path]:
    """Return those of `paths` that are folders of SavedModels, or zips with a model."""
    return [
        path
        for path in paths
        if os.path.isfile(path / SAVED_MODEL)  # noqa: PTH113  Path.is_file raises EACCES.
        or (path.suffix.lower() == ".zip" and _zip_has_model(path))
    ]


def _zip_has_model(path: Path) -> bool:
    from catdog_desktop.model_import.conversion.bundled_files import zip_has_model

    return zip_has_model(path)


def _export(folder: Path, target: Path) -> str:
    """Save the model in `folder` as one file; return a sentence."""
    from catdog_desktop.model_import.model_archive import export_model

    try:
        export_model(folder, target, replace=True)  # the file dialog has asked
    except ModelError as error:
        return str(error)
    return _("The model was saved as {file}. It opens in CatDog on any computer.").format(file=target)


def _remove(model: InstalledModel) -> str:
    """Remove an installed model from the disk; return a sentence."""
    try:
        remove_model(model.name)
    except ModelError as error:
        return str(error)
    return _("{model} was removed.").format(model=model.title)
