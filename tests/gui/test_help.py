"""The help window and the first steps."""

import io
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import catalogs
import pytest
from driving import App
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextBlock, QTextFormat, QTextTable
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.first_tour import FirstTour
from catdog_desktop.gui.help_window import HelpWindow
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.languages.choice import LANGUAGES, use_language
from catdog_desktop.languages.help_pages import END_OF_HELP, PAGES, help_pages, page_paths
from catdog_desktop.messages import use_catalog
from catdog_desktop.paths import settings_file
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
    assert len(titles) == len(PAGES)


def test_pages_are_chosen_by_keyboard(app: App, help_window: HelpWindow) -> None:
    help_window.pages.setFocus()
    app.key(Qt.Key.Key_Down, on=help_window.pages)
    assert help_window.page.toPlainText().startswith("How sorting keeps photos safe")
    app.key(Qt.Key.Key_Escape, on=help_window)
    app.wait_for(lambda: not help_window.isVisible())
    app.run("help.contents")
    assert help_window.isVisible(), "the same window, at the same page"


@pytest.mark.parametrize("number", range(len(PAGES)))
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
    before = help_window.shown
    help_window.page.anchorClicked.emit(QUrl(address))
    assert help_window.shown is before
    assert help_window.note.isVisible()
    assert address.rpartition("/")[2] in help_window.note.text()


@pytest.fixture(scope="module")
def catalog_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], None]:
    pseudo = tmp_path_factory.mktemp("pseudo") / "catdog.mo"

    def use(language: str) -> None:
        if language != "pseudo":
            use_language(language)
            return
        if not pseudo.exists():
            catalogs.write_pseudo(pseudo)
        use_catalog(pseudo)

    return use


@pytest.fixture
def english_again() -> Iterator[None]:
    yield
    use_catalog(None)
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("language", [*LANGUAGES, "pseudo"])
@pytest.mark.usefixtures("english_again")
def test_links_of_pages_lead_somewhere(catalog_of: Callable[[str], None], language: str) -> None:
    """As the help follows them: to a page, and to a heading in it."""
    catalog_of(language)
    pages = {page.path: page for page in help_pages()}
    for page in pages.values():
        links = LINK.findall(page.markdown)
        english = page.path.read_text(encoding="utf-8").partition(END_OF_HELP)[0]
        assert len(links) == len([name for name, _ in LINK.findall(english) if not name.endswith(".png")])
        for name, anchor in links:
            path = (page.path.parent / name).resolve() if name else page.path
            assert path in pages or path.parent.name != "docs", f"{page.path.name}: {name} is not in the help"
            assert path.exists()
            assert not anchor or anchor in pages[path].anchors, f"{page.path.name}: {name}#{anchor}"


def headings(window: HelpWindow) -> list[QTextBlock]:
    document = window.page.document()
    all_blocks = (document.findBlockByNumber(number) for number in range(document.blockCount()))
    return [block for block in all_blocks if block.blockFormat().headingLevel()]


@pytest.mark.parametrize("language", ["pseudo", "ar"])
@pytest.mark.usefixtures("english_again")
def test_links_of_translated_page_scroll_to_heading(app: App, catalog_of: Callable[[str], None], language: str) -> None:
    catalog_of(language)
    window = HelpWindow(app.window)
    try:
        for page in help_pages():
            window.page.anchorClicked.emit(QUrl(page.path.name))
            assert len(headings(window)) == len(page.anchors)
            for number, anchor in enumerate(page.anchors):
                window.page.anchorClicked.emit(QUrl(f"#{anchor}"))
                assert window.page.textCursor().block() == headings(window)[number]
    finally:
        window.close()


@pytest.mark.usefixtures("english_again")
def test_arabic_page_is_right_to_left_and_its_code_is_not(app: App, catalog_of: Callable[[str], None]) -> None:
    catalog_of("ar")
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    window = HelpWindow(app.window)
    window.page.anchorClicked.emit(QUrl("command-line.md"))
    document = window.page.document()
    block, directions = document.begin(), set()
    while block.isValid():
        is_code = block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)
        directions.add((is_code, block.textDirection()))
        block = block.next()
    window.close()
    assert directions == {(True, Qt.LayoutDirection.LeftToRight), (False, Qt.LayoutDirection.RightToLeft)}
    table = next(frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable))
    first_column = table.cellAt(1, table.columns() - 1)
    assert "catdog classify PATH" in first_column.firstCursorPosition().block().text(), (
        "the first column is at the right"
    )


@pytest.mark.usefixtures("english_again")
def test_note_about_english_is_shown_only_where_help_is_not_translated(
    app: App, catalog_of: Callable[[str], None], tmp_path: Path
) -> None:
    def has_note() -> bool:
        window = HelpWindow(app.window)
        window.close()
        return any("English" in label.text() for label in window.findChildren(SecondaryLabel))

    assert not has_note()
    catalog_of("pseudo")
    assert not has_note()
    header = b'msgid ""\nmsgstr "Language: de\\n"\n'
    (tmp_path / "catdog.mo").write_bytes(catalogs.mo_bytes(catalogs.read_po(io.BytesIO(header), locale="de")))
    use_catalog(tmp_path / "catdog.mo")
    assert has_note()


def test_wheel_contains_every_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    pages = {f"docs/{path.name}": f"catdog_desktop/docs/{path.name}" for path in page_paths()}
    assert {name: place for name, place in included.items() if name.startswith("docs/")} == pages


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
