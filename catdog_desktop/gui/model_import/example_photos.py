"""A few example photos with what a model that is being imported says of them."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from catdog_desktop.decoding.problem_text import problem_sentence
from catdog_desktop.formatting import displayable, format_percent
from catdog_desktop.gui.model_import.example_results import ExampleResult, small_photo
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel, plain_tooltip
from catdog_desktop.gui.widgets.score_bars import ScoreBar
from catdog_desktop.messages import _
from catdog_desktop.verdict import Thresholds
from catdog_desktop.verdict_text import verdict_phrase

THUMBNAIL_EDGE: Final = 12 * GRID


class ExamplePhotos(QWidget):
    """One line for each photo: a small picture, two bars and the verdict in words."""

    def __init__(
        self, photos: Mapping[Path, str], heading: str, tasks: TaskQueue, parent: QWidget | None = None
    ) -> None:
        """`photos` maps each photo to the verdict of the current model, in words, or to an empty text."""
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, GRID, 0)  # the scroll bar is beside it
        layout.setSpacing(GRID)
        layout.addWidget(SecondaryLabel(heading))
        self.lines = [_ExampleLine(path, current, self) for path, current in photos.items()]
        edge = round(THUMBNAIL_EDGE * self.devicePixelRatioF())
        for line in self.lines:
            layout.addWidget(line)
            tasks.run(partial(small_photo, line.path, edge), partial(_show_picture, line))
        layout.addStretch(1)

    @property
    def is_complete(self) -> bool:
        """Whether every photo has its picture and its result."""
        return all(line.is_complete for line in self.lines)

    def show_waiting(self) -> None:
        """Clear all results, since the answers have changed."""
        for line in self.lines:
            line.show_waiting()

    def show_result(self, example: ExampleResult, thresholds: Thresholds) -> None:
        """Show what the model says of one photo."""
        self.lines[example.number].show_result(example, thresholds)


def _show_picture(line: "_ExampleLine", image: QImage) -> None:
    if isValid(line):  # else another page has replaced it meanwhile
        line.show_picture(image)


class _ExampleLine(QWidget):
    def __init__(self, path: Path, current: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.path = path
        self._current = current
        self._picture = QLabel()
        self._picture.setFixedSize(QSize(THUMBNAIL_EDGE, THUMBNAIL_EDGE))
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cat, self.dog = ScoreBar("cat"), ScoreBar("dog")
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # Two lines high from the start, so that nothing moves when a result arrives.
        self.text.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(2 * GRID)
        layout.setVerticalSpacing(GRID // 2)
        layout.addWidget(self._picture, 0, 0, 3, 1)
        layout.addWidget(self.text, 0, 1)
        layout.addWidget(self.cat, 1, 1)
        layout.addWidget(self.dog, 2, 1)
        self.setToolTip(plain_tooltip(displayable(path)))
        self.setAccessibleName(displayable(path.name))
        self.show_waiting()

    @property
    def is_complete(self) -> bool:
        return not self._is_waiting and not self._picture.pixmap().isNull()

    def show_picture(self, image: QImage) -> None:
        if not image.isNull():
            image.setDevicePixelRatio(image.width() / self._fitted(image).width())
            self._picture.setPixmap(QPixmap.fromImage(image))

    def show_waiting(self) -> None:
        self._is_waiting = True
        self._show_text("…")
        self.cat.set_score(None)
        self.dog.set_score(None)

    def show_result(self, example: ExampleResult, thresholds: Thresholds) -> None:
        self._is_waiting = False
        result = example.result
        if result is None or result.scores is None:
            self.cat.set_score(None)
            self.dog.set_score(None)
            unreadable = problem_sentence((result.error or "") if result is not None else "")
            self._show_text(example.problem or unreadable)
            return
        self.cat.set_score(result.scores.cat)
        self.dog.set_score(result.scores.dog)
        verdict = verdict_phrase(thresholds.judge(result.scores))
        if self._current:
            verdict = _("{verdict} · current model: {current}").format(verdict=verdict, current=self._current)
        self._show_text(verdict)
        self.setAccessibleDescription(
            _("{verdict}, cat {cat}, dog {dog}").format(
                verdict=self.text.text(), cat=format_percent(result.scores.cat), dog=format_percent(result.scores.dog)
            )
        )

    def _fitted(self, image: QImage) -> QSize:
        edge = QSize(THUMBNAIL_EDGE, THUMBNAIL_EDGE)
        return image.size().scaled(edge, Qt.AspectRatioMode.KeepAspectRatio)

    def _show_text(self, text: str) -> None:
        self.text.setText(text[:1].upper() + text[1:])
        self.setAccessibleDescription(self.text.text())
