"""File names with control characters in texts and reports of the command line: escaped, never obeyed."""

import os
from pathlib import Path

import pytest
from command_line import catdog

from catdog_desktop.formatting import printable_lines, report_text
from catdog_desktop.store.store import Store
from catdog_desktop.terminal import say
from catdog_desktop.verdict import Verdict

OVERRIDE, ESCAPE = "\u202e", "\\u202e"
Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="names as on POSIX")


@pytest.fixture
def photos(photo_dir: Path, tmp_path: Path) -> Path:
    """A folder with a cat and a file that is no photo, whose names and folder turn the direction of text."""
    folder = tmp_path / f"pe{OVERRIDE}ts" / "cat"
    folder.mkdir(parents=True)
    (folder / f"ann{OVERRIDE}gpj.exe.jpg").write_bytes((photo_dir / "chelsea.jpg").read_bytes())
    (folder / f"no{OVERRIDE}tes.jpg").write_text("hello")
    return folder.parent


@pytest.mark.parametrize(
    "command",
    [
        ["classify", "{}"],
        ["classify", "{}/gone.jpg"],
        ["sort", "{}", "{}-sorted", "--dry-run"],
        ["sort", "{}", "{}-sorted"],
        ["export", "{}", "--as", "xmp"],
        ["export", "{}", "--to", "{}/gone/a.csv"],
        ["evaluate", "{}"],
        ["evaluate", "{}/gone"],
        ["watch", "{}/gone"],
        ["forget", "--dry-run", "{}"],
        ["undo", "{}", "--yes"],
        ["import-model", "{}"],
        ["doctor", "--model", "{}"],
    ],
    ids=" ".join,
)
def test_command_escapes_bidi_controls(command: list[str], photos: Path, capsys: Capture) -> None:
    catdog(*(part.format(photos) for part in command))
    captured = capsys.readouterr()
    assert OVERRIDE not in captured.out + captured.err
    assert ESCAPE in captured.out + captured.err or "pe\ufffdts" in captured.err


def test_contact_sheet_escapes_bidi_controls_in_texts(photos: Path, tmp_path: Path) -> None:
    catdog("export", photos, "--to", tmp_path / "pets.html")
    page = (tmp_path / "pets.html").read_text(encoding="utf-8")
    assert OVERRIDE not in page
    assert f"ann{ESCAPE}gpj.exe.jpg" in page


def test_evaluation_report_escapes_bidi_controls(photos: Path, tmp_path: Path) -> None:
    catdog("evaluate", photos, "--report", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert OVERRIDE not in page
    assert f"no{ESCAPE}tes.jpg" in page


def test_data_formats_keep_names(photos: Path, tmp_path: Path) -> None:
    """Programs need the real names."""
    catdog("export", photos, "--to", tmp_path / "pets.jsonl")
    assert OVERRIDE in (tmp_path / "pets.jsonl").read_text(encoding="utf-8").replace(ESCAPE, OVERRIDE)
    with Store.open() as store:
        store.correct({next(photos.rglob("ann*")): Verdict.CAT})
    catdog("export", photos, "--to", tmp_path / "pets.csv")
    assert f"ann{OVERRIDE}gpj.exe.jpg" in (tmp_path / "pets.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\tand ü 猫", "two\nlines\tand ü 猫"),
        (f"a{OVERRIDE}b", f"a{ESCAPE}b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u2028\u2066", "\\u2028\\u2066"),
        ("bad \udcff", "bad \\xff"),
    ],
)
def test_printable_lines_escapes_controls_only(text: str, shown: str) -> None:
    assert printable_lines(text) == shown


def test_say_escapes_controls(capsys: Capture) -> None:
    say(f"{OVERRIDE} and \x1b[31m cannot be read.")
    assert capsys.readouterr().err == f"{ESCAPE} and \\x1b[31m cannot be read.\n"


def test_report_text_escapes_html_and_bidi_controls() -> None:
    assert report_text(f"<b>{OVERRIDE}\udcff</b>") == f"&lt;b&gt;{ESCAPE}\\xff&lt;/b&gt;"
