"""System folders, partial files, backups and patterns: skipped when found in a folder, taken when named."""

import os
from pathlib import Path

import pytest

from catdog_desktop.discovery.skip_rules import (
    EVERYTHING,
    Skipped,
    SkipReason,
    SkipRules,
    describe_skipped,
    enclosing_system_folder,
    file_skip_reason,
    parse_patterns,
    system_folder_kind,
)
from catdog_desktop.discovery.walk import find_photos

DEFAULT = SkipRules()
JPEG = b"\xff\xd8\xff\xe0"


def touch(top: Path, *names: str) -> None:
    for name in names:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if path.name == ".nomedia" else JPEG)


def found(*named: Path, rules: SkipRules = DEFAULT) -> list[str]:
    """Return the photos found, relative to the first folder named."""
    return [
        path.relative_to(named[0]).as_posix() for path in find_photos(named, rules) if not isinstance(path, Skipped)
    ]


def skipped(*named: Path, rules: SkipRules = DEFAULT) -> list[Skipped]:
    return [item for item in find_photos(named, rules) if isinstance(item, Skipped)]


SYSTEM_FOLDERS = [
    "@eaDir", ".@__thumb", "#recycle", ".thumbnails", ".dtrash", ".picasaoriginals", "Photos Library.photoslibrary",
    "Old.aplibrary", "Previews.lrdata", ".git", "lost+found", "$RECYCLE.BIN", "System Volume Information", ".Trash",
    ".Trash-1000", ".Trashes", "@Recycle", ".trashed-1700000000-DCIM", "__MACOSX", ".stversions", ".cache",
    "@EADIR", "Family.PHOTOSLIBRARY", "CaptureOne/Cache",
]  # fmt: skip


@pytest.mark.parametrize("name", SYSTEM_FOLDERS)
def test_walk_system_folder_is_skipped_and_reported_once(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "1.jpg", f"{name}/a/2.jpg", f"{name}/3.jpg", "trip/4.jpg")
    assert found(tmp_path) == ["1.jpg", "trip/4.jpg"]
    (item,) = skipped(tmp_path)
    assert (item.path, item.reason) == (tmp_path / name, SkipReason.SYSTEM_FOLDER)
    assert item.detail
    assert item.detail in item.describe()


