"""Letters and digits typed in the gallery search by name; single-key shortcuts work where they are meant."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App, scored
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from catdog_desktop.gallery.query import Filter
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Verdict

NAMES = ("cat.10.jpg", "dog.4.jpg", "dog.40.jpg", "both 2.jpg", "Doggy.jpg")


@pytest.fixture
def filled(open_app: Callable[..., App]) -> App:
    """Return a window with default shortcuts; the first photo is current."""
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1), single_keys=False)
    app.wait_for(lambda: app.window.session.model is not None)
    gallery = app.window.session.gallery
    paths = [Path("/photos") / name for name in NAMES]
    gallery.add(paths)
    gallery.apply_results([scored(path, 0.95 if number else 0.52, 0.01) for number, path in enumerate(paths)])
    app.window.session.counts_changed.emit()
    app.window.gallery.setFocus()
    app.window.gallery.set_current_position(0)
    return app


def current(app: App) -> str:
    return app.window.gallery.current_row.name


def corrected(app: App) -> list[str]:
    return [row.name for row in app.shown if row.corrected]


def type_text(app: App, text: str) -> None:
    QTest.keyClicks(app.window.gallery, text)


def pause(app: App) -> None:
    """Wait until the next character starts a new search."""
    gallery = app.window.gallery
    app.wait_for(lambda: not gallery._typing.goes_on)


def test_typed_name_makes_the_photo_current(filled: App) -> None:
    type_text(filled, "dog.40")
    assert current(filled) == "dog.40.jpg"
    assert corrected(filled) == [], "D and G are no shortcuts here"
    assert filled.window.filtering.query.filter is Filter.ALL, "nor are digits"


def test_typed_name_after_a_pause_starts_again(filled: App) -> None:
    type_text(filled, "dog.4")
    assert current(filled) == "dog.4.jpg"
    pause(filled)
    type_text(filled, "both 2")
    assert current(filled) == "both 2.jpg"


def test_same_letter_again_goes_to_the_next_match(filled: App) -> None:
    found = []
    for _ in range(4):
        type_text(filled, "d")
        found.append(current(filled))
    assert found == ["dog.4.jpg", "dog.40.jpg", "Doggy.jpg", "dog.4.jpg"]


def test_name_without_match_keeps_the_current_photo(filled: App) -> None:
    type_text(filled, "x")
    assert current(filled) == "cat.10.jpg"


def test_space_opens_the_photo_when_no_search_goes_on(filled: App) -> None:
    filled.key(Qt.Key.Key_Space, on=filled.window.gallery)
    assert filled.window.viewing.is_open
    assert not filled.window.gallery.isVisible()


def test_mark_keys_work_in_to_check(filled: App) -> None:
    filled.window.filtering.set_filter(Filter.TO_CHECK)
    assert filled.names == ["cat.10.jpg"]
    filled.key(Qt.Key.Key_D, on=filled.window.gallery)
    row = filled.row(Path("/photos/cat.10.jpg"))
    assert row.verdict is Verdict.DOG


def test_mark_keys_work_with_the_large_photo(filled: App) -> None:
    filled.key(Qt.Key.Key_Space, on=filled.window.gallery)
    filled.key(Qt.Key.Key_B)
    assert filled.row(Path("/photos/cat.10.jpg")).verdict is Verdict.BOTH


def test_alt_digits_choose_filters_everywhere(filled: App) -> None:
    filled.key(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier, on=filled.window.gallery)
    assert filled.window.filtering.query.filter is Filter.CAT


def test_setting_brings_single_key_shortcuts_back(filled: App) -> None:
    filled.run("view.single_keys")
    assert filled.window.settings.single_keys
    type_text(filled, "d")
    assert corrected(filled) == ["cat.10.jpg"]
    filled.run("view.single_keys")
    type_text(filled, "b")
    assert current(filled) == "both 2.jpg"
