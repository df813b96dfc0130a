"""One photo, large: upright, the two scores below it, and where in the photo the model sees a cat or a dog."""

from enum import Enum
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.formatting import format_bytes
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.status_text import size_and_date
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID, RADIUS, colours
from catdog_desktop.gui.viewer.preview_labels import DuplicateLinks, FileNameLabel, VerdictLabel
from catdog_desktop.gui.widgets.filter_chip import Chip
from catdog_desktop.gui.widgets.icons import Icon
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.gui.widgets.score_bars import ScoreBar
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.messages import _

VIEW_EDGE = 2048
"""Longest edge of the photo in memory: sharp on any laptop's screen, and at most 16 MB."""


class Heat(Enum):
    """Which heat map lies over the photo."""

    OFF = "off"
    CAT = "cat"
    DOG = "dog"


class PhotoView(QWidget):
    """Paints one photo so that it fits, with a heat map over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._overlay: QImage | None = None
        self.message = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("The photo, large")

    @property
    def has_photo(self) -> bool:
        """Whether a photo is shown."""
        return self._image is not None

    @property
    def has_overlay(self) -> bool:
        """Whether a heat map is shown."""
        return self._overlay is not None

    def show_photo(self, image: QImage | None, message: str = "") -> None:
        """Show `image`; without one, say `message`."""
        self._image, self.message = image, message
        self.update()

    def show_overlay(self, overlay: QImage | None) -> None:
        """Lay a small image with alpha over the whole photo."""
        self._overlay = overlay
        self.update()

    def sizeHint(self) -> QSize:
        """Return a good size for a preview."""
        return QSize(360, 360)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint photo and heat map."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        ours = colours(self.palette())
        if self._image is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ours.backdrop)
            painter.drawRoundedRect(area, RADIUS, RADIUS)
            painter.setPen(ours.hint)
            words = area.adjusted(2 * GRID, 0, -2 * GRID, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.message)
            return
        # Fitted, but never blown up to more than twice its size: a small photo stays a small photo.
        ratio = self.devicePixelRatioF()
        scale = min(area.width() / self._image.width(), area.height() / self._image.height(), 2.0 / ratio)
        place = QRectF(QPointF(0, 0), self._image.size().toSizeF() * scale)
        place.moveCenter(area.center())
        painter.drawImage(place, self._image)
        if self._overlay is not None:
            painter.drawImage(place, self._overlay)


class Preview(QWidget):
    """The pane beside the gallery, or instead of it."""

    step = Signal(int)
    closed = Signal()
    maps_wanted = Signal(object)  # Row: its model brings no heat map; None: none is looked at any more

    def __init__(self, errands: TaskQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._errands = errands
        self._row: Row | None = None
        self._heat = Heat.OFF
        self._wanted: Path | None = None
        self._makes_maps = False
        self._made: tuple[Path, NDArray[np.uint8]] | None = None
        self._limits, self._way = SecondaryLabel(), SecondaryLabel()
        self.view = PhotoView(self)
        self.cat_bar = ScoreBar("Cat", self)
        self.dog_bar = ScoreBar("Dog", self)
        self._verdict = VerdictLabel(self)
        self._name = FileNameLabel(self)
        self._details = QLabel(self)
        self._details.setTextFormat(Qt.TextFormat.PlainText)
        self._details.setWordWrap(True)
        self._details.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.equal = DuplicateLinks(self)
        self._heat_buttons: dict[Heat, Chip] = {}
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Preview")
        self._build()
        self.show_row(None)

    @property
    def heat(self) -> Heat:
        """Which heat map is chosen."""
        return self._heat

    @property
    def row(self) -> Row | None:
        """The photo shown."""
        return self._row

    def show_model(self, model: ModelFile) -> None:
        """Tell what the model cannot say; heat maps of one without are asked for by `maps_wanted`."""
        self._makes_maps = model.maps_output is None
        self._made = None
        self._limits.setText(model.answers.limits)
        self._limits.setVisible(bool(model.answers.limits))
        self._way.setVisible(self._makes_maps)
        self._show_scores(grow=False)

    def show_maps(self, path: Path, maps: NDArray[np.uint8], complete: bool) -> None:
        """Show heat maps that were asked for."""
        self._made = path, maps
        if self._heat is not Heat.OFF:
            self._way.setText(f"Found by covering parts of the photo{'.' if complete else '; still looking …'}")
        self._show_heat()

    def add_actions(self, actions: list[QAction]) -> None:
        """Show buttons for `actions` beside the heat maps."""
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAccessibleName(action.text().replace("&", ""))
            self._tools.addWidget(button)

    def show_row(self, row: Row | None) -> None:
        """Show another photo, or none; its pixels are read in the background."""
        other = row is None or self._row is None or row.path != self._row.path
        self._row = row
        if other:
            self.view.show_overlay(None)
            self.view.show_photo(None, "Reading …" if row is not None else "Choose a photo to see it large.")
            self._read(row)
        self._show_scores(grow=other)

    def refresh(self) -> None:
        """Show the row's scores again: a result has come or the thresholds have moved."""
        self._show_scores(grow=True)

    def set_heat(self, heat: Heat) -> None:
        """Show where the model sees a cat, a dog, or no heat map."""
        self._heat = heat
        self._heat_buttons[heat].setChecked(True)
        self._show_heat()

    def next_heat(self) -> None:
        """Show the next: cat, dog, off."""
        order = [Heat.CAT, Heat.DOG, Heat.OFF]
        self.set_heat(order[(order.index(self._heat) + 1) % len(order)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next or the previous photo by the arrow keys; back to the gallery by Escape."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in steps:
            self.step.emit(steps[key])
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.view, 1)
        font = QFont(self._name.font())
        font.setBold(True)
        self._name.setFont(font)
        layout.addWidget(self._name)
        layout.addWidget(self._verdict)
        bars = QGridLayout()
        bars.setSpacing(GRID // 2)
        bars.addWidget(self.cat_bar, 0, 0)
        bars.addWidget(self.dog_bar, 1, 0)
        layout.addLayout(bars)
        layout.addWidget(self._details)
        layout.addWidget(self.equal)
        layout.addWidget(self._limits)
        self._limits.hide()
        self._tools = QHBoxLayout()
        self._tools.setSpacing(GRID // 2)
        label = QLabel("&Where?")
        self._tools.addWidget(label)
        for heat, sign, word in (
            (Heat.OFF, Icon.NEITHER, "Off"),
            (Heat.CAT, Icon.CAT, "Cat"),
            (Heat.DOG, Icon.DOG, "Dog"),
        ):
            button = Chip(sign, word, self)
            button.setAutoExclusive(True)
            button.setToolTip(
                "Show no heat map (H)" if heat is Heat.OFF else f"Show where the model sees a {heat.value} (H)"
            )
            button.setAccessibleName(f"Heat map: {word.lower()}")
            button.clicked.connect(partial(self.set_heat, heat))
            self._heat_buttons[heat] = button
            self._tools.addWidget(button)
        label.setBuddy(self._heat_buttons[Heat.OFF])
        self._heat_buttons[Heat.OFF].setChecked(True)
        self._tools.addStretch(1)
        layout.addLayout(self._tools)
        layout.addWidget(self._way)
        self._way.setMinimumHeight(self.fontMetrics().lineSpacing())  # lest the photo jump when it speaks
        self._way.hide()

    def _read(self, row: Row | None) -> None:
        # Whoever leafs through quickly must not wait for photos that were passed by.
        self._errands.clear()
        self._wanted = row.path if row is not None else None
        if row is not None:
            self._errands.run(partial(_read_photo, row.path), partial(self._show_pixels, row.path))

    def _show_pixels(self, path: Path, answer: QImage | str) -> None:
        if path != self._wanted:
            return
        if isinstance(answer, str):
            self.view.show_photo(None, f"This file {answer}.")
            return
        self.view.show_photo(answer)
        self._show_heat()

    def _show_scores(self, *, grow: bool) -> None:
        row = self._row
        result = row.result if row is not None else None
        scores = result.scores if result is not None else None
        self.cat_bar.set_score(scores.cat if scores is not None else None, grow=grow)
        self.dog_bar.set_score(scores.dog if scores is not None else None, grow=grow)
        self._verdict.show_row(row)
        self._name.show_name(row.name if row is not None else "")
        self._details.setText(_details(row))
        has_maps = result is not None and (result.heat_maps is not None or (self._makes_maps and scores is not None))
        for button in self._heat_buttons.values():
            button.setEnabled(has_maps)
        self._show_heat()

    def _show_heat(self) -> None:
        result = self._row.result if self._row is not None else None
        maps = result.heat_maps if result is not None else None
        if self._makes_maps:
            maps = (
                self._made[1]
                if self._made is not None and result is not None and self._made[0] == result.path
                else None
            )
            self._ask_for_maps(has_maps=maps is not None)
        if self._heat is Heat.OFF or maps is None or not self.view.has_photo:
            self.view.show_overlay(None)
            return
        ours = colours(self.palette())
        channel, colour = (0, ours.cat) if self._heat is Heat.CAT else (1, ours.dog)
        self.view.show_overlay(heat_overlay(maps[:, :, channel], colour))

    def _ask_for_maps(self, *, has_maps: bool) -> None:
        result = self._row.result if self._row is not None else None
        wanted = self._heat is not Heat.OFF and result is not None and result.scores is not None
        if not wanted:
            self._way.clear()
        elif not has_maps:
            self._way.setText("Covering parts of the photo to find it …")
        self.maps_wanted.emit(self._row if wanted else None)


def heat_overlay(heat: NDArray[np.uint8], colour: QColor) -> QImage:
    """Return a small image to lay over the photo: what the model did not look at is dimmed, the rest is tinted.

    `heat` is (rows, columns), 0..255. Dimming is what everybody sees, whatever colours they can tell apart; the
    tint says which animal is meant.
    """
    share = heat.astype(np.float32) / 255
    pixels = np.empty((*heat.shape, 4), dtype=np.uint8)
    tint = np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float32)
    dim, glow = 0.62 * (1 - share), 0.38 * share
    alpha = dim + glow
    for channel in range(3):
        pixels[:, :, channel] = tint[channel] * glow / np.maximum(alpha, 1e-6)
    pixels[:, :, 3] = np.rint(alpha * 255)
    height, width = heat.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _read_photo(path: Path) -> QImage | str:
    """Decode `path` to look at, or return why it cannot be."""
    try:
        pixels = decode_for_view(path, VIEW_EDGE)
    except PhotoError as error:
        return str(error)
    height, width, _ = pixels.shape
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _details(row: Row | None) -> str:
    result = row.result if row is not None else None
    if result is None:
        return ""
    if result.error is not None:
        return f"This file {result.error}."
    info = result.info
    lines = f"{size_and_date(info.width, info.height, info.date)} · {format_bytes(info.file_bytes)}"
    if result.older_model:
        lines += "\n" + _("Judged by an earlier version of the model. It will be judged again.")
    if result.looked_closer:
        lines += "\n" + _("Looked closer at parts of the photo.")
    return lines + ("\nThe file is damaged: it ends too early." if info.damaged else "")
