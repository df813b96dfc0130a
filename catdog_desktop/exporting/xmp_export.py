"""Write verdicts as keywords to XMP sidecars, and undo it. Other content of a sidecar is kept."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.exporting.xmp_journal import (
    Before,
    SidecarEntry,
    XmpExportError,
    XmpJournal,
    XmpProblem,
    create_xmp_journal,
    digest_of,
    find_xmp_journal,
    list_xmp_journals,
    read_xmp_journal,
    xmp_journals_folder,
)
from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.messages import N_, MessageError, _, pgettext
from catdog_desktop.paths import journals_folder
from catdog_desktop.progress import Progress
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.lock import SortRunningError, one_writer
from catdog_desktop.verdict import Result, Thresholds
from catdog_desktop.xmp.keyword_words import ENGLISH, KeywordWords
from catdog_desktop.xmp.packet import MAX_BYTES, XmpError, is_empty, merge_keywords, sidecar_for
from catdog_desktop.xmp.sidecars import SUFFIX, SidecarNames, Sidecars, belongs_to, embedded_keywords

_BATCH_SIZE: Final = 64
"""Sidecars whose journal lines share one fsync before any of them is written."""


class SidecarState(Enum):
    """What became of a sidecar."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """The sidecar had the keywords already."""
    FAILED = "failed"
    RESTORED = "restored"
    REMOVED = "removed"
    """Undo removed a sidecar that the export created."""

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            SidecarState.WRITTEN: pgettext("sidecar", "written"),
            SidecarState.UNCHANGED: pgettext("sidecar", "unchanged"),
            SidecarState.FAILED: pgettext("sidecar", "failed"),
            SidecarState.RESTORED: pgettext("sidecar", "restored"),
            SidecarState.REMOVED: pgettext("sidecar", "removed"),
        }[self]


@dataclass(frozen=True, slots=True)
class SidecarDone:
    """What became of one sidecar, and the progress of the run."""

    photo: Path
    sidecar: Path
    state: SidecarState
    progress: Progress
    keywords: tuple[str, ...] = ()
    error: str = ""
    """To be read after the sidecar's name."""


@dataclass(slots=True)
class XmpOutcome:
    """The outcome of an export or its undo."""

    journal_id: str | None = None
    """The id for undo; None if nothing was written."""
    counts: dict[SidecarState, int] = field(default_factory=lambda: dict.fromkeys(SidecarState, 0))
    without_keyword: int = 0
    """Photos with the verdict neither or unsure, or without a verdict, and without a rating."""
    failed: list[SidecarDone] = field(default_factory=list)
    cancelled: bool = False
    not_done: int = 0
    first: Path | None = None
    """The first sidecar that was written, to show in the file manager."""


@dataclass(frozen=True, slots=True)
class XmpExportInfo:
    """Summary of an export for lists."""

    id: str
    started: datetime
    sidecars: int
    undone: int


OnSidecar = Callable[[SidecarDone], None]


@dataclass(frozen=True, slots=True)
class _Prepared:
    entry: SidecarEntry
    keywords: tuple[str, ...]
    content: bytes
    mode: int


class _SkippedError(MessageError):
    """A sidecar is not changed. The text is the reason, to be read after its name."""


def write_keywords(
    results: Sequence[Result],
    thresholds: Thresholds,
    *,
    on_sidecar: OnSidecar = lambda _: None,
    cancel_token: CancelToken | None = None,
    dry_run: bool = False,
    new_names: SidecarNames = SidecarNames.AS_FOUND,
    words: KeywordWords = ENGLISH,
) -> XmpOutcome:
    """Add the keywords of cats and dogs, and the user's ratings, to the sidecars beside their photos.

    With `dry_run`, only reports what would be written. `new_names` are those of new sidecars, `words` the keywords.
    Raises `XmpExportError` if the journal cannot be written; then no further sidecar is written.
    """
    with _one_writer(), _Export(thresholds, on_sidecar, dry_run, new_names, words) as export:
        return export.run(results, cancel_token or CancelToken())


def undo_keywords(
    journal_id: str,
    *,
    on_sidecar: OnSidecar = lambda _: None,
    cancel_token: CancelToken | None = None,
) -> XmpOutcome:
    """Restore the sidecars of an export. Those changed since are kept and reported as failed."""
    with _one_writer(), find_xmp_journal(xmp_journals_folder(), journal_id) as journal:
        entries = journal.open_entries
        outcome = XmpOutcome(journal_id)
        for number, entry in enumerate(entries, 1):
            if cancel_token is not None and cancel_token.cancelled:
                outcome.cancelled, outcome.not_done = True, len(entries) - number + 1
                break
            try:
                state, error = _restore(entry, _temporary(journal, entry)), ""
                journal.note_undone(entry)
            except (OSError, _SkippedError) as reason:
                state, error = SidecarState.FAILED, _reason(reason)
            progress = Progress(number, len(entries))
            _report(outcome, on_sidecar, SidecarDone(entry.photo, entry.sidecar, state, progress, (), error))
        if not journal.open_entries:
            journal.remove()
        return outcome


