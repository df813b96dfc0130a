"""Save screenshots of the running app, without a screen: `python -m catdog_desktop.gui.screenshots FOLDER`.

The photos are the CC0 and public-domain samples of scikit-image: Chelsea the cat, a cup of coffee, a rocket, an
astronaut. They are dropped on the window.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catdog_desktop.gui.main_window import MainWindow
    from catdog_desktop.gui.model_import.import_dialog import ImportDialog
    from catdog_desktop.gui.sorting.sort_dialog import SortDialog


@dataclass(frozen=True, slots=True)
class Shot:
    """One screenshot: its file name and the state of the window."""

    name: str
    theme: str
    size: tuple[int, int] = (1180, 760)
    view: str = "grid"
    photos: bool = True
    prepare: "Callable[[MainWindow], None] | None" = None


def _heat(window: "MainWindow") -> None:
    window.action_table.run("view.next_heat_map")


def _large(window: "MainWindow") -> None:
    window.action_table.run("view.photo")


def _sort_plan(window: "MainWindow") -> None:
    window.action_table.run("file.sort")
    dialog = sort_dialog(window)
    assert dialog is not None
    dialog.choices.destination.setText(str(next(iter(window.session.sources)).parent / "Sorted"))
    dialog.preview.click()


def _import(window: "MainWindow") -> None:
    from catdog_desktop.paths import default_model

    # The app's own model, as if it had come from elsewhere: this needs no TensorFlow, and its results make sense.
    source = next(iter(window.session.sources)).parent / "cats and dogs.tflite"
    shutil.copyfile(default_model() / "model.tflite", source)
    window.models.import_model(source)


def import_dialog(window: "MainWindow") -> "ImportDialog | None":
    """Return the dialog *Import a model*, if it is open."""
    from catdog_desktop.gui.model_import.import_dialog import ImportDialog

    return window.findChild(ImportDialog)


def sort_dialog(window: "MainWindow") -> "SortDialog | None":
    """Return the dialog *Sort into folders*, if it is open."""
    from catdog_desktop.gui.sorting.sort_dialog import SortDialog

    return window.findChild(SortDialog)


SHOTS = (
    Shot("empty-light", "light", photos=False),
    Shot("light", "light"),
    Shot("dark", "dark"),
    Shot("heat-map", "dark", prepare=_heat),
    Shot("list", "light", view="list"),
    Shot("narrow", "light", size=(560, 720)),
    Shot("large", "dark", prepare=_large),
    Shot("sort-plan", "light", prepare=_sort_plan),
    Shot("import", "light", prepare=_import),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Save all screenshots into a folder and return the exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if len(arguments) != 1:
        print("usage: python -m catdog_desktop.gui.screenshots FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={write_screen(Path(temporary))}"
        os.environ["CATDOG_HOME"] = str(Path(temporary, "home"))
        photos = Path(temporary, "Holiday")
        photos.mkdir()
        write_photos(photos)
        for shot in SHOTS:
            target = folder / f"{shot.name}.png"
            take(shot, photos, target)
            print(target)  # noqa: T201
    return 0


def write_screen(folder: Path) -> Path:
    """Write the configuration of the offscreen platform: a laptop's screen instead of 800 x 800 pixels."""
    screen = {"name": "screen", "x": 0, "y": 0, "width": 1366, "height": 850, "dpr": 1}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    path = folder / "offscreen.json"
    path.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    return path


def write_photos(folder: Path) -> None:
    """Write the sample photos, a file that is not a photo and a system file into `folder`."""
    from PIL import Image, ImageEnhance
    from skimage import data

    chelsea = Image.fromarray(data.chelsea())
    photos = {
        "IMG_2041 Chelsea": chelsea,
        "IMG_2042 Chelsea at dusk": ImageEnhance.Brightness(chelsea).enhance(0.45),
        "IMG_2043 Coffee": Image.fromarray(data.coffee()),
        "IMG_2044 Rocket": Image.fromarray(data.rocket()),
        "IMG_2051 Astronaut": Image.fromarray(data.astronaut()),
        "IMG_2052 Chelsea in grey": chelsea.convert("L"),
        "IMG_2053 Camera": Image.fromarray(data.camera()),
        "IMG_2054 Whiskers": chelsea.crop((90, 90, 400, 300)),
    }
    for name, photo in photos.items():
        photo.save(folder / f"{name}.jpg", quality=92)
    (folder / "shopping list.jpg").write_text("milk\ncat food\n", encoding="utf-8")
    (folder / "Thumbs.db").write_bytes(b"\0")


def take(shot: Shot, photos: Path, target: Path) -> None:
    """Open the window, drop `photos` on it, wait until all are classified and save the screenshot."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from catdog_desktop.gui.main_window import MainWindow
    from catdog_desktop.gui.self_test import drop_on
    from catdog_desktop.paths import default_model, settings_file
    from catdog_desktop.settings import Settings

    app = QApplication.instance() or QApplication(["catdog-desktop"])
    window = MainWindow(default_model(), Settings(theme=shot.theme, view=shot.view), settings_file())
    window.resize(*shot.size)
    window.show()
    loop = QEventLoop()
    if shot.photos:
        window.session.job_ended.connect(lambda _: loop.quit())
        window.session.start()
        drop_on(window, [photos])
        loop.exec()
    if shot.prepare is not None:
        shot.prepare(window)
    # Thumbnails and the preview come from other threads.
    poll = QTimer(interval=20)
    poll.timeout.connect(lambda: loop.quit() if not shot.photos or is_complete(window) else None)
    poll.start()
    loop.exec()
    app.processEvents()
    (sort_dialog(window) or import_dialog(window) or window).grab().save(str(target))
    window.close()


def is_complete(window: "MainWindow") -> bool:
    """Whether everything visible has its final look."""
    from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, THUMBNAIL_ROLE

    dialog = sort_dialog(window)
    if dialog is not None and not dialog.is_planned:
        return False
    importing = import_dialog(window)
    if importing is not None and not importing.has_results:
        return False
    if window.viewing.is_open:
        return window.viewing.viewer.pane.has_photo
    gallery = window.session.gallery
    for number in window.gallery.visible_rows():
        index = gallery.index(number)
        row = index.data(ROW_ROLE)
        thumbnail_missing = row.result.scores is not None and index.data(THUMBNAIL_ROLE) is None
        if thumbnail_missing or time.monotonic() - row.result_time < 1:
            return False
    return not window.preview.isVisible() or window.preview.view.has_photo  # a narrow window does not show it


if __name__ == "__main__":
    sys.exit(main())
