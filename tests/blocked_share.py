"""A folder that the app takes for a network drive, and that stops answering when a test says so."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop.files import drive_calls

_CALLS = ("stat", "lstat", "scandir", "open", "listdir")


class BlockedShare:
    """While it is blocked, every call of `os` with a path in the folder waits."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, answer_seconds: float = 0.1) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._answers = threading.Event()
        self._answers.set()
        escaped = str(folder).replace(" ", "\\040")
        table = f"disk / ext4 rw 0 0\nnas:/x {escaped} nfs4 rw 0 0\n"
        monkeypatch.setattr(drive_calls, "mount_table", lambda: table)
        monkeypatch.setattr(drive_calls, "_mounts", drive_calls._Mounts())
        monkeypatch.setattr(drive_calls, "_drives", drive_calls._Drives())
        monkeypatch.setattr(drive_calls, "_TRY_AGAIN_SECONDS", 0.2)
        monkeypatch.setattr(drive_calls, "_IDLE_SECONDS", 0.1)
        monkeypatch.setattr(drive_calls.call_drive, "__kwdefaults__", {"seconds": answer_seconds})
        for name in _CALLS:
            monkeypatch.setattr(os, name, self._blocking(getattr(os, name)))
        monkeypatch.setattr(drive_calls.io, "FileIO", self._file_class(drive_calls.io.FileIO))

    def block(self) -> None:
        self._answers.clear()

    def unblock(self) -> None:
        self._answers.set()

    def _wait(self, path: object) -> None:
        if isinstance(path, str | Path) and str(path).startswith(str(self.folder)):
            assert self._answers.wait(60)

    def _blocking(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
            self._wait(path)
            return real(path, *args, **kwargs)

        return call

    def _file_class(self, real: type) -> type:
        wait = self._wait

        class File(real):  # type: ignore[misc]
            def read(self, *args: Any) -> bytes:
                wait(self.name)
                return bytes(super().read(*args))

        return File
