"""The files of the store: their steps lead from nothing to now, and what was shipped once never changes."""

import hashlib
import sqlite3

import pytest

from catdog_desktop.store.store_file import STORE, THUMBNAILS, Schema

SCHEMAS = {"store": STORE, "thumbnails": THUMBNAILS}
SHIPPED = {
    "store": ["efcd056df8f7cbdc", "b004c6385b43be6a"],
    "thumbnails": ["0f45a7e4ae9a8e21", "60b95900497460dd"],
}
"""The steps by their hashes: one that is changed would leave files of before as they are, and break on them."""


def made(schema: Schema) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for step in schema.steps:
        connection.executescript(step)
    return connection


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_step_that_was_shipped_stays(name: str) -> None:
    hashes = [hashlib.sha256(step.encode()).hexdigest()[:16] for step in SCHEMAS[name].steps]
    assert hashes[: len(SHIPPED[name])] == SHIPPED[name]
    assert SCHEMAS[name].version == len(hashes)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_step_works_on_what_the_one_before_left(schema: Schema) -> None:
    assert made(schema).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_files_are_told_apart() -> None:
    assert len({schema.application_id for schema in SCHEMAS.values()}) == len(SCHEMAS)
    assert all(0 < schema.application_id < 2**31 for schema in SCHEMAS.values()), "SQLite has 31 bits for it"


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_what_is_saved_from_a_damaged_file_is_there(schema: Schema) -> None:
    connection = made(schema)
    for table, columns in schema.precious:
        assert connection.execute(f"SELECT {columns} FROM {table}").fetchall() == []
    assert ("correction", "subject, verdict") in STORE.precious


WRONG_ROWS = {
    "a file without content": (STORE, "INSERT INTO file VALUES (x'61', 1, 1, NULL)"),
    "a file twice": (STORE, "INSERT INTO file VALUES (x'61', 1, 1, x'62'), (x'61', 2, 2, x'63')"),
    "a model twice": (STORE, "INSERT INTO model (sha256) VALUES ('a'), ('a')"),
    "a verdict of nothing": (STORE, "INSERT INTO correction VALUES (NULL, 'cat')"),
    "a verdict that says nothing": (STORE, "INSERT INTO correction VALUES (x'61', NULL)"),
    "a thumbnail without a picture": (THUMBNAILS, "INSERT INTO thumbnail VALUES (x'61', 1, 0, NULL)"),
    "no room at all": (THUMBNAILS, "INSERT INTO room VALUES (0)"),
    "less than no room": (THUMBNAILS, "INSERT INTO room VALUES (-1)"),
}


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_what_makes_no_sense_is_refused(case: str) -> None:
    schema, statement = WRONG_ROWS[case]
    with pytest.raises(sqlite3.IntegrityError):
        made(schema).execute(statement)
