"""Changes in folders as the system reports them, through the watchdog library."""

import contextlib
import logging
import os
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

_log = logging.getLogger("catdog_desktop")


@dataclass(frozen=True, slots=True)
class Change:
    """A file or folder that was created, changed, renamed or deleted."""

    path: Path
    is_folder: bool
    is_gone: bool = False
    """It was deleted, or has another name now."""


class SystemEvents:
    """A queue of the changes in the folders that are subscribed to."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[str, bool, bool]] = queue.SimpleQueue()
        self._observer: BaseObserver | None = None
        self._subscriptions: dict[Path, ObservedWatch] = {}

    def subscribe(self, folder: Path) -> None:
        """Report changes in `folder` and its subfolders. Raises `OSError` if the system does not report them."""
        if self._observer is None or not self._observer.is_alive():
            self._end_observer()
            observer = _make_observer()
            observer.start()
            self._observer = observer
        # watchdog does not report changes behind a link, so the real folder is watched.
        real = os.path.realpath(folder)
        handler = _handler(partial(self._on_event, folder, real))
        self._subscriptions[folder] = self._observer.schedule(handler, real, recursive=True)

    def unsubscribe(self, folder: Path) -> None:
        """Report no more changes in `folder`. Does nothing if there is no subscription."""
        subscription = self._subscriptions.pop(folder, None)
        if self._observer is not None and subscription is not None:
            with contextlib.suppress(KeyError, OSError, RuntimeError):
                self._observer.unschedule(subscription)

    def is_subscribed(self, folder: Path) -> bool:
        """Whether changes in `folder` are reported."""
        return folder in self._subscriptions

    def has_ended(self, folder: Path) -> bool:
        """Whether changes in `folder` were reported and no longer are: an error has ended a thread of watchdog."""
        subscription = self._subscriptions.get(folder)
        if self._observer is None or subscription is None:
            return False
        threads = [emitter for emitter in self._observer.emitters if emitter.watch == subscription]
        return not threads or not all(thread.is_alive() for thread in (self._observer, *threads))

    def take(self) -> Iterator[Change]:
        """Yield the changes since the last call."""
        while True:
            try:
                name, is_folder, is_gone = self._queue.get_nowait()
            except queue.Empty:
                return
            yield Change(Path(name), is_folder, is_gone)

    def close(self) -> None:
        """End the subscriptions and their threads."""
        self._end_observer()
        self._subscriptions.clear()

    def _end_observer(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            with contextlib.suppress(RuntimeError):  # Never started.
                self._observer.join()
            self._observer = None

    def _on_event(self, folder: Path, real: str, event: "FileSystemEvent") -> None:
        """Queue an event. Called in a thread of watchdog, which must not end by an error: no event would come."""
        try:
            self._put_event(folder, real, event)
        except Exception:  # noqa: BLE001  The edge of a thread.
            _log.exception("An event of a watched folder was not understood.")
            self._queue.put((str(folder), True, False))  # The folder has changed somehow: it is walked.

    def _put_event(self, folder: Path, real: str, event: "FileSystemEvent") -> None:
        if event.event_type in ("deleted", "moved"):
            self._put(folder, real, event.src_path, is_folder=event.is_directory, is_gone=True)
        if event.event_type == "moved":
            self._put(folder, real, event.dest_path, is_folder=event.is_directory)
        elif event.event_type in ("created", "closed") or (event.event_type == "modified" and not event.is_directory):
            self._put(folder, real, event.src_path, is_folder=event.is_directory)

    def _put(self, folder: Path, real: str, changed: bytes | str, *, is_folder: bool, is_gone: bool = False) -> None:
        path = os.fsdecode(changed)
        if path.startswith(real):
            below = path[len(real) :].lstrip(os.sep)
            self._queue.put((os.path.join(folder, below), is_folder, is_gone))  # noqa: PTH118  Faster than Path.


def _make_observer() -> "BaseObserver":
    from watchdog.observers import Observer

    # watchdog reports as an error that an observer was stopped while an event came. Without a handler of its own that
    # would be written to the user's terminal.
    logging.getLogger("watchdog").addHandler(logging.NullHandler())
    observer: BaseObserver = Observer()
    observer.daemon = True
    return observer


def _handler(on_event: Callable[["FileSystemEvent"], None]) -> Any:
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: "FileSystemEvent") -> None:
            on_event(event)

    return Handler()
