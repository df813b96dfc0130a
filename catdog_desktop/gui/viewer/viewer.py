"""The viewer: one photo, or two to compare, as large as the window allows, with scores and the user's own verdict."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.photo_text import corrected_word, describe_row
from catdog_desktop.gui.theme import GRID, viewer_palette
from catdog_desktop.gui.viewer.info_panel import InfoPanel
from catdog_desktop.gui.viewer.preview_labels import FileNameLabel, VerdictLabel
from catdog_desktop.gui.viewer.verdict_buttons import StarRating, VerdictButtons
from catdog_desktop.gui.viewer.view_images import Detail, ViewImages, Wanted
from catdog_desktop.gui.viewer.viewer_bar import ViewerBar
from catdog_desktop.gui.viewer.zoom import STEP, Frame, Zoom
from catdog_desktop.gui.viewer.zoom_view import ZoomView
from catdog_desktop.gui.widgets.flow_layout import FlowLayout
from catdog_desktop.gui.widgets.score_bars import ScoreBar
from catdog_desktop.messages import _
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_text import verdict_phrase

MESSAGE_MS: Final = 6000
"""How long a message is shown over the photo."""
_STEPS: Final = {
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Up: (0, -1),
}
_PAGES: Final = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the viewer needs to know beside the photos that it shows."""

    neighbours: tuple[Row, ...] = ()
    """The photos to decode ahead of time, the likeliest first."""
    position: str = ""
    """As "12 of 1,204"; empty while two photos are compared."""


