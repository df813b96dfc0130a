"""The output of `catdog classify`: each format, each kind of name, and the progress bar."""

import csv
import io
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from command_line import classify, command, json_lines

from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.verdict import Result, Scores

Capture = pytest.CaptureFixture[str]
posix = pytest.mark.skipif(os.name != "posix", reason="names as on POSIX")


def test_classify_text_aligns_columns(photo_dir: Path, capsys: Capture) -> None:
    assert classify(photo_dir) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split()[-1] for line in lines] == [str(path) for path in sorted(photo_dir.iterdir())]
    assert len({line.index(str(photo_dir)) for line in lines}) == 1, "columns"
    chelsea = next(line for line in lines if line.endswith("chelsea.jpg"))
    assert re.match(r"cat      cat >99%  dog  <1%  ", chelsea)
    assert re.fullmatch(r"6 photos: 1 cat, [0-9a-z ,]+\.\n", err)


def test_classify_jsonl_has_documented_keys(photo_dir: Path, capsys: Capture) -> None:
    (photo_dir / "notes.jpg").write_text("hello")
    whole = (photo_dir / "coffee.jpg").read_bytes()
    (photo_dir / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    assert classify("--format", "jsonl", photo_dir) == 1
    entries = {Path(entry["path"]).name: entry for entry in json_lines(capsys.readouterr().out)}
    assert list(entries) == sorted(entries)
    assert list(entries["chelsea.jpg"]) == ["path", "verdict", "cat", "dog"]
    assert entries["chelsea.jpg"]["verdict"] == "cat"
    assert 0.95 < entries["chelsea.jpg"]["cat"] <= 1
    assert entries["chelsea.jpg"]["cat"] == round(entries["chelsea.jpg"]["cat"], 4)
    assert entries["notes.jpg"] == {
        "path": str(photo_dir / "notes.jpg"),
        "error": "is not a photo (it holds text)",
    }
    assert entries["cut.jpg"]["damaged"] is True
    assert "verdict" in entries["cut.jpg"]


def test_classify_csv_has_documented_columns(photo_dir: Path, capsys: Capture) -> None:
    (photo_dir / 'odd, "name"\n.jpg').write_text("hello")
    assert classify("--format", "csv", photo_dir) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
    assert list(rows[0]) == ["path", "verdict", "corrected", "cat", "dog", "damaged", "error"]
    by_name = {Path(row["path"]).name: row for row in rows}
    assert len(by_name) == 7
    assert by_name["chelsea.jpg"]["verdict"] == "cat"
    assert re.fullmatch(r"[01]\.\d{4}", by_name["chelsea.jpg"]["dog"])
    assert by_name['odd, "name"\n.jpg']["error"] == "is not a photo (it holds text)"
    assert by_name['odd, "name"\n.jpg']["verdict"] == ""


@posix
@pytest.mark.parametrize("format_name", ["text", "jsonl", "csv"])
@pytest.mark.parametrize("environment", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_classify_odd_names_are_valid_utf_8(
    format_name: str, environment: dict[str, str], photo_dir: Path, tmp_path: Path
) -> None:
    names = ["bad-\udcff.jpg", "\N{CAT FACE}.jpg", "line\nbreak.jpg", "\x1b[31mred.jpg", "ü.jpg"]
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes((photo_dir / "chelsea.jpg").read_bytes())
    (folder / "no photo \udcfe.jpg").write_text("hello")
    run = subprocess.run(
        command("classify", "--format", format_name, folder), capture_output=True, env=os.environ | environment
    )
    assert run.returncode == 1, run.stderr
    assert b"Traceback" not in run.stderr
    assert b"\x1b" not in run.stdout or format_name == "csv"
    out = run.stdout.decode("utf-8")  # valid for every name
    if format_name == "jsonl":
        read = {Path(entry["path"]).name for entry in json_lines(out)}
        assert read == {*names, "no photo \udcfe.jpg"}
    elif format_name == "csv":
        assert len(list(csv.DictReader(io.StringIO(out, newline="")))) == 6
        assert "bad-\\xff.jpg" in out
    else:
        assert len(out.splitlines()) == 6
        assert "line\\nbreak.jpg" in out
        assert "\\x1b[31mred.jpg" in out
        assert "bad-\\xff.jpg" in out


def test_classify_keeps_the_order_of_input(photo_dir: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    last_is_done = threading.Event()
    given = [photo_dir / f"{name}.jpg" for name in ("rocket", "gone", "astronaut", "chelsea")]

    def classify_photo(path: Path, *_: object, **__: object) -> Result:
        if path.stem == "rocket":
            assert last_is_done.wait(20)
        if path.stem == "chelsea":
            last_is_done.set()
        return Result(path, scores=Scores(0.0, 1.0))

    monkeypatch.setattr(pipeline_module, "classify_photo", classify_photo)
    assert classify("--format", "jsonl", "--jobs", "2", *given) == 1
    entries = json_lines(capsys.readouterr().out)
    assert [entry["path"] for entry in entries] == [str(path) for path in given]


def test_classify_flushes_each_line(photo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that reads the output gets each result at once."""
    seen: list[int] = []

    class Reader(io.StringIO):
        def flush(self) -> None:
            seen.append(self.getvalue().count("\n"))

    monkeypatch.setattr(sys, "stdout", Reader())
    assert classify(photo_dir) == 0
    assert seen == [1, 2, 3, 4, 5, 6]


def test_classify_warnings_of_pillow_are_hidden(tmp_path: Path) -> None:
    """Pillow warns about this file."""
    (tmp_path / "a.tif").write_bytes(b"II*\0\x08\0\0\0")
    run = subprocess.run(command("classify", tmp_path), capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (1, "1 photo; 1 could not be read.\n")


def test_classify_on_terminal_draws_and_removes_progress(photo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    assert classify(photo_dir) == 0
    assert "photos/s" in screen.getvalue()
    *lines, end = screen.getvalue().split("\n")
    visible = [line.rpartition("\r")[2] for line in lines]
    assert (len(visible), end) == (7, "")
    assert not any("photos/s" in line for line in visible)
    assert all(line.endswith(".jpg") for line in visible[:6])
