"""The store recognises photos after moves, and has no result for a changed photo."""

import contextlib
import os
import shutil
import sqlite3
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo
from catdog_desktop.inference.features import normalised
from catdog_desktop.paths import data_folder
from catdog_desktop.store import result_codec
from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.fingerprint import FileSignature, file_fingerprint, file_signature, fingerprint_and_signature
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Result, Scores, Verdict

MODEL, OTHER_MODEL = "a" * 64, "b" * 64
LONG_AGO = 1_600_000_000.25
FILETIME_ZERO_NS = -11_644_473_600 * 10**9
"""The first of January 1601, which NTFS and SMB give for "never": below the least 64-bit integer."""


def make_file(path: Path, content: bytes = b"", *, changed: float = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content or os.fsencode(path.name))
    os.utime(path, (changed, changed))
    return path


def result_of(path: Path, cat: float = 0.1, dog: float = 0.9) -> Result:
    return Result(
        path,
        scores=Scores(cat, dog),
        info=PhotoInfo(640, 480, datetime(2020, 2, 29, 12, 30, 59), path.stat().st_size, False, DateSource.TAKEN),
        heat_maps=np.arange(98, dtype=np.uint8).reshape(7, 7, 2),
    )


@pytest.fixture
def store() -> Store:
    return Store.open()


@pytest.fixture
def photo(tmp_path: Path, store: Store) -> Path:
    """A photo with a stored result."""
    path = make_file(tmp_path / "a.jpg", b"a photo")
    store.keep([result_of(path)], MODEL)
    return path


def test_known_returns_the_whole_result(store: Store, photo: Path) -> None:
    before = result_of(photo)
    after = store.known([photo], MODEL)[photo]
    assert replace(after, fingerprint="") == before
    assert after.fingerprint == file_fingerprint(photo)
    assert after.heat_maps is not None
    assert np.array_equal(after.heat_maps, before.heat_maps)
    assert after.scores == before.scores, "to the last digit"


def test_store_lies_in_the_data_folder_and_persists(store: Store, photo: Path) -> None:
    store.close()
    assert (data_folder() / "store.sqlite").is_file()
    with Store.open() as again:
        assert again.complaint is None
        assert set(again.known([photo], MODEL)) == {photo}


def test_features_of_known_photos_are_those_of_the_model(store: Store, photo: Path) -> None:
    features = normalised(np.arange(1, 129))
    store.keep([replace(result_of(photo), features=features)], MODEL)
    found = store.features([photo, photo.with_name("unknown.jpg")], MODEL)
    assert set(found) == {photo}
    assert found[photo] @ features > 0.999
    assert store.features([photo], OTHER_MODEL) == {}
    store.forget({Kind.RESULTS})
    assert store.features([photo], MODEL) == {}


def test_keep_file_time_of_1601_keeps_whole_batch(store: Store, photo: Path) -> None:
    ancient = FileSignature.of(cast("os.stat_result", SimpleNamespace(st_size=7, st_mtime_ns=FILETIME_ZERO_NS)))
    assert ancient == FileSignature(7, -(2**63) + 1)
    others = [make_file(photo.with_name(name)) for name in ("first.jpg", "second.jpg")]
    signatures = {others[0]: ancient, others[1]: file_signature(others[1])}
    results = [replace(result_of(path), fingerprint=file_fingerprint(path)) for path in others]
    store.keep(results, OTHER_MODEL, signatures)
    assert others[1] in store.known(others, OTHER_MODEL)


def test_results_of_two_models_are_separate(store: Store, photo: Path) -> None:
    assert store.known([photo], OTHER_MODEL) == {}
    store.keep([result_of(photo, 0.7, 0.2)], OTHER_MODEL)
    assert store.known([photo], OTHER_MODEL)[photo].scores == Scores(0.7, 0.2)
    assert store.known([photo], MODEL)[photo].scores == Scores(0.1, 0.9)


def test_keep_replaces_an_older_result(store: Store, photo: Path) -> None:
    store.keep([result_of(photo, 0.5, 0.5)], MODEL)
    assert store.known([photo], MODEL)[photo].scores == Scores(0.5, 0.5)


@pytest.mark.parametrize(
    "name", ["ü 猫.jpg", "line\nbreak.jpg", os.fsdecode(b"bad-\xff.jpg"), "'; DROP TABLE file; --"]
)
def test_known_odd_file_names(store: Store, tmp_path: Path, name: str) -> None:
    path = make_file(tmp_path / name)
    store.keep([result_of(path)], MODEL)
    assert set(store.known([path], MODEL)) == {path}


