"""Summaries and erasure: afterwards no byte of the erased data is left in the files."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from catdog_desktop.paths import data_folder
from catdog_desktop.store import store_file
from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import ALL_KINDS, Kind, Remembered
from catdog_desktop.verdict import Result, Scores, Verdict

MODEL = "a" * 64
COUNTS = ("photos", "thumbnails", "thumbnail_bytes", "verdicts", "elsewhere")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open() as store:
        yield store


def keep(store: Store, *paths: Path, content: bytes = b"") -> None:
    """Store results of photos, each with its name as thumbnail and its own content unless one is given."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or os.fsencode(path))
        os.utime(path, (1_600_000_000, 1_600_000_000))
        store.keep([Result(path, scores=Scores(0.25, 0.75), thumbnail=b"pixels of " + path.name.encode())], MODEL)


def counts(known: Remembered) -> tuple[int, ...]:
    return tuple(getattr(known, name) for name in COUNTS)


def left_in_files(*words: str) -> list[str]:
    """Return the files of the data folder that contain any of `words`."""
    return [
        f"{path.name}: {word}"
        for path in sorted(data_folder().rglob("*"))
        if path.is_file()
        for word in words
        if word.encode() in path.read_bytes()
    ]


@pytest.fixture
def trip(store: Store, tmp_path: Path) -> Path:
    """Photos in two folders: b.jpg has a duplicate elsewhere, a.jpg and d.jpg have corrections."""
    trip = tmp_path / "trip"
    keep(store, trip / "a.jpg", trip / "deep" / "c.jpg", tmp_path / "trip-2" / "d.jpg")
    keep(store, trip / "b.jpg", tmp_path / "elsewhere" / "copy of b.jpg", content=b"equal")
    store.correct({trip / "a.jpg": Verdict.DOG, tmp_path / "trip-2" / "d.jpg": Verdict.CAT})
    return trip


def test_look_counts_everything(store: Store, trip: Path) -> None:
    known = store.remembered()
    assert counts(known) == (4, 4, len(b"pixels of .jpg") * 4 + len("acd" + "copy of b"), 2, 0)
    assert known.where == data_folder()
    assert known.file_bytes >= (data_folder() / "store.sqlite").stat().st_size > 0
    assert not known.nothing
    here = store.remembered(trip)
    assert counts(here) == (3, 2, len(b"pixels of .jpg") * 2 + 2, 1, 1), "b.jpg lies elsewhere too"
    assert counts(store.remembered(trip / "a.jpg"))[0] == 1, "a photo is a place as well"


@pytest.mark.parametrize(
    "below", ["tri", "trip/a", "trip/a.jpg/x", "nowhere", "trip/deep/c.jpg.xmp", "e\0", "'; DROP TABLE file; --"]
)
def test_look_folder_with_the_same_prefix_is_another(store: Store, trip: Path, tmp_path: Path, below: str) -> None:
    assert store.remembered(tmp_path / below).nothing
    store.forget(ALL_KINDS, tmp_path / below)
    assert store.remembered().photos == 4


def test_look_root_folder(store: Store, trip: Path) -> None:
    assert store.remembered(Path("/")).photos == 4
    store.forget(ALL_KINDS, Path("/"))
    assert store.remembered().nothing


def test_look_empty_store(store: Store) -> None:
    assert store.remembered().nothing
    assert counts(store.forget(ALL_KINDS)) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "kinds",
    [{kind} for kind in Kind] + [{Kind.RESULTS, Kind.THUMBNAILS}, set()],
    ids=lambda kinds: "-".join(sorted(kinds)) or "none",
)
def test_forget_erases_only_the_given_kinds(store: Store, trip: Path, kinds: set[Kind]) -> None:
    before = store.remembered()
    forgotten = store.forget(kinds)
    after = store.remembered()
    for kind, name in ((Kind.RESULTS, "photos"), (Kind.THUMBNAILS, "thumbnails"), (Kind.VERDICTS, "verdicts")):
        was = getattr(before, name)
        assert (getattr(forgotten, name), getattr(after, name)) == ((was, 0) if kind in kinds else (0, was))


def test_forget_results_keeps_corrections(store: Store, trip: Path) -> None:
    store.forget({Kind.RESULTS, Kind.THUMBNAILS})
    assert store.known([trip / "a.jpg"], MODEL) == {}
    assert store.corrections([trip / "a.jpg"]) == {trip / "a.jpg": Verdict.DOG}


def test_forget_folder_keeps_other_folders(store: Store, trip: Path, tmp_path: Path) -> None:
    others = [tmp_path / "trip-2" / "d.jpg", tmp_path / "elsewhere" / "copy of b.jpg"]
    assert counts(store.forget(ALL_KINDS, trip))[:4] == (3, 2, len(b"pixels of .jpg") * 2 + 2, 1)
    assert store.remembered(trip).nothing
    known = store.known(others, MODEL, thumbnails=True)
    assert {path.name: result.thumbnail for path, result in known.items()} == {
        "d.jpg": b"pixels of d.jpg",
        "copy of b.jpg": b"pixels of copy of b.jpg",
    }
    assert known[others[0]].correction is Verdict.CAT
    assert left_in_files("trip/a.jpg", "trip/deep", "trip/b.jpg", "pixels of a.jpg", "pixels of c.jpg") == []
    assert left_in_files("pixels of d.jpg"), "so that what is not found above would be"


