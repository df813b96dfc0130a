"""The store's file: migration, rebuilding of damaged files, and memory where no file can be written."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from catdog_desktop.paths import data_folder
from catdog_desktop.store.errors import StoreError
from catdog_desktop.store.fingerprint import file_fingerprint
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_file import STORE, StoreFile
from catdog_desktop.verdict import Result, Scores, Verdict

MODEL = "a" * 64
TODAY = date.today().isoformat()

VERSION_1 = """
CREATE TABLE file (path BLOB NOT NULL PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    content BLOB NOT NULL);
CREATE INDEX file_size ON file (size);
CREATE TABLE model (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE);
CREATE TABLE result (content BLOB NOT NULL, model INTEGER NOT NULL REFERENCES model (id),
    cat REAL CHECK (cat BETWEEN 0 AND 1), dog REAL CHECK (dog BETWEEN 0 AND 1), error TEXT,
    damaged INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, taken TEXT, maps BLOB, map_rows INTEGER,
    PRIMARY KEY (content, model),
    CHECK ((cat IS NULL) = (dog IS NULL) AND (cat IS NULL) <> (error IS NULL))) WITHOUT ROWID;
CREATE TABLE correction (subject BLOB NOT NULL PRIMARY KEY, verdict TEXT NOT NULL) WITHOUT ROWID;
PRAGMA application_id = 1130460228;
PRAGMA user_version = 1;
"""
"""The schema of version 1, literally, not made from today's steps."""


@pytest.fixture
def path() -> Path:
    data_folder().mkdir(parents=True)
    return data_folder() / "store.sqlite"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    os.utime(photo, (1_600_000_000, 1_600_000_000))
    return photo


def fill(store: Store, photo: Path) -> None:
    store.keep([Result(photo, scores=Scores(0.25, 0.75), thumbnail=b"small")], MODEL)
    store.correct({photo: Verdict.BOTH})


def works(store: Store, photo: Path) -> bool:
    fill(store, photo)
    return store.known([photo], MODEL, thumbnails=True)[photo].thumbnail == b"small"


# --- versions ---


def test_open_version_1_migrates(path: Path, photo: Path) -> None:
    content = bytes.fromhex(file_fingerprint(photo))
    other = photo.with_name("other.jpg")
    other.write_bytes(b"no photo")
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1)
        old.execute("INSERT INTO model VALUES (7, ?)", (MODEL,))
        for file, key in ((photo, content), (other, bytes.fromhex(file_fingerprint(other)))):
            signature = (file.stat().st_size, file.stat().st_mtime_ns)
            old.execute("INSERT INTO file VALUES (?, ?, ?, ?)", (os.fsencode(file), *signature, key))
        old.execute("INSERT INTO result VALUES (?, 7, 0.25, 0.75, NULL, 0, 64, 48, NULL, NULL, NULL)", (content,))
        old.execute(
            "INSERT INTO result VALUES (?, 7, NULL, NULL, 'is damaged', 0, 0, 0, NULL, NULL, NULL)",
            (bytes.fromhex(file_fingerprint(other)),),
        )
        old.execute("INSERT INTO correction VALUES (?, 'dog')", (content,))
        old.commit()
    with Store.open() as store:
        assert store.complaint is None
        known = store.known([photo, other], MODEL)
        assert set(known) == {photo}, "the version of the app that met the error is unknown"
        assert (known[photo].scores, known[photo].correction) == (Scores(0.25, 0.75), Verdict.DOG)
        assert works(store, photo)
    with closing(sqlite3.connect(path)) as now:
        assert now.execute("PRAGMA user_version").fetchone() == (STORE.version,)
        assert now.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert [file.name for file in path.parent.glob("store*")] == ["store.sqlite"]