def test_known_relative_path(store: Store, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photo.parent)
    assert set(store.known([Path("a.jpg"), Path("x/../a.jpg")], MODEL)) == {Path("a.jpg")}
    assert store.known([Path("a.jpg")], MODEL)[Path("a.jpg")].path == Path("a.jpg")


# --- changed and moved ---


def test_known_changed_file_is_unknown(store: Store, photo: Path) -> None:
    make_file(photo, b"another photo")
    assert store.known([photo], MODEL) == {}


def test_known_changed_file_of_the_same_size_is_unknown(store: Store, photo: Path) -> None:
    make_file(photo, b"a Photo", changed=LONG_AGO + 1)
    assert store.known([photo], MODEL) == {}


def test_known_touched_file(store: Store, photo: Path) -> None:
    os.utime(photo, (LONG_AGO + 5, LONG_AGO + 5))
    assert set(store.known([photo], MODEL)) == {photo}


def test_known_file_just_written_is_read_again(store: Store, tmp_path: Path) -> None:
    """Within one tick of the file system's clock it could change and keep size and time."""
    path = tmp_path / "new.jpg"
    path.write_bytes(b"first")
    status = path.stat()
    store.keep([result_of(path)], MODEL)
    assert set(store.known([path], MODEL)) == {path}
    path.write_bytes(b"other")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert store.known([path], MODEL) == {}


