"""The start of the program: usage errors, help, and whether arguments open the window or run a command."""

from pathlib import Path

import pytest

from catdog_desktop import __main__ as start
from catdog_desktop import __version__, cli

Capture = pytest.CaptureFixture[str]


def test_main_wrong_usage_exits_2(photo_dir: Path, capsys: Capture) -> None:
    for arguments in (
        [],
        ["classify"],
        ["classify", "--format", "xml", str(photo_dir)],
        ["classify", "--jobs", "0", str(photo_dir)],
        ["classify", "--jobs", "many", str(photo_dir)],
        ["clasify", str(photo_dir)],
        ["evaluate"],
        ["doctor", "too much"],
    ):
        assert cli.main(arguments) == 2, arguments
        out, err = capsys.readouterr()
        assert out == ""
        assert "usage: catdog" in err


def test_main_invalid_model_exits_2(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    for name in ("classify", "evaluate"):
        assert cli.main([name, str(photo_dir), "--model", str(tmp_path)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err == f"catdog: There is no model in {tmp_path}: model.json is missing.\n"


def test_unexpected_error_is_reported_with_what_to_do(
    photo_dir: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise LookupError("raised by the test")

    monkeypatch.setattr("catdog_desktop.sorting.run._Run._put_step", fail)
    assert cli.main(["sort", "--move", "--yes", str(photo_dir), str(tmp_path / "sorted")]) == 1
    report = capsys.readouterr().err
    assert "LookupError: raised by the test" in report
    assert report.endswith("What had begun can be finished or undone: catdog undo --list\n")
    monkeypatch.undo()


def test_main_help_and_version_exit_0(capsys: Capture) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"CatDog {__version__}\n"
    for arguments in (["--help"], ["classify", "--help"], ["evaluate", "--help"], ["doctor", "-h"]):
        assert cli.main(arguments) == 0
        assert "usage: catdog" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["doctor"], ["classify", "x"], ["--help"], ["-h"], ["--version"], ["evaluate"]])
def test_start_with_subcommand_runs_command_line(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda argv: seen.append(argv) or 7)
    monkeypatch.setattr(start, "open_window", lambda argv: pytest.fail("a window"))
    assert start.main(arguments) == 7
    assert seen == [arguments]


@pytest.mark.parametrize("arguments", [[], ["cat.jpg"], ["./classify"], ["holiday", "doctor"]])
def test_start_with_other_arguments_opens_window(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(start, "open_window", lambda argv: seen.append(argv) or 0)
    assert start.main(arguments) == 0
    assert seen == [arguments]
