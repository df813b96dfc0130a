"""Classify many photos in parallel: worker threads decode and classify, and results come in any order.

    with Pipeline(model) as pipeline:
        pipeline.add(paths)
        while not pipeline.idle:
            for result in pipeline.take_results(timeout=0.05):
                ...

Pillow and LiteRT release the GIL while they work, so threads use all cores. Each photo in flight has a `Classifier` of
its own. The first of them is loaded in the constructor, so that an unusable model is reported at once.

With a `Store`, one more thread looks photos up in it before they are classified (hundreds at a time) and stores new
results (each transaction has those that came during the last). A kill loses uncommitted results: those of photos being
classified, and those of the current and the next transaction.
"""

import contextlib
import itertools
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from catdog_desktop.decoding.problem_text import FAILED
from catdog_desktop.freed_memory import limit_kept_memory
from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.learning.head import Head
from catdog_desktop.learning.learnt_results import with_head
from catdog_desktop.messages import _
from catdog_desktop.store.fingerprint import FileSignature, file_signature, fingerprint_and_signature
from catdog_desktop.store.store import Store, StoreError
from catdog_desktop.verdict import Result, Scores

_LOOKED_UP_AT_ONCE: Final = 400
"""Photos of one look-up, which takes some 20 ms. Until then none of them is classified."""
_PAUSE_SECONDS: Final = 1.0
"""After a thread could not begin a photo, so that an error that stays does not keep a core busy."""
_CANCELLED: Final = object()
"""In place of the value of a photo that is no longer in a queue."""

_log = logging.getLogger("catdog_desktop")


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """Photos of a pipeline by state. `done` includes the failed ones."""

    added: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    known: int = 0
    """Those of `done` that came from the store."""
    judged_again: int = 0
    """Those of `done` that had a verdict of an earlier version of the model until then."""
    changed: int = 0
    """Those of `judged_again` whose verdict is another one now, by the model's own thresholds."""

    @property
    def open(self) -> int:
        """How many photos are still to come."""
        return self.added - self.done - self.cancelled


