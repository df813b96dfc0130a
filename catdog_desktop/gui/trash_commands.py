"""*Move to Trash* in the window: the question, the job, the bar that says what was done, and undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QFile, Qt, Signal
from PySide6.QtWidgets import QMessageBox

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.jobs import Job, OnProgress
from catdog_desktop.gui.undo_stack import Change, ChangeKind
from catdog_desktop.gui.widgets.job_bar import Choice, JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext

if TYPE_CHECKING:
    from catdog_desktop.trashing.trash_journal import TrashError
    from catdog_desktop.trashing.trash_run import MoveFile, TrashInfo, TrashOutcome, TrashPlan

_ASK_FROM: Final = 101
"""From so many photos on, the user is asked first, also if no companions go along."""

Obstacle = Callable[[Path], str]
"""Returns why a photo must not go to the trash, to be read after its name; empty if it may. Called by the job."""


def move_to_system_trash(path: Path) -> Path | None:
    """Move a file to the trash of the system; return its path there, None if the system does not report it.

    Raises `NoTrashError` if it was not moved: Qt never deletes a file instead. For any thread.
    """
    from catdog_desktop.trashing.trash_run import NoTrashError

    file = QFile(str(path))
    if not file.moveToTrash():
        raise NoTrashError(file.errorString())
    place = file.fileName()
    return Path(place) if place and place != str(path) else None


class TrashCommands(JobCommands):
    """*Move to Trash* and *Undo last move to Trash*. One job at a time."""

    removed = Signal()

    def __init__(self, context: WindowContext, move: MoveFile = move_to_system_trash) -> None:
        """`move` moves one file; tests pass one that fails."""
        super().__init__(context, JobBar(_("Trash")))
        self._move = move
        context.actions.bind("edit.trash", self.move_selected, enabled=self._can_move)
        context.actions.bind("edit.undo_trash", self.undo_last, enabled=lambda: not self.is_running)

    def move_selected(self) -> None:
        """Move the selected photos to the trash. Asks first if other files go along, or if they are many."""
        rows = self._context.gallery.selected_rows
        if self._context.session.gallery.query.filter is Filter.DUPLICATES:
            # The user relies on the copies that stay, and a fingerprint is only a sample of the content.
            self.move_photos([row.path for row in rows], partial(_obstacle, self._kept_copies(rows)))
        else:
            self.move_photos([row.path for row in rows])

    def move_photos(self, paths: Sequence[Path], obstacle: Obstacle = lambda _photo: "") -> None:
        """Move photos to the trash, except those for which there is an `obstacle`."""
        from catdog_desktop.trashing.trash_run import plan_trash

        if paths and not self.is_running:
            plan = partial(plan_trash, tuple(paths))
            self._context.tasks.run(plan, lambda found: self._ask(found, obstacle))

    def undo_last(self) -> None:
        """Move the photos back that were moved last; ask first."""
        from catdog_desktop.trashing.trash_run import last_trash

        if not self.is_running:
            self._context.tasks.run(last_trash, self._on_last_found)

    def _kept_copies(self, rows: Sequence[Row]) -> dict[Path, Path]:
        """Return a duplicate that stays for each of `rows` that has one."""
        going = {row.path for row in rows}
        duplicates_of = self._context.session.gallery.duplicates_of
        staying = ((row, [other.path for other in duplicates_of(row) if other.path not in going]) for row in rows)
        return {row.path: others[0] for row, others in staying if others}

    def _can_move(self) -> bool:
        return self._context.gallery.selectionModel().hasSelection() and not self.is_running

    def _ask(self, plan: TrashPlan, obstacle: Obstacle) -> None:
        from catdog_desktop.gui.trash_text import describe_question

        if not plan.companions and len(plan.steps) < _ASK_FROM:
            self._start(plan, obstacle)
            return
        question = QMessageBox(
            QMessageBox.Icon.Question, _("Move to Trash"), describe_question(plan), parent=self._context.window
        )
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        cancel = question.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        question.setEscapeButton(cancel)
        move = question.addButton(_("&Move to Trash"), QMessageBox.ButtonRole.AcceptRole)
        question.setDefaultButton(move)
        move.clicked.connect(lambda: self._start(plan, obstacle))
        question.open()

    def _start(self, plan: TrashPlan, obstacle: Obstacle) -> None:
        from catdog_desktop.trashing.trash_journal import TrashError
        from catdog_desktop.trashing.trash_run import move_to_trash

        if self.is_running:
            return

        def work(on_progress: OnProgress, cancel_token: CancelToken) -> TrashOutcome:
            return move_to_trash(
                plan, self._move, obstacle=obstacle, on_progress=on_progress, cancel_token=cancel_token
            )

        job = Job(work, name="trash", expected=(TrashError,), parent=self)
        job.ended.connect(self._on_moved)
        job.refused.connect(self._on_refused)
        self.begin(job, _("Moving to the trash"))

    def _on_moved(self, outcome: TrashOutcome) -> None:
        from catdog_desktop.gui.trash_text import describe_moved

        gallery = self._context.gallery
        rows = [
            row
            for path in (*outcome.photos, *outcome.companions)
            if (row := self._context.session.gallery.row_of(path)) is not None
        ]
        positions = self._context.session.gallery.positions_of(rows)
        self._context.session.remove(rows)
        if positions:
            gallery.set_current_position(positions[0])
        choices: list[Choice] = []
        if outcome.photos:
            undo = partial(self._undo, outcome.journal_id)
            choices.append((_("Undo"), undo))
            count = len(outcome.photos)
            self._context.undo.push(
                Change(
                    ChangeKind.TRASH,
                    ngettext("move {count} photo to the Trash", "move {count} photos to the Trash", count).format(
                        count=format_number(count)
                    ),
                    undo,
                    partial(self.move_photos, tuple(outcome.photos)),
                    ngettext("{count} photo is moved.", "{count} photos are moved.", count).format(
                        count=format_number(count)
                    ),
                    outcome.journal_id,
                    self._is_idle,
                )
            )
        self.bar.say(describe_moved(outcome), choices + self._details(outcome), stays=bool(outcome.failed))
        self.removed.emit()

    def _undo(self, journal_id: str) -> None:
        from catdog_desktop.trashing.trash_journal import TrashError
        from catdog_desktop.trashing.trash_run import undo_trash

        if self.is_running:
            return

        def work(on_progress: OnProgress, cancel_token: CancelToken) -> TrashOutcome:
            return undo_trash(journal_id, on_progress=on_progress, cancel_token=cancel_token)

        job = Job(work, name="trash", expected=(TrashError,), parent=self)
        job.ended.connect(self._on_back)
        job.refused.connect(self._on_refused)
        self.begin(job, _("Undoing"))

    def _on_back(self, outcome: TrashOutcome) -> None:
        from catdog_desktop.gui.trash_text import describe_back

        self._context.undo.discard(outcome.journal_id)
        self._context.session.add_back(outcome.photos)
        choices: list[Choice] = []
        if outcome.not_done:
            choices.append((_("Undo the rest"), partial(self._undo, outcome.journal_id)))
        self.bar.say(describe_back(outcome), choices + self._details(outcome), stays=bool(outcome.failed))

    def _on_refused(self, error: TrashError) -> None:
        self.bar.say(str(error))

    def _on_last_found(self, found: TrashInfo | None) -> None:
        if found is None:
            self.bar.say(_("There is nothing in the trash that CatDog moved there."))
            return
        text = ngettext(
            "Move {count} photo back from the trash?", "Move {count} photos back from the trash?", found.photos
        )
        self.bar.say(
            text.format(count=format_number(found.photos)), [(_("Undo"), partial(self._undo, found.id))], stays=True
        )

    def _details(self, outcome: TrashOutcome) -> list[Choice]:
        return [(_("Details"), partial(self._show_details, outcome))] if outcome.failed else []

    def _show_details(self, outcome: TrashOutcome) -> None:
        self.show_list(_("Trash"), _("These files were left where they are."), outcome.failed)


def _obstacle(kept_copies: Mapping[Path, Path], photo: Path) -> str:
    """Compare every byte of a duplicate with the copy that stays; return why it must stay, too."""
    from catdog_desktop.files.same_content import KeptFileError, verify_copies

    kept = kept_copies.get(photo)
    if kept is None:
        return ""
    try:
        different = verify_copies(kept, [photo]).different
    except KeptFileError as error:
        return _("was left, since its copy {name} {reason}").format(name=displayable(kept.name), reason=error)
    return different[0][1] if different else ""
