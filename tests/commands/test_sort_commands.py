"""`catdog sort` and `catdog undo`."""

import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import catdog, entries
from sort_trees import snapshot

from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.store import Store

Capture = pytest.CaptureFixture[str]
posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


def files(top: Path) -> list[str]:
    return sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())


def test_sort_dry_run_changes_nothing(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    before = snapshot(tmp_path)
    assert catdog("sort", "--dry-run", photo_dir, tmp_path / "out") == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 6
    assert f"cat      {photo_dir / 'chelsea.jpg'} -> {tmp_path / 'out/cats/chelsea.jpg'}" in lines
    assert "6 photos would be sorted" in err
    assert "Nothing was changed." in err
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("options", [[], ["--move"], ["--link"], ["--symbolic-link"]])
def test_sort_then_undo_restores_everything(
    photo_dir: Path, tmp_path: Path, capsys: Capture, options: list[str]
) -> None:
    (photo_dir / "chelsea.xmp").write_text("<x/>")
    before = snapshot(tmp_path)
    out = tmp_path / "out"
    assert catdog("sort", "--yes", "--format", "jsonl", *options, photo_dir, out) == 0
    lines = entries(capsys)
    chelsea = next(line for line in lines if line["source"].endswith("chelsea.jpg"))
    assert chelsea == {
        "source": str(photo_dir / "chelsea.jpg"),
        "target": str(out / "cats/chelsea.jpg"),
        "verdict": "cat",
        "companions": 1,
    }
    assert {"cats/chelsea.jpg", "cats/chelsea.xmp"} <= set(files(out))
    assert len(files(out)) == 7
    assert len(files(photo_dir)) == (0 if options == ["--move"] else 7)
    assert catdog("undo", "--list") == 0
    listed = capsys.readouterr().out
    assert "done: " in listed
    assert "6 of 6 photos" in listed
    assert catdog("undo", "--yes") == 0
    assert "6 photos put back." in capsys.readouterr().err
    assert snapshot(tmp_path) == before
    assert catdog("undo", "--yes") == 2
    assert "no sort, export" in capsys.readouterr().err


class _Terminal(io.StringIO):
    """Standard input on a terminal, with the user's answers."""

    def isatty(self) -> bool:
        return True


def test_undo_on_terminal_shows_the_last_sort_and_asks(
    photo_dir: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(words: str) -> None:
        monkeypatch.setattr(sys, "stdin", _Terminal(words))

    def undone(*options: str) -> tuple[bool, str]:
        """Undo; return whether the folder is gone, and the text on standard error."""
        assert catdog("undo", *options) == 0
        return not (tmp_path / "out").exists(), capsys.readouterr().err

    for words in ("", "n\n", "y\n"):
        answer("")
        assert catdog("sort", photo_dir, tmp_path / "out") == 0
        capsys.readouterr()
        answer(words)
        gone, said = undone()
        assert gone == (words == "y\n")
        assert re.match(
            rf"Undo this\? \d+ \w+ \d{{4}}, \d\d:\d\d  done: copy, 6 of 6 photos, {re.escape(str(tmp_path / 'out'))} ",
            said,
        )
        assert ("Nothing was changed." in said) != gone
        if not gone:
            answer("")
            gone, said = undone("--yes")
            assert gone
            assert "Undo this?" not in said
    assert catdog("export", photo_dir, "--as", "xmp") in (0, 1)
    capsys.readouterr()
    assert "done: keywords, " in undone()[1]


def test_sort_folder_names_and_layouts(photo_dir: Path, tmp_path: Path) -> None:
    (photo_dir / "trip").mkdir()
    (photo_dir / "chelsea.jpg").rename(photo_dir / "trip/chelsea.jpg")
    leave = [argument for verdict in ("neither", "unsure", "dog", "both") for argument in ("--leave", verdict)]
    out = tmp_path / "out"
    assert catdog("sort", "--keep-subfolders", "--folder", "cat=Katzen", *leave, photo_dir, out) == 0
    assert files(out) == ["Katzen/trip/chelsea.jpg"]
    assert catdog("sort", "--by-month", *leave, photo_dir / "trip/chelsea.jpg", out) == 0
    (by_month,) = set(files(out)) - {"Katzen/trip/chelsea.jpg"}
    assert len(by_month.split("/")) == 4


def test_sort_repeated_copies_nothing_twice(photo_dir: Path, capsys: Capture) -> None:
    out = photo_dir / "sorted"
    assert catdog("sort", photo_dir, out) == 0
    before = snapshot(photo_dir)
    capsys.readouterr()
    assert catdog("sort", "--format", "jsonl", photo_dir, out) == 0
    reasons = [line["left_out"].split(":")[0] for line in entries(capsys)]
    assert sorted(reasons) == 6 * ["is already there"] + 6 * ["is in a folder that a sort has filled"]
    assert snapshot(photo_dir) == before


@posix
def test_sort_name_with_newline_is_one_line(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    (photo_dir / "chelsea.jpg").rename(photo_dir / "odd\nname.jpg")
    for _ in range(2):
        assert catdog("sort", photo_dir, tmp_path / "out") == 0
    assert "odd\\nname.jpg" in (out := capsys.readouterr().out)
    assert len(out.splitlines()) == 12


@posix
def test_sort_closed_pipe_stops_between_photos(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    command = [sys.executable, "-m", "catdog_desktop", "sort", str(photo_dir), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        printed = run.stderr.read()
        assert run.wait(60) == 141
    assert "To finish: catdog undo --finish" in printed
    assert len(files(tmp_path / "out")) == 1
    assert catdog("sort", "--dry-run", photo_dir, tmp_path / "elsewhere") == 0
    assert "An earlier sort was interrupted. To finish it: catdog undo 2" in capsys.readouterr().err
    assert catdog("undo", "--yes") == 0
    assert len(files(photo_dir)) == 6
    assert not (tmp_path / "out").exists()


def test_sort_move_with_failing_store_goes_on(
    photo_dir: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreError(StoreProblem.UNUSABLE, "store.sqlite", "the disk is full")

    monkeypatch.setattr(Store, "moved", fail)
    assert catdog("sort", "--move", "--yes", photo_dir, tmp_path / "out") == 0
    assert catdog("undo", "--yes") == 0
    assert len(files(photo_dir)) == 6


def test_sort_unreadable_photo_is_reported(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    (photo_dir / "notes.jpg").write_text("hello")
    assert catdog("sort", photo_dir, photo_dir / "missing", tmp_path / "out") == 1
    out, err = capsys.readouterr()
    assert f"skipped  {photo_dir / 'notes.jpg'}: is not a photo (it holds text)" in out
    assert f"skipped  {photo_dir / 'missing'}: does not exist" in out
    assert "6 photos copied" in err
    assert "2 skipped" in err


@pytest.mark.parametrize(
    ("answer", "moves"), [("y\n", True), ("yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_sort_move_on_terminal_asks_first(
    photo_dir: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, answer: str, moves: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal(answer))
    assert catdog("sort", "--move", photo_dir, tmp_path / "out") == 0
    assert "Move 6 photos to" in capsys.readouterr().err
    assert len(files(photo_dir)) == (0 if moves else 6)
    assert (tmp_path / "out").exists() is moves


def test_sort_move_without_terminal_is_refused(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    before = snapshot(tmp_path)
    assert catdog("sort", "--move", photo_dir, tmp_path / "out") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--yes" in err
    assert snapshot(tmp_path) == before
    assert catdog("sort", "--move", "--dry-run", photo_dir, tmp_path / "out") == 0
    assert catdog("sort", "--move", "--yes", photo_dir, tmp_path / "out") == 0
    assert files(photo_dir) == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--move", "--link"], "not allowed with"),
        (["--link", "--symbolic-link"], "not allowed with"),
        (["--keep-subfolders", "--by-month"], "not allowed with"),
        (["--folder", "cats"], "of the form cat=NAME"),
        (["--folder", "cow=cows"], "of the form cat=NAME"),
        (["--folder", "cat=../up"], "leads out of the destination"),
        (["--leave", "cow"], "invalid choice"),
        (["--model", "nowhere"], "nowhere"),
    ],
)
def test_sort_wrong_usage_reports_error(
    photo_dir: Path, tmp_path: Path, capsys: Capture, arguments: list[str], complaint: str
) -> None:
    assert catdog("sort", *arguments, photo_dir, tmp_path / "out") == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_sort_without_disk_space_is_refused(
    photo_dir: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    assert catdog("sort", photo_dir, tmp_path / "out") == 2
    assert "Not enough space" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_undo_unknown_id_reports_error(capsys: Capture) -> None:
    assert catdog("undo", "20200101-000000-000000", "--yes") == 2
    assert "There is no sort" in capsys.readouterr().err
    assert catdog("undo", "--list") == 0


def test_undo_finish_and_forget(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    assert catdog("sort", "--move", "--yes", photo_dir, tmp_path / "out") == 0
    assert catdog("undo", "--finish") == 0
    assert "0 photos sorted." in capsys.readouterr().err
    assert catdog("undo", "--forget") == 0
    assert catdog("undo", "--yes") == 2
    assert catdog("undo", "--list", "--format", "jsonl") == 0
    (entry,) = entries(capsys)
    assert (entry["state"], entry["done"]) == ("forgotten", 6)
    assert catdog("undo", entry["id"], "--yes") == 0
    assert len(files(photo_dir)) == 6


@posix
def test_sort_ctrl_c_stops_between_photos(photo_dir: Path, tmp_path: Path, home: Path) -> None:
    """The program sends itself the signal when it has sorted its first photo."""
    program = (
        "import os, signal, sys\nfrom catdog_desktop import cli\nfrom catdog_desktop.sorting import run as sort_run\n"
        "succeed = sort_run.PhotoDone\n"
        "def progress(*given):\n    os.kill(os.getpid(), signal.SIGINT)\n    return succeed(*given)\n"
        "sort_run.PhotoDone = progress\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", program, "sort", str(photo_dir), str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 130, run.stderr
    assert "Stopping after this photo." in run.stderr
    assert "1 photo copied" in run.stderr
    assert "5 not done" in run.stderr
    assert len(files(tmp_path / "out")) == 1
    handler = signal.getsignal(signal.SIGINT)
    assert catdog("undo", "--finish") == 0
    assert len(files(tmp_path / "out")) == 6
    assert signal.getsignal(signal.SIGINT) is handler
