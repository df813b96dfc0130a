"""Buttons for the user's own verdict and rating, under the scores of a photo."""

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QToolButton, QVBoxLayout, QWidget

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.action_button import TextButton
from catdog_desktop.gui.widgets.flow_layout import FlowLayout
from catdog_desktop.gui.widgets.icons import Icon, make_icon
from catdog_desktop.gui.widgets.mirroring import is_mirrored, placed
from catdog_desktop.messages import _, ngettext, pgettext
from catdog_desktop.settings import MARK_KEYS
from catdog_desktop.verdict import Verdict

STARS: Final = 5


@safe_overrides
class VerdictButtons(QWidget):
    """The question "Right?" with Yes, Cat, Dog, Both and Neither. The button of the user's own verdict is pressed."""

    confirmed = Signal()
    marked = Signal(object)  # Verdict

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Your verdict"))
        # Half of the usual gap: with some fonts the last button would stand below the others in a small window.
        self._flow = FlowLayout(self, GRID // 2)
        question = QLabel(pgettext("verdict", "Right?"), self)
        self._flow.addWidget(question)
        self.yes = self._make(pgettext("verdict", "Yes"), _("Yes, the verdict is right"), None)
        self.yes.clicked.connect(self.confirmed)
        question.setMinimumHeight(self.yes.sizeHint().height())
        self._marks: dict[Verdict, _MarkButton] = {}
        self._actions: dict[Verdict, QAction] = {}
        for verdict, word, name in (
            (Verdict.CAT, pgettext("verdict", "Cat"), _("Mark as a cat")),
            (Verdict.DOG, pgettext("verdict", "Dog"), _("Mark as a dog")),
            (Verdict.BOTH, pgettext("verdict", "Both"), _("Mark as a cat and a dog")),
            (Verdict.NEITHER, pgettext("verdict", "Neither"), _("Mark as neither a cat nor a dog")),
        ):
            button = self._marks[verdict] = self._make(word, name, Icon(verdict.value))
            self._show_key(verdict, MARK_KEYS[len(self._marks) - 1])
            # Screen readers toggle a checkable button without a click.
            for signal in (button.clicked, button.toggled):
                signal.connect(lambda _checked=False, verdict=verdict: self.marked.emit(verdict))
        self.show_row(None)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the keys of the actions of the window, which the settings change."""
        super().showEvent(event)
        for verdict in set(self._marks) - set(self._actions):
            action = self.window().findChild(QAction, f"photos.mark.{verdict.value}")
            if action is not None:
                self._actions[verdict] = action
                action.changed.connect(partial(self._on_key_changed, verdict))
                self._on_key_changed(verdict)

    def _on_key_changed(self, verdict: Verdict) -> None:
        self._show_key(verdict, self._actions[verdict].shortcut().toString(QKeySequence.SequenceFormat.NativeText))

    def _show_key(self, verdict: Verdict, key: str) -> None:
        button = self._marks[verdict]
        name = button.accessibleName()
        button.setToolTip(_("{tip} ({shortcut})").format(tip=name, shortcut=key) if key else name)
        if not button.isChecked():
            button.setAccessibleDescription(key)
        button.shortcut_text = key

    def button(self, verdict: Verdict) -> QToolButton:
        """Return the button of a verdict."""
        return self._marks[verdict]

    def show_row(self, row: Row | None) -> None:
        """Show the user's verdict of a photo. Without a photo, all buttons are disabled."""
        for verdict, button in self._marks.items():
            is_own = row is not None and row.corrected and row.verdict is verdict
            button.setEnabled(row is not None)
            button.blockSignals(True)
            button.setChecked(is_own)
            button.blockSignals(False)
            button.setAccessibleDescription(_("This is your verdict.") if is_own else button.shortcut_text)
        is_sure = row is not None and row.verdict not in (None, Verdict.UNSURE)
        self.yes.setEnabled(is_sure)
        self.yes.setToolTip(
            _("The app is not sure. Choose one of the others.")
            if row is not None and not is_sure
            else _("Keep this verdict as yours (Enter in the viewer)")
        )

    def _make(self, word: str, name: str, icon: Icon | None) -> "_MarkButton":
        button = _MarkButton(self, icon)
        button.setText(word)
        # The word alone says nothing to somebody who hears only the button.
        button.setAccessibleName(name)
        self._flow.addWidget(button)
        return button


@safe_overrides
class _MarkButton(TextButton):
    """A small button with an outline, so that it looks like one beside text."""

    def __init__(self, parent: QWidget, icon: Icon | None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.shortcut_text = ""
        """The key, which screen readers read after the name."""
        self.setCheckable(icon is not None)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._paint_icon()

    def nextCheckState(self) -> None:  # noqa: N802
        """Leave the state to `show_row`: it is the photo's, not the button's."""

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        self._paint_icon()

    def _paint_icon(self) -> None:
        # Qt calls `changeEvent` before the constructor is done.
        icon = getattr(self, "_icon", None)
        colour = self.palette().buttonText().color()
        if icon is not None and getattr(self, "_painted", None) != colour:
            self._painted = colour
            self.setIcon(make_icon(icon, colour, 16))


@safe_overrides
class StarRating(QSlider):
    """Five stars. A click on a star gives so many, a click on the last one given takes all away.

    A slider for keyboard and screen readers.
    """

    chosen = Signal(object)  # int, 1..5; None: no rating

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._hovered = 0
        self.setRange(0, STARS)
        self.setPageStep(1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Rating in stars"))
        self.setToolTip(_("Rating (Ctrl+Alt+0 to Ctrl+Alt+5)"))
        self.valueChanged.connect(lambda stars: self.chosen.emit(stars or None))

    def show_stars(self, stars: int) -> None:
        """Show a rating of 0 to 5 stars, without emitting `chosen`."""
        self.blockSignals(True)
        self.setValue(stars)
        self.blockSignals(False)
        self.setAccessibleDescription(describe_rating(stars))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of five stars of the font's height."""
        edge = self._edge()
        return QSize(round(STARS * edge), round(edge))

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a rating."""
        star = self._star_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and star:
            self.setValue(0 if star == self.value() else star)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show which rating a click would give."""
        self._hovered = self._star_at(event.position())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do nothing: the press has chosen."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the surroundings: a rating must not change by scrolling."""
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Show the rating again."""
        self._hovered = 0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint filled stars, then outlines."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ours, edge = colours(self.palette()), self._edge()
            filled = self._hovered or self.value()
            for number in range(STARS):
                square = placed(QRectF(number * edge, (self.height() - edge) / 2, edge, edge), self)
                square.adjust(1.5, 1.5, -1.5, -1.5)
                colour = ours.cat if number < filled else ours.hint
                painter.setPen(QPen(colour, 1.2))
                painter.setBrush(colour if number < filled else Qt.BrushStyle.NoBrush)
                painter.drawPolygon(_star(square))
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self.palette().windowText().color(), 1, Qt.PenStyle.DotLine))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _edge(self) -> float:
        return self.fontMetrics().height() * 1.25

    def _star_at(self, position: QPointF) -> int:
        inside = self.rect().contains(position.toPoint())
        along = self.width() - position.x() if is_mirrored(self) else position.x()
        return min(max(1, int(along / self._edge()) + 1), STARS) if inside else 0


class OwnDataRow(QWidget):
    """Verdict buttons, and the stars, which the owner places elsewhere."""

    confirmed = Signal()
    marked = Signal(object)  # Verdict
    rated = Signal(object)  # int, 1..5, or None

    def __init__(self, stars: StarRating, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.verdicts = VerdictButtons(self)
        self.stars = stars
        self.verdicts.confirmed.connect(self.confirmed)
        self.verdicts.marked.connect(self.marked)
        self.stars.chosen.connect(self.rated)
        layout.addWidget(self.verdicts)

    def show_row(self, row: Row | None) -> None:
        """Show the user's verdict and rating of a photo."""
        self.verdicts.show_row(row)
        self.stars.show_stars(0 if row is None else row.rating)
        self.stars.setEnabled(row is not None)


def describe_rating(stars: int) -> str:
    """Return "Rating: 3 of 5 stars"."""
    if not stars:
        return _("Rating: none")
    return ngettext("Rating: {count} of 5 stars", "Rating: {count} of 5 stars", stars).format(count=stars)


def _star(square: QRectF) -> QPolygonF:
    """Return a star with five points within `square`."""
    points = [
        (0.5, 0.02),
        (0.62, 0.37),
        (0.98, 0.37),
        (0.69, 0.59),
        (0.80, 0.95),
        (0.5, 0.73),
        (0.20, 0.95),
        (0.31, 0.59),
        (0.02, 0.37),
        (0.38, 0.37),
    ]
    return QPolygonF(
        [QPointF(square.left() + x * square.width(), square.top() + y * square.height()) for x, y in points]
    )
