"""Keyword exports: nothing in a sidecar is lost or replaced, and undo restores every byte."""

import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cancel_after import CancelAfter
from PIL import Image
from xmp_samples import ADOBE, DARKTABLE, FLAT, LIGHTROOM, bag, rdf, read

from catdog_desktop.exporting import xmp_export
from catdog_desktop.exporting.xmp_export import (
    SidecarDone,
    SidecarState,
    XmpOutcome,
    forget_keywords,
    list_xmp_exports,
    undo_keywords,
    write_keywords,
)
from catdog_desktop.exporting.xmp_journal import XmpExportError, XmpProblem, xmp_journals_folder
from catdog_desktop.paths import journals_folder
from catdog_desktop.progress import Progress
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict
from catdog_desktop.xmp.packet import keywords_in, rating_in, sidecar_for
from catdog_desktop.xmp.sidecars import SidecarNames

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)
CAT, DOG, BOTH, NEITHER = Scores(0.99, 0.01), Scores(0.01, 0.99), Scores(0.99, 0.99), Scores(0.01, 0.01)
Tree = dict[str, tuple[bytes, int, int]]


def photo(folder: Path, name: str, scores: Scores = CAT) -> Result:
    path = folder / name
    Image.new("RGB", (8, 8)).save(path, "JPEG")
    return Result(path, scores)


