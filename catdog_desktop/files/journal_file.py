"""The file that a journal is kept in: JSON lines that are only ever added, and of which a crash costs the last at most.

It is plain ASCII, with the bytes of odd names as surrogates, so that every name comes back as it was. Its name is the
moment at which it was begun, so that the names tell which is the newest.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from catdog_desktop.files.safe_copy import force_folder_to_disk, force_to_disk
from catdog_desktop.files.whole_file import whole_file

_SUFFIX: Final = ".jsonl"

Line = dict[str, Any]


class JournalFile:
    """One such file. It is written between `open` and `close` only, by one writer. What the disk refuses: `OSError`."""

    def __init__(self, path: Path, whole_bytes: int) -> None:
        """Take where it lies, and how many of its bytes are whole lines (see `read_lines`)."""
        self.path = path
        self._whole_bytes = whole_bytes
        self._handle = -1

    @classmethod
    def create(cls, folder: Path, name: str, lines: Iterable[Line]) -> "JournalFile":
        """Write a new file, whole or not at all; return when it and its name are on the disk."""
        path = path_of(folder, name)
        raw = b"".join(map(_as_bytes, lines))
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(raw)
        force_folder_to_disk(folder)
        return cls(path, len(raw))

    @property
    def name(self) -> str:
        """By which it is found again."""
        return self.path.name.removesuffix(_SUFFIX)

    def open(self) -> None:
        """Open for writing, after the last whole line."""
        self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        if os.fstat(self._handle).st_size > self._whole_bytes:
            os.ftruncate(self._handle, self._whole_bytes)

    def close(self) -> None:
        """Force the last lines to the disk, as far as it lets itself be forced; closed already, do nothing."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                force_to_disk(self._handle)
            os.close(self._handle)
            self._handle = -1

    def add(self, *lines: Line, forced: bool) -> None:
        """Add lines, all or none; `forced`: return when they are on the disk."""
        raw = b"".join(map(_as_bytes, lines))
        try:
            rest = memoryview(raw)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            if forced:
                force_to_disk(self._handle)
        except OSError:
            # Half a line must not stand before the next one.
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, self._whole_bytes)
            raise
        self._whole_bytes += len(raw)


def path_of(folder: Path, name: str) -> Path:
    """Return where the journal of that name lies."""
    return folder / f"{name}{_SUFFIX}"


def name_for(moment: datetime) -> str:
    """Return the name of a journal that is begun at `moment`: in the order of the alphabet, the later one is last."""
    return f"{moment:%Y%m%d-%H%M%S-%f}"


def read_lines(path: Path) -> tuple[list[Any], JournalFile]:
    """Return the lines of the file, and the file to go on with. Half a line at its end, of a crash, is left out.

    Raises `OSError`, and `ValueError` where a line is not JSON.
    """
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], JournalFile(path, len(whole))


def newest_first(folder: Path, prefix: str = "") -> list[Path]:
    """Return the journals in `folder` whose names begin with `prefix`; none if it cannot be looked into."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    wanted = (name for name in names if name.startswith(prefix) and name.endswith(_SUFFIX))
    return [folder / name for name in sorted(wanted, reverse=True)]


def _as_bytes(line: Line) -> bytes:
    return json.dumps(line).encode("ascii") + b"\n"
