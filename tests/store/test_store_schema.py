"""The schemas of the store: their steps apply in order, and shipped steps never change."""

import hashlib
import sqlite3

import pytest

from catdog_desktop.store.store_file import STORE, THUMBNAILS, Schema

SCHEMAS = {"store": STORE, "thumbnails": THUMBNAILS}
SHIPPED = {
    "store": ["efcd056df8f7cbdc", "b004c6385b43be6a", "3305557d1555f389", "2290b6228d22e665"],
    "thumbnails": ["0f45a7e4ae9a8e21", "60b95900497460dd"],
}
"""Hashes of the shipped steps. Existing files would not get a change of one."""


def made(schema: Schema) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for step in schema.steps:
        connection.executescript(step)
    return connection


@pytest.mark.parametrize("name", SCHEMAS)
def test_shipped_steps_are_unchanged(name: str) -> None:
    hashes = [hashlib.sha256(step.encode()).hexdigest()[:16] for step in SCHEMAS[name].steps]
    assert hashes[: len(SHIPPED[name])] == SHIPPED[name]
    assert SCHEMAS[name].version == len(hashes)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_steps_apply_in_order(schema: Schema) -> None:
    assert made(schema).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_application_ids_differ() -> None:
    assert len({schema.application_id for schema in SCHEMAS.values()}) == len(SCHEMAS)
    assert all(0 < schema.application_id < 2**31 for schema in SCHEMAS.values()), "SQLite has 31 bits for it"


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_precious_tables_exist(schema: Schema) -> None:
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
    "a limit of nothing": (THUMBNAILS, "INSERT INTO room VALUES (0)"),
    "a negative limit": (THUMBNAILS, "INSERT INTO room VALUES (-1)"),
}


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_invalid_rows_are_rejected(case: str) -> None:
    schema, statement = WRONG_ROWS[case]
    with pytest.raises(sqlite3.IntegrityError):
        made(schema).execute(statement)
