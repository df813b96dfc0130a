"""Journals name photos too: forgetting removes those that can undo nothing, and keeps the others."""

from pathlib import Path

import pytest

from catdog_desktop.paths import data_folder, journals_folder
from catdog_desktop.privacy import forget_photos, kept_journals
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import ALL_KINDS, Kind

HEAD = '{"journal": 1}\n'
ENDINGS = {
    "undone": '{"event": "state", "state": "undone", "open": false}\n',
    "ended": '{"event": "state", "state": "ended", "open": false}\n',
    "cancelled": '{"event": "state", "state": "cancelled", "open": false}\n',
    "undone-in-part": '{"event": "state", "state": "undoing", "open": true}\n',
    "undone-but-files-are-on-their-way": '{"event": "state", "state": "undone", "open": true}\n',
    "set-aside": '{"event": "state", "state": "forgotten", "open": false}\n',
    "interrupted": '{"event": "begin", "item": 1}\n',
    "torn": '{"event": "state", "state": "undone", "op',
    "of-a-later-version": '{"event": "state", "state": "polished", "open": false}\n',
    "no-journal": "\n\0",
}


@pytest.fixture(autouse=True)
def journals(home: Path) -> Path:
    """Write a journal for each last line that it can have, and one of an export of keywords."""
    folder = journals_folder()
    folder.mkdir(parents=True)
    for name, ending in ENDINGS.items():
        (folder / f"{name}.jsonl").write_text(HEAD + ending)
    keywords = data_folder() / "xmp-journals"
    keywords.mkdir()
    (keywords / "xmp-20260101-000000-000000.jsonl").write_text("{}\n")
    return folder


def names(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.jsonl")}


def test_forget_photos_removes_undone_journals_only(journals: Path) -> None:
    assert names(journals) == set(ENDINGS), "their ids"
    assert kept_journals() == len(ENDINGS)
    with Store.open() as store:
        forget_photos(store, ALL_KINDS)
    assert names(journals) == set(ENDINGS) - {"undone"}
    assert kept_journals() == len(ENDINGS), "the journal of keywords counts"


@pytest.mark.parametrize("kinds", [{Kind.THUMBNAILS}, {Kind.VERDICTS}, set()], ids=str)
def test_forget_photos_without_results_keeps_journals(journals: Path, kinds: set[Kind]) -> None:
    with Store.open() as store:
        forget_photos(store, kinds)
    assert names(journals) == set(ENDINGS)


def test_forget_photos_of_folder_keeps_journals(journals: Path, tmp_path: Path) -> None:
    with Store.open() as store:
        forget_photos(store, ALL_KINDS, tmp_path)
    assert names(journals) == set(ENDINGS)


def test_forget_photos_while_sort_runs_keeps_journals(journals: Path) -> None:
    with one_writer(journals), Store.open() as store:
        forget_photos(store, ALL_KINDS)
    assert names(journals) == set(ENDINGS)


def test_forget_photos_without_journals_creates_no_folder(home: Path, journals: Path) -> None:
    for path in journals.iterdir():
        path.unlink()
    journals.rmdir()
    with Store.open() as store:
        forget_photos(store, ALL_KINDS)
    assert not journals.exists()
    assert kept_journals() == 1
