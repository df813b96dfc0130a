"""Connects filter bar, secondary filters and search field to the query of the gallery."""

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from catdog_desktop.gallery.folder_tree import Folder, folder_tree
from catdog_desktop.gallery.query import FILTERS_WITH_OWN_ORDER, Filter, Query, SecondaryFilter
from catdog_desktop.gallery.search import parse_search
from catdog_desktop.gui.filters.filter_bar import FilterBar
from catdog_desktop.gui.filters.more_filters import MoreFilters
from catdog_desktop.gui.filters.search_completer import SearchCompleter, search_help
from catdog_desktop.gui.header import Header
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel, plain_tooltip
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.messages import _

_ERROR_MS: Final = 500
"""Pause in typing after which an error in the search is shown: "cat:" is not complete yet, not wrong."""


class FilterController(QObject):
    """Applies what the user chooses above the gallery."""

    def __init__(self, context: WindowContext, header: Header) -> None:
        super().__init__(context.window)
        self._session = session = context.session
        self._gallery = context.gallery
        self._actions = context.actions
        self._header = header
        self.bar = FilterBar()
        self.more = MoreFilters(self._folders, session.gallery.days, session.gallery.years)
        self.more.hide()
        self.rows = QWidget()
        layout = QVBoxLayout(self.rows)
        layout.setContentsMargins(2 * GRID, 0, 2 * GRID, 0)
        layout.setSpacing(GRID)
        self.search_error = ErrorLabel()
        self.search_error.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self.search_error)
        layout.addWidget(self.bar)
        layout.addWidget(self.more)
        bind = context.actions.bind
        for filter_ in Filter:
            bind(f"view.show.{filter_.value.replace(' ', '_')}", partial(self.set_filter, filter_))
        bind("view.more_filters", self.toggle_more, checked=lambda: self.more.isVisibleTo(self.rows))
        bind("view.clear_filters", self.clear, enabled=lambda: not self.query.shows_all)
        self.bar.chosen.connect(self.set_filter)
        self.bar.more.clicked.connect(self.toggle_more)
        self.bar.clear.clicked.connect(self.clear)
        self.more.changed.connect(self._set_secondary)
        self._search_problem = ""
        self._say_soon = QTimer(self, interval=_ERROR_MS, singleShot=True)
        self._say_soon.timeout.connect(self._on_pause)
        self.completer = SearchCompleter(header.search)
        header.search.setToolTip(plain_tooltip(search_help()))
        # Screen readers would read the tooltip, which is a table.
        header.search.setAccessibleDescription(_("Words, or conditions such as is:unsure"))
        header.search.returnPressed.connect(self._say_search_problem)
        header.searched.connect(self.set_search)
        context.gallery.no_matches.clear_clicked.connect(self.clear)
        session.counts_changed.connect(self._show_counts)
        self._show()

    @property
    def query(self) -> Query:
        """Which photos are shown and in which order."""
        return self._session.gallery.query

    def set_filter(self, chosen: Filter) -> None:
        """Show the photos that pass a filter."""
        self.set_query(replace(self.query, filter=chosen))

    def set_search(self, text: str) -> None:
        """Show the photos that match a search, as `search.parse_search` reads it.

        A label says what is not understood, once the user pauses.
        """
        self._search_problem = parse_search(text.strip()).problem
        if self._search_problem:
            self._say_soon.start()
        else:
            self._say_soon.stop()
            self._say_search_problem()
        self.set_query(replace(self.query, search=text.strip()))

    def set_order(self, key: str, descending: bool, grouping: str) -> None:
        """Sort by `key`, one of `settings.SORT_KEYS`, in the groups of `grouping`, one of `groups.GROUPINGS`."""
        self.set_query(replace(self.query, sort_key=key, descending=descending, grouping=grouping))

    def clear(self) -> None:
        """Show all photos."""
        self._header.search.clear()
        self.more.clear()
        self.set_query(replace(self.query, filter=Filter.ALL, search="", secondary=SecondaryFilter()))

    def restore_query(self, query: Query) -> None:
        """Show the filter, the search and the secondary filter of an earlier session; the order stays."""
        self._header.search.setText(query.search)
        self.more.restore(query.secondary)
        self.set_query(replace(self.query, filter=query.filter, search=query.search.strip(), secondary=query.secondary))

    def toggle_more(self) -> None:
        """Show or hide the secondary filters. They stay in effect while hidden."""
        show = not self.more.isVisibleTo(self.rows)
        if show:
            self.more.refresh()
        self.more.setVisible(show)
        (self.more.folder if show else self._gallery).setFocus()
        self._show()

    def set_query(self, query: Query) -> None:
        """Change which photos are shown, or their order; a current photo that gets hidden is replaced by the first."""
        if query == self.query:
            return
        starts_check = query.filter is Filter.TO_CHECK and self.query.filter is not Filter.TO_CHECK
        self._session.gallery.set_query(query)
        if starts_check and not self._gallery.selected_rows:
            self._gallery.set_current_position(0)  # the least certain photo first
        elif not self._gallery.currentIndex().isValid():
            self._gallery.setCurrentIndex(self._session.gallery.index(0, 0))
        current = self._gallery.currentIndex()
        if current.isValid():
            self._gallery.scrollTo(current)
        self._show()

    def _on_pause(self) -> None:
        popup = self.completer.popup()
        if popup is not None and popup.isVisible():
            self._say_soon.start()  # The user is choosing how the condition ends.
        else:
            self._say_search_problem()

    def _say_search_problem(self) -> None:
        self.search_error.say(self._search_problem)
        self._header.search.setAccessibleDescription(self._search_problem)

    def _set_secondary(self, secondary: SecondaryFilter) -> None:
        self.set_query(replace(self.query, secondary=secondary))

    def _show(self) -> None:
        query = self.query
        self.bar.show_chosen(query.filter)
        self.bar.show_secondary(query.secondary.count, expanded=self.more.isVisibleTo(self.rows))
        self.bar.clear.setVisible(query.is_narrowed)
        self._show_counts()
        self._actions.refresh()
        self._header.show_own_order(query.filter if query.filter in FILTERS_WITH_OWN_ORDER else None)

    def _show_counts(self) -> None:
        counts = self._session.gallery.counts()
        self.bar.show_counts(counts)
        self._header.show_to_check(counts[Filter.TO_CHECK])

    def _folders(self) -> list[Folder]:
        return folder_tree(self._session.gallery.folders(), tuple(self._session.sources))
