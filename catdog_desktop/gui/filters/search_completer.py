"""Completes the last word of a search: "ca" becomes "cat:", "cat:" becomes "cat:>0.9"."""

from datetime import date
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

from catdog_desktop.gallery.search import completions
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.messages import _

_FROM_LENGTH: Final = 2
"""Shorter words are not completed: most of them are the beginning of a name."""


def search_help() -> str:
    """Return what a search can contain, with examples, for the tooltip of the field."""
    examples = (
        ("holiday beach", _("both words in the name or the folder")),
        ('"new york"', _("these words together")),
        ("-copy", _("without this word")),
        ("2019", _("this year, or in the name or the folder")),
        ("is:unsure", _("cat, dog, both, neither, unsure, problem, corrected, duplicate")),
        ("cat:>0.9 dog:<10%", _("scores")),
        ("date:2019-05", _("a year, month or day; also >=2019 or 2017..2019")),
        ("folder:holiday", _("in the folder only; name: in the name only")),
        ("size:>5MB rating:>=4", _("size of the file, your stars")),
    )
    return "\n".join(f"{example}  –  {meaning}" for example, meaning in examples)


@safe_overrides
class SearchCompleter(QCompleter):
    """Offers conditions below the search field while the user types."""

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        self._words = QStringListModel(self)
        self.setModel(self._words)
        self.setMaxVisibleItems(12)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        field.setCompleter(self)
        field.installEventFilter(self)
        popup = self.popup()
        assert popup is not None
        popup.installEventFilter(self)
        field.textEdited.connect(self._offer)

    def splitPath(self, path: str) -> list[str]:  # noqa: N802
        """Return the word to complete (called by Qt)."""
        return [_last_word(path)]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:  # noqa: N802
        """Return the whole search with a completed last word (called by Qt)."""
        text = self._field.text()
        return text[: len(text) - len(_last_word(text))] + str(index.data())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Escape close the list instead of clearing the search."""
        popup = self.popup()
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and popup is not None and popup.isVisible():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # not a shortcut: the key follows
                return True
            if event.type() == QEvent.Type.KeyPress:
                popup.hide()
                return True
        return super().eventFilter(watched, event)

    def _offer(self, text: str) -> None:
        word = _last_word(text)
        offered = completions(word, date.today()) if len(word) >= _FROM_LENGTH else []
        self._words.setStringList(offered)
        popup = self.popup()
        if not offered and popup is not None:
            popup.hide()


def _last_word(text: str) -> str:
    """Return what follows the last space outside quotation marks."""
    if text.count('"') % 2:
        return ""
    return text[text.rfind(" ") + 1 :]
