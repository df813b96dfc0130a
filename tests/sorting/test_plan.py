"""Plans: targets, free names, companions, skipped photos with their reasons. A plan changes nothing."""

import os
import sys
import time
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest
from cancel_after import CancelAfter
from sort_trees import SCORES, THRESHOLDS, plan_for, result, results, snapshot, write

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.files.free_names import numbered_stem, same_name_key, with_other_stem
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.plan import Action, Layout, SortOptions, SortPlan, make_plan
from catdog_desktop.sorting.run import run_sort, undo_sort
from catdog_desktop.sorting.sorted_folders import already_sorted
from catdog_desktop.verdict import Result, Verdict

posix = pytest.mark.skipif(os.name != "posix", reason="names and links as on POSIX")


def targets(plan: SortPlan) -> list[str]:
    """The targets below the destination, companions too."""
    top = plan.options.destination
    return [file.target.relative_to(top).as_posix() for step in plan.steps for file in step.files]


def reasons(plan: SortPlan) -> dict[str, str]:
    return {path.name: reason for path, reason in plan.skipped}


def sort_all(tmp_path: Path, *names: str, layout: Layout = Layout.FLAT, action: Action = Action.COPY) -> SortPlan:
    paths = [write(tmp_path / "in" / name) for name in names]
    return plan_for([result(path) for path in paths], tmp_path / "out", action, layout, (tmp_path / "in",))


# --- targets ---


def test_plan_each_verdict_goes_to_its_folder(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"in/{verdict}.jpg") for verdict in Verdict]
    before = snapshot(tmp_path)
    plan = plan_for(results(paths), tmp_path / "out")
    assert targets(plan) == [
        "cats/cat.jpg",
        "dogs/dog.jpg",
        "both/both.jpg",
        "neither/neither.jpg",
        "unsure/unsure.jpg",
    ]
    assert snapshot(tmp_path) == before


def test_plan_correction_overrides_scores(tmp_path: Path) -> None:
    photo, broken = write(tmp_path / "in/a.jpg"), write(tmp_path / "in/b.jpg")
    given = [
        Result(photo, scores=SCORES[Verdict.CAT], correction=Verdict.DOG),
        Result(broken, error="is not a photo", correction=Verdict.BOTH),
    ]
    assert targets(plan_for(given, tmp_path / "out")) == ["dogs/a.jpg", "both/b.jpg"]


def test_plan_verdict_without_folder_stays_in_place(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"in/{verdict}.jpg") for verdict in Verdict]
    folders = {Verdict.CAT: "Haustiere/Katzen", Verdict.DOG: "Haustiere/Hunde", Verdict.BOTH: None}
    plan = make_plan(results(paths), SortOptions(tmp_path / "out", folders=folders), THRESHOLDS)
    assert targets(plan) == ["Haustiere/Katzen/cat.jpg", "Haustiere/Hunde/dog.jpg"]
    assert reasons(plan) == {
        f"{verdict}.jpg": f"stays in place, as do all photos with the verdict “{verdict}”"
        for verdict in ("both", "neither", "unsure")
    }


def test_plan_subfolders_are_relative_to_source(tmp_path: Path) -> None:
    paths = [write(tmp_path / name) for name in ("in/a.jpg", "in/x/y/b.jpg", "in/x/z/c.jpg", "more/d/e.jpg", "f.jpg")]
    sources = (tmp_path / "in", tmp_path / "in/x/z", tmp_path / "more", tmp_path / "f.jpg")
    plan = plan_for([result(path) for path in paths], tmp_path / "out", layout=Layout.SUBFOLDERS, sources=sources)
    assert targets(plan) == ["cats/a.jpg", "cats/x/y/b.jpg", "cats/c.jpg", "cats/d/e.jpg", "cats/f.jpg"]


def test_plan_year_month_uses_photo_date_then_file_time(tmp_path: Path) -> None:
    taken, not_known = write(tmp_path / "in/a.jpg"), write(tmp_path / "in/b.jpg", modified=1_704_100_000)
    given = [
        Result(taken, scores=SCORES[Verdict.CAT], info=PhotoInfo(date=datetime(2024, 5, 31, 23, 59))),
        result(not_known),
    ]
    plan = plan_for(given, tmp_path / "out", layout=Layout.YEAR_MONTH)
    assert targets(plan) == ["cats/2024/05/a.jpg", "cats/2024/01/b.jpg"]


