"""Save the animated picture of the README: `python -m catdog_desktop.gui.animated_picture FILE.webp`.

The window is the running app, without a screen, driven by a script: a folder is dropped, photos get their scores, are
filtered, viewed with a heat map, corrected and sorted. The photos are those of `gui/screenshots.py` (CC0 and public
domain). Each frame is shown as long as the script says, whatever the speed of the computer.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catdog_desktop.gui.screenshots import is_complete, sort_dialog, write_photos, write_screen

if TYPE_CHECKING:
    from PIL.Image import Image
    from PySide6.QtGui import QPixmap

    from catdog_desktop.gui.main_window import MainWindow

SECONDS: Final = 20
"""Length of the picture."""
_SIZE: Final = (1180, 760)
_STEP_MS: Final = 120
"""How long a frame of a movement is shown."""
_ARRIVAL_MS: Final = 2400
"""How long the arrival of the scores takes in the picture."""
_PATIENCE: Final = 120.0
"""Seconds to wait for a state of the app."""
_SETTLE_SECONDS: Final = 0.4
"""Time for layouts, bars that grow and photos that are decoded, before a frame that is shown for long."""
_QUALITY: Final = 93
"""Of WebP, 0 to 100: text stays sharp."""


def main(argv: Sequence[str] | None = None) -> int:
    """Save the picture and return the exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if len(arguments) != 1:
        print("usage: python -m catdog_desktop.gui.animated_picture FILE.webp", file=sys.stderr)  # noqa: T201
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={write_screen(Path(temporary))}"
        os.environ["CATDOG_HOME"] = str(Path(temporary, "home"))
        record(Path(temporary), Path(arguments[0]))
    print(arguments[0])  # noqa: T201
    return 0


def record(folder: Path, target: Path) -> None:
    """Make photos below `folder`, play the script in a window and save `target`."""
    from PySide6.QtWidgets import QApplication

    from catdog_desktop.gui.main_window import MainWindow
    from catdog_desktop.paths import default_model, settings_file
    from catdog_desktop.settings import Settings

    photos = folder / "Holiday"
    photos.mkdir()
    write_photos(photos)
    app = QApplication.instance() or QApplication(["catdog-desktop"])
    window = MainWindow(default_model(), Settings(theme="light", tour_seen=True), settings_file())
    window.resize(*_SIZE)
    window.show()
    window.session.start()
    film = _Film(window)
    film.wait_for(lambda: window.session.model is not None)
    _play(film, photos)
    window.close()
    app.processEvents()
    film.save(target)


