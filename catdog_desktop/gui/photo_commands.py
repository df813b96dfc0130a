"""The actions on photos of the gallery: mark and undo, copy, remove, show in the file manager, classify again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.corrections import Verdicts
from catdog_desktop.gui.file_manager import reveal
from catdog_desktop.gui.learning.similar_commands import SELECT_ALIKE_LINK
from catdog_desktop.gui.photo_files import files_mime, open_with_default_program
from catdog_desktop.gui.photo_text import describe_row
from catdog_desktop.gui.undo_commands import UNDO_LINK
from catdog_desktop.gui.undo_stack import Change, ChangeKind
from catdog_desktop.gui.widgets.uniform_grid_view import parts_of
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.verdict import Verdict

if TYPE_CHECKING:
    from catdog_desktop.exporting.export_file import FileExport

_MARKS: Final = (Verdict.CAT, Verdict.DOG, Verdict.BOTH, Verdict.NEITHER)
_ROWS_CHECKED: Final = 1000
"""In a selection larger than this, *Clear my verdict* is always enabled: it is decided at every click."""
ASK_ABOVE: Final = 100
"""Marking more photos than this at once asks first."""


class PhotoCommands(QObject):
    """Binds the actions on photos that are in the gallery."""

    removed = Signal()

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self.last_marked: Row | None = None
        """The first of the photos that were marked last."""
        self._session = context.session
        self._gallery = context.gallery
        self._say = context.say
        self._bind()
        context.session.counts_changed.connect(self._show_duplicates)
        context.gallery.current_changed.connect(lambda _row: self._show_duplicates())
        context.gallery.selectionModel().selectionChanged.connect(context.actions.refresh)
        context.preview.duplicates.chosen.connect(self._go_to)
        # The buttons under the scores concern the photo shown, whatever is selected.
        context.preview.own_data.marked.connect(
            lambda verdict: self._for_shown(partial(self.mark_rows, verdict=verdict))
        )
        context.preview.own_data.confirmed.connect(lambda: self._for_shown(partial(self.confirm_rows, steps=False)))

    def mark(self, verdict: Verdict | None) -> None:
        """Give the selected photos the user's own verdict, or clear it (None). Asks first for very many photos."""
        rows = self._gallery.target_rows
        if verdict is None:
            rows = [row for row in rows if row.corrected]
        if not rows:
            self._say(_("You have not marked these photos."))
        elif len(rows) > ASK_ABOVE:
            self._ask_whether_to_mark(rows, verdict)
        else:
            self.mark_rows(rows, verdict)

    def mark_rows(self, rows: list[Row], verdict: Verdict | None) -> None:
        """Give photos the user's own verdict, or clear it (None)."""
        self._correct(rows, dict.fromkeys((row.path for row in rows), verdict))
        self.last_marked = rows[0]
        sentence, links = _describe_mark(rows, verdict), {UNDO_LINK: _("Undo")}
        features = self._session.features
        if len(rows) > 1 or verdict is None:
            self._say(sentence, links)
        elif features.is_complete:
            self._say(sentence, links | self._alike_link(rows[0]))
        else:
            self._say(sentence, links)
            features.want(partial(self._offer_alike, rows[0], sentence, self._context.status.message))

    def _offer_alike(self, row: Row, sentence: str, message: str) -> None:
        """Add to the message about a mark that look-alikes can be selected, unless another one is shown by now."""
        link = self._alike_link(row)
        if link and self._context.status.message == message:
            self._say(sentence, {UNDO_LINK: _("Undo"), **link})

    def _alike_link(self, row: Row) -> dict[str, str]:
        """Return the link that selects the photos like `row` with another verdict, if there are some."""
        count = len(self._session.gallery.unlike_look_alikes(row))
        text = ngettext("Select {count} photo like it", "Select {count} photos like it", count)
        return {SELECT_ALIKE_LINK: text.format(count=format_number(count))} if count else {}

    def confirm(self) -> None:
        """Keep the verdicts of the selected photos as the user's own, and go on to the next photo."""
        self.confirm_rows(self._gallery.target_rows)

    def confirm_rows(self, rows: list[Row], *, steps: bool = True) -> None:
        """Keep the verdicts of photos as the user's own; with `steps`, go on to the next photo."""
        sure = [row for row in rows if row.verdict not in (None, Verdict.UNSURE)]
        if not sure:
            if rows:
                self._say(_("Not marked: the app is not sure. Press C, D, B or N, or Page Down for the next photo."))
            return
        self._correct(sure, {row.path: row.verdict for row in sure})
        if steps and self._session.gallery.positions_of(sure):
            self._gallery.step(1)
        count = len(sure)
        text = ngettext("Kept the verdict of {name} as yours.", "Kept the verdicts of {count} photos as yours.", count)
        self._say(text.format(name=displayable(sure[0].name), count=format_number(count)), {UNDO_LINK: _("Undo")})

    def copy_files(self) -> None:
        """Copy the selected photos as files for other programs, and their names as text."""
        rows = self._gallery.target_rows
        if rows:
            QGuiApplication.clipboard().setMimeData(files_mime([row.path for row in rows]))
            count = len(rows)
            self._say(
                ngettext("Copied {count} photo.", "Copied {count} photos.", count).format(count=format_number(count))
            )

    def open_with_default_program(self) -> None:
        """Open the current photo with the program that the system uses for it."""
        row = self._gallery.current_row
        if row is not None and not open_with_default_program(row.path):
            self._say(_("No program opens {name}.").format(name=displayable(row.path.name)))

    def copy_results(self) -> None:
        """Copy the selected results as text, a line each."""
        rows = self._gallery.target_rows
        if rows:
            QGuiApplication.clipboard().setText("\n".join(describe_row(row) for row in rows))
            count = len(rows)
            self._say(
                ngettext("Copied the result.", "Copied {count} results.", count).format(count=format_number(count))
            )

    def remove_selected(self) -> None:
        """Remove the selected photos from the list. Their files stay."""
        rows = self._gallery.selected_rows
        if not rows:
            return
        position = self._session.gallery.positions_of(rows)[0]
        self._remove([row.path for row in rows])
        self._gallery.set_current_position(position)

    def clear_list(self) -> None:
        """Remove all photos from the list, and close the folders that the user opened. No file is deleted."""
        paths = [row.path for row in self._session.gallery.rows()]
        if paths:
            sources = dict(self._session.sources)
            self._session.clear()
            self._note_removal(paths, _("clear the list"), self.clear_list, sources)

    def remove_missing(self) -> None:
        """Remove the photos from the list whose files were gone when they were last looked for."""
        missing = [row.path for row in self._session.gallery.rows() if row.is_missing]
        if missing:
            self._remove(missing)
        else:
            self._say(_("No photo is missing."))

    def _remove(self, paths: Sequence[Path]) -> None:
        rows = [row for path in paths if (row := self._session.gallery.row_of(path)) is not None]
        self._session.remove(rows)
        count = len(rows)
        text = ngettext("remove {count} photo from the list", "remove {count} photos from the list", count)
        self._note_removal(paths, text.format(count=format_number(count)), partial(self._remove, paths))

    def _note_removal(
        self, paths: Sequence[Path], text: str, redo: Callable[[], None], sources: Mapping[Path, float] | None = None
    ) -> None:
        undo = partial(self._session.add_back, tuple(paths), sources)
        self._context.undo.push(Change(ChangeKind.LIST, text, undo, redo))
        count = len(paths)
        sentence = ngettext(
            "Removed from the list. The file was not deleted.",
            "Removed {count} photos from the list. The files were not deleted.",
            count,
        )
        self._say(sentence.format(count=format_number(count)), {UNDO_LINK: _("Undo")})
        self.removed.emit()

    def show_in_file_manager(self) -> None:
        """Show the current photo in the system's file manager."""
        row = self._gallery.current_row
        if row is not None:
            reveal(row.path, self._say)

    def save_problems(self) -> None:
        """Let the user choose where to save the list of photos that could not be read."""
        from catdog_desktop.exporting.export_file import ExportFormat, FileExport

        results = [row.result for row in self._session.gallery.rows() if row.is_problem and row.result is not None]
        if not results:
            self._say(_("There are no problems to save."))
            return
        dialog = QFileDialog(self._context.window, _("Save problems as a table"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("Table for spreadsheets (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(_("Problems.csv"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        export = FileExport(results, self._session.gallery.thresholds, ExportFormat.CSV)
        dialog.fileSelected.connect(lambda name: self._context.tasks.run(partial(_save, export, Path(name)), self._say))
        dialog.open()

    def _bind(self) -> None:
        bind = self._context.actions.bind
        for verdict in _MARKS:
            bind(f"photos.mark.{verdict.value}", partial(self.mark, verdict), enabled=self._is_any_chosen)
        bind("photos.confirm", self.confirm, enabled=self._is_checking)
        bind("photos.mark.clear", partial(self.mark, None), enabled=self._is_any_marked)
        bind("photos.look_for_new", partial(self._session.rescan, everything=False), enabled=self._has_photos)
        bind("photos.classify_again", partial(self._session.rescan, everything=True), enabled=self._has_photos)
        bind("photos.save_problems", self.save_problems, enabled=self._has_photos)
        bind("edit.copy", self.copy_files, enabled=self._is_any_chosen)
        bind("edit.copy_result", self.copy_results, enabled=self._is_any_chosen)
        bind("edit.select_all", self._gallery.selectAll, enabled=self._has_photos)
        bind("edit.remove_from_list", self.remove_selected, enabled=self._gallery.selectionModel().hasSelection)
        bind("edit.remove_missing", self.remove_missing, enabled=self._has_photos)
        bind("edit.clear_list", self.clear_list, enabled=self._has_photos)
        bind("file.show_in_file_manager", self.show_in_file_manager, enabled=self._is_any_chosen)
        bind("file.open_with", self.open_with_default_program, enabled=self._is_any_chosen)

    def _correct(self, rows: list[Row], verdicts: Verdicts) -> None:
        positions = self._session.gallery.positions_of(rows)
        self._session.correct_each(verdicts)
        if positions and not self._session.gallery.positions_of(rows):
            # The filter hides them now, as "To check" does: go on with the next photo.
            self._gallery.set_current_position(positions[0])
        self._context.actions.refresh()

    def _ask_whether_to_mark(self, rows: list[Row], verdict: Verdict | None) -> None:
        question = QMessageBox(self._context.window)
        question.setIcon(QMessageBox.Icon.Question)
        question.setText(_describe_question(len(rows), verdict))
        question.setInformativeText(_("It can be undone."))
        yes = question.addButton(_("Mark") if verdict is not None else _("Clear"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(yes)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(lambda: self.mark_rows(rows, verdict))
        question.open()

    def _is_checking(self) -> bool:
        """Whether Enter means "right, next": in the viewer and in *To check*."""
        in_viewer = self._gallery.viewed is not None
        return self._is_any_chosen() and (in_viewer or self._session.gallery.query.filter is Filter.TO_CHECK)

    def _for_shown(self, act: Callable[[list[Row]], None]) -> None:
        row = self._context.preview.row
        if row is not None:
            act([row])

    def _has_photos(self) -> bool:
        return self._session.gallery.total > 0

    def _is_any_chosen(self) -> bool:
        return self._gallery.selectionModel().hasSelection() or self._gallery.currentIndex().isValid()

    def _is_any_marked(self) -> bool:
        """Whether *Clear my verdict* would change anything."""
        selected = parts_of(self._gallery.selectionModel().selection())
        if sum(last - first + 1 for first, last in selected) > _ROWS_CHECKED:
            return True
        return any(row.corrected for row in self._gallery.target_rows)

    def _show_duplicates(self) -> None:
        row = self._gallery.current_row
        equal = self._session.gallery.duplicates_of(row) if row is not None else []
        self._context.preview.duplicates.show_photos(
            row.path if row is not None else None, [other.path for other in equal]
        )

    def _go_to(self, path: Path) -> None:
        self._gallery.select_path(path)
        if not self._session.gallery.index_of(path).isValid():
            self._say(
                _("{name} is hidden by a filter. Clear the filters to see it.").format(name=displayable(path.name))
            )


def _describe_mark(rows: list[Row], verdict: Verdict | None) -> str:
    count = len(rows)
    if verdict is None:
        text = ngettext("Cleared your verdict for {name}.", "Cleared your verdict for {count} photos.", count)
    else:
        text = {
            Verdict.CAT: ngettext("Marked {name} as a cat.", "Marked {count} photos as cats.", count),
            Verdict.DOG: ngettext("Marked {name} as a dog.", "Marked {count} photos as dogs.", count),
            Verdict.BOTH: ngettext(
                "Marked {name} as a cat and a dog.", "Marked {count} photos as a cat and a dog.", count
            ),
            Verdict.NEITHER: ngettext("Marked {name} as neither.", "Marked {count} photos as neither.", count),
        }[verdict]
    return text.format(name=displayable(rows[0].name), count=format_number(count))


def _describe_question(count: int, verdict: Verdict | None) -> str:
    """Return the question before very many photos are marked."""
    text = {
        Verdict.CAT: ngettext("Mark {count} photo as a cat?", "Mark {count} photos as cats?", count),
        Verdict.DOG: ngettext("Mark {count} photo as a dog?", "Mark {count} photos as dogs?", count),
        Verdict.BOTH: ngettext(
            "Mark {count} photo as a cat and a dog?", "Mark {count} photos as a cat and a dog?", count
        ),
        Verdict.NEITHER: ngettext("Mark {count} photo as neither?", "Mark {count} photos as neither?", count),
        None: ngettext("Clear your verdict for {count} photo?", "Clear your verdict for {count} photos?", count),
    }[verdict]
    return text.format(count=format_number(count))


def _save(export: FileExport, path: Path) -> str:
    from catdog_desktop.exporting.export_file import ExportError, write_export

    try:
        # The file dialog has already asked whether to replace an existing file.
        write_export(export, path, replace=True)
    except ExportError as error:
        return str(error)
    count = len(export.results)
    return ngettext("Saved {count} problem in {name}.", "Saved {count} problems in {name}.", count).format(
        count=format_number(count), name=displayable(path.name)
    )