def forget_keywords(journal_id: str) -> None:
    """Delete the journal of an export, which then cannot be undone. Changes no sidecar. Raises `XmpExportError`."""
    with _one_writer():
        find_xmp_journal(xmp_journals_folder(), journal_id).remove()


def list_xmp_exports() -> list[XmpExportInfo]:
    """Return the exports that can be undone, the newest first. Skips damaged journals."""
    return list(_infos())


def last_xmp_export() -> XmpExportInfo | None:
    """Return the newest export that can be undone. Reads no other journal."""
    return next(_infos(), None)


def _infos() -> Iterator[XmpExportInfo]:
    for path in list_xmp_journals(xmp_journals_folder()):
        with contextlib.suppress(XmpExportError):
            journal = read_xmp_journal(path)
            undone = sum(entry.undone for entry in journal.entries)
            yield XmpExportInfo(journal.id, journal.started, len(journal.entries), undone)


@contextlib.contextmanager
def _one_writer() -> Iterator[None]:
    """Hold the lock of sorts, which move sidecars. Raises `XmpExportError` if the lock cannot be used."""
    try:
        with one_writer(journals_folder()):
            yield
    except SortRunningError as error:
        raise XmpExportError(XmpProblem.BUSY) from error
    except SortError as error:
        raise XmpExportError(XmpProblem.LOCK_UNUSABLE, detail=error) from error


