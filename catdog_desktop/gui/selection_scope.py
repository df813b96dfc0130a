"""Which photos a sort or an export takes: the selection, the photos shown, or all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.verdict import Result


@dataclass(frozen=True, slots=True)
class Scope:
    """Photos to choose, and their description."""

    text: str
    rows: Sequence[Row]


class ScopeBox(QComboBox):
    """Lets the user choose one of several scopes. Initially the first."""

    def __init__(self, scopes: Sequence[Scope]) -> None:
        super().__init__()
        self._scopes = scopes
        self.addItems([scope.text for scope in scopes])

    @property
    def rows(self) -> Sequence[Row]:
        """The photos of the chosen scope."""
        return self._scopes[max(0, self.currentIndex())].rows


def scopes(model: GalleryModel, gallery: GalleryView) -> list[Scope]:
    """Return the scopes to choose from, the likeliest first: the selection, the photos shown, all photos.

    A single selected photo comes last: a click selects a photo to look at it, so it is rarely meant.
    """
    shown, selected, every = model.rows_shown(), gallery.selected_rows, list(model.rows())
    found = []
    if 1 < len(selected) < len(shown):
        found.append(Scope(_("The {count} selected photos").format(count=format_number(len(selected))), selected))
    if shown and len(shown) < len(every):
        text = ngettext("The {count} photo shown", "The {count} photos shown", len(shown))
        found.append(Scope(text.format(count=format_number(len(shown))), shown))
    text = ngettext("The only photo", "All {count} photos", len(every))
    found.append(Scope(text.format(count=format_number(len(every))), every))
    if len(selected) == 1 < len(every):
        found.append(Scope(_("Only {name}").format(name=selected[0].name), selected))
    return found


def results_of(rows: Iterable[Row]) -> list[Result]:
    """Return the current results of the rows that have one."""
    return [row.result for row in rows if row.result is not None and row.state is not State.WAITING]


def not_classified(rows: Iterable[Row]) -> list[Row]:
    """Return the rows without a current result: not classified yet, or being classified again."""
    return [row for row in rows if row.result is None or row.state is State.WAITING]
