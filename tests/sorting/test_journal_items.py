"""Journals written by earlier versions are still read, field by field."""

from pathlib import Path, PurePosixPath

import pytest

from catdog_desktop.files.safe_copy import Content, FileStat
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.journal import read_journal
from catdog_desktop.sorting.journal_items import Direction, JournalItem, JournalState, Transfer
from catdog_desktop.sorting.options import Action

HEAD = (
    '{"journal": 1, "app": "2.0.0", "started": "2025-05-06T07:08:09.000010+00:00", "action": "move", '
    '"destination": "/sorted", "mount": "/", "outputs": ["/sorted/cats", "/sorted/dogs"], "files": 3}'
)
FILES = (
    '{"step": 0, "source": "/in/a.jpg", "target": "/sorted/cats/a.jpg", "looks": [10, 1600000000123456789, 77, 420]}',
    '{"step": 0, "source": "/in/a.xmp", "target": "/sorted/cats/a.xmp", "looks": [20, 1600000000000000000, 78, 384]}',
    '{"step": 1, "source": "/in/\\udcff\\n.jpg", "target": "/sorted/dogs/\\udcff\\n.jpg", "looks": [5, 1, 79, 420]}',
)
BEGIN = (
    '{"event": "begin", "item": 0, "way": "out", "source": "/in/a.jpg", "target": "/sorted/cats/a.jpg", "inode": 77}'
)
COPIED = '{"event": "copied", "item": 0, "size": 10, "digest": "abc"}'
PLACEHOLDER = '{"event": "placeholder", "item": 0}'
TAKEN = '{"event": "placeholder-not-made", "item": 0}'
DONE = '{"event": "done", "item": 0}'
NOT_DONE = '{"event": "not-done", "item": 0}'
BACK = (
    '{"event": "begin", "item": 0, "way": "back", "source": "/sorted/cats/a.jpg", "target": "/in/a.jpg", "inode": 77}'
)
LEFT = '{"event": "left", "item": 0, "why": "was changed."}'

PLACED, ORIGINAL = Path("/sorted/cats/a.jpg"), Path("/in/a.jpg")
CONTENT = Content(10, "abc")
OUT_TRANSFER = Transfer(Direction.OUT, ORIGINAL, PLACED, 77)
posix = pytest.mark.skipif(str(PurePosixPath("/in")) != str(Path("/in")), reason="paths as on POSIX")
pytestmark = posix


def first_item(tmp_path: Path, *events: str) -> JournalItem:
    return read_journal(written(tmp_path, *events)).items[0]


def written(tmp_path: Path, *events: str) -> Path:
    path = tmp_path / "20250506-070809-000010.jsonl"
    path.write_text("".join(f"{line}\n" for line in (HEAD, *FILES, *events)), "ascii")
    return path


def test_read_journal_head_and_files(tmp_path: Path) -> None:
    journal = read_journal(written(tmp_path))
    info = journal.info()
    assert (info.id, info.action, info.destination) == ("20250506-070809-000010", Action.MOVE, Path("/sorted"))
    assert (info.photos, info.done, info.state) == (2, 0, JournalState.UNFINISHED)
    assert info.outputs == (Path("/sorted/cats"), Path("/sorted/dogs"))
    assert f"{info.started:%Y-%m-%d %H:%M:%S.%f %z}" == "2025-05-06 07:08:09.000010 +0000"
    assert journal.destination.mount == Path("/")
    assert journal.items[0] == JournalItem(0, 0, ORIGINAL, PLACED, FileStat(10, 1600000000123456789, 77, 0o644))
    assert [[item.number for item in step] for step in journal.steps] == [[0, 1], [2]]
    assert journal.items[2].source == Path("/in/\udcff\n.jpg"), "names that are not valid UTF-8"
    assert journal.temporary(journal.items[2], Path("/sorted/dogs/x")).name == ".catdog-20250506-070809-000010-2.part"


@pytest.mark.parametrize(
    ("events", "transfer"),
    [
        ([BEGIN], OUT_TRANSFER),
        ([BEGIN, COPIED], Transfer(Direction.OUT, ORIGINAL, PLACED, 77, CONTENT)),
        ([BEGIN, PLACEHOLDER], Transfer(Direction.OUT, ORIGINAL, PLACED, 77, has_placeholder=True)),
        ([BEGIN, PLACEHOLDER, TAKEN], OUT_TRANSFER),
        ([BEGIN, NOT_DONE], None),
        ([BEGIN, NOT_DONE, BEGIN], OUT_TRANSFER),
        ([BEGIN, DONE, BACK], Transfer(Direction.BACK, PLACED, ORIGINAL, 77)),
    ],
)
def test_read_journal_open_transfer(tmp_path: Path, events: list[str], transfer: Transfer | None) -> None:
    assert first_item(tmp_path, *events).transfer == transfer
    assert read_journal(written(tmp_path, *events)).is_unfinished


@pytest.mark.parametrize(
    ("events", "placed", "content", "restored", "came_from"),
    [
        ([BEGIN, DONE], PLACED, None, None, None),
        ([BEGIN, COPIED, DONE], PLACED, CONTENT, None, None),
        ([BEGIN, NOT_DONE], None, None, None, None),
        ([BEGIN, DONE, BACK], PLACED, None, None, None),
        ([BEGIN, COPIED, DONE, BACK, DONE], None, CONTENT, ORIGINAL, PLACED),
        ([BEGIN, COPIED, DONE, BACK, NOT_DONE], PLACED, CONTENT, None, None),
        ([BEGIN, DONE, BACK, DONE, BEGIN, COPIED, DONE], PLACED, CONTENT, None, PLACED),
    ],
)
def test_read_journal_current_place_of_file(
    tmp_path: Path,
    events: list[str],
    placed: Path | None,
    content: Content | None,
    restored: Path | None,
    came_from: Path | None,
) -> None:
    item = first_item(tmp_path, *events)
    assert (item.placed, item.content, item.restored, item.came_from) == (placed, content, restored, came_from)


def test_read_journal_reason_why_file_was_kept(tmp_path: Path) -> None:
    item = first_item(tmp_path, BEGIN, DONE, LEFT)
    assert (item.kept_reason, item.placed) == ("was changed.", PLACED)


@pytest.mark.parametrize("state", JournalState)
def test_read_journal_state_by_stored_name(tmp_path: Path, state: JournalState) -> None:
    names = ("unfinished", "ended", "cancelled", "undoing", "undone", "forgotten")
    name = names[list(JournalState).index(state)]
    line = f'{{"event": "state", "state": "{name}", "open": 0}}'
    assert read_journal(written(tmp_path, line)).state is state


@pytest.mark.parametrize(
    "events",
    [[DONE], [COPIED], [PLACEHOLDER], [BEGIN, DONE, DONE], [BEGIN.replace("out", "sideways")], [BEGIN, LEFT[:-1]]],
)
def test_read_journal_impossible_events_raise(tmp_path: Path, events: list[str]) -> None:
    with pytest.raises(SortError, match="is damaged"):
        read_journal(written(tmp_path, *events))
