"""What the gallery shows if no photo matches the filters. Before the first photo it shows `start_page`."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from catdog_desktop.gallery.query import Filter, Query
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.messages import _


class NoMatches(QWidget):
    """Covers the gallery while no photo passes the filters, with a button that clears them."""

    clear_clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * GRID)
        self._text = SecondaryLabel("", self)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton()
        self._button.clicked.connect(self.clear_clicked)
        layout.addStretch(1)
        layout.addWidget(self._text)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.hide()

    @property
    def text(self) -> str:
        """The text shown."""
        return self._text.text()

    @property
    def button(self) -> QPushButton:
        """The button that clears the filters."""
        return self._button

    def show_query(self, query: Query) -> None:
        """Show the text for a query that no photo matches."""
        if query.is_narrowed:
            text, button = _("No photos match."), _("Clear filters")
        elif query.filter is Filter.TO_CHECK:
            text, button = _("Nothing left to check."), _("Show all photos")
        else:
            text, button = _("No photos here."), _("Show all photos")
        self._text.setText(text)
        self._button.setText(button)
