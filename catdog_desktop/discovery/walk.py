"""Finding photos: what the user gave, files and folders, becomes single files, and nothing is left out unsaid."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from catdog_desktop.file_kinds import describe_content, has_photo_suffix, is_system_file, looks_like_photo

_HEAD_BYTES: Final = 64


class Omission(Enum):
    """Why a file or a folder within a folder was left out. The values are what the user reads."""

    SYSTEM_FILE = "system files"
    NOT_A_PHOTO = "not photos"
    UNREADABLE = "could not be looked into"
    LOOP = "links back to a folder already seen"
    REPEATED = "given more than once"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path that is not classified, and why."""

    path: Path
    omission: Omission
    detail: str = ""


def find_photos(given: Iterable[Path]) -> Iterator[Path | LeftOut]:
    """Yield the photos among `given`, files and folders, lazily and in order; folders are walked to their depth.

    A file that was named is always yielded: whether it is a photo is for `decoding` to say. In a folder, files are
    taken by the ending of their name, others only if they begin as a photo does. Everything else is yielded as
    `LeftOut`. Never raises for what lies on the disk.
    """
    given = list(given)
    several = len(given) > 1  # in one folder no file can come twice, so that a million names need not be kept
    seen_files: set[str] = set()
    seen_folders: set[tuple[int, int]] = set()
    for path in given:
        # Not Path.is_dir(): before Python 3.14 it raises where the parent may not be looked into.
        found = _walk(path, seen_folders) if os.path.isdir(path) else iter((path,))  # noqa: PTH112
        for photo in found:
            if isinstance(photo, LeftOut) or not several:
                yield photo
                continue
            # Path.absolute() keeps "..", resolve() follows links.
            name = os.path.normcase(os.path.abspath(photo))  # noqa: PTH100
            if name in seen_files:
                yield LeftOut(photo, Omission.REPEATED)
            else:
                seen_files.add(name)
                yield photo


def _walk(top: Path, seen_folders: set[tuple[int, int]]) -> Iterator[Path | LeftOut]:
    pending = [top]
    while pending:
        folder = pending.pop()
        try:
            identity = folder.stat()
            key = (identity.st_dev, identity.st_ino)
            if key in seen_folders and key != (0, 0):
                yield LeftOut(folder, Omission.LOOP if folder is not top and _is_link(folder) else Omission.REPEATED)
                continue
            seen_folders.add(key)
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name.casefold())
        except OSError as error:
            yield LeftOut(folder, Omission.UNREADABLE, error.strerror or str(error))
            continue
        folders: list[Path] = []
        for entry in entries:
            path = folder / entry.name
            try:
                is_folder = entry.is_dir()
            except OSError as error:
                yield LeftOut(path, Omission.UNREADABLE, error.strerror or str(error))
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


def _sift(path: Path) -> Path | LeftOut:
    """Decide about a file met in a folder."""
    if is_system_file(path.name):
        return LeftOut(path, Omission.SYSTEM_FILE)
    if has_photo_suffix(path):
        return path
    try:
        if not path.is_file():
            return LeftOut(path, Omission.NOT_A_PHOTO, "it is no regular file")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        return LeftOut(path, Omission.UNREADABLE, error.strerror or str(error))
    if looks_like_photo(head):
        return path
    return LeftOut(path, Omission.NOT_A_PHOTO, "it is empty" if not head else describe_content(head) or "")
