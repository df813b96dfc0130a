"""Exporting in the window: the dialog, the job, the bar that says what was done, and the undo of keywords."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.gui.file_manager import reveal
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.jobs import Job, Work
from catdog_desktop.gui.selection_scope import results_of
from catdog_desktop.gui.undo_stack import Change, ChangeKind
from catdog_desktop.gui.widgets.job_bar import Choice, JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.verdict import Result, Thresholds
from catdog_desktop.xmp.keyword_words import KeywordWords
from catdog_desktop.xmp.sidecars import SidecarNames

if TYPE_CHECKING:
    from catdog_desktop.exporting.export_file import ExportError
    from catdog_desktop.exporting.xmp_export import SidecarDone, XmpOutcome
    from catdog_desktop.exporting.xmp_journal import XmpExportError
    from catdog_desktop.gui.exporting.export_dialog import ExportChoice, ExportDialog


class ExportCommands(JobCommands):
    """*Export* and *Undo last keywords*. One export at a time."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, JobBar(_("Exporting")))
        self._dialog: ExportDialog | None = None
        self.bind("file.export", self.open_dialog, "file.undo_keywords", self.undo_last)

    def open_dialog(self) -> None:
        """Open the dialog."""
        from catdog_desktop.gui.exporting.export_dialog import ExportDialog

        if self._dialog is not None or self.is_running:
            return
        self._dialog = ExportDialog(self.scopes(), self._context.settings.current, self._context.window)
        self._dialog.export_requested.connect(self._check)
        self._context.session.counts_changed.connect(self._dialog.update_hint)
        self._dialog.finished.connect(self._on_dialog_closed)
        self._dialog.open()

    def undo_last(self) -> None:
        """Undo the last export of keywords."""
        if not self.is_running:
            self._context.tasks.run(_last_export_id, self._on_last_found)

    def _check(self, choice: ExportChoice) -> None:
        if choice.path is None:
            self._start(choice, None)
        else:
            self._context.tasks.run(partial(_obstacle, choice.path, choice.replace), partial(self._start, choice))

    def _start(self, choice: ExportChoice, obstacle: ExportError | None) -> None:
        """Begin the export and close the dialog, unless there is an obstacle."""
        from catdog_desktop.exporting.export_file import ExportProblem, FileExport
        from catdog_desktop.gui.exporting.export_job import file_export_work

        dialog = self._dialog
        if dialog is None or self.is_running:
            return
        if obstacle is not None:
            if obstacle.problem is ExportProblem.EXISTS:
                dialog.offer_replacing(obstacle.path)
            else:
                dialog.show_error(str(obstacle))
            return
        dialog.accept()
        results, thresholds = results_of(choice.rows), self._context.session.gallery.thresholds
        self._context.settings.change(export_as=choice.format.value)
        if choice.path is None:
            self._context.settings.change(
                sidecar_names=choice.sidecar_names.value, keywords=choice.keywords.as_settings()
            )
            self._write_keywords(results, thresholds, choice.sidecar_names, choice.keywords)
        else:
            self._context.settings.change(export_to=str(choice.path.parent))
            export = FileExport(results, thresholds, choice.format, csv_style=choice.csv_style)
            work = file_export_work(export, choice.path, replace_file=choice.replace)
            self._begin(work, partial(self._on_file_written, choice.path), _("Exporting"))

    def _write_keywords(
        self, results: Sequence[Result], thresholds: Thresholds, new_names: SidecarNames, words: KeywordWords
    ) -> None:
        from catdog_desktop.exporting.xmp_export import write_keywords
        from catdog_desktop.gui.exporting.export_job import sidecar_work

        if not self.is_running:
            again = partial(self._write_keywords, results, thresholds, new_names, words)
            work = sidecar_work(partial(write_keywords, results, thresholds, new_names=new_names, words=words))
            self._begin(work, partial(self._on_keywords_written, again), _("Exporting"))

    def _begin(self, work: Work, on_ended: Callable[..., None], label: str) -> None:
        from catdog_desktop.exporting.export_file import ExportError
        from catdog_desktop.exporting.xmp_journal import XmpExportError

        job = Job(work, name="export", expected=(ExportError, XmpExportError), parent=self)
        job.ended.connect(on_ended)
        job.refused.connect(self._on_refused)
        self.begin(job, label)

    def _on_refused(self, error: ExportError | XmpExportError) -> None:
        self.bar.say(str(error))

    def _on_file_written(self, path: Path, photos: int) -> None:
        from catdog_desktop.gui.exporting.export_text import describe_file_export

        self.bar.say(describe_file_export(photos, path), [(_("Show"), partial(reveal, path, self._context.say))])

    def _on_keywords_written(self, again: Callable[[], None], outcome: XmpOutcome) -> None:
        from catdog_desktop.exporting.xmp_export import SidecarState
        from catdog_desktop.gui.exporting.export_text import describe_keywords

        choices: list[Choice] = []
        if outcome.journal_id is not None:
            undo = partial(self._undo, outcome.journal_id)
            choices.append((_("Undo"), undo))
            count = outcome.counts[SidecarState.WRITTEN]
            text = ngettext("write keywords for {count} photo", "write keywords for {count} photos", count)
            question = ngettext("{count} sidecar is changed.", "{count} sidecars are changed.", count)
            change = Change(
                ChangeKind.KEYWORDS,
                text.format(count=format_number(count)),
                undo,
                again,
                question.format(count=format_number(count)),
                outcome.journal_id,
                self._is_idle,
            )
            self._context.undo.push(change)
        choices += self._details(outcome)
        if outcome.first is not None:
            choices.append((_("Show"), partial(reveal, outcome.first, self._context.say)))
        self.bar.say(describe_keywords(outcome), choices)

    def _undo(self, journal_id: str) -> None:
        from catdog_desktop.exporting.xmp_export import undo_keywords
        from catdog_desktop.gui.exporting.export_job import sidecar_work

        if not self.is_running:
            self._begin(sidecar_work(partial(undo_keywords, journal_id)), self._on_undone, _("Undoing"))

    def _on_undone(self, outcome: XmpOutcome) -> None:
        from catdog_desktop.gui.exporting.export_text import describe_undo

        if outcome.journal_id is not None:
            self._context.undo.discard(outcome.journal_id)
        self.bar.say(describe_undo(outcome), self._details(outcome))

    def _on_last_found(self, journal_id: str | None) -> None:
        if journal_id is None:
            self.bar.say(_("There are no keywords to undo."))
        else:
            self._undo(journal_id)

    def _details(self, outcome: XmpOutcome) -> list[Choice]:
        return [(_("Details"), partial(self._show_details, outcome.failed))] if outcome.failed else []

    def _show_details(self, failed: Sequence[SidecarDone]) -> None:
        sentence = _("These sidecars were left as they are. No photo was changed.")
        self.show_list(_("Export"), sentence, [(done.sidecar, f"{done.error}.") for done in failed])

    def _on_dialog_closed(self) -> None:
        assert self._dialog is not None
        self._dialog.deleteLater()
        self._dialog = None


def _obstacle(path: Path, replace: bool) -> ExportError | None:
    """Return why nothing can be written to `path`; None if it can."""
    from catdog_desktop.exporting.export_file import ExportError, check_target

    try:
        check_target(path, replace=replace)
    except ExportError as error:
        return error
    return None


def _last_export_id() -> str | None:
    from catdog_desktop.exporting.xmp_export import last_xmp_export

    last = last_xmp_export()
    return None if last is None else last.id
