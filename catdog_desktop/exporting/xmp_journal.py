"""The journal of a keyword export, with the previous content of every sidecar, so that the export can be undone.

A journal is a JSON lines file: a head, then a line for each sidecar, fsynced before the sidecar is written. The line
holds the previous bytes and a digest of the new ones. Undo appends a line for each restored sidecar, and removes the
journal when nothing is left to undo. After a crash nothing has to be finished: exporting again does the rest.
"""

import base64
import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from catdog_desktop import __version__
from catdog_desktop.files.atomic_write import reraise_oserror_as
from catdog_desktop.files.journal_file import JournalFile, Line, name_for, newest_first, path_of, read_lines
from catdog_desktop.messages import _
from catdog_desktop.paths import data_folder

ID_PREFIX: Final = "xmp-"
"""Distinguishes the ids of these journals from those of sorts."""
_FORMAT: Final = 1


class XmpJournalError(Exception):
    """A journal cannot be written or read. The message is a sentence. No sidecar was changed."""


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
        with reraise_oserror_as(XmpJournalError, _("The journal of the export cannot be removed")):
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
    """Create a journal. Raises `XmpJournalError`."""
    started = datetime.now(UTC)
    head: Line = {"xmp_journal": _FORMAT, "app": __version__, "started": started.isoformat()}
    with _reraise_write_error():
        file = JournalFile.create(folder, ID_PREFIX + name_for(started), [head])
    return XmpJournal(file, started)


def read_xmp_journal(path: Path) -> XmpJournal:
    """Read the journal at `path`. Raises `XmpJournalError`."""
    try:
        with reraise_oserror_as(XmpJournalError, _("The journal of the export cannot be read")):
            lines, file = read_lines(path)
        if lines[0]["xmp_journal"] > _FORMAT:
            raise XmpJournalError(
                _("The journal {path} was written by a newer CatDog ({version}). Use that version.").format(
                    path=path, version=lines[0]["app"]
                )
            )
        journal = XmpJournal(file, datetime.fromisoformat(lines[0]["started"]))
        for line in lines[1:]:
            if "undone" in line:
                journal.entries[line["undone"]].undone = True
            else:
                journal.add(_entry_from_line(line))
    except (ValueError, KeyError, IndexError, TypeError, zlib.error) as error:
        raise XmpJournalError(
            _("The journal {path} is damaged ({error}). No sidecar was changed.").format(
                path=path, error=f"{type(error).__name__}: {error}"
            )
        ) from error
    return journal


def find_xmp_journal(folder: Path, journal_id: str) -> XmpJournal:
    """Return the journal of the export `journal_id`. Raises `XmpJournalError` if it does not exist."""
    path = path_of(folder, journal_id)
    is_export_id = path.parent == folder and journal_id.startswith(ID_PREFIX)
    if not is_export_id or not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises for invalid names.
        raise XmpJournalError(
            _("There is no export “{id}”. “catdog undo --list” lists all exports.").format(id=journal_id)
        )
    return read_xmp_journal(path)


def list_xmp_journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, the newest first."""
    return newest_first(folder, ID_PREFIX)


def _reraise_write_error() -> Any:
    return reraise_oserror_as(XmpJournalError, _("The journal of the export cannot be written"))


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
