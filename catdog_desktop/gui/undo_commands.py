"""*Undo* and *Redo* in the Edit menu: they name the change, and ask before files are moved or sidecars written."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from catdog_desktop.gui.corrections import RatingsByPath, Verdicts
from catdog_desktop.gui.undo_stack import MOST_CHANGES, Change, ChangeKind
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Verdict

UNDO_LINK: Final = "undo"
"""Target of a link in the status line that undoes the last change."""


class UndoCommands(QObject):
    """Binds both actions to the stack of the window, and notes corrections."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._stack = context.undo
        self._made: list[dict[Path, Any]] = []
        """The corrections and ratings of this window, at the present paths of their photos."""
        bind = context.actions.bind
        bind("edit.undo", self.undo, enabled=lambda: _is_possible(self._stack.next_undo))
        bind("edit.redo", self.redo, enabled=lambda: _is_possible(self._stack.next_redo))
        self._stack.changed.connect(self._update)
        context.session.correction_made.connect(self._on_correction)
        context.session.rating_made.connect(self._on_rating)
        context.session.photos_moved.connect(self._on_moved)
        context.session.stored_data.forgotten.connect(self._on_forgotten)

    def undo(self) -> None:
        """Undo the last change; ask first if files are affected."""
        change = self._stack.next_undo
        if change is not None and change.is_possible():
            self._ask(change, _("Undo"), self._stack.undo)

    def redo(self) -> None:
        """Make the change again that was undone last; ask first if files are affected."""
        change = self._stack.next_redo
        if change is not None and change.is_possible():
            self._ask(change, _("Redo"), self._stack.redo)

    def _ask(self, change: Change, verb: str, then: Callable[[], None]) -> None:
        if not change.question:
            then()
            return
        question = QMessageBox(
            QMessageBox.Icon.Question,
            verb,
            _("{verb}: {change}?").format(verb=verb, change=change.text),
            parent=self._context.window,
        )
        question.setInformativeText(change.question)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        cancel = question.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        question.setEscapeButton(cancel)
        button = question.addButton(verb, QMessageBox.ButtonRole.AcceptRole)
        question.setDefaultButton(button)
        button.clicked.connect(then)
        question.open()

    def _update(self) -> None:
        for action_id, change, plain, named in (
            ("edit.undo", self._stack.next_undo, _("&Undo"), _("&Undo: {change}")),
            ("edit.redo", self._stack.next_redo, _("Re&do"), _("Re&do: {change}")),
        ):
            text = plain if change is None else named.format(change=change.text.replace("&", "&&"))
            self._context.actions[action_id].setText(text)
        self._context.actions.refresh()

    def _on_correction(self, verdicts: Verdicts) -> None:
        self._note(verdicts)
        self._stack.push(
            Change(
                ChangeKind.CORRECTION,
                describe_correction(verdicts),
                self._undo_correction,
                lambda: self._redo_correction(verdicts),
            )
        )

    def _on_rating(self, ratings: RatingsByPath) -> None:
        self._note(ratings)
        count = len(ratings)
        self._stack.push(
            Change(
                ChangeKind.RATING,
                ngettext("rate {count} photo", "rate {count} photos", count).format(count=format_number(count)),
                lambda: self._show_undone(self._context.session.undo_rating()),
                lambda: self._context.session.rate_each(dict(ratings)),
            )
        )

    def _note(self, values: dict[Path, Any]) -> None:
        self._made.append(values)
        del self._made[:-MOST_CHANGES]

    def _on_moved(self, new_paths: Mapping[Path, Path]) -> None:
        for values in self._made:
            moved = {new_paths[old]: values.pop(old) for old in list(values) if old in new_paths}
            values.update(moved)

    def _undo_correction(self) -> None:
        self._show_undone(self._context.session.undo_correction())

    def _show_undone(self, paths: Sequence[Path]) -> None:
        """Make the first photo current that is shown, and say how many are as before."""
        session = self._context.session
        rows = [row for path in paths if (row := session.gallery.row_of(path)) is not None]
        shown = session.gallery.positions_of(rows)
        if shown:
            self._context.gallery.set_current_position(shown[0])
        count = len(paths)
        if paths:
            self._context.say(
                ngettext("Undone for {count} photo.", "Undone for {count} photos.", count).format(
                    count=format_number(count)
                )
            )

    def _redo_correction(self, verdicts: Verdicts) -> None:
        self._context.session.correct_each(dict(verdicts))
        count = len(verdicts)
        self._context.say(
            ngettext("Marked {count} photo again.", "Marked {count} photos again.", count).format(
                count=format_number(count)
            )
        )

    def _on_forgotten(self, kinds: frozenset[Kind]) -> None:
        if Kind.VERDICTS in kinds:
            self._made.clear()
            session = self._context.session
            self._stack.keep_newest(ChangeKind.CORRECTION, session.undoable_corrections)
            self._stack.keep_newest(ChangeKind.RATING, session.undoable_ratings)


def _is_possible(change: Change | None) -> bool:
    return change is not None and change.is_possible()


def describe_correction(verdicts: Verdicts) -> str:
    """Return "mark 3 photos as dog" for a change of the user's own verdicts."""
    count = len(verdicts)
    values = set(verdicts.values())
    if len(values) > 1:
        return ngettext("mark {count} photo", "mark {count} photos", count).format(count=format_number(count))
    (verdict,) = values
    match verdict:
        case Verdict.CAT:
            text = ngettext("mark {count} photo as cat", "mark {count} photos as cat", count)
        case Verdict.DOG:
            text = ngettext("mark {count} photo as dog", "mark {count} photos as dog", count)
        case Verdict.BOTH:
            text = ngettext("mark {count} photo as both", "mark {count} photos as both", count)
        case Verdict.NEITHER:
            text = ngettext("mark {count} photo as neither", "mark {count} photos as neither", count)
        case _:
            text = ngettext("clear your verdict for {count} photo", "clear your verdict for {count} photos", count)
    return text.format(count=format_number(count))