class _Film:
    """The frames so far, each with its time and a caption."""

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self.caption = ""
        self._frames: list[Image] = []
        self._milliseconds: list[int] = []

    @property
    def milliseconds(self) -> int:
        """The length so far."""
        return sum(self._milliseconds)

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Process events until `condition` holds. Raises `TimeoutError`."""
        from PySide6.QtWidgets import QApplication

        end = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"no end of the wait after “{self.caption}”")
            QApplication.processEvents()
            time.sleep(0.005)

    def show(self, milliseconds: int) -> None:
        """Add what the window shows, with an open dialog over it."""
        from PIL import Image

        raw = io.BytesIO(_png(self._painted()))
        frame = Image.open(raw).convert("RGB")
        if self._frames and frame.tobytes() == self._frames[-1].tobytes():
            self._milliseconds[-1] += milliseconds
            return
        self._frames.append(frame)
        self._milliseconds.append(milliseconds)

    def settle_and_show(self, milliseconds: int) -> None:
        """Add what the window shows once it is at rest."""
        self._pass(_SETTLE_SECONDS)
        self.wait_for(lambda: is_complete(self.window))
        self.show(milliseconds)

    def show_until(self, condition: Callable[[], object], milliseconds: int) -> None:
        """Add a movement that ends when `condition` holds, and the last frame for the rest of `milliseconds`."""
        began = self.milliseconds
        while not condition() and self.milliseconds - began < milliseconds - _STEP_MS:
            self.show(_STEP_MS)
            self._pass(_STEP_MS / 1000)
        self.wait_for(condition)
        self.show(milliseconds - (self.milliseconds - began))

    def save(self, target: Path) -> None:
        """Write an animated WebP file that repeats for ever."""
        first, *others = self._frames
        first.save(
            target, save_all=True, append_images=others, duration=self._milliseconds, loop=0, quality=_QUALITY, method=6
        )

    def _pass(self, seconds: float) -> None:
        """Process events for `seconds`."""
        until = time.monotonic() + seconds
        self.wait_for(lambda: time.monotonic() >= until)

    def _painted(self) -> "QPixmap":
        """Return the window, an open sort dialog in its middle, and the caption at the bottom."""
        from PySide6.QtCore import QRectF, Qt
        from PySide6.QtGui import QColor, QPainter

        picture, dialog = self.window.grab(), sort_dialog(self.window)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if dialog is not None and dialog.isVisible():
                grabbed = dialog.grab()
                place = grabbed.rect()
                place.moveCenter(picture.rect().center())
                painter.drawPixmap(place.topLeft(), grabbed)
                painter.setPen(QColor(96, 96, 96))
                painter.drawRect(place)
            font = painter.font()
            font.setPointSizeF(font.pointSizeF() * 1.5)
            painter.setFont(font)
            metrics = painter.fontMetrics()
            width, height = metrics.horizontalAdvance(self.caption) + 48, metrics.height() + 24
            pill = QRectF((picture.width() - width) / 2, picture.height() - height - 104, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(20, 24, 28, 225))
            painter.drawRoundedRect(pill, height / 2, height / 2)
            painter.setPen(QColor(255, 255, 255))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self.caption)
        return picture


def _png(picture: "QPixmap") -> bytes:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice

    raw = QByteArray()
    buffer = QBuffer(raw)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(raw.data())


def _play(film: _Film, photos: Path) -> None:
    """Play the script: `SECONDS` in all."""
    from PySide6.QtCore import QMimeData, Qt, QUrl
    from PySide6.QtGui import QDragEnterEvent
    from PySide6.QtWidgets import QApplication

    from catdog_desktop.gallery.photo_row import State
    from catdog_desktop.gallery.query import Filter
    from catdog_desktop.gui.self_test import drop_on

    window = film.window
    film.caption = "Drop a folder of photos on the window"
    film.show(1300)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photos))])
    QApplication.sendEvent(
        window,
        QDragEnterEvent(
            window.rect().center(),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    film.show(900)
    drop_on(window, [photos])
    film.caption = "Each photo gets two scores: cat and dog"
    film.show_until(
        lambda: not window.session.busy and window.session.gallery.rows_in(State.DONE) and is_complete(window),
        _ARRIVAL_MS,
    )
    film.show(1600)
    film.caption = "Filter, search and group"
    window.filtering.set_filter(Filter.CAT)
    film.settle_and_show(1700)
    film.caption = "See where the animal is, and why"
    window.gallery.set_current_position(0)
    window.action_table.run("view.photo")
    film.settle_and_show(1200)
    window.action_table.run("view.next_heat_map")
    film.settle_and_show(1000)
    window.action_table.run("view.information")
    film.settle_and_show(1900)
    film.caption = "Wrong? One key corrects it, Ctrl+Z undoes it"
    window.action_table.run("view.information")
    window.viewing.close()
    window.filtering.set_filter(Filter.ALL)
    window.gallery.select_path(photos / "IMG_2043 Coffee.jpg")
    window.action_table.run("photos.mark.dog")
    film.settle_and_show(1500)
    window.action_table.run("edit.undo")
    film.settle_and_show(1200)
    film.caption = "Sort into folders: first the plan"
    window.gallery.clearSelection()
    window.action_table.run("file.sort")
    dialog = sort_dialog(window)
    assert dialog is not None
    dialog.choices.destination.setText(str(photos.parent / "Sorted"))
    dialog.preview.click()
    film.wait_for(lambda: dialog.is_planned)
    film.show(2700)
    film.caption = "Every sort can be undone"
    dialog.start.click()
    film.wait_for(lambda: not window.sort.is_running and window.sort.bar.isVisible())
    film.settle_and_show(SECONDS * 1000 - film.milliseconds)


if __name__ == "__main__":
    sys.exit(main())
