"""Locating a folder that moved: fingerprints decide, and store, journals, session and settings follow."""

import json
import os
import shutil
from pathlib import Path

import pytest
from cancel_after import CancelAfter
from PIL import Image
from sort_trees import plan_for, result, snapshot

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.exporting.xmp_export import undo_keywords, write_keywords
from catdog_desktop.last_session import LastSession, LastUse, read_last_use, write_last_use
from catdog_desktop.library.locate import (
    Comparison,
    LocateError,
    LocateProblem,
    compare_places,
    missing_folders,
    relocate,
)
from catdog_desktop.paths import journals_folder, last_session_file, settings_file
from catdog_desktop.progress import Progress
from catdog_desktop.settings import Settings, load_settings, save_settings
from catdog_desktop.sorting.history import list_sorts
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.run import run_sort, undo_sort
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict

MODEL = "a" * 64
NAMES = ["a.jpg", "trip/b.jpg", "trip/sub/ü 猫.jpg"]


def has(problem: LocateProblem):  # type: ignore[no-untyped-def]
    return lambda error: error.problem is problem


@pytest.fixture
def library(tmp_path: Path, store: Store) -> Path:
    """A folder with photos whose results are stored."""
    folder = tmp_path / "old" / "Pictures"
    for number, name in enumerate(NAMES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number * 40, 0, 0)).save(folder / name)
        os.utime(folder / name, (1_500_000_000, 1_500_000_000))
    store.keep([Result(folder / name, scores=Scores(0.9, 0.1)) for name in NAMES], MODEL)
    return folder


@pytest.fixture
def moved(library: Path, tmp_path: Path) -> Path:
    """The new place of the library, to which it was renamed."""
    new = tmp_path / "nas" / "Photos"
    new.parent.mkdir()
    library.rename(new)
    return new


def paths(folder: Path) -> list[Path]:
    return [folder / name for name in NAMES]