def default_jobs() -> int:
    """Return the default number of parallel jobs: the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


class Pipeline:
    """Classifies photos in worker threads.

    All methods may be called from any thread. Only `take_results` (up to its timeout) and `close` (for the photos in
    flight) wait for photos.
    """

    def __init__(
        self,
        model: ModelFile,
        *,
        jobs: int | None = None,
        thumbnails: bool = True,
        store: Store | None = None,
        rescan: bool = False,
        show_older: bool = False,
        head: Head | None = None,
        set_up_thread: Callable[[], None] | None = None,
    ) -> None:
        """Start `jobs` threads (default: one per core). Raises `ModelError` if the model cannot be run.

        Photos that `store` knows come from it at once, without a thumbnail (`Store.thumbnail` has it), unless
        `rescan` is set. New results are stored in it. It stays open when the pipeline is closed.

        With `show_older`, a photo that only an earlier version of the model has judged comes back at once with that
        verdict (`Result.older_model`), and again when it is judged after all others.

        A learnt `head` changes the scores of the results. The store keeps those of the model. New results have
        their features, known ones only with a head: `Store.features` has them. Each thread calls `set_up_thread` first.
        """
        self._model = model
        self._thumbnails = thumbnails
        self._store = store
        self._rescan = rescan
        self._show_older = show_older
        self._set_up_thread = set_up_thread
        self._paused = False
        self._most_in_flight: int | None = None
        self._head = head
        self._changed = threading.Condition()
        self._unchecked: OrderedDict[Path, None] = OrderedDict()
        """Photos that were not looked up in the store yet."""
        self._waiting: OrderedDict[Path, None] = OrderedDict()
        self._judge_again: OrderedDict[Path, Scores] = OrderedDict()
        """Photos that wait behind all others, with the scores of an earlier version."""
        self._preferred: list[Path] = []
        self._results: list[Result] = []
        self._to_keep: list[tuple[Result, FileSignature]] = []
        self._kept = self._keeping = 0
        """Numbers of results that were stored, and that are being written."""
        self._in_flight: dict[int, Path] = {}
        """The photo that each thread classifies, by the number of the thread."""
        self._added = self._done = self._failed = self._cancelled = self._known = 0
        self._judged_again = self._verdicts_changed = 0
        self._older: dict[Path, Scores] = {}
        """Scores of an earlier version, of photos in flight."""
        self._closed = self._all_classified = False
        self._store_error: str | None = None
        limit_kept_memory()
        self._unused = [Classifier(model)]
        """For the next photos. One photo at a time needs no second one, of 25 MB."""
        self._is_unloaded = False
        self._threads = [
            threading.Thread(target=self._work, name=f"photos-{number}", daemon=True)
            for number in range(max(1, jobs or default_jobs()))
        ]
        self._store_thread = threading.Thread(target=self._serve_store, name="photos-store", daemon=True)
        for thread in self._threads:
            thread.start()
        if store is not None:
            self._store_thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def idle(self) -> bool:
        """Whether every photo added is classified or cancelled, and its result taken."""
        with self._changed:
            return not (self._open or self._results)

    @property
    def is_looking_up(self) -> bool:
        """Whether photos wait to be looked up in the store."""
        with self._changed:
            return bool(self._unchecked)

    @property
    def counts(self) -> PhotoCounts:
        """Photos by state at this moment."""
        with self._changed:
            return PhotoCounts(
                self._added,
                self._done,
                self._failed,
                self._cancelled,
                self._known,
                self._judged_again,
                self._verdicts_changed,
            )

    @property
    def complaint(self) -> str | None:
        """A sentence for the user if results could not be looked up or stored. Photos are classified anyway."""
        return self._store_error

    def add(self, photos: Iterable[Path], *, afresh: bool = False) -> None:
        """Queue `photos` behind those that wait. A photo that waits already is not queued again.

        With `afresh` they are classified even if the store knows them.
        """
        look_up = self._store is not None and not (afresh or self._rescan)
        with self._changed:
            try:
                self._queue(photos, look_up=look_up)
            finally:  # Threads would not notice the photos that were queued before an error.
                self._changed.notify_all()

    def _queue(self, photos: Iterable[Path], *, look_up: bool) -> None:
        queue = self._unchecked if look_up else self._waiting
        # Looking up a path takes a call of Python, and mostly the other queues are empty.
        others = [other for other in self._queues if other is not queue and other]
        for path in photos:
            if path in queue:
                continue
            waits_in = next((other for other in others if path in other), None)
            if waits_in is not None:
                if look_up:
                    continue
                del waits_in[path]
            self._added += waits_in is None
            queue[path] = None

    def prefer(self, photos: Iterable[Path]) -> None:
        """Move those of `photos` that still wait to the front, in their order: those on the screen."""
        with self._changed:
            self._preferred = list(photos)
            for queue in self._queues:
                self._to_front(queue)

    def discard(self, photos: Iterable[Path]) -> None:
        """Cancel those of `photos` that still wait."""
        with self._changed:
            for path in photos:
                for queue in self._queues:
                    if path in queue:
                        del queue[path]
                        self._cancelled += 1
            self._changed.notify_all()

    def not_waiting(self, photos: Iterable[Path]) -> list[Path]:
        """Return those of `photos` that neither wait nor are in flight, and have no result that can be taken."""
        with self._changed:
            open_photos = {*self._in_flight.values(), *(result.path for result in self._results)}
            return [
                path for path in photos if path not in open_photos and not any(path in queue for queue in self._queues)
            ]

    def wait_until_kept(self) -> None:
        """Wait until all results so far are stored, which takes as long as writing some rows."""
        with self._changed:
            found = self._kept + self._keeping + len(self._to_keep)
            self._changed.wait_for(lambda: self._kept >= found)

    def cancel(self) -> list[Path]:
        """Cancel all waiting photos and return them. Results of photos in flight still come."""
        with self._changed:
            dropped = [path for queue in self._queues for path in queue]
            for queue in self._queues:
                queue.clear()
            self._cancelled += len(dropped)
            self._changed.notify_all()
            return dropped

    def pause(self, *, paused: bool) -> None:
        """Begin no further photo, or go on. Results of photos in flight still come."""
        with self._changed:
            self._paused = paused
            self._changed.notify_all()

    def limit_jobs(self, jobs: int | None) -> None:
        """Classify at most `jobs` photos in parallel from now on; None: one in each thread."""
        with self._changed:
            self._most_in_flight = jobs
            self._changed.notify_all()

    @contextlib.contextmanager
    def unloaded(self) -> Iterator[None]:
        """Free the loaded models, so that another one takes their place in memory instead of a place beside them.

        Waits for the photos in flight. No photo begins in the context; after it, the first one loads the model again.
        """
        with self._changed:
            self._is_unloaded = True
            self._changed.wait_for(lambda: not self._in_flight)
            self._unused.clear()
        try:
            yield
        finally:
            with self._changed:
                self._is_unloaded = False
                self._changed.notify_all()

    def take_results(self, timeout: float = 0.0) -> list[Result]:
        """Return the results since the last call; wait up to `timeout` seconds for the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._results or not self._open, timeout)
            taken, self._results = self._results, []
        head = self._head
        try:
            return taken if head is None else with_head(self._with_features(taken), head)
        except BaseException:
            with self._changed:
                self._results[:0] = taken
            raise

    def use_head(self, head: Head | None) -> None:
        """Use a learnt head, or none, for the results that are taken from now on."""
        self._head = head

    def _with_features(self, results: list[Result]) -> list[Result]:
        """Add the stored features to results that were looked up without them, before there was a learnt head."""
        missing = [result.path for result in results if result.features is None and result.fingerprint]
        if self._store is None or not missing:
            return results
        try:
            found = self._store.features(missing, self._model.identity)
        except StoreError as error:
            self._report_store_error(error)
            return results
        return [replace(result, features=found.get(result.path, result.features)) for result in results]

    def close(self) -> None:
        """Cancel and end the threads. Returns when the photos in flight are classified and stored."""
        self.cancel()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._unused.clear()  # its memory is not wanted until this object is collected
        with self._changed:
            self._all_classified = True
            self._changed.notify_all()
        if self._store is not None:
            self._store_thread.join()

    @property
    def _open(self) -> bool:
        """Whether results are still to come."""
        return bool(self._in_flight or any(self._queues))

    @property
    def _queues(self) -> tuple[OrderedDict[Path, Any], ...]:
        """All queues, the one that is worked on first in front."""
        return self._waiting, self._unchecked, self._judge_again

    def _to_front(self, queue: OrderedDict[Path, Any]) -> None:
        for path in reversed(self._preferred):
            if path in queue:
                queue.move_to_end(path, last=False)

    # Worker threads.

    def _work(self) -> None:
        try:
            if self._set_up_thread is not None:
                self._set_up_thread()
        except Exception:  # noqa: BLE001  As below.
            _log.exception("A thread was not set up.")
        is_open = True
        while is_open:
            try:
                is_open = self._work_on_next()
            except BaseException as error:  # noqa: BLE001  The edge of a thread: others wait for what it does.
                self._go_on_after(error)

    def _work_on_next(self) -> bool:
        """Classify the next photo; return whether the pipeline is open."""
        path = self._next()
        if path is None:
            return False
        signature = None if self._store is None else _signature(path)
        result = self._classify(path)
        if self._store is not None:
            result = self._with_stored_data(self._store, result, signature)
        self._finish(result, signature)
        return True

    def _go_on_after(self, error: BaseException) -> None:
        """Report an unexpected exception as the result of the photo of this thread: callers wait for one."""
        path = self._in_flight.get(threading.get_ident())
        if path is not None:
            self._finish(_unexpected(path, error), None)
            return
        _log.error("No photo could be begun.", exc_info=error)
        time.sleep(_PAUSE_SECONDS)

    def _classify(self, path: Path) -> Result:
        with self._changed:
            classifier = self._unused.pop() if self._unused else None
        if classifier is None:
            classifier = Classifier(self._model)
        try:
            return classify_or_report(path, classifier, self._model, thumbnail=self._thumbnails)
        finally:
            with self._changed:
                self._unused.append(classifier)

    def _with_stored_data(self, store: Store, result: Result, signature: FileSignature | None) -> Result:
        """Return `result` with fingerprint, correction and rating of the file, which was read a moment ago."""
        content = ""
        try:
            if signature is not None:
                content, after = fingerprint_and_signature(result.path)
                if after != signature:
                    content = ""  # it has changed meanwhile: the result may belong to either content
        except (OSError, ValueError):
            pass  # the result has the error already, or the file was deleted after it was read
        result = replace(result, fingerprint=content)
        try:
            correction, rating = store.own_data_of(result, signature, self._model.identity)
            return replace(result, correction=correction, rating=rating)
        except StoreError as error:
            self._report_store_error(error)
            return result

    def _next(self) -> Path | None:
        """Wait for the next photo to classify and return it; None when the pipeline is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._can_begin or self._closed)
            if self._closed:
                return None
            if self._waiting:
                path = self._waiting.popitem(last=False)[0]
            else:
                path, self._older[path] = self._judge_again.popitem(last=False)
            self._in_flight[threading.get_ident()] = path
            return path

    @property
    def _can_begin(self) -> bool:
        """Whether another photo may be classified now."""
        if self._paused or self._is_unloaded:
            return False
        if self._most_in_flight is not None and len(self._in_flight) >= self._most_in_flight:
            return False
        return bool(self._waiting) or self._has_time_to_judge_again

    @property
    def _has_time_to_judge_again(self) -> bool:
        """Whether photos wait to be judged again, and no other may still have to be classified first."""
        return bool(self._judge_again) and not self._unchecked

    def _finish(self, result: Result, signature: FileSignature | None) -> None:
        judge = self._model.thresholds.judge
        with self._changed:
            older = self._older.get(result.path)
            # First what may fail: a photo that is no longer in flight must have a result.
            has_changed = older is not None and (result.scores is None or judge(older) is not judge(result.scores))
            del self._in_flight[threading.get_ident()]
            self._done += 1
            self._failed += result.error is not None
            if older is not None:
                del self._older[result.path]
                self._judged_again += 1
                self._verdicts_changed += has_changed
            self._results.append(result)
            if signature is not None and result.fingerprint and not result.error_is_temporary:
                self._to_keep.append((result, signature))
            self._changed.notify_all()

    # The store's thread.

    def _serve_store(self) -> None:
        store = self._store
        assert store is not None
        is_last = False
        while not is_last:
            is_last = self._all_classified
            try:
                self._look_up_and_keep(store)
            except Exception as error:  # noqa: BLE001  The edge of a thread: others wait for what it does.
                self._go_on_without_store(error)

    def _look_up_and_keep(self, store: Store) -> None:
        """Wait for photos to look up and for results to store."""
        with self._changed:
            self._changed.wait_for(
                lambda: (self._unchecked and not self._paused) or self._to_keep or self._all_classified
            )
            photos = [] if self._paused else list(itertools.islice(self._unchecked, _LOOKED_UP_AT_ONCE))
        if photos:
            self._look_up(store, photos)
        self._keep(store)

    def _go_on_without_store(self, error: Exception) -> None:
        """Classify the photos that wait to be looked up, and store none of the results so far."""
        self._report_store_error(error)
        with self._changed:
            self._waiting.update(self._unchecked)
            self._unchecked.clear()
            self._kept += self._keeping + len(self._to_keep)
            self._to_keep, self._keeping = [], 0
            self._changed.notify_all()

    def _look_up(self, store: Store, photos: list[Path]) -> None:
        """Deliver the stored results of `photos`, and queue the others to be classified."""
        known: dict[Path, Result] = {}
        older: dict[Path, Result] = {}
        try:
            known = store.known(photos, self._model.identity, features=self._head is not None)
            if self._show_older:
                older = self._judged_by_older(store, [path for path in photos if path not in known])
        except Exception as error:  # noqa: BLE001  The edge of a thread: without the store, photos are classified.
            self._report_store_error(error)
        with self._changed:
            for path in photos:
                if self._unchecked.pop(path, _CANCELLED) is _CANCELLED:
                    continue
                result = known.get(path)
                if result is None:
                    earlier = older.get(path)
                    if earlier is None or earlier.scores is None:
                        self._waiting[path] = None
                    else:
                        self._judge_again[path] = earlier.scores
                        self._results.append(earlier)
                    continue
                self._done += 1
                self._known += 1
                self._failed += result.error is not None
                self._results.append(result)
            self._to_front(self._waiting)
            self._to_front(self._judge_again)
            self._changed.notify_all()

    def _judged_by_older(self, store: Store, photos: list[Path]) -> dict[Path, Result]:
        """Return results of earlier versions of the model, those of the latest version that has one."""
        found: dict[Path, Result] = {}
        for identity in self._model.earlier_identities:
            missing = [path for path in photos if path not in found]
            for path, result in store.known(missing, identity, features=False).items() if missing else ():
                if result.scores is not None:
                    found[path] = replace(result, older_model=True)
        return found

    def _keep(self, store: Store) -> None:
        with self._changed:
            kept, self._to_keep = self._to_keep, []
            self._keeping = len(kept)
        if not kept:
            return
        try:
            store.keep(
                [result for result, _ in kept], self._model.identity, {r.path: signature for r, signature in kept}
            )
        except Exception as error:  # noqa: BLE001  As above.
            self._report_store_error(error)
        with self._changed:
            self._kept, self._keeping = self._kept + len(kept), 0
            self._changed.notify_all()

    def _report_store_error(self, error: Exception) -> None:
        self._store_error = self._store_error or _("Not all results can be stored for the next time: {error}").format(
            error=error
        )


def _signature(path: Path) -> FileSignature | None:
    try:
        return file_signature(path)
    except (OSError, ValueError):
        return None


def classify_or_report(path: Path, classifier: Classifier, model: ModelFile, *, thumbnail: bool = True) -> Result:
    """Decode and classify one photo among many. Whatever goes wrong is in the result, so that the others go on."""
    try:
        return classify_photo(path, classifier, model, thumbnail=thumbnail)
    except Exception as error:  # noqa: BLE001  The edge of a thread: one photo must not end the others.
        return _unexpected(path, error)


def _unexpected(path: Path, error: BaseException) -> Result:
    return Result(
        path,
        error=FAILED.format(error=f"{type(error).__name__}: {error}"),
        error_is_temporary=True,
    )