# --- names that are taken ---


def test_plan_equal_names_get_numbers(tmp_path: Path) -> None:
    plan = sort_all(tmp_path, "a/x.jpg", "b/x.jpg", "c/x (2).jpg", "d/x.jpg")
    assert targets(plan) == ["cats/x.jpg", "cats/x (2).jpg", "cats/x (2) (2).jpg", "cats/x (3).jpg"]
    assert [step.source.parent.name for step in plan.conflicts] == ["b", "c", "d"]
    assert plan.conflicts[0].note == "“x.jpg” is taken there"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IMG.JPG", "img.jpg"),
        (unicodedata.normalize("NFC", "ärger.jpg"), unicodedata.normalize("NFD", "Ärger.jpg")),
        ("straße.jpg", "STRASSE.jpg"),
    ],
)
def test_plan_names_equal_on_some_file_system_get_numbers(tmp_path: Path, one: str, other: str) -> None:
    assert same_name_key(one) == same_name_key(other)
    write(tmp_path / "in/a" / one)
    plan = sort_all(tmp_path, f"a/{one}", f"b/{other}")
    assert targets(plan) == [f"cats/{one}", f"cats/{Path(other).stem} (2){Path(other).suffix}"]
    write(tmp_path / "out/cats" / other, "taken")
    assert targets(sort_all(tmp_path, f"a/{one}"))[0].endswith("(2).JPG" if one == "IMG.JPG" else "(2).jpg")


def test_plan_folders_equal_on_some_file_system_get_numbers(tmp_path: Path) -> None:
    write(tmp_path / "x")
    if (tmp_path / "X").exists():
        pytest.skip("this file system ignores case: there cannot be two such folders")
    plan = sort_all(tmp_path, "Trip/a.jpg", "trip/A.jpg", layout=Layout.SUBFOLDERS)
    assert targets(plan) == ["cats/Trip/a.jpg", "cats/trip/A (2).jpg"]


@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE, Action.HARD_LINK, Action.SYMBOLIC_LINK])
def test_plan_photo_already_there_is_skipped(tmp_path: Path, action: Action) -> None:
    names = ("a/x.jpg", "b/x.jpg", "b/x.xmp")
    photos = [write(tmp_path / "in" / name) for name in names[:2]]
    write(tmp_path / "in/b/x.xmp")

    def plan() -> SortPlan:
        return plan_for([result(photo) for photo in photos], tmp_path / "out", action)

    run_sort(plan())
    if action is Action.MOVE:
        for photo in photos:
            write(photo)
        write(tmp_path / "in/b/x.xmp")
    again = plan()
    assert again.steps == ()
    assert [reason.split(":")[0] for _, reason in again.skipped] == [
        "is already there",
        "is already there",
        "stays with its photo, which is already there",
    ]


@pytest.mark.parametrize("polls", [0, 1, 3, 5])
def test_make_plan_cancelled_raises_at_the_next_poll(tmp_path: Path, polls: int) -> None:
    """Polled between photos and while two large files are compared."""
    photos = [write(tmp_path / "in/large.jpg", 9_000_000 * b"x"), write(tmp_path / "in/small.jpg")]
    write(tmp_path / "out/cats/large.jpg", 9_000_000 * b"x")
    options = SortOptions(tmp_path / "out")
    token = CancelAfter(polls)
    with pytest.raises(Cancelled):
        make_plan([result(photo) for photo in photos], options, THRESHOLDS, tmp_path / "journals", cancel_token=token)
    assert token.polls == polls + 1


def test_plan_same_size_other_content_gets_number(tmp_path: Path) -> None:
    write(tmp_path / "out/cats/a.jpg", "one")
    photo = write(tmp_path / "in/a.jpg", "two")
    assert targets(plan_for([result(photo)], tmp_path / "out")) == ["cats/a (2).jpg"]