def test_locate_moved_folder_keeps_results_without_reading_photos(
    library: Path, moved: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = compare_places(store, library, moved)
    assert comparison.places == dict(zip(paths(library), paths(moved), strict=True))
    assert (comparison.missing, comparison.different, comparison.not_moved) == ((), (), 0)
    relocate(store, comparison)
    assert store.files_below(library) == {}
    assert set(store.files_below(moved)) == set(paths(moved))
    monkeypatch.setattr("catdog_desktop.store.store.fingerprint_and_signature", lambda path: pytest.fail("read"))
    assert set(store.known(paths(moved), MODEL)) == set(paths(moved))


def test_locate_copied_folder_with_other_times_keeps_results(library: Path, tmp_path: Path, store: Store) -> None:
    new = Path(shutil.copytree(library, tmp_path / "copy", copy_function=shutil.copy))
    shutil.rmtree(library)
    relocate(store, compare_places(store, library, new))
    assert set(store.known(paths(new), MODEL)) == set(paths(new))


def test_locate_keeps_corrections(library: Path, tmp_path: Path, store: Store) -> None:
    store.correct({library / NAMES[0]: Verdict.DOG})
    library.rename(tmp_path / "new")
    relocate(store, compare_places(store, library, tmp_path / "new"))
    assert store.corrections(paths(tmp_path / "new")) == {tmp_path / "new" / NAMES[0]: Verdict.DOG}


def test_locate_part_of_the_folder(library: Path, moved: Path, store: Store) -> None:
    (moved / NAMES[0]).unlink()
    comparison = compare_places(store, library, moved)
    assert comparison.missing == (moved / NAMES[0],)
    relocate(store, comparison)
    assert list(store.files_below(library)) == [library / NAMES[0]], "it may be found later"
    assert len(store.files_below(moved)) == 2


def test_locate_one_changed_photo_stays_at_its_old_path(library: Path, moved: Path, store: Store) -> None:
    Image.new("RGB", (9, 9)).save(moved / NAMES[0])
    comparison = compare_places(store, library, moved)
    assert comparison.different == (moved / NAMES[0],)
    relocate(store, comparison)
    assert list(store.files_below(library)) == [library / NAMES[0]]


def test_locate_folder_that_moved_in_part(library: Path, tmp_path: Path, store: Store) -> None:
    """Only the photos that have moved, and only journals about them, get new paths."""
    Image.new("RGB", (9, 9)).save(library / "stays.jpg")
    Image.new("RGB", (9, 8)).save(library / "trip" / "moves.jpg")
    for name in ("stays.jpg", "trip/moves.jpg"):
        run_sort(plan_for([result(library / name)], tmp_path / "out", Action.MOVE))
    outcome = write_keywords([Result(library / NAMES[0], scores=Scores(0.99, 0.01))], Thresholds())
    new = tmp_path / "new"
    new.mkdir()
    (library / "trip").rename(new / "trip")
    save_settings(settings_file(), Settings(last_folder=str(library), export_to=str(library / "trip")))
    comparison = compare_places(store, library, new)
    assert (len(comparison.places), comparison.not_moved) == (2, 1)
    assert relocate(store, comparison) == 1
    settings, _warning = load_settings(settings_file())
    assert (settings.last_folder, settings.export_to) == (str(library), str(new / "trip"))
    undo_sort()
    undo_sort()
    assert (library / "stays.jpg").exists()
    assert (new / "trip" / "moves.jpg").exists()
    assert outcome.journal_id is not None
    undo_keywords(outcome.journal_id)
    assert list(library.glob("*.xmp")) == []
    assert set(store.files_below(tmp_path)) == {library / NAMES[0], new / NAMES[1], new / NAMES[2]}


def test_locate_does_not_touch_folder_with_the_same_beginning(library: Path, moved: Path, store: Store) -> None:
    other = library.with_name("Pictures 2")
    other.mkdir()
    Image.new("RGB", (5, 5)).save(other / "c.jpg")
    store.keep([Result(other / "c.jpg", scores=Scores(0, 0))], MODEL)
    save_settings(settings_file(), Settings(last_folder=str(other), export_to=str(library / "trip")))
    relocate(store, compare_places(store, library, moved))
    assert list(store.files_below(other)) == [other / "c.jpg"]
    settings, _warning = load_settings(settings_file())
    assert (settings.last_folder, settings.export_to) == (str(other), str(moved / "trip"))


def test_locate_wrong_folder_raises_and_changes_nothing(
    library: Path, moved: Path, tmp_path: Path, store: Store
) -> None:
    wrong = tmp_path / "wrong"
    for name in NAMES:
        (wrong / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 20)).save(wrong / name)
    before = store.files_below(tmp_path)
    for new in (wrong, tmp_path / "nas"):
        with pytest.raises(LocateError, check=has(LocateProblem.OTHER_PHOTOS)):
            relocate(store, compare_places(store, library, new))
    assert store.files_below(tmp_path) == before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("old/Pictures", "old/Pictures", LocateProblem.SAME_FOLDER),
        ("old/Pictures", "nowhere", LocateProblem.NEW_MISSING),
        ("old/Pictures", "n" * 300, LocateProblem.NEW_MISSING),
        ("old/Pictures", "elsewhere", LocateProblem.NOT_MOVED),
        ("unknown", "elsewhere", LocateProblem.NOTHING_KNOWN),
    ],
)
def test_locate_impossible_folders_raise(
    old: str, new: str, problem: LocateProblem, library: Path, tmp_path: Path, store: Store
) -> None:
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(LocateError, check=has(problem)):
        compare_places(store, tmp_path / old, tmp_path / new).check()


def test_compare_reports_progress_and_can_be_cancelled(library: Path, moved: Path, store: Store) -> None:
    seen: list[Progress] = []
    compare_places(store, library, moved, on_progress=seen.append)
    assert seen == [Progress(number, 3) for number in (1, 2, 3)]
    with pytest.raises(Cancelled):
        compare_places(store, library, moved, cancel_token=CancelAfter(polls=1))


