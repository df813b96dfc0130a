"""The menu *Photos*: the user's own verdicts and their undo, looking again, and the list of problems as a table."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QWidget

from catdog_desktop.exporting.export_file import ExportError, ExportFormat, FileExport, write_export
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.actions import ActionFactory
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.session import Session
from catdog_desktop.gui.status_text import VERDICT_MEANING, plural, shown_text
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.viewer.preview import Preview
from catdog_desktop.verdict import Verdict

Say = Callable[[str, dict[str, str]], None]
"""Shows a sentence and links: target and words."""

UNDO_LINK: Final = "undo-verdict"
_VERDICT_KEYS: Final = (
    (Verdict.CAT, "It is a &cat", "C"),
    (Verdict.DOG, "It is a &dog", "D"),
    (Verdict.BOTH, "&Both are in it", "B"),
    (Verdict.NEITHER, "&Neither is in it", "N"),
)


class PhotoCommands(QObject):
    """What can be done with photos that are in the gallery."""

    def __init__(
        self,
        window: QWidget,
        make: ActionFactory,
        session: Session,
        gallery: GalleryView,
        preview: Preview,
        errands: TaskQueue,
        say: Say,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._gallery = gallery
        self._preview = preview
        self._errands = errands
        self._say = say
        menu = make.menu("&Photos")
        self._judging = [
            make(menu, words, partial(self.judge, verdict), key, f"Your own verdict: {VERDICT_MEANING[verdict]}")
            for verdict, words, key in _VERDICT_KEYS
        ]
        take_back = make(menu, "&Take my verdict back", partial(self.judge, None), "Backspace")
        self._judging.append(take_back)
        self._undo = make(menu, "&Undo the last verdict", self.undo, "Ctrl+Z")
        menu.addSeparator()
        look = make(menu, "&Look for new photos", partial(session.rescan, everything=False), "F5", _LOOK_TIP)
        again = make(menu, "Classify &everything again", partial(session.rescan, everything=True), "Shift+F5")
        self._looking = [look, again]
        menu.addSeparator()
        self._problems = make(menu, "Save the &problems as a table…", self.save_problems)
        separator = QAction(self)
        separator.setSeparator(True)
        gallery.addAction(separator)
        for action in self._judging:
            # Only where a photo is: in a list of folders, letters find folders.
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            gallery.addAction(action)
            preview.addAction(action)
        session.counts_changed.connect(self.enable)
        session.counts_changed.connect(self._show_equal)
        gallery.current_changed.connect(lambda _row: self._show_equal())
        preview.equal.chosen.connect(self._go_to)
        gallery.selectionModel().selectionChanged.connect(lambda *_: self.enable())
        self.enable()

    def enable(self) -> None:
        """Offer what can be done now."""
        chosen = self._gallery.selectionModel().hasSelection() or self._gallery.currentIndex().isValid()
        for action in self._judging:
            action.setEnabled(chosen)
        for action in self._looking:
            action.setEnabled(self._session.gallery.total > 0)
        self._undo.setEnabled(self._session.correction_can_be_undone)
        self._problems.setEnabled(self._session.gallery.total > 0)

    def judge(self, verdict: Verdict | None) -> None:
        """Give the selected photos the user's own verdict, or take it back."""
        rows = self._gallery.target_rows
        if verdict is None:
            rows = [row for row in rows if row.corrected]
        if not rows:
            self._say("No verdict of yours is there to be taken back.", {})
            return
        place = self._session.gallery.positions_of(rows)[0]
        self._session.correct([row.path for row in rows], verdict)
        if not self._session.gallery.positions_of(rows):
            # What is left of them is not shown any more, as in "to check": on with the next.
            self._gallery.set_current_position(place)
        self.enable()
        self._say(_describe(rows, verdict), {UNDO_LINK: "Undo"})

    def undo(self) -> None:
        """Put the verdicts back as they were before the last change."""
        paths = self._session.undo_correction()
        rows = [row for path in paths if (row := self._session.gallery.row_of(path)) is not None]
        shown = self._session.gallery.positions_of(rows)
        if shown:
            self._gallery.set_current_position(shown[0])
        self.enable()
        if paths:
            self._say(f"Undone: {plural(len(paths), 'photo has', 'photos have')} the verdict from before.", {})

    def save_problems(self) -> None:
        """Let the user choose where the list of what could not be read is to be saved."""
        results = [row.result for row in self._session.gallery.rows() if row.is_problem and row.result is not None]
        if not results:
            self._say("There are no problems to be saved.", {})
            return
        dialog = QFileDialog(self._window, "Save the problems as a table")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Table for spreadsheets (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("Problems.csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        export = FileExport(results, self._session.gallery.thresholds, ExportFormat.CSV)
        dialog.fileSelected.connect(lambda name: self._errands.run(partial(_save, export, Path(name)), self._on_saved))
        dialog.open()

    def _show_equal(self) -> None:
        row = self._gallery.current_row
        equal = self._session.gallery.duplicates_of(row) if row is not None else []
        self._preview.equal.show_photos(row.path if row is not None else None, [other.path for other in equal])

    def _go_to(self, path: Path) -> None:
        self._gallery.select_path(path)
        if not self._session.gallery.index_of(path).isValid():
            self._say(f"{shown_text(path.name)} is hidden by a filter. Show all to see it.", {})

    def _on_saved(self, sentence: str) -> None:
        self._say(sentence, {})


_LOOK_TIP: Final = "Look for new and changed photos where photos were opened"


def _describe(rows: list[Row], verdict: Verdict | None) -> str:
    photos = rows[0].name if len(rows) == 1 else f"{len(rows):,} photos"
    if verdict is None:
        return f"Your verdict is taken back: {photos}."
    return f"You say {VERDICT_MEANING[verdict]}: {photos}."


def _save(export: FileExport, path: Path) -> str:
    try:
        # The dialog of the system has asked already whether what lies there may go.
        write_export(export, path, replace=True)
    except ExportError as error:
        return str(error)
    return f"{plural(len(export.results), 'problem', 'problems')} saved in {path.name}."
