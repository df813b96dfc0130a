"""The plan of a sort: which photo goes where under which name, and which are skipped and why. Only reads the disk."""

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.decoding.problem_text import problem_text
from catdog_desktop.discovery.skip_rules import enclosing_system_folder
from catdog_desktop.files.free_names import NameAllocator, companion_tail, stems, with_other_stem
from catdog_desktop.files.safe_copy import FileStat, content_of
from catdog_desktop.messages import _
from catdog_desktop.sorting.companion_rules import may_be_companion
from catdog_desktop.sorting.companions import Companions
from catdog_desktop.sorting.destination import Destination, nearest_existing
from catdog_desktop.sorting.errors import SortError, SortProblem
from catdog_desktop.sorting.options import DEFAULT_FOLDERS, Action, Layout, SortOptions
from catdog_desktop.sorting.sorted_folders import already_sorted, own_output_folders
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
    "system_folders_left",
]


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file and its target."""

    source: Path
    target: Path
    stat: FileStat
    """Of the source when the plan was made. The sort skips a file that was changed since."""


@dataclass(frozen=True, slots=True)
class Step:
    """One photo and its companions, which get the same stem."""

    photo: PlannedFile
    verdict: Verdict
    companions: tuple[PlannedFile, ...] = ()
    note: str = ""
    """Why the photo gets another name; empty if it keeps its name."""

    @property
    def source(self) -> Path:
        """The photo's current path."""
        return self.photo.source

    @property
    def target(self) -> Path:
        """The photo's planned path."""
        return self.photo.target

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """The photo, then its companions."""
        return (self.photo, *self.companions)


