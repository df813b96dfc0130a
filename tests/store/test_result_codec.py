"""Results as rows: they survive the round trip, and an invalid row is no result."""

import gc
import os
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catdog_desktop import __version__
from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo
from catdog_desktop.inference.features import normalised, unpack_features
from catdog_desktop.store import result_codec
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.store.result_codec import (
    BY_CONTENT,
    KEEP,
    packed_features,
    path_key,
    read_result,
    read_verdict,
    result_values,
    rows_by_path,
    with_date,
)
from catdog_desktop.store.store_file import STORE
from catdog_desktop.verdict import Result, Scores, Verdict

PHOTO = Path("/photos/a.jpg")
CONTENT = "0123456789abcdef" * 2
SIGNATURE = FileSignature(54_321, 1_600_000_000_250_000_000)
CHANGED = datetime.fromtimestamp(1_600_000_000.25)
FULL = Result(
    PHOTO,
    scores=Scores(0.1, 1 / 3),
    info=PhotoInfo(640, 480, datetime(2020, 2, 29, 12, 30, 59, 250), 54_321, False, DateSource.TAKEN),
    heat_maps=np.arange(98, dtype=np.uint8).reshape(7, 7, 2),
    fingerprint=CONTENT,
)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """A database with the store's schema and one model."""
    connection = sqlite3.connect(":memory:")
    for step in STORE.steps:
        connection.executescript(step)
    connection.execute("INSERT INTO model (id, sha256) VALUES (1, 'a')")
    yield connection
    connection.close()


def kept(db: sqlite3.Connection, result: Result) -> Result | None:
    db.execute(KEEP, result_values(result, 1, SIGNATURE))
    row = db.execute(BY_CONTENT, (bytes.fromhex(CONTENT), 1)).fetchone()
    packed = packed_features(row)
    features = None if packed is None else unpack_features(packed)
    back = read_result(result.path, SIGNATURE, row, features=features)
    return None if back is None else with_date(back, SIGNATURE)


@pytest.mark.parametrize(
    "result",
    [
        FULL,
        replace(FULL, info=replace(FULL.info, damaged=True), heat_maps=None),
        replace(FULL, info=replace(FULL.info, date=CHANGED, date_source=DateSource.FILE_TIME)),
        replace(FULL, heat_maps=np.zeros((1, 3, 2), np.uint8)),
        replace(FULL, scores=Scores(0.0, 1.0)),
        replace(FULL, looked_closer=True),
        Result(PHOTO, error="is not a photo (it holds text)", fingerprint=CONTENT),
        Result(PHOTO, error="“ü” 猫", fingerprint=CONTENT),
    ],
    ids=[
        "full",
        "damaged",
        "no time of its own",
        "odd maps",
        "ends of the scale",
        "looked closer",
        "error",
        "error in any script",
    ],
)
def test_result_survives_the_round_trip(db: sqlite3.Connection, result: Result) -> None:
    back = kept(db, result)
    assert back == result
    assert back is not None
    if result.heat_maps is None:
        assert back.heat_maps is None
    else:
        assert back.heat_maps is not None
        assert np.array_equal(back.heat_maps, result.heat_maps)


def test_features_kept_come_back_in_one_byte_each(db: sqlite3.Connection) -> None:
    features = normalised(np.random.default_rng(1).normal(size=256))
    back = kept(db, replace(FULL, features=features))
    assert back is not None
    assert back.features is not None
    assert back.features @ features > 0.999
    assert np.linalg.norm(back.features) == pytest.approx(1.0)
    (stored,) = db.execute("SELECT length(features) FROM result").fetchone()
    assert stored == 256


def test_file_time_is_that_of_each_copy(db: sqlite3.Connection) -> None:
    kept(db, replace(FULL, info=replace(FULL.info, date=CHANGED, date_source=DateSource.FILE_TIME)))
    row = db.execute(BY_CONTENT, (bytes.fromhex(CONTENT), 1)).fetchone()
    signature = FileSignature(54_321, 1_700_000_000 * 10**9)
    copy = read_result(PHOTO, signature, row)
    assert copy is not None
    copy = with_date(copy, signature)
    assert copy.info.date == datetime.fromtimestamp(1_700_000_000)


