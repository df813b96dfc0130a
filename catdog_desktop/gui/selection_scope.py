"""Which photos something may be done with: what is selected, what is shown, or all; and what is known of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox

from catdog_desktop.formatting import plural
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.verdict import Result


@dataclass(frozen=True, slots=True)
class Scope:
    """Photos that something may be done with, and what they are called."""

    words: str
    rows: Sequence[Row]


class ScopeBox(QComboBox):
    """Lets the user choose one of several scopes; the first is chosen at first."""

    def __init__(self, scopes: Sequence[Scope]) -> None:
        super().__init__()
        self._scopes = scopes
        self.addItems([scope.words for scope in scopes])

    @property
    def rows(self) -> Sequence[Row]:
        """The photos chosen."""
        return self._scopes[max(0, self.currentIndex())].rows


def scopes(model: GalleryModel, gallery: GalleryView) -> list[Scope]:
    """Return what there is to choose from, the likeliest first: what is selected, else what is shown, else all."""
    shown, selected, every = model.rows_shown(), gallery.selected_rows, list(model.rows())
    found = []
    if 1 < len(selected) < len(shown):
        found.append(Scope(f"The {len(selected):,} photos that are selected", selected))
    if shown and len(shown) < len(every):
        found.append(Scope(f"The {plural(len(shown), 'photo that is', 'photos that are')} shown", shown))
    found.append(Scope(f"All {plural(len(every), 'photo', 'photos')}", every))
    return found


def results_of(rows: Iterable[Row]) -> list[Result]:
    """Return the results of those that have one that holds."""
    return [row.result for row in rows if row.result is not None and row.state is not State.WAITING]


def not_classified(rows: Iterable[Row]) -> list[Row]:
    """Return those that have none: not yet, or not any more, as they are classified again."""
    return [row for row in rows if row.result is None or row.state is State.WAITING]