@pytest.mark.parametrize("to", ["b.jpg", "deeper/down/a.jpg"])
def test_known_moved_file(store: Store, photo: Path, to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = photo.parent / to
    target.parent.mkdir(parents=True, exist_ok=True)
    photo.rename(target)
    assert store.known([photo], MODEL) == {}
    found = store.known([target], MODEL)[target]
    assert (found.path, found.scores) == (target, Scores(0.1, 0.9))
    monkeypatch.setattr("catdog_desktop.store.store.fingerprint_and_signature", lambda path: pytest.fail("read twice"))
    assert set(store.known([target], MODEL)) == {target}, "from now on by its path"


def test_known_copy_has_its_own_file_time(store: Store, tmp_path: Path) -> None:
    """Without a capture date, the date of a photo is its file time."""
    path = make_file(tmp_path / "a.jpg", b"photo")
    changed = datetime.fromtimestamp(path.stat().st_mtime_ns / 1e9)
    result = result_of(path)
    store.keep([replace(result, info=replace(result.info, date=changed, date_source=DateSource.FILE_TIME))], MODEL)
    copy = make_file(tmp_path / "b.jpg", b"photo", changed=LONG_AGO + 86_400)
    known = store.known([path, copy], MODEL)
    assert known[path].info.date == changed
    assert known[copy].info.date == datetime.fromtimestamp(LONG_AGO + 86_400)


def test_known_reads_only_files_of_a_known_size(store: Store, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def listen(path: Path) -> object:
        read.append(path)
        return fingerprint_and_signature(path)

    monkeypatch.setattr("catdog_desktop.store.store.fingerprint_and_signature", listen)
    unknown = make_file(photo.parent / "b.jpg", b"a photo of another size")
    twin = make_file(photo.parent / "c.jpg", b"no twin")
    assert set(store.known([photo, unknown, twin], MODEL)) == {photo}
    assert read == [twin]


def test_moved_files_are_known_without_reading(store: Store, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_file(photo.parent / "z.jpg", b"the other photo")
    store.keep([result_of(other, 0.8, 0.3)], MODEL)
    # They change places.
    aside = photo.rename(photo.parent / "aside")
    other.rename(photo)
    aside.rename(other)
    store.moved({photo: other, other: photo, photo.parent / "unknown": photo.parent / "gone"})
    monkeypatch.setattr("catdog_desktop.store.store.fingerprint_and_signature", lambda path: pytest.fail("read"))
    known = store.known([photo, other], MODEL)
    assert known[photo].scores == Scores(0.8, 0.3)
    assert known[other].scores == Scores(0.1, 0.9)


@pytest.mark.parametrize("what", ["gone.jpg", "folder", "pipe", "nul\0.jpg"])
def test_known_inaccessible_path_is_unknown(store: Store, tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "pipe" and hasattr(os, "mkfifo"):
        os.mkfifo(path)
    assert store.known([path], MODEL) == {}
    store.keep([Result(path, error="is no photo")], MODEL)
    assert store.known([path], MODEL) == {}


# --- errors ---


def test_keep_error_in_the_file_is_stored(store: Store, photo: Path) -> None:
    store.keep([Result(photo, error="is damaged and cannot be decoded")], OTHER_MODEL)
    known = store.known([photo], OTHER_MODEL)[photo]
    assert (known.error, known.scores) == ("is damaged and cannot be decoded", None)


def test_keep_passing_error_is_not_stored(store: Store, photo: Path) -> None:
    store.keep([Result(photo, error="may not be read", error_is_temporary=True)], OTHER_MODEL)
    assert store.known([photo], OTHER_MODEL) == {}


def test_known_error_of_an_older_app_is_unknown(store: Store, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep([Result(photo, error="is damaged and cannot be decoded")], OTHER_MODEL)
    monkeypatch.setattr(result_codec, "__version__", "999")
    assert store.known([photo], OTHER_MODEL) == {}
    assert set(store.known([photo], MODEL)) == {photo}, "scores stay"


# --- the user's own verdicts ---


def test_correction_belongs_to_the_content(store: Store, photo: Path) -> None:
    assert store.correct({photo: Verdict.BOTH}) == {photo: None}
    assert store.known([photo], MODEL)[photo].correction is Verdict.BOTH
    moved = photo.rename(photo.parent / "moved.jpg")
    assert store.known([moved], MODEL)[moved].correction is Verdict.BOTH
    copy = Path(shutil.copy(moved, photo))
    assert store.corrections([copy, moved]) == {copy: Verdict.BOTH, moved: Verdict.BOTH}
    store.keep([result_of(moved)], OTHER_MODEL)
    assert store.known([copy], OTHER_MODEL)[copy].correction is Verdict.BOTH


def test_correct_returns_what_undo_needs(store: Store, photo: Path) -> None:
    other = make_file(photo.parent / "other.jpg", b"never seen")
    store.correct({photo: Verdict.DOG})
    before = store.correct({photo: Verdict.CAT, other: Verdict.CAT})
    assert before == {photo: Verdict.DOG, other: None}
    assert store.corrections([photo, other]) == {photo: Verdict.CAT, other: Verdict.CAT}
    assert store.correct(before) == {photo: Verdict.CAT, other: Verdict.CAT}
    assert store.corrections([photo, other]) == {photo: Verdict.DOG}


def test_correct_duplicates_together_and_undo(store: Store, photo: Path) -> None:
    copy = Path(shutil.copy2(photo, photo.parent / "copy.jpg"))
    before = store.correct({photo: Verdict.CAT, copy: Verdict.CAT})
    assert before == {photo: None, copy: None}
    store.correct(before)
    assert store.corrections([photo, copy]) == {}


def test_correction_does_not_hold_for_another_photo_at_its_path(store: Store, photo: Path) -> None:
    store.correct({photo: Verdict.BOTH})
    make_file(photo, b"a new photo", changed=LONG_AGO + 3)
    assert store.corrections([photo]) == {}


def test_correction_survives_keywords_written_into_the_photo(store: Store, photo: Path) -> None:
    store.correct({photo: Verdict.BOTH})
    make_file(photo, b"a photo, and a keyword", changed=LONG_AGO + 3)
    store.keep([result_of(photo)], MODEL)
    assert store.corrections([photo]) == {photo: Verdict.BOTH}
    store.correct({photo: None})
    make_file(photo, b"a photo, and two keywords", changed=LONG_AGO + 6)
    store.keep([result_of(photo)], MODEL)
    assert store.corrections([photo]) == {}, "nor does one come back"


@pytest.mark.parametrize(
    "other", [{"info": PhotoInfo(641, 480)}, {"info": PhotoInfo(640, 479)}, {"scores": Scores(0.1, 0.8)}]
)
def test_correction_is_not_carried_to_other_scores(store: Store, photo: Path, other: dict[str, object]) -> None:
    store.correct({photo: Verdict.BOTH})
    make_file(photo, b"a new photo", changed=LONG_AGO + 3)
    store.keep([replace(result_of(photo), **other)], MODEL)  # type: ignore[arg-type]
    assert store.corrections([photo]) == {}


def test_correction_of_an_unreadable_photo(store: Store, photo: Path) -> None:
    store.keep([Result(photo, error="is damaged and cannot be decoded")], OTHER_MODEL)
    store.correct({photo: Verdict.CAT})
    known = store.known([photo], OTHER_MODEL)[photo]
    assert (known.error is None, known.correction) == (False, Verdict.CAT)


def test_correction_of_a_photo_without_permission(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The correction belongs to the path until the file can be read. Tests may run as root, who can read all."""
    path = make_file(tmp_path / "locked.jpg", b"locked")

    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as locked:
        locked.setattr("catdog_desktop.store.store.file_fingerprint", refuse)
        assert store.correct({path: Verdict.DOG}) == {path: None}
        assert store.corrections([path]) == {path: Verdict.DOG}
        unreadable = Result(path, error="may not be read")
        assert store.own_data_of(unreadable, file_signature(path), MODEL) == (Verdict.DOG, None)
        moved = path.rename(tmp_path / "moved.jpg")
        store.moved({path: moved})
        assert store.corrections([path, moved]) == {moved: Verdict.DOG}
    # Now it may be read.
    assert store.corrections([moved]) == {moved: Verdict.DOG}
    store.keep([result_of(moved)], MODEL)
    assert store.known([moved], MODEL)[moved].correction is Verdict.DOG
    copy = Path(shutil.copy(moved, path))
    assert store.corrections([copy]) == {copy: Verdict.DOG}, "it belongs to the content now"
    store.correct({moved: None})
    assert store.corrections([moved, copy]) == {}


def test_correction_of_a_deleted_photo(store: Store, photo: Path) -> None:
    photo.unlink()
    store.correct({photo: Verdict.NEITHER, photo.parent / "never": Verdict.CAT})
    make_file(photo, b"a photo", changed=LONG_AGO)
    assert store.corrections([photo]) == {photo: Verdict.NEITHER}


# --- equal photos ---


def test_equal_photos_groups_duplicates(store: Store, tmp_path: Path) -> None:
    contents = [b"one", b"two", b"one", b"three", b"two", b"one"]
    paths = [make_file(tmp_path / f"{number}.jpg", content) for number, content in enumerate(contents)]
    store.keep([result_of(path) for path in paths], MODEL)
    assert store.equal_photos(paths) == [[paths[0], paths[2], paths[5]], [paths[1], paths[4]]]
    assert store.equal_photos([paths[0], paths[0], paths[1], paths[3]]) == []


# --- many at once ---


def test_store_used_by_many_threads(store: Store, tmp_path: Path) -> None:
    problems: list[BaseException] = []

    def use(number: int) -> None:
        try:
            for count in range(15):
                path = make_file(tmp_path / f"{number}-{count}.jpg")
                store.keep([replace(result_of(path), thumbnail=b"small")], MODEL)
                store.correct({path: Verdict.CAT})
                assert store.known([path], MODEL, thumbnails=True)[path].thumbnail == b"small"
        except Exception as error:  # noqa: BLE001
            problems.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(store.corrections(tmp_path.iterdir())) == 90


def test_closed_store_raises(store: Store, photo: Path) -> None:
    store.close()
    with pytest.raises(StoreError) as closed:
        store.known([photo], MODEL)
    assert closed.value.problem is StoreProblem.CLOSED
    store.close()


def test_known_row_of_earlier_version_gets_date_and_source_once(store: Store, tmp_path: Path) -> None:
    """Such a row has a date without its source; the photo is opened to find it, but is not classified again."""
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0132] = "2018:03:04 05:06:07"
    exif.get_ifd(0x8769)[0x9004] = "2016:03:04 05:06:07"
    Image.new("RGB", (64, 48)).save(path, exif=exif)
    os.utime(path, (LONG_AGO, LONG_AGO))
    store.keep([result_of(path)], MODEL)
    with contextlib.closing(sqlite3.connect(data_folder() / "store.sqlite")) as db, db:
        db.execute("UPDATE result SET taken = '2018-03-04T05:06:07', date_source = NULL")
    info = store.known([path], MODEL)[path].info
    assert (info.date, info.date_source) == (datetime(2016, 3, 4, 5, 6, 7), DateSource.DIGITIZED)
    with contextlib.closing(sqlite3.connect(data_folder() / "store.sqlite")) as db:
        assert db.execute("SELECT taken, date_source FROM result").fetchall() == [("2016-03-04T05:06:07", "digitized")]


@pytest.mark.parametrize(
    ("name", "date", "source"),
    [
        ("IMG_20190512_101112.jpg", datetime(2019, 5, 12, 10, 11, 12), DateSource.FILE_NAME),
        ("holiday.jpg", datetime.fromtimestamp(LONG_AGO), DateSource.FILE_TIME),
    ],
)
def test_known_photo_without_date_inside_has_that_of_its_own_file(
    store: Store, tmp_path: Path, name: str, date: datetime, source: DateSource
) -> None:
    first, copy = make_file(tmp_path / "first.jpg", b"photo"), make_file(tmp_path / name, b"photo")
    result = result_of(first)
    store.keep([replace(result, info=replace(result.info, date_source=DateSource.FILE_TIME))], MODEL)
    info = store.known([first, copy], MODEL)[copy].info
    assert (info.date, info.date_source) == (date, source)
