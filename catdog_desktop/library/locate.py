"""Find a folder again whose place has changed: another mount point, drive letter or path of a network drive.

The photos that the store knows below the old place are compared with the files at the new one by their fingerprints.
Paths of equal files are then changed in the store, in the journals of sorts, keyword exports and the trash, in the last
session and in the settings. Corrections belong to the content, and stay.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.exporting.xmp_journal import list_xmp_journals, xmp_journals_folder
from catdog_desktop.files.atomic_write import atomic_write, write_text_atomically
from catdog_desktop.files.journal_file import read_lines
from catdog_desktop.messages import _
from catdog_desktop.paths import journals_folder, last_session_file, settings_file
from catdog_desktop.progress import Progress
from catdog_desktop.settings import Settings, load_settings, save_settings
from catdog_desktop.sorting.destination import mount_of
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.journal import list_journals
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.store.fingerprint import file_fingerprint
from catdog_desktop.store.store import Store
from catdog_desktop.trashing.trash_journal import list_trash_journals, trash_journals_folder

OnProgress = Callable[[Progress], object]


class LocateProblem(Enum):
    """Why a folder cannot be located."""

    NEW_MISSING = auto()
    SAME_FOLDER = auto()
    NOTHING_KNOWN = auto()
    NOT_MOVED = auto()
    OTHER_PHOTOS = auto()
    BUSY = auto()
    NOT_WRITTEN = auto()


class LocateError(Exception):
    """The folder cannot be located, and nothing was changed unless `problem` is NOT_WRITTEN. `str` is a sentence."""

    def __init__(self, problem: LocateProblem, path: Path | None = None, detail: str = "") -> None:
        super().__init__(problem, path, detail)
        self.problem = problem
        self.path = path
        self.detail = detail

    def __str__(self) -> str:
        return {
            LocateProblem.NEW_MISSING: _("There is no folder “{path}”."),
            LocateProblem.SAME_FOLDER: _("Both places are the same folder."),
            LocateProblem.NOTHING_KNOWN: _("Nothing is stored about photos in “{path}”."),
            LocateProblem.NOT_MOVED: _("The photos are still in “{path}”."),
            LocateProblem.OTHER_PHOTOS: _("“{path}” does not contain the photos that are stored."),
            LocateProblem.BUSY: _("A sort is running. Wait until it has ended, then try again."),
            LocateProblem.NOT_WRITTEN: _("“{path}” could not be changed ({detail}). Try again."),
        }[self.problem].format(path=self.path, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found at the new place."""

    old: Path
    new: Path
    places: dict[Path, Path] = field(default_factory=dict)
    """New path by old path, of the photos with an equal fingerprint."""
    missing: tuple[Path, ...] = ()
    """New paths where no file can be read."""
    different: tuple[Path, ...] = ()
    """New paths with another file."""
    not_moved: int = 0
    """Photos that are still at their old path."""

    def check(self) -> None:
        """Raise `LocateError` unless the new place holds the photos: some are equal, and more than are different."""
        if not self.places and self.not_moved:
            raise LocateError(LocateProblem.NOT_MOVED, self.old)
        if not self.places and not self.missing and not self.different:
            raise LocateError(LocateProblem.NOTHING_KNOWN, self.old)
        if len(self.places) <= len(self.different):
            raise LocateError(LocateProblem.OTHER_PHOTOS, self.new)


def missing_folders(store: Store) -> list[Path]:
    """Return the folders of stored photos that do not exist, each the outermost one, with most photos first.

    Looks at folders, not at photos. Raises `StoreError`.
    """
    photos = Counter(path.parent for path in store.files_below(None))
    missing: Counter[Path] = Counter()
    for folder, count in photos.items():
        outermost = None
        for parent in (folder, *folder.parents):
            if os.path.isdir(parent):  # noqa: PTH112  Path.is_dir() raises for folders without permission.
                break
            outermost = parent
        if outermost is not None:
            missing[outermost] += count
    return [folder for folder, _count in missing.most_common()]


def compare_places(
    store: Store,
    old: Path,
    new: Path,
    *,
    on_progress: OnProgress = lambda _: None,
    cancel_token: CancelToken | None = None,
) -> Comparison:
    """Compare the photos stored below `old` with the files below `new`. Reads files, and changes nothing.

    Raises `LocateError`, `StoreError`, and `Cancelled` once `cancel_token` is set.
    """
    old, new = _absolute(old), _absolute(new)
    if old == new:
        raise LocateError(LocateProblem.SAME_FOLDER)
    if not os.path.isdir(new):  # noqa: PTH112  Path.is_dir() raises for invalid names.
        raise LocateError(LocateProblem.NEW_MISSING, new)
    token = cancel_token or CancelToken()
    known = store.files_below(old)
    places: dict[Path, Path] = {}
    missing, different, not_moved = [], [], 0
    for number, (path, fingerprint) in enumerate(known.items(), 1):
        token.raise_if_cancelled()
        target = new / path.relative_to(old)
        if os.path.lexists(path):
            not_moved += 1
        else:
            try:
                equal = file_fingerprint(target) == fingerprint
            except (OSError, ValueError):
                missing.append(target)
            else:
                if equal:
                    places[path] = target
                else:
                    different.append(target)
        on_progress(Progress(number, len(known)))
    return Comparison(old, new, places, tuple(missing), tuple(different), not_moved)