def test_by_path_row_begins_with_size_and_time(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO file VALUES (?, 54321, 5, ?)", (path_key(PHOTO), bytes.fromhex(CONTENT)))
    key = path_key(PHOTO)
    row = rows_by_path(db, 1, [key])[key]
    assert row[:3] == (key, 54_321, 5)
    assert read_result(PHOTO, SIGNATURE, row[3:]) is None, "nothing was found in it yet"
    db.execute(KEEP, result_values(FULL, 1, SIGNATURE))
    db.execute("INSERT INTO correction VALUES (?, 'both')", (bytes.fromhex(CONTENT),))
    row = rows_by_path(db, 1, [key])[key]
    assert read_result(PHOTO, SIGNATURE, row[3:]) == replace(FULL, correction=Verdict.BOTH)


def test_rows_by_path_of_many_files_are_those_in_store(db: sqlite3.Connection) -> None:
    keys = [path_key(PHOTO.with_name(f"{number}.jpg")) for number in range(250)]
    db.executemany(
        "INSERT INTO file VALUES (?, ?, 5, ?)",
        [(key, number, bytes.fromhex(CONTENT)) for number, key in enumerate(keys)][::2],
    )
    rows = rows_by_path(db, 1, [*keys, keys[0]])
    assert {key: row[1] for key, row in rows.items()} == {
        key: number for number, key in enumerate(keys) if number % 2 == 0
    }
    assert rows_by_path(db, 1, []) == {}


def test_rows_by_path_without_features_have_null_for_them(db: sqlite3.Connection) -> None:
    features = normalised(np.random.default_rng(1).normal(size=256))
    db.execute("INSERT INTO file VALUES (?, 54321, 5, ?)", (path_key(PHOTO), bytes.fromhex(CONTENT)))
    db.execute(KEEP, result_values(replace(FULL, features=features), 1, SIGNATURE))
    (with_them,) = rows_by_path(db, 1, [path_key(PHOTO)]).values()
    (without,) = rows_by_path(db, 1, [path_key(PHOTO)], features=False).values()
    assert packed_features(with_them[3:]) is not None
    assert packed_features(without[3:]) is None
    assert read_result(PHOTO, SIGNATURE, without[3:]) == read_result(PHOTO, SIGNATURE, with_them[3:])


def values(**wrong: Any) -> tuple[Any, ...]:
    """Return a row as `BY_CONTENT` gives it, with some invalid values."""
    whole = {
        "content": bytes.fromhex(CONTENT), "verdict": None, "model": 1, "cat": 0.1, "dog": 0.9, "error": None,
        "damaged": 0, "width": 640, "height": 480, "taken": None, "maps": bytes(98), "map_rows": 7,
        "decoder": __version__, "features": None, "looked_closer": 0, "date_source": "",
        "stars": None,
    }  # fmt: skip
    assert set(wrong) <= set(whole)
    return tuple((whole | wrong).values())


NONSENSE: dict[str, dict[str, Any]] = {
    "no model": {"model": None},
    "maps that are cut off": {"maps": bytes(97)},
    "maps without rows": {"map_rows": None},
    "maps of no rows": {"map_rows": 0},
    "maps that are a number": {"maps": 5},
    "a day that never was": {"taken": "2020-02-30T00:00:00"},
    "a time that is none": {"taken": "yesterday"},
    "a time that is a number": {"taken": 1},
    "a source that is none": {"taken": "2020-02-29T00:00:00", "date_source": "crystal ball"},
    "a content that is none": {"content": None},
    "a content that is a number": {"content": 7},
    "an error of another version": {"error": "is damaged", "decoder": "0.0.1"},
    "an error of before there were versions": {"error": "is damaged", "decoder": ""},
}


@pytest.mark.parametrize("wrong", NONSENSE.values(), ids=NONSENSE)
def test_read_result_invalid_row_is_none(wrong: dict[str, Any]) -> None:
    assert read_result(PHOTO, SIGNATURE, values()) is not None
    assert read_result(PHOTO, SIGNATURE, values(**wrong)) is None


@pytest.mark.parametrize("mtime_ns", [-(10**18), 0, 10**30])
def test_read_result_impossible_file_time_is_read(mtime_ns: int) -> None:
    signature = FileSignature(1, mtime_ns)
    result = read_result(PHOTO, signature, values())
    assert result is not None
    result = with_date(result, signature)
    assert result.info.date is None or result.info.date >= datetime.fromtimestamp(0)


def test_read_result_error_of_another_version_is_none(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Result(PHOTO, error="is damaged", fingerprint=CONTENT)
    assert kept(db, failed) == failed
    row = db.execute(BY_CONTENT, (bytes.fromhex(CONTENT), 1)).fetchone()
    monkeypatch.setattr(result_codec, "__version__", "99.0")
    assert read_result(PHOTO, SIGNATURE, row) is None
    assert kept(db, FULL) == FULL, "scores are of any version"


@pytest.mark.parametrize(
    ("scores", "error"), [((0.1, None), None), ((None, 0.9), None), ((0.1, 0.9), "both"), ((None, None), None),
                          ((1.5, 0.1), None), ((-0.1, 0.1), None)]
)  # fmt: skip
def test_keep_inconsistent_row_is_rejected(
    db: sqlite3.Connection, scores: tuple[float | None, float | None], error: str | None
) -> None:
    good = result_values(FULL, 1, SIGNATURE)
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(KEEP, (*good[:2], *scores, error, *good[5:]))


@pytest.mark.parametrize(
    ("word", "verdict"),
    [*((str(verdict), verdict) for verdict in Verdict), (None, None), ("", None), ("CAT", None), ("horse", None)],
)
def test_read_verdict_known_words(word: str | None, verdict: Verdict | None) -> None:
    assert read_verdict(word) is verdict


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/a/b.jpg", b"/a/b.jpg"),
        ("/a/../b.jpg", b"/b.jpg"),
        ("/a//b.jpg/", b"/a/b.jpg"),
        ("/a/.hidden/b.jpg", b"/a/.hidden/b.jpg"),
        ("/ü 猫", "/ü 猫".encode()),
        (os.fsdecode(b"/bad-\xff"), b"/bad-\xff"),
        ("/line\nbreak", b"/line\nbreak"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="paths as on POSIX")
def test_path_key_is_absolute_bytes(path: str, key: bytes) -> None:
    assert path_key(Path(path)) == key


def test_path_key_of_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert path_key(Path("a.jpg")) == os.fsencode(tmp_path / "a.jpg")


def test_rows_by_path_called_often_keeps_no_memory(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO file VALUES (?, 1, 1, ?)", (path_key(PHOTO), bytes.fromhex(CONTENT)))
    rows_by_path(db, 1, [path_key(PHOTO)])
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(1000):
        rows_by_path(db, 1, [path_key(PHOTO)])
    assert sys.getallocatedblocks() - before < 500
