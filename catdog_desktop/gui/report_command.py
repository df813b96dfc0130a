"""*Save diagnostic report*: one file for a bug report."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

from catdog_desktop.files.atomic_write import reason_of
from catdog_desktop.formatting import displayable
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.messages import _


def save_report(context: WindowContext) -> None:
    """Ask for the file, and write the report beside the GUI thread."""
    context.settings.save()
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    first = str(Path(documents, "catdog-report.txt"))
    dialog = QFileDialog(context.window, _("Save diagnostic report"), first, _("Text files (*.txt)"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix("txt")
    dialog.selectFile(first)
    dialog.finished.connect(dialog.deleteLater)
    dialog.fileSelected.connect(lambda name: _write(context, Path(name)))
    dialog.open()


def _write(context: WindowContext, path: Path) -> None:
    model_folder = context.session.model.folder if context.session.model is not None else None
    context.say(_("Checking the installation for the report…"))
    context.tasks.run(partial(_written, path, model_folder), context.say)


def _written(path: Path, model_folder: Path | None) -> str:
    """Write the report; return the sentence for the user."""
    from catdog_desktop.diagnostic_report import diagnostic_report, write_report

    try:
        # The file dialog has asked whether to replace an existing file.
        write_report(path, diagnostic_report(model_folder), replace=True)
    except OSError as error:
        return _("The report could not be written ({reason}).").format(reason=reason_of(error))
    return _("Report “{name}” written. It names no photo.").format(name=displayable(path.name))
