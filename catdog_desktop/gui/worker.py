"""The classifying thread behind the window: it owns the model and the store, finds photos and drives the pipeline.

The GUI thread posts commands (see `worker_commands`), which return at once. The thread reports by signals, at most one
of a kind every 50 ms. The work itself is done elsewhere: `discovery` walks folders, `pipeline` classifies, `store`
caches results.
"""

import itertools
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.discovery.skip_rules import SkipRules
from catdog_desktop.freed_memory import IdleReturn, return_freed_memory
from catdog_desktop.gui.job_progress import JobMeter
from catdog_desktop.gui.null_pipeline import NullPipeline
from catdog_desktop.gui.photo_finder import PhotoFinder
from catdog_desktop.gui.worker_commands import (
    Cancel,
    ClassifyAgain,
    Command,
    FindNewPhotos,
    FindPhotos,
    ForgetPhotos,
    LimitThumbnails,
    LoadFeatures,
    MovePhotos,
    Pause,
    Prioritize,
    ReadStoreSummary,
    RemovePhotos,
    SaveCorrections,
    SaveRatings,
    StopLost,
    UseLearnt,
    UseModel,
)
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file
from catdog_desktop.learning.head import Head
from catdog_desktop.learning.learnt_file import LearntFileError, LearntHead, load_head
from catdog_desktop.learning.learnt_results import with_head
from catdog_desktop.messages import _
from catdog_desktop.pipeline import Pipeline, default_jobs
from catdog_desktop.power import is_on_battery, lower_thread_priority
from catdog_desktop.store.store import Store, StoreError
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Verdict

REPORT_SECONDS: Final = 0.05
if TYPE_CHECKING:
    from catdog_desktop.learning.perceptual_hash import Look

_LOOKED_UP_AT_ONCE: Final = 400
"""Photos whose results are read from the store at once when another head is used."""
_FEATURES_AT_ONCE: Final = 1000
"""Photos whose features are read from the store at once."""
_PAUSED_SECONDS: Final = 0.25
"""How often results of photos that were begun before a pause are looked for."""
_POWER_SECONDS: Final = 30.0
"""How often the source of the power is looked up."""


