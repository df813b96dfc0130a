"""`catdog forget`: its report, its questions, and what it deletes."""

import io
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from catdog_desktop import cli
from catdog_desktop.paths import data_folder, journals_folder
from catdog_desktop.store import store_file
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Scores, Verdict

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photos(photo_dir: Path) -> Path:
    """Six photos whose results and thumbnails are stored; two are corrected."""
    paths = sorted(photo_dir.iterdir())
    with Store.open() as store:
        results = [Result(path, scores=Scores(0.5, 0.5), thumbnail=b"\xff\xd8" + path.name.encode()) for path in paths]
        store.keep(results, "a" * 64)
        store.correct(dict.fromkeys(paths[:2], Verdict.DOG))
    return photo_dir


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes standard input a terminal with these answers."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    return lambda *answers: monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in answers)))


def forget(*arguments: object) -> int:
    return cli.main(["forget", *map(str, arguments)])


def left() -> tuple[int, int, int]:
    with Store.open() as store:
        known = store.remembered()
        return known.photos, known.thumbnails, known.verdicts


def test_forget_dry_run_reports_and_deletes_nothing(photos: Path, capsys: Capture) -> None:
    assert forget("--dry-run", "--everything", "--yes") == 0
    out, err = capsys.readouterr()
    first, *lines = out.splitlines()
    assert first.startswith(f"Stored in {data_folder()} (")
    assert lines == ["  results of 6 photos", "  6 thumbnails (75 bytes)", "  your verdicts on 2 photos"]
    assert err == "Nothing was deleted.\n"
    assert left() == (6, 6, 2)


# Options, and the numbers of results, thumbnails and corrections that remain.
NAMED = {
    "": (0, 0, 2),
    "--results": (0, 6, 2),
    "--thumbnails": (6, 0, 2),
    "--verdicts": (6, 6, 0),
    "--results --thumbnails": (0, 0, 2),
    "--thumbnails --verdicts": (6, 0, 0),
    "--everything": (0, 0, 0),
}


@pytest.mark.parametrize("options", NAMED)
def test_forget_yes_deletes_only_named_kinds(photos: Path, capsys: Capture, options: str) -> None:
    assert forget("--yes", *options.split()) == 0
    assert left() == NAMED[options]
    err = capsys.readouterr().err
    assert err.startswith("Deleted: ")
    assert ("Your verdicts on 2 photos are kept." in err) == (NAMED[options][2] == 2)


# Options, answers, the numbers that remain, and the number of questions.
ASKED = [
    ("", ["y", "n"], (0, 0, 2), 2),
    ("", ["y", "yes"], (0, 0, 0), 2),
    ("", ["n"], (6, 6, 2), 1),
    ("", [""], (6, 6, 2), 1),
    ("", [], (6, 6, 2), 1),
    ("", ["y"], (0, 0, 2), 2),
    ("--results", ["y"], (0, 6, 2), 1),
    ("--verdicts", ["y"], (6, 6, 0), 1),
    ("--verdicts", ["maybe"], (6, 6, 2), 1),
    ("--everything", ["Y", "Y"], (0, 0, 0), 2),
    ("--everything", ["y", "n"], (0, 0, 2), 2),
]


@pytest.mark.parametrize(("options", "answers", "expected", "questions"), ASKED)
def test_forget_on_terminal_asks_separately_for_verdicts(
    photos: Path, capsys: Capture, answer: Callable[..., None],
    options: str, answers: list[str], expected: tuple[int, int, int], questions: int,
) -> None:  # fmt: skip
    answer(*answers)
    assert forget(*options.split()) == 0
    assert left() == expected
    err = capsys.readouterr().err
    assert err.count("[y/N]") == questions
    if expected == (6, 6, 2):
        assert err.endswith("Nothing was deleted.\n")


def test_forget_without_terminal_needs_yes(photos: Path, capsys: Capture) -> None:
    assert forget("--everything") == 2
    assert "Add --yes" in capsys.readouterr().err
    assert left() == (6, 6, 2)