@posix
def test_plan_dangling_link_takes_a_name(tmp_path: Path) -> None:
    (tmp_path / "out/cats").mkdir(parents=True)
    (tmp_path / "out/cats/a.jpg").symlink_to("nowhere")
    assert targets(sort_all(tmp_path, "a.jpg")) == ["cats/a (2).jpg"]


@pytest.mark.parametrize(
    ("stem", "tail", "numbered"),
    [
        ("IMG", ".jpg", "IMG (2)"),
        ("x" * 251, ".jpg", "x" * 247 + " (2)"),
        ("é" * 125, ".jpg", "é" * 123 + " (2)"),
        ("e\u0301" * 83, ".jpg", "e\u0301" * 82 + " (2)"),
        ("\U0001f408" * 62, ".jpg", "\U0001f408" * 61 + " (2)"),
        ("\U0001f468\u200d" * 36, ".jpg", None),
        ("x", "." + "y" * 253, None),
    ],
    ids=["short", "ascii", "two-bytes", "accents", "emoji", "joined", "nothing-fits"],
)
def test_numbered_stem_fits_into_255_bytes(stem: str, tail: str, numbered: str | None) -> None:
    found = numbered_stem(stem, 2, tail)
    if found is not None:
        assert len(os.fsencode(found + tail)) <= 255
        assert not found.removesuffix(" (2)").endswith("\u200d") or stem.endswith("\u200d")
    if numbered is not None or tail != ".jpg":
        assert found == numbered


@posix
def test_plan_names_of_255_bytes_are_cut_for_number(tmp_path: Path) -> None:
    name = "é" * 125 + "x.jpg"
    plan = sort_all(tmp_path, f"a/{name}", f"b/{name}")
    assert [len(os.fsencode(Path(target).name)) for target in targets(plan)] == [255, 254]
    assert run_sort(plan).done == 2


def test_plan_name_too_long_for_number_is_skipped(tmp_path: Path) -> None:
    name = "x." + "y" * 253
    plan = sort_all(tmp_path, f"a/{name}", f"b/{name}")
    assert len(plan.steps) == 1
    assert reasons(plan) == {name: "has a name too long for a number to be added"}


# --- companions ---


def test_plan_companions_get_the_stem_of_their_photo(tmp_path: Path) -> None:
    for name in ("IMG_1234.XMP", "IMG_1234.jpg.xmp", "IMG_1234.cr2", "IMG_1234.aae", "IMG_O1234.AAE", "IMG_1234.mov"):
        write(tmp_path / "in/a" / name)
    for other in ("IMG_12345.xmp", "IMG_1234.txt", "IMG_1234.jpg.xmp.bak", "IMG_1234.png"):
        write(tmp_path / "in/a" / other)
    write(tmp_path / "out/cats/IMG_1234.cr2", "taken")  # Only the name of a companion is taken.
    plan = sort_all(tmp_path, "a/IMG_1234.jpg")
    assert sorted(targets(plan)) == [
        "cats/IMG_1234 (2).XMP",
        "cats/IMG_1234 (2).aae",
        "cats/IMG_1234 (2).cr2",
        "cats/IMG_1234 (2).jpg",
        "cats/IMG_1234 (2).jpg.xmp",
        "cats/IMG_1234 (2).mov",
        "cats/IMG_O1234 (2).AAE",
    ]
    assert targets(plan)[0] == "cats/IMG_1234 (2).jpg", "the photo first"


def test_plan_companion_goes_with_one_photo_only(tmp_path: Path) -> None:
    write(tmp_path / "in/x.xmp")
    plan = sort_all(tmp_path, "x.heic", "x.jpg", action=Action.MOVE)
    assert targets(plan) == ["cats/x.heic", "cats/x.xmp", "cats/x.jpg"]


def test_plan_classified_raw_file_goes_with_its_photo(tmp_path: Path) -> None:
    write(tmp_path / "in/alone.xmp")
    plan = sort_all(tmp_path, "x.dng", "x.jpg", "alone.dng")
    assert targets(plan) == ["cats/x.jpg", "cats/x.dng", "cats/alone.dng", "cats/alone.xmp"]
    assert reasons(plan) == {"x.dng": "goes with x.jpg"}


