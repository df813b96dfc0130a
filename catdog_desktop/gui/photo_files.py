"""Photos as files for other programs: on the clipboard, dragged, or opened with the default program."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QImage, QPixmap
from PySide6.QtWidgets import QWidget

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.theme import GRID

GNOME_FILES: Final = "x-special/gnome-copied-files"
"""What Nautilus, Nemo, Caja, Thunar and PCManFM paste."""


def files_mime(paths: Sequence[Path]) -> QMimeData:
    """Return the files as a list of URLs, in the form of GNOME's file managers, and their names as text."""
    # By the bytes of each name: a `QUrl` of a local file cannot hold names that are not valid UTF-8.
    urls = [path.absolute().as_uri() for path in paths]
    mime = QMimeData()
    mime.setUrls([QUrl.fromEncoded(QByteArray(url.encode("ascii"))) for url in urls])
    mime.setText("\n".join(displayable(path.name) for path in paths))
    mime.setData(GNOME_FILES, QByteArray("\n".join(["copy", *urls]).encode("ascii")))
    return mime


def open_with_default_program(path: Path) -> bool:
    """Open a file with the program that the system uses for its kind; return whether one was started."""
    return QDesktopServices.openUrl(QUrl.fromEncoded(QByteArray(path.absolute().as_uri().encode("ascii"))))


def drag_files(source: QWidget, paths: Sequence[Path], picture: QImage | None) -> None:
    """Drag files out of `source`, with a picture of one under the mouse. Returns after the drop."""
    drag = QDrag(source)
    drag.setMimeData(files_mime(paths))
    if picture is not None and not picture.isNull():
        edge = 12 * GRID
        drag.setPixmap(QPixmap.fromImage(picture).scaled(edge, edge, Qt.AspectRatioMode.KeepAspectRatio))
    # Never a move: the files would disappear behind the back of the app.
    drag.exec(Qt.DropAction.CopyAction)
