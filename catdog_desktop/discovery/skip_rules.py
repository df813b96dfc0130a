"""Rules for what is skipped when a folder is searched: system folders, partial files, backups, excluded patterns.

A file or folder that the user names is never skipped, whatever its name. The rules apply to what is found inside it.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, assert_never

from catdog_desktop.file_kinds import (
    PAIRED_SUFFIXES,
    PHOTO_SUFFIXES,
    has_photo_suffix,
    is_raw,
    is_system_file,
    pair_key,
    suffix_of,
)
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import N_, _, ngettext

IGNORE_FILE: Final = ".catdogignore"
"""Patterns in the syntax of gitignore, for the folder that contains the file and all its subfolders."""
_NO_MEDIA: Final = ".nomedia"
"""Android: apps put this file into folders whose images are not the user's photos."""


class SkipReason(Enum):
    """Why a file or a folder within a folder was skipped."""

    SYSTEM_FILE = N_("system files")
    SYSTEM_FOLDER = N_("system folders")
    PARTIAL_FILE = N_("incomplete or temporary files")
    BACKUP_FILE = N_("backup files")
    EXCLUDED = N_("excluded by a pattern")
    RAW_OF_PAIR = N_("raw files that go with their JPEG")
    NOT_A_PHOTO = N_("not photos")
    UNREADABLE = N_("could not be opened")
    LOOP = N_("links back to a folder already seen")
    REPEATED = N_("given more than once")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that is not classified, and why. Partial and backup files are reported once for each folder and kind."""

    path: Path
    reason: SkipReason
    detail: str = ""
    """More about the reason, for the user: "it holds text"; empty if there is nothing more to say."""
    count: int = 1
    """How many files of the folder `path` were skipped for this reason; 1 where `path` itself was skipped."""

    def describe(self) -> str:
        """Return the reason for the user, to follow the path and a colon."""
        if self.reason is SkipReason.UNREADABLE:
            return _("could not be opened ({reason})").format(reason=self.detail)
        if self.reason is SkipReason.SYSTEM_FOLDER:
            return _("system folder ({kind})").format(kind=self.detail)
        return self.detail or _(self.reason.value)


def describe_skipped(counts: Mapping[SkipReason, int]) -> str:
    """Return the counts for the user: "2 system files, 1 file that is not a photo"."""
    return format_list(
        _count_text(reason, count).format(count=format_number(count)) for reason, count in counts.items()
    )


def _count_text(reason: SkipReason, count: int) -> str:
    match reason:
        case SkipReason.SYSTEM_FILE:
            return ngettext("{count} system file", "{count} system files", count)
        case SkipReason.SYSTEM_FOLDER:
            return ngettext("{count} system folder", "{count} system folders", count)
        case SkipReason.PARTIAL_FILE:
            return ngettext("{count} incomplete or temporary file", "{count} incomplete or temporary files", count)
        case SkipReason.BACKUP_FILE:
            return ngettext("{count} backup file", "{count} backup files", count)
        case SkipReason.EXCLUDED:
            return ngettext("{count} excluded by a pattern", "{count} excluded by a pattern", count)
        case SkipReason.RAW_OF_PAIR:
            return ngettext(
                "{count} raw file that goes with its JPEG", "{count} raw files that go with their JPEG", count
            )
        case SkipReason.NOT_A_PHOTO:
            return ngettext("{count} file that is not a photo", "{count} files that are not photos", count)
        case SkipReason.UNREADABLE:
            return ngettext("{count} place that could not be opened", "{count} places that could not be opened", count)
        case SkipReason.LOOP:
            return ngettext("{count} link to a folder already seen", "{count} links to folders already seen", count)
        case SkipReason.REPEATED:
            return ngettext("{count} photo already in the list", "{count} photos already in the list", count)
        case _:
            assert_never(reason)


_TRASH: Final = N_("trash")
_CACHE: Final = N_("cache of another program")
_LIBRARY: Final = N_("library of another program")
_SYSTEM: Final = N_("folder of the operating system")
_VERSIONS: Final = N_("old versions of files")

_FOLDERS_BY_KIND: Final[dict[str, tuple[str, ...]]] = {
    _TRASH: (
        ".trash", ".trashes", "$recycle.bin", "recycler", "recycled", "#recycle", "@recycle", ".recycle", ".dtrash",
        ".trashbox", "files_trashbin", ".globaltrash",
    ),
    _CACHE: (
        "@eadir", ".@__thumb", ".@__qini", ".thumbnails", ".thumbnail", ".thumbs", ".thumb", ".xvpics", ".cache",
        ".pics_thumbs", "@tmp", "@synoeadir", ".synologyworkingdirectory", ".comments", ".tmp.drivedownload",
        ".tmp.driveupload", ".dropbox.cache",
    ),
    _VERSIONS: (
        ".picasaoriginals", ".stversions", "files_versions", "#snapshot", "@snapshot", ".snapshot", ".snapshots",
        ".zfs", ".sync",
    ),
    N_("version control"): (".git", ".hg", ".svn"),
    _SYSTEM: (
        "system volume information", "lost+found", "found.000", ".spotlight-v100", ".fseventsd", ".temporaryitems",
        ".documentrevisions-v100", ".appledouble", "__macosx", ".stfolder", "msocache",
    ),
}  # fmt: skip
"""Names of system folders, in lower case, by their kind for the user."""
_FOLDER_NAMES: Final = {name: kind for kind, names in _FOLDERS_BY_KIND.items() for name in names}
_FOLDER_SUFFIXES: Final[dict[str, str]] = {
    ".photoslibrary": _LIBRARY,
    ".photolibrary": _LIBRARY,
    ".aplibrary": _LIBRARY,
    ".migratedphotolibrary": _LIBRARY,
    ".migratedaplibrary": _LIBRARY,
    ".lrlibrary": _LIBRARY,
    ".cocatalog": _LIBRARY,
    ".lrdata": _CACHE,
    ".lrcat-data": _CACHE,
}
_TRASH_OF_USER: Final = re.compile(r"\.trash-\d+|\.trashed-.*|\.trash_.*", re.IGNORECASE)
"""freedesktop.org trash on a removable drive: `.Trash-1000`; deleted folders of Android: `.trashed-1700000000-DCIM`."""

_PARTIAL_SUFFIXES: Final = (
    ".part", ".partial", ".crdownload", ".download", ".opdownload", ".filepart", ".tmp", ".temp", ".aria2", ".!ut",
    ".!qb", ".bc!", ".icloud",
)  # fmt: skip
_PARTIAL_NAMES: Final = re.compile(
    r"\.(?:trashed|pending)-\d+-.*"  # Android: deleted, and being written
    r"|[.~]syncthing[.~].*"
    r"|\.~.*|\.goutputstream-.*|\.fuse_hidden.*|\.nfs[0-9a-f]{8,}",
    re.IGNORECASE | re.DOTALL,
)
_RSYNC_NAME: Final = re.compile(r"\.(?P<name>.+)\.[A-Za-z0-9]{6}", re.DOTALL)
"""rsync receives IMG_1.jpg as `.IMG_1.jpg.Ab3dEf`."""
_BACKUP_SUFFIXES: Final = ("~", ".bak", ".backup", ".orig", ".old", "_original")
"""Editors, and ExifTool, which writes IMG_1.jpg_original."""
_VIDEO_THUMBNAIL_SUFFIX: Final = ".thm"


def system_folder_kind(name: str) -> str | None:
    """Return the kind of system folder that has this name ("trash"), for the user; None if it is none."""
    lower = name.casefold()
    kind = _FOLDER_NAMES.get(lower)
    if kind is None and _TRASH_OF_USER.fullmatch(name):
        kind = _TRASH
    if kind is None:
        kind = next((kind for suffix, kind in _FOLDER_SUFFIXES.items() if lower.endswith(suffix)), None)
    return None if kind is None else _(kind)


def enclosing_system_folder(path: Path) -> tuple[Path, str] | None:
    """Return the outermost system folder that is or contains `path`, and its kind; None without one.

    Used to ask the user before photos they named are moved out of a system folder. Reads no file.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  Path.absolute() keeps ".."
    for folder in (*reversed(absolute.parents), absolute):
        kind = system_folder_kind(folder.name)
        if kind is not None:
            return folder, kind
    return None