def tree(folder: Path) -> Tree:
    """Return content, permissions and time of every file in a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            status = path.stat()
            found[path.relative_to(folder).as_posix()] = (path.read_bytes(), status.st_mode, status.st_mtime_ns)
    return found


def has(problem: XmpProblem) -> Callable[[XmpExportError], bool]:
    """Return a check for an error with this problem."""
    return lambda error: error.problem is problem


@pytest.mark.parametrize("problem", XmpProblem)
def test_str_of_each_problem_is_a_filled_in_sentence(problem: XmpProblem) -> None:
    text = str(XmpExportError(problem, "xmp-1", "Some reason."))
    assert not set("{}") & set(text)
    assert text.endswith(".")


def export(*results: Result, **options: object) -> XmpOutcome:
    return write_keywords(list(results), THRESHOLDS, **options)  # type: ignore[arg-type]


def counts(outcome: XmpOutcome) -> dict[str, int]:
    return {state.value: count for state, count in outcome.counts.items() if count}


@pytest.fixture
def pets(tmp_path: Path) -> tuple[Path, list[Result]]:
    """Photos without a sidecar, with one of darktable and of Adobe, and some that get no keyword."""
    folder = tmp_path / "pets"
    folder.mkdir()
    results = [
        photo(folder, "new.jpg", CAT),
        photo(folder, "darktable.jpg", DOG),
        photo(folder, "adobe.jpg", BOTH),
        photo(folder, "tree.jpg", NEITHER),
        photo(folder, "blurred.jpg", Scores(0.5, 0.5)),
        replace(photo(folder, "fox.jpg", NEITHER), correction=Verdict.DOG),
        Result(folder / "notes.jpg", error="is not a photo (it holds text)"),
    ]
    (folder / "darktable.jpg.xmp").write_bytes(DARKTABLE)
    (folder / "adobe.xmp").write_bytes(ADOBE)
    os.utime(folder / "adobe.xmp", ns=(10**18, 10**18 + 123_456_000))
    (folder / "adobe.xmp").chmod(0o640)
    return folder, results


def test_write_keywords_then_undo_restores_everything(pets: tuple[Path, list[Result]]) -> None:
    folder, results = pets
    before = tree(folder)
    reported: list[SidecarDone] = []
    outcome = export(*results, on_sidecar=reported.append)
    assert counts(outcome) == {"written": 4}
    assert outcome.without_keyword == 3
    assert [done.progress for done in reported] == [Progress(number, 4) for number in range(1, 5)]
    after = tree(folder)
    assert {name: content for name, content in after.items() if name in before and not name.endswith(".xmp")} == {
        name: content for name, content in before.items() if not name.endswith(".xmp")
    }, "no photo was changed"
    flat = {name: read(content, FLAT) for name, (content, _, _) in after.items() if name.endswith(".xmp")}
    assert flat == {
        "new.jpg.xmp": ["cat"],
        "darktable.jpg.xmp": ["dog"],
        "adobe.xmp": ["Holiday", "Lake & shore", "cat", "dog"],
        "fox.jpg.xmp": ["dog"],
    }
    assert stat.S_IMODE((folder / "adobe.xmp").stat().st_mode) == 0o640
    assert outcome.journal_id is not None
    undone = undo_keywords(outcome.journal_id)
    assert counts(undone) == {"restored": 2, "removed": 2}
    assert tree(folder) == before
    assert list_xmp_exports() == []


def test_write_keywords_read_only_photo_gets_writable_sidecar(tmp_path: Path) -> None:
    result = photo(tmp_path, "a.jpg", CAT)
    result.path.chmod(0o444)
    export(result)
    assert stat.S_IMODE((tmp_path / "a.jpg.xmp").stat().st_mode) == 0o644
    outcome = export(replace(result, correction=Verdict.BOTH))
    assert counts(outcome) == {"written": 1}
    assert read((tmp_path / "a.jpg.xmp").read_bytes(), FLAT) == ["cat", "dog"]


def test_write_keywords_twice_changes_nothing(pets: tuple[Path, list[Result]]) -> None:
    folder, results = pets
    export(*results)
    before = tree(folder)
    again = export(*results)
    assert counts(again) == {"unchanged": 4}
    assert again.journal_id is None
    assert tree(folder) == before
    assert len(list_xmp_exports()) == 1


def test_write_keywords_dry_run_writes_nothing(pets: tuple[Path, list[Result]], home: Path) -> None:
    folder, results = pets
    before = tree(folder)
    outcome = export(*results, dry_run=True)
    assert counts(outcome) == {"written": 4}
    assert tree(folder) == before
    assert list_xmp_exports() == []


def test_write_keywords_sidecar_of_raw_file_is_unchanged(tmp_path: Path) -> None:
    result = photo(tmp_path, "IMG_1.jpg")
    (tmp_path / "IMG_1.cr2").write_bytes(b"raw")
    (tmp_path / "IMG_1.xmp").write_bytes(ADOBE)
    export(result)
    assert (tmp_path / "IMG_1.xmp").read_bytes() == ADOBE
    assert read((tmp_path / "IMG_1.jpg.xmp").read_bytes(), FLAT) == ["cat"]


def test_write_keywords_sidecar_naming_other_file_is_unchanged(tmp_path: Path) -> None:
    """The raw file may have been moved meanwhile."""
    result = photo(tmp_path, "IMG_1.jpg")
    of_raw = rdf("", about="xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:SidecarForExtension='CR2'")
    (tmp_path / "IMG_1.xmp").write_bytes(of_raw)
    export(result)
    assert (tmp_path / "IMG_1.xmp").read_bytes() == of_raw
    assert (tmp_path / "IMG_1.jpg.xmp").exists()


def test_write_keywords_new_sidecar_repeats_embedded_keywords(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(path, xmp=rdf(bag("dc:subject", "Holiday")))
    export(Result(path, CAT))
    assert read((tmp_path / "a.jpg.xmp").read_bytes(), FLAT) == ["Holiday", "cat"]


def test_write_keywords_link_to_sidecar_stays_a_link(tmp_path: Path) -> None:
    result = photo(tmp_path, "a.jpg")
    (tmp_path / "kept elsewhere").mkdir()
    real = tmp_path / "kept elsewhere" / "a.xmp"
    real.write_bytes(ADOBE)
    (tmp_path / "a.jpg.xmp").symlink_to(real)
    outcome = export(result)
    assert (tmp_path / "a.jpg.xmp").is_symlink()
    assert "animals|cat" in read(real.read_bytes(), LIGHTROOM)
    assert outcome.journal_id is not None
    undo_keywords(outcome.journal_id)
    assert (tmp_path / "a.jpg.xmp").is_symlink()
    assert real.read_bytes() == ADOBE


def test_write_keywords_shared_sidecar_gets_both(tmp_path: Path) -> None:
    results = [photo(tmp_path, "a.jpg", CAT), photo(tmp_path, "b.jpg", DOG)]
    (tmp_path / "shared").write_bytes(ADOBE)
    for name in "ab":
        (tmp_path / f"{name}.jpg.xmp").symlink_to(tmp_path / "shared")
    outcome = export(*results)
    assert read((tmp_path / "shared").read_bytes(), FLAT)[-2:] == ["cat", "dog"]
    assert outcome.journal_id is not None
    assert counts(undo_keywords(outcome.journal_id)) == {"restored": 2}
    assert (tmp_path / "shared").read_bytes() == ADOBE


@pytest.mark.parametrize("name", ["new\nline.jpg", "猫 🐈.jpg", "byte\udcff.jpg", "a b.jpg", "x" * 251])
def test_undo_keywords_unusual_names_are_restored(name: str, tmp_path: Path) -> None:
    try:
        result = photo(tmp_path, name)
    except (OSError, UnicodeError):
        pytest.skip("this file system does not allow such names")
    outcome = export(result)
    assert counts(outcome) == {"written": 1}
    assert outcome.journal_id is not None
    assert counts(undo_keywords(outcome.journal_id)) == {"removed": 1}
    assert [path.name for path in tmp_path.iterdir()] == [name]


def _make_fifo(path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(path)


LEFT_ALONE = {
    "other XML": (lambda path: path.write_bytes(b"<svg/>"), "is not an XMP file"),
    "text": (lambda path: path.write_bytes(b"hello"), "is not an XMP file"),
    "a folder": (lambda path: path.mkdir(), "could not be written|is not a regular file"),
    "a pipe": (_make_fifo, "is not a regular file"),
    "too large": (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 17 * 2**20), "is larger than 16 MiB"),
    "protected": (lambda path: (path.write_bytes(ADOBE), path.chmod(0o444)), "is protected against changes"),
}


@pytest.mark.parametrize("what", LEFT_ALONE)
def test_write_keywords_unusable_sidecar_fails_unchanged(what: str, tmp_path: Path) -> None:
    make, sentence = LEFT_ALONE[what]
    bad, good = photo(tmp_path, "bad.jpg"), photo(tmp_path, "good.jpg")
    make(tmp_path / "bad.jpg.xmp")
    status = (tmp_path / "bad.jpg.xmp").stat()
    outcome = export(bad, good)
    assert counts(outcome) == {"failed": 1, "written": 1}
    (failed,) = outcome.failed
    assert failed.sidecar.name == "bad.jpg.xmp"
    assert re.search(f"^({sentence})", failed.error), failed.error
    now = (tmp_path / "bad.jpg.xmp").stat()
    assert (now.st_ino, now.st_size, now.st_mtime_ns) == (status.st_ino, status.st_size, status.st_mtime_ns)


def test_write_keywords_missing_photo_gets_no_sidecar(tmp_path: Path) -> None:
    outcome = export(Result(tmp_path / "gone.jpg", CAT))
    assert "its photo is no longer there" in outcome.failed[0].error
    assert list(tmp_path.iterdir()) == []


def test_write_keywords_change_by_other_program_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = photo(tmp_path, "a.jpg")
    (tmp_path / "a.jpg.xmp").write_bytes(ADOBE)
    announce = xmp_export.XmpJournal.announce

    def darktable_writes(*arguments: object) -> None:
        announce(*arguments)  # type: ignore[arg-type]
        (tmp_path / "a.jpg.xmp").write_bytes(DARKTABLE)

    monkeypatch.setattr(xmp_export.XmpJournal, "announce", darktable_writes)
    outcome = export(result)
    assert "was changed by another program" in outcome.failed[0].error
    assert (tmp_path / "a.jpg.xmp").read_bytes() == DARKTABLE


def test_undo_keywords_changed_sidecars_are_kept(pets: tuple[Path, list[Result]]) -> None:
    folder, results = pets
    journal = export(*results).journal_id
    assert journal is not None
    ours = (folder / "adobe.xmp").read_bytes()
    for name in ("adobe.xmp", "new.jpg.xmp"):
        with (folder / name).open("ab") as file:
            file.write(b"<!-- mine -->")
    (folder / "darktable.jpg.xmp").unlink()
    outcome = undo_keywords(journal)
    assert counts(outcome) == {"failed": 3, "removed": 1}
    assert {done.sidecar.name: done.error.split(",")[0] for done in outcome.failed} == {
        "adobe.xmp": "was changed since",
        "new.jpg.xmp": "was changed since",
        "darktable.jpg.xmp": "is gone",
    }
    assert (folder / "new.jpg.xmp").read_bytes().endswith(b"<!-- mine -->")
    (info,) = list_xmp_exports()
    assert (info.sidecars, info.undone) == (4, 1)
    (folder / "adobe.xmp").write_bytes(ours)
    assert counts(undo_keywords(journal)) == {"failed": 2, "restored": 1}
    assert (folder / "adobe.xmp").read_bytes() == ADOBE
    forget_keywords(journal)
    assert list_xmp_exports() == []
    assert (folder / "new.jpg.xmp").read_bytes().endswith(b"<!-- mine -->")


def test_undo_keywords_moved_photos_fail(pets: tuple[Path, list[Result]]) -> None:
    folder, results = pets
    before = tree(folder)
    journal = export(*results).journal_id
    assert journal is not None
    folder.rename(folder.with_name("unplugged"))
    assert counts(undo_keywords(journal)) == {"failed": 4}
    folder.with_name("unplugged").rename(folder)
    assert counts(undo_keywords(journal)) == {"restored": 2, "removed": 2}
    assert tree(folder) == before


def test_undo_keywords_removed_sidecar_is_fine(pets: tuple[Path, list[Result]]) -> None:
    folder, results = pets
    journal = export(*results).journal_id
    assert journal is not None
    (folder / "new.jpg.xmp").unlink()
    assert counts(undo_keywords(journal)) == {"restored": 2, "removed": 2}


def test_write_keywords_cancelled_leaves_the_rest(pets: tuple[Path, list[Result]]) -> None:
    folder, results = pets
    outcome = export(*results, cancel_token=CancelAfter(polls=2))
    assert (outcome.cancelled, outcome.not_done) == (True, 2)
    assert sorted(path.name for path in folder.glob("*.xmp")) == ["adobe.xmp", "darktable.jpg.xmp", "new.jpg.xmp"]
    assert (folder / "adobe.xmp").read_bytes() == ADOBE
    assert counts(export(*results)) == {"written": 2, "unchanged": 2}, "the next export does the rest"


def test_undo_keywords_after_crash_before_write(
    pets: tuple[Path, list[Result]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, results = pets
    before = tree(folder)
    write = xmp_export.atomic_write
    written: list[Path] = []

    def crash(path: Path, **options: object) -> object:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        return write(path, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(xmp_export, "atomic_write", crash)
        with pytest.raises(KeyboardInterrupt):
            export(*results)
    (info,) = list_xmp_exports()
    assert info.sidecars == 4
    undo_keywords(info.id)
    assert tree(folder) == before


def test_undo_keywords_incomplete_journal_line_is_ignored(pets: tuple[Path, list[Result]]) -> None:
    folder, results = pets
    before = tree(folder)
    journal = export(*results).journal_id
    assert journal is not None
    path = xmp_journals_folder() / f"{journal}.jsonl"
    with path.open("ab") as file:
        file.write(b'{"undone": ')
    assert counts(undo_keywords(journal)) == {"restored": 2, "removed": 2}
    assert tree(folder) == before


def test_write_keywords_while_sort_runs_raises(tmp_path: Path) -> None:
    with one_writer(journals_folder()), pytest.raises(XmpExportError, check=has(XmpProblem.BUSY)):
        export(photo(tmp_path, "a.jpg"))
    assert not (tmp_path / "a.jpg.xmp").exists()


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"before"', b'"befall"'))


def _from_the_future(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(json.dumps(json.loads(lines[0]) | {"xmp_journal": 99}).encode() + b"\n" + b"".join(lines[1:]))


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (_damage, XmpProblem.JOURNAL_DAMAGED),
        (_from_the_future, XmpProblem.JOURNAL_NEWER),
        (Path.unlink, XmpProblem.UNKNOWN_EXPORT),
    ],
)
def test_undo_keywords_unreadable_journal_raises(
    harm: object, problem: XmpProblem, pets: tuple[Path, list[Result]]
) -> None:
    folder, results = pets
    journal = export(*results).journal_id
    assert journal is not None
    before = tree(folder)
    harm(xmp_journals_folder() / f"{journal}.jsonl")  # type: ignore[operator]
    with pytest.raises(XmpExportError, check=has(problem)):
        undo_keywords(journal)
    assert tree(folder) == before
    assert list_xmp_exports() == []


@pytest.mark.parametrize("name", ["", "xmp-", "../../etc/passwd", "20261124-101112-000000", "xmp-../x"])
def test_undo_keywords_unknown_id_raises(name: str) -> None:
    with pytest.raises(XmpExportError, check=has(XmpProblem.UNKNOWN_EXPORT)):
        undo_keywords(name)


def test_write_keywords_without_data_folder_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a data folder nothing is written, since it could not be undone."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("CATDOG_HOME", str(tmp_path / "file"))
    with pytest.raises(XmpExportError):
        export(photo(tmp_path, "a.jpg"))
    assert not (tmp_path / "a.jpg.xmp").exists()


def test_write_keywords_many_in_batches(tmp_path: Path) -> None:
    results = [photo(tmp_path, f"{number}.jpg", (CAT, DOG)[number % 2]) for number in range(150)]
    outcome = export(*results)
    assert counts(outcome) == {"written": 150}
    assert outcome.journal_id is not None
    assert counts(undo_keywords(outcome.journal_id)) == {"removed": 150}
    assert not list(tmp_path.glob("*.xmp"))
    assert outcome.counts[SidecarState.FAILED] == 0


def test_write_keywords_names_differing_in_case_share_no_sidecar(tmp_path: Path) -> None:
    one, other = photo(tmp_path, "A.jpg", CAT), photo(tmp_path, "A.JPG", DOG)
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system ignores case")
    (tmp_path / "A.xmp").write_bytes(ADOBE)
    assert counts(export(one, other)) == {"written": 2}
    assert (tmp_path / "A.xmp").read_bytes() == ADOBE, "it may belong to either photo"
    assert read((tmp_path / "A.jpg.xmp").read_bytes(), FLAT) == ["cat"]
    assert read((tmp_path / "A.JPG.xmp").read_bytes(), FLAT) == ["dog"]


def test_write_keywords_new_sidecar_with_adobe_name_names_its_photo(tmp_path: Path) -> None:
    raw, jpeg = photo(tmp_path, "DSC_1.NEF", CAT), photo(tmp_path, "DSC_1.JPG", DOG)
    export(raw, jpeg, new_names=SidecarNames.ADOBE)
    assert sorted(path.name for path in tmp_path.glob("*.xmp")) == ["DSC_1.JPG.xmp", "DSC_1.xmp"]
    content = (tmp_path / "DSC_1.xmp").read_bytes()
    assert sidecar_for(content) == "NEF"
    assert keywords_in(content) == ["cat"]
    assert keywords_in((tmp_path / "DSC_1.JPG.xmp").read_bytes()) == ["dog"]


@pytest.mark.parametrize("kind", ["another root element", "padding"])
def test_write_keywords_unusual_sidecar_is_merged_and_restored(kind: str, tmp_path: Path) -> None:
    pet = photo(tmp_path, "a.jpg", CAT)
    before = rdf("<xmp:Rating xmlns:xmp='http://ns.adobe.com/xap/1.0/'>5</xmp:Rating>")
    before = before.replace(b"x:xmpmeta", b"x:xml_doc") if kind == "another root element" else before + b"\n\0\0"
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_bytes(before)
    outcome = export(pet)
    assert counts(outcome) == {"written": 1}
    assert keywords_in(sidecar.read_bytes()) == ["cat"]
    assert b"Rating" in sidecar.read_bytes()
    assert outcome.journal_id is not None
    undo_keywords(outcome.journal_id)
    assert sidecar.read_bytes() == before


def test_export_ratings_with_and_without_keywords(tmp_path: Path) -> None:
    rated = [
        replace(photo(tmp_path, "cat.jpg", CAT), rating=5),
        replace(photo(tmp_path, "tree.jpg", NEITHER), rating=2),
        photo(tmp_path, "stone.jpg", NEITHER),
    ]
    before = tree(tmp_path)
    outcome = export(*rated)
    assert counts(outcome) == {"written": 2}
    assert outcome.without_keyword == 1
    packets = {name: (tmp_path / f"{name}.jpg.xmp").read_bytes() for name in ("cat", "tree")}
    assert {name: rating_in(packet) for name, packet in packets.items()} == {"cat": 5, "tree": 2}
    assert keywords_in(packets["tree"]) == []
    assert outcome.journal_id is not None
    undo_keywords(outcome.journal_id)
    assert tree(tmp_path) == before