def test_open_failed_migration_changes_nothing(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1)
        before = old.execute("SELECT * FROM sqlite_master").fetchall()
    wrong_step = "ALTER TABLE file ADD COLUMN more TEXT;\nALTER TABLE absent ADD COLUMN more TEXT;"
    steps = (STORE.steps[0], wrong_step, *STORE.steps[1:])
    with pytest.raises(sqlite3.OperationalError, match="no such table: absent"):
        StoreFile(path, replace(STORE, steps=steps))
    with closing(sqlite3.connect(path)) as now:
        assert now.execute("PRAGMA user_version").fetchone() == (1,)
        assert now.execute("SELECT * FROM sqlite_master").fetchall() == before


def test_write_to_file_of_an_unknown_write_version_sets_it_aside(path: Path, photo: Path) -> None:
    """SQLite opens such a file read-only."""
    with Store.open() as store:
        fill(store, photo)
    _set_byte(path, 18, 9)
    with Store.open() as store:
        assert store.known([photo], MODEL)[photo].correction is Verdict.BOTH
        store.correct({photo: Verdict.CAT})
        assert store.complaint is not None
        assert store.complaint.endswith(" Your own verdicts and ratings were taken over from it: 1.")
    with Store.open() as store:
        assert store.complaint is None
        assert store.corrections([photo]) == {photo: Verdict.CAT}


def test_open_newer_version_is_left_alone(path: Path, photo: Path) -> None:
    with Store.open() as store:
        fill(store, photo)
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {STORE.version + 1}")
        newer.commit()
    before = path.read_bytes()
    with Store.open() as store:
        assert store.complaint == (
            f"Nothing is remembered for the next time: {path} cannot be used "
            "(it was written by a newer version of this app)."
        )
        assert store.known([photo], MODEL) == {}
        assert works(store, photo)
    assert path.read_bytes() == before


# --- damaged and foreign ---


def _foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as foreign:
        foreign.executescript("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup');")


def _mend_application_id(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:68] + b"SOUP" + path.read_bytes()[72:])


