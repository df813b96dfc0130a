"""A few photos and what a model that is being imported says of them, live."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from catdog_desktop.gui.model_import.trials import Trial, small_photo
from catdog_desktop.gui.status_text import VERDICT_MEANING
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel, plain_tooltip
from catdog_desktop.gui.widgets.score_bars import ScoreBar
from catdog_desktop.verdict import Thresholds, format_percent

THUMBNAIL_EDGE: Final = 12 * GRID


class TrialPhotos(QWidget):
    """One line for each photo: a small picture, two bars and the verdict in words."""

    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, photos: Mapping[Path, str], words: str, parent: QWidget | None = None) -> None:
        """`photos` have what the model in use says of them, in words, or nothing."""
        super().__init__(parent)
        self._errands = TaskQueue(self.failed.emit, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(SecondaryLabel(words))
        self.lines = [_Line(path, before, self) for path, before in photos.items()]
        for line in self.lines:
            layout.addWidget(line)
            edge = round(THUMBNAIL_EDGE * self.devicePixelRatioF())
            self._errands.run(partial(small_photo, line.path, edge), line.show_picture)
        layout.addStretch(1)

    def wait_again(self) -> None:
        """Take back what was said, since the answers have changed."""
        for line in self.lines:
            line.wait()

    def show_trial(self, trial: Trial, thresholds: Thresholds) -> None:
        """Show what the model says of one photo."""
        self.lines[trial.number].show_trial(trial, thresholds)

    def finish(self) -> None:
        """Read no more pictures."""
        self._errands.clear()


class _Line(QWidget):
    def __init__(self, path: Path, before: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = path
        self._before = f" · so far {before}" if before else ""
        self._name = path.name.encode("utf-8", "replace").decode("utf-8")
        self._picture = QLabel()
        self._picture.setFixedSize(QSize(THUMBNAIL_EDGE, THUMBNAIL_EDGE))
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cat, self.dog = ScoreBar("Cat"), ScoreBar("Dog")
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # Room for two lines from the start, so that nothing jumps.
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(2 * GRID)
        layout.setVerticalSpacing(GRID // 2)
        layout.addWidget(self._picture, 0, 0, 3, 1)
        layout.addWidget(self.words, 0, 1)
        layout.addWidget(self.cat, 1, 1)
        layout.addWidget(self.dog, 2, 1)
        self.setToolTip(plain_tooltip(str(path).encode("utf-8", "replace").decode("utf-8")))
        self.wait()

    def show_picture(self, image: QImage) -> None:
        if not image.isNull():
            image.setDevicePixelRatio(image.width() / self._fitted(image).width())
            self._picture.setPixmap(QPixmap.fromImage(image))

    def _fitted(self, image: QImage) -> QSize:
        edge = QSize(THUMBNAIL_EDGE, THUMBNAIL_EDGE)
        return image.size().scaled(edge, Qt.AspectRatioMode.KeepAspectRatio)

    def wait(self) -> None:
        self._say("…")
        self.cat.set_score(None)
        self.dog.set_score(None)

    def show_trial(self, trial: Trial, thresholds: Thresholds) -> None:
        result = trial.result
        if result is None or result.scores is None:
            self.cat.set_score(None)
            self.dog.set_score(None)
            self._say(trial.problem or f"This file {result.error if result is not None else ''}.")
            return
        self.cat.set_score(result.scores.cat)
        self.dog.set_score(result.scores.dog)
        self._say(f"{VERDICT_MEANING[thresholds.judge(result.scores)]}{self._before}")
        scores = f"cat {format_percent(result.scores.cat)}, dog {format_percent(result.scores.dog)}"
        self.setAccessibleDescription(f"{self.words.text()}, {scores}")

    def _say(self, words: str) -> None:
        self.words.setText(words[:1].upper() + words[1:])
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(words)