def test_plan_unreadable_raw_file_goes_with_its_photo(tmp_path: Path) -> None:
    photo, raw, alone = (write(tmp_path / "in" / name) for name in ("x.jpg", "x.cr2", "y.cr2"))
    unreadable = [Result(path, error="is not a photo") for path in (raw, alone)]
    plan = plan_for([*unreadable, result(photo)], tmp_path / "out", Action.MOVE)
    assert targets(plan) == ["cats/x.jpg", "cats/x.cr2"]
    assert reasons(plan) == {"x.cr2": "goes with x.jpg", "y.cr2": "is not a photo"}


def test_plan_corrected_raw_file_is_sorted_by_itself(tmp_path: Path) -> None:
    photo, raw = write(tmp_path / "in/x.jpg"), write(tmp_path / "in/x.dng")
    corrected = Result(raw, scores=SCORES[Verdict.CAT], correction=Verdict.DOG)
    assert targets(plan_for([corrected, result(photo)], tmp_path / "out")) == ["cats/x.jpg", "dogs/x.dng"]


@pytest.mark.parametrize(
    ("name", "renamed"),
    [("IMG_1.jpg.xmp", "n.jpg.xmp"), ("img_1.XMP", "n.XMP"), ("other.xmp", "other.xmp")],
)
def test_with_other_stem_replaces_stem_in_any_case(name: str, renamed: str) -> None:
    assert with_other_stem(name, "IMG_1", "n") == renamed


# --- skipped photos ---


def test_plan_unsortable_photos_are_skipped_with_reason(tmp_path: Path) -> None:
    good, gone, folder = write(tmp_path / "in/a.jpg"), tmp_path / "in/gone.jpg", tmp_path / "in/folder.jpg"
    folder.mkdir()
    given = [result(good), result(gone), result(folder), Result(tmp_path / "in/b.jpg", error="is empty"), result(good)]
    plan = plan_for(given, tmp_path / "out")
    assert plan.skipped == (
        (gone, "is no longer there"),
        (folder, "is not a file"),
        (tmp_path / "in/b.jpg", "is empty"),
        (good, f"is the same file as {good}"),
    )
    assert targets(plan) == ["cats/a.jpg"]


def test_plan_hard_link_to_other_disk_is_skipped(tmp_path: Path, other_disk: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    plan = plan_for([result(photo)], other_disk / "out", Action.HARD_LINK)
    assert plan.steps == ()
    assert "is on another disk" in reasons(plan)["a.jpg"]


@posix
def test_plan_move_out_of_protected_folder_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = write(tmp_path / "in/a.jpg")
    photo.parent.chmod(0o555)
    if os.geteuid() == 0:  # Root may write anywhere.
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != photo.parent)
    try:
        assert "you may not move" in reasons(plan_for([result(photo)], tmp_path / "out", Action.MOVE))["a.jpg"]
        assert len(plan_for([result(photo)], tmp_path / "out").steps) == 1, "a copy can be made"
        with pytest.raises(SortError, match="may not write"):
            plan_for([result(photo)], tmp_path / "in/out")
    finally:
        photo.parent.chmod(0o755)


def test_plan_2000_photos_of_one_name_takes_under_2_seconds(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"in/{number // 100}/{number}/IMG.jpg", b"x") for number in range(2_000)]
    began = time.process_time()
    plan = plan_for([result(path) for path in paths], tmp_path / "out", Action.MOVE)
    assert time.process_time() - began < 2
    assert len({step.target for step in plan.steps}) == 2_000


@posix
def test_plan_links_are_copied_but_not_moved(tmp_path: Path) -> None:
    photo, link = write(tmp_path / "real/a.jpg"), tmp_path / "in/b.jpg"
    link.parent.mkdir()
    link.symlink_to(photo)
    assert "is a link" in reasons(plan_for([result(link)], tmp_path / "out", Action.MOVE))["b.jpg"]
    for action in (Action.COPY, Action.HARD_LINK):
        run_sort(plan_for([result(link)], tmp_path / "out", action))
        assert not (tmp_path / "out/cats/b.jpg").is_symlink()
        assert (tmp_path / "out/cats/b.jpg").read_text() == str(photo)
        undo_sort()
        assert link.is_symlink()