class ClassifyThread(QThread):
    """Loads the model and executes commands until `stop`.

    An unexpected exception is reported by `failed` and never ends the thread: one in a command or in a walk costs that
    command or walk; any other stops the photos that are under way, and the next command opens store and model anew.
    """

    model_ready = Signal(object)  # ModelFile
    model_failed = Signal(str)  # a sentence: no model can be used, every photo will fail
    model_refused = Signal(str)  # a sentence: another model cannot be used, the current one stays
    learnt_changed = Signal(object)  # LearntHead | None: the head in use
    photos_found = Signal(list)  # list[Path], new to the gallery
    photos_skipped = Signal(list)  # list[Skipped]
    results_ready = Signal(list)  # list[Result]
    features_ready = Signal(object)  # dict[Path, NDArray[float32]]: features of known photos
    features_loaded = Signal(int)  # after the last of them: how many `LoadFeatures` have been executed so far
    photos_stopped = Signal(list)  # list[Path] that will have no result for now
    progress_changed = Signal(object)  # JobProgress; only the last one of a job is not busy
    corrections_saved = Signal(object)  # dict[Path, Verdict | None]: the corrections before; None if not saved
    ratings_saved = Signal(object)  # dict[Path, int | None]: the ratings before; None if not saved
    store_warning = Signal(str)  # a sentence: why results or corrections are not stored
    store_summary = Signal(object)  # Remembered: what the store holds
    photos_forgotten = Signal(object)  # frozenset[Kind]: what was erased for all photos
    store_failed = Signal(str)  # a sentence: why the store could not be read, erased or limited
    failed = Signal(object)  # an unexpected exception

    def __init__(
        self,
        model_folder: Path,
        jobs: int | None = None,
        parent: QObject | None = None,
        *,
        thorough: bool = False,
        exclude: tuple[str, ...] = (),
        join_raw: bool = True,
        low_priority: bool = False,
    ) -> None:
        """`jobs` is the number of photos that are classified in parallel (default: one per core).

        With `thorough`, models that can look closer at parts of a photo do so for every photo without a sure pet.
        `exclude` are patterns of files and folders to skip, in the syntax of gitignore; for `join_raw` see `SkipRules`.
        With `low_priority`, other programs come first, and on the battery only half as many photos are classified in
        parallel.
        """
        super().__init__(parent)
        self._model_folder = model_folder
        self._jobs = jobs
        self._thorough = thorough
        self._low_priority = low_priority
        self._paused = False
        self._power_checked = -_POWER_SECONDS
        self._finder = PhotoFinder(SkipRules(exclude=exclude, join_raw=join_raw))
        self._commands: deque[Command] = deque()
        self._wake = threading.Event()
        self._stop = False
        self._store: Store | None = None
        self._next: tuple[ModelFile, Pipeline] | None = None
        """Another model that is loaded and replaces the current one."""
        self._head: Head | None = None
        """The learnt head in use."""
        self._announced = ""
        """Identity of the model that `model_ready` announced last."""
        self._without_features: dict[Path, None] = {}
        """Known photos whose features are loaded once nothing waits to be looked up."""
        self._feature_commands = self._feature_commands_done = 0
        """How many `LoadFeatures` were executed, and how many of them `features_loaded` has reported."""
        self._to_classify: list[Path] = []
        """Photos that the next model begins with."""
        self._meter = JobMeter()
        self._last_warning: str | None = None
        self._idle_return = IdleReturn()

    def post(self, command: Command) -> None:
        """Execute `command` soon, after those posted before. Any thread may call it; it returns at once."""
        # One queue for all commands: photos that are added after a Cancel are not cancelled. append() is atomic.
        self._commands.append(command)
        self._wake.set()

    def thumbnail(self, path: Path, fingerprint: str) -> bytes:
        """Return a JPEG thumbnail from the store, else made from the photo; empty if that fails.

        It touches the disk: not for the GUI thread.
        """
        store = self._store
        return b"" if store is None or self._stop else store.thumbnail(path, fingerprint)

    def looks(self, photos: Mapping[str, Path]) -> "dict[str, Look]":
        """Return how photos look, path by fingerprint, as `Store.looks` does; nothing while the store is closed.

        It touches the disk: not for the GUI thread.
        """
        store = self._store
        return {} if store is None or self._stop else store.looks(photos)

    def stop(self) -> None:
        """Ask the thread to end as soon as the photos in flight are done. Returns at once."""
        self._stop = True
        self._wake.set()

    def run(self) -> None:
        """Execute commands until `stop` (called by Qt in the new thread)."""
        while not self._stop:
            try:
                with Store.open() as self._store:
                    self._serve(self._store)
            except Exception as error:  # noqa: BLE001  The edge of the thread: reported, and the thread goes on.
                self._on_crash(error)
            finally:
                self._store = None

    def _on_crash(self, error: Exception) -> None:
        """Report `error`, stop what was under way and wait for the next command."""
        self._wake.clear()
        self.failed.emit(error)
        self._finder.stop()
        self.photos_stopped.emit(list(self._finder.paths))
        ended = self._meter.abandon()
        if ended is not None:
            self.progress_changed.emit(ended)
        if not self._stop:
            self._wake.wait()

    def _serve(self, store: Store) -> None:
        """Classify with one model after the other until `stop`."""
        self._warn(store.complaint)
        self._next, self._to_classify = None, []
        try:
            self._next = self._load(self._described(self._model_folder), store)
        except Exception as error:  # noqa: BLE001  Without a model the window still opens and says why.
            reason = str(error)
            if not isinstance(error, ModelError):
                self.failed.emit(error)
                reason = _("The model could not be loaded.")
            self.model_failed.emit(reason)
            self._loop(NullPipeline(reason), store)
        while self._next is not None:
            (model, pipeline), self._next = self._next, None
            with pipeline:
                if model.identity != self._announced:
                    self._announced = model.identity
                    self.model_ready.emit(model)
                self._use_learnt(self._learnt_for(model), pipeline)
                self._without_features.clear()
                self._meter.count_from_zero()
                pipeline.add(self._to_classify)
                self._loop(pipeline, store)
            if not self._stop:  # another model is used
                return_freed_memory()

    def _load_instead(
        self, folder: Path, pipeline: Pipeline | NullPipeline, store: Store
    ) -> tuple[ModelFile, Pipeline]:
        """Load a model in place of that of `pipeline`, which goes on with its own if this raises `ModelError`."""
        model = self._described(folder)
        with pipeline.unloaded():
            return_freed_memory()
            loaded = self._load(model, store)
            pipeline.cancel()
        return loaded

    def _described(self, folder: Path) -> ModelFile:
        return replace(load_model_file(folder), thorough=self._thorough)

    def _load(self, model: ModelFile, store: Store) -> tuple[ModelFile, Pipeline]:
        set_up = lower_thread_priority if self._low_priority else None
        return model, Pipeline(model, jobs=self._jobs, store=store, show_older=True, set_up_thread=set_up)

    def _loop(self, pipeline: Pipeline | NullPipeline, store: Store) -> None:
        """Classify with one model until `stop` or until another model is to be used."""
        pipeline.pause(paused=self._paused)
        self._power_checked = -_POWER_SECONDS
        while not self._stop:
            self._wake.clear()
            self._execute_commands(pipeline, store)
            if self._next is not None:
                return
            self._limit_jobs(pipeline)
            if not self._paused:
                self._walk_on(pipeline)
            began = time.monotonic()
            results = pipeline.take_results(
                timeout=0.0 if self._finder.is_walking and not self._paused else REPORT_SECONDS
            )
            if results:
                # Wait for the rest of the interval: one list of twenty results is far cheaper than twenty lists of one.
                self._wake.wait(max(0.0, REPORT_SECONDS - (time.monotonic() - began)) if not pipeline.idle else 0)
                results += pipeline.take_results()
                self.results_ready.emit(results)
                self._idle_return.note_work()
            finding = self._finder.is_walking
            busy = finding or not pipeline.idle
            progress = self._meter.measure(pipeline.counts, finding=finding, busy=busy)
            if progress is not None:
                self.progress_changed.emit(replace(progress, paused=self._paused and busy))
            self._warn(pipeline.complaint or store.complaint)
            loads_features = not finding and self._load_features(pipeline, store)
            if not busy:
                self._paused = False
                pipeline.pause(paused=False)
                if not loads_features:
                    self._wait_idly()
            elif self._paused:
                self._wake.wait(_PAUSED_SECONDS)

    def _wait_idly(self) -> None:
        """Wait for the next command. Meanwhile freed memory is returned, if there was work."""
        self._idle_return.return_if_due()
        if not self._wake.wait(self._idle_return.seconds_left):
            self._idle_return.return_if_due()
            self._wake.wait()

    def _load_features(self, pipeline: Pipeline | NullPipeline, store: Store) -> bool:
        """Emit some of the features asked for, unless photos are looked up; return whether there may be more."""
        if self._feature_commands == self._feature_commands_done or (pipeline.is_looking_up and not self._paused):
            return False
        some = list(itertools.islice(self._without_features, _FEATURES_AT_ONCE))
        for path in some:
            del self._without_features[path]
        found: Mapping[Path, NDArray[np.float32]] = {}
        try:
            found = store.features(some, self._announced) if some else {}
        except StoreError as error:
            self._without_features.clear()
            self._warn(str(error))
        except Exception as error:  # noqa: BLE001  The edge of a command: it is lost, the thread goes on.
            self._without_features.clear()
            self.failed.emit(error)
        if found:
            self.features_ready.emit(found)
        if not self._without_features:
            self._feature_commands_done = self._feature_commands
            self.features_loaded.emit(self._feature_commands)
        return bool(self._without_features)

    def _limit_jobs(self, pipeline: Pipeline | NullPipeline) -> None:
        """Leave the cores to others on the battery, if the user wants a low priority."""
        now = time.monotonic()
        if self._low_priority and now - self._power_checked >= _POWER_SECONDS:
            self._power_checked = now
            jobs = self._jobs or default_jobs()
            pipeline.limit_jobs(max(1, jobs // 2) if is_on_battery() else None)

    def _execute_commands(self, pipeline: Pipeline | NullPipeline, store: Store) -> None:
        # Commands after a successful UseModel are left for the new pipeline.
        while self._commands and self._next is None:
            command = self._commands.popleft()
            try:
                self._execute(command, pipeline, store)
            except Exception as error:  # noqa: BLE001  The edge of a command: it is lost, the thread goes on.
                self.failed.emit(error)
                if isinstance(command, ClassifyAgain):
                    self.photos_stopped.emit(pipeline.not_waiting(command.paths))

    def _execute(self, command: Command, pipeline: Pipeline | NullPipeline, store: Store) -> None:
        match command:
            case FindPhotos(paths, removed):
                self._meter.begin()
                self._finder.find(paths, removed)
            case FindNewPhotos(paths):
                self._meter.begin()
                self._finder.find_new(paths)
            case ClassifyAgain(paths, ignore_cache):
                self._meter.begin()
                pipeline.add(paths, afresh=ignore_cache)
            case UseModel():
                self._use_model(command, pipeline, store)
            case UseLearnt(learnt, paths):
                self._use_learnt(learnt, pipeline)
                self._show_again(paths, store)
            case RemovePhotos() | MovePhotos():
                self._drop_paths(command, pipeline)
            case LoadFeatures(paths):
                self._feature_commands += 1
                self._without_features.update(dict.fromkeys(paths))
            case Prioritize(paths):
                pipeline.prefer(paths)
            case Pause() | Cancel() | StopLost():
                self._hold(command, pipeline)
            case SaveCorrections() | SaveRatings():
                self._save_own_data(command, store)
            case ReadStoreSummary() | ForgetPhotos() | LimitThumbnails():
                self._use_store(command, pipeline, store)
            case _:
                assert_never(command)

    def _hold(self, command: Pause | Cancel | StopLost, pipeline: Pipeline | NullPipeline) -> None:
        if isinstance(command, StopLost):
            self.photos_stopped.emit(pipeline.not_waiting(command.paths))
            return
        paused = isinstance(command, Pause) and command.paused
        pipeline.pause(paused=paused)
        self._paused = paused
        if isinstance(command, Cancel):
            if self._finder.stop():
                self._meter.note_cut_short()
            self.photos_stopped.emit(pipeline.cancel())

    def _drop_paths(self, command: RemovePhotos | MovePhotos, pipeline: Pipeline | NullPipeline) -> None:
        if isinstance(command, RemovePhotos):
            pipeline.discard(command.paths)
            self._finder.remove(command.paths)
        else:
            pipeline.discard(command.new_paths)
            self._finder.move(command.new_paths)
            self._without_features = {command.new_paths.get(path, path): None for path in self._without_features}

    def _use_model(self, command: UseModel, pipeline: Pipeline | NullPipeline, store: Store) -> None:
        try:
            self._next = self._load_instead(command.folder, pipeline, store)
        except ModelError as error:
            self.model_refused.emit(str(error))
            return
        self._model_folder, self._announced = command.folder, ""
        stopped = set(command.stopped)
        self._to_classify = [path for path in self._finder.paths if path not in stopped]
        if self._to_classify:
            self._meter.begin()

    def _learnt_for(self, model: ModelFile) -> LearntHead | None:
        try:
            return load_head(model)
        except LearntFileError as error:
            self._warn(str(error))
            return None

    def _use_learnt(self, learnt: LearntHead | None, pipeline: Pipeline | NullPipeline) -> None:
        self._head = None if learnt is None else learnt.head
        pipeline.use_head(self._head)
        self.learnt_changed.emit(learnt)

    def _show_again(self, paths: tuple[Path, ...], store: Store) -> None:
        """Emit the stored results of `paths` with the head in use."""
        for start in range(0, len(paths), _LOOKED_UP_AT_ONCE):
            if self._stop:
                return
            some = paths[start : start + _LOOKED_UP_AT_ONCE]
            results = list(store.known(some, self._announced, features=self._head is not None).values())
            self.results_ready.emit(results if self._head is None else with_head(results, self._head))

    def _save_own_data(self, command: SaveCorrections | SaveRatings, store: Store) -> None:
        before: Mapping[Path, Verdict | int | None] | None = None
        is_rating = isinstance(command, SaveRatings)
        try:
            before = (
                store.rate(command.ratings) if isinstance(command, SaveRatings) else store.correct(command.verdicts)
            )
        except StoreError as error:
            text = (
                _("Your rating was not saved. It is kept until you close the app. {reason}")
                if is_rating
                else _("Your verdict was not saved. It is kept until you close the app. {reason}")
            )
            self._warn(text.format(reason=error))
        finally:
            # Whatever happened: each command is answered once, and the answers are matched by their order.
            (self.ratings_saved if is_rating else self.corrections_saved).emit(before)

    def _use_store(
        self,
        command: ReadStoreSummary | ForgetPhotos | LimitThumbnails,
        pipeline: Pipeline | NullPipeline,
        store: Store,
    ) -> None:
        from catdog_desktop.privacy import forget_photos, remembered

        try:
            if isinstance(command, LimitThumbnails):
                store.limit_thumbnails(command.limit_bytes)
                return
            pipeline.wait_until_kept()  # else results that are already shown would be stored a moment later
            if isinstance(command, ForgetPhotos):
                forget_photos(store, command.kinds)
                if Kind.VERDICTS in command.kinds:
                    self._use_learnt(None, pipeline)
                self.photos_forgotten.emit(command.kinds)
            self.store_summary.emit(remembered(store))
        except StoreError as error:
            self.store_failed.emit(str(error))

    def _warn(self, warning: str | None) -> None:
        """Report what is wrong with the store, each time it changes."""
        if warning is not None and warning != self._last_warning:
            self._last_warning = warning
            self.store_warning.emit(warning)

    def _walk_on(self, pipeline: Pipeline | NullPipeline) -> None:
        """Walk for `REPORT_SECONDS` and hand over what was found."""
        found = self._finder.walk_on(REPORT_SECONDS, lambda: self._stop)
        if found.error is not None:
            self.failed.emit(found.error)
        if found.photos:
            self.photos_found.emit(found.photos)
            pipeline.add(found.photos)
        if found.skipped:
            self.photos_skipped.emit(found.skipped)
