"""What an export of keywords has changed, with every sidecar as it was before: so that it can be undone.

A journal is a file of lines: a head, then a line for each sidecar, on the disk before the sidecar is written. It
holds the bytes that were there and a digest of those that come. Undoing adds a line for each that is done, and when
nothing is left to undo the journal goes. After a crash nothing needs to be finished: to export again does the rest.
"""

import base64
import hashlib
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from catdog_desktop import __version__
from catdog_desktop.files.atomic_write import reraise_oserror_as
from catdog_desktop.files.journal_file import JournalFile, Line, name_for, newest_first, path_of, read_lines
from catdog_desktop.paths import data_folder

ID_PREFIX: Final = "xmp-"
"""By this the ids of these journals differ from those of sorts."""
_FORMAT: Final = 1
_NOT_WRITTEN: Final = "The journal of the export cannot be written"


class XmpJournalError(Exception):
    """A journal cannot be written or read; the message is a sentence. No sidecar was touched."""


@dataclass(frozen=True, slots=True)
class Before:
    """A sidecar as it was."""

    content: bytes
    mode: int
    modified_ns: int


@dataclass(slots=True)
class SidecarEntry:
    """One sidecar that an export has changed or made."""

    photo: Path
    sidecar: Path
    before: Before | None
    """None: there was none."""
    after: str
    """Digest of what the export wrote."""
    undone: bool = False
    number: int = -1
    """Its place in the journal."""


@dataclass(slots=True)
class XmpJournal:
    """The journal of one export. Whoever calls what writes must be the one writer."""

    file: JournalFile
    started: datetime
    entries: list[SidecarEntry] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The name of this export."""
        return self.file.name

    @property
    def open_entries(self) -> list[SidecarEntry]:
        """What is not undone, the last first."""
        return [entry for entry in reversed(self.entries) if not entry.undone]

    def __enter__(self) -> Self:
        """Open for writing, after the last whole line."""
        with reraise_oserror_as(XmpJournalError, _NOT_WRITTEN):
            self.file.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def announce(self, entries: Sequence[SidecarEntry]) -> None:
        """Say that these sidecars are about to be written, and return when that is on the disk."""
        self._write(*map(_entry_as_line, entries), forced=True)
        for entry in entries:
            self.take(entry)

    def take(self, entry: SidecarEntry) -> None:
        """Note an entry that stands in the journal."""
        entry.number = len(self.entries)
        self.entries.append(entry)

    def note_undone(self, entry: SidecarEntry) -> None:
        """Say that a sidecar is as it was."""
        self._write({"undone": entry.number}, forced=False)
        entry.undone = True

    def remove(self) -> None:
        """Let the journal go, and with it what the sidecars were before."""
        self.__exit__()
        with reraise_oserror_as(XmpJournalError, "The journal of the export cannot be removed"):
            self.file.path.unlink(missing_ok=True)

    def _write(self, *lines: Line, forced: bool) -> None:
        with reraise_oserror_as(XmpJournalError, _NOT_WRITTEN):
            self.file.append(*lines, fsync=forced)


def digest_of(content: bytes) -> str:
    """Return what tells one content from another."""
    return hashlib.blake2b(content, digest_size=32).hexdigest()


def xmp_journals_folder() -> Path:
    """Return where these journals are kept."""
    return data_folder() / "xmp-journals"


def create_xmp_journal(folder: Path) -> XmpJournal:
    """Begin a journal. Raises `XmpJournalError`."""
    started = datetime.now(UTC)
    head: Line = {"xmp_journal": _FORMAT, "app": __version__, "started": started.isoformat()}
    with reraise_oserror_as(XmpJournalError, _NOT_WRITTEN):
        file = JournalFile.create(folder, ID_PREFIX + name_for(started), [head])
    return XmpJournal(file, started)


def read_xmp_journal(path: Path) -> XmpJournal:
    """Return what a journal tells. Raises `XmpJournalError`."""
    try:
        with reraise_oserror_as(XmpJournalError, "The journal of the export cannot be read"):
            lines, file = read_lines(path)
        if lines[0]["xmp_journal"] > _FORMAT:
            raise XmpJournalError(
                f"The journal {path} was written by a newer CatDog ({lines[0]['app']}). Use that one."
            )
        journal = XmpJournal(file, datetime.fromisoformat(lines[0]["started"]))
        for line in lines[1:]:
            if "undone" in line:
                journal.entries[line["undone"]].undone = True
            else:
                journal.take(_entry_from_line(line))
    except (ValueError, KeyError, IndexError, TypeError, zlib.error) as error:
        raise XmpJournalError(
            f"The journal {path} is damaged ({type(error).__name__}: {error}). No sidecar was touched."
        ) from error
    return journal


def find_xmp_journal(folder: Path, journal_id: str) -> XmpJournal:
    """Return the journal of the export `journal_id`. Raises `XmpJournalError` if there is none."""
    path = path_of(folder, journal_id)
    is_one = path.parent == folder and journal_id.startswith(ID_PREFIX)
    if not is_one or not os.path.isfile(path):  # noqa: PTH113  Path's raises for a name that cannot be.
        raise XmpJournalError(f"There is no export “{journal_id}”. “catdog undo --list” lists those there are.")
    return read_xmp_journal(path)


def list_xmp_journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, the newest first."""
    return newest_first(folder, ID_PREFIX)


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