def test_forget_folder_deletes_its_photos_only(photos: Path, tmp_path: Path, capsys: Capture) -> None:
    inner = photos / "inner"
    inner.mkdir()
    shutil.copy2(photos / "rocket.jpg", inner / "copy.jpg")
    (inner / "own.jpg").write_bytes((photos / "rocket.jpg").read_bytes() + b"own")
    with Store.open() as store:
        store.keep([Result(path, scores=Scores(0, 0)) for path in inner.iterdir()], "a" * 64)
    assert forget("--yes", inner) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"Stored about photos in {inner} (in {data_folder()}):",
        "  results of 2 photos",
        "1 photo has a copy elsewhere: its results are kept.",
    ]
    assert err == "Deleted: results of 2 photos.\n"
    assert left() == (6, 6, 2)
    assert forget("--yes", tmp_path / "nowhere") == 0
    out, err = capsys.readouterr()
    assert out.endswith(":\n  nothing\n")
    assert err == "There is nothing to delete.\n"
    assert forget("--yes", "--everything", photos / "astronaut.jpg") == 0
    assert left() == (5, 5, 1)


def test_forget_jsonl_reports_counts(photos: Path, capsys: Capture) -> None:
    assert forget("--format", "jsonl", "--dry-run") == 0
    expected = {
        "photos": 6, "thumbnails": 6, "thumbnail_bytes": 75, "verdicts": 2, "elsewhere": 0, "set_aside": 0,
        "learnt": 0, "session": False, "pasted": 0, "folder": str(data_folder()),
    }  # fmt: skip
    assert json.loads(capsys.readouterr().out) == expected
    assert forget("--format", "jsonl", "--thumbnails", "--yes") == 0
    assert json.loads(capsys.readouterr().out) == expected | {"photos": 0, "verdicts": 0}


def test_forget_everything_leaves_no_trace_of_photos(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    """The photos were classified, corrected, sorted and undone. The store is open elsewhere meanwhile."""
    assert cli.main(["classify", str(photo_dir)]) == 0
    with Store.open() as window:
        thumbnails = [window.thumbnail(path) for path in photo_dir.iterdir()]
        window.correct({photo_dir / "chelsea.jpg": Verdict.DOG})
        assert cli.main(["sort", "--move", "--yes", str(photo_dir), str(tmp_path / "sorted")]) == 0
        assert forget("--everything", "--yes") == 0
        assert "Kept: 1 undo record" in capsys.readouterr().out
        assert cli.main(["undo", "--yes"]) == 0, "it can still be undone"
        assert sorted(path.name for path in photo_dir.iterdir())[:2] == ["astronaut.jpg", "chelsea.jpg"]
        assert cli.main(["classify", str(photo_dir)]) == 0
        assert forget("--everything", "--yes") == 0
        raw = b"".join(path.read_bytes() for path in data_folder().rglob("*") if path.is_file())
    words = [photo_dir.name.encode(), b"chelsea", b".jpg", b"sorted", *(jpeg[200:264] for jpeg in thumbnails)]
    assert len(thumbnails) == 6
    assert all(len(word) >= 4 for word in words)
    assert [word for word in words if word in raw] == []
    assert not list(journals_folder().glob("*.jsonl"))


def test_forget_store_in_use_reports_reason(photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(data_folder() / "thumbnails.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert forget("--yes") == 1
    assert "thumbnails.sqlite cannot be used (another program has been using it for too long)." in (
        capsys.readouterr().err
    )
    other.execute("ROLLBACK")
    other.close()
    assert left() == (6, 6, 2), "nothing was deleted"


@pytest.mark.parametrize("name", ["store.sqlite", "thumbnails.sqlite"])
@pytest.mark.parametrize("options", [["--dry-run"], ["--yes"], ["--everything", "--yes"]])
def test_forget_unopenable_store_reports_error(photos: Path, capsys: Capture, name: str, options: list[str]) -> None:
    kept = data_folder() / name
    kept.unlink()
    kept.mkdir()
    assert forget(*options) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(f"catdog: What {kept} holds cannot be looked up, and so it cannot be forgotten.\n")


def test_forget_damaged_store_is_reported_and_deleted(photos: Path, capsys: Capture) -> None:
    (data_folder() / "store.sqlite").write_bytes(b"no database" * 1000)
    assert forget("--yes") == 0
    err = capsys.readouterr().err
    assert "was set aside as store.damaged-" in err
    assert "Damaged files are kept, since they may contain your verdicts." in err
    assert forget("--yes", "--everything") == 0
    assert capsys.readouterr().err == "Deleted: 1 damaged file.\n"
    assert [path.name for path in data_folder().iterdir()] == ["store.sqlite", "thumbnails.sqlite"]
