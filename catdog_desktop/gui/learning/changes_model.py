"""Item model of the verdicts that would change, each with its photo."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from catdog_desktop.formatting import displayable, format_percent
from catdog_desktop.gui.gallery.thumbnails import FindThumbnail, Thumbnails
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.learning.lesson import Change
from catdog_desktop.messages import _
from catdog_desktop.verdict_text import verdict_word

PICTURE: Final = QSize(96, 72)
"""Size of a photo in the list, in points."""
_ANY_FINGERPRINT: Final = "of the lesson"
"""The cache asks for a fingerprint; the photos of one lesson do not change."""
_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


@safe_overrides
class ChangesModel(QAbstractListModel):
    """The changes of one lesson, in its order."""

    def __init__(self, changes: Sequence[Change], find_thumbnail: FindThumbnail, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changes = changes
        self._positions = {change.path: number for number, change in enumerate(changes)}
        # The store finds thumbnails by path alone, too.
        self._thumbnails = Thumbnails(lambda path, _key: find_thumbnail(path, ""), self)
        self._thumbnails.ready.connect(self._on_ready)

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return the number of changes."""
        return 0 if parent.isValid() else len(self._changes)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text, the photo and the path of a change."""
        if not index.isValid():
            return None
        change = self._changes[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{displayable(change.path.name)}\n{describe_change(change)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _("{name}: {change}").format(name=displayable(change.path.name), change=describe_change(change))
        if role == Qt.ItemDataRole.ToolTipRole:
            return displayable(str(change.path))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(change.path)
        return None

    def close(self) -> None:
        """Stop the thread that decodes photos, and wait for it."""
        self._thumbnails.close()

    def _picture(self, path: Path) -> QPixmap:
        image = self._thumbnails.get(path, b"", _ANY_FINGERPRINT)
        canvas = QImage(PICTURE, QImage.Format.Format_ARGB32_Premultiplied)
        canvas.fill(Qt.GlobalColor.transparent)
        if image is None or image.isNull():
            return QPixmap.fromImage(canvas)
        return QPixmap.fromImage(
            image.scaled(PICTURE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        )

    def _on_ready(self, paths: list[Path]) -> None:
        for path in paths:
            index = self.index(self._positions[path], 0)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def describe_change(change: Change) -> str:
    """Return "dog → neither (dog 81% → 4%)", with the score that moves most."""
    moves = {
        _("cat"): (change.scores_before.cat, change.scores_after.cat),
        _("dog"): (change.scores_before.dog, change.scores_after.dog),
    }
    animal, (old, new) = max(moves.items(), key=lambda item: abs(item[1][1] - item[1][0]))
    return _("{before} → {after} ({animal} {old} → {new})").format(
        before=verdict_word(change.before),
        after=verdict_word(change.after),
        animal=animal,
        old=format_percent(old),
        new=format_percent(new),
    )