def is_usual_photo(name: str) -> bool:
    """Whether a file has a name of a photo that `file_skip_reason` never skips: a test for nearly all files."""
    return suffix_of(name) in PHOTO_SUFFIXES and not name.startswith((".", "~"))


def file_skip_reason(name: str) -> tuple[SkipReason, str] | None:
    """Return why a file of this name is skipped, and its kind in the plural for the user; None if it is not."""
    if is_usual_photo(name):
        return None
    if is_system_file(name):
        return SkipReason.SYSTEM_FILE, ""
    lower = name.casefold()
    rsync = _RSYNC_NAME.fullmatch(name)
    if (
        lower.endswith(_PARTIAL_SUFFIXES)
        or _PARTIAL_NAMES.fullmatch(name)
        or (rsync is not None and has_photo_suffix(Path(rsync["name"])))
    ):
        return SkipReason.PARTIAL_FILE, _("incomplete or temporary files")
    if lower.endswith(_BACKUP_SUFFIXES):
        return SkipReason.BACKUP_FILE, _("backup files")
    if lower.endswith(_VIDEO_THUMBNAIL_SUFFIX):
        return SkipReason.BACKUP_FILE, _("thumbnails of videos")
    return None


@dataclass(frozen=True)
class SkipRules:
    """What a walk skips in a folder, in addition to files that are not photos."""

    include_system_folders: bool = False
    """Whether system folders, partial files and backups are searched like others."""
    exclude: tuple[str, ...] = ()
    """Patterns in the syntax of gitignore, relative to each folder that the user named."""
    use_ignore_files: bool = True
    """Whether `.catdogignore` files are read."""
    join_raw: bool = False
    """Whether a raw file is left out whose JPEG or HEIC of the same name is in its folder: the two are one photo, which
    the JPEG shows and which the raw file follows as a companion."""

    def at(self, root: Path) -> "FolderRules":
        """Return the rules for the folder `root`, which the user named."""
        patterns = () if not self.exclude else (_Patterns(root, self.exclude),)
        return FolderRules(self, patterns).below(root)

    def skips(self, path: Path, root: Path) -> bool:
        """Whether a search of the folder `root`, which the user named, skips the file `path` inside it.

        For a file reported by the system while the folder is watched. Reads the ignore files on the way.
        """
        rules, folder = self.at(root), root
        try:
            inner = path.relative_to(root).parts[:-1]
        except ValueError:
            return False
        for name in inner:
            folder = folder / name
            # Path.exists() raises for folders without permission.
            no_media = [_NO_MEDIA] if os.path.exists(folder / _NO_MEDIA) else []  # noqa: PTH110
            if rules.skip_folder(folder) or rules.skip_content(folder, no_media):
                return True
            rules = rules.below(folder)
        return rules.skip_file(path) is not None or (self.join_raw and is_raw(path) and _has_photo(path, rules))


