"""The preview: one large photo with its scores, its verdict and heat maps."""

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFont, QImage, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.decoding.problem_text import problem_sentence
from catdog_desktop.file_kinds import is_raw
from catdog_desktop.formatting import format_bytes
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.images import image_from_array
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.photo_text import size_and_date
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.viewer.photo_view import Heat, PhotoView, heat_overlay
from catdog_desktop.gui.viewer.preview_labels import DuplicateLinks, FileNameLabel, VerdictLabel
from catdog_desktop.gui.viewer.verdict_buttons import OwnDataRow, StarRating
from catdog_desktop.gui.widgets.action_button import shortcut_text
from catdog_desktop.gui.widgets.filter_chip import RadioChip
from catdog_desktop.gui.widgets.flow_layout import FlowLayout
from catdog_desktop.gui.widgets.icons import Icon
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.gui.widgets.score_bars import ScoreBar
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.messages import _

EDGES: Final = (1024, 2048)
"""Longest edge of the decoded photo in pixels. The larger one is used where the pane is larger than the smaller one."""


@safe_overrides
class Preview(QWidget):
    """The pane beside the gallery."""

    step_requested = Signal(int)  # 1 for the next photo, -1 for the previous one
    overlay_changed = Signal(object)  # QImage or None: the heat map of the photo shown
    maps_requested = Signal(object)  # Row whose heat maps are to be computed, for models without; None cancels

    def __init__(self, tasks: TaskQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._row: Row | None = None
        self._heat = Heat.OFF
        self._wanted: tuple[Path, int] | None = None
        """The photo whose pixels are shown or being decoded, and its longest edge."""
        self._computes_maps = False
        self._computed: tuple[Path, NDArray[np.uint8]] | None = None
        self._limits, self._maps_status = SecondaryLabel(), SecondaryLabel()
        self.view = PhotoView(self)
        self.cat_bar = ScoreBar("cat", self)
        self.dog_bar = ScoreBar("dog", self)
        self._verdict = VerdictLabel(self)
        self._name = FileNameLabel(self)
        stars = StarRating(self)
        self._details = QLabel(self)
        self._details.setTextFormat(Qt.TextFormat.PlainText)
        self._details.setWordWrap(True)
        self._details.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.duplicates = DuplicateLinks(self)
        self.own_data = OwnDataRow(stars, self)
        self._heat_buttons: dict[Heat, RadioChip] = {}
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(_("Preview"))
        self._build()
        self.show_row(None)

    @property
    def heat(self) -> Heat:
        """The chosen heat map."""
        return self._heat

    @property
    def row(self) -> Row | None:
        """The photo shown."""
        return self._row

    def show_model(self, model: ModelFile) -> None:
        """Show the limits of another model. Heat maps that it does not output are requested by `maps_requested`."""
        self._computes_maps = model.maps_output is None
        self._computed = None
        self._limits.setText(model.answers.limits)
        self._limits.setVisible(bool(model.answers.limits))
        self._maps_status.setVisible(self._computes_maps)
        self._show_scores(animate=False)

    def show_maps(self, path: Path, maps: NDArray[np.uint8], complete: bool) -> None:
        """Show computed heat maps. `maps` is (rows, columns, 2) for cat and dog; `complete`: no better ones follow."""
        self._computed = path, maps
        if self._heat is not Heat.OFF:
            done, going_on = _("Found by covering parts of the photo."), _("Covering parts of the photo…")
            self._maps_status.setText(done if complete else going_on)
        self._show_heat()

    def add_actions(self, actions: list[QAction]) -> None:
        """Add buttons for `actions` beside the heat maps."""
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAccessibleName(action.text().replace("&", ""))
            # Without it, screen readers would read the tooltip, which has the same words.
            button.setAccessibleDescription(shortcut_text(action))
            self._tools.addWidget(button)

    def show_row(self, row: Row | None) -> None:
        """Show another photo, or none. Its pixels are decoded in the background."""
        is_other = row is None or self._row is None or row.path != self._row.path
        self._row = row
        if is_other:
            self.view.show_overlay(None)
            self.view.show_photo(None, _("Loading…") if row is not None else _("Select a photo to see it here."))
            self._wanted = None
            self._decode()
        self._show_scores(animate=is_other)

    def refresh(self) -> None:
        """Show the result of the row again, after it or the thresholds have changed."""
        self._show_scores(animate=True)

    def set_heat(self, heat: Heat) -> None:
        """Show the heat map of the cat or the dog, or none."""
        self._heat = heat
        self._heat_buttons[heat].setChecked(True)
        self._show_heat()

    def next_heat(self) -> None:
        """Show the next heat map: cat, dog, off."""
        order = [Heat.CAT, Heat.DOG, Heat.OFF]
        self.set_heat(order[(order.index(self._heat) + 1) % len(order)])

    def showEvent(self, event: QShowEvent) -> None:
        """Decode the photo that was chosen while the pane was hidden."""
        super().showEvent(event)
        self._decode()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decode the photo again for a much larger pane."""
        super().resizeEvent(event)
        self._decode()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the arrow keys: next and previous photo."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in steps:
            self.step_requested.emit(steps[key])
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
        first = QHBoxLayout()
        first.setSpacing(GRID)
        first.addWidget(self._name, 1)
        first.addWidget(self.own_data.stars)
        layout.addLayout(first)
        layout.addWidget(self._verdict)
        bars = QGridLayout()
        bars.setSpacing(GRID // 2)
        bars.addWidget(self.cat_bar, 0, 0)
        bars.addWidget(self.dog_bar, 1, 0)
        layout.addLayout(bars)
        layout.addWidget(self.own_data)
        layout.addWidget(self._details)
        layout.addWidget(self.duplicates)
        layout.addWidget(self._limits)
        self._limits.hide()
        # Long words take a second line.
        tools = QWidget(self)
        self._tools = FlowLayout(tools, GRID // 2)
        label = QLabel(_("&Highlight:"))
        self._tools.addWidget(label)
        for heat, icon, word, tip in (
            (Heat.OFF, Icon.NEITHER, _("Off"), _("Show no heat map (H)")),
            (Heat.CAT, Icon.CAT, _("Cat"), _("Show where the model sees a cat (H)")),
            (Heat.DOG, Icon.DOG, _("Dog"), _("Show where the model sees a dog (H)")),
        ):
            button = RadioChip(icon, word, self)
            button.setAutoExclusive(True)
            button.setToolTip(tip)
            button.setAccessibleName(_("Heat map: {choice}").format(choice=word))
            # Not `clicked`: screen readers toggle radio buttons without a click.
            button.toggled.connect(lambda checked, heat=heat: self.set_heat(heat) if checked else None)
            self._heat_buttons[heat] = button
            self._tools.addWidget(button)
        label.setBuddy(self._heat_buttons[Heat.OFF])
        self._heat_buttons[Heat.OFF].setChecked(True)
        layout.addWidget(tools)
        layout.addWidget(self._maps_status)
        # Reserves a line, so that the layout does not shift.
        self._maps_status.setMinimumHeight(self.fontMetrics().lineSpacing())
        self._maps_status.hide()

    def _decode(self) -> None:
        """Decode the photo as large as the pane needs it, unless that is done. A hidden pane decodes nothing."""
        if self._row is None:
            self._tasks.clear()
        elif self.isVisible():
            needed = max(self.view.width(), self.view.height()) * self.devicePixelRatioF()
            wanted = self._row.path, EDGES[0] if needed <= EDGES[0] else EDGES[1]
            if self._wanted is None or self._wanted[0] != wanted[0] or self._wanted[1] < wanted[1]:
                # While the user moves on quickly, photos in between are not decoded.
                self._tasks.clear()
                self._wanted = wanted
                self._tasks.run(partial(_read_photo, *wanted), partial(self._show_pixels, wanted))

    def _show_pixels(self, photo: tuple[Path, int], answer: QImage | str) -> None:
        """Show the decoded image, or why the file could not be decoded."""
        if photo != self._wanted:
            return
        if isinstance(answer, str):
            self.view.show_photo(None, _("This file {problem}.").format(problem=answer))
            return
        self.view.show_photo(answer)

    def _show_scores(self, *, animate: bool) -> None:
        row = self._row
        result = row.result if row is not None else None
        scores = result.scores if result is not None else None
        self.cat_bar.set_score(scores.cat if scores is not None else None, animate=animate)
        self.dog_bar.set_score(scores.dog if scores is not None else None, animate=animate)
        self._verdict.show_row(row)
        self.own_data.show_row(row)
        self._name.show_name(row.name if row is not None else "")
        self._details.setText(_details(row))
        has_maps = result is not None and (result.heat_maps is not None or (self._computes_maps and scores is not None))
        for button in self._heat_buttons.values():
            button.setEnabled(has_maps)
        self._show_heat()

    def _show_heat(self) -> None:
        result = self._row.result if self._row is not None else None
        maps = result.heat_maps if result is not None else None
        if self._computes_maps:
            maps = (
                self._computed[1]
                if self._computed is not None and result is not None and self._computed[0] == result.path
                else None
            )
            self._request_maps(has_maps=maps is not None)
        overlay = None
        if self._heat is not Heat.OFF and maps is not None:
            ours = colours(self.palette())
            channel, colour = (0, ours.cat) if self._heat is Heat.CAT else (1, ours.dog)
            overlay = heat_overlay(maps[:, :, channel], colour)
        self.view.show_overlay(overlay)
        self.overlay_changed.emit(overlay)

    def _request_maps(self, *, has_maps: bool) -> None:
        result = self._row.result if self._row is not None else None
        wanted = self._heat is not Heat.OFF and result is not None and result.scores is not None
        if not wanted:
            self._maps_status.clear()
        elif not has_maps:
            self._maps_status.setText(_("Covering parts of the photo…"))
        self.maps_requested.emit(self._row if wanted else None)


def _read_photo(path: Path, edge: int) -> QImage | str:
    """Return the decoded photo, or why it cannot be decoded."""
    try:
        pixels = decode_for_view(path, edge)
    except PhotoError as error:
        return str(error)
    return image_from_array(pixels)


def _details(row: Row | None) -> str:
    result = row.result if row is not None else None
    if result is None:
        return ""
    if result.error is not None:
        return problem_sentence(result.error)
    info = result.info
    lines = f"{size_and_date(info)} · {format_bytes(info.file_bytes)}"
    if row is not None and is_raw(row.path):
        lines += "\n" + _("Raw, judged by its preview.")
    if result.older_model:
        lines += "\n" + _("Judged by an earlier version of the model. It will be judged again.")
    if result.looked_closer:
        lines += "\n" + _("Looked closer at parts of the photo.")
    return lines + ("\n" + _("The file is damaged: it ends too early.") if info.damaged else "")
