"""Finding photos: what the user gave, files and folders, becomes single files, and nothing is left out unsaid."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.file_kinds import describe_content, has_photo_suffix, is_system_file, looks_like_photo

_HEAD_BYTES: Final = 64


def find_photos(given: Iterable[Path]) -> Iterator[Path | Skipped]:
    """Yield the photos among `given`, files and folders, lazily and in order; folders are walked to their depth.

    A file that was named is always yielded: whether it is a photo is for `decoding` to say. In a folder, files are
    taken by the ending of their name, others only if they begin as a photo does. Everything else is yielded as
    `Skipped`. Never raises for what lies on the disk.
    """
    given = list(given)
    several = len(given) > 1  # in one folder no file can come twice, so that a million names need not be kept
    seen_files: set[str] = set()
    seen_folders: set[tuple[int, int]] = set()
    for path in given:
        # Not Path.is_dir(): before Python 3.14 it raises where the parent may not be looked into.
        found = _walk(path, seen_folders) if os.path.isdir(path) else iter((path,))  # noqa: PTH112
        for photo in found:
            if isinstance(photo, Skipped) or not several:
                yield photo
                continue
            # Path.absolute() keeps "..", resolve() follows links.
            name = os.path.normcase(os.path.abspath(photo))  # noqa: PTH100
            if name in seen_files:
                yield Skipped(photo, SkipReason.REPEATED)
            else:
                seen_files.add(name)
                yield photo


def _walk(top: Path, seen_folders: set[tuple[int, int]]) -> Iterator[Path | Skipped]:
    pending = [top]
    while pending:
        folder = pending.pop()
        try:
            identity = folder.stat()
            key = (identity.st_dev, identity.st_ino)
            if key in seen_folders and key != (0, 0):
                is_loop = folder is not top and _is_link(folder)
                yield Skipped(folder, SkipReason.LOOP if is_loop else SkipReason.REPEATED)
                continue
            seen_folders.add(key)
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name.casefold())
        except OSError as error:
            yield Skipped(folder, SkipReason.UNREADABLE, error.strerror or str(error))
            continue
        folders: list[Path] = []
        for entry in entries:
            path = folder / entry.name
            try:
                is_folder = entry.is_dir()
            except OSError as error:
                yield Skipped(path, SkipReason.UNREADABLE, error.strerror or str(error))
                continue
            if is_folder:
                folders.append(path)
            else:
                yield _sift(path)
        pending.extend(reversed(folders))


def _is_link(folder: Path) -> bool:
    # Junctions are the links of Windows; Python knows them since 3.12.
    is_junction = getattr(os.path, "isjunction", None)
    return folder.is_symlink() or bool(is_junction and is_junction(folder))


def _sift(path: Path) -> Path | Skipped:
    """Decide about a file met in a folder."""
    if is_system_file(path.name):
        return Skipped(path, SkipReason.SYSTEM_FILE)
    if has_photo_suffix(path):
        return path
    try:
        if not path.is_file():
            return Skipped(path, SkipReason.NOT_A_PHOTO, "it is no regular file")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        return Skipped(path, SkipReason.UNREADABLE, error.strerror or str(error))
    if looks_like_photo(head):
        return path
    return Skipped(path, SkipReason.NOT_A_PHOTO, "it is empty" if not head else describe_content(head) or "")
