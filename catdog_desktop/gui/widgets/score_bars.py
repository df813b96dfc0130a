"""Score bars: a function for delegates and a widget for the preview, painted the same."""

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from catdog_desktop.formatting import format_percent
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import BAR_ANIMATION_MS, animations_enabled, colours, tabular_font
from catdog_desktop.gui.widgets.mirroring import placed
from catdog_desktop.languages.formats import format_share
from catdog_desktop.messages import _


def score_names() -> tuple[str, str]:
    """Return the names of the two scores, cat and dog."""
    return _("Cat"), _("Dog")


def score_columns(metrics: QFontMetricsF) -> tuple[float, float]:
    """Return the widths of the name before a bar and of the percentage behind it, ">99%" in the user's language."""
    name = max(metrics.horizontalAdvance(f"{name}  ") for name in score_names())
    return name, metrics.horizontalAdvance(f"{format_percent(1.0)} ")


def paint_bar(painter: QPainter, rect: QRectF, fraction: float | None, colour: QColor, track: QColor) -> None:
    """Paint a bar of 0..1 into `rect`; only its track for None."""
    radius = rect.height() / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(track)
    painter.drawRoundedRect(rect, radius, radius)
    if fraction:
        filled = QRectF(rect)
        # At least as wide as high: a score of half a percent is a visible dot.
        filled.setWidth(max(rect.height(), rect.width() * min(1.0, fraction)))
        if painter.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            filled.moveRight(rect.right())
        painter.setBrush(colour)
        painter.drawRoundedRect(filled, radius, radius)


@safe_overrides
class ScoreBar(QProgressBar):
    """A large bar with name and percentage of one score. Screen readers read its value, in whole percents."""

    def __init__(self, animal: str, parent: QWidget | None = None) -> None:
        """Create an empty bar. `animal` is "cat" or "dog"."""
        super().__init__(parent)
        self._animal = animal
        self._name = score_names()[0 if animal == "cat" else 1]
        self._score: float | None = None
        self._filled = 0.0
        self.setRange(0, 100)
        self.setAccessibleName(_("Cat score") if animal == "cat" else _("Dog score"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._animation = QVariantAnimation(self)
        self._animation.valueChanged.connect(self._fill)
        self._animation.setDuration(BAR_ANIMATION_MS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.set_score(None)

    @property
    def score(self) -> float | None:
        """The score shown, 0..1."""
        return self._score

    @property
    def filled(self) -> float:
        """The painted part, 0..1: the score once the animation is over."""
        return self._filled

    def set_score(self, score: float | None, *, animate: bool = False) -> None:
        """Show `score`, or an empty bar. The same score again starts no animation."""
        if score is not None and score == self._score:
            return
        self._score = score
        self._animation.stop()
        self.setValue(0 if score is None else round(score * 100))
        self.setToolTip("" if score is None else f"{self._name}: {format_share(score, 2)}")
        # What is shown: ">99%" where the value says 100.
        self.setAccessibleDescription(self.text())
        if score is not None and animate and animations_enabled(self.style()):
            self._animation.setStartValue(0.0)
            self._animation.setEndValue(score)
            self._animation.start()
        else:
            self._fill(score or 0.0)

    def text(self) -> str:
        """Return the percentage as shown."""
        return "" if self._score is None else format_percent(self._score)

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(220, round(QFontMetricsF(self._font()).height() * 1.35))

    def minimumSizeHint(self) -> QSize:
        """Return the smallest usable size."""
        return QSize(140, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint name, bar and percentage in one line."""
        with QPainter(self) as painter:
            painter.setFont(self._font())
            metrics = QFontMetricsF(painter.font())
            ours = colours(self.palette())
            colour = ours.cat if self._animal == "cat" else ours.dog
            area = QRectF(self.rect())
            name_width, percent_width = score_columns(metrics)
            painter.setPen(self.palette().windowText().color())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._name)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.text())
            height = max(8.0, metrics.height() * 0.55)
            width = area.width() - name_width - percent_width
            bar = QRectF(area.left() + name_width, area.center().y() - height / 2, width, height)
            paint_bar(painter, placed(bar, self), None if self._score is None else self._filled, colour, ours.track)

    def _fill(self, fraction: float) -> None:
        self._filled = fraction
        self.update()

    def _font(self) -> QFont:
        font = tabular_font(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        return font
