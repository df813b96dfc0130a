"""A window whose square is dragged with given formats. Usage: drag_source.py FORMATS.json (values in Latin-1).

Prints `ready` when it is shown, and the result of each drag.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, Qt, QTimer
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

formats = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


class Source(QWidget):
    """Starts a drag when the mouse moves with a pressed button."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("drag source")
        self.setGeometry(0, 0, 150, 150)
        self.is_shown = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        mime = QMimeData()
        for name, data in formats.items():
            mime.setData(name, QByteArray(data.encode("latin-1")))
        drag = QDrag(self)
        drag.setMimeData(mime)
        action = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction)
        print(action.name, flush=True)


app = QApplication(sys.argv[:1])
source = Source()
source.show()
QTimer.singleShot(0, lambda: print("ready", flush=True))
sys.exit(app.exec())
