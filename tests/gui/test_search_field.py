"""The search field: conditions, completion, errors below it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App, scored
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from catdog_desktop.gui.filters.search_completer import search_help
from catdog_desktop.settings import Settings

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def filled(open_app: Callable[..., App]) -> App:
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    gallery = app.window.session.gallery
    photos = {"beach/cat 1.jpg": (0.95, 0.02), "beach/dog 2.jpg": (0.01, 0.97), "home/both 2.jpg": (0.92, 0.93)}
    paths = {Path("/photos") / name: scores for name, scores in photos.items()}
    gallery.add(paths)
    gallery.apply_results([scored(path, *scores) for path, scores in paths.items()])
    app.window.session.counts_changed.emit()
    app.key(Qt.Key.Key_F, CTRL)
    return app


def type_search(app: App, text: str) -> None:
    QTest.keyClicks(app.window.header.search, text)


def test_typed_words_and_conditions_filter_the_photos(filled: App) -> None:
    type_search(filled, "beach 2")
    assert filled.names == ["dog 2.jpg"]
    filled.window.header.search.clear()
    type_search(filled, "cat:>0.9 -dog:>0.9")
    assert filled.names == ["cat 1.jpg"]


def test_query_error_is_shown_below_the_field_and_photos_stay(filled: App) -> None:
    type_search(filled, "beach")
    assert filled.names == ["cat 1.jpg", "dog 2.jpg"]
    label = filled.window.filtering.search_error
    type_search(filled, " is:bird")
    assert not label.isVisible(), "not while typing"
    filled.wait_for(label.isVisible)
    assert label.text().startswith("“is:bird” is unknown. Known: cat, dog,")
    assert filled.window.header.search.accessibleDescription() == label.text()
    assert filled.names == ["cat 1.jpg", "dog 2.jpg"]
    top = label.mapTo(filled.window, label.rect().topLeft()).y()
    field = filled.window.header.search
    assert top >= field.mapTo(filled.window, field.rect().bottomLeft()).y()
    filled.window.header.search.clear()
    assert not label.isVisible()
    assert len(filled.names) == 3


def test_enter_says_the_error_at_once(filled: App) -> None:
    type_search(filled, "date:soon")
    filled.key(Qt.Key.Key_Return)
    assert filled.window.filtering.search_error.text().startswith("“soon” is not a date.")


def test_completion_finishes_the_last_word(filled: App) -> None:
    type_search(filled, "beach is:d")
    popup = filled.window.filtering.completer.popup()
    filled.wait_for(popup.isVisible)
    assert [popup.model().index(n, 0).data() for n in range(popup.model().rowCount())] == ["is:dog", "is:duplicate"]
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert filled.window.header.search.text() == "beach is:dog"
    assert filled.names == ["dog 2.jpg"]
    assert not popup.isVisible()


def test_names_are_not_completed(filled: App) -> None:
    type_search(filled, "both")
    assert filled.names == ["both 2.jpg"]
    assert not filled.window.filtering.completer.popup().isVisible()
    filled.window.header.search.clear()
    type_search(filled, '"is:')
    assert not filled.window.filtering.completer.popup().isVisible(), "within quotation marks"


def test_help_explains_every_kind_of_condition(filled: App) -> None:
    shown = filled.window.header.search.toolTip()
    for example in ("is:unsure", "cat:", "date:2019-05", "folder:holiday", "size:", "-copy"):
        assert example in shown
    assert "new york" in search_help()


def test_button_in_an_empty_result_clears_search_and_filters(filled: App) -> None:
    type_search(filled, "nothing like this")
    button = filled.window.gallery.no_matches.button
    assert button.text() == "Clear filters"
    filled.click(button)
    assert len(filled.names) == 3
    assert filled.window.header.search.text() == ""


def test_escape_closes_the_list_first_and_then_clears_the_search(filled: App) -> None:
    type_search(filled, "beach is:d")
    popup = filled.window.filtering.completer.popup()
    filled.wait_for(popup.isVisible)
    filled.key(Qt.Key.Key_Escape, on=popup)
    assert not popup.isVisible()
    assert filled.window.header.search.text() == "beach is:d"
    filled.key(Qt.Key.Key_Escape, on=filled.window.header.search)
    assert filled.window.header.search.text() == ""
