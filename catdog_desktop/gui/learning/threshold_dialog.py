"""The threshold explorer: right, wrong and unsure photos of the user for each threshold, and the confusion matrix."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.gui.widgets.mirroring import is_mirrored
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.languages.formats import format_number, format_share
from catdog_desktop.learning.threshold_curve import OWN_VERDICTS, PERCENTS, CheckedPhotos, Outcomes
from catdog_desktop.messages import _, ngettext
from catdog_desktop.verdict import Thresholds
from catdog_desktop.verdict_arrays import CODES
from catdog_desktop.verdict_text import verdict_word

_SIZE: Final = QSize(76 * GRID, 74 * GRID)
_PLOT_HEIGHT: Final = 24 * GRID


class ThresholdDialog(QDialog):
    """Shows the checked photos of the user. It changes nothing: the thresholds are in the settings."""

    save_requested = Signal(object)  # Path of the table

    def __init__(self, checked: CheckedPhotos, thresholds: Thresholds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Verdicts compared with yours"))
        self.sentence = QLabel(describe_outcomes(len(checked), checked.outcomes(thresholds)))
        self.sentence.setWordWrap(True)
        self.plot = ThresholdPlot(checked.curve(thresholds), thresholds)
        self.matrix = _matrix(checked, thresholds)
        self.note = SecondaryLabel(
            _(
                "The plot shows both thresholds at the same score, with the unsure range of the settings. The lines "
                "are your thresholds. In the table, rows are your verdicts and columns those of the app."
            )
        )
        buttons = QDialogButtonBox()
        self.save = buttons.addButton(_("&Save as a table…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.save.setAutoDefault(False)
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        self.save.clicked.connect(self._choose_file)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for widget in (self.sentence, self.plot, self.matrix, self.note, buttons):
            layout.addWidget(widget)
        self.resize(size_within_screen(self, _SIZE))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, _("Save as a table"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_("Table for spreadsheets (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(_("Thresholds.csv"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save_requested.emit(Path(name)))
        dialog.open()


@safe_overrides
class ThresholdPlot(QWidget):
    """Three bands over the threshold from 1 % to 99 %: right below, unsure in the middle, wrong above."""

    def __init__(self, curve: list[Outcomes], thresholds: Thresholds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve = curve
        self._thresholds = thresholds
        self.setMinimumHeight(_PLOT_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        best = max(PERCENTS, key=lambda percent: (curve[percent - 1].right, -abs(percent / 100 - thresholds.cat)))
        self.setAccessibleName(_("Right, unsure and wrong photos for each threshold"))
        self.setAccessibleDescription(
            _("Most photos are right, {count}, with a threshold of {percent}.").format(
                count=format_number(curve[best - 1].right), percent=format_share(best / 100)
            )
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bands, their names, the scale and the lines of the thresholds."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ours, line = colours(self.palette()), self.fontMetrics().lineSpacing()
            area = QRectF(self.rect()).adjusted(GRID, GRID, -GRID, -line - GRID)
            total = max(1, self._curve[0].right + self._curve[0].unsure + self._curve[0].wrong)
            lower = [0.0] * len(self._curve)
            bands: list[tuple[str, QColor, list[int], Qt.BrushStyle]] = [
                (_("right"), ours.dog, [found.right for found in self._curve], Qt.BrushStyle.SolidPattern),
                (_("unsure"), ours.neutral, [found.unsure for found in self._curve], Qt.BrushStyle.BDiagPattern),
                (_("wrong"), ours.warning, [found.wrong for found in self._curve], Qt.BrushStyle.DiagCrossPattern),
            ]
            names: list[tuple[QRectF, str]] = []
            for name, colour, counts, pattern in bands:
                upper = [low + count / total for low, count in zip(lower, counts, strict=True)]
                self._paint_band(painter, area, lower, upper, colour, pattern)
                if any(counts):
                    middles = [(low + high) / 2 for low, high in zip(lower, upper, strict=True)]
                    names.append(
                        (self._place_of_name(name, area, counts, middles, [rect for rect, _name in names]), name)
                    )
                lower = upper
            for rect, name in names:
                self._paint_name(painter, rect, name)
            painter.setPen(QPen(self.palette().text().color(), 2, Qt.PenStyle.DashLine))
            for threshold in {self._thresholds.cat, self._thresholds.dog}:
                x = self._x(area, threshold)
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(ours.hint)
            for percent in (0, 25, 50, 75, 100):
                x = self._x(area, percent / 100)
                place = QRectF(x - 3 * GRID, area.bottom(), 6 * GRID, line)
                place.moveLeft(min(max(0.0, place.left()), self.width() - place.width()))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, format_share(percent / 100))

    def _paint_band(
        self,
        painter: QPainter,
        area: QRectF,
        lower: list[float],
        upper: list[float],
        colour: QColor,
        pattern: Qt.BrushStyle,
    ) -> None:
        def point(place: int, share: float) -> QPointF:
            return QPointF(self._x(area, PERCENTS[place] / 100), area.bottom() - share * area.height())

        edge = [point(place, share) for place, share in enumerate(upper)]
        back = [point(place, lower[place]) for place in reversed(range(len(lower)))]
        ground = QColor(colour)
        ground.setAlphaF(0.35)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawPolygon(QPolygonF(edge + back))
        painter.setBrush(Qt.BrushStyle.NoBrush if pattern == Qt.BrushStyle.SolidPattern else pattern)
        painter.drawPolygon(QPolygonF(edge + back))
        painter.setPen(QPen(colour, 2))
        painter.drawPolyline(QPolygonF(edge))

    def _x(self, area: QRectF, threshold: float) -> float:
        """Return where a threshold (0..1) is in the widget: from the right in a layout from right to left."""
        x = area.width() * threshold
        return area.right() - x if is_mirrored(self) else area.left() + x

    def _place_of_name(
        self, name: str, area: QRectF, counts: list[int], middles: list[float], taken: list[QRectF]
    ) -> QRectF:
        """Return where to write the name of a band: where it is high, and on none of the names in `taken`.

        `middles` are the shares (0..1) in the middle of the band at each of `PERCENTS`.
        """
        width, height = self.fontMetrics().horizontalAdvance(name) + GRID, self.fontMetrics().height()
        rects = []
        for place in sorted(range(len(counts)), key=lambda place: -counts[place]):
            rect = QRectF(0, 0, width, height)
            rect.moveCenter(
                QPointF(self._x(area, PERCENTS[place] / 100), area.bottom() - middles[place] * area.height())
            )
            rect.moveLeft(min(max(area.left(), rect.left()), area.right() - width))
            rect.moveTop(min(max(area.top(), rect.top()), area.bottom() - height))
            rects.append(rect)
        return next((rect for rect in rects if not any(rect.intersects(other) for other in taken)), rects[0])

    def _paint_name(self, painter: QPainter, rect: QRectF, name: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().window())
        painter.drawRoundedRect(rect, GRID / 2, GRID / 2)
        painter.setPen(self.palette().text().color())
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, name)


def describe_outcomes(count: int, found: Outcomes) -> str:
    """Return "Of the 97 photos that you checked, 86 are right, 4 wrong and 7 unsure."."""
    text = ngettext(
        "Of the {count} photo that you checked, right: {right}, wrong: {wrong}, unsure: {unsure}.",
        "Of the {count} photos that you checked, right: {right}, wrong: {wrong}, unsure: {unsure}.",
        count,
    )
    return text.format(
        count=format_number(count),
        right=format_number(found.right),
        wrong=format_number(found.wrong),
        unsure=format_number(found.unsure),
    )


def _matrix(checked: CheckedPhotos, thresholds: Thresholds) -> QTableWidget:
    table = QTableWidget(len(OWN_VERDICTS), len(CODES))
    table.setAccessibleName(_("Your verdicts and those of the app"))
    table.setHorizontalHeaderLabels([verdict_word(verdict) for verdict in CODES])
    table.setVerticalHeaderLabels([_("yours: {verdict}").format(verdict=verdict_word(own)) for own in OWN_VERDICTS])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    for (own, other), count in checked.confusion(thresholds).items():
        item = QTableWidgetItem(format_number(count))
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        table.setItem(OWN_VERDICTS.index(own), CODES.index(other), item)
    rows = sum(table.rowHeight(row) for row in range(table.rowCount()))
    table.setFixedHeight(table.horizontalHeader().sizeHint().height() + rows + 2 * table.frameWidth() + GRID)
    return table
