"""Keyboard and screen readers: the order of Tab, names and descriptions, buttons that are toggled."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.viewer.photo_view import Heat
from catdog_desktop.gui.widgets.labels import LinkLabel
from catdog_desktop.verdict import Verdict


def _part_of(app: App, widget: QWidget | None) -> str:
    window = app.window
    parts = {
        "header": window.header,
        "filters": window.filtering.rows,
        "gallery": window.gallery,
        "preview": window.preview,
        "status": window.status,
    }
    return next((name for name, part in parts.items() if widget is part or part.isAncestorOf(widget)), "other")


def test_tab_visits_the_parts_of_the_window_from_top_to_bottom(app: App, cat: Path) -> None:
    app.add(cat)
    app.window.header.search.setFocus()
    visited: list[str] = []
    for _ in range(80):
        part = _part_of(app, QApplication.focusWidget())
        if not visited or visited[-1] != part:
            visited.append(part)
        app.key(Qt.Key.Key_Tab, on=QApplication.focusWidget())
        if len(visited) > 5:
            break
    around = visited.index("header", 1) if "header" in visited[1:] else len(visited)
    assert [part for part in visited[:around] if part not in ("status", "other")] == [
        "header",
        "filters",
        "gallery",
        "preview",
    ]


def test_toggled_chip_filters_as_a_click_does(app: App, cat: Path) -> None:
    """A screen reader toggles a radio button: it is not clicked."""
    app.add(cat)
    app.window.filters.chip(Filter.CAT).toggle()
    assert app.window.filtering.query.filter is Filter.CAT
    app.window.filtering.set_filter(Filter.ALL)
    assert app.window.filters.chip(Filter.ALL).isChecked()


@pytest.mark.parametrize("heat", [Heat.CAT, Heat.DOG])
def test_toggled_heat_chip_shows_the_heat_map(app: App, cat: Path, heat: Heat) -> None:
    app.add(cat)
    app.window.preview._heat_buttons[heat].toggle()
    assert app.window.preview.heat is heat


def test_toggled_mark_button_marks(app: App, cat: Path) -> None:
    app.add(cat)
    button = app.window.preview.own_data.verdicts.button(Verdict.DOG)
    button.toggle()
    assert app.row(cat).verdict is Verdict.DOG
    assert button.isChecked()
    button.toggle()
    assert app.row(cat).verdict is Verdict.DOG
    assert button.isChecked(), "the state is the photo's"


def test_toggled_view_button_shows_the_list(app: App, cat: Path) -> None:
    app.add(cat)
    next(button for button in app.window.header.findChildren(QAbstractButton) if "List" in button.text()).toggle()
    app.wait_for(lambda: app.window.settings.view == "list")


def test_score_bar_describes_what_is_shown(app: App, cat: Path) -> None:
    app.add(cat)
    bar = app.window.preview.cat_bar
    assert bar.accessibleDescription() == bar.text() == ">99%"
    assert 0 <= bar.value() <= 100


def test_chips_do_not_repeat_their_name_as_description(app: App, cat: Path) -> None:
    app.add(cat)
    for filter_ in (Filter.CAT, Filter.DOG, Filter.NEITHER):
        chip = app.window.filters.chip(filter_)
        assert chip.text() not in chip.accessibleDescription()


def test_digits_are_shortcuts_only_with_the_setting(app: App) -> None:
    keys = [key.toString() for key in app.action("view.show.cat").shortcuts()]
    assert keys == ["Alt+2", "2"]
    app.run("view.single_keys")
    assert [key.toString() for key in app.action("view.show.cat").shortcuts()] == ["Alt+2"]


def interfaces(widget: QWidget) -> Iterator[QAccessibleInterface]:
    """Yield what a screen reader finds in `widget`, visible objects only."""
    found = [QAccessible.queryAccessibleInterface(widget)]
    while found:
        interface = found.pop()
        if interface is not None and not interface.state().invisible:
            yield interface
            found += [interface.child(number) for number in range(interface.childCount())]


def test_no_name_is_repeated_as_description(app: App, make_photos: Callable[..., list[Path]]) -> None:
    """A screen reader reads the tooltip as the description if there is no other."""
    app.window.resize(1366, 700)
    app.add(*make_photos(3))
    assert "neither" in app.message
    repeated = [
        interface.text(QAccessible.Text.Name)
        for interface in interfaces(app.window)
        if (
            interface.text(QAccessible.Text.Name)
            and interface.text(QAccessible.Text.Description).startswith(interface.text(QAccessible.Text.Name) + " (")
        )
        or interface.text(QAccessible.Text.Name) == interface.text(QAccessible.Text.Description) != ""
    ]
    assert repeated == []


def test_links_of_the_status_line_are_its_description(app: App, folder: Path) -> None:
    (folder / "damaged.jpg").write_bytes(b"no photo")
    app.add(folder)
    label = app.window.status.findChild(LinkLabel)
    interface = QAccessible.queryAccessibleInterface(label)
    assert "could not be read" in interface.text(QAccessible.Text.Name)
    assert interface.text(QAccessible.Text.Description) == "Show problems"


def test_photos_are_images_and_views_are_radio_buttons(app: App, cat: Path) -> None:
    app.window.resize(1366, 700)
    app.add(cat)
    header, photo = app.window.header, QAccessible.Role.Graphic
    buttons = [button for button in header.findChildren(QAbstractButton) if button.text() in ("Grid", "List")]
    roles = {QAccessible.queryAccessibleInterface(button).role() for button in buttons}
    assert roles == {QAccessible.Role.RadioButton}
    assert QAccessible.queryAccessibleInterface(app.window.preview.view).role() is photo
    app.run("view.photo")
    assert QAccessible.queryAccessibleInterface(app.window.viewing.viewer.pane).role() is photo
