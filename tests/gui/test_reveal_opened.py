"""Photos that were just opened are shown: selected, scrolled to, in the preview, whatever the filters are."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App, files, pixels
from PySide6.QtCore import QMimeData, Qt

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui import worker


@pytest.fixture
def many(app: App, make_photos: Callable[..., list[Path]]) -> list[Path]:
    """Return the photos of a gallery that needs scrolling; the first one is current."""
    paths = make_photos(40)
    app.add(paths[0].parent)
    app.wait_done(40)
    app.select([app.shown[0].path])
    return paths


def selected(app: App) -> list[Path]:
    return [row.path for row in app.window.gallery.selected_rows]


def is_visible(app: App, path: Path) -> bool:
    gallery = app.window.gallery
    rect = gallery.visualRect(app.window.session.gallery.index_of(path))
    return gallery.viewport().rect().contains(rect)


def test_dropped_photos_are_selected_and_visible(
    app: App, many: list[Path], make_photos: Callable[..., list[Path]], tmp_path: Path
) -> None:
    dropped = make_photos(2, below=tmp_path / "more", stem="new ")
    app.add(*dropped)
    app.wait_done(42)
    assert selected(app) == dropped
    assert app.window.preview.row is app.row(dropped[0])
    app.wait_for(lambda: app.window.selection_bar.isVisible() and is_visible(app, dropped[0]))


def test_dropped_folder_makes_its_first_photo_current(
    app: App, many: list[Path], make_photos: Callable[..., list[Path]], tmp_path: Path
) -> None:
    dropped = make_photos(3, below=tmp_path / "more", stem="new ")
    app.add(tmp_path / "more")
    app.wait_done(43)
    (path,) = selected(app)
    assert path in dropped
    app.wait_for(lambda: is_visible(app, path))


def test_dropped_photo_hidden_by_filter_clears_the_filter(
    app: App, many: list[Path], make_photos: Callable[..., list[Path]], tmp_path: Path
) -> None:
    app.window.filtering.set_filter(Filter.PROBLEM)
    assert app.names == []
    (dropped,) = make_photos(1, below=tmp_path / "more", stem="new ")
    app.add(dropped)
    app.wait_done(41)
    assert app.window.filtering.query.shows_all
    assert selected(app) == [dropped]
    assert app.message.startswith("Filters cleared to show the new photos. "), "also at the end of the job"
    assert app.window.preview.row is app.row(dropped)


@pytest.mark.parametrize("filter_", [Filter.CAT, Filter.TO_CHECK, Filter.CORRECTED, Filter.DUPLICATES])
def test_dropped_photo_is_shown_under_every_filter(
    app: App, many: list[Path], make_photos: Callable[..., list[Path]], tmp_path: Path, filter_: Filter
) -> None:
    app.window.filtering.set_filter(filter_)
    photos = make_photos(3, below=tmp_path / "more", stem="new ")
    app.add(*photos[1:])
    app.wait_done(42)
    assert selected(app) == photos[1:]
    app.wait_for(lambda: app.window.selection_bar.isVisible() and is_visible(app, photos[1]))
    assert app.message.startswith("Filters cleared to show the new photos. ")


def test_photo_that_is_listed_already_is_revealed(app: App, many: list[Path]) -> None:
    app.window.filtering.set_search("IMG_1.")
    app.drop(files([many[30]]))
    assert selected(app) == [many[30]]
    app.wait_for(lambda: is_visible(app, many[30]))
    assert app.message == "Filters cleared to show the new photos."


def test_folder_that_is_listed_already_is_revealed(app: App, many: list[Path]) -> None:
    app.window.filtering.set_search("IMG_2.")
    app.add(many[0].parent)
    app.wait_for(lambda: app.window.filtering.query.shows_all)
    assert selected(app) == [app.shown[0].path]


def test_pasted_image_is_revealed(app: App, many: list[Path]) -> None:
    mime = QMimeData()
    mime.setImageData(pixels(Qt.GlobalColor.darkBlue))
    app.paste(mime)
    app.wait_done(41)
    (path,) = selected(app)
    assert path.name.startswith("Pasted ")
    app.wait_for(lambda: is_visible(app, path))


def test_dropped_photos_found_one_by_one_are_all_selected(
    app: App, many: list[Path], make_photos: Callable[..., list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    steps: list[list[Path]] = []
    app.window.session.photos_found.connect(steps.append)
    dropped = make_photos(3, below=tmp_path / "more", stem="new ")
    app.add(*dropped)
    app.wait_done(43)
    assert len(steps) > 1
    assert selected(app) == dropped


def test_selection_of_the_user_stays_when_more_dropped_photos_are_found(
    app: App, many: list[Path], make_photos: Callable[..., list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    dropped = make_photos(3, below=tmp_path / "more", stem="new ")

    def select_another(_found: list[Path]) -> None:
        app.window.session.photos_found.disconnect(select_another)
        app.window.gallery.select_path(many[0])

    app.window.session.photos_found.connect(select_another)
    app.add(*dropped)
    app.wait_done(43)
    assert selected(app) == [many[0]]


def test_first_photos_of_the_window_are_not_selected(app: App, make_photos: Callable[..., list[Path]]) -> None:
    """A single key would mark all of them."""
    paths = make_photos(3)
    app.add(*paths)
    assert selected(app) == []
    assert app.window.preview.row is app.row(paths[0])


def test_first_photos_hidden_by_a_search_clear_it(app: App, make_photos: Callable[..., list[Path]]) -> None:
    app.window.filtering.set_search("no such name")
    app.add(*make_photos(2))
    assert len(app.names) == 2
