"""The help window and the first steps."""

import re
import tomllib
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.first_tour import FirstTour
from catdog_desktop.gui.help_window import HelpWindow, help_pages, link_name
from catdog_desktop.paths import settings_file, shipped
from catdog_desktop.settings import load_settings

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([\w./-]*)(?:#([\w-]+))?\)")


@pytest.fixture
def help_window(app: App) -> HelpWindow:
    app.key(Qt.Key.Key_F1)
    window = app.dialog(HelpWindow)
    assert isinstance(window, HelpWindow)
    return window


def test_f1_opens_the_page_of_the_window(help_window: HelpWindow) -> None:
    assert help_window.page.toPlainText().startswith("The window")
    titles = [help_window.pages.item(number).text() for number in range(help_window.pages.count())]
    assert titles[:2] == ["The window", "How sorting keeps photos safe"]
    assert len(titles) == len(list((ROOT / "docs").glob("*.md")))


def test_pages_are_chosen_by_keyboard(app: App, help_window: HelpWindow) -> None:
    help_window.pages.setFocus()
    app.key(Qt.Key.Key_Down, on=help_window.pages)
    assert help_window.page.toPlainText().startswith("How sorting keeps photos safe")
    app.key(Qt.Key.Key_Escape, on=help_window)
    app.wait_for(lambda: not help_window.isVisible())
    app.run("help.contents")
    assert help_window.isVisible(), "the same window, at the same page"


@pytest.mark.parametrize("number", range(len(help_pages())))
def test_pages_have_text_and_no_pictures(help_window: HelpWindow, number: int) -> None:
    help_window.pages.setCurrentRow(number)
    text = help_window.page.toPlainText()
    assert len(text) > 200
    assert "\ufffc" not in text, "the place of a picture"


def test_link_leads_to_another_page(help_window: HelpWindow) -> None:
    help_window.page.anchorClicked.emit(QUrl("sorting.md"))
    assert help_window.page.toPlainText().startswith("How sorting keeps photos safe")
    assert help_window.pages.currentRow() == 1


def test_link_within_a_page_scrolls(app: App, help_window: HelpWindow) -> None:
    help_window.page.anchorClicked.emit(QUrl("#keys"))
    bar = help_window.page.verticalScrollBar()
    app.wait_for(lambda: bar.value() > 0)
    assert help_window.page.textCursor().block().text() == "Keys"


@pytest.mark.parametrize("address", ["https://distributed.dask.org", "../SECURITY.md"])
def test_other_links_are_shown_and_not_opened(help_window: HelpWindow, address: str) -> None:
    before = help_window.page.source()
    help_window.page.anchorClicked.emit(QUrl(address))
    assert help_window.page.source() == before
    assert help_window.note.isVisible()
    assert address.rpartition("/")[2] in help_window.note.text()


def test_links_between_pages_have_targets() -> None:
    """As the help follows them: to a page, and to a heading in it."""
    for page in help_pages():
        for name, heading in LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / name).resolve() if name else page
            if heading and target in help_pages():
                lines = target.read_text(encoding="utf-8").splitlines()
                assert heading in {link_name(line.lstrip("# ")) for line in lines if line.startswith("#")}, page


def test_wheel_contains_every_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for page in shipped("docs").glob("*.md"):
        assert included[f"docs/{page.name}"] == f"catdog_desktop/docs/{page.name}"


# The first steps.


@pytest.fixture
def tour(app: App) -> FirstTour:
    app.run("help.tour")
    assert app.window.tour.isVisible()
    return app.window.tour


def test_tour_has_three_steps(app: App, tour: FirstTour) -> None:
    for number in (1, 2, 3):
        assert tour.title.text().startswith(f"{number} of 3: ")
        assert tour.skip.isVisible() is (number < 3)
        app.wait_for(tour.next.hasFocus)
        app.key(Qt.Key.Key_Space, on=tour.next)
    assert not tour.isVisible()
    app.wait_for(lambda: load_settings(settings_file())[0].tour_seen)


@pytest.mark.parametrize("by", ["button", "Esc"])
def test_tour_can_be_skipped(app: App, tour: FirstTour, by: str) -> None:
    if by == "button":
        app.click(tour.skip)
    else:
        app.key(Qt.Key.Key_Escape, on=tour.next)
    assert not tour.isVisible()
    assert app.window.settings.tour_seen


@pytest.mark.parametrize("size", [(480, 420), (1024, 560)])
def test_tour_fits_the_window(app: App, tour: FirstTour, size: tuple[int, int]) -> None:
    app.window.resize(*size)
    QApplication.processEvents()
    parent = tour.parentWidget()
    assert parent.rect().contains(tour.geometry())
    for child in (tour.title, tour.text, tour.skip, tour.next):
        assert tour.rect().contains(child.geometry())
    assert tour.text.height() >= tour.text.heightForWidth(tour.text.width())
