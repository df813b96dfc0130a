"""Which photos a sort or an export takes, and which of them have a current result."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App, scored
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.selection_scope import Scope, ScopeBox, not_classified, results_of, scopes
from catdog_desktop.verdict import Result, Thresholds


@pytest.fixture
def rows() -> list[Row]:
    """Return a row that is done, one that waits, one that is unreadable, and one that is classified again."""
    made = [Row(Path(f"{number}.jpg"), number) for number in range(4)]
    made[0].apply_result(scored(made[0].path, 0.97, 0.02), Thresholds(), 1.0)
    made[2].apply_result(Result(made[2].path, error="is empty"), Thresholds(), 1.0)
    made[3].apply_result(scored(made[3].path, 0.01, 0.99), Thresholds(), 1.0)
    made[3].state = State.WAITING
    return made


def test_rows_have_result_or_are_not_classified(rows: list[Row]) -> None:
    assert [result.path.name for result in results_of(rows)] == ["0.jpg", "2.jpg"]
    assert [row.path.name for row in not_classified(rows)] == ["1.jpg", "3.jpg"]
    assert (results_of([]), not_classified([])) == ([], [])


def test_scope_box_initially_has_first_scope(qtbot: QtBot, rows: list[Row]) -> None:
    box = ScopeBox([Scope("The 2 selected photos", rows[:2]), Scope("All 4 photos", rows)])
    qtbot.addWidget(box)
    assert (box.currentText(), box.rows) == ("The 2 selected photos", rows[:2])
    box.setCurrentIndex(1)
    assert (box.currentText(), box.rows) == ("All 4 photos", rows)
    box.setCurrentIndex(-1)
    assert box.rows == rows[:2], "never no photos"


def offered(app: App) -> list[tuple[str, int]]:
    return [(scope.text, len(scope.rows)) for scope in scopes(app.window.session.gallery, app.window.gallery)]


@pytest.fixture
def filled(app: App, make_photos: Callable[..., list[Path]]) -> App:
    app.add(*make_photos(4))
    return app


def test_scopes_single_selected_photo_is_offered_last(filled: App) -> None:
    filled.select([filled.shown[1].path])
    assert offered(filled) == [("All 4 photos", 4), ("Only IMG_2.jpg", 1)]


def test_scopes_several_selected_photos_come_first(filled: App) -> None:
    filled.select([filled.shown[0].path, filled.shown[2].path])
    assert offered(filled) == [("The 2 selected photos", 2), ("All 4 photos", 4)]


def test_scopes_filtered_gallery_offers_photos_shown(filled: App) -> None:
    filled.window.header.search.setText("IMG_3")
    assert offered(filled)[:2] == [("The 1 photo shown", 1), ("All 4 photos", 4)]


def test_scopes_whole_selection_is_all(filled: App) -> None:
    filled.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier, on=filled.window.gallery)
    assert offered(filled) == [("All 4 photos", 4)]


def test_scopes_only_photo(app: App, cat: Path) -> None:
    app.add(cat)
    assert offered(app) == [("The only photo", 1)]
