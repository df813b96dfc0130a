"""The line at the bottom of the window: the progress of the job, and short messages."""

import html

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHelpEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolTip, QWidget

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.status_text import describe_progress
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import LinkLabel, plain_tooltip
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import _


@safe_overrides
class StatusLine(QWidget):
    """Progress with *Stop*, and a message that may end with links."""

    link_chosen = Signal(str)  # the target
    stop_clicked = Signal()
    pause_clicked = Signal()  # pause, or resume after a pause
    said = Signal(str)  # the sentence shown, as plain text

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID)
        layout.setSpacing(2 * GRID)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMaximumHeight(GRID)
        self._bar.setMaximumWidth(30 * GRID)
        self._bar.setAccessibleName(_("Progress"))
        self._job = QLabel()
        self._message = _Message()
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._message.linkActivated.connect(self.link_chosen)
        self._stop = QPushButton(_("Stop"))
        self._stop.setToolTip(_("Stop classifying. Results so far are kept."))
        self._stop.clicked.connect(self.stop_clicked)
        self._pause = QPushButton(_("Pause"))
        self._pause.clicked.connect(self.pause_clicked)
        layout.addWidget(self._bar)
        layout.addWidget(self._job)
        layout.addWidget(self._message, 1)
        layout.addWidget(self._pause)
        layout.addWidget(self._stop)
        self.setFixedHeight(max(5 * GRID, self._stop.sizeHint().height() + GRID * 3 // 2))
        self.show_progress(None)

    def add(self, widget: QWidget) -> None:
        """Add a widget before *Stop*. It takes no space while it is hidden."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(layout.count() - 1, widget)

    @property
    def message(self) -> str:
        """The message as it is shown, as HTML with its links."""
        return self._message.text()

    @property
    def job_text(self) -> str:
        """The progress in words."""
        return self._job.text()

    def show_progress(self, progress: JobProgress | None) -> None:
        """Show the progress of a job. None or an idle job hides it."""
        busy = progress is not None and progress.busy
        for part in (self._bar, self._job, self._pause, self._stop):
            part.setVisible(busy)
        if progress is not None and busy:
            # While folders are searched, the total is unknown.
            self._bar.setRange(0, 0 if progress.finding and not progress.done else max(1, progress.total))
            # setValue() repaints at once, and with the bar all of the window that waits to be painted.
            self._bar.setUpdatesEnabled(False)
            self._bar.setValue(progress.done)
            self._bar.setUpdatesEnabled(True)
            text = describe_progress(progress.progress, finding=progress.finding)
            if progress.paused:
                done, total = format_number(progress.done), format_number(progress.total)
                text = _("Paused · {done} of {total}").format(done=done, total=total)
            self._job.setText(text)
            self._pause.setText(_("Resume") if progress.paused else _("Pause"))

    def say(self, sentence: str, links: dict[str, str] | None = None) -> None:
        """Show plain text, followed by links (target and words)."""
        sentence = displayable(sentence)
        text = html.escape(sentence, quote=False)
        for target, words in (links or {}).items():
            text += f" &nbsp;<a href='{target}'>{html.escape(words)}</a>"
        self._message.show_html(text)
        self._message.sentence = sentence
        self._message.setAccessibleName(sentence)
        self._message.setAccessibleDescription(format_list((links or {}).values()))
        self.said.emit(sentence)
        if sentence:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._message, sentence))

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrow."""
        return QSize(30 * GRID, super().minimumSizeHint().height())


@safe_overrides
class _Message(LinkLabel):
    """Shows the whole sentence in a tooltip.

    Not by `setToolTip`: without a description, screen readers would read the tooltip after the same name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sentence = ""

    def event(self, event: QEvent) -> bool:
        """Show the tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.sentence:
            QToolTip.showText(event.globalPos(), plain_tooltip(self.sentence), self)
            return True
        return super().event(event)
