"""What an export of keywords has changed, with every sidecar as it was before: so that it can be undone.

A journal is a file of JSON lines: a head, then a line for each sidecar, on the disk before the sidecar is written. It
holds the bytes that were there and a digest of those that come. Undoing adds a line for each that is done, and when
nothing is left to undo the journal goes. After a crash nothing needs to be finished: to export again does the rest.
"""

import base64
import contextlib
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from catdog_desktop import __version__
from catdog_desktop.files.safe_copy import force_folder_to_disk, force_to_disk
from catdog_desktop.places import data_folder

ID_PREFIX: Final = "xmp-"
"""By this the ids of these journals differ from those of sorts."""
_FORMAT: Final = 1
_SUFFIX: Final = ".jsonl"


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

    path: Path
    started: datetime
    entries: list[SidecarEntry] = field(default_factory=list)
    _handle: int = -1
    _whole_bytes: int = 0

    @property
    def id(self) -> str:
        """The name of this export."""
        return self.path.name.removesuffix(_SUFFIX)

    @property
    def open_entries(self) -> list[SidecarEntry]:
        """What is not undone, the last first."""
        return [entry for entry in reversed(self.entries) if not entry.undone]

    def __enter__(self) -> Self:
        """Open for writing, after the last whole line."""
        with _told("The journal of the export cannot be written"):
            self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
            os.ftruncate(self._handle, self._whole_bytes)
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def announce(self, entries: Sequence[SidecarEntry]) -> None:
        """Say that these sidecars are about to be written, and return when that is on the disk."""
        self._write([_entry_as_dict(entry) for entry in entries], forced=True)
        for entry in entries:
            self.take(entry)

    def take(self, entry: SidecarEntry) -> None:
        """Note an entry that stands in the journal."""
        entry.number = len(self.entries)
        self.entries.append(entry)

    def note_undone(self, entry: SidecarEntry) -> None:
        """Say that a sidecar is as it was."""
        self._write([{"undone": entry.number}], forced=False)
        entry.undone = True

    def remove(self) -> None:
        """Let the journal go, and with it what the sidecars were before."""
        self.__exit__()
        with _told("The journal of the export cannot be removed"):
            self.path.unlink(missing_ok=True)

    def _write(self, lines: list[dict[str, Any]], *, forced: bool) -> None:
        raw = b"".join(map(_as_line, lines))
        with _told("The journal of the export cannot be written"):
            try:
                rest = memoryview(raw)
                while rest:
                    rest = rest[os.write(self._handle, rest) :]
                if forced:
                    force_to_disk(self._handle)
            except OSError:
                with contextlib.suppress(OSError):  # half a line must not stand before the next one
                    os.ftruncate(self._handle, self._whole_bytes)
                raise
        self._whole_bytes += len(raw)


def digest_of(content: bytes) -> str:
    """Return what tells one content from another."""
    return hashlib.blake2b(content, digest_size=32).hexdigest()


def xmp_journals_folder() -> Path:
    """Return where these journals are kept."""
    return data_folder() / "xmp-journals"


def create_xmp_journal(folder: Path) -> XmpJournal:
    """Begin a journal. Raises `XmpJournalError`."""
    started = datetime.now(UTC)
    path = folder / f"{ID_PREFIX}{started:%Y%m%d-%H%M%S-%f}{_SUFFIX}"
    head = _as_line({"xmp_journal": _FORMAT, "app": __version__, "started": started.isoformat()})
    with _told("The journal of the export cannot be written"):
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(head)
            file.flush()
            force_to_disk(file.fileno())
        force_folder_to_disk(folder)
    return read_xmp_journal(path)


def read_xmp_journal(path: Path) -> XmpJournal:
    """Return what a journal tells; half a line at its end is left out. Raises `XmpJournalError`."""
    with _told("The journal of the export cannot be read"):
        raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    try:
        lines = [json.loads(line) for line in whole.splitlines()]
        if lines[0]["xmp_journal"] > _FORMAT:
            raise XmpJournalError(
                f"The journal {path} was written by a newer CatDog ({lines[0]['app']}). Use that one."
            )
        journal = XmpJournal(path, datetime.fromisoformat(lines[0]["started"]))
        for line in lines[1:]:
            if "undone" in line:
                journal.entries[line["undone"]].undone = True
            else:
                journal.take(_entry_from_dict(line))
    except (ValueError, KeyError, IndexError, TypeError, zlib.error) as error:
        raise XmpJournalError(
            f"The journal {path} is damaged ({type(error).__name__}: {error}). No sidecar was touched."
        ) from error
    journal._whole_bytes = len(whole)
    return journal


def find_xmp_journal(folder: Path, journal_id: str) -> XmpJournal:
    """Return the journal of the export `journal_id`. Raises `XmpJournalError` if there is none."""
    path = folder / f"{journal_id}{_SUFFIX}"
    if path.parent != folder or not journal_id.startswith(ID_PREFIX) or not path.is_file():
        raise XmpJournalError(f"There is no export “{journal_id}”. “catdog undo --list” lists those there are.")
    return read_xmp_journal(path)


def list_xmp_journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, the newest first."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    wanted = (name for name in names if name.startswith(ID_PREFIX) and name.endswith(_SUFFIX))
    return [folder / name for name in sorted(wanted, reverse=True)]


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise XmpJournalError(f"{what} ({error.strerror or error}: {error.filename or 'no name'}).") from error


def _as_line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry).encode("ascii") + b"\n"


def _entry_as_dict(entry: SidecarEntry) -> dict[str, Any]:
    before = entry.before
    kept = None
    if before is not None:
        packed = base64.b64encode(zlib.compress(before.content)).decode("ascii")
        kept = {"content": packed, "mode": before.mode, "modified_ns": before.modified_ns}
    return {"photo": str(entry.photo), "sidecar": str(entry.sidecar), "before": kept, "after": entry.after}


def _entry_from_dict(line: dict[str, Any]) -> SidecarEntry:
    kept = line["before"]
    before = None
    if kept is not None:
        before = Before(zlib.decompress(base64.b64decode(kept["content"])), kept["mode"], kept["modified_ns"])
    return SidecarEntry(Path(line["photo"]), Path(line["sidecar"]), before, line["after"])
