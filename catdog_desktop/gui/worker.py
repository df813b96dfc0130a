"""The one thread behind the window: it holds the model and the store, finds photos, drives the pipeline, reports.

It is thin on purpose: `photos` walks, `pipeline` classifies, `store` remembers. What goes in (`give`, `cancel` ...)
may be called from the GUI thread and returns at once; what comes out are signals, at most one of a kind every 50 ms.
"""

import threading
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.discovery.walk import LeftOut, Omission, find_photos
from catdog_desktop.gui.null_pipeline import NullPipeline
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file
from catdog_desktop.pipeline import PhotoCounts, Pipeline
from catdog_desktop.privacy import forget_photos
from catdog_desktop.progress import Progress
from catdog_desktop.sorting.sorted_folders import leave_sorted
from catdog_desktop.store.store import Store, StoreError
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Verdict

REPORT_SECONDS: Final = 0.05
PROGRESS_SECONDS: Final = 0.1
"""How often the progress is told: often enough to look alive, seldom enough to cost nothing."""
_RATE_SECONDS: Final = 5.0
"""The rate shown is that of the last seconds, so that one slow folder does not colour the whole job."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far the classification of the photos added since the thread was last idle is."""

    progress: Progress
    """Its rate counts new photos only: cached results arrive a hundred times as fast."""
    failed: int = 0
    """Photos of `done` that could not be read."""
    known: int = 0
    """Photos of `done` whose result came from the store."""
    finding: bool = False
    """Folders are still being walked: `total` will grow."""
    busy: bool = True
    cut_short: bool = False
    """The job was cancelled while folders were still being walked, so some of their photos were not found."""

    @property
    def done(self) -> int:
        """Photos that have a result or an error."""
        return self.progress.done

    @property
    def total(self) -> int:
        """Photos found so far, without those that were cancelled."""
        return self.progress.total


@dataclass(frozen=True, slots=True)
class _Order:
    """What the GUI thread asked for."""

    what: str
    paths: list[Path]
    verdicts: dict[Path, Verdict | None] = field(default_factory=dict)
    folder: Path = Path()
    places: dict[Path, Path] = field(default_factory=dict)
    kinds: frozenset[Kind] = frozenset()
    limit_bytes: int = 0


