"""The bar below the gallery while more than one photo is selected: how many, and what can be done with them."""

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, paint_bar
from catdog_desktop.gui.widgets.action_button import ActionButton
from catdog_desktop.gui.widgets.flow_layout import FlowLayout
from catdog_desktop.gui.widgets.uniform_grid_view import parts_of
from catdog_desktop.gui.window_actions import WindowActions
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext


@safe_overrides
class SelectionBar(QWidget):
    """Wraps its buttons in a narrow window. Hidden while at most one photo is selected."""

    def __init__(self, gallery: GalleryView, actions: WindowActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Selected photos"))
        self._gallery = gallery
        self._label = QLabel()
        self._label.setMinimumHeight(4 * GRID)
        self._mark = QToolButton()
        self._mark.setText(_("Mark as"))
        self._mark.setAccessibleName(_("Mark as"))
        self._mark.setToolTip(_("Mark the selected photos"))
        self._mark.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._mark.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._mark.setMenu(actions.menu(Menu.MARK_AS))
        self.buttons: list[QToolButton] = [
            ActionButton(actions["file.sort"], _("Sort…")),
            ActionButton(actions["file.export"], _("Export…")),
            self._mark,
            ActionButton(actions["edit.copy"], _("Copy")),
            ActionButton(actions["edit.trash"], _("Move to Trash")),
            ActionButton(actions["edit.remove_from_list"], _("Remove from list")),
        ]
        layout = FlowLayout(self)
        layout.setContentsMargins(2 * GRID, GRID // 2, 2 * GRID, GRID // 2)
        layout.addWidget(self._label)
        for button in self.buttons:
            button.setMinimumHeight(4 * GRID)
            layout.addWidget(button)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        # Once for all changes of one event: a model reset clears and restores the selection.
        self._update_soon = QTimer(self, interval=0, singleShot=True)
        self._update_soon.timeout.connect(self._update)
        gallery.selectionModel().selectionChanged.connect(self._update_soon.start)
        for signal in (
            gallery.model().modelReset,
            gallery.model().rowsRemoved,
            gallery.model().rowsInserted,
            gallery.photos.groups_changed,
        ):
            signal.connect(self._update_soon.start)
        self.hide()

    @property
    def text(self) -> str:
        """The text shown: "84 selected:"."""
        return self._label.text()

    def minimumSizeHint(self) -> QSize:
        """Return no minimum width: buttons wrap into the next line."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a background and a line above."""
        paint_bar(self)

    def _update(self) -> None:
        # By ranges: the number of 100,000 selected photos is known at once.
        parts = parts_of(self._gallery.selectionModel().selection())
        cards = sum(last - first + 1 for first, last in parts)
        count = self._gallery.count_photos(parts)
        if count > 1:
            text = ngettext("{count} selected:", "{count} selected:", count).format(count=format_number(count))
            if count > cards:
                text = ngettext(
                    "{photos} photos selected on {count} card:", "{photos} photos selected on {count} cards:", cards
                ).format(photos=format_number(count), count=format_number(cards))
            self._label.setText(text)
            self._label.setAccessibleName(text)
        current = self._gallery.currentIndex()
        appears = count > 1 and self.isHidden()
        if appears and current.isValid() and current.row() in self._gallery.visible_rows():
            # The gallery gets lower: the current photo must not slip out of view.
            QTimer.singleShot(0, self, lambda: self._gallery.scrollTo(self._gallery.currentIndex()))
        self.setVisible(count > 1)
