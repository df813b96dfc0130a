"""Append-only journal files: JSON lines. A crash loses the last line at most.

A journal is plain ASCII. Bytes of file names that are not valid UTF-8 are stored as surrogates, so every name is read
back unchanged. The file name is the time of creation, so names sort by age.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.files.safe_copy import fsync_file, fsync_folder

_SUFFIX: Final = ".jsonl"

Line = dict[str, Any]


class JournalFile:
    """One journal file. It is written between `open` and `close` by one writer. Methods raise `OSError`."""

    def __init__(self, path: Path, complete_bytes: int) -> None:
        """Use the file at `path`, whose first `complete_bytes` bytes are complete lines (see `read_lines`)."""
        self.path = path
        self._complete_bytes = complete_bytes
        self._handle = -1

    @classmethod
    def create(cls, folder: Path, name: str, lines: Iterable[Line]) -> "JournalFile":
        """Write a new file atomically. Returns after the file and its name are on the disk."""
        path = path_of(folder, name)
        raw = b"".join(map(_as_bytes, lines))
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(raw)
        fsync_folder(folder)
        return cls(path, len(raw))

    @property
    def name(self) -> str:
        """The id of the journal: its file name without the extension."""
        return self.path.name.removesuffix(_SUFFIX)

    def open(self) -> None:
        """Open for appending, and drop an incomplete last line."""
        self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        if os.fstat(self._handle).st_size > self._complete_bytes:
            os.ftruncate(self._handle, self._complete_bytes)

    def close(self) -> None:
        """Fsync (best effort), then close. Idempotent."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                fsync_file(self._handle)
            os.close(self._handle)
            self._handle = -1

    def append(self, *lines: Line, fsync: bool) -> None:
        """Append all `lines` or none. With `fsync`, return after they are on the disk."""
        raw = b"".join(map(_as_bytes, lines))
        try:
            rest = memoryview(raw)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            if fsync:
                fsync_file(self._handle)
        except OSError:
            # An incomplete line must not precede the next one.
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, self._complete_bytes)
            raise
        self._complete_bytes += len(raw)


def path_of(folder: Path, name: str) -> Path:
    """Return the path of the journal `name`."""
    return folder / f"{name}{_SUFFIX}"


def name_for(moment: datetime) -> str:
    """Return the name of a journal created at `moment`. Later names sort last."""
    return f"{moment:%Y%m%d-%H%M%S-%f}"


def read_lines(path: Path) -> tuple[list[Any], JournalFile]:
    """Return the complete lines of the file, and the file for appending. Skips an incomplete last line.

    Raises `OSError`, and `ValueError` where a line is not JSON.
    """
    raw = path.read_bytes()
    complete = raw[: raw.rfind(b"\n") + 1]
    return [json.loads(line) for line in complete.splitlines()], JournalFile(path, len(complete))


def newest_first(folder: Path, prefix: str = "") -> list[Path]:
    """Return the journals in `folder` whose names begin with `prefix`; empty if the folder cannot be listed."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    wanted = (name for name in names if name.startswith(prefix) and name.endswith(_SUFFIX))
    return [folder / name for name in sorted(wanted, reverse=True)]


def _as_bytes(line: Line) -> bytes:
    return json.dumps(line).encode("ascii") + b"\n"
