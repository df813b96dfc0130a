"""Rules for companions by kinds of names, and random folders in which no companion has two photos and none is left."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from sort_trees import plan_for, result, write

from catdog_desktop.decoding.photo_date import takeout_names
from catdog_desktop.files.free_names import FolderNames, with_other_stem
from catdog_desktop.sorting.companion_rules import CompanionRules, may_be_companion
from catdog_desktop.sorting.companions import Companions
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.run import run_sort, undo_sort
from catdog_desktop.verdict import Verdict

LONG = "holiday at the sea with all of the family 2019"
"""46 characters: Google Takeout cuts the JSON file of a photo with this name before its extension."""

KINDS = {
    "IMG_1.jpg": [
        "IMG_1.xmp", "IMG_1.jpg.xmp", "IMG_1_01.jpg.xmp", "IMG_1_12.JPG.XMP",
        "IMG_1.jpg.pp3", "IMG_1.jpg.arp", "IMG_1.jpg.dop", "IMG_1.on1", "IMG_1.jpg.on1", "IMG_1.jpg.cos", "IMG_1.cos",
        "IMG_1.MOV", "IMG_1.MP4", "IMG_1.MP", "IMG_1.WAV", "IMG_1.THM", "IMG_1.AAE", "IMG_O1.AAE",
        "IMG_1.CR2", "IMG_1.cr2.xmp", "IMG_1.cr2.pp3", "IMG_1.cr2.dop",
        "IMG_1.json", "IMG_1.jpg.json", "IMG_1.jpg.supplemental-metadata.json", "IMG_1.jpg.supplemental-meta.json",
        "IMG_1.jpg.suppl.json", "IMG_1.jpg.s.json", "IMG_1.jpg..json", "IMG_1.MP4.json",
    ],
    "IMG_1(1).jpg": [
        "IMG_1(1).xmp", "IMG_1.jpg(1).json", "IMG_1(1).jpg.json", "IMG_1.jpg.supplemental-metadata(1).json",
        "IMG_1(1).jpg.supplemental-metadata.json", "IMG_1.jpg.supplemental-m(1).json",
    ],
    "PXL_20230101_101112345.MP.jpg": [
        "PXL_20230101_101112345.MP", "PXL_20230101_101112345.MP.jpg.json", "PXL_20230101_101112345.MP.jpg.suppl.json",
        "PXL_20230101_101112345.MP.mp4",
    ],
    "IMG_1010.HEIC": ["IMG_E1010.JPG", "IMG_E1010.AAE", "IMG_E1010.MOV", "IMG_O1010.AAE", "IMG_1010.AAE"],
    f"{LONG}.jpg": [f"{LONG}.json", f"{LONG}.jpg.json", f"{LONG}.xmp"],
    f"{LONG} or later.jpg": [f"{LONG}.json"],
    f"{LONG} or later(1).jpg": [f"{LONG}(1).json"],
    "IMG_2-edited.jpg": ["IMG_2.jpg.json", "IMG_2.jpg.supplemental-metadata.json"],
    "scan.tif": ["scan.xmp", "scan.tif.xmp", "scan.tif.pp3", "scan.json"],
    "IMG_3.NEF": ["IMG_3.xmp", "IMG_3.NEF.xmp", "IMG_3.nef.dop", "IMG_3.WAV", "IMG_3.THM", "IMG_3_01.NEF.xmp"],
}  # fmt: skip
UNRELATED = [
    "notes.txt", "IMG_10.xmp", "IMG_1.txt", "IMG_1 copy.xmp", "IMG_1.png.xmp", "metadata.json", "IMG_1(2).jpg.json",
    "IMG_1.jpg(2).json", "MVI_1.MP4", "MVI_1.THM", "IMG_E2.AAE", "user-generated-memory-titles.json", "IMG_1_1.jpg.xmp",
]  # fmt: skip


def taken(folder: Path, *photos: str) -> dict[str, list[str]]:
    """Return the companions of each of `photos`, which are all sorted."""
    own = [folder / name for name in photos]
    companions = Companions(path for path in own if not may_be_companion(path))
    return {path.name: [other.name for other in companions.take(path)] for path in sorted(own, key=may_be_companion)}


@pytest.mark.parametrize(
    ("photo", "companion"), [(photo, companion) for photo, names in KINDS.items() for companion in names]
)
def test_take_finds_each_kind(photo: str, companion: str, tmp_path: Path) -> None:
    write(tmp_path / photo)
    write(tmp_path / companion)
    assert taken(tmp_path, photo)[photo] == [companion]


@pytest.mark.parametrize("name", UNRELATED)
def test_take_leaves_other_files(name: str, tmp_path: Path) -> None:
    write(tmp_path / "IMG_1.jpg")
    write(tmp_path / name)
    assert taken(tmp_path, "IMG_1.jpg") == {"IMG_1.jpg": []}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # A number after the extension is that of the photo; without it, the JSON file belongs to the other photo.
        (
            ["IMG_1.jpg", "IMG_1(1).jpg", "IMG_1.jpg.json", "IMG_1.jpg(1).json"],
            {"IMG_1.jpg": ["IMG_1.jpg.json"], "IMG_1(1).jpg": ["IMG_1.jpg(1).json"]},
        ),
        # The JSON file goes with the original while that exists.
        (
            ["IMG_2.jpg", "IMG_2-edited.jpg", "IMG_2.jpg.json"],
            {"IMG_2.jpg": ["IMG_2.jpg.json"], "IMG_2-edited.jpg": []},
        ),
        # IMG_1_01.jpg.xmp is darktable's only if there is no photo IMG_1_01.jpg.
        (
            ["IMG_1.jpg", "IMG_1_01.jpg", "IMG_1_01.jpg.xmp", "IMG_1_02.jpg.xmp"],
            {"IMG_1.jpg": ["IMG_1_02.jpg.xmp"], "IMG_1_01.jpg": ["IMG_1_01.jpg.xmp"]},
        ),
        # A file that names its photo in full goes with it, whatever else has the same stem.
        (
            ["x.jpg", "x.png", "x.png.pp3", "x.jpg.dop", "x.png.json", "x.wav"],
            {"x.jpg": ["x.jpg.dop", "x.wav"], "x.png": ["x.png.json", "x.png.pp3"]},
        ),
        # PXL_1.MP belongs to PXL_1.MP.jpg rather than to PXL_1.jpg.
        (["PXL_1.MP.jpg", "PXL_1.jpg", "PXL_1.MP"], {"PXL_1.MP.jpg": ["PXL_1.MP"], "PXL_1.jpg": []}),
        # Two photos whose JSON files would have the same cut name: without a title, neither gets it.
        ([f"{LONG} 1.jpg", f"{LONG} 2.jpg", f"{LONG}.json"], {f"{LONG} 1.jpg": [], f"{LONG} 2.jpg": []}),
    ],
)
def test_take_ambiguous_names(files: list[str], expected: dict[str, list[str]], tmp_path: Path) -> None:
    for name in files:
        write(tmp_path / name)
    assert taken(tmp_path, *expected) == expected


def test_take_cut_takeout_name_is_decided_by_title(tmp_path: Path) -> None:
    photos = [f"{LONG} {number}.jpg" for number in (1, 2)]
    for name in photos:
        write(tmp_path / name)
    write(tmp_path / f"{LONG}.json", json.dumps({"title": f"{LONG} 2.jpg"}))
    assert taken(tmp_path, *photos) == {photos[0]: [], photos[1]: [f"{LONG}.json"]}


def test_take_agrees_with_takeout_names_of_dates(tmp_path: Path) -> None:
    """The file that the date of a photo is read from must travel with it."""
    for photo in ("IMG_1.jpg", "IMG_1(1).jpg", f"{LONG} or later.jpg", f"{LONG} or later(1).jpg", "IMG_2-edited.jpg"):
        for number, name in enumerate(dict.fromkeys(takeout_names(photo))):
            folder = tmp_path / f"{photo} {number}"
            write(folder / photo)
            write(folder / name)
            assert taken(folder, photo) == {photo: [name]}, name


PHOTO_STEMS = ["IMG_1", "IMG_1(1)", "IMG_10", "img_1", "IMG_1_01", "IMG_E1", "IMG_O1", "PXL_1.MP", "PXL_1", LONG + "x"]
PHOTO_SUFFIXES = [".jpg", ".JPG", ".heic", ".png", ".cr2", ".tif"]
TAILS = [".xmp", ".pp3", ".dop", ".on1", ".cos", ".json", ".supplemental-metadata.json", ".supplemental-me.json"]
STEM_TAILS = [".xmp", ".aae", ".mov", ".mp4", ".MP", ".wav", ".thm", ".json", ".on1", "_01.jpg.xmp", ".jpg(1).json"]


def random_folder(chance: random.Random) -> tuple[set[str], set[str]]:
    """Return the names of photos and of other files, chosen so that many could belong to several photos."""
    photos = {chance.choice(PHOTO_STEMS) + chance.choice(PHOTO_SUFFIXES) for _ in range(chance.randrange(1, 6))}
    others = {chance.choice(sorted(photos)) + chance.choice(TAILS) for _ in range(6)}
    others |= {Path(chance.choice(sorted(photos))).stem + chance.choice(STEM_TAILS) for _ in range(6)}
    return photos, others - photos


def owners_in(folder: Path, names: set[str], photos: set[str]) -> dict[str, list[str]]:
    for name in names:
        (folder / name).touch()
    return CompanionRules(folder, FolderNames().of(folder), photos).by_owner()


@pytest.mark.parametrize("seed", range(100))
def test_take_in_random_folder_gives_each_companion_to_one_photo(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    photos, others = random_folder(chance)
    for name in photos | others:
        (tmp_path / name).touch()
    found = taken(tmp_path, *photos)
    counts = Counter(name for names in found.values() for name in names)
    assert not counts or max(counts.values()) == 1, "no companion goes with two photos"
    assert not set(counts) & {name for name in photos if not may_be_companion(Path(name))}
    for name in others:
        assert any(name.startswith(f"{photo}.") for photo in photos) <= (counts[name] == 1), f"{name} is left"


@pytest.mark.parametrize("seed", range(100))
def test_take_in_random_folder_of_other_photos_leaves_their_companions(seed: int, tmp_path: Path) -> None:
    """Photos that are not sorted keep the files that name them."""
    chance = random.Random(seed)
    photos, others = random_folder(chance)
    sorted_photo = chance.choice(sorted(photos))
    for name in photos | others:
        (tmp_path / name).touch()
    for name in taken(tmp_path, sorted_photo)[sorted_photo]:
        named = [photo for photo in photos if name.startswith(f"{photo}.")]
        assert not named or sorted_photo in named or any(may_be_companion(Path(photo)) for photo in named), name


@pytest.mark.parametrize("seed", range(20))
def test_rules_do_not_depend_on_the_order_of_names(seed: int, tmp_path: Path) -> None:
    photos, others = random_folder(random.Random(seed))
    by_owner = owners_in(tmp_path, photos | others, photos)
    names = FolderNames().of(tmp_path)
    backwards = {key: list(reversed(names[key])) for key in reversed(list(names))}
    assert CompanionRules(tmp_path, backwards, photos).by_owner() == by_owner


@pytest.mark.parametrize(
    ("photo", "companion", "renamed"),
    [
        ("PXL_1.MP.jpg", "PXL_1.MP", "PXL_1.MP (2).MP"),
        ("IMG_1010.HEIC", "IMG_E1010.JPG", "IMG_E1010 (2).JPG"),
        ("IMG_1(1).jpg", "IMG_1.jpg(1).json", "IMG_1(1) (2).jpg.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg.supplemental-m(1).json", "IMG_1(1) (2).jpg.supplemental-m.json"),
        ("IMG_1.jpg", "IMG_1_01.jpg.xmp", "IMG_1 (2)_01.jpg.xmp"),
        (f"{LONG} or later.jpg", f"{LONG}.json", f"{LONG} or later (2).json"),
    ],
)
def test_renamed_companion_still_belongs_to_its_photo(photo: str, companion: str, renamed: str, tmp_path: Path) -> None:
    stem = Path(photo).stem
    assert with_other_stem(companion, stem, f"{stem} (2)") == renamed
    new_photo = f"{stem} (2){Path(photo).suffix}"
    write(tmp_path / new_photo)
    write(tmp_path / renamed)
    assert taken(tmp_path, new_photo)[new_photo] == [renamed]


def test_sort_of_equal_names_renames_every_companion_and_undo_restores_all(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        for name in ("IMG_1(1).jpg", "IMG_1.jpg(1).json", "PXL_1.MP.jpg", "PXL_1.MP"):
            write(tmp_path / folder / name)
    photos = [tmp_path / folder / name for folder in ("one", "two") for name in ("IMG_1(1).jpg", "PXL_1.MP.jpg")]
    run_sort(plan_for([result(photo) for photo in photos], tmp_path / "out", Action.MOVE))
    assert sorted(path.name for path in (tmp_path / "out/cats").iterdir()) == sorted(
        [
            *("IMG_1(1).jpg", "IMG_1.jpg(1).json", "PXL_1.MP.jpg", "PXL_1.MP"),
            *("IMG_1(1) (2).jpg", "IMG_1(1) (2).jpg.json", "PXL_1.MP (2).jpg", "PXL_1.MP (2).MP"),
        ]
    )
    undo_sort()
    for folder in ("one", "two"):
        for name in ("IMG_1(1).jpg", "IMG_1.jpg(1).json", "PXL_1.MP.jpg", "PXL_1.MP"):
            path = tmp_path / folder / name
            assert path.read_text() == str(path)


def test_plan_edited_photo_goes_with_its_original(tmp_path: Path) -> None:
    original, edited = write(tmp_path / "IMG_1010.HEIC"), write(tmp_path / "IMG_E1010.JPG")
    plan = plan_for([result(edited, Verdict.DOG), result(original)], tmp_path / "out")
    (step,) = plan.steps
    assert [file.source for file in step.files] == [original, edited]
    assert dict(plan.skipped) == {edited: "goes with IMG_1010.HEIC"}
    alone = plan_for([result(edited, Verdict.DOG)], tmp_path / "out")
    assert [step.source for step in alone.steps] == [edited]
