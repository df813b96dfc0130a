"""*Back up* and *Restore*. One job at a time, shown in a bar."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QMessageBox

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.formatting import displayable
from catdog_desktop.gui.file_manager import reveal
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.jobs import Job, OnProgress, Work
from catdog_desktop.gui.widgets.job_bar import JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_day
from catdog_desktop.messages import _, ngettext
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.store.store import Store, StoreError
from catdog_desktop.verdict import Result

if TYPE_CHECKING:
    from catdog_desktop.library.backup import BackupContent


class _Restored(NamedTuple):
    content: BackupContent
    results: dict[Path, Result]
    """Listed photos as they are stored now."""
    settings: Settings | None
    """None if the settings were not restored."""


class BackupCommands(JobCommands):
    """Both actions."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, JobBar(_("Backup")))
        context.actions.bind("file.back_up", self.back_up, enabled=self._is_idle)
        context.actions.bind("file.restore", self.restore, enabled=self._is_idle)

    def back_up(self) -> None:
        """Ask for the file, and for models if the user has some."""
        from catdog_desktop.library.backup import SUFFIX

        self._context.settings.save()
        first = Path(_documents(), f"CatDog {date.today().isoformat()}{SUFFIX}")
        dialog = self._file_dialog(_("Back up"), str(first))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(str(first))
        dialog.fileSelected.connect(
            lambda name: self._context.tasks.run(_count_models, partial(self._ask_about_models, Path(name)))
        )
        dialog.open()

    def restore(self) -> None:
        """Ask for the file, show what is in it, and ask whether to restore it."""
        dialog = self._file_dialog(_("Restore"), str(_documents()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self._read(Path(name)))
        dialog.open()

    def _file_dialog(self, title: str, first: str) -> QFileDialog:
        from catdog_desktop.library.backup import SUFFIX

        pattern = _("Backups (*{suffix})").format(suffix=SUFFIX)
        dialog = QFileDialog(self._context.window, title, first, pattern)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _ask_about_models(self, path: Path, count: int) -> None:
        if not count:
            self._write(path, with_models=False)
            return
        question = QMessageBox(self._context.window)
        question.setIcon(QMessageBox.Icon.Question)
        question.setText(
            ngettext(
                "Include the model that you imported?", "Include the {count} models that you imported?", count
            ).format(count=count)
        )
        question.setInformativeText(_("The file is larger then."))
        yes = question.addButton(_("Include"), QMessageBox.ButtonRole.YesRole)
        no = question.addButton(_("Leave out"), QMessageBox.ButtonRole.NoRole)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(lambda: self._write(path, with_models=True))
        no.clicked.connect(lambda: self._write(path, with_models=False))
        question.open()

    def _write(self, path: Path, *, with_models: bool) -> None:
        from catdog_desktop.library.backup import write_backup

        if self.is_running:
            return

        def work(_on_progress: OnProgress, cancel_token: CancelToken) -> BackupContent:
            with Store.open() as store:
                # The file dialog has asked whether to replace an existing file.
                return write_backup(path, store, with_models=with_models, replace=True, cancel_token=cancel_token)

        self._begin(work, partial(self._on_written, path), _("Backing up"))

    def _read(self, path: Path) -> None:
        from catdog_desktop.library.backup import read_backup

        if not self.is_running:
            self._begin(
                lambda _on_progress, _token: read_backup(path), partial(self._ask_to_restore, path), _("Reading")
            )

    def _begin(self, work: Work, on_ended: object, label: str) -> None:
        from catdog_desktop.library.backup import BackupError

        job = Job(work, name="backup", expected=(BackupError, StoreError), parent=self)
        job.ended.connect(on_ended)
        job.refused.connect(lambda error: self.bar.say(str(error)))
        self.begin(job, label)

    def _on_written(self, path: Path, content: BackupContent) -> None:
        from catdog_desktop.library.backup import describe_content

        text = _("Backup “{name}” written: {data}.")
        sentence = text.format(name=displayable(path.name), data=describe_content(content))
        self.bar.say(sentence, [(_("Show"), partial(reveal, path, self._context.say))])

    def _ask_to_restore(self, path: Path, content: BackupContent) -> None:
        from catdog_desktop.library.backup import describe_content

        self.bar.hide()
        question = QMessageBox(self._context.window)
        question.setIcon(QMessageBox.Icon.Question)
        created = format_day(content.created.astimezone().date())
        question.setText(_("Restore the backup of {date}?").format(date=created))
        question.setInformativeText(_("It contains {data}.").format(data=describe_content(content)))
        replace = QCheckBox(_("Replace verdicts, ratings and settings that exist"))
        question.setCheckBox(replace)
        yes = question.addButton(_("Restore"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(yes)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(lambda: self._restore(path, replace.isChecked()))
        question.open()

    def _restore(self, path: Path, replace: bool) -> None:
        from catdog_desktop.library.backup import restore_backup

        if self.is_running:
            return
        session = self._context.session
        photos = [row.path for row in session.gallery.rows()]
        identity = session.model.identity if session.model is not None else ""

        def work(_on_progress: OnProgress, cancel_token: CancelToken) -> _Restored:
            with Store.open() as store:
                content = restore_backup(path, store, replace=replace, cancel_token=cancel_token)
                results = store.known(photos, identity, features=False) if identity else {}
            return _Restored(content, results, load_settings(settings_file())[0] if content.has_settings else None)

        self._begin(work, self._on_restored, _("Restoring"))

    def _on_restored(self, restored: _Restored) -> None:
        from catdog_desktop.library.backup import describe_content

        session = self._context.session
        shown = {path: row.result for path in restored.results if (row := session.gallery.row_of(path)) is not None}
        pairs = [(path, result, restored.results[path]) for path, result in shown.items() if result is not None]
        session.rate_each({path: new.rating for path, old, new in pairs if old.rating != new.rating})
        session.correct_each({path: new.correction for path, old, new in pairs if old.correction != new.correction})
        if restored.settings is not None:
            self._context.settings.put(restored.settings)
        self._context.actions.refresh()
        self.bar.say(_("Restored: {data}.").format(data=describe_content(restored.content)))


def _count_models() -> int:
    from catdog_desktop.inference.installed_models import installed_models

    return sum(not model.is_shipped and not model.problem for model in installed_models())


def _documents() -> Path:
    """Return the folder of the user's documents; the home folder if it does not exist."""
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return documents if documents.is_dir() else Path.home()
