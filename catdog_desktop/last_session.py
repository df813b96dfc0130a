"""Where the user was: the last session, and the folders opened recently. A small JSON file in the data folder.

The file names photos, so it is no part of the settings, and forgetting deletes it as a whole.
"""

import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from catdog_desktop.file_kinds import has_photo_suffix
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import ngettext

RECENT_FOLDERS: Final = 5
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class LastSession:
    """The photos that were open, and how they were shown. Order and view are in the settings."""

    sources: tuple[Path, ...]
    """The files and folders that the user opened, at their last paths."""
    photos: int
    """How many photos were listed."""
    others: tuple[Path, ...] = ()
    """Listed photos that are in none of `sources`, for example because a sort moved them."""
    removed: tuple[Path, ...] = ()
    """Photos in `sources` that the user removed from the list."""
    query: Query = field(default_factory=Query)
    """Filter, search and secondary filter."""
    selected: tuple[Path, ...] = ()
    current: Path | None = None
    top: Path | None = None
    """The first visible photo."""


@dataclass(frozen=True, slots=True)
class LastUse:
    """The content of the file."""

    recent_folders: tuple[Path, ...] = ()
    """The newest first, at most `RECENT_FOLDERS`."""
    session: LastSession | None = None

    def with_opened(self, folders: Iterable[Path]) -> "LastUse":
        """Return a copy with `folders` as the newest ones."""
        recent = dict.fromkeys([*reversed(list(folders)), *self.recent_folders])
        return replace(self, recent_folders=tuple(recent)[:RECENT_FOLDERS])


def describe_sources(sources: Sequence[Path]) -> str:
    """Return a name for the photos in `sources`: "Holiday 2019", or "Holiday 2019 and 2 more"."""
    if not sources:
        return ""
    # A folder if there is one. Photos that were opened one by one are called by their folder.
    folders = list(dict.fromkeys(source.parent if has_photo_suffix(source) else source for source in sources))
    first = displayable(folders[0].name or str(folders[0]))
    others = len(folders) - 1
    if not others:
        return first
    text = ngettext("{name} and {count} more", "{name} and {count} more", others)
    return text.format(name=first, count=format_number(others))


def read_last_use(path: Path) -> LastUse:
    """Return the content of the file at `path`; an empty `LastUse` if it is missing or damaged. Never raises."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            return LastUse()
        session = content["session"]
        return LastUse(_paths(content["recent_folders"]), None if session is None else _session(session))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return LastUse()


def write_last_use(path: Path, last_use: LastUse) -> None:
    """Write the file atomically. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "format": _FORMAT,
        "recent_folders": _texts(last_use.recent_folders),
        "session": None if last_use.session is None else _session_as_json(last_use.session),
    }
    # ASCII: bytes of names that are not valid UTF-8 are surrogates, which cannot be encoded.
    write_text_atomically(path, json.dumps(content) + "\n")


def forget_last_use(path: Path) -> None:
    """Delete the file. Raises `OSError`."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def _session(content: dict[str, Any]) -> LastSession:
    return LastSession(
        sources=_paths(content["sources"]),
        photos=int(content["photos"]),
        others=_paths(content["others"]),
        removed=_paths(content["removed"]),
        query=_query(content["query"]),
        selected=_paths(content["selected"]),
        current=_path(content["current"]),
        top=_path(content["top"]),
    )


def _session_as_json(session: LastSession) -> dict[str, Any]:
    return {
        "sources": _texts(session.sources),
        "photos": session.photos,
        "others": _texts(session.others),
        "removed": _texts(session.removed),
        "query": _query_as_json(session.query),
        "selected": _texts(session.selected),
        "current": None if session.current is None else str(session.current),
        "top": None if session.top is None else str(session.top),
    }


def _query(content: dict[str, Any]) -> Query:
    days = [None if day is None else date.fromisoformat(day) for day in content["days"]]
    cat, dog = ((float(low), float(high)) for low, high in (content["cat"], content["dog"]))
    secondary = SecondaryFilter(_path(content["folder"]), days[0], days[1], cat, dog)
    return Query(filter=Filter(content["filter"]), search=str(content["search"]), secondary=secondary)


def _query_as_json(query: Query) -> dict[str, Any]:
    secondary = query.secondary
    days = (secondary.first_day, secondary.last_day)
    return {
        "filter": query.filter.value,
        "search": query.search,
        "folder": None if secondary.folder is None else str(secondary.folder),
        "days": [None if day is None else day.isoformat() for day in days],
        "cat": secondary.cat,
        "dog": secondary.dog,
    }


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _paths(texts: list[str]) -> tuple[Path, ...]:
    return tuple(map(Path, texts))


def _texts(paths: Iterable[Path]) -> list[str]:
    return list(map(str, paths))
