"""Which photos the gallery shows, and in which order: joins the row of filters, the further ones and the search."""

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget

from catdog_desktop.gallery.folder_tree import Folder, folder_tree
from catdog_desktop.gallery.photo_row import OWN_ORDER, Filter, Narrowing, Order
from catdog_desktop.gui.actions import ActionFactory
from catdog_desktop.gui.filters.filter_bar import FilterBar
from catdog_desktop.gui.filters.more_filters import MoreFilters
from catdog_desktop.gui.gallery.gallery import Gallery
from catdog_desktop.gui.header import Header
from catdog_desktop.gui.session import Session
from catdog_desktop.gui.theme import GRID


class Filtering(QObject):
    """Brings the gallery in line with what is chosen above it."""

    def __init__(
        self, parent: QWidget, session: Session, gallery: Gallery, header: Header, make: ActionFactory
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._gallery = gallery
        self._header = header
        self.bar = FilterBar()
        self.more = MoreFilters(self._folders, session.gallery.days)
        self.more.hide()
        self.rows = QWidget()
        layout = QVBoxLayout(self.rows)
        layout.setContentsMargins(2 * GRID, 0, 2 * GRID, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.bar)
        layout.addWidget(self.more)
        menu = make.menu("&View")
        self._unfold = make(menu, "&More filters", self.toggle_more, "Ctrl+Shift+F", "Filter by folder, day and score")
        self._unfold.setCheckable(True)
        self._clear = make(menu, "&Clear filters", self.clear, "Ctrl+0", "Show all photos again")
        self.bar.chosen.connect(self.set_filter)
        self.bar.more.clicked.connect(self.toggle_more)
        self.bar.clear.clicked.connect(self.clear)
        self.more.changed.connect(self._narrow)
        header.searched.connect(self.set_search)
        session.counts_changed.connect(lambda: self.bar.show_counts(session.gallery.counts()))
        self._show()

    @property
    def order(self) -> Order:
        """Which photos are shown and in which order."""
        return self._session.gallery.order

    def set_filter(self, chosen: Filter) -> None:
        """Show the photos of one verdict only, or of another kind."""
        self.set_order(replace(self.order, filter=chosen))

    def set_search(self, text: str) -> None:
        """Show the photos with `text` in their names."""
        self.set_order(replace(self.order, search=text.strip()))

    def set_sort(self, key: str, descending: bool) -> None:
        """Sort by `key`."""
        self.set_order(replace(self.order, key=key, descending=descending))

    def clear(self) -> None:
        """Show all photos."""
        self._header.search.clear()
        self.more.clear()
        self.set_filter(Filter.ALL)

    def toggle_more(self) -> None:
        """Unfold the further filters, or fold them away; what is set stays set."""
        unfold = not self.more.isVisibleTo(self.rows)
        if unfold:
            self.more.refresh()
        self.more.setVisible(unfold)
        (self.more.folder if unfold else self._gallery).setFocus()
        self._show()

    def set_order(self, order: Order) -> None:
        """Show other photos, or in another order; the cursor stays on its photo, or goes to the first."""
        if order == self.order:
            return
        self._session.gallery.set_order(order)
        if not self._gallery.currentIndex().isValid():
            self._gallery.setCurrentIndex(self._session.gallery.index(0, 0))
        current = self._gallery.currentIndex()
        if current.isValid():
            self._gallery.scrollTo(current)
        self._gallery.viewport().update()
        self._show()

    def _narrow(self, narrowing: Narrowing) -> None:
        self.set_order(replace(self.order, narrowing=narrowing))

    def _show(self) -> None:
        order = self.order
        self.bar.show_chosen(order.filter)
        self.bar.show_narrowing(order.narrowing.count, unfolded=self.more.isVisibleTo(self.rows))
        self.bar.clear.setVisible(order.is_narrowed)
        self.bar.show_counts(self._session.gallery.counts())
        self._unfold.setChecked(self.more.isVisibleTo(self.rows))
        self._clear.setEnabled(order.is_narrowed or order.filter is not Filter.ALL)
        self._header.show_own_order(order.filter if order.filter in OWN_ORDER else None)

    def _folders(self) -> list[Folder]:
        return folder_tree(self._session.gallery.folders(), tuple(self._session.sources))
