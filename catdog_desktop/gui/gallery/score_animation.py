"""Bars of new scores grow. Only the cells of these photos are painted again."""

import time
from typing import Final

from PySide6.QtCore import QObject, QRect, QTimer

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.gallery.card import CardDelegate
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.theme import BAR_ANIMATION_MS
from catdog_desktop.gui.widgets.uniform_grid_view import UniformGridView

_FRAME_MS: Final = 16


class ScoreAnimation(QObject):
    """Repaints the visible photos of `model` whose scores have just arrived, until their bars are at rest."""

    def __init__(self, model: GalleryModel, view: UniformGridView, delegate: CardDelegate) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._delegate = delegate
        self._frames_left = 0
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._animate)
        model.scores_arrived.connect(self._on_scores_arrived)

    def _on_scores_arrived(self, positions: list[int]) -> None:
        visible = self._view.visible_rows()
        if self._delegate.animates and any(position in visible for position in positions):
            self._frames_left = BAR_ANIMATION_MS // _FRAME_MS + 2
            if not self._timer.isActive():
                self._timer.start()

    def _animate(self) -> None:
        self._frames_left -= 1
        if self._frames_left <= 0:
            self._timer.stop()
        area = QRect()
        for position in self._view.visible_rows():
            row = self._model.row_at(position)
            if row.result_time and _is_fresh(row):
                area = area.united(self._view.visualRect(self._model.index(position, 0)))
        if not area.isEmpty():
            self._view.viewport().update(area)


def _is_fresh(row: Row) -> bool:
    return (time.monotonic() - row.result_time) * 1000 < BAR_ANIMATION_MS + 4 * _FRAME_MS
