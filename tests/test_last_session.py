"""The last session on the disk: written, read, damaged, forgotten."""

from datetime import date
from pathlib import Path

import pytest

from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.last_session import (
    LastSession,
    LastUse,
    describe_sources,
    forget_last_use,
    read_last_use,
    write_last_use,
)

SESSION = LastSession(
    sources=(Path("/photos/Holiday 2019"), Path("/photos/no\udcffutf8")),
    photos=13_583,
    others=(Path("/sorted/cats/a.jpg"),),
    removed=(Path("/photos/Holiday 2019/b.jpg"),),
    query=Query(
        Filter.TO_CHECK,
        search="beach",
        secondary=SecondaryFilter(Path("/photos/Holiday 2019"), date(2019, 5, 1), None, (0.2, 1.0), (0.0, 0.5)),
    ),
    selected=(Path("/photos/Holiday 2019/c.jpg"),),
    current=Path("/photos/Holiday 2019/c.jpg"),
    top=Path("/photos/Holiday 2019/a.jpg"),
)


def test_last_use_written_is_read(tmp_path: Path) -> None:
    written = LastUse((Path("/photos/猫"),), SESSION)
    write_last_use(tmp_path / "new" / "session.json", written)
    assert read_last_use(tmp_path / "new" / "session.json") == written


def test_last_use_without_session_is_read(tmp_path: Path) -> None:
    write_last_use(tmp_path / "session.json", LastUse((Path("/a"),)))
    assert read_last_use(tmp_path / "session.json") == LastUse((Path("/a"),))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"format": 2, "recent_folders": [], "session": null}',
        b'{"format": 1, "recent_folders": [1], "session": null}',
        b'{"format": 1, "recent_folders": [], "session": {}}',
        b'{"format": 1, "recent_folders": null}',
    ],
)
def test_damaged_file_is_an_empty_last_use(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(content)
    assert read_last_use(path) == LastUse()


def test_missing_file_is_an_empty_last_use(tmp_path: Path) -> None:
    assert read_last_use(tmp_path / "session.json") == LastUse()


def test_recent_folders_are_five_the_newest_first() -> None:
    last_use = LastUse()
    for name in "abcdefb":
        last_use = last_use.with_opened([Path(f"/{name}")])
    assert [folder.name for folder in last_use.recent_folders] == ["b", "f", "e", "d", "c"]


def test_forgotten_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    write_last_use(path, LastUse((), SESSION))
    forget_last_use(path)
    forget_last_use(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sources", "name"),
    [
        ([], ""),
        (["/photos/Holiday 2019"], "Holiday 2019"),
        (["/photos/Holiday 2019", "/photos/Garden"], "Holiday 2019 and 1 more"),
        (["/photos/Garden/a.jpg", "/photos/Garden/b.jpg"], "Garden"),
        (["/photos/gpj.\u202elive"], "gpj.\\u202elive"),
        (["/"], "/"),
    ],
)
def test_sources_are_named_by_their_folder(sources: list[str], name: str) -> None:
    assert describe_sources([Path(source) for source in sources]) == name
