"""Title, taskbar, notification and sleep: what the desktop shows of the jobs of the window, and does for them."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.desktop.keep_awake import KeepAwake, make_keep_awake
from catdog_desktop.gui.desktop.notifications import (
    has_bus,
    notify_by_bus,
    notify_by_tray,
    show_taskbar_progress,
)
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.languages.formats import format_share
from catdog_desktop.last_session import describe_sources
from catdog_desktop.messages import _

NOTIFY_FROM_SECONDS: Final = 10.0
"""The end of a shorter job is not reported: whoever looks elsewhere for so short does not wait for it."""
_CLASSIFYING: Final = "classifying"


class Desktop(Protocol):
    """What is asked of the desktop. Each method returns at once."""

    def notify(self, text: str) -> None:
        """Show a notification."""
        ...

    def show_progress(self, fraction: float | None) -> None:
        """Show progress (0..1) in the taskbar; None: no job runs."""
        ...

    def keep_awake(self, *, on: bool) -> None:
        """Keep the computer from falling asleep, or no longer."""
        ...


class SystemDesktop:
    """The desktop of this computer. Its bus is used beside the GUI thread."""

    def __init__(self, context: WindowContext) -> None:
        self._context = context
        self._awake: KeepAwake = make_keep_awake()
        self._call: Callable[[Callable[[], object]], object] = lambda work: work()
        self._bus = None
        if has_bus():
            from catdog_desktop.gui.desktop.session_bus import SessionBus

            self._bus = SessionBus("catdog-desktop")
            self._call = context.tasks.run

    def notify(self, text: str) -> None:
        """Show a notification."""
        if self._bus is None:
            notify_by_tray(self._context.window, "CatDog", text)
        else:
            self._context.tasks.run(partial(notify_by_bus, self._bus, "CatDog", text), partial(self._fall_back, text))

    def _fall_back(self, text: str, shown: bool) -> None:
        if not shown:
            notify_by_tray(self._context.window, "CatDog", text)

    def show_progress(self, fraction: float | None) -> None:
        """Show progress in the taskbar."""
        if self._bus is not None:
            self._call(partial(show_taskbar_progress, self._bus, fraction))

    def keep_awake(self, *, on: bool) -> None:
        """Keep the computer awake. On Windows always in this thread, to which the system ties the wish."""
        self._call(partial(self._awake.start, _("Photos are being processed")) if on else self._awake.stop)


@safe_overrides
class DesktopStatus(QObject):
    """Follows the classification and the jobs with a bar."""

    def __init__(self, context: WindowContext, jobs: Sequence[JobCommands], desktop: Desktop | None = None) -> None:
        """`desktop` is another desktop than the real one, for tests."""
        super().__init__(context.window)
        self._context = context
        self._window = context.window
        self.desktop: Desktop = desktop or SystemDesktop(context)
        self._running: dict[str, float | None] = {}
        """How far each job is, 0..1; None if that is unknown."""
        self._began: dict[str, float] = {}
        self._is_awake = False
        self._shown: int | None = None
        """The percentage on the taskbar."""
        context.session.progress_changed.connect(self._on_progress)
        self._name = "CatDog"
        self._own_model = ""
        context.session.model_ready.connect(self._on_model)
        for signal in (context.session.opened, context.session.sources_added, context.session.photos_removed):
            signal.connect(self._update_name)
        for job in jobs:
            name = type(job).__name__
            job.began.connect(partial(self._advance, name, None))
            job.advanced.connect(partial(self._on_advanced, name))
            job.ended.connect(partial(self.end, name))
        self._window.installEventFilter(self)
        self._update_name()

    def end_classifying(self, sentence: str) -> None:
        """Report the end of a classification, with what came out."""
        self.end(_CLASSIFYING, sentence)

    def end(self, name: str, sentence: str) -> None:
        """Report the end of a job."""
        began = self._began.pop(name, None)
        self._running.pop(name, None)
        self._update()
        is_long = began is not None and time.monotonic() - began >= NOTIFY_FROM_SECONDS
        if is_long and sentence and not self._window.isActiveWindow():
            self.desktop.notify(displayable(sentence))

    def close(self) -> None:
        """Let the computer sleep again."""
        self._running.clear()
        self._update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the progress elsewhere only while the window is not in front."""
        if event.type() in (QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate):
            self._update()
        return super().eventFilter(watched, event)

    def _on_progress(self, progress: JobProgress) -> None:
        if progress.busy and progress.paused:
            self._running.pop(_CLASSIFYING, None)
            self._update()
        elif progress.busy:
            known = progress.total and not progress.finding
            self._advance(_CLASSIFYING, progress.done / progress.total if known else None)

    def _on_advanced(self, name: str, done: int, total: int) -> None:
        self._advance(name, done / total if total else None)

    def _advance(self, name: str, fraction: float | None) -> None:
        self._began.setdefault(name, time.monotonic())
        self._running[name] = fraction
        self._update()

    def _update_name(self) -> None:
        # Not at each report of progress: thousands of photos may have been opened one by one.
        sources = describe_sources(tuple(self._context.session.sources))
        self._name = " · ".join(part for part in (sources, self._own_model) if part) or "CatDog"
        self._update()

    def _on_model(self, model: ModelFile) -> None:
        # The model of the app need not be named.
        self._own_model = model.title if model.source else ""
        self._update_name()

    def _update(self) -> None:
        runs = bool(self._running)
        if runs is not self._is_awake:
            self._is_awake = runs
            self.desktop.keep_awake(on=runs)
        in_front = self._window.isActiveWindow()
        fractions = [fraction for fraction in self._running.values() if fraction is not None]
        percent = None if in_front or not fractions else int(min(fractions) * 100)
        if percent != self._shown:
            self._shown = percent
            self.desktop.show_progress(None if percent is None else percent / 100)
        name = self._name
        if percent is not None:
            name = f"{format_share(percent / 100)} · {name}"
        if name != self._window.windowTitle():
            self._window.setWindowTitle(name)
