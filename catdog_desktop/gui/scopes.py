"""Which photos something may be done with: what is selected, what is shown, or all."""

from catdog_desktop.gui.gallery.gallery import Gallery
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.sorting.choices import Scope
from catdog_desktop.gui.wording import plural


def scopes(model: GalleryModel, gallery: Gallery) -> list[Scope]:
    """Return what there is to choose from, the likeliest first: what is selected, else what is shown, else all."""
    shown, selected, every = model.rows_shown(), gallery.rows_selected, list(model.rows())
    found = []
    if 1 < len(selected) < len(shown):
        found.append(Scope(f"The {len(selected):,} photos that are selected", selected))
    if shown and len(shown) < len(every):
        found.append(Scope(f"The {plural(len(shown), 'photo that is', 'photos that are')} shown", shown))
    found.append(Scope(f"All {plural(len(every), 'photo', 'photos')}", every))
    return found