@pytest.mark.parametrize("part", ["source", "destination", "both"])
def test_undo_sort_after_locate_restores_everything(part: str, tmp_path: Path, store: Store) -> None:
    """The photos, the sorted folders, or both were on a drive that has another letter now."""
    photos, out = tmp_path / "drive/in", tmp_path / "drive/out"
    if part == "source":
        out = tmp_path / "fixed/out"
    elif part == "destination":
        photos = tmp_path / "fixed/in"
    photos.mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (8, 8), (number * 40, 0, 0)).save(photos / f"{number}.jpg")
    (photos / "0.xmp").write_text("<x/>")
    (tmp_path / "drive").mkdir(exist_ok=True)
    Image.new("RGB", (30, 8)).save(tmp_path / "drive" / "known.jpg")
    store.keep([Result(tmp_path / "drive" / "known.jpg", scores=Scores(0, 0))], MODEL)
    before = {path.relative_to(tmp_path / "drive"): entry for path, entry in files_in(tmp_path / "drive").items()}
    run_sort(plan_for([result(path) for path in photos.glob("*.jpg")], out, Action.MOVE))
    new = tmp_path / "other letter"
    (tmp_path / "drive").rename(new)
    assert relocate(store, compare_places(store, tmp_path / "drive", new)) == 1
    outcome = undo_sort()
    assert (outcome.done, outcome.failed) == (3, [])
    assert {path.relative_to(new): entry for path, entry in files_in(new).items()} == before
    assert not (tmp_path / "drive").exists()


def files_in(folder: Path) -> dict[Path, object]:
    return {Path(os.fsdecode(path)): entry for path, entry in snapshot(folder).items() if entry[0] == "file"}


def test_undo_keywords_after_locate_restores_sidecars(library: Path, tmp_path: Path, store: Store) -> None:
    outcome = write_keywords([Result(path, scores=Scores(0.99, 0.01)) for path in paths(library)], Thresholds())
    assert outcome.journal_id is not None
    library.rename(tmp_path / "new")
    relocate(store, compare_places(store, library, tmp_path / "new"))
    undo_keywords(outcome.journal_id)
    assert list((tmp_path / "new").rglob("*.xmp")) == []


def test_relocate_changes_last_session(library: Path, moved: Path, store: Store) -> None:
    session = LastSession((library,), 3, removed=(library / NAMES[0],), current=library / NAMES[1])
    write_last_use(last_session_file(), LastUse((library, library.parent), session))
    relocate(store, compare_places(store, library, moved))
    last_use = read_last_use(last_session_file())
    assert last_use.recent_folders == (moved, library.parent)
    assert last_use.session is not None
    assert last_use.session.sources == (moved,)
    assert (last_use.session.removed, last_use.session.current) == ((moved / NAMES[0],), moved / NAMES[1])


def test_relocate_leaves_damaged_and_unrelated_journals(library: Path, moved: Path, store: Store) -> None:
    journals_folder().mkdir(parents=True)
    damaged = journals_folder() / "20260101-000000-000000.jsonl"
    damaged.write_bytes(b'{"destination": "' + os.fsencode(library) + b"\n")
    other = journals_folder() / "20260102-000000-000000.jsonl"
    other.write_text(json.dumps({"destination": "/elsewhere"}) + "\n")
    before = damaged.read_bytes(), other.read_bytes(), other.stat().st_mtime_ns
    assert relocate(store, compare_places(store, library, moved)) == 0
    assert (damaged.read_bytes(), other.read_bytes(), other.stat().st_mtime_ns) == before


def test_relocate_while_a_sort_runs_raises_and_changes_nothing(library: Path, moved: Path, store: Store) -> None:
    comparison = compare_places(store, library, moved)
    with one_writer(journals_folder()), pytest.raises(LocateError, check=has(LocateProblem.BUSY)):
        relocate(store, comparison)
    assert len(store.files_below(library)) == 3
    assert list_sorts() == []


@pytest.mark.parametrize("problem", LocateProblem)
def test_str_of_each_problem_is_a_filled_in_sentence(problem: LocateProblem) -> None:
    text = str(LocateError(problem, Path("/nas/Photos"), "some reason"))
    assert not set("{}") & set(text)
    assert text.endswith(".")


def test_comparison_without_files_raises() -> None:
    with pytest.raises(LocateError, check=has(LocateProblem.NOTHING_KNOWN)):
        Comparison(Path("/a"), Path("/b")).check()


def test_missing_folders_are_the_outermost_ones(library: Path, tmp_path: Path, store: Store) -> None:
    assert missing_folders(store) == []
    shutil.rmtree(library / "trip" / "sub")
    assert missing_folders(store) == [library / "trip" / "sub"]
    shutil.rmtree(tmp_path / "old")
    assert missing_folders(store) == [tmp_path / "old"]
