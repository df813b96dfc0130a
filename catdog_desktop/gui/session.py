"""What goes on between the window and the worker: photos given, found, classified, stopped, taken off the list."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from catdog_desktop.discovery.walk import LeftOut
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.corrections import Corrections, Verdicts
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.settings.store_client import Memory
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.worker import ClassifyThread, JobProgress
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.paths import data_folder
from catdog_desktop.settings import Settings
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Result, Thresholds, Verdict

_AT_ONCE: Final = 300
"""So many results are shown in one go, some 5 ms of work: a known folder brings thousands in a moment."""
_COUNT_MS: Final = 150
"""How often the counts of the filters follow while results pour in."""


class Session(QObject):
    """Joins the worker thread to the gallery's model. Lives in the GUI thread."""

    rows_changed = Signal(list)  # list[Row] with new results
    counts_changed = Signal()
    progress_changed = Signal(object)  # JobProgress
    job_ended = Signal(object)  # the last JobProgress of a job
    left_out_changed = Signal()
    model_ready = Signal(object)  # ModelFile
    model_failed = Signal(str)
    model_refused = Signal(str)  # another model cannot be used; the one before stays
    problem = Signal(object)  # an unexpected exception
    refused = Signal(str)  # a sentence
    complained = Signal(str)  # a sentence: why something is not remembered
    corrected = Signal(object)  # dict[Path, Verdict | None]: the user's own verdicts that have changed and are kept

    def __init__(
        self, model_folder: Path, settings: Settings, errands: TaskQueue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._worker = ClassifyThread(model_folder, settings.jobs, self)
        self.gallery = GalleryModel(self, self._worker.thumbnail)
        self.memory = Memory(self._worker, self)
        self.left_out: list[LeftOut] = []
        """What was left out since the app was last idle."""
        self.model: ModelFile | None = None
        self._settings = settings
        self._errands = errands
        self._busy = False
        self._given: dict[Path, None] = {}
        self._corrections = Corrections()
        self._worker.model_ready.connect(self._on_model)
        self._worker.model_failed.connect(self.model_failed)
        self._worker.model_refused.connect(self.model_refused)
        self._worker.photos_found.connect(self._on_found)
        self._worker.photos_left_out.connect(self._on_left_out)
        self._worker.results_ready.connect(self._on_results)
        self._worker.photos_stopped.connect(self._on_stopped)
        self._worker.progress_changed.connect(self._on_progress)
        self._worker.corrected.connect(self._on_corrected)
        self._worker.complained.connect(self.complained)
        self._worker.failed.connect(self.problem)
        self._worker.forgotten.connect(self._on_forgotten)
        self.gallery.failed.connect(self.problem)
        self._arrived: list[Result] = []
        """Results that wait for the GUI thread to have a moment."""
        self._ended: JobProgress | None = None
        """The end of a job, told when its last result is shown."""
        self._show_soon = QTimer(self, interval=0, singleShot=True)
        self._show_soon.timeout.connect(self._show_arrived)
        self._count_soon = QTimer(self, interval=_COUNT_MS, singleShot=True)
        self._count_soon.timeout.connect(self.counts_changed)

    @property
    def busy(self) -> bool:
        """Whether photos are being found or classified."""
        return self._busy

    @property
    def stopped(self) -> int:
        """How many photos were stopped before they had a result."""
        return len(self.gallery.rows_in(State.STOPPED))

    @property
    def given(self) -> tuple[Path, ...]:
        """The files and folders that were given, as they were given."""
        return tuple(self._given)

    def start(self) -> None:
        """Load the model, in the background."""
        self._worker.start()

    def add(self, paths: Iterable[Path]) -> None:
        """Add photos and folders; they are found and classified in the background, after those before them."""
        paths = list(paths)
        if not paths:
            return
        if not self._busy:
            self.left_out.clear()
        self._given.update(dict.fromkeys(paths))
        self._worker.give(paths)

    def add_pixels(self, image: QImage) -> None:
        """Add an image that came without a file: it is saved first, so that it can be sorted like any other."""
        copy = image.copy()
        self._errands.run(lambda: _save_pasted(copy), self._on_pasted)

    def cancel(self) -> None:
        """Stop classifying; what has a result keeps it."""
        self._worker.cancel()

    def resume(self) -> None:
        """Classify the photos that were stopped."""
        paths = [row.path for row in self.gallery.rows_in(State.STOPPED)]
        self.gallery.set_state(paths, State.WAITING)
        self._worker.classify_again(paths)

    def rescan(self, everything: bool) -> None:
        """Look again where photos were given: find what is new, and classify what has changed, or `everything`."""
        self._show_all()
        rows = [row for row in self.gallery.rows() if row.state is not State.WAITING]
        paths = [row.path for row in rows]
        if everything:
            self.gallery.set_state(paths, State.WAITING)
            self._worker.classify_afresh(paths)
        else:
            self.gallery.set_state([row.path for row in rows if row.state is State.STOPPED], State.WAITING)
            self._worker.classify_again(paths)
        self._worker.look_again(self._given)

    def look_at(self, paths: Iterable[Path]) -> None:
        """Classify photos that have arrived or changed where photos were given."""
        paths = list(paths)
        known = [row.path for path in paths if (row := self.gallery.row_of(path)) and row.state is not State.WAITING]
        self.gallery.set_state(known, State.WAITING)
        self._worker.classify_again(known)
        self._worker.look_again(path for path in paths if self.gallery.row_of(path) is None)

    def correct(self, paths: Iterable[Path], verdict: Verdict | None) -> None:
        """Give photos the user's own verdict, or take it back (None). Equal photos get it too, here and elsewhere."""
        self._correct(dict.fromkeys(paths, verdict), undo=False)

    @property
    def correction_can_be_undone(self) -> bool:
        """Whether `undo_correction` would do anything."""
        return self._corrections.can_undo

    def undo_correction(self) -> list[Path]:
        """Put the verdicts back as they were before the last `correct` that is not undone yet; return of which."""
        before = self._corrections.take_undo() or {}
        self._correct(before, undo=True)
        return list(before)

    def remove(self, rows: Iterable[Row]) -> None:
        """Take photos off the list, never off the disk."""
        paths = [row.path for row in rows]
        self._worker.forget(paths)
        self.gallery.remove(paths)
        self._count_soon.start()

    def move(self, places: Mapping[Path, Path]) -> None:
        """Note that the app itself moved files, from the keys to the values. Says nothing to the store."""
        self._show_all()
        self._worker.move(places)
        self._corrections.move(places)
        self.gallery.move(places)
        # What was to be classified again under its old name will not be.
        waiting = [new for new in places.values() if (row := self.gallery.row_of(new)) and row.state is State.WAITING]
        self._on_stopped(waiting)
        self.rows_changed.emit([row for new in places.values() if (row := self.gallery.row_of(new)) is not None])

    def use_model(self, folder: Path) -> None:
        """Classify all photos by another model; what it knows of them from an earlier time comes at once."""
        self._worker.use_model(folder, [row.path for row in self.gallery.rows_in(State.STOPPED)])

    def prefer(self, paths: list[Path]) -> None:
        """Classify what is on the screen first."""
        self._worker.prefer(paths)

    def use_settings(self, settings: Settings) -> None:
        """Draw the verdicts by the user's thresholds; nothing is classified again."""
        self._settings = settings
        self.memory.limit_thumbnails(settings.thumbnail_megabytes)
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

    def _on_model(self, model: ModelFile) -> None:
        self._show_all()
        self.model = model
        self.gallery.forget_results()
        self.use_settings(self._settings)
        self.model_ready.emit(model)

    def _on_found(self, paths: list[Path]) -> None:
        self.gallery.add(paths)
        self._count_soon.start()

    def _on_left_out(self, left_out: list[LeftOut]) -> None:
        self.left_out += left_out
        self.left_out_changed.emit()

    def _on_results(self, results: list[Result]) -> None:
        self._arrived += results
        if not self._show_soon.isActive():
            self._show_arrived()

    def _show_arrived(self, most: int | None = _AT_ONCE) -> None:
        results, self._arrived = self._arrived[:most], self._arrived[most:] if most is not None else []
        rows = self.gallery.take(self._corrections.put_on(results))
        if not self._count_soon.isActive():
            self._count_soon.start()
        self.rows_changed.emit(rows)
        if self._arrived:
            self._show_soon.start()
        elif self._ended is not None:
            ended, self._ended = self._ended, None
            self._on_progress(ended)

    def _show_all(self) -> None:
        """Show what has arrived before something else happens to the photos."""
        if self._arrived:
            self._show_soon.stop()
            self._show_arrived(None)

    def _on_stopped(self, paths: list[Path]) -> None:
        states: dict[State, list[Path]] = {}
        for path in paths:
            row = self.gallery.row_of(path)
            if row is not None:  # one that is classified again falls back on what it has
                states.setdefault(_state_by_result(row), []).append(path)
        for state, stopped in states.items():
            self.gallery.set_state(stopped, state)

    def _correct(self, verdicts: Verdicts, *, undo: bool) -> None:
        if not verdicts:
            return
        # Shown before it is kept: who leafs through a thousand photos does not wait for the disk.
        changed = self.gallery.take(self._corrections.note(verdicts, self.gallery, undo=undo))
        self._worker.correct(verdicts)
        self.rows_changed.emit(changed)
        self.counts_changed.emit()

    def _on_corrected(self, before: Verdicts | None) -> None:
        self.corrected.emit(self._corrections.answer(before))

    def _on_forgotten(self, kinds: frozenset[Kind]) -> None:
        """Take verdicts that were forgotten off the photos shown: else they would be sorted and exported by them."""
        if Kind.VERDICTS not in kinds:
            return
        self._show_all()
        self.rows_changed.emit(self.gallery.take(self._corrections.forget(self.gallery)))
        self.counts_changed.emit()

    def _on_progress(self, progress: JobProgress) -> None:
        if self._arrived and not progress.busy:
            self._ended = progress
            return
        self._busy = progress.busy
        self.progress_changed.emit(progress)
        if not progress.busy:
            self.counts_changed.emit()
            self.job_ended.emit(progress)

    def _on_pasted(self, saved: Path | None) -> None:
        if saved is None:
            self.refused.emit(f"The pasted photo could not be saved in {data_folder() / 'pasted'}: is the disk full?")
        else:
            self.add([saved])


def _state_by_result(row: Row) -> State:
    if row.result is None:
        return State.STOPPED
    return State.DONE if row.result.error is None else State.FAILED


def _save_pasted(image: QImage) -> Path | None:
    """Write `image` below the user's data folder under a name that is free; None if that fails."""
    folder = data_folder() / "pasted"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"Pasted {datetime.now():%Y-%m-%d %H.%M.%S}"
        number = 1
        while True:
            path = folder / (f"{stem}.png" if number == 1 else f"{stem} ({number}).png")
            try:
                path.open("xb").close()
            except FileExistsError:
                number += 1
                continue
            break
        if image.save(str(path), "PNG"):  # type: ignore[call-overload]
            return path
        path.unlink(missing_ok=True)
    except OSError:
        pass
    return None