@pytest.mark.parametrize("name", SYSTEM_FOLDERS)
def test_walk_system_folder_included_is_searched(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{name}/3.jpg")
    assert found(tmp_path, rules=SkipRules(include_system_folders=True)) == [f"{name}/3.jpg"]


@pytest.mark.parametrize("name", SYSTEM_FOLDERS)
def test_walk_named_system_folder_is_searched(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{name}/3.jpg", f"{name}/@eaDir/4.jpg")
    assert found(tmp_path / name) == ["3.jpg"], "the rules still apply inside it"
    assert found(tmp_path / name / "3.jpg", tmp_path / name) == ["."]


@pytest.mark.parametrize(
    "name", ["trash day", "recycle", "eaDir", "git", "photoslibrary", "CaptureOne", "Cache", "a.b"]
)
def test_walk_folder_with_similar_name_is_searched(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"{name}/1.jpg")
    assert found(tmp_path) == [f"{name}/1.jpg"]


def test_walk_folder_with_nomedia_is_skipped_with_its_subfolders(tmp_path: Path) -> None:
    touch(tmp_path, "WhatsApp/.nomedia", "WhatsApp/1.jpg", "WhatsApp/Sent/2.jpg", "DCIM/3.jpg")
    assert found(tmp_path) == ["DCIM/3.jpg"]
    assert [item.path for item in skipped(tmp_path)] == [tmp_path / "WhatsApp"]
    assert found(tmp_path / "WhatsApp") == ["1.jpg", "Sent/2.jpg"], "the user named it"


PARTIAL = [
    "IMG_3.jpg.part", "Unconfirmed 12345.crdownload", "IMG.tmp", ".syncthing.IMG_4.jpg.tmp", "~syncthing~IMG_4.jpg.tmp",
    ".IMG_1.jpg.Ab3dEf", ".trashed-1700000000-IMG_1.jpg", ".pending-1700000000-IMG_1.jpg", "IMG_3.JPG.PART",
    ".goutputstream-X1Y2Z3", "IMG_1.jpg.download",
]  # fmt: skip
BACKUPS = ["IMG_1.jpg_original", "IMG_1.jpg~", "IMG_6.jpg.bak", "MVI_0001.THM", "DCIM_thumb.thm", "IMG_1.jpg.orig"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [(name, SkipReason.PARTIAL_FILE) for name in PARTIAL] + [(name, SkipReason.BACKUP_FILE) for name in BACKUPS],
)
def test_walk_partial_or_backup_file_is_skipped_unless_named(tmp_path: Path, name: str, reason: SkipReason) -> None:
    touch(tmp_path, name, "1.jpg")
    assert found(tmp_path) == ["1.jpg"]
    assert [(item.path, item.reason) for item in skipped(tmp_path)] == [(tmp_path / name, reason)]
    assert [path.name for path in find_photos([tmp_path / name]) if isinstance(path, Path)] == [name]
    assert sorted(found(tmp_path, rules=EVERYTHING)) == sorted([name, "1.jpg"])


@pytest.mark.parametrize(
    "name",
    ["IMG_5 (conflicted copy).jpg", "part.jpg", "IMG_original.jpg", ".hidden.jpg", "a~b.jpg", ".IMG_1.jpg", "tmp.png"],
)
def test_file_skip_reason_ordinary_photo_is_none(name: str) -> None:
    assert file_skip_reason(name) is None


def test_walk_many_partial_files_are_reported_once_for_each_folder_and_kind(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{n}.jpg.part" for n in range(5)), "1.jpg~", "2.jpg~", "sub/1.jpg.part", "sub/2.jpg")
    reported = {(item.path, item.reason): item.count for item in skipped(tmp_path)}
    assert reported == {
        (tmp_path, SkipReason.PARTIAL_FILE): 5,
        (tmp_path, SkipReason.BACKUP_FILE): 2,
        (tmp_path / "sub" / "1.jpg.part", SkipReason.PARTIAL_FILE): 1,
    }


def test_walk_excluded_patterns_follow_gitignore(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg", "1.png", "raw/2.jpg", "a/raw/3.jpg", "a/b/4.png", "a/keep.png")
    assert found(tmp_path, rules=SkipRules(exclude=("*.png", "!keep.png", "/raw/"))) == [
        "1.jpg",
        "a/keep.png",
        "a/raw/3.jpg",
    ]
    assert found(tmp_path, rules=SkipRules(exclude=("raw/",))) == ["1.jpg", "1.png", "a/keep.png", "a/b/4.png"]


def test_walk_ignore_file_applies_to_its_folder_and_below(tmp_path: Path) -> None:
    touch(tmp_path, "1.png", "a/1.png", "a/1.jpg", "a/b/1.png", "a/b/2.png", "c/1.png")
    (tmp_path / "a" / ".catdogignore").write_text("# screenshots\n*.png\n")
    (tmp_path / "a" / "b" / ".catdogignore").write_text("!2.png\n")
    assert found(tmp_path) == ["1.png", "a/1.jpg", "a/b/2.png", "c/1.png"]
    (tmp_path / ".catdogignore").write_text("c\n")
    assert "c/1.png" not in found(tmp_path)
    assert found(tmp_path / "a") == ["1.jpg", "b/2.png"], "that of a named folder counts"
    assert len(found(tmp_path, rules=EVERYTHING)) == 6


def test_skips_file_below_root_agrees_with_the_walk(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg", "1.jpg.part", "@eaDir/2.jpg", "a/@eaDir/b/3.jpg", "n/.nomedia", "n/o/4.jpg", "p/5.png")
    (tmp_path / "p" / ".catdogignore").write_text("*.png")
    walked = set(found(tmp_path))
    rules = SkipRules()
    for path in tmp_path.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(tmp_path).as_posix()
            assert rules.skips(path, tmp_path) == (name not in walked), name
    assert walked == {"1.jpg"}
    assert not rules.skips(tmp_path / "@eaDir" / "2.jpg", tmp_path / "@eaDir"), "the user named it"


def test_enclosing_system_folder_names_the_outermost(tmp_path: Path) -> None:
    inside = tmp_path / "Pictures.photoslibrary" / "originals" / "@eaDir"
    folder, kind = enclosing_system_folder(inside) or (None, "")
    assert folder == tmp_path / "Pictures.photoslibrary"
    assert kind == system_folder_kind("x.aplibrary")
    assert enclosing_system_folder(tmp_path / "Pictures") is None


def test_parse_patterns_skips_comments_and_empty_lines() -> None:
    assert parse_patterns("# a\n\n*.png\n!keep.png\n") == ("*.png", "!keep.png")
    with pytest.raises(ValueError, match="valid pattern"):
        parse_patterns("!")


@pytest.mark.parametrize("reason", SkipReason)
@pytest.mark.parametrize("count", [1, 1234])
def test_describe_skipped_every_reason_has_text_with_its_count(reason: SkipReason, count: int) -> None:
    assert f"{count:,}" in describe_skipped({reason: count})
    assert Skipped(Path("a"), reason).describe()


@pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")
def test_walk_link_to_system_folder_by_another_name_is_searched(tmp_path: Path) -> None:
    touch(tmp_path, "real/.Trash/1.jpg")
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "mine").symlink_to(tmp_path / "real" / ".Trash")
    assert found(tmp_path / "top") == ["mine/1.jpg"]


JOINED = SkipRules(join_raw=True)


def test_raw_file_of_a_pair_is_left_out_and_counted_once(tmp_path: Path) -> None:
    touch(tmp_path, "IMG_1.JPG", "IMG_3.heic", "a/IMG_2.jpg", "IMG_4.png")
    for name in ("img_1.CR2", "IMG_2.NEF", "IMG_3.dng", "IMG_4.arw"):
        (tmp_path / name).write_bytes(b"II*\0" + bytes(60))
    everything = list(find_photos([tmp_path], JOINED))
    names = {path.relative_to(tmp_path).as_posix() for path in everything if isinstance(path, Path)}
    assert names == {"IMG_1.JPG", "IMG_2.NEF", "IMG_3.heic", "a/IMG_2.jpg", "IMG_4.png", "IMG_4.arw"}
    (skipped,) = [item for item in everything if isinstance(item, Skipped)]
    assert (skipped.path, skipped.reason, skipped.count) == (tmp_path, SkipReason.RAW_OF_PAIR, 2)
    assert skipped.describe() == "2 raw files that go with their JPEG"
    assert describe_skipped({SkipReason.RAW_OF_PAIR: 1}) == "1 raw file that goes with its JPEG"
    assert "img_1.CR2" in found(tmp_path)


def test_raw_file_whose_jpeg_is_skipped_stays(tmp_path: Path) -> None:
    touch(tmp_path, "IMG_1.jpg")
    (tmp_path / "IMG_1.cr2").write_bytes(b"II*\0" + bytes(60))
    rules = SkipRules(exclude=("*.jpg",), join_raw=True)
    assert found(tmp_path, rules=rules) == ["IMG_1.cr2"]
    assert not rules.skips(tmp_path / "IMG_1.cr2", tmp_path)
    assert JOINED.skips(tmp_path / "IMG_1.cr2", tmp_path)


def test_named_pair_is_one_photo_and_raw_file_alone_is_one(tmp_path: Path) -> None:
    photo, raw = tmp_path / "x.jpg", tmp_path / "x.nef"
    for path in (photo, raw):
        path.write_bytes(b"II*\0" + bytes(60))
    assert [item for item in find_photos([raw, photo], JOINED) if isinstance(item, Path)] == [photo]
    assert list(find_photos([raw], JOINED)) == [raw]
    assert raw in list(find_photos([raw, tmp_path / "other" / "x.jpg"], JOINED))


def test_watched_raw_file_of_a_pair_is_skipped(tmp_path: Path) -> None:
    raw = tmp_path / "x.NEF"
    raw.write_bytes(b"")
    assert not JOINED.skips(raw, tmp_path)
    (tmp_path / "x.JPG").write_bytes(b"")
    assert JOINED.skips(raw, tmp_path)
    assert not SkipRules().skips(raw, tmp_path)