def _destroy_the_roots(path: Path) -> None:
    """Replace all but the first page, which lists the tables, by noise."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def _set_byte(path: Path, place: int, value: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] = value
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_text("Dear diary, " * 100),
    "noise": lambda path: path.write_bytes(os.urandom(20_000)),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "only the header": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "pages of noise": _destroy_the_roots,
    "a schema with another table": lambda path: path.write_bytes(
        path.read_bytes().replace(b"TABLE correction", b"TABLE corxection")
    ),
    "a schema with another column": lambda path: path.write_bytes(
        path.read_bytes().replace(b"mtime_ns INTEGER", b"mtime_xx INTEGER")
    ),
    "a column that is no text": lambda path: path.write_bytes(path.read_bytes().replace(b"maps BLOB", b"m\xe1ps BLOB")),
    "a lower version": lambda path: _set_byte(path, 63, 2),
    "an unknown schema format": lambda path: _set_byte(path, 47, 9),
    "a schema that is no text": lambda path: path.write_bytes(
        path.read_bytes().replace(b"CREATE TABLE", b"CREATE \xe1\xe1BLE")
    ),
    "a database of others": lambda path: (path.unlink(), _foreign_database(path)),
    "a database of another app": _mend_application_id,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_open_broken_file_is_set_aside_and_rebuilt(path: Path, photo: Path, how: str) -> None:
    with Store.open() as store:
        fill(store, photo)
    DAMAGE[how](path)
    broken = path.read_bytes()
    with Store.open() as store:
        assert store.known([photo], MODEL) == {}
        aside = path.with_name(f"store.damaged-{TODAY}.sqlite")
        assert store.complaint is not None
        assert re.search(
            rf"store\.sqlite .*; it was set aside as {aside.name} and a new one was begun\.", store.complaint
        )
        assert aside.read_bytes() == broken
        assert works(store, photo)
    with Store.open() as store:
        assert store.complaint is None
        assert set(store.known([photo], MODEL)) == {photo}
    DAMAGE["noise"](path)
    with Store.open() as store:
        assert f"store.damaged-{TODAY}-2.sqlite" in (store.complaint or "")
    assert aside.read_bytes() == broken, "nothing set aside is written over"


def test_rebuild_saves_corrections(path: Path, tmp_path: Path) -> None:
    photos = [tmp_path / f"{number}.jpg" for number in range(300)]
    for photo in photos:
        photo.write_text(photo.name)
    with Store.open() as store:
        store.keep([Result(photo, scores=Scores(0.25, 0.75)) for photo in photos], MODEL)
        store.correct(dict.fromkeys(photos, Verdict.CAT))
    with closing(sqlite3.connect(path)) as healthy:
        roots = healthy.execute("SELECT rootpage FROM sqlite_master WHERE name = 'file'").fetchall()
    content = bytearray(path.read_bytes())
    for (root,) in roots:
        content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with Store.open() as store:
        store.known(photos, MODEL)
        assert store.complaint is not None
        assert store.complaint.endswith(" Your own verdicts and ratings were taken over from it: 300.")
        assert store.corrections(photos) == dict.fromkeys(photos, Verdict.CAT)


def test_open_damaged_thumbnails_rebuilds_silently(path: Path, photo: Path) -> None:
    with Store.open() as store:
        fill(store, photo)
    path.with_name("thumbnails.sqlite").write_bytes(b"noise" * 1000)
    with Store.open() as store:
        assert store.complaint is None
        assert store.known([photo], MODEL, thumbnails=True)[photo].thumbnail == b""
        assert works(store, photo)


# --- no place to write ---


def test_open_unwritable_folder_stores_in_memory(photo: Path, home: Path) -> None:
    (home / "data").write_text("a file where the folder should be")
    with Store.open() as store:
        assert store.complaint is not None
        assert store.complaint.startswith("Nothing is remembered for the next time: ")
        assert works(store, photo)
        assert store.known([photo], MODEL)[photo].correction is Verdict.BOTH
    with Store.open() as store:
        assert store.known([photo], MODEL) == {}


def test_open_folder_in_place_of_the_file(path: Path, photo: Path) -> None:
    path.mkdir()
    with Store.open() as store:
        assert (
            store.complaint == f"Nothing is remembered for the next time: {path} cannot be used (it cannot be opened)."
        )
        assert works(store, photo)


def test_write_full_disk_raises_and_writes_nothing(path: Path, tmp_path: Path) -> None:
    """A limit on file sizes stands for a full disk: SQLite gets the same error."""
    resource = pytest.importorskip("resource")
    photos = [tmp_path / f"{number}.jpg" for number in range(3000)]
    for photo in photos:
        photo.write_text(photo.name)
    with Store.open() as store:
        store.keep([Result(photos[0], scores=Scores(0.5, 0.5))], MODEL)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with Store.open() as store:
            with pytest.raises(StoreError, match=r"store\.sqlite cannot be used \(.+\)\.$"):
                store.keep([Result(photo, scores=Scores(0.5, 0.5)) for photo in photos[1:]], MODEL)
            assert set(store.known(photos, MODEL)) == {photos[0]}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Store.open() as store:
        assert store.complaint is None
        store.keep([Result(photo, scores=Scores(0.5, 0.5)) for photo in photos[1:]], MODEL)
        assert len(store.known(photos, MODEL)) == 3000


# --- several processes ---

_WRITER = """
import sys
from pathlib import Path
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Scores
folder = Path(sys.argv[1])
sys.stdin.readline()
with Store.open() as store:
    assert store.complaint is None, store.complaint
    for photo in sorted(folder.iterdir()):
        store.keep([Result(photo, scores=Scores(0.5, 0.5))], "a" * 64)
"""


def test_open_by_many_processes_at_once(tmp_path: Path) -> None:
    writers = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        for count in range(20):
            (folder / f"{count}.jpg").write_text(f"{number}-{count}")
        writers.append(
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, str(folder)], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=60)[1] for writer in writers] == [""] * 4
    with Store.open() as store:
        assert len(store.known(tmp_path.glob("*/*.jpg"), MODEL)) == 80


def test_write_locked_file_raises(path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catdog_desktop.store.store_file.BUSY_SECONDS", 0.05)
    with Store.open() as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="another program has been using it for too long"):
            store.correct({photo: Verdict.CAT})
        other.execute("ROLLBACK")
        assert works(store, photo)