@posix
def test_plan_same_file_by_two_paths_is_sorted_once(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    plan = plan_for([result(photo), result(tmp_path / "link/a.jpg")], tmp_path / "out", Action.MOVE)
    assert len(plan.steps) == 1
    assert plan.skipped == ((tmp_path / "link/a.jpg", f"is the same file as {photo}"),)


@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_plan_own_output_is_skipped(tmp_path: Path, action: Action) -> None:
    source = tmp_path / "in"
    photo = write(source / "a.jpg")
    first = plan_for([result(photo)], source / "sorted", action, sources=(source,))
    run_sort(first)
    output = source / "sorted/cats/a.jpg"

    def reason(destination: Path, *sources: Path) -> str | None:
        return reasons(plan_for([result(output)], destination, sources=sources)).get("a.jpg")

    assert reason(source / "sorted", source) == already_sorted()
    # Below another source, copies are skipped and moved photos are not.
    assert (reason(source / "again", source) is None) == (action is Action.MOVE)
    assert reason(tmp_path / "elsewhere", source / "sorted") is None, "a source named by the user is never skipped"
    undo_sort()
    write(output, "the user's own")
    assert reason(source / "again", source) is None, "an undone sort has no folders"


def test_plan_moved_photo_with_new_verdict_moves_again(tmp_path: Path) -> None:
    source = tmp_path / "in"
    photos = [write(source / f"{name}.jpg") for name in "ab"]
    out = source / "sorted"
    run_sort(plan_for([result(photo) for photo in photos], out, Action.MOVE, Layout.YEAR_MONTH, (source,)))
    placed = sorted(out.rglob("*.jpg"))
    again = [result(placed[0]), Result(placed[1], scores=SCORES[Verdict.CAT], correction=Verdict.DOG)]
    plan = plan_for(again, out, Action.MOVE, sources=(source,))
    assert targets(plan) == ["dogs/b.jpg"]
    assert reasons(plan) == {"a.jpg": already_sorted()}, "it is in the folder of its verdict, by month or not"
    within = {Verdict.CAT: "cats", Verdict.DOG: "cats/no"}
    plan = make_plan(again, SortOptions(out, Action.MOVE, within, sources=(source,)), THRESHOLDS)
    assert targets(plan) == ["cats/no/b.jpg"], "one output folder may be below another"


# --- space, invalid destinations ---


def test_plan_bytes_needed_by_action(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg", b"x" * 1000)
    write(tmp_path / "in/a.xmp", b"x" * 10)
    needed = {action: plan_for([result(photo)], tmp_path / "out", action).bytes_needed for action in Action}
    assert needed == {Action.COPY: 1010, Action.MOVE: 0, Action.HARD_LINK: 0, Action.SYMBOLIC_LINK: 0}
    assert plan_for([], tmp_path / "out").bytes_free > 0
    assert plan_for([], tmp_path / "out").fits


@pytest.mark.parametrize("name", ["", " ", ".", "..", "../cats", "a/../../b", "/cats", "a\0b", "x" * 256])
def test_sort_options_invalid_folder_name_raises(tmp_path: Path, name: str) -> None:
    with pytest.raises(SortError):
        SortOptions(tmp_path, folders={Verdict.CAT: name})


@pytest.mark.parametrize("file", ["out", "out/cats"])
def test_plan_destination_is_a_file_raises(tmp_path: Path, file: str) -> None:
    write(tmp_path / file)
    with pytest.raises(SortError, match="is a file"):
        sort_all(tmp_path, "a.jpg")


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not valid UTF-8")
def test_sort_names_of_invalid_utf8_are_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.jpg")
    plan = sort_all(tmp_path, f"a/{name}", f"b/{name}")
    assert run_sort(plan).done == 2
    assert sorted(os.listdir(os.fsencode(tmp_path / "out/cats"))) == [b"\xff (2).jpg", b"\xff.jpg"]
