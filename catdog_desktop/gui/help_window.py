"""The help: the pages of `docs/`, in a window of the app, without a network."""

import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSize, Qt, QUrl
from PySide6.QtGui import QTextCursor, QTextDocument
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
from catdog_desktop.messages import _, language
from catdog_desktop.paths import shipped

_SIZE: Final = QSize(112 * GRID, 80 * GRID)
_FIRST_PAGES: Final = ("window", "sorting", "models", "privacy", "troubleshooting", "command-line")
"""In this order; the others follow by name."""
_PICTURE: Final = re.compile(rb"^!\[[^\]]*\]\([^)]*\)\n+", re.MULTILINE)
"""A picture in Markdown, on a line of its own."""
_PATH_ROLE: Final = Qt.ItemDataRole.UserRole


class HelpWindow(QDialog):
    """A list of pages, and the page. Links lead from page to page; addresses on the Internet are only shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Help"))
        self.pages = QListWidget()
        self.pages.setAccessibleName(_("Pages"))
        self.page = _Page()
        self.page.setAccessibleName(_("Page"))
        self.page.setOpenLinks(False)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.document().setDocumentMargin(2 * GRID)
        self.note = SecondaryLabel("", self)
        self.note.hide()
        for path in help_pages():
            item = QListWidgetItem(_title_of(path), self.pages)
            item.setData(_PATH_ROLE, path)
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
        if language() != "en":
            layout.addWidget(SecondaryLabel(_("The help is in English."), self))
        layout.addWidget(splitter, 1)
        layout.addWidget(self.note)
        layout.addWidget(buttons)
        self.pages.currentItemChanged.connect(self._on_chosen)
        self.page.anchorClicked.connect(self._follow)
        self.pages.setCurrentRow(0)
        self.resize(size_within_screen(self, _SIZE))
        self.page.setFocus()

    def show_page(self, path: Path, heading: str = "") -> None:
        """Show a page, from the heading whose link name is `heading`."""
        self.note.hide()
        if self.page.source().toLocalFile() != str(path):
            self.page.setSource(QUrl.fromLocalFile(str(path)), QTextDocument.ResourceType.MarkdownResource)
            self.pages.blockSignals(True)
            for number in range(self.pages.count()):
                if self.pages.item(number).data(_PATH_ROLE) == path:
                    self.pages.setCurrentRow(number)
            self.pages.blockSignals(False)
        self._scroll_to(heading)

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_page(item.data(_PATH_ROLE))

    def _follow(self, url: QUrl) -> None:
        here = Path(self.page.source().toLocalFile())
        path = Path(url.toLocalFile()) if url.isLocalFile() else here.parent / url.path() if url.path() else here
        path = path.resolve()
        if url.scheme() in ("", "file") and path in help_pages():
            self.show_page(path, url.fragment())
            return
        address = url.toString() if url.scheme() not in ("", "file") else path.name
        self.note.setText(_("Not opened, since CatDog never goes online: {address}").format(address=address))
        self.note.show()

    def _scroll_to(self, heading: str) -> None:
        block = self.page.document().begin()
        while heading and block.isValid():
            if block.blockFormat().headingLevel() and link_name(block.text()) == heading:
                self.page.moveCursor(QTextCursor.MoveOperation.End)
                self.page.setTextCursor(QTextCursor(block))
                return
            block = block.next()
        self.page.moveCursor(QTextCursor.MoveOperation.Start)


class _Page(QTextBrowser):
    """Leaves pictures out: the window that they show is open, and a package without them has the pages only."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        """Return the content of a file (called by Qt)."""
        content = super().loadResource(kind, name)
        if kind == QTextDocument.ResourceType.MarkdownResource.value and isinstance(content, QByteArray):
            return QByteArray(_PICTURE.sub(b"", content.data()))
        return content


def help_pages() -> list[Path]:
    """Return the pages, the most useful first; empty if they were not installed."""
    pages = {path.stem: path.resolve() for path in shipped("docs").glob("*.md")}
    order = [*(name for name in _FIRST_PAGES if name in pages), *sorted(pages.keys() - set(_FIRST_PAGES))]
    return [pages[name] for name in order]


def link_name(heading: str) -> str:
    """Return the name by which links of a Markdown file refer to a heading: "Find photos" is `find-photos`."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _title_of(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()
