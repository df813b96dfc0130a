"""Find photos among files and folders. Everything else is reported with its reason."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import (
    IGNORE_FILE,
    FolderRules,
    Skipped,
    SkipReason,
    SkipRules,
    is_usual_photo,
    joined_raw_files,
    merge_by_kind,
)
from catdog_desktop.file_kinds import RAW_SUFFIXES, describe_content, has_photo_suffix, looks_like_photo, pair_key
from catdog_desktop.files.drive_calls import DriveTimeoutError, call_drive, open_on_drive

_HEAD_BYTES: Final = 64
_DEFAULT_RULES: Final = SkipRules()


def find_photos(named: Iterable[Path], rules: SkipRules = _DEFAULT_RULES) -> Iterator[Path | Skipped]:
    """Yield the photos among the files and folders `named`, lazily and in order; subfolders are searched too.

    A named file is always yielded: decoding decides whether it is a photo. In a folder, files with the suffix of a
    photo are yielded, and others if they begin like a photo, unless `rules` skip them. Everything else is yielded as
    `Skipped`. Never raises for the content of the disk.
    """
    named = list(named)
    joined = _named_pairs(named) if rules.join_raw else frozenset()
    several = len(named) > 1  # in one folder no file can occur twice, so a million names need not be stored
    seen_files: set[str] = set()
    seen_folders: set[tuple[int, int]] = set()
    for path in named:
        if path in joined:
            yield Skipped(path, SkipReason.RAW_OF_PAIR)
            continue
        found = _walk(path, seen_folders, rules) if _is_folder(path) else iter((path,))
        if not several:
            yield from found
            return
        for photo in found:
            if isinstance(photo, Skipped):
                yield photo
                continue
            # Path.absolute() keeps "..", resolve() follows links.
            name = os.path.normcase(os.path.abspath(photo))  # noqa: PTH100
            if name in seen_files:
                yield Skipped(photo, SkipReason.REPEATED)
            else:
                seen_files.add(name)
                yield photo


def _walk(top: Path, seen_folders: set[tuple[int, int]], rules: SkipRules) -> Iterator[Path | Skipped]:
    pending = [(top, _read_rules(top, rules.at, FolderRules(rules)))]
    while pending:
        folder, folder_rules = pending.pop()
        try:
            key, entries = call_drive(folder, _list, folder)
            if key in seen_folders and key != (0, 0):
                is_loop = folder is not top and _is_link(folder)
                yield Skipped(folder, SkipReason.LOOP if is_loop else SkipReason.REPEATED)
                continue
            seen_folders.add(key)
        except OSError as error:
            yield Skipped(folder, SkipReason.UNREADABLE, error.strerror or str(error))
            continue
        if folder is not top:
            skipped = folder_rules.skip_content(folder, {name for name, _ in entries})
            if skipped is not None:
                yield skipped
                continue
            if any(name == IGNORE_FILE for name, _ in entries):
                folder_rules = _read_rules(folder, folder_rules.below, folder_rules)
        folders: list[tuple[Path, FolderRules]] = []
        merged: list[Skipped] = []
        # Photos that are skipped themselves join nothing.
        joined = _joined(folder, entries, folder_rules)
        for name, is_folder in entries:
            path = folder / name
            if isinstance(is_folder, OSError):
                yield Skipped(path, SkipReason.UNREADABLE, is_folder.strerror or str(is_folder))
                continue
            is_usual = not is_folder and is_usual_photo(name) and not folder_rules.patterns
            skipped = None if is_usual else _skip_entry(path, joined, folder_rules, is_folder=is_folder)
            if skipped is not None:
                if is_folder:
                    yield skipped
                else:
                    merged.append(skipped)
            elif is_folder:
                folders.append((path, folder_rules))
            else:
                yield path if is_usual else _check_file(path)
        yield from merge_by_kind(folder, merged)
        pending.extend(reversed(folders))


def _joined(folder: Path, entries: list[tuple[str, bool | OSError]], rules: FolderRules) -> frozenset[str]:
    """Return the raw files of a folder that go with a photo in it."""
    # In most folders there is no raw file, and then no path has to be made.
    if not rules.rules.join_raw or RAW_SUFFIXES.isdisjoint(name[-4:].lower() for name, _ in entries):
        return frozenset()
    return joined_raw_files(
        name
        for name, is_folder in entries
        if is_folder is False and pair_key(name) is not None and rules.skip_file(folder / name) is None
    )


def _skip_entry(path: Path, joined: frozenset[str], rules: FolderRules, *, is_folder: bool) -> Skipped | None:
    if is_folder:
        return rules.skip_folder(path)
    if path.name in joined:
        return Skipped(path, SkipReason.RAW_OF_PAIR)
    return rules.skip_file(path)


def _named_pairs(named: Iterable[Path]) -> frozenset[Path]:
    """Return the raw files among `named` whose JPEG or HEIC of the same folder is named too."""
    by_folder: dict[Path, list[Path]] = {}
    for path in named:
        if pair_key(path.name) is not None:
            by_folder.setdefault(path.parent, []).append(path)
    return frozenset(
        path
        for paths in by_folder.values()
        for names in (joined_raw_files(path.name for path in paths),)
        for path in paths
        if path.name in names
    )


def _is_folder(path: Path) -> bool:
    """Whether a named path is a folder. One whose drive does not answer is taken for a file: reading it says why."""
    try:
        # Path.is_dir() raises before Python 3.14 if the parent folder is not accessible.
        return call_drive(path, os.path.isdir, path)
    except DriveTimeoutError:
        return False


def _list(folder: Path) -> tuple[tuple[int, int], list[tuple[str, bool | OSError]]]:
    """Return device and inode of a folder, and its entries: name, and whether it is a folder. Raises `OSError`."""
    identity = folder.stat()
    entries: list[tuple[str, bool | OSError]] = []
    with os.scandir(folder) as listing:
        for entry in listing:
            try:
                entries.append((entry.name, entry.is_dir()))
            except OSError as error:
                entries.append((entry.name, error))
    return (identity.st_dev, identity.st_ino), sorted(entries, key=lambda entry: entry[0].casefold())


def _read_rules(folder: Path, read: Callable[[Path], FolderRules], otherwise: FolderRules) -> FolderRules:
    try:
        return call_drive(folder, read, folder)
    except DriveTimeoutError:  # Reported by the next call.
        return otherwise


def _is_link(folder: Path) -> bool:
    # Junctions are the links of Windows. os.path has isjunction() since Python 3.12.
    is_junction = getattr(os.path, "isjunction", None)
    return folder.is_symlink() or bool(is_junction and is_junction(folder))


def _check_file(path: Path) -> Path | Skipped:
    """Return `path` if it has the suffix of a photo or begins like one, else why it is skipped."""
    if has_photo_suffix(path):
        return path
    try:
        if not call_drive(path, path.is_file):
            return Skipped(path, SkipReason.NOT_A_PHOTO, "it is not a regular file")
        with open_on_drive(path) as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        return Skipped(path, SkipReason.UNREADABLE, error.strerror or str(error))
    if looks_like_photo(head):
        return path
    return Skipped(path, SkipReason.NOT_A_PHOTO, "it is empty" if not head else describe_content(head) or "")