class ClassifyThread(QThread):
    """Loads the model and classifies whatever it is given, until `stop`."""

    model_ready = Signal(object)  # ModelFile
    model_failed = Signal(str)
    model_refused = Signal(str)  # another model cannot be used; the one before stays
    photos_found = Signal(list)  # list[Path], new to the gallery
    photos_left_out = Signal(list)  # list[LeftOut]
    results_ready = Signal(list)  # list[Result]
    photos_stopped = Signal(list)  # list[Path] that were cancelled
    progress_changed = Signal(object)  # JobProgress; the last one of a job, and only that, is not busy
    corrected = Signal(object)  # dict[Path, Verdict | None]: what the verdicts were; None: they could not be kept
    complained = Signal(str)  # a sentence: why something is not remembered
    remembered = Signal(object)  # Remembered: what the store knows of photos, when that was asked
    forgotten = Signal(object)  # frozenset[Kind]: what was forgotten of all photos
    not_forgotten = Signal(str)  # a sentence: what the store could not tell, forget or make room for
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, model_folder: Path, jobs: int | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model_folder = model_folder
        self._jobs = jobs
        self._wake = threading.Event()
        self._orders: deque[_Order] = deque()
        self._stop = False
        self._walk: Iterator[Path | LeftOut] | None = None
        self._known: dict[Path, None] = {}
        self._next: tuple[ModelFile, Pipeline] | None = None
        """Another model, ready to take over."""
        self._forgotten: set[Path] = set()
        self._store: Store | None = None
        self._complaint: str | None = None
        self._start = PhotoCounts()
        self._samples: deque[tuple[float, int]] = deque()
        self._was_busy = False
        self._cut_short = False
        self._reported = 0.0
        self._to_classify: list[Path] = []

    def give(self, paths: Iterable[Path]) -> None:
        """Find the photos among `paths` and classify them, after what was given before."""
        self._order("give", paths)

    def classify_again(self, paths: Iterable[Path]) -> None:
        """Classify photos that the gallery already shows: those that were cancelled, or may have changed."""
        self._order("again", paths)

    def classify_afresh(self, paths: Iterable[Path]) -> None:
        """Classify photos that the gallery already shows, whether they have changed or not."""
        self._order("afresh", paths)

    def look_again(self, paths: Iterable[Path]) -> None:
        """Find what is new among `paths`, which were given before; what was taken off the gallery stays off."""
        self._order("look again", paths)

    def correct(self, verdicts: Mapping[Path, Verdict | None]) -> None:
        """Remember the user's own verdicts (None: forget them); `corrected` tells when that is done."""
        self._orders.append(_Order("correct", [], dict(verdicts)))
        self._wake.set()

    def thumbnail(self, path: Path, content: str) -> bytes:
        """Return a thumbnail, from the store or else the photo; empty if there is none. Not for the GUI thread."""
        store = self._store
        return b"" if store is None or self._stop else store.thumbnail(path, content)

    def use_model(self, folder: Path, but_not: Iterable[Path] = ()) -> None:
        """Classify all photos by another model, those that are stopped (`but_not`) excepted.

        `model_ready` comes before its first result and after the last of the model before; `model_refused` if it
        cannot be used.
        """
        self._orders.append(_Order("use model", list(but_not), folder=folder))
        self._wake.set()

    def forget(self, paths: Iterable[Path]) -> None:
        """Drop photos that were taken off the gallery, so that they can be given again."""
        self._order("forget", paths)

    def move(self, places: Mapping[Path, Path]) -> None:
        """Note that the app itself moved files, from the keys to the values: they are not new where they lie now."""
        self._orders.append(_Order("move", list(places), places=dict(places)))
        self._wake.set()

    def look_into_store(self) -> None:
        """Tell by `remembered` what is known of photos."""
        self._order("look into store", ())

    def forget_photos(self, kinds: Collection[Kind]) -> None:
        """Forget what is known of photos, also of those that are shown; `forgotten` and `remembered` tell of it."""
        self._orders.append(_Order("forget photos", [], kinds=frozenset(kinds)))
        self._wake.set()

    def limit_thumbnails(self, limit_bytes: int) -> None:
        """Let thumbnails take so much room on the disk."""
        self._orders.append(_Order("limit thumbnails", [], limit_bytes=limit_bytes))
        self._wake.set()

    def prefer(self, paths: Iterable[Path]) -> None:
        """Classify these first, if they still wait: they are on the screen."""
        self._order("prefer", paths)

    def cancel(self) -> None:
        """Stop with what is under way; what waits is reported by `photos_stopped`."""
        self._order("cancel", ())

    def stop(self) -> None:
        """Ask the thread to end; it does so when the photos in flight are through."""
        self._stop = True
        self._wake.set()

    def run(self) -> None:
        """Work until `stop` (called by Qt in the new thread)."""
        try:
            with Store.open() as store:
                self._store = store
                self._run(store)
        except Exception as error:  # noqa: BLE001  The edge of a thread: the window shows it, and lives on.
            self.failed.emit(error)

    def _run(self, store: Store) -> None:
        self._complain(store.complaint)
        try:
            self._next = self._load(self._model_folder, store)
        except ModelError as error:
            self.model_failed.emit(str(error))
            self._loop(NullPipeline(str(error)), store)
        while self._next is not None:
            (model, pipeline), self._next = self._next, None
            with pipeline:
                self.model_ready.emit(model)
                self._start = PhotoCounts()
                self._samples.clear()  # those of another pipeline, which counted from elsewhere
                pipeline.add(self._to_classify)
                self._loop(pipeline, store)

    def _load(self, folder: Path, store: Store) -> tuple[ModelFile, Pipeline]:
        model = load_model_file(folder)
        return model, Pipeline(model, jobs=self._jobs, store=store)

    def _use_model(self, order: _Order, store: Store) -> None:
        try:
            following = self._load(order.folder, store)
        except ModelError as error:
            self.model_refused.emit(str(error))
            return
        self._next = following
        stopped = set(order.paths)
        self._to_classify = [path for path in self._known if path not in stopped]
        self._was_busy = self._was_busy or bool(self._to_classify)

    def _order(self, what: str, paths: Iterable[Path]) -> None:
        # One queue for all: what was given after a cancel is not cancelled. append() and popleft() are atomic.
        self._orders.append(_Order(what, list(paths)))
        self._wake.set()

    def _loop(self, pipeline: Pipeline | NullPipeline, store: Store) -> None:
        while not self._stop:
            self._wake.clear()
            self._obey(pipeline, store)
            if self._next is not None:
                return
            self._find(pipeline)
            began = time.monotonic()
            results = pipeline.take_results(timeout=0.0 if self._walk else REPORT_SECONDS)
            if results:
                # Wait out the rest of the interval: one list of twenty is far cheaper than twenty of one.
                self._wake.wait(max(0.0, REPORT_SECONDS - (time.monotonic() - began)) if not pipeline.idle else 0)
                results += pipeline.take_results()
                self.results_ready.emit(results)
            busy = self._walk is not None or not pipeline.idle
            self._report(pipeline.counts, busy=busy)
            self._complain(pipeline.complaint or store.complaint)
            if not busy:
                self._wake.wait()

    def _obey(self, pipeline: Pipeline | NullPipeline, store: Store) -> None:
        while self._orders:
            order = self._orders.popleft()
            match order.what:
                case "give":
                    self._was_busy = True
                    self._walk = _chain(self._walk, _find(order.paths))
                case "look again":
                    self._was_busy = True
                    self._walk = _chain(self._walk, self._new_among(_find(order.paths)))
                case "again" | "afresh":
                    self._was_busy = True
                    pipeline.add(order.paths, afresh=order.what == "afresh")
                case "correct":
                    self._correct(store, order)
                case "use model":
                    self._use_model(order, store)
                    return  # the orders after it are for the pipeline that follows
                case "look into store" | "forget photos" | "limit thumbnails":
                    self._serve_store(order, pipeline, store)
                case "forget" | "move":
                    pipeline.discard(order.paths)
                    self._leave(order)
                case "prefer":
                    pipeline.prefer(order.paths)
                case "cancel":
                    self._cut_short = self._walk is not None
                    self._walk = None
                    self.photos_stopped.emit(pipeline.cancel())

    def _leave(self, order: _Order) -> None:
        """Note that photos were taken off the gallery, or lie elsewhere now."""
        here = [path for path in order.paths if path in self._known]
        for path in here:
            del self._known[path]
        if order.what == "move":
            self._known.update((order.places[path], None) for path in here)
        else:
            self._forgotten.update(order.paths)

    def _correct(self, store: Store, order: _Order) -> None:
        before = None
        try:
            before = store.correct(order.verdicts)
        except StoreError as error:
            self._complain(f"Your verdict stands until the app is closed, but could not be kept. {error}")
        self.corrected.emit(before)

    def _serve_store(self, order: _Order, pipeline: Pipeline | NullPipeline, store: Store) -> None:
        """Do what the user asks of the memory itself."""
        try:
            if order.what == "limit thumbnails":
                store.limit_thumbnails(order.limit_bytes)
                return
            pipeline.wait_until_kept()  # else what is shown already would be remembered a moment later
            if order.what == "forget photos":
                forget_photos(store, order.kinds)
                self.forgotten.emit(order.kinds)
            self.remembered.emit(store.remembered())
        except StoreError as error:
            self.not_forgotten.emit(str(error))

    def _complain(self, complaint: str | None) -> None:
        """Tell what is wrong with the store, once."""
        if complaint is not None and complaint != self._complaint:
            self._complaint = complaint
            self.complained.emit(complaint)

    def _new_among(self, found: Iterator[Path | LeftOut]) -> Iterator[Path | LeftOut]:
        """Pass over what the gallery shows, what the user has taken off it, and what was left out before."""
        for item in found:
            if not isinstance(item, LeftOut) and item not in self._known and item not in self._forgotten:
                yield item

    def _find(self, pipeline: Pipeline | NullPipeline) -> None:
        """Walk on for a while, and hand over what was found."""
        if self._walk is None:
            return
        found: list[Path] = []
        left_out: list[LeftOut] = []
        until = time.monotonic() + REPORT_SECONDS
        for item in self._walk:
            if isinstance(item, LeftOut):
                left_out.append(item)
            elif item in self._known:
                left_out.append(LeftOut(item, Omission.REPEATED))
            else:
                self._known[item] = None
                self._forgotten.discard(item)
                found.append(item)
            if time.monotonic() > until or self._stop:
                break
        else:
            self._walk = None
        if found:
            self.photos_found.emit(found)
            pipeline.add(found)
        if left_out:
            self.photos_left_out.emit(left_out)

    def _report(self, total: PhotoCounts, *, busy: bool) -> None:
        if not busy and not self._was_busy:
            return
        now = time.monotonic()
        if busy and now - self._reported < PROGRESS_SECONDS:
            return
        self._reported = now
        done, known = total.done - self._start.done, total.known - self._start.known
        self._samples.append((now, done - known))
        while self._samples[0][0] < now - _RATE_SECONDS:
            self._samples.popleft()
        seconds, photos = now - self._samples[0][0], done - known - self._samples[0][1]
        self.progress_changed.emit(
            JobProgress(
                Progress(
                    done,
                    total.added - total.cancelled - (self._start.added - self._start.cancelled),
                    photos / seconds if seconds > 0.2 else 0.0,
                ),
                failed=total.failed - self._start.failed,
                known=known,
                finding=self._walk is not None,
                busy=busy,
                cut_short=self._cut_short and not busy,
            )
        )
        self._was_busy = busy
        if not busy:
            self._start = total
            self._samples.clear()
            self._cut_short = False


def _find(given: list[Path]) -> Iterator[Path | LeftOut]:
    """Find photos, but not again the copies that a sort has made of them."""
    return leave_sorted(find_photos(given), given)


def _chain(first: Iterator[Path | LeftOut] | None, then: Iterator[Path | LeftOut]) -> Iterator[Path | LeftOut]:
    """Yield from both: a second drop waits for the first."""
    if first is not None:
        yield from first
    yield from then
