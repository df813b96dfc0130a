"""Commands about the photo library as a whole. One job at a time, shown in a bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.formatting import displayable
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.jobs import Job, OnProgress, Work
from catdog_desktop.gui.widgets.job_bar import Choice, JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_list, format_number, join_sentences
from catdog_desktop.messages import _, ngettext
from catdog_desktop.store.store import Store, StoreError
from catdog_desktop.verdict import Verdict

if TYPE_CHECKING:
    from catdog_desktop.gui.library.locate_dialog import LocateDialog
    from catdog_desktop.library.keywords import OwnMarks
    from catdog_desktop.library.locate import Comparison


class LibraryCommands(JobCommands):
    """*Locate moved folder* and *Use keywords of other programs*."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, JobBar(_("Library")))
        self._dialog: LocateDialog | None = None
        context.actions.bind("file.locate_folder", self.open_locate, enabled=self._is_idle)
        context.actions.bind("photos.read_keywords", self.read_keywords, enabled=self._can_begin)

    def open_locate(self) -> None:
        """Look for missing folders, and open the dialog."""
        if self._dialog is None and not self.is_running:
            self._context.tasks.run(_missing_folders, self._show_locate)

    def read_keywords(self) -> None:
        """Read the keywords of the selected photos, or of all if fewer than two are selected; ask before using them."""
        from catdog_desktop.library.keywords import read_marks, words_to_read

        gallery = self._context.session.gallery
        selected = self._context.gallery.selected_rows
        rows = selected if len(selected) > 1 else gallery.rows()
        photos = [row.path for row in rows]
        words = words_to_read(self._context.settings.current.keywords)
        job = Job(
            lambda on_progress, token: read_marks(photos, words=words, on_progress=on_progress, cancel_token=token),
            name="keywords",
            parent=self,
        )
        job.ended.connect(self._ask_whether_to_use)
        self.begin(job, _("Reading keywords"))

    def _ask_whether_to_use(self, found: list[OwnMarks]) -> None:
        verdicts, ratings = self._new_marks(found)
        if not verdicts and not ratings:
            self.bar.say(_("There are no keywords or ratings of other programs that are not used already."))
            return
        self.bar.say(describe_marks(verdicts, ratings), [(_("Use"), partial(self._use, verdicts, ratings))])

    def _new_marks(self, found: list[OwnMarks]) -> tuple[dict[Path, Verdict | None], dict[Path, int | None]]:
        """Return the marks of photos in the gallery that the user has not marked here."""
        verdicts: dict[Path, Verdict | None] = {}
        ratings: dict[Path, int | None] = {}
        for marks in found:
            row = self._context.session.gallery.row_of(marks.photo)
            if row is None or row.result is None:
                continue
            if marks.verdict is not None and row.result.correction is None:
                verdicts[marks.photo] = marks.verdict
            if marks.rating is not None and row.result.rating is None:
                ratings[marks.photo] = marks.rating
        return verdicts, ratings

    def _use(self, verdicts: dict[Path, Verdict | None], ratings: dict[Path, int | None]) -> None:
        self._context.session.rate_each(ratings)
        self._context.session.correct_each(verdicts)
        self._context.actions.refresh()
        self.bar.hide()
        count = len(verdicts.keys() | ratings.keys())
        text = ngettext("{count} photo has your mark now.", "{count} photos have your marks now.", count)
        self._context.say(join_sentences([text.format(count=format_number(count)), _("Ctrl+Z undoes it.")]))

    def _show_locate(self, missing: list[Path] | StoreError) -> None:
        from catdog_desktop.gui.library.locate_dialog import LocateDialog

        if isinstance(missing, StoreError):
            self._context.say(str(missing))
        elif self._dialog is None:
            self._dialog = LocateDialog(missing, self._context.window)
            self._dialog.locate_requested.connect(self._locate)
            self._dialog.finished.connect(self._on_dialog_closed)
            self._dialog.open()

    def _locate(self, old: Path, new: Path) -> None:
        from catdog_desktop.library.locate import LocateError

        if self.is_running or self._dialog is None:
            return
        self._dialog.accept()
        job = Job(_locate_work(old, new), name="locate", expected=(LocateError, StoreError), parent=self)
        job.ended.connect(self._on_located)
        job.refused.connect(lambda error: self.bar.say(str(error)))
        self.begin(job, _("Comparing"))

    def _on_located(self, comparison: Comparison) -> None:
        from catdog_desktop.library.locate import with_located_folders

        session = self._context.session
        moved = {old: new for old, new in comparison.places.items() if session.gallery.row_of(old) is not None}
        moved |= {
            source: comparison.new / source.relative_to(comparison.old)
            for source in session.sources
            if source.is_relative_to(comparison.old)
        }
        if moved:
            session.move(moved)
        # The job changed the settings file. The window must not overwrite it with the old folders.
        settings = with_located_folders(self._context.settings.current, comparison)
        self._context.settings.change(
            last_folder=settings.last_folder, sort_into=settings.sort_into, export_to=settings.export_to
        )
        self.bar.say(_describe(comparison), self._details(comparison))

    def _details(self, comparison: Comparison) -> list[Choice]:
        items = [(path, _("is missing.")) for path in comparison.missing]
        items += [(path, _("is another photo.")) for path in comparison.different]
        if not items:
            return []
        sentence = _("These photos keep their old paths.")
        return [(_("Details"), partial(self.show_list, _("Locate moved folder"), sentence, items))]

    def _on_dialog_closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None


