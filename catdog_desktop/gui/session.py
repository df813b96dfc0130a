"""Connects the classifying thread to the model of the gallery: photos added, found, classified, stopped, removed.

Four objects know photos by path: the gallery (its rows), the classifying thread (what was found already), `Corrections`
(verdicts of photos without a fingerprint) and the session itself (what the user opened). Each needs its own: they live
in different threads or outlive each other's entries. `Session.move` and `Session.remove` are the only places that
change a path in all of them.
"""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason, parse_patterns
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.corrections import Corrections, Ratings, RatingsByPath, Verdicts
from catdog_desktop.gui.dropped_addresses import EncodedImage
from catdog_desktop.gui.feature_loader import FeatureLoader
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.pasted_images import save_image, save_pixels
from catdog_desktop.gui.settings.stored_data import StoredDataClient
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.worker import ClassifyThread
from catdog_desktop.gui.worker_commands import (
    Cancel,
    ClassifyAgain,
    FindNewPhotos,
    FindPhotos,
    MovePhotos,
    Pause,
    Prioritize,
    RemovePhotos,
    SaveCorrections,
    SaveRatings,
    StopLost,
    UseLearnt,
    UseModel,
)
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.learning.learnt_file import LearntHead
from catdog_desktop.learning.learnt_results import without_head
from catdog_desktop.messages import _
from catdog_desktop.paths import pasted_folder
from catdog_desktop.settings import Settings
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Result, Thresholds, Verdict

if TYPE_CHECKING:
    from catdog_desktop.learning.perceptual_hash import Look

_RESULTS_AT_ONCE: Final = 300
"""Results shown in one go, about 5 ms of work: thousands of cached results arrive in a moment."""
_COUNT_MS: Final = 150
"""How often the counts of the filters are updated while results arrive."""


