"""Keys of corrections, and how corrections stay with their photos."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.store.correction_rows import carry_over, place_key, read_carried, read_correction, take_over
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.store.result_codec import KEEP, path_key, result_values
from catdog_desktop.store.store_file import STORE
from catdog_desktop.verdict import Result, Scores, Verdict

PHOTO = Path("/photos/a.jpg")
OLD, NEW = "0" * 32, "1" * 32
SIGNATURE = FileSignature(10, 5)
RESULT = Result(PHOTO, scores=Scores(0.25, 0.75), info=PhotoInfo(640, 480), fingerprint=NEW)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """The records of a photo before another program wrote into it: its former fingerprint and a correction."""
    connection = sqlite3.connect(":memory:")
    for step in STORE.steps:
        connection.executescript(step)
    connection.execute("INSERT INTO model (id, sha256) VALUES (1, 'a'), (2, 'b')")
    connection.execute(KEEP, result_values(replace(RESULT, fingerprint=OLD), 1, SIGNATURE))
    connection.execute("INSERT INTO file VALUES (?, 10, 5, ?)", (path_key(PHOTO), bytes.fromhex(OLD)))
    connection.execute("INSERT INTO correction VALUES (?, 'both')", (bytes.fromhex(OLD),))
    yield connection
    connection.close()


# The result of the file now, its model, and whether the correction still applies.
FOUND: dict[str, tuple[Result, int, Verdict | None]] = {
    "the same pixels": (RESULT, 1, Verdict.BOTH),
    "scores within the last digits": (replace(RESULT, scores=Scores(0.25 + 1e-9, 0.75 - 1e-9)), 1, Verdict.BOTH),
    "another cat score": (replace(RESULT, scores=Scores(0.2501, 0.75)), 1, None),
    "another dog score": (replace(RESULT, scores=Scores(0.25, 0.76)), 1, None),
    "another width": (replace(RESULT, info=PhotoInfo(641, 480)), 1, None),
    "another height": (replace(RESULT, info=PhotoInfo(640, 1)), 1, None),
    "no width": (replace(RESULT, info=PhotoInfo(0, 480)), 1, None),
    "another model": (RESULT, 2, None),
    "a model that nobody knows": (RESULT, -1, None),
    "another place": (replace(RESULT, path=PHOTO.with_name("b.jpg")), 1, None),
    "no photo any more": (Result(PHOTO, error="is not a photo", fingerprint=NEW), 1, None),
    "a content that nobody knows": (replace(RESULT, fingerprint=""), 1, None),
}


@pytest.mark.parametrize("case", FOUND)
def test_carry_over_same_pixels_only(db: sqlite3.Connection, case: str) -> None:
    result, model, expected = FOUND[case]
    assert read_carried(db, result, model)[0] is expected
    carry_over(db, result, model)
    assert read_correction(db, [bytes.fromhex(NEW)]) is expected
    assert read_correction(db, [bytes.fromhex(OLD)]) is Verdict.BOTH, "of a copy it is still said"


def test_carry_over_keeps_a_correction_of_the_new_content(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO correction VALUES (?, 'dog')", (bytes.fromhex(NEW),))
    carry_over(db, RESULT, 1)
    assert read_correction(db, [bytes.fromhex(NEW)]) is Verdict.DOG


def test_read_correction_takes_the_first_key_with_one(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO correction VALUES (x'aa', 'cat'), (x'bb', 'of a later version')")
    assert read_correction(db, [b"\xcc", b"\xaa", bytes.fromhex(OLD)]) is Verdict.CAT
    assert read_correction(db, [b"\xbb", b"\xaa"]) is None, "it is one, though nobody here can read it"
    assert read_correction(db, []) is None


def test_place_key_depends_on_path_size_and_time() -> None:
    same = place_key(PHOTO, SIGNATURE)
    assert same == place_key(Path("/photos/x/../a.jpg"), FileSignature(10, 5))
    others = [
        place_key(PHOTO.with_name("b.jpg"), SIGNATURE),
        place_key(PHOTO, FileSignature(11, 5)),
        place_key(PHOTO, FileSignature(10, 6)),
        place_key(PHOTO, FileSignature(1, 5)),
        place_key(PHOTO, None),
    ]
    assert len({same, *others}) == 6
    assert {len(key) for key in others} == {16}


def test_take_over_moves_a_correction_to_the_content(db: sqlite3.Connection) -> None:
    place = place_key(PHOTO, SIGNATURE)
    take_over(db, place, bytes.fromhex(NEW))
    assert read_correction(db, [bytes.fromhex(NEW)]) is None, "there was none"
    db.execute("INSERT INTO correction VALUES (?, 'cat')", (place,))
    take_over(db, place, bytes.fromhex(NEW))
    assert read_correction(db, [place]) is None
    assert read_correction(db, [bytes.fromhex(NEW)]) is Verdict.CAT
