"""Exporting in the window: from *Export…* to the bar that tells what became of it, and back again."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from catdog_desktop.exporting.export_file import ExportError, ExportExistsError, FileExport, check_place
from catdog_desktop.exporting.xmp_export import (
    SidecarDone,
    SidecarState,
    XmpExportError,
    XmpOutcome,
    last_xmp_export,
    undo_keywords,
    write_keywords,
)
from catdog_desktop.formatting import plural
from catdog_desktop.gui.exporting.export_dialog import ExportChoice, ExportDialog
from catdog_desktop.gui.exporting.export_job import file_export_work, sidecar_work
from catdog_desktop.gui.file_manager import reveal
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.jobs import Job, Work
from catdog_desktop.gui.selection_scope import results_of
from catdog_desktop.gui.widgets.job_bar import Choice, JobBar
from catdog_desktop.gui.window_context import WindowContext


class ExportCommands(JobCommands):
    """The actions, the dialog, the thread and the bar, and how they follow from each other. One export at a time."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, JobBar("Exporting"))
        self._dialog: ExportDialog | None = None
        self.bind("file.export", self.open_dialog, "file.undo_keywords", self.undo_last)

    # What the actions do.

    def open_dialog(self) -> None:
        """Let the user choose."""
        if self._dialog is not None or self.is_running:
            return
        self._dialog = ExportDialog(self.scopes(), self._context.settings.current, self._context.window)
        self._dialog.wanted.connect(self._check)
        self._context.session.counts_changed.connect(self._dialog.count)
        self._dialog.finished.connect(self._on_dialog_closed)
        self._dialog.open()

    def undo_last(self) -> None:
        """Bring back the sidecars of the last export, if there is one."""
        if not self.is_running:
            self._context.tasks.run(_find_last, self._undo_found)

    # Doing it.

    def _check(self, choice: ExportChoice) -> None:
        if choice.path is None:
            self._start(choice, None)
        else:
            obstacle = partial(_obstacle, choice.path, choice.replace)
            self._context.tasks.run(obstacle, partial(self._start, choice))

    def _start(self, choice: ExportChoice, obstacle: ExportError | None) -> None:
        """Begin, unless something lies in the way; the dialog closes, so that the bar can be reached."""
        dialog = self._dialog
        if dialog is None or self.is_running:
            return
        if obstacle is not None:
            if isinstance(obstacle, ExportExistsError) and choice.path is not None:
                dialog.ask_whether_to_replace(choice.path)
            else:
                dialog.complain(str(obstacle))
            return
        dialog.accept()
        results, thresholds = results_of(choice.rows), self._context.session.gallery.thresholds
        self._context.settings.change(export_as=choice.format.value)
        if choice.path is None:
            self._begin(sidecar_work(partial(write_keywords, results, thresholds)), self._on_keywords)
        else:
            self._context.settings.change(export_to=str(choice.path.parent))
            export = FileExport(results, thresholds, choice.format, csv_style=choice.csv_style)
            work = file_export_work(export, choice.path, replace_file=choice.replace)
            self._begin(work, partial(self._on_file, choice.path))

    def _begin(self, work: Work, then: Callable[..., None], doing: str = "Exporting") -> None:
        job = Job(work, name="export", expected=(ExportError, XmpExportError), parent=self)
        job.ended.connect(then)
        job.refused.connect(self._on_refused)
        self.begin(job, doing)

    def _on_refused(self, error: Exception) -> None:
        self.bar.say(str(error))

    def _on_file(self, path: Path, photos: int) -> None:
        self.bar.say(
            f"{plural(photos, 'photo', 'photos')} exported to “{path.name}”.", [("Show", partial(reveal, path))]
        )

    def _on_keywords(self, outcome: XmpOutcome) -> None:
        choices = self._details(outcome)
        if outcome.first is not None:
            choices.append(("Show", partial(reveal, outcome.first)))
        if outcome.journal_id is not None:
            choices.append(("Undo", partial(self._undo, outcome.journal_id)))
        self.bar.say(describe_keywords(outcome), choices)

    def _on_undone(self, outcome: XmpOutcome) -> None:
        self.bar.say(describe_undo(outcome), self._details(outcome))

    def _undo(self, journal_id: str) -> None:
        if not self.is_running:
            self._begin(sidecar_work(partial(undo_keywords, journal_id)), self._on_undone, "Undoing")

    def _undo_found(self, journal_id: str | None) -> None:
        if journal_id is None:
            self.bar.say("There are no keywords to undo.")
        else:
            self._undo(journal_id)

    # Around it.

    def _details(self, outcome: XmpOutcome) -> list[Choice]:
        return [("Details", partial(self._show_details, outcome.failed))] if outcome.failed else []

    def _show_details(self, failed: Sequence[SidecarDone]) -> None:
        sentence = "These sidecars were left as they are. No photo was touched."
        self.show_list("Export", sentence, [(done.sidecar, f"{done.error}.") for done in failed])

    def _on_dialog_closed(self) -> None:
        assert self._dialog is not None
        self._dialog.deleteLater()
        self._dialog = None


def describe_keywords(outcome: XmpOutcome) -> str:
    """Return what an export of keywords has done."""
    written, unchanged = outcome.counts[SidecarState.WRITTEN], outcome.counts[SidecarState.UNCHANGED]
    sentences = [f"Keywords written for {plural(written, 'photo', 'photos')}."]
    if unchanged:
        sentences.append(f"{plural(unchanged, 'photo', 'photos')} had them already.")
    return " ".join(sentences + _what_is_missing(outcome, "could not get them"))


def describe_undo(outcome: XmpOutcome) -> str:
    """Return what undoing has done."""
    back = outcome.counts[SidecarState.RESTORED] + outcome.counts[SidecarState.REMOVED]
    sentences = [f"{plural(back, 'sidecar is', 'sidecars are')} as before."]
    return " ".join(sentences + _what_is_missing(outcome, "could not be brought back"))


def _what_is_missing(outcome: XmpOutcome, words: str) -> list[str]:
    sentences = []
    if outcome.failed:
        sentences.append(f"{len(outcome.failed):,} {words}.")
    if outcome.cancelled:
        sentences.append(f"Stopped; {outcome.not_done:,} not done.")
    return sentences


def _obstacle(path: Path, replace: bool) -> ExportError | None:
    try:
        check_place(path, replace=replace)
    except ExportError as error:
        return error
    return None


def _find_last() -> str | None:
    last = last_xmp_export()
    return None if last is None else last.id
