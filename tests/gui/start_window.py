"""Start the window as the program does, in a process of its own. Usage: start_window.py close|stay|report ARGUMENT...

Prints `window` once it is open, and then each photo that it lists; `close` closes it as soon as it is open. `report`
also prints the text over the window during a drag, and what its status line says, after `over: ` and `says: `.
"""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.app import main
from catdog_desktop.gui.main_window import MainWindow

end, *arguments = sys.argv[1:]
shown: set[str] = set()


def look() -> None:
    """Print what is new."""
    for window in QApplication.topLevelWidgets():
        if isinstance(window, MainWindow) and window.isVisible():
            names = {"window", *(row.name for row in window.session.gallery.rows())}
            if end == "report":
                if window.drop_overlay.isVisible():
                    names.add(f"over: {window.drop_overlay.text}")
                if window.status.message:
                    names.add(f"says: {window.status.message}")
            for name in sorted(names - shown, reverse=True):
                print(name, flush=True)
            shown.update(names)
            if end == "close":
                window.close()


app = QApplication([])
timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
sys.exit(main(arguments))