@safe_overrides
class Viewer(QWidget):
    """A dark page with one photo or two. It has the keys for moving; all others belong to actions."""

    step_requested = Signal(int)  # 1 for the next photo, -1 for the previous one
    end_requested = Signal(bool)  # True for the last photo, False for the first one
    active_changed = Signal(object)  # Row: of two photos, the one that the keys concern
    back_requested = Signal()

    def __init__(
        self,
        images: ViewImages,
        thumbnail_of: Callable[[Row], QImage | None],
        actions: Sequence[QAction],
        similar: QAction,
        parent: QWidget | None = None,
    ) -> None:
        """`thumbnail_of` returns a picture to show until a photo is decoded. `actions` are the buttons at the top.

        `similar` stands below the reasons of a verdict.
        """
        super().__init__(parent)
        self._images = images
        self._thumbnail_of = thumbnail_of
        self._rows: list[Row] = []
        self._active = 0
        self._surroundings = Surroundings()
        self._overlay: QImage | None = None
        palette = viewer_palette()
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Viewer"))
        self.bar = ViewerBar(actions)
        self.bar.back.clicked.connect(self.back_requested)
        self._places = [QWidget(self), QWidget(self)]
        self.panes = [ZoomView(self), ZoomView(self)]
        self.captions = [FileNameLabel(self), FileNameLabel(self)]
        self.info = InfoPanel(similar, self)
        self.verdict = VerdictLabel(self)
        self.cat_bar, self.dog_bar = ScoreBar("cat", self), ScoreBar("dog", self)
        self.verdicts = VerdictButtons(self)
        self.stars = StarRating(self)
        self.stars.setPalette(palette)  # sliders have a palette of their own
        self._message = QLabel(self)
        self._message_timer = QTimer(self, interval=MESSAGE_MS, singleShot=True)
        self._message_timer.timeout.connect(self._message.hide)
        self._lay_out()
        for number, pane in enumerate(self.panes):
            pane.zoom_changed.connect(partial(self._on_zoom, number))
            pane.resized.connect(self._show_percent)
            pane.detail_wanted.connect(partial(self._on_detail_wanted, number))
            pane.pressed.connect(partial(self.activate, number))
        images.ready.connect(self._on_ready)
        images.detail_ready.connect(self._on_detail)

    @property
    def row(self) -> Row | None:
        """The photo shown; of two, the active one."""
        return self._rows[self._active] if self._rows else None

    @property
    def rows(self) -> list[Row]:
        """The photos shown, one or two."""
        return list(self._rows)

    @property
    def kept_bytes(self) -> int:
        """Memory of the decoded photos, in bytes."""
        return self._images.kept_bytes

    @property
    def pane(self) -> ZoomView:
        """The view of the active photo."""
        return self.panes[self._active]

    @property
    def is_comparing(self) -> bool:
        """Whether two photos are shown side by side."""
        return len(self._rows) == 2

    def show_rows(self, rows: Sequence[Row], surroundings: Surroundings | None = None) -> None:
        """Show one photo, or two side by side; none clears the viewer."""
        surroundings = surroundings or Surroundings()
        is_other = list(rows) != self._rows
        self._rows, self._surroundings = list(rows), surroundings
        self.bar.show_position(surroundings.position)
        if is_other:
            self._active = 0
            self._places[1].setVisible(self.is_comparing)
            for number in range(2):
                self.captions[number].setVisible(self.is_comparing)
                self.panes[number].show_overlay(None)
                self.panes[number].set_zoom(Zoom())
            for number, row in enumerate(rows):
                self.captions[number].show_name(row.name)
                self._show_photo(number, row)
        self._request()
        self._show_active(announce=is_other)
        if not rows:  # the memory is for what comes next
            self._images.clear()
            for pane in self.panes:
                pane.show_photo(None)

    def activate(self, number: int) -> None:
        """Let the keys concern the first (0) or the second (1) of two photos."""
        if number < len(self._rows) and number != self._active:
            self._active = number
            self._show_active(announce=True)
            self.active_changed.emit(self.row)

    def refresh(self) -> None:
        """Show verdict, scores and rating again, after they have changed."""
        self._show_active(announce=False)

    def show_overlay(self, overlay: QImage | None) -> None:
        """Show the heat map of the active photo."""
        self._overlay = overlay
        for number, pane in enumerate(self.panes):
            pane.show_overlay(overlay if number == self._active else None)

    def zoom_by(self, steps: int) -> None:
        """Zoom in by so many steps around the middle; out for negative ones."""
        self.pane.zoom_by(STEP**steps)

    def next_zoom(self) -> None:
        """Show the whole photo, or 100%, in turn."""
        self.pane.next_zoom()

    def show_message(self, text: str) -> None:
        """Show a short message over the photo for some seconds. It was announced by the status line."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self._place_message()
        self._message_timer.start()

    # Events.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move: arrow keys over a zoomed photo, else to the next and previous one; Page keys, Home and End always."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            columns, rows = _STEPS[key]
            if self.pane.can_pan:
                self.pane.pan(columns, rows)
            else:
                self._step(columns or rows)
        elif key in _PAGES:
            self._step(_PAGES[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            if self.is_comparing:
                self.activate(int(key == Qt.Key.Key_End))
            else:
                self.end_requested.emit(key == Qt.Key.Key_End)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decode for the new size."""
        super().resizeEvent(event)
        self._place_message()
        # Once the layout has given the panes their new sizes.
        QTimer.singleShot(0, self, self._request)

    def changeEvent(self, event: QEvent) -> None:
        """Keep the dark palette when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self.setPalette(viewer_palette())
            self.stars.setPalette(viewer_palette())

    # Implementation.

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        middle = QHBoxLayout()
        middle.setSpacing(GRID // 2)
        for place, pane, caption in zip(self._places, self.panes, self.captions, strict=True):
            part = QVBoxLayout(place)
            part.setContentsMargins(0, 0, 0, 0)
            part.setSpacing(0)
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.addWidget(pane, 1)
            part.addWidget(caption)
            middle.addWidget(place, 1)
        middle.addWidget(self.info)
        column.addLayout(middle, 1)
        self._strip = QWidget(self)
        flow = FlowLayout(self._strip)
        flow.setContentsMargins(0, 0, 0, 0)
        for widget in (self.verdict, self.cat_bar, self.dog_bar, self.verdicts, self.stars):
            flow.addWidget(widget)
        around = QHBoxLayout()
        around.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID)
        around.addWidget(self._strip)
        column.addLayout(around)
        # As wide as the longest verdict: what follows must not move from photo to photo.
        phrases = [f"{verdict_phrase(verdict)} · {corrected_word()}" for verdict in Verdict]
        phrases.append(_("maybe a cat, maybe a dog"))
        longest = max(self.fontMetrics().horizontalAdvance(f"{phrase}      ") for phrase in phrases)
        self.verdict.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.verdict.setMinimumWidth(longest)
        self.cat_bar.setMaximumWidth(26 * GRID)
        self.dog_bar.setMaximumWidth(26 * GRID)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setMargin(GRID)
        self._message.setAutoFillBackground(True)
        self._message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._message.hide()
        self.info.hide()
        self._places[1].hide()

    def _step(self, by: int) -> None:
        if self.is_comparing:
            self.activate(1 if by > 0 else 0)
        else:
            self.step_requested.emit(by)

    def _show_active(self, *, announce: bool) -> None:
        row = self.row
        result = row.result if row is not None else None
        scores = result.scores if result is not None else None
        self.bar.show_name("" if row is None or self.is_comparing else row.name)
        self.verdict.show_row(row)
        self.cat_bar.set_score(None if scores is None else scores.cat)
        self.dog_bar.set_score(None if scores is None else scores.dog)
        self.verdicts.show_row(row)
        self.stars.show_stars(0 if row is None else row.rating)
        self.stars.setEnabled(row is not None)
        self._show_percent()
        for number, pane in enumerate(self.panes):
            pane.set_marked(self.is_comparing and number == self._active)
        self.show_overlay(self._overlay)
        if row is not None:
            self.pane.setAccessibleDescription(describe_row(row))
            if announce and self.isVisible():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, describe_row(row)))

    def _show_photo(self, number: int, row: Row) -> None:
        pane, fingerprint = self.panes[number], _fingerprint(row)
        image, problem = self._images.image(row.path, fingerprint), self._images.problem(row.path, fingerprint)
        if image is not None:
            pane.show_photo(image, _pixels(row))
        elif problem:
            pane.show_photo(None, message=_("This file {problem}.").format(problem=problem))
        else:
            thumbnail = self._thumbnail_of(row)
            pane.show_photo(thumbnail, _pixels(row), _("Loading…"), is_placeholder=True)

    def _request(self) -> None:
        """Decode what is shown, then the neighbours."""
        if self.isVisible() or not self._rows:
            self._images.want(
                [self._wanted(row) for row in self._rows], [self._wanted(row) for row in self._surroundings.neighbours]
            )

    def _wanted(self, row: Row) -> Wanted:
        view, pixels, ratio = QSizeF(self.panes[0].size()), _pixels(row), self.devicePixelRatioF()
        if pixels.isEmpty():
            edge = max(view.width(), view.height())
        else:
            place = Frame(view, QSizeF(pixels), ratio).place(Zoom())
            edge = max(place.width(), place.height())
        return Wanted(row.path, _fingerprint(row), max(1, math.ceil(edge * ratio)))

    def _on_ready(self, path: Path) -> None:
        for number, row in enumerate(self._rows):
            if row.path == path:
                self._show_photo(number, row)
                self._show_percent()

    def _on_zoom(self, number: int, zoom: Zoom) -> None:
        if self.is_comparing:
            self.panes[1 - number].set_zoom(zoom)
        self._show_percent()

    def _show_percent(self) -> None:
        self.bar.show_percent(self.pane.percent)

    def _on_detail_wanted(self, number: int, part: QRectF, size: QSize) -> None:
        if number < len(self._rows):
            self._images.want_detail(self._rows[number].path, part, size)

    def _on_detail(self, path: Path, detail: Detail) -> None:
        for number, row in enumerate(self._rows):
            if row.path == path:
                self.panes[number].show_detail(detail)

    def _place_message(self) -> None:
        self._message.adjustSize()
        bottom = self._strip.geometry().top() - 2 * GRID
        self._message.move((self.width() - self._message.width()) // 2, bottom - self._message.height())
        self._message.raise_()


def _fingerprint(row: Row) -> str:
    return "" if row.result is None else row.result.fingerprint


def _pixels(row: Row) -> QSize:
    """Return the size of the whole photo; empty while it is unknown."""
    return QSize() if row.result is None else QSize(row.result.info.width, row.result.info.height)
