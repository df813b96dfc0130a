"""The line at the bottom: how far the job is, and short sentences about what happened."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.status_text import describe_progress
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import LinkLabel, plain_tooltip


class StatusLine(QWidget):
    """Progress with *Cancel*, and a message that may hold a link."""

    link_chosen = Signal(str)

    def __init__(self, cancel: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID)
        layout.setSpacing(2 * GRID)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMaximumHeight(GRID)
        self._bar.setMaximumWidth(30 * GRID)
        self._bar.setAccessibleName("Progress")
        self._job = QLabel()
        self._job.setAccessibleName("Progress in words")
        self._message = LinkLabel()
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._message.linkActivated.connect(self.link_chosen)
        self._cancel = QPushButton("Cancel")
        self._cancel.setToolTip(cancel.toolTip())
        self._cancel.clicked.connect(cancel.trigger)
        layout.addWidget(self._bar)
        layout.addWidget(self._job)
        layout.addWidget(self._message, 1)
        layout.addWidget(self._cancel)
        self.setFixedHeight(max(5 * GRID, self._cancel.sizeHint().height() + GRID * 3 // 2))
        self.show_progress(None)

    def add(self, sign: QWidget) -> None:
        """Show `sign` at the end of the line, for as long as it is visible."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(layout.count() - 1, sign)

    @property
    def message(self) -> str:
        """The message as it stands, with its links."""
        return self._message.text()

    @property
    def job_text(self) -> str:
        """The progress in words."""
        return self._job.text()

    def show_progress(self, progress: JobProgress | None) -> None:
        """Show how far a job is; None or an idle one hides it."""
        busy = progress is not None and progress.busy
        for part in (self._bar, self._job, self._cancel):
            part.setVisible(busy)
        if progress is not None and busy:
            # While folders are walked nobody knows the whole: a bar that runs to and fro says so.
            self._bar.setRange(0, 0 if progress.finding and not progress.done else max(1, progress.total))
            self._bar.setValue(progress.done)
            self._job.setText(describe_progress(progress.progress, finding=progress.finding))

    def say(self, sentence: str, links: dict[str, str] | None = None) -> None:
        """Show a plain sentence, followed by links: what is chosen by words."""
        text = sentence.replace("&", "&amp;").replace("<", "&lt;")
        for target, words in (links or {}).items():
            text += f" &nbsp;<a href='{target}'>{words}</a>"
        self._message.show_words(text)
        self._message.setToolTip(plain_tooltip(sentence))
        self._message.setAccessibleName(sentence)

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrow."""
        return QSize(30 * GRID, super().minimumSizeHint().height())
