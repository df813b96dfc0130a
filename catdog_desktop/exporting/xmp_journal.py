"""The journal of a keyword export, with the previous content of every sidecar, so that the export can be undone.

A journal is a JSON lines file: a head, then a line for each sidecar, fsynced before the sidecar is written. The line
holds the previous bytes and a digest of the new ones. Undo appends a line for each restored sidecar, and removes the
journal when nothing is left to undo. After a crash nothing has to be finished: exporting again does the rest.
"""

import base64
import contextlib
import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Final, Self

from catdog_desktop import __version__
from catdog_desktop.files.atomic_write import reason_of
from catdog_desktop.files.journal_file import JournalFile, Line, name_for, newest_first, path_of, read_lines
from catdog_desktop.messages import _
from catdog_desktop.paths import data_folder

ID_PREFIX: Final = "xmp-"
"""Distinguishes the ids of these journals from those of sorts."""
_FORMAT: Final = 1


class XmpProblem(Enum):
    """Why keywords cannot be exported, or an export not undone."""

    BUSY = auto()
    LOCK_UNUSABLE = auto()
    """The detail is the whole sentence of the lock."""
    JOURNAL_NOT_WRITTEN = auto()
    JOURNAL_NOT_READ = auto()
    JOURNAL_NOT_REMOVED = auto()
    JOURNAL_DAMAGED = auto()
    JOURNAL_NEWER = auto()
    UNKNOWN_EXPORT = auto()


class XmpExportError(Exception):
    """The export or undo cannot start or continue. `str` is a sentence for the user."""

    def __init__(self, problem: XmpProblem, place: Path | str = "", detail: object = "") -> None:
        super().__init__(problem, place, str(detail))
        self.problem = problem
        self.place = place
        """The journal, or the id of the export, if the sentence names it."""
        self.detail = str(detail)
        """The reason that the system gives, or the version of the app."""

    def __str__(self) -> str:
        return {
            XmpProblem.BUSY: _("A sort or another export is running. Wait until it has ended, then try again."),
            XmpProblem.LOCK_UNUSABLE: "{detail}",
            XmpProblem.JOURNAL_NOT_WRITTEN: _("The journal of the export cannot be written ({detail})."),
            XmpProblem.JOURNAL_NOT_READ: _("The journal of the export cannot be read ({detail})."),
            XmpProblem.JOURNAL_NOT_REMOVED: _("The journal of the export cannot be removed ({detail})."),
            XmpProblem.JOURNAL_DAMAGED: _("The journal {place} is damaged ({detail}). No sidecar was changed."),
            XmpProblem.JOURNAL_NEWER: _(
                "The journal {place} was written by a newer CatDog ({detail}). Use that version."
            ),
            XmpProblem.UNKNOWN_EXPORT: _("There is no export “{place}”. “catdog undo --list” lists all exports."),
        }[self.problem].format(place=self.place, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Before:
    """Content, permissions and modification time of a sidecar before the export."""

    content: bytes
    mode: int
    modified_ns: int


@dataclass(slots=True)
class SidecarEntry:
    """One sidecar that an export changes or creates."""

    photo: Path
    sidecar: Path
    before: Before | None
    """None if the export creates the sidecar."""
    after: str
    """Digest of the exported content."""
    undone: bool = False
    number: int = -1
    """Its index in the journal."""


@dataclass(slots=True)
class XmpJournal:
    """The journal of one export. The caller of methods that write must hold the lock (`sorting.lock.one_writer`)."""

    file: JournalFile
    started: datetime
    entries: list[SidecarEntry] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id of this export."""
        return self.file.name

    @property
    def open_entries(self) -> list[SidecarEntry]:
        """The entries that are not undone, the last first."""
        return [entry for entry in reversed(self.entries) if not entry.undone]

    def __enter__(self) -> Self:
        """Open for appending."""
        with _reraise_write_error():
            self.file.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def announce(self, entries: Sequence[SidecarEntry]) -> None:
        """Record that these sidecars are about to be written. Returns after the lines are on the disk."""
        self._write(*map(_entry_as_line, entries), fsync=True)
        for entry in entries:
            self.add(entry)

    def add(self, entry: SidecarEntry) -> None:
        """Add an entry that is in the journal file."""
        entry.number = len(self.entries)
        self.entries.append(entry)

    def note_undone(self, entry: SidecarEntry) -> None:
        """Record that a sidecar is restored."""
        self._write({"undone": entry.number}, fsync=False)
        entry.undone = True

    def remove(self) -> None:
        """Delete the journal with the previous content of the sidecars."""
        self.__exit__()
        with _reraise_as(XmpProblem.JOURNAL_NOT_REMOVED):
            self.file.path.unlink(missing_ok=True)

    def _write(self, *lines: Line, fsync: bool) -> None:
        with _reraise_write_error():
            self.file.append(*lines, fsync=fsync)


def digest_of(content: bytes) -> str:
    """Return the BLAKE2b digest of `content` as 64 hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=32).hexdigest()