def describe_marks(verdicts: Mapping[Path, Verdict | None], ratings: Mapping[Path, int | None]) -> str:
    """Return what other programs wrote, as a question."""
    counts = Counter(verdicts.values())
    parts = [
        text.format(count=format_number(counts[verdict]))
        for verdict, text in (
            (Verdict.CAT, ngettext("{count} photo as a cat", "{count} photos as cats", counts[Verdict.CAT])),
            (Verdict.DOG, ngettext("{count} photo as a dog", "{count} photos as dogs", counts[Verdict.DOG])),
            (Verdict.BOTH, ngettext("{count} photo as both", "{count} photos as both", counts[Verdict.BOTH])),
        )
        if counts[verdict]
    ]
    sentences = []
    if parts:
        sentences.append(_("Marked by other programs: {photos}.").format(photos=format_list(parts)))
    if ratings:
        text = ngettext("{count} photo has a rating.", "{count} photos have a rating.", len(ratings))
        sentences.append(text.format(count=format_number(len(ratings))))
    return join_sentences([*sentences, _("Use them as yours?")])


def _missing_folders() -> list[Path] | StoreError:
    from catdog_desktop.library.locate import missing_folders

    with Store.open() as store:
        try:
            return missing_folders(store)
        except StoreError as error:
            return error


def _locate_work(old: Path, new: Path) -> Work:
    """Return the comparison and the change of paths as the work of a job; its outcome is a `Comparison`."""
    from catdog_desktop.library.locate import compare_places, relocate

    def work(on_progress: OnProgress, cancel_token: CancelToken) -> Comparison:
        with Store.open() as store:
            comparison = compare_places(store, old, new, on_progress=on_progress, cancel_token=cancel_token)
            relocate(store, comparison)
        return comparison

    return work


def _describe(comparison: Comparison) -> str:
    count = len(comparison.places)
    text = ngettext("{count} photo found in “{folder}”.", "{count} photos found in “{folder}”.", count)
    sentence = text.format(count=format_number(count), folder=displayable(comparison.new))
    others = len(comparison.missing) + len(comparison.different)
    if others:
        rest = ngettext("{count} photo was not found there.", "{count} photos were not found there.", others)
        return join_sentences([sentence, rest.format(count=format_number(others))])
    return sentence