def relocate(store: Store, comparison: Comparison) -> int:
    """Change the paths of a comparison everywhere; return the number of journals that changed.

    Journals come first and the store last: after a crash in between, it can be called again with a new comparison.
    Raises `LocateError` and `StoreError`.
    """
    comparison.check()
    translate = _translator(comparison.old, comparison.new)
    try:
        with one_writer(journals_folder()):
            changed = sum(_rewrite_lines(path, translate) for path in _journals())
    except SortError as error:
        raise LocateError(LocateProblem.BUSY) from error
    _rewrite_session(translate)
    _change_settings(comparison)
    store.located(comparison.places)
    return changed


def with_located_folders(settings: Settings, comparison: Comparison) -> Settings:
    """Return settings whose folders in the old place are at the new one."""
    translate = _translator(comparison.old, comparison.new)
    return replace(
        settings,
        last_folder=translate(settings.last_folder),
        sort_into=translate(settings.sort_into),
        export_to=translate(settings.export_to),
    )


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links


def _translator(old: Path, new: Path) -> Callable[[str], str]:
    """Return a function that changes a text that is a path in `old`, and returns other texts as they are."""
    start = os.path.join(old, "")  # noqa: PTH118  With a separator at the end.
    is_partly_there = os.path.lexists(old)

    def translate(text: str) -> str:
        if text != str(old) and not text.startswith(start):
            return text
        target = str(new) if text == str(old) else os.path.join(new, text[len(start) :])  # noqa: PTH118
        return text if is_partly_there and _stayed(text, target) else target

    return translate


def _stayed(path: str, target: str) -> bool:
    """Whether a path in a folder that moved only in part is still at its old place.

    The path of a photo that a sort has moved away exists at neither place. It belongs to its folder.
    """
    if os.path.lexists(path):
        return True
    return not os.path.lexists(target) and os.path.isdir(os.path.dirname(path))  # noqa: PTH112, PTH120


def _journals() -> Iterator[Path]:
    yield from list_journals(journals_folder())
    yield from list_xmp_journals(xmp_journals_folder())
    yield from list_trash_journals(trash_journals_folder())


def _translated(content: Any, translate: Callable[[str], str]) -> Any:
    """Return JSON content with all paths changed, also those in lists and objects."""
    if isinstance(content, str):
        return translate(content)
    if isinstance(content, list):
        return [_translated(part, translate) for part in content]
    if isinstance(content, dict):
        return {key: _translated(part, translate) for key, part in content.items()}
    return content


def _rewrite_lines(path: Path, translate: Callable[[str], str]) -> bool:
    """Change the paths in a journal, atomically; return whether there were any. A damaged journal is left alone."""
    try:
        lines, _file = read_lines(path)
    except (OSError, ValueError):
        return False
    changed = [_translated(line, translate) for line in lines]
    if changed == lines:
        return False
    head = changed[0]
    if isinstance(head, dict) and "mount" in head and head["destination"] != lines[0]["destination"]:
        head["mount"] = str(mount_of(Path(head["destination"])))
    try:
        with atomic_write(path) as file:
            for line in changed:
                file.write(json.dumps(line).encode("ascii") + b"\n")
    except OSError as error:
        raise LocateError(LocateProblem.NOT_WRITTEN, path, error.strerror or str(error)) from error
    return True


def _rewrite_session(translate: Callable[[str], str]) -> None:
    path = last_session_file()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    changed = _translated(content, translate)
    if changed != content:
        try:
            write_text_atomically(path, json.dumps(changed) + "\n")
        except OSError as error:
            raise LocateError(LocateProblem.NOT_WRITTEN, path, error.strerror or str(error)) from error


def _change_settings(comparison: Comparison) -> None:
    path = settings_file()
    settings, warning = load_settings(path) if path.exists() else (None, None)
    if settings is None or warning is not None:
        return
    changed = with_located_folders(settings, comparison)
    if changed != settings:
        try:
            save_settings(path, changed)
        except OSError as error:
            raise LocateError(LocateProblem.NOT_WRITTEN, path, error.strerror or str(error)) from error
