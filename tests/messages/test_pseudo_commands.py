"""Every command in the pseudo-locale: no text of its help, output and errors is outside of the brackets."""

import argparse
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bare_words import bare_words

from catdog_desktop import cli
from catdog_desktop.gui.app import make_parser as window_parser

Run = Callable[..., str]


def parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = [parser]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [each for child in action.choices.values() for each in parsers(child)]
    return found


@pytest.fixture
def run(pseudo: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return what it wrote, if its exit status is one of `statuses`."""

    def run_command(*arguments: object, statuses: tuple[int, ...] = (0,)) -> str:
        assert cli.main([str(argument) for argument in arguments]) in statuses
        written = capsys.readouterr()
        return written.out + written.err

    return run_command


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_is_translated(name: str, run: Run) -> None:
    text = run(name, "--help")
    assert "⟦" in text
    _usage, _blank, rest = text.partition("\n\n")
    # The examples show commands as they are typed, and kinds of outputs are typed too.
    rest = re.sub(r"^ +catdog .*$", "", rest, flags=re.MULTILINE)
    assert bare_words(rest, ["none", "sigmoid", "softmax", "independent", "imagenet", "logits"]) == []


def test_help_of_all_commands_and_of_the_window_is_translated(pseudo: None) -> None:
    for parser in [*parsers(cli.make_parser()), *parsers(window_parser())]:
        for text in (parser.description, parser.epilog, *(action.help for action in parser._actions)):
            assert text is None or text == argparse.SUPPRESS or "⟦" in text, text
        for group in parser._action_groups:
            assert not group._group_actions or "⟦" in (group.title or ""), group.title


@pytest.mark.parametrize(
    "arguments",
    [
        ["classify"],
        ["classify", "--format", "xml", "a"],
        ["classify", "--jobs", "many", "a"],
        ["classify", "--jobs", "0", "a"],
        ["classify", "--nothing", "a"],
        ["sort", "a"],
        ["sort", "a", "b", "--name", "horse=x"],
        ["sort", "a", "b", "--move", "--link"],
        ["evaluate", "missing"],
        ["import-model", "missing.h5"],
        ["models", "--model"],
        ["export", "a", "--to", "b.docx"],
        ["undo", "unknown"],
        ["restore", "missing.catdog-backup"],
        ["locate", "missing", "missing too"],
        ["forget", "--nothing"],
        ["watch", "missing"],
        ["learn", "--export", "missing/x.json"],
        ["backup", "missing/x"],
        ["classify", "--model", "missing", "a"],
        ["classify", "--exclude", "[z-a", "missing"],
    ],
    ids=" ".join,
)
def test_errors_of_usage_are_translated(arguments: list[str], run: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = run(*arguments, statuses=(0, 1, 2))
    assert text.strip()
    usage = text.partition("\n")[0].startswith("⟦")
    lines = text.splitlines()[-1:] if usage else text.splitlines()
    words = ["catdog-desktop", *arguments, *cli.COMMANDS, "text", "jsonl", "csv", "horse=x", "horse", "xml", "z-a"]
    assert bare_words("\n".join(lines), [*words, "cat", "dog", "both", "neither", "unsure", "problem"]) == []


def test_output_of_commands_is_translated(run: Run, photo_dir: Path, tmp_path: Path) -> None:
    """The story of a user: classify, sort, undo, export, back up, look at what is stored, forget."""
    (photo_dir / "note.jpg").write_text("no photo")
    (photo_dir / "empty.png").touch()
    names = [path.name for path in photo_dir.iterdir()]
    sorted_into = tmp_path / "sorted"
    outputs = [
        run("classify", photo_dir, statuses=(1,)),
        run("sort", photo_dir, sorted_into, "--dry-run", statuses=(0, 1)),
        run("sort", photo_dir, sorted_into, statuses=(0, 1)),
        run("undo", "--list"),
        run("undo", "--yes"),
        run("export", photo_dir, "--to", tmp_path / "pets.csv", statuses=(0, 1)),
        run("export", photo_dir, "--to", tmp_path / "pets.html", statuses=(0, 1)),
        run("export", photo_dir, "--as", "xmp", statuses=(0, 1)),
        run("undo", "--list"),
        run("learn", "--preview", statuses=(0, 1, 2)),
        run("backup", tmp_path / "all.catdog-backup"),
        run("restore", tmp_path / "all.catdog-backup", "--dry-run"),
        run("models"),
        run("forget", "--dry-run"),
        run("forget", "--yes"),
        run("classify", tmp_path / "missing", statuses=(1, 2)),
    ]
    allowed = [
        *names,
        str(tmp_path),
        str(photo_dir),
        "catdog",
        *("xmp", "cat", "cats", "dogs", "neither", "both", "unsure"),
    ]
    for output in outputs:
        assert [line for line in output.splitlines() if bare_words(line, allowed)] == []


def test_evaluation_is_translated(run: Run, photo_dir: Path, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled"
    for truth, name in (("cat", "chelsea"), ("neither", "coffee"), ("neither", "rocket"), ("dog", "china")):
        (labelled / truth).mkdir(parents=True, exist_ok=True)
        shutil.copy(photo_dir / f"{name}.jpg", labelled / truth)
    (labelled / "cat" / "note.jpg").write_text("no photo")
    saved, report = tmp_path / "saved.json", tmp_path / "report.html"
    run("evaluate", labelled, "--save", saved, statuses=(1,))
    text = run("evaluate", labelled, "--compare", saved, "--report", report, statuses=(1,))
    allowed = ["catdog", str(tmp_path), *(path.name for path in photo_dir.iterdir())]
    assert [line for line in text.splitlines() if bare_words(line, [*allowed, "note.jpg"])] == []
    page = re.sub(r"<style>.*?</style>", "", report.read_text(encoding="utf-8"), flags=re.DOTALL)
    shown = re.sub(r"<[^>]*>", " ", page)
    assert bare_words(shown, allowed) == []


def test_contact_sheet_is_translated(run: Run, photo_dir: Path, tmp_path: Path) -> None:
    (photo_dir / "note.jpg").write_text("no photo")
    sheet = tmp_path / "pets.html"
    run("export", photo_dir, "--to", sheet, statuses=(0, 1))
    page = sheet.read_text(encoding="utf-8")
    assert '<html lang="en-XA">' in page
    shown = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    spelled = ["January", "February", "March", "April", "June", "July", "August", "September", "October", "November"]
    names = [path.name for path in photo_dir.iterdir()]
    assert bare_words(shown, [*names, *months, *spelled, "December"]) == []
    spoken = re.findall(r'(?:alt|aria-label|title)="([^"]*)"', page)
    assert [text for text in spoken if bare_words(text, names)] == []