class Session(QObject):
    """The photos of the window and what happens to them. Lives in the GUI thread; nothing in it touches the disk."""

    opened = Signal(list)  # list[Path]: files and folders that the user opens, for the first time or again
    photos_found = Signal(list)  # list[Path]: new in the gallery
    photos_moved = Signal(object)  # dict[Path, Path]: new path by old path, of files that the app itself moved
    photos_removed = Signal(list)  # list[Path]: removed from the gallery
    sources_added = Signal(list)  # list[Path]: files and folders that the user opens for the first time
    rows_changed = Signal(list)  # list[Row] with new results
    counts_changed = Signal()
    progress_changed = Signal(object)  # JobProgress
    job_ended = Signal(object)  # the last JobProgress of a job
    skipped_changed = Signal()
    model_ready = Signal(object)  # ModelFile
    model_failed = Signal(str)  # a sentence: no model can be used
    learnt_changed = Signal(object)  # LearntHead | None: the head in use
    model_refused = Signal(str)  # a sentence: another model cannot be used, the current one stays
    correction_made = Signal(object)  # dict[Path, Verdict | None]: what the user just set, not by undo
    rating_made = Signal(object)  # dict[Path, int | None]: what the user just set, not by undo
    corrected = Signal(object)  # dict[Path, Verdict | None]: corrections that have changed and were stored
    paste_failed = Signal(str)  # a sentence
    store_warning = Signal(str)  # a sentence: why results or corrections are not stored
    failed = Signal(object)  # an unexpected exception

    def __init__(self, model_folder: Path, settings: Settings, tasks: TaskQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        exclude = parse_patterns(settings.exclude)
        self._worker = ClassifyThread(
            model_folder,
            settings.jobs,
            self,
            thorough=settings.thorough,
            exclude=exclude,
            join_raw=settings.join_raw,
            low_priority=settings.low_priority,
        )
        self.gallery = GalleryModel(self, self._worker.thumbnail)
        self.features = FeatureLoader(self._worker, self.gallery, self)
        self.stored_data = StoredDataClient(self._worker, self)
        self.skipped: list[Skipped] = []
        """Files that were skipped since the user last opened photos while the app was idle."""
        self._reported_skips = 0
        self._judged: dict[Row, None] = {}
        """Rows that have a result of the current job."""
        self.model: ModelFile | None = None
        self.learnt: LearntHead | None = None
        """What was learnt from corrections and is in use."""
        self._settings = settings
        self._tasks = tasks
        self._busy = False
        self._paused = False
        self._sources: dict[Path, float] = {}
        self._corrections = Corrections()
        self._ratings = Ratings()
        self._pending: list[Result] = []
        """Results that are not shown yet: the GUI thread shows some of them whenever it is idle."""
        self._pending_end: JobProgress | None = None
        """The end of a job, emitted once its last result is shown."""
        self._show_timer = QTimer(self, interval=0, singleShot=True)
        self._show_timer.timeout.connect(self._show_pending)
        self._count_timer = QTimer(self, interval=_COUNT_MS, singleShot=True)
        self._count_timer.timeout.connect(self.counts_changed)
        self._connect()

    @property
    def busy(self) -> bool:
        """Whether photos are being found or classified."""
        return self._busy

    @property
    def stopped_count(self) -> int:
        """How many photos were stopped before they had a result."""
        return self.gallery.stopped_count

    @property
    def sources(self) -> Mapping[Path, float]:
        """The files and folders that the user opened, at their present paths, and when (seconds since 1970)."""
        return self._sources

    def take_new_skipped(self) -> list[Skipped]:
        """Return the skipped files that no earlier call returned: a watched folder begins jobs that skip none."""
        new = self.skipped[self._reported_skips :]
        self._reported_skips = len(self.skipped)
        return new

    def take_judged(self) -> list[Row]:
        """Return the photos with results that no earlier call returned, those that were removed since aside."""
        rows = self.gallery.listed(self._judged)
        self._judged.clear()
        return rows

    def start(self) -> None:
        """Load the model in the background."""
        self._worker.start()

    def add(self, paths: Iterable[Path]) -> None:
        """Add photos and folders; they are found and classified in the background, after those before them."""
        paths = list(paths)
        if not paths:
            return
        if not self._busy:
            self.skipped.clear()
            self._reported_skips = 0
        new = [path for path in dict.fromkeys(paths) if path not in self._sources]
        self._sources.update(dict.fromkeys(new, time.time()))
        self._worker.post(FindPhotos(tuple(paths)))
        self.opened.emit(paths)
        self.sources_added.emit(new)

    def restore(self, sources: Iterable[Path], others: Iterable[Path], removed: Iterable[Path]) -> None:
        """Open the photos of an earlier session: those in `sources` and `others`, except `removed`."""
        new = [path for path in dict.fromkeys(sources) if path not in self._sources]
        self._sources.update(dict.fromkeys(new, time.time()))
        self._worker.post(FindPhotos((*new, *others), tuple(removed)))
        self.sources_added.emit(new)

    def add_back(self, paths: Iterable[Path], sources: Mapping[Path, float] | None = None) -> None:
        """List photos again that were removed from the list or came back from the trash."""
        self._sources.update(sources or {})
        paths = tuple(paths)
        if paths:
            self._worker.post(FindPhotos(paths))
            self.opened.emit(list(paths))

    def add_pixels(self, image: QImage) -> None:
        """Add an image without a file: it is saved first, so that it can be sorted like any other photo."""
        copy = image.copy()
        self._tasks.run(lambda: save_pixels(copy), self._on_pasted)

    def add_image(self, image: EncodedImage) -> None:
        """Add the bytes of an image file without a name, saved like `add_pixels`."""
        self._tasks.run(lambda: save_image(image), self._on_pasted)

    @property
    def paused(self) -> bool:
        """Whether photos wait until the user resumes."""
        return self._paused

    def pause(self) -> None:
        """Begin no further photo until `resume`; photos that were begun still get their results."""
        self._worker.post(Pause(paused=True))

    def cancel(self) -> None:
        """Stop classifying; photos that have a result keep it."""
        self._worker.post(Cancel())

    def resume(self) -> None:
        """Go on after a pause, and classify the photos that were stopped."""
        self._worker.post(Pause(paused=False))
        paths = [row.path for row in self.gallery.rows_in(State.STOPPED)]
        self.gallery.set_state(paths, State.WAITING)
        self._worker.post(ClassifyAgain(tuple(paths)))

    def rescan(self, everything: bool) -> None:
        """Walk the sources again: add what is new, and classify again what has changed, or `everything`."""
        self._show_all_pending()
        rows = [row for row in self.gallery.rows() if row.state is not State.WAITING]
        paths = [row.path for row in rows]
        waiting = paths if everything else [row.path for row in rows if row.state is State.STOPPED]
        self.gallery.set_state(waiting, State.WAITING)
        self._worker.post(ClassifyAgain(tuple(paths), ignore_cache=everything))
        self._worker.post(FindNewPhotos(tuple(self._sources)))

    def recheck(self, paths: Iterable[Path]) -> None:
        """Classify photos that have arrived or changed in the folders that the user opened."""
        paths = list(paths)
        known = [row.path for path in paths if (row := self.gallery.row_of(path)) and row.state is not State.WAITING]
        self.gallery.set_state(known, State.WAITING)
        self._worker.post(ClassifyAgain(tuple(known)))
        self._worker.post(FindNewPhotos(tuple(path for path in paths if self.gallery.row_of(path) is None)))

    def correct(self, paths: Iterable[Path], verdict: Verdict | None) -> None:
        """Set the user's own verdict of photos, or clear it (None). It holds for their duplicates too, open or not."""
        self.correct_each(dict.fromkeys(paths, verdict))

    def correct_each(self, verdicts: Verdicts) -> None:
        """Set the user's own verdict of each photo, as `correct` does, in one step of undo."""
        if verdicts:
            self._correct(dict(verdicts), undo=False)
            self.correction_made.emit(dict(verdicts))

    @property
    def correction_can_be_undone(self) -> bool:
        """Whether `undo_correction` would do anything."""
        return self._corrections.can_undo

    @property
    def undoable_corrections(self) -> int:
        """How many calls of `undo_correction` would do anything."""
        return self._corrections.undo_count

    def undo_correction(self) -> list[Path]:
        """Undo the last correction that is not undone yet; return the affected paths."""
        before = self._corrections.take_undo() or {}
        self._correct(before, undo=True)
        return list(before)

    def rate(self, paths: Iterable[Path], stars: int | None) -> None:
        """Give photos 1 to 5 stars, or none (None). It holds for their duplicates too, open or not."""
        self.rate_each(dict.fromkeys(paths, stars))

    def rate_each(self, ratings: RatingsByPath) -> None:
        """Set the user's rating of each photo, as `rate` does, in one step of undo."""
        if ratings:
            self._rate(dict(ratings), undo=False)
            self.rating_made.emit(dict(ratings))

    @property
    def rating_can_be_undone(self) -> bool:
        """Whether `undo_rating` would do anything."""
        return self._ratings.can_undo

    @property
    def undoable_ratings(self) -> int:
        """How many calls of `undo_rating` would do anything."""
        return self._ratings.undo_count

    def undo_rating(self) -> list[Path]:
        """Undo the last rating that is not undone yet; return the affected paths."""
        before = self._ratings.take_undo() or {}
        self._rate(before, undo=True)
        return list(before)

    def remove(self, rows: Iterable[Row]) -> None:
        """Remove photos from the gallery, never from the disk."""
        paths = [row.path for row in rows]
        self._worker.post(RemovePhotos(tuple(paths)))
        self.gallery.remove(paths)
        self._count_timer.start()
        self.photos_removed.emit(paths)

    def clear(self) -> None:
        """Remove all photos from the gallery, and close all files and folders that the user opened."""
        self.cancel()
        self._show_all_pending()
        self._sources.clear()
        self.remove(list(self.gallery.rows()))

    def move(self, new_paths: Mapping[Path, Path]) -> None:
        """Note that the app itself moved files: new path by old path. The store must be updated by the caller."""
        self._show_all_pending()
        self._worker.post(MovePhotos(dict(new_paths)))
        self._sources = {new_paths.get(path, path): since for path, since in self._sources.items()}
        self._corrections.move(new_paths)
        self._ratings.move(new_paths)
        self.gallery.move(new_paths)
        rows = [row for new in new_paths.values() if (row := self.gallery.row_of(new)) is not None]
        # The worker has dropped those that were to be classified again under their old path.
        self._on_stopped([row.path for row in rows if row.state is State.WAITING])
        self.rows_changed.emit(rows)
        self.photos_moved.emit(dict(new_paths))

    def use_model(self, folder: Path) -> None:
        """Classify all photos with another model; results that it has in the store are shown at once."""
        self._worker.post(UseModel(folder, tuple(row.path for row in self.gallery.rows_in(State.STOPPED))))

    def use_learnt(self, learnt: LearntHead | None) -> None:
        """Show the scores of a head learnt from corrections, or of the model alone (None)."""
        done = [row.path for row in self.gallery.rows_in(State.DONE)]
        self._worker.post(UseLearnt(learnt, tuple(done)))

    def thumbnail(self, path: Path, fingerprint: str) -> bytes:
        """Return a JPEG thumbnail; empty for an unreadable photo. It touches the disk: not for the GUI thread."""
        return self._worker.thumbnail(path, fingerprint)

    def looks(self, photos: Mapping[str, Path]) -> "dict[str, Look]":
        """Return how photos look, path by fingerprint, for stacks. It touches the disk: not for the GUI thread."""
        return self._worker.looks(photos)

    def prioritize(self, paths: list[Path]) -> None:
        """Classify what is on the screen first."""
        self._worker.post(Prioritize(tuple(paths)))

    def use_settings(self, settings: Settings) -> None:
        """Judge the scores by the user's thresholds; nothing is classified again."""
        self._settings = settings
        self.stored_data.limit_thumbnails(settings.thumbnail_megabytes)
        of_model = self.model.thresholds if self.model is not None else Thresholds()
        self.gallery.set_thresholds(settings.thresholds(of_model))
        self.counts_changed.emit()

    def begin_close(self) -> None:
        """Ask everything to stop; returns at once."""
        self._worker.stop()

    def close(self) -> None:
        """Wait for the threads: at most as long as the photos in flight take."""
        self._worker.stop()
        self._worker.wait()
        self.gallery.close()

    def _connect(self) -> None:
        worker = self._worker
        worker.model_ready.connect(self._on_model)
        worker.model_failed.connect(self.model_failed)
        worker.learnt_changed.connect(self._on_learnt)
        worker.model_refused.connect(self.model_refused)
        worker.photos_found.connect(self._on_found)
        worker.photos_skipped.connect(self._on_skipped)
        worker.results_ready.connect(self._on_results)
        worker.photos_stopped.connect(self._on_stopped)
        worker.progress_changed.connect(self._on_progress)
        worker.corrections_saved.connect(self._on_corrections_saved)
        worker.ratings_saved.connect(self._on_ratings_saved)
        worker.store_warning.connect(self.store_warning)
        worker.photos_forgotten.connect(self._on_forgotten)
        worker.failed.connect(self.failed)
        self.features.changed.connect(self._update_counts_soon)
        self.gallery.failed.connect(self.failed)

    def _on_model(self, model: ModelFile) -> None:
        self._show_all_pending()
        self.model = model
        self.features.use_model(model)
        self.gallery.forget_results()
        self.use_settings(self._settings)
        self.model_ready.emit(model)

    def _on_learnt(self, learnt: LearntHead | None) -> None:
        self.learnt = learnt
        self.learnt_changed.emit(learnt)

    def _on_found(self, paths: list[Path]) -> None:
        self.gallery.add(paths)
        self._count_timer.start()
        self.photos_found.emit(paths)

    def _on_skipped(self, skipped: list[Skipped]) -> None:
        self.skipped += skipped
        self.skipped_changed.emit()
        raws = [item.path for item in skipped if item.reason is SkipReason.RAW_OF_PAIR]
        if raws:
            self._join_raw_files(raws)

    def _join_raw_files(self, raws: list[Path]) -> None:
        """Remove the cards of raw files whose JPEG has come: it shows the photo from now on.

        Files that the user opened by name stay, and those with a verdict or a rating of the user's own. The others do
        not count as removed by the user: once the setting is off, they are shown.
        """
        self._show_all_pending()
        rows = [row for raw in raws if raw not in self._sources and (row := self.gallery.row_of(raw)) is not None]
        joined = [row.path for row in rows if not row.corrected and not row.rating]
        if joined:
            self._worker.post(RemovePhotos(tuple(joined)))
            self.gallery.remove(joined)
            self._count_timer.start()

    def _on_results(self, results: list[Result]) -> None:
        self._pending += results
        if not self._show_timer.isActive():
            self._show_pending()

    def _update_counts_soon(self) -> None:
        if not self._count_timer.isActive():
            self._count_timer.start()

    def _show_pending(self, limit: int | None = _RESULTS_AT_ONCE) -> None:
        """Show up to `limit` results (None: all) and the rest when the GUI thread is idle."""
        results = self._pending[:limit]
        del self._pending[:limit]
        try:
            self._show(results)
        finally:  # An unexpected error costs these results, and neither the others nor the end of the job.
            if self._pending:
                self._show_timer.start()
            elif self._pending_end is not None:
                ended, self._pending_end = self._pending_end, None
                self._on_progress(ended)

    def _show(self, results: list[Result]) -> None:
        rows = self.gallery.apply_results(self._ratings.put_on(self._corrections.put_on(results)))
        self._update_counts_soon()
        self.features.note(rows)
        self._judged.update(dict.fromkeys(rows))
        self.rows_changed.emit(rows)

    def _show_all_pending(self) -> None:
        """Show what has arrived before something else happens to the photos."""
        if self._pending:
            self._show_timer.stop()
            self._show_pending(None)

    def _on_stopped(self, paths: list[Path]) -> None:
        states: dict[State, list[Path]] = {}
        for path in paths:
            row = self.gallery.row_of(path)
            if row is not None:
                states.setdefault(_state_by_result(row), []).append(path)
        for state, stopped in states.items():
            self.gallery.set_state(stopped, state)
        self._update_counts_soon()

    def _correct(self, verdicts: Verdicts, *, undo: bool) -> None:
        if not verdicts:
            return
        # Shown before it is stored: whoever marks a thousand photos in a row does not wait for the disk.
        changed = self.gallery.apply_results(self._corrections.note(verdicts, self.gallery, undo=undo))
        self.features.note(changed)
        self._worker.post(SaveCorrections(dict(verdicts)))
        self.rows_changed.emit(changed)
        self.counts_changed.emit()

    def _rate(self, ratings: RatingsByPath, *, undo: bool) -> None:
        if not ratings:
            return
        changed = self.gallery.apply_results(self._ratings.note(ratings, self.gallery, undo=undo))
        self._worker.post(SaveRatings(dict(ratings)))
        self.rows_changed.emit(changed)
        self.counts_changed.emit()

    def _on_corrections_saved(self, before: Verdicts | None) -> None:
        self.corrected.emit(self._corrections.on_saved(before))

    def _on_ratings_saved(self, before: RatingsByPath | None) -> None:
        self._ratings.on_saved(before)

    def _on_forgotten(self, kinds: frozenset[Kind]) -> None:
        """Remove forgotten corrections from the rows: else photos would be sorted and exported by them."""
        if Kind.VERDICTS not in kinds:
            return
        self._show_all_pending()
        self.rows_changed.emit(self.gallery.apply_results(self._corrections.forget(self.gallery)))
        learnt = [row.result for row in self.gallery.rows() if row.result is not None and row.result.model_scores]
        self.rows_changed.emit(self.gallery.apply_results(map(without_head, learnt)))
        self.rows_changed.emit(self.gallery.apply_results(self._ratings.forget(self.gallery)))
        self.counts_changed.emit()

    def _on_progress(self, progress: JobProgress) -> None:
        if self._pending and not progress.busy:
            self._pending_end = progress
            return
        self._busy, self._paused = progress.busy, progress.paused
        self.progress_changed.emit(progress)
        if not progress.busy:
            self._stop_lost()
            self.counts_changed.emit()
            self.job_ended.emit(progress)

    def _stop_lost(self) -> None:
        """Let photos be resumed whose results were lost by an unexpected error: they would wait for ever."""
        waiting = [row.path for row in self.gallery.rows_in(State.WAITING)]
        if waiting:
            self._worker.post(StopLost(tuple(waiting)))

    def _on_pasted(self, saved: Path | None) -> None:
        if saved is None:
            self.paste_failed.emit(
                _("The pasted photo could not be saved in {folder}. Is the disk full?").format(folder=pasted_folder())
            )
        else:
            self.add([saved])


def _state_by_result(row: Row) -> State:
    """Return the state of a row that is no longer waiting: a photo that has a result keeps it."""
    if row.result is None:
        return State.STOPPED
    return State.DONE if row.result.error is None else State.FAILED