class _Export:
    """One export in progress."""

    def __init__(
        self,
        thresholds: Thresholds,
        on_sidecar: OnSidecar,
        dry_run: bool,
        new_names: SidecarNames,
        words: KeywordWords,
    ) -> None:
        self._words = words
        self._thresholds = thresholds
        self._on_sidecar = on_sidecar
        self._dry_run = dry_run
        self._sidecars = Sidecars(new_names)
        self._journal: XmpJournal | None = None
        self._batch: list[_Prepared] = []
        self._outcome = XmpOutcome()
        self._done = self._total = 0

    def __enter__(self) -> "_Export":
        return self

    def __exit__(self, *_: object) -> None:
        if self._journal is not None:
            self._journal.__exit__()

    def run(self, results: Sequence[Result], cancel_token: CancelToken) -> XmpOutcome:
        with_keywords = [
            (result, keywords)
            for result in results
            if (keywords := self._words.of(result.verdict(self._thresholds))) or result.rating is not None
        ]
        self._total = len(with_keywords)
        self._outcome.without_keyword = len(results) - self._total
        for number, (result, keywords) in enumerate(with_keywords):
            if cancel_token.cancelled:
                self._outcome.cancelled = True
                self._outcome.not_done = self._total - number
                break
            self._add(result.path.absolute(), keywords, result.rating)
        self._write_batch()
        return self._outcome

    def _add(self, photo: Path, keywords: tuple[str, ...], rating: int | None) -> None:
        sidecar = photo.with_name(photo.name + SUFFIX)
        try:
            mode = _mode_for_new(photo)
            sidecar, before = self._sidecar_of(photo)
            if any(prepared.entry.sidecar == sidecar for prepared in self._batch):
                # Two photos share a sidecar through links. The second adds to what the first wrote.
                self._write_batch()
                sidecar, before = self._sidecar_of(photo)
            content = before.content if before is not None else b""
            embedded = embedded_keywords(photo) if is_empty(content) else []
            names_only_stem = sidecar.stem == photo.stem
            extension = photo.suffix if names_only_stem else ""
            merged = merge_keywords(content, keywords, embedded, extension, rating, parent=self._words.animals)
        except (OSError, ValueError, XmpError, _SkippedError) as error:
            self._report(photo, sidecar, SidecarState.FAILED, keywords, _reason(error))
            return
        if merged is None:
            self._report(photo, sidecar, SidecarState.UNCHANGED, keywords)
            return
        entry = SidecarEntry(photo, sidecar, before, digest_of(merged))
        self._batch.append(_Prepared(entry, keywords, merged, mode if before is None else before.mode))
        if len(self._batch) >= _BATCH_SIZE:
            self._write_batch()

    def _sidecar_of(self, photo: Path) -> tuple[Path, Before | None]:
        wanted, instead = self._sidecars.of(photo)
        sidecar, before = _read_sidecar(wanted)
        if wanted != instead and before is not None and not is_empty(before.content):
            try:
                own = belongs_to(photo, sidecar_for(before.content))
            except XmpError:
                own = False  # Unknown content, so it is not treated as this photo's sidecar.
            if not own:
                return _read_sidecar(instead)
        return sidecar, before

    def _write_batch(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        if not self._dry_run:
            if self._journal is None:
                self._journal = create_xmp_journal(xmp_journals_folder()).__enter__()
            self._journal.announce([prepared.entry for prepared in batch])
            self._outcome.journal_id = self._journal.id
        for prepared in batch:
            entry, state, error = prepared.entry, SidecarState.WRITTEN, ""
            try:
                if not self._dry_run:
                    assert self._journal is not None
                    _write(prepared, _temporary(self._journal, entry))
                self._outcome.first = self._outcome.first or entry.sidecar
            except (OSError, _SkippedError) as reason:
                state, error = SidecarState.FAILED, _reason(reason)
            self._report(entry.photo, entry.sidecar, state, prepared.keywords, error)

    def _report(
        self, photo: Path, sidecar: Path, state: SidecarState, keywords: tuple[str, ...], error: str = ""
    ) -> None:
        self._done += 1
        progress = Progress(self._done, self._total)
        _report(self._outcome, self._on_sidecar, SidecarDone(photo, sidecar, state, progress, keywords, error))


def _report(outcome: XmpOutcome, on_sidecar: OnSidecar, done: SidecarDone) -> None:
    outcome.counts[done.state] += 1
    if done.state is SidecarState.FAILED:
        outcome.failed.append(done)
    on_sidecar(done)


def _read_sidecar(sidecar: Path) -> tuple[Path, Before | None]:
    """Return the real path of a sidecar and its current content. Raises `OSError` or `_SkippedError`."""
    real = Path(os.path.realpath(sidecar))
    try:
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return real, None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise _SkippedError(N_("is not a regular file, so it was skipped"))
        if found.st_size > MAX_BYTES:
            raise _SkippedError(N_("is larger than {size} MiB, so it was skipped"), size=MAX_BYTES // 2**20)
        return real, Before(file.read(), stat.S_IMODE(found.st_mode), found.st_mtime_ns)


def _mode_for_new(photo: Path) -> int:
    """Return permissions for a new sidecar, taken from its photo. Raises `OSError` or `_SkippedError`.

    The owner may always write. Photos are often read-only, and the next export must be able to change the sidecar.
    """
    try:
        return (os.stat(photo).st_mode & 0o666) | stat.S_IWUSR  # noqa: PTH116
    except FileNotFoundError as error:
        raise _SkippedError(N_("was not created: its photo is no longer there")) from error


def _temporary(journal: XmpJournal, entry: SidecarEntry) -> Path:
    """Return the name of the temporary file of a sidecar. It is the same after a crash."""
    return entry.sidecar.with_name(f".catdog-{journal.id}-{entry.number}.part")


def _write(prepared: _Prepared, temporary: Path) -> None:
    """Write a sidecar, unless it was changed since it was read. Raises `OSError` or `_SkippedError`."""
    entry = prepared.entry
    _path, now = _read_sidecar(entry.sidecar)
    before = entry.before
    if (None if now is None else now.content) != (None if before is None else before.content):
        raise _SkippedError(N_("was changed by another program meanwhile. Export again"))
    _require_writable(entry.sidecar, before)
    replace = before is not None
    with atomic_write(entry.sidecar, replace=replace, mode=prepared.mode, temporary=temporary) as file:
        file.write(prepared.content)


def _restore(entry: SidecarEntry, temporary: Path) -> SidecarState:
    """Restore a sidecar. Raises `OSError`, or `_SkippedError` if it was changed since."""
    temporary.unlink(missing_ok=True)
    _path, now = _read_sidecar(entry.sidecar)
    before = entry.before
    if before is None:
        if now is None:
            if not os.path.lexists(entry.photo):
                raise _SkippedError(N_("and its photo are gone: they were moved, or their disk is not connected"))
            return SidecarState.REMOVED
        if digest_of(now.content) != entry.after:
            raise _SkippedError(N_("was changed since, so it was left as it is"))
        os.unlink(entry.sidecar)  # noqa: PTH108
        return SidecarState.REMOVED
    if now is not None and now.content == before.content:
        return SidecarState.RESTORED
    if now is None:
        raise _SkippedError(N_("is gone, or its disk is not connected"))
    if digest_of(now.content) != entry.after:
        raise _SkippedError(N_("was changed since, so it was left as it is"))
    _require_writable(entry.sidecar, now)
    with atomic_write(entry.sidecar, mode=before.mode, temporary=temporary) as file:
        file.write(before.content)
    os.utime(entry.sidecar, ns=(before.modified_ns, before.modified_ns))
    return SidecarState.RESTORED


def _require_writable(sidecar: Path, current: Before | None) -> None:
    """Raise `_SkippedError` for a read-only file. It could be replaced, but its owner did not want that."""
    if current is not None and not current.mode & 0o222:
        raise _SkippedError(N_("is protected against changes, so it was skipped"))


def _reason(error: Exception) -> str:
    if isinstance(error, FileExistsError):
        return _("was created by another program meanwhile. Export again")
    if isinstance(error, OSError):
        return _("could not be written ({reason})").format(reason=error.strerror or error)
    return str(error)
