"""What is where in the gallery, for the marks beside the scroll bar and the bubble of its slider."""

from datetime import date
from typing import Final

from PySide6.QtCore import QObject

from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import FILTERS_WITH_OWN_ORDER
from catdog_desktop.gallery.section_layout import SectionLayout
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.gallery.scroll_marks import Mark
from catdog_desktop.gui.widgets.uniform_grid_view import UniformGridView
from catdog_desktop.languages.formats import format_day, format_month, short_month_name

_NONE: Final[list[tuple[int, date]]] = []
_MONTHS_UP_TO: Final = 24
"""With more months than this, the marks are years."""


class ScrollPlaces(QObject):
    """Computes the marks once for each layout of the gallery."""

    def __init__(self, model: GalleryModel, view: UniformGridView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._marks: list[Mark] = []
        self._made_for: tuple[SectionLayout, list[tuple[int, date]]] | None = None

    @property
    def are_dates(self) -> bool:
        """Whether the photos are in the order of their dates, so that there are marks."""
        query = self._model.query
        if query.filter in FILTERS_WITH_OWN_ORDER or query.similar_to:
            return False
        return query.grouping == "month" or (query.sort_key == "date" and query.grouping == "none")

    def marks(self) -> list[Mark]:
        """Return where each year begins, or each month of the last two years; empty in another order."""
        sections = self._view.sections
        months = self._model.month_starts if self.are_dates else _NONE
        if self._made_for is None or sections is not self._made_for[0] or months is not self._made_for[1]:
            self._made_for = sections, months
            self._marks = _made(sections, months)
        return self._marks

    def words(self) -> str:
        """Return what is at the top of the view, by the order in use; empty without an order."""
        rows = self._view.visible_rows()
        if not rows:
            return ""
        row: Row = self._model.row_at(rows.start)
        query = self._model.query
        if query.filter in FILTERS_WITH_OWN_ORDER or query.similar_to:
            return ""
        key = query.sort_key if query.grouping == "none" else {"month": "date", "folder": "folder"}[query.grouping]
        if key == "date":
            day = row.result.info.date if row.result is not None else None
            if day is None:
                return ""
            return format_month(day) if len(self._model.month_starts) > 1 else format_day(day)
        if key == "folder":
            return displayable(row.path.parent.name)
        return displayable(row.name)[:1].upper() if key == "name" else ""


def _made(sections: SectionLayout, months: list[tuple[int, date]]) -> list[Mark]:
    if len(months) <= _MONTHS_UP_TO:
        return [Mark(short_month_name(month.month), _top(sections, position)) for position, month in months]
    years: dict[int, int] = {}
    for position, month in months:
        years.setdefault(month.year, position)
    return [Mark(str(year), _top(sections, position)) for year, position in years.items()]


def _top(sections: SectionLayout, position: int) -> int:
    """Return the height of a photo, or of the heading above it."""
    section = sections.section_of(position)
    return sections.top_of(section) if sections.first_of(section) == position else sections.place(position)[0]
