"""The text of a gallery in which no photo passes the filters."""

from pathlib import Path

import pytest
from driving import App, scored
from PySide6.QtCore import Qt

from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def filled(app: App, tmp_path: Path) -> App:
    path = tmp_path / "cat.jpg"
    app.window.session.gallery.add([path])
    app.window.session.gallery.apply_results([scored(path, 0.99, 0.01)])
    return app


@pytest.mark.parametrize(
    ("query", "text", "button"),
    [
        (Query(search="x"), "No photos match.", "Clear filters"),
        (Query(Filter.TO_CHECK, secondary=SecondaryFilter(Path("/a"))), "No photos match.", "Clear filters"),
        (Query(Filter.TO_CHECK), "Nothing left to check.", "Show all photos"),
        (Query(Filter.BOTH), "No photos here.", "Show all photos"),
    ],
)
def test_empty_result_offers_to_show_all_photos(filled: App, query: Query, text: str, button: str) -> None:
    shown = filled.window.gallery.no_matches
    assert not shown.isVisible()
    filled.window.filtering.set_query(query)
    assert shown.isVisible()
    assert (shown.text, shown.button.text()) == (text, button)
    filled.click(shown.button)
    assert filled.names == ["cat.jpg"]
    assert not shown.isVisible()


def test_clear_filters_button_empties_the_search_field(filled: App) -> None:
    filled.key(Qt.Key.Key_F, CTRL)
    filled.key(Qt.Key.Key_X)
    assert filled.names == []
    filled.click(filled.window.gallery.no_matches.button)
    assert filled.window.header.search.text() == ""
    assert filled.names == ["cat.jpg"]


def test_empty_result_covers_the_gallery_after_resizing(filled: App) -> None:
    filled.window.filtering.set_query(Query(search="x"))
    filled.window.resize(900, 500)
    gallery = filled.window.gallery
    filled.wait_for(lambda: gallery.no_matches.geometry() == gallery.viewport().geometry())


def test_photos_that_arrive_hidden_by_the_search_leave_the_text(filled: App, tmp_path: Path) -> None:
    filled.window.filtering.set_query(Query(search="x"))
    filled.window.session.gallery.add([tmp_path / "other.jpg"])
    assert filled.window.gallery.no_matches.isVisible()
    filled.window.session.gallery.add([tmp_path / "x.jpg"])
    assert not filled.window.gallery.no_matches.isVisible()