@dataclass(frozen=True, slots=True)
class SortPlan:
    """What a sort would do. Nothing has been done yet."""

    options: SortOptions
    destination: Destination
    """The destination, with the disk that it was planned for."""
    steps: tuple[Step, ...]
    skipped: tuple[tuple[Path, str], ...]
    """Every photo or companion that stays in place, with the reason, to be read after its name."""
    bytes_needed: int
    """Space needed at the destination; 0 for links and for moves within one file system."""
    bytes_free: int

    @property
    def conflicts(self) -> tuple[Step, ...]:
        """The steps whose photo gets another name because its own is taken."""
        return tuple(step for step in self.steps if step.note)

    @property
    def fits(self) -> bool:
        """Whether the destination has enough free space."""
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
        # Moved photos are no copies. A verdict that changed since may move them from one output folder to another.
        moves = options.action is Action.MOVE
        self._own_outputs = own_output_folders(options.sources, () if moves else options.output_folders, journal_folder)
        self._moved_to = [_real(output) for output in options.output_folders] if moves else []
        self._sources = sorted(
            ((source.absolute(), _real(source)) for source in options.sources),
            key=lambda pair: len(pair[1].parts),
            reverse=True,
        )
        self._destination = options.destination.absolute()
        self._allocator = NameAllocator(self._destination)
        self._device = _device(nearest_existing(self._destination))
        self._real_folders: dict[Path, Path] = {}
        self._writable: dict[Path, bool] = {}
        self._numbers_used: dict[tuple[str, ...], int] = {}
        """The last number used for a name, so that 10,000 photos of one name do not each try all numbers."""
        self._steps: list[Step] = []
        self._skipped: list[tuple[Path, str]] = []

    def plan(self) -> SortPlan:
        chosen = list(self._choose())
        companions = Companions(
            result.path.absolute()
            for result, _verdict, _folder in chosen
            if not may_be_companion(result.path) or result.correction is not None
        )
        # Raw files and edited photos last, since most of them are companions of a photo.
        for result, verdict, folder in sorted(chosen, key=lambda choice: may_be_companion(choice[0].path)):
            path = result.path.absolute()
            photo = companions.photo_of(path)
            if photo is not None:
                self._skipped.append((path, _goes_with(photo.name)))
                continue
            self._add(result, verdict, folder, companions.take(path))
        # A raw file that could not be read may be a companion, too.
        photo_names = {file.source: step.source.name for step in self._steps for file in step.companions}
        skipped = tuple(
            (path, _goes_with(photo_names[path]) if path in photo_names else reason) for path, reason in self._skipped
        )
        needed = 0 if self._options.action.is_link else sum(self._bytes_needed(step) for step in self._steps)
        try:
            free = shutil.disk_usage(nearest_existing(self._destination)).free
        except OSError as error:
            raise SortError(SortProblem.DESTINATION_SILENT, self._destination, error.strerror or error) from error
        destination = Destination.at(self._destination)
        return SortPlan(self._options, destination, tuple(self._steps), skipped, needed, free)

    def _choose(self) -> Iterable[tuple[Result, Verdict, str]]:
        """Yield the photos to sort with their verdict and its folder name; add the others to the skipped ones."""
        seen: dict[Path, Path] = {}
        for result in self._results:
            self._cancel_token.raise_if_cancelled()
            path = result.path.absolute()
            real = self._real_path(path)
            verdict = result.verdict(self._thresholds)
            folder = None if verdict is None else self._options.folders.get(verdict)
            if verdict is None:
                reason = problem_text(result.error or "")
            elif any(real.is_relative_to(own) for own in self._own_outputs) or self._is_in_place(real, folder):
                reason = already_sorted()
            elif real in seen:
                reason = _("is the same file as {path}").format(path=seen[real])
            elif folder is None:
                reason = _("stays in place, as do all photos with the verdict “{verdict}”").format(verdict=verdict)
            else:
                reason = self._obstacle(path)
            seen.setdefault(real, path)
            if reason or verdict is None or folder is None:
                self._skipped.append((path, reason))
            else:
                yield result, verdict, folder

    def _is_in_place(self, real: Path, folder: str | None) -> bool:
        """Whether a photo that is to be moved is already in the folder of its verdict, at any depth."""
        around = [output for output in self._moved_to if real.is_relative_to(output)]
        if folder is None or not around:
            return False
        return max(around, key=lambda output: len(output.parts)) == _real(self._destination / folder)

    def _obstacle(self, path: Path) -> str:
        """Return why this file cannot be sorted; an empty string if it can."""
        try:
            found = os.lstat(path)
            is_link = stat.S_ISLNK(found.st_mode)
            if is_link:
                found = os.stat(path)  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            return _("is no longer there")
        except (OSError, ValueError) as error:
            return _("cannot be accessed ({reason})").format(reason=getattr(error, "strerror", None) or error)
        if not stat.S_ISREG(found.st_mode):
            return _("is not a file")
        if is_link and self._options.action is Action.MOVE:
            return _("is a link, and moving a link leaves the photo in place. Copy it instead")
        if self._options.action is Action.HARD_LINK and found.st_dev != self._device:
            return _("is on another disk than the destination, and hard links work on one disk only. Copy it instead")
        if self._options.action is Action.MOVE and not self._is_writable(path.parent):
            return _("is in “{folder}”, and you may not move files out of it. Copy it instead").format(
                folder=path.parent
            )
        return ""

    def _is_writable(self, folder: Path) -> bool:
        if folder not in self._writable:
            self._writable[folder] = os.access(folder, os.W_OK | os.X_OK)
        return self._writable[folder]

    def _add(self, result: Result, verdict: Verdict, folder: str, companions: list[Path]) -> None:
        self._cancel_token.raise_if_cancelled()
        path = result.path.absolute()
        sources = [path, *companions]
        try:
            stats = [FileStat.of(source) for source in sources]
            parts = (*Path(folder).parts, *self._subfolders(result, stats[0]))
            names = self._free_names(parts, sources, stats)
        except OSError as error:
            reason = _("cannot be sorted ({reason})").format(reason=error.strerror or error)
            self._skipped += [(source, reason) for source in sources]
            return
        if names is None:
            return
        files = tuple(
            PlannedFile(source, self._destination.joinpath(*parts, name), file_stat)
            for source, name, file_stat in zip(sources, names, stats, strict=True)
        )
        for name in names:
            self._allocator.promise(*parts, name)
        note = "" if names[0] == path.name else _("“{name}” is taken there").format(name=path.name)
        self._steps.append(Step(files[0], verdict, files[1:], note))

    def _subfolders(self, result: Result, file_stat: FileStat) -> tuple[str, ...]:
        """Return the names of the folders between the verdict's folder and the photo."""
        if self._options.layout is Layout.YEAR_MONTH:
            taken = result.info.date or datetime.fromtimestamp(file_stat.modified_ns / 1e9)  # Local time, as `date` is.
            return (f"{taken.year:04}", f"{taken.month:02}")
        if self._options.layout is Layout.SUBFOLDERS:
            path = result.path.absolute()
            real = self._real_path(path)
            for source, real_source in self._sources:
                if path.is_relative_to(source) and path != source:
                    return path.parent.relative_to(source).parts
                if real.is_relative_to(real_source) and real != real_source:
                    return real.parent.relative_to(real_source).parts
        return ()

    def _free_names(self, parts: tuple[str, ...], sources: list[Path], stats: list[FileStat]) -> list[str] | None:
        """Return free names for all `sources`. None, with the files skipped, if the photo is there already."""
        photo = sources[0]
        for copy in self._allocator.possible_copies(*parts, photo.name, size=stats[0].size):
            if not self._allocator.is_promised(*parts, copy.name) and self._is_result_for(copy, photo):
                self._skipped.append((photo, _("is already there: {path}").format(path=copy)))
                self._allocator.promise(*parts, copy.name)
                reason = _("stays with its photo, which is already there")
                self._skipped += [(source, reason) for source in sources[1:]]
                return None
        tails = [photo.suffix, *(companion_tail(source.name, photo.stem) for source in sources[1:])]
        longest = max(tails, key=lambda tail: len(os.fsencode(tail)))
        wanted = (*parts, photo.name)
        first = self._numbers_used.get(wanted, 0) + 1
        for number, stem in enumerate(stems(photo.stem, longest, first), first):
            names = [with_other_stem(source.name, photo.stem, stem) for source in sources]
            if not any(
                self._allocator.existing(*parts, name) or self._allocator.is_promised(*parts, name) for name in names
            ):
                self._numbers_used[wanted] = number
                return names
        reason = _("has a name too long for a number to be added")
        self._skipped += [(source, reason) for source in sources]
        return None

    def _is_result_for(self, path: Path, photo: Path) -> bool:
        """Whether the file at `path`, which has the same size, is what this sort would make of `photo`."""
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

    def _bytes_needed(self, step: Step) -> int:
        moves_within = self._options.action is Action.MOVE and _device(step.source.parent) == self._device
        return 0 if moves_within else sum(file.stat.size for file in step.files)

    def _real_path(self, path: Path) -> Path:
        """Return `path` with links in its folders resolved. The last part may be a link itself."""
        folder = path.parent
        if folder not in self._real_folders:
            self._real_folders[folder] = _real(folder)
        return self._real_folders[folder] / path.name


def system_folders_left(plan: SortPlan) -> dict[Path, str]:
    """Return the system folders that `plan` would move photos out of, and the kind of each. Touches no disk."""
    if plan.options.action is not Action.MOVE:
        return {}
    folders = {step.source.parent for step in plan.steps}
    return dict(sorted(filter(None, map(enclosing_system_folder, folders))))


def _goes_with(photo_name: str) -> str:
    return _("goes with {name}").format(name=photo_name)


def _check_destination(options: SortOptions) -> None:
    for folder in (options.destination, *options.output_folders):
        found = nearest_existing(folder.absolute())
        if not os.path.isdir(found):  # noqa: PTH112  Path.is_dir raises without permission.
            raise SortError(SortProblem.DESTINATION_IS_A_FILE, found)
        if not os.access(found, os.W_OK | os.X_OK):
            raise SortError(SortProblem.DESTINATION_PROTECTED, found)


def _device(path: Path) -> int | None:
    try:
        return path.stat().st_dev
    except OSError:
        return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