def _has_photo(raw: Path, rules: "FolderRules") -> bool:
    """Whether the JPEG or HEIC of a raw file is beside it, and is not skipped itself."""
    names = (raw.with_suffix(other) for suffix in PAIRED_SUFFIXES for other in (suffix, suffix.upper()))
    return any(os.path.lexists(name) and rules.skip_file(name) is None for name in names)


EVERYTHING: Final = SkipRules(include_system_folders=True, use_ignore_files=False)
"""Skips nothing that may be a photo."""


class _Patterns:
    """Patterns in the syntax of gitignore that apply to a folder and its subfolders."""

    def __init__(self, folder: Path, lines: Iterable[str]) -> None:
        from pathspec import GitIgnoreSpec

        self._prefix = len(str(folder).rstrip(os.sep)) + 1
        self._spec: GitIgnoreSpec = GitIgnoreSpec.from_lines(lines)

    def decide(self, path: Path, *, is_folder: bool) -> bool | None:
        """Return whether `path` is excluded; None if no pattern matches it."""
        relative = str(path)[self._prefix :].replace(os.sep, "/")
        return self._spec.check_file(f"{relative}/" if is_folder else relative).include


def parse_patterns(text: str) -> tuple[str, ...]:
    """Return the patterns in `text`, one per line; `ValueError` names the first that is invalid."""
    lines = tuple(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    if not lines:
        return ()
    # Imported on need: it takes 10 ms, and most users have no patterns.
    from pathspec import GitIgnoreSpec

    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError as error:
            raise ValueError(_("“{pattern}” is not a valid pattern").format(pattern=line)) from error
    return lines


@dataclass(frozen=True)
class FolderRules:
    """The rules for the content of one folder."""

    rules: SkipRules
    patterns: tuple[_Patterns, ...] = field(default=())

    def below(self, folder: Path) -> "FolderRules":
        """Return the rules for the content of `folder`, with those of its `.catdogignore`."""
        if not self.rules.use_ignore_files:
            return self
        try:
            text = (folder / IGNORE_FILE).read_text(encoding="utf-8", errors="replace")
            return FolderRules(self.rules, (*self.patterns, _Patterns(folder, parse_patterns(text))))
        except (OSError, ValueError):  # Most folders have none.
            return self

    def skip_folder(self, folder: Path) -> Skipped | None:
        """Return why a folder found in this one is skipped; None if it is searched."""
        if self._is_excluded(folder, is_folder=True):
            return Skipped(folder, SkipReason.EXCLUDED)
        if self.rules.include_system_folders:
            return None
        kind = system_folder_kind(folder.name)
        if kind is None and folder.name.casefold() == "cache" and folder.parent.name.casefold() == "captureone":
            kind = _(_CACHE)  # previews of Capture One; its folder beside the photos may also contain photos
        return None if kind is None else Skipped(folder, SkipReason.SYSTEM_FOLDER, kind)

    def skip_content(self, folder: Path, names: Iterable[str]) -> Skipped | None:
        """Return why a folder with files of these `names` is skipped as a whole; None if it is searched."""
        if self.rules.include_system_folders or _NO_MEDIA not in names:
            return None
        return Skipped(folder, SkipReason.SYSTEM_FOLDER, _("marked by a .nomedia file"))

    def skip_file(self, path: Path) -> Skipped | None:
        """Return why a file found in this folder is skipped; None if it may be a photo."""
        if path.name == IGNORE_FILE:
            return Skipped(path, SkipReason.SYSTEM_FILE)
        if self.patterns and self._is_excluded(path, is_folder=False):
            return Skipped(path, SkipReason.EXCLUDED)
        found = file_skip_reason(path.name)
        if found is None or (self.rules.include_system_folders and found[0] is not SkipReason.SYSTEM_FILE):
            return None
        return Skipped(path, *found)

    def _is_excluded(self, path: Path, *, is_folder: bool) -> bool:
        # As in git: the last pattern that matches decides, and inner files come after outer ones.
        for patterns in reversed(self.patterns):
            decision = patterns.decide(path, is_folder=is_folder)
            if decision is not None:
                return decision
        return False


def joined_raw_files(names: Iterable[str]) -> frozenset[str]:
    """Return those of the files in a folder that are raw files whose JPEG or HEIC is among them."""
    names = list(names)
    raws = [name for name in names if is_raw(Path(name))]
    if not raws:
        return frozenset()
    photos = {pair_key(name) for name in names if name.lower().endswith(PAIRED_SUFFIXES)}
    return frozenset(name for name in raws if pair_key(name) in photos)


_MERGED: Final = (
    SkipReason.PARTIAL_FILE,
    SkipReason.BACKUP_FILE,
    SkipReason.EXCLUDED,
    SkipReason.RAW_OF_PAIR,
)


def merge_by_kind(folder: Path, skipped: Iterable[Skipped]) -> Iterator[Skipped]:
    """Yield files skipped in one folder: those of `_MERGED` reasons once for each kind, others singly."""
    groups: dict[tuple[SkipReason, str], list[Skipped]] = {}
    for item in skipped:
        if item.reason in _MERGED:
            groups.setdefault((item.reason, item.detail), []).append(item)
        else:
            yield item
    for (reason, kind), items in groups.items():
        if len(items) == 1:
            yield items[0]
            continue
        count = format_number(len(items))
        detail = _("{count} {kind}").format(count=count, kind=kind or _(reason.value))
        yield Skipped(folder, reason, detail, len(items))