def xmp_journals_folder() -> Path:
    """Return the folder of these journals."""
    return data_folder() / "xmp-journals"


def create_xmp_journal(folder: Path) -> XmpJournal:
    """Create a journal. Raises `XmpExportError`."""
    started = datetime.now(UTC)
    head: Line = {"xmp_journal": _FORMAT, "app": __version__, "started": started.isoformat()}
    with _reraise_write_error():
        file = JournalFile.create(folder, ID_PREFIX + name_for(started), [head])
    return XmpJournal(file, started)


def read_xmp_journal(path: Path) -> XmpJournal:
    """Read the journal at `path`. Raises `XmpExportError`."""
    try:
        with _reraise_as(XmpProblem.JOURNAL_NOT_READ):
            lines, file = read_lines(path)
        if lines[0]["xmp_journal"] > _FORMAT:
            raise XmpExportError(XmpProblem.JOURNAL_NEWER, path, lines[0]["app"])
        journal = XmpJournal(file, datetime.fromisoformat(lines[0]["started"]))
        for line in lines[1:]:
            if "undone" in line:
                journal.entries[line["undone"]].undone = True
            else:
                journal.add(_entry_from_line(line))
    except (ValueError, KeyError, IndexError, TypeError, zlib.error) as error:
        reason = f"{type(error).__name__}: {error}"
        raise XmpExportError(XmpProblem.JOURNAL_DAMAGED, path, reason) from error
    return journal


def find_xmp_journal(folder: Path, journal_id: str) -> XmpJournal:
    """Return the journal of the export `journal_id`. Raises `XmpExportError` if it does not exist."""
    path = path_of(folder, journal_id)
    is_export_id = path.parent == folder and journal_id.startswith(ID_PREFIX)
    if not is_export_id or not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises for invalid names.
        raise XmpExportError(XmpProblem.UNKNOWN_EXPORT, journal_id)
    return read_xmp_journal(path)


def list_xmp_journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, the newest first."""
    return newest_first(folder, ID_PREFIX)


@contextlib.contextmanager
def _reraise_as(problem: XmpProblem) -> Iterator[None]:
    """Turn an `OSError` in the context into an `XmpExportError`."""
    try:
        yield
    except OSError as error:
        raise XmpExportError(problem, detail=reason_of(error)) from error


def _reraise_write_error() -> contextlib.AbstractContextManager[None]:
    return _reraise_as(XmpProblem.JOURNAL_NOT_WRITTEN)


def _entry_as_line(entry: SidecarEntry) -> Line:
    before = entry.before
    kept = None
    if before is not None:
        packed = base64.b64encode(zlib.compress(before.content)).decode("ascii")
        kept = {"content": packed, "mode": before.mode, "modified_ns": before.modified_ns}
    return {"photo": str(entry.photo), "sidecar": str(entry.sidecar), "before": kept, "after": entry.after}


def _entry_from_line(line: Line) -> SidecarEntry:
    kept = line["before"]
    before = None
    if kept is not None:
        before = Before(zlib.decompress(base64.b64decode(kept["content"])), kept["mode"], kept["modified_ns"])
    return SidecarEntry(Path(line["photo"]), Path(line["sidecar"]), before, line["after"])
