"""The actions *Similar photos* and *Select photos like it*."""

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject

from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext

USUAL_ORDER_LINK: Final = "usual-order"
SELECT_ALIKE_LINK: Final = "select-alike"


class SimilarCommands(QObject):
    """Orders the gallery by similarity to some photos, and selects look-alikes with another verdict."""

    def __init__(self, context: WindowContext, filtering: FilterController) -> None:
        super().__init__(context.window)
        self._context = context
        self._filtering = filtering
        self._photos = context.session.gallery
        self._features = context.session.features
        bind = context.actions.bind
        bind("photos.similar", self.show, enabled=self._can_compare)
        bind("photos.select_alike", lambda: self.select_alike(), enabled=self._can_compare)
        context.session.model_ready.connect(lambda _model: self.end())

    def show(self) -> None:
        """Show the photos most like the selected ones, or like their mean, first."""
        self._features.want(partial(self._show, self._context.gallery.target_rows))

    def _show(self, rows: list[Row]) -> None:
        rows = [row for row in rows if self._photos.has_features(row)]
        if not rows:
            return
        self._filtering.set_query(replace(self._filtering.query, similar_to=tuple(row.number for row in rows)))
        self._context.gallery.verticalScrollBar().setValue(0)
        count = len(rows)
        text = ngettext(
            "The photos most like {name} come first.", "The photos most like these {count} photos come first.", count
        ).format(name=displayable(rows[0].name), count=format_number(count))
        self._context.say(text, {USUAL_ORDER_LINK: _("Order as before")})

    def end(self) -> None:
        """Show the photos in their usual order again."""
        if self._filtering.query.similar_to:
            self._filtering.set_query(replace(self._filtering.query, similar_to=()))

    def select_alike(self, row: Row | None = None) -> None:
        """Select the photos like `row` (default: the current one) that are not checked and have another verdict.

        One key then gives them all the verdict of the user. Filters are cleared, since they hide some of them.
        """
        row = row or self._context.gallery.current_row
        if row is not None:
            self._features.want(partial(self._select_alike, row))

    def _select_alike(self, row: Row) -> None:
        if not self._photos.has_features(row):
            return
        alike = self._photos.unlike_look_alikes(row)
        name = displayable(row.name)
        if not alike:
            self._context.say(_("No photo like {name} has another verdict.").format(name=name))
            return
        self._filtering.clear()
        self._filtering.set_query(replace(self._filtering.query, similar_to=(row.number,)))
        self._context.gallery.select_paths([other.path for other in alike])
        shown = len(self._context.gallery.selected_rows)
        text = ngettext(
            "{count} photo like {name} has another verdict and is selected.",
            "{count} photos like {name} have another verdict and are selected.",
            shown,
        ).format(count=format_number(shown), name=name)
        self._context.say(text, {USUAL_ORDER_LINK: _("Order as before")})

    def _can_compare(self) -> bool:
        row = self._context.gallery.current_row
        return row is not None and self._features.can_compare(row)