def test_forget_corrections_after_results(store: Store, trip: Path, tmp_path: Path) -> None:
    """The store no longer has their paths: the photos are read to find them."""
    store.forget({Kind.RESULTS, Kind.THUMBNAILS}, trip)
    assert counts(store.remembered(trip)) == (0, 0, 0, 1, 0)
    assert store.forget({Kind.VERDICTS}, trip).verdicts == 1
    assert store.corrections([trip / "a.jpg", tmp_path / "trip-2" / "d.jpg"]) == {
        tmp_path / "trip-2" / "d.jpg": Verdict.CAT
    }


def test_forget_corrections_of_unreadable_photos_in_a_folder(
    store: Store, trip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = [trip / "locked.jpg", tmp_path / "locked.jpg"]
    for path in locked:
        path.write_bytes(b"locked")

    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    for module in ("store", "store_erasure"):
        monkeypatch.setattr(f"catdog_desktop.store.{module}.file_fingerprint", refuse)
    store.correct(dict.fromkeys(locked, Verdict.DOG))
    assert store.forget({Kind.VERDICTS}, trip).verdicts == 2, "that of a.jpg too"
    assert store.corrections(locked) == {locked[1]: Verdict.DOG}


def test_forget_deleted_photos(store: Store, trip: Path) -> None:
    for path in trip.rglob("*.jpg"):
        path.unlink()
    assert store.forget(ALL_KINDS, trip).photos == 3
    assert store.remembered(trip).nothing


def test_forget_leaves_no_byte_while_another_process_reads(store: Store, trip: Path) -> None:
    """Neither in free pages nor in the log, nor of rows that were replaced before."""
    keep(store, trip / "a.jpg", content=b"other content")
    with Store.open() as window:
        assert window.known([trip / "a.jpg"], MODEL), "it has used its connection"
        assert {line.split(":")[0] for line in left_in_files(trip.name, "pixels of")} != set()
        store.forget(ALL_KINDS)
        assert left_in_files(str(trip.parent), "jpg", "pixels of", MODEL) == []
        assert window.known([trip / "a.jpg"], MODEL) == {}
        keep(window, trip / "new.jpg")
        assert store.known([trip / "new.jpg"], MODEL), "both go on"


def test_forget_deletes_damaged_files(store: Store, trip: Path) -> None:
    names = ["store.damaged-2026-01-01.sqlite", "store.damaged-2026-01-01.sqlite-wal", "thumbnails.damaged-x.sqlite"]
    others = [data_folder() / name for name in ("store.sqlite.mine", "my store.damaged-1.sqlite", "store.damaged")]
    for path in (*(data_folder() / name for name in names), *others):
        path.write_text("trip/a.jpg")
    assert [path.name for path in store.remembered().set_aside] == [names[2], *names[:2]]
    assert store.remembered(trip).set_aside == ()
    store.forget(ALL_KINDS, trip)
    assert all((data_folder() / name).exists() for name in names), "their folders are unknown"
    assert len(store.forget({Kind.RESULTS, Kind.THUMBNAILS}).set_aside) == 1
    assert (data_folder() / names[0]).exists(), "own verdicts may be in it"
    assert len(store.forget(ALL_KINDS).set_aside) == 2
    assert not any((data_folder() / name).exists() for name in names)
    assert all(path.exists() for path in others)


def test_forget_locked_store_raises(store: Store, trip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(data_folder() / "store.sqlite", isolation_level=None)
    with Store.open() as impatient:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as locked:
            impatient.forget(ALL_KINDS)
        assert locked.value.problem is StoreProblem.UNUSABLE
        assert locked.value.detail == "another program has been using it for too long"
        other.execute("ROLLBACK")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM file").fetchone()  # reads, and goes on reading
        with pytest.raises(StoreError) as read:
            impatient.forget(ALL_KINDS)
        assert (read.value.problem, read.value.path) == (StoreProblem.NOT_REWRITTEN, data_folder() / "store.sqlite")
        assert impatient.remembered().nothing
        assert left_in_files("trip/a.jpg"), "as it said"
        other.execute("ROLLBACK")
        impatient.forget(ALL_KINDS)
        assert left_in_files("trip/a.jpg") == []
    other.close()


def test_forget_unopenable_store_reports_error(home: Path) -> None:
    data_folder().mkdir(parents=True)
    (data_folder() / "store.sqlite").mkdir()
    with Store.open() as store, pytest.raises(StoreError, match=r"Nothing was forgotten\. .*store\.sqlite cannot be"):
        store.forget(ALL_KINDS)


def test_thumbnail_of_a_forgotten_photo_is_not_stored(store: Store, photo_dir: Path) -> None:
    """The window asks for thumbnails of photos that it still shows."""
    photo = photo_dir / "chelsea.jpg"
    store.keep([Result(photo, scores=Scores(1.0, 0.0))], MODEL)
    assert store.thumbnail(photo)
    assert store.remembered().thumbnails == 1, "kept as long as the photo is known"
    store.forget(ALL_KINDS)
    assert store.thumbnail(photo), "it is there to be looked at"
    assert store.remembered().nothing
