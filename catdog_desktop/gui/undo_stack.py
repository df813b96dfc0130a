"""One undo and redo for everything that changes something: corrections, the list, sorts, keywords, the Trash.

Whoever changes something pushes a `Change`. The stack lives as long as the window; sorts, keywords and the Trash have
journals, so that they can be undone after a restart, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from PySide6.QtCore import QObject, Signal

MOST_CHANGES: Final = 1000
"""A window is open for weeks: older changes can no longer be undone here. Sorts and the Trash have journals."""


class ChangeKind(Enum):
    """What a change is about."""

    CORRECTION = "correction"
    RATING = "rating"
    LIST = "list"
    SORT = "sort"
    KEYWORDS = "keywords"
    TRASH = "trash"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was made, and how it is undone."""

    kind: ChangeKind
    text: str
    """To be read after "Undo: ": "mark 3 photos as dog"."""
    undo: Callable[[], object]
    redo: Callable[[], object] | None = None
    """Makes the change again, and pushes it again. None: it cannot be made again."""
    question: str = ""
    """Asked before the change is undone or made again, as a sentence with the number; empty: nothing is asked."""
    key: str = ""
    """Identifies the change, for example the id of its journal."""
    is_possible: Callable[[], bool] = lambda: True
    """Whether it can be undone or made again at the moment: one job runs at a time."""


class UndoStack(QObject):
    """The changes that can be undone, and those that were undone and can be made again."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._made_again: ChangeKind | None = None
        """The kind of the change that `redo` has begun to make again and that was not pushed yet."""

    @property
    def next_undo(self) -> Change | None:
        """The change that `undo` would undo."""
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> Change | None:
        """The change that `redo` would make again."""
        return self._undone[-1] if self._undone else None

    def push(self, change: Change) -> None:
        """Note a change that was just made. What was undone before can no longer be made again."""
        if change.kind is not self._made_again:
            self._undone.clear()
        self._made_again = None
        self._done.append(change)
        del self._done[:-MOST_CHANGES]
        self.changed.emit()

    def undo(self) -> None:
        """Undo the last change, without asking. Does nothing if nothing can be undone."""
        if self._done:
            change = self._done.pop()
            if change.redo is not None:
                self._undone.append(change)
            else:
                self._undone.clear()
            change.undo()
            self.changed.emit()

    def redo(self) -> None:
        """Redo the change that was undone last, without asking. Does nothing if nothing can be redone."""
        if self._undone:
            change = self._undone.pop()
            assert change.redo is not None
            self._made_again = change.kind
            change.redo()
            self.changed.emit()

    def discard(self, key: str) -> None:
        """Drop the change with this key: it was undone in another way."""
        if any(change.key == key for change in self._done):
            self._done = [change for change in self._done if change.key != key]
            self.changed.emit()

    def keep_newest(self, kind: ChangeKind, count: int) -> None:
        """Drop all changes of a kind but the newest `count`: what undoing the others needs is gone."""
        of_kind = [change for change in self._done if change.kind is kind]
        dropped = of_kind[: max(0, len(of_kind) - count)]
        undone = [change for change in self._undone if change.kind is not kind]
        if dropped or len(undone) != len(self._undone):
            self._done = [change for change in self._done if not any(change is other for other in dropped)]
            self._undone = undone
            self.changed.emit()
