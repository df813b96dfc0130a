"""Open the window's pages and dialogs one after the other, in any language, for tests that look at all of them."""

from collections.abc import Iterator
from pathlib import Path

from driving import App
from further_states import further_states
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from catdog_desktop.gui.dialogs import CrashDialog
from catdog_desktop.gui.viewer.photo_view import Heat

DIALOGS = {
    "settings": "edit.settings",
    "shortcuts": "help.shortcuts",
    "about": "help.about",
    "command palette": "help.command_palette",
    "skipped files": "file.skipped_files",
    "sort": "file.sort",
    "export": "file.export",
    "locate": "file.locate_folder",
    "statistics": "view.statistics",
    "more filters": "view.more_filters",
    "duplicates": "edit.select_duplicates",
}
"""The states that are a dialog or a part of the window, and the actions that open them."""
PARTS = {"more filters"}
"""Those without a dialog."""


def states(app: App, folder: Path, photos: list[Path]) -> Iterator[tuple[str, QWidget]]:
    """Yield the name and the widget of each state; the next one begins when the caller goes on."""
    window = app.window
    yield "start page", window
    (folder / "note.jpg").write_text("no photo")
    (folder / "Thumbs.db").touch()
    (folder / "copy.jpg").write_bytes(photos[0].read_bytes())
    app.add(folder)
    app.wait_done(len(photos) + 2)
    yield "gallery", window
    app.run("view.list")
    yield "list", window
    app.run("view.grid")
    app.select(photos[:2])
    yield "selection", window
    app.run("photos.mark.cat")
    for name, action in DIALOGS.items():
        app.run(action)
        # Some dialogs open only after a task in the background.
        app.wait_for(lambda is_part=name in PARTS: (_opened(window) is window) == is_part)
        opened = _opened(window)
        yield name, opened
        if opened is not window:
            opened.close()
            app.wait_for(lambda: _opened(window) is window)
    crash = CrashDialog(ValueError("made by a test"), window)
    crash.show()
    yield "crash", crash
    crash.close()
    app.run("help.contents")
    help_window = next(each for each in QApplication.topLevelWidgets() if "HelpWindow" in type(each).__name__)
    yield "help", help_window
    help_window.close()
    app.run("view.clear_filters")  # of the duplicates
    app.select(photos[:1])
    app.run("view.photo")
    app.run("view.information")
    yield "viewer", window
    app.run("view.why")
    app.wait_for(lambda: window.preview.heat is not Heat.OFF)
    yield "why", window
    app.run("view.back")
    app.wait_for(lambda: not window.viewing.is_open)
    window.gallery.select_paths(photos[:2])
    app.run("view.compare")
    yield "compare", window
    app.run("view.back")
    yield from further_states(app, folder, photos)


def _opened(window: QWidget) -> QWidget:
    dialogs = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    return dialogs[-1] if dialogs else window
