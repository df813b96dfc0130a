"""The plan of a sort: what would go where, under which name, and what stays and why. Only reads the disk."""

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.file_kinds import is_raw
from catdog_desktop.files.free_names import NameAllocator, stems, with_other_stem
from catdog_desktop.files.safe_copy import FileStat, content_of
from catdog_desktop.sorting.companions import Companions
from catdog_desktop.sorting.destination import Destination, nearest_existing
from catdog_desktop.sorting.options import DEFAULT_FOLDERS, Action, Layout, SortError, SortOptions
from catdog_desktop.sorting.sorted_folders import ALREADY_SORTED, own_output_folders
from catdog_desktop.verdict import Result, Thresholds, Verdict

__all__ = [
    "DEFAULT_FOLDERS",
    "Action",
    "Layout",
    "PlannedFile",
    "SortError",
    "SortOptions",
    "SortPlan",
    "Step",
    "make_plan",
]


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file and where it will go."""

    source: Path
    target: Path
    looks: FileStat
    """Of the source when the plan was made: a file that was changed since is not touched."""


@dataclass(frozen=True, slots=True)
class Step:
    """One photo and the files that go with it, under the same stem."""

    photo: PlannedFile
    verdict: Verdict
    companions: tuple[PlannedFile, ...] = ()
    note: str = ""
    """Why it gets another name; empty if it keeps its own."""

    @property
    def source(self) -> Path:
        """Where the photo lies now."""
        return self.photo.source

    @property
    def target(self) -> Path:
        """Where it will go."""
        return self.photo.target

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """The photo, then its companions."""
        return (self.photo, *self.companions)


@dataclass(frozen=True, slots=True)
class SortPlan:
    """What a sort would do. Nothing has been done yet."""

    options: SortOptions
    place: Destination
    """The destination, and the disk that it was planned for."""
    steps: tuple[Step, ...]
    skipped: tuple[tuple[Path, str], ...]
    """Every photo (and companion) that stays, with the reason, to be read after its name."""
    bytes_needed: int
    """What the destination must still hold: nothing for links and for moves on one file system."""
    bytes_free: int

    @property
    def conflicts(self) -> tuple[Step, ...]:
        """The steps whose photo gets another name, since its own is taken."""
        return tuple(step for step in self.steps if step.note)

    @property
    def fits(self) -> bool:
        """Whether there is room for all of it."""
        return self.bytes_needed <= self.bytes_free


def make_plan(
    results: Sequence[Result],
    options: SortOptions,
    thresholds: Thresholds,
    journal_folder: Path | None = None,
    *,
    cancel_token: CancelToken | None = None,
) -> SortPlan:
    """Plan the sort of `results`. Raises `SortError` if nothing can be written to the destination.

    Raises `Cancelled` once `cancel_token` is set. It is polled for each photo and while large files are compared.
    """
    _check_destination(options)
    return _Planner(results, options, thresholds, journal_folder, cancel_token or CancelToken()).plan()


class _Planner:
    def __init__(
        self,
        results: Sequence[Result],
        options: SortOptions,
        thresholds: Thresholds,
        journal_folder: Path | None,
        cancel_token: CancelToken,
    ) -> None:
        self._results = results
        self._cancel_token = cancel_token
        self._options = options
        self._thresholds = thresholds
        # What was moved is no copy: a verdict that was corrected since may lead it from one folder to the other.
        moves = options.action is Action.MOVE
        self._own = own_output_folders(options.sources, () if moves else options.output_folders, journal_folder)
        self._moved_to = [_real(output) for output in options.output_folders] if moves else []
        self._sources = sorted(
            ((source.absolute(), _real(source)) for source in options.sources),
            key=lambda pair: len(pair[1].parts),
            reverse=True,
        )
        self._destination = options.destination.absolute()
        self._shelf = NameAllocator(self._destination)
        self._device = _device(nearest_existing(self._destination))
        self._real_folders: dict[Path, Path] = {}
        self._giving: dict[Path, bool] = {}
        self._numbers_used: dict[tuple[str, ...], int] = {}
        """The last number given for a name: ten thousand photos of one name need not try each from the first."""
        self._steps: list[Step] = []
        self._skipped: list[tuple[Path, str]] = []

    def plan(self) -> SortPlan:
        chosen = list(self._choose())
        companions = Companions(
            result.path.absolute()
            for result, _, _ in chosen
            if not is_raw(result.path) or result.correction is not None
        )
        # Raw files last: most of them go with a photo.
        for result, verdict, folder in sorted(chosen, key=lambda choice: is_raw(choice[0].path)):
            path = result.path.absolute()
            photo = companions.photo_of(path)
            if photo is not None:
                self._skipped.append((path, f"goes with {photo.name}"))
                continue
            self._add(result, verdict, folder, companions.take(path))
        # A raw file that could not be read may still go with its photo.
        going = {file.source: step.source.name for step in self._steps for file in step.companions}
        skipped = tuple(
            (path, f"goes with {going[path]}" if path in going else reason) for path, reason in self._skipped
        )
        needed = 0 if self._options.action.is_link else sum(self._needs(step) for step in self._steps)
        try:
            free = shutil.disk_usage(nearest_existing(self._destination)).free
        except OSError as error:
            raise SortError(f"“{self._destination}” does not answer ({error.strerror or error}).") from error
        place = Destination.at(self._destination)
        return SortPlan(self._options, place, tuple(self._steps), skipped, needed, free)

    def _choose(self) -> Iterable[tuple[Result, Verdict, str]]:
        """Yield the photos to be sorted with their verdict and the name of its folder; note the others."""
        seen: dict[Path, Path] = {}
        for result in self._results:
            self._cancel_token.raise_if_cancelled()
            path = result.path.absolute()
            real = self._real_place(path)
            verdict = result.verdict(self._thresholds)
            folder = None if verdict is None else self._options.folders.get(verdict)
            if verdict is None:
                reason = f"could not be read: it {result.error}"
            elif any(real.is_relative_to(own) for own in self._own) or self._is_where_it_belongs(real, folder):
                reason = ALREADY_SORTED
            elif real in seen:
                reason = f"is the same file as {seen[real]}"
            elif folder is None:
                reason = f"stays where it is, as all photos of “{verdict}”"
            else:
                reason = self._unfit(path)
            seen.setdefault(real, path)
            if reason or verdict is None or folder is None:
                self._skipped.append((path, reason))
            else:
                yield result, verdict, folder

    def _is_where_it_belongs(self, real: Path, folder: str | None) -> bool:
        """Whether a photo to be moved lies in the folder of its verdict, however deep."""
        around = [output for output in self._moved_to if real.is_relative_to(output)]
        if folder is None or not around:
            return False
        return max(around, key=lambda output: len(output.parts)) == _real(self._destination / folder)

    def _unfit(self, path: Path) -> str:
        """Return why this file cannot be sorted, nothing if it can."""
        try:
            found = os.lstat(path)
            is_link = stat.S_ISLNK(found.st_mode)
            if is_link:
                found = os.stat(path)  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            return "is no longer there"
        except (OSError, ValueError) as error:
            return f"cannot be looked at ({getattr(error, 'strerror', None) or error})"
        if not stat.S_ISREG(found.st_mode):
            return "is not a file"
        if is_link and self._options.action is Action.MOVE:
            return "is a link; to move it would leave the photo where it is. Copy it instead"
        if self._options.action is Action.HARD_LINK and found.st_dev != self._device:
            return "lies on another disk than the destination, where a hard link cannot lead. Copy it instead"
        if self._options.action is Action.MOVE and not self._gives_away(path.parent):
            return f"lies in “{path.parent}”, out of which you may move nothing. Copy it instead"
        return ""

    def _gives_away(self, folder: Path) -> bool:
        if folder not in self._giving:
            self._giving[folder] = os.access(folder, os.W_OK | os.X_OK)
        return self._giving[folder]

    def _add(self, result: Result, verdict: Verdict, folder: str, companions: list[Path]) -> None:
        self._cancel_token.raise_if_cancelled()
        path = result.path.absolute()
        sources = [path, *companions]
        try:
            looks = [FileStat.of(source) for source in sources]
            parts = (*Path(folder).parts, *self._below(result, looks[0]))
            names = self._free_names(parts, sources, looks)
        except OSError as error:
            reason = f"cannot be sorted ({error.strerror or error})"
            self._skipped += [(source, reason) for source in sources]
            return
        if names is None:
            return
        files = tuple(
            PlannedFile(source, self._destination.joinpath(*parts, name), look)
            for source, name, look in zip(sources, names, looks, strict=True)
        )
        for name in names:
            self._shelf.promise(*parts, name)
        note = "" if names[0] == path.name else f"“{path.name}” is taken there"
        self._steps.append(Step(files[0], verdict, files[1:], note))

    def _below(self, result: Result, looks: FileStat) -> tuple[str, ...]:
        """Return the folders between that of the verdict and the photo."""
        if self._options.layout is Layout.YEAR_MONTH:
            taken = result.info.date or datetime.fromtimestamp(looks.modified_ns / 1e9)  # local, as `taken` is
            return (f"{taken.year:04}", f"{taken.month:02}")
        if self._options.layout is Layout.SUBFOLDERS:
            path = result.path.absolute()
            real = self._real_place(path)
            for source, real_source in self._sources:
                if path.is_relative_to(source) and path != source:
                    return path.parent.relative_to(source).parts
                if real.is_relative_to(real_source) and real != real_source:
                    return real.parent.relative_to(real_source).parts
        return ()

    def _free_names(self, parts: tuple[str, ...], sources: list[Path], looks: list[FileStat]) -> list[str] | None:
        """Return names that are free for all of `sources`; None, with a note, if the photo is there already."""
        photo = sources[0]
        for twin in self._shelf.alike(*parts, photo.name, size=looks[0].size):
            if not self._shelf.is_promised(*parts, twin.name) and self._holds(twin, photo):
                self._skipped.append((photo, f"is already there: {twin}"))
                self._shelf.promise(*parts, twin.name)
                self._skipped += [(source, "stays with its photo, which is already there") for source in sources[1:]]
                return None
        tails = [photo.suffix, *(source.name[len(photo.stem) :] for source in sources[1:])]
        longest = max(tails, key=lambda tail: len(os.fsencode(tail)))
        wanted = (*parts, photo.name)
        first = self._numbers_used.get(wanted, 0) + 1
        for number, stem in enumerate(stems(photo.stem, longest, first), first):
            names = [with_other_stem(source.name, photo.stem, stem) for source in sources]
            if not any(self._shelf.there(*parts, name) or self._shelf.is_promised(*parts, name) for name in names):
                self._numbers_used[wanted] = number
                return names
        self._skipped += [(source, "has a name too long for a number to be added") for source in sources]
        return None

    def _holds(self, path: Path, photo: Path) -> bool:
        """Whether the file at `path`, of the same size, is what this sort would make of `photo`."""
        try:
            if self._options.action is Action.SYMBOLIC_LINK:
                return path.is_symlink() and path.samefile(photo)
            if path.samefile(photo):
                return True
            if self._options.action is Action.HARD_LINK:
                return False
            poll = self._cancel_token.raise_if_cancelled
            return content_of(path, poll) == content_of(photo, poll)
        except OSError:
            return False

    def _needs(self, step: Step) -> int:
        moves_within = self._options.action is Action.MOVE and _device(step.source.parent) == self._device
        return 0 if moves_within else sum(file.looks.size for file in step.files)

    def _real_place(self, path: Path) -> Path:
        """Return where the name itself lies; what it may link to is another matter."""
        folder = path.parent
        if folder not in self._real_folders:
            self._real_folders[folder] = _real(folder)
        return self._real_folders[folder] / path.name


def _check_destination(options: SortOptions) -> None:
    for folder in (options.destination, *options.output_folders):
        found = nearest_existing(folder.absolute())
        if not os.path.isdir(found):  # noqa: PTH112  Path's raises where it may not look.
            raise SortError(f"“{found}” is a file, so no folder can be there. Choose another place or name.")
        if not os.access(found, os.W_OK | os.X_OK):
            raise SortError(f"You may not write into “{found}”. Choose another place.")


def _device(path: Path) -> int | None:
    try:
        return path.stat().st_dev
    except OSError:
        return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
