"""The line of the preview that names the photos with the same content; a link goes to each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from catdog_desktop.gui.status_text import plural, shown_text
from catdog_desktop.gui.widgets.labels import Linked

_MOST: Final = 5
"""More are counted, not named."""


class EqualList(Linked):
    """Says which photos are the same photo; hidden where there is none."""

    chosen = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.linkActivated.connect(lambda number: self.chosen.emit(self._paths[int(number)]))
        self.show_photos(None, [])

    def show_photos(self, path: Path | None, equal: Sequence[Path]) -> None:
        """Name the photos `equal` that have the content of the one at `path`."""
        if path is not None and self._paths == list(equal):
            return
        self._paths = list(equal)
        self.setVisible(bool(equal))
        names = [_name(other, path) for other in equal[:_MOST]]
        links = [f"<a href='{number}'>{_as_html(name)}</a>" for number, name in enumerate(names)]
        more = f" and {plural(len(equal) - _MOST, 'other', 'others')}" if len(equal) > _MOST else ""
        self.show_words(f"Same photo as {', '.join(links)}{more}." if equal else "")
        self.setToolTip("<br>".join(_as_html(shown_text(str(other))) for other in equal[: 4 * _MOST]))
        self.setAccessibleName(f"Same photo as {', '.join(names)}{more}." if equal else "")


def _name(path: Path, beside: Path | None) -> str:
    """Return the file's name, and its folder where it lies elsewhere."""
    if beside is None or path.parent == beside.parent:
        return shown_text(path.name)
    return shown_text(str(Path(path.parent.name, path.name)))


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
