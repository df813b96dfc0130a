"""`catdog export`, and `catdog undo` for sidecars."""

import csv
import json
import os
from pathlib import Path

import pytest
from command_line import catdog, entries
from xmp_samples import ADOBE, FLAT, read

from catdog_desktop.languages.choice import use_language
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings, save_settings
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

Capture = pytest.CaptureFixture[str]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def two(photo_dir: Path) -> Path:
    """A folder with two photos: one cat, one with neither."""
    for path in photo_dir.iterdir():
        if path.stem not in ("chelsea", "coffee"):
            path.unlink()
    return photo_dir


def test_export_csv_lists_every_photo(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    (photo_dir / "notes.jpg").write_text("hello")
    assert catdog("export", photo_dir, "--to", tmp_path / "pets.csv", "--format", "jsonl") == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == {"file": str(tmp_path / "pets.csv"), "as": "csv", "photos": 7}
    assert "7 photos exported" in err
    found = {Path(row["path"]).name: row for row in rows(tmp_path / "pets.csv")}
    assert found["chelsea.jpg"]["verdict"] == "cat"
    assert int(found["chelsea.jpg"]["width"]) > 100
    assert found["notes.jpg"]["error"] == "is not a photo (it holds text)"


@pytest.mark.parametrize("how", [("--to", "pets.csv"), ("--to", "cats.html", "--only", "cat"), ("--as", "xmp")])
def test_export_unreadable_photo_is_reported_by_name(
    how: tuple[str, ...], two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    notes = two / "not\nes.jpg"
    notes.write_text("hello")
    assert catdog("export", two, *how) == 1
    assert f"{two}{os.sep}not\\nes.jpg is not a photo (it holds text)\n" in capsys.readouterr().err


def test_export_uses_corrections(two: Path, tmp_path: Path, capsys: Capture) -> None:
    assert catdog("export", two, "--to", tmp_path / "1.jsonl") == 0
    with Store.open() as store:
        store.correct({two / "coffee.jpg": Verdict.DOG})
    assert catdog("export", two, "--to", tmp_path / "2.jsonl", "--only", "dog") == 0
    (line,) = (tmp_path / "2.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert (Path(entry["path"]).name, entry["verdict"], entry["corrected"]) == ("coffee.jpg", "dog", True)


@pytest.mark.parametrize("store", [[], ["--no-store"]])
def test_export_contact_sheet_embeds_thumbnails(two: Path, tmp_path: Path, store: list[str]) -> None:
    assert catdog("export", two, "--to", tmp_path / "pets.html", "--title", "Our <pets>", *store) == 0
    source = (tmp_path / "pets.html").read_text(encoding="utf-8")
    assert "<h1>Our &lt;pets&gt;</h1>" in source
    assert source.count("data:image/jpeg;base64,") == 2
    assert 'href="photos/chelsea.jpg"' in source


def test_export_only_writes_given_verdicts(photo_dir: Path, tmp_path: Path) -> None:
    (photo_dir / "notes.jpg").write_text("hello")
    arguments = ["export", photo_dir, "--to", tmp_path / "a.csv", "--only", "cat", "--only", "problem"]
    assert catdog(*arguments) == 1
    assert sorted(Path(row["path"]).name for row in rows(tmp_path / "a.csv")) == ["chelsea.jpg", "notes.jpg"]


def test_export_where_writes_photos_that_match_a_search(photo_dir: Path, tmp_path: Path) -> None:
    (photo_dir / "notes.jpg").write_text("hello")
    assert catdog("export", photo_dir, "--to", tmp_path / "a.csv", "--where", "is:cat chel -copy") == 1
    assert [Path(row["path"]).name for row in rows(tmp_path / "a.csv")] == ["chelsea.jpg"]
    assert catdog("export", photo_dir, "--to", tmp_path / "b.csv", "--where", "is:problem") == 1
    assert [Path(row["path"]).name for row in rows(tmp_path / "b.csv")] == ["notes.jpg"]


def test_export_where_that_is_not_understood_writes_nothing(two: Path, tmp_path: Path, capsys: Capture) -> None:
    assert catdog("export", two, "--to", tmp_path / "a.csv", "--where", "is:bird") == 2
    assert "“is:bird” is unknown. Known: cat, dog," in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def test_export_semicolons_use_decimal_comma(two: Path, tmp_path: Path) -> None:
    assert catdog("export", two, "--to", tmp_path / "a.csv", "--semicolons") == 0
    header, row = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[:2]
    assert header.startswith("path;verdict;")
    assert '"0,' in row or '"1,' in row


WRONG = {
    "nowhere": ([], "Add --to FILE"),
    "standard output": (["--to", "-"], "catdog classify --format"),
    "an ending that says nothing": (["--to", "{}/pets.txt"], "Add --as csv"),
    "there already": (["--to", "{}/mine.csv"], "exists already"),
    "no such folder": (["--to", "{}/gone/pets.csv"], "There is no folder"),
    "a folder": (["--to", "{}/photos", "--as", "csv", "--overwrite"], "is a folder"),
    "a file for sidecars": (["--as", "xmp", "--to", "{}/a.xmp"], "Omit --to"),
    "a dry run of a file": (["--to", "{}/a.csv", "--dry-run"], "--dry-run only works with --as xmp"),
    "no model": (["--to", "{}/a.csv", "--model", "{}/gone"], "model"),
}


@pytest.mark.parametrize("what", WRONG)
def test_export_wrong_usage_changes_nothing(what: str, two: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mine.csv").write_text("mine")
    before = sorted(os.listdir(tmp_path))
    arguments, sentence = WRONG[what]
    assert catdog("export", two, *(argument.format(tmp_path) for argument in arguments)) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == before
    assert (tmp_path / "mine.csv").read_text() == "mine"


def test_export_overwrite_replaces_file(two: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine")
    assert catdog("export", two, "--to", tmp_path / "mine.csv", "--overwrite") == 0
    assert len(rows(tmp_path / "mine.csv")) == 2


def test_export_keywords_then_undo_restores_sidecar(two: Path, capsys: Capture) -> None:
    (two / "chelsea.xmp").write_bytes(ADOBE)
    assert catdog("export", two, "--as", "xmp", "--format", "jsonl", "--dry-run") == 0
    assert [entry["state"] for entry in entries(capsys)] == ["written"]
    assert (two / "chelsea.xmp").read_bytes() == ADOBE
    assert catdog("export", two, "--as", "xmp", "--format", "jsonl") == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "photo": str(two / "chelsea.jpg"),
        "sidecar": str(two / "chelsea.xmp"),
        "state": "written",
        "keywords": ["cat"],
    }
    assert "1 sidecar written; 1 photo without a keyword" in err
    assert read((two / "chelsea.xmp").read_bytes(), FLAT)[-1] == "cat"
    assert not (two / "coffee.jpg.xmp").exists()
    journal = err.split("catdog undo ")[1].strip()
    assert catdog("undo", "--list", "--format", "jsonl") == 0
    (listed,) = entries(capsys)
    assert (listed["id"], listed["action"], listed["sidecars"]) == (journal, "keywords", 1)
    assert catdog("undo", "--list") == 0
    assert "done: keywords, 1 of 1 sidecars" in capsys.readouterr().out
    assert catdog("undo", journal, "--finish") == 2
    assert catdog("undo", "--yes") == 0
    assert "1 sidecar restored." in capsys.readouterr().err
    assert (two / "chelsea.xmp").read_bytes() == ADOBE
    assert catdog("undo", "--yes") == 2
    assert "There is no sort, export of keywords or move to the trash to undo." in capsys.readouterr().err


def test_export_keywords_unusable_sidecar_is_reported(two: Path, capsys: Capture) -> None:
    (two / "chelsea.jpg.xmp").write_text("hello")
    assert catdog("export", two, "--as", "xmp") == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"failed     {two / 'chelsea.jpg.xmp'} is not an XMP file")
    assert "1 failed" in err


@pytest.mark.parametrize(
    ("options", "chosen", "name"),
    [
        ([], "adobe", "chelsea.jpg.xmp"),
        (["--settings"], "adobe", "chelsea.xmp"),
        (["--sidecars", "adobe"], "digikam", "chelsea.xmp"),
        (["--settings", "--sidecars", "digikam"], "adobe", "chelsea.jpg.xmp"),
    ],
)
def test_export_keywords_names_new_sidecars_by_option_or_settings(
    options: list[str], chosen: str, name: str, two: Path
) -> None:
    save_settings(settings_file(), Settings(sidecar_names=chosen))
    assert catdog("export", two, "--as", "xmp", *options) == 0
    assert [path.name for path in two.glob("*.xmp")] == [name]


@pytest.mark.parametrize(
    ("options", "kept", "word"),
    [
        ([], {"cat": "Mieze"}, "cat"),
        (["--settings"], {"cat": "Mieze"}, "Mieze"),
        (["--keywords", "translated"], {}, "Katze"),
        (["--settings", "--keywords", "english"], {"cat": "Mieze"}, "cat"),
    ],
)
def test_export_keywords_are_english_translated_or_those_of_the_settings(
    options: list[str], kept: dict[str, str], word: str, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATDOG_LANGUAGE", "de")
    save_settings(settings_file(), Settings(keywords=kept))
    assert catdog("export", two, "--as", "xmp", *options) == 0
    use_language("en")
    (sidecar,) = two.glob("*.xmp")
    assert f"<rdf:li>{word}</rdf:li>" in sidecar.read_text(encoding="utf-8")


def test_undo_reverts_the_last_of_sort_and_export(two: Path, tmp_path: Path, capsys: Capture) -> None:
    assert catdog("export", two, "--as", "xmp") == 0
    assert catdog("sort", two, tmp_path / "sorted") == 0
    capsys.readouterr()
    assert catdog("undo", "--yes") == 0
    assert "2 photos put back" in capsys.readouterr().err
    assert catdog("undo", "--yes") == 0
    assert "1 sidecar restored" in capsys.readouterr().err


def test_undo_changed_sidecar_is_kept_until_forgotten(two: Path, capsys: Capture) -> None:
    assert catdog("export", two, "--as", "xmp") == 0
    sidecar = two / "chelsea.jpg.xmp"
    sidecar.write_bytes(sidecar.read_bytes() + b"<!-- mine -->")
    assert catdog("undo", "--yes") == 1
    assert "was changed since" in capsys.readouterr().out
    journal = json.loads(_list(capsys))["id"]
    assert catdog("undo", journal, "--forget") == 0
    assert _list(capsys) == ""
    assert sidecar.read_bytes().endswith(b"<!-- mine -->")


def _list(capsys: Capture) -> str:
    capsys.readouterr()
    assert catdog("undo", "--list", "--format", "jsonl") == 0
    return capsys.readouterr().out
