"""The help: the pages of `docs/`, in a window of the app, without a network."""

from typing import Final

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.languages.help_pages import HelpPage, help_pages
from catdog_desktop.messages import _, language

_SIZE: Final = QSize(112 * GRID, 80 * GRID)
_PAGE_ROLE: Final = Qt.ItemDataRole.UserRole


class HelpWindow(QDialog):
    """A list of pages, and the page. Links lead from page to page; addresses on the Internet are only shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Help"))
        self.pages = QListWidget()
        self.pages.setAccessibleName(_("Pages"))
        self.page = QTextBrowser()
        self.page.setAccessibleName(_("Page"))
        self.page.setOpenLinks(False)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.document().setDocumentMargin(2 * GRID)
        self.note = SecondaryLabel("", self)
        self.note.hide()
        self._pages = help_pages()
        self.shown: HelpPage | None = None
        for page in self._pages:
            QListWidgetItem(page.title, self.pages).setData(_PAGE_ROLE, page)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.pages)
        splitter.addWidget(self.page)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([26 * GRID, 86 * GRID])
        buttons = QDialogButtonBox()
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        if not (language() == "en" or all(page.is_translated for page in self._pages)):
            layout.addWidget(SecondaryLabel(_("The help is in English."), self))
        layout.addWidget(splitter, 1)
        layout.addWidget(self.note)
        layout.addWidget(buttons)
        self.pages.currentItemChanged.connect(self._on_chosen)
        self.page.anchorClicked.connect(self._follow)
        self.pages.setCurrentRow(0)
        self.resize(size_within_screen(self, _SIZE))
        self.page.setFocus()

    def show_page(self, page: HelpPage, anchor: str = "") -> None:
        """Show a page, from the heading whose link name is `anchor`."""
        self.note.hide()
        if self.shown is not page:
            self.shown = page
            self.page.setMarkdown(page.markdown)
            _set_direction(self.page.document(), self.layoutDirection())
            self.pages.blockSignals(True)
            self.pages.setCurrentRow(self._pages.index(page))
            self.pages.blockSignals(False)
        self._scroll_to(anchor)

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_page(item.data(_PAGE_ROLE))

    def _follow(self, url: QUrl) -> None:
        if self.shown is None:
            return
        if url.scheme() in ("", "file"):
            here = self.shown.path
            path = (here.parent / url.path()).resolve() if url.path() else here
            target = next((page for page in self._pages if page.path == path), None)
            if target is not None:
                self.show_page(target, url.fragment())
                return
            address = path.name
        else:
            address = url.toString()
        self.note.setText(_("Not opened, since CatDog never goes online: {address}").format(address=address))
        self.note.show()

    def _scroll_to(self, anchor: str) -> None:
        """Scroll to a heading. It is found by its number, since its text is translated and its link name is not."""
        headings = self.shown.anchors if self.shown else ()
        number = headings.index(anchor) if anchor in headings else -1
        block = self.page.document().begin()
        while number >= 0 and block.isValid():
            if block.blockFormat().headingLevel():
                if number == 0:
                    self.page.moveCursor(QTextCursor.MoveOperation.End)
                    self.page.setTextCursor(QTextCursor(block))
                    return
                number -= 1
            block = block.next()
        self.page.moveCursor(QTextCursor.MoveOperation.Start)


def _set_direction(document: QTextDocument, direction: Qt.LayoutDirection) -> None:
    """Write all paragraphs of a page in `direction`, and code from left to right."""
    option = document.defaultTextOption()
    option.setTextDirection(direction)
    document.setDefaultTextOption(option)
    if direction != Qt.LayoutDirection.RightToLeft:
        return
    block = document.begin()
    while block.isValid():
        code = block.blockFormat()
        if code.hasProperty(QTextFormat.Property.BlockCodeFence):
            code.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            code.setNonBreakableLines(False)  # Qt scrolls a page with long lines to their ends.
            QTextCursor(block).setBlockFormat(code)
        block = block.next()
