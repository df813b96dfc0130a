"""What a second start asks the open window for: more photos, and to come to the front."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.single_instance import OpenRequest, RequestListener

if TYPE_CHECKING:
    from catdog_desktop.gui.main_window import MainWindow


@safe_overrides
class OpenRequests(QObject):
    """Passes requests from the listener's threads to the window. No request is taken once the window closes."""

    _received = Signal(object)  # OpenRequest, from any thread

    def __init__(
        self,
        listener: RequestListener,
        window: MainWindow,
        open_paths: Callable[[MainWindow, Sequence[Path]], None],
    ) -> None:
        super().__init__(window)
        self._listener = listener
        self._window = window
        self._open_paths = open_paths
        self._received.connect(self._open)
        window.installEventFilter(self)
        listener.subscribe(self._received.emit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Refuse requests from the moment on at which the window begins to close."""
        if event.type() == QEvent.Type.Close:
            self._listener.refuse()
        return False

    def _open(self, request: OpenRequest) -> None:
        if request.activation_token:
            os.environ["XDG_ACTIVATION_TOKEN"] = request.activation_token  # read by Qt in activateWindow()
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        QApplication.alert(window)  # where the desktop does not let a window come to the front
        self._open_paths(window, request.paths)
