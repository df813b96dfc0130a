"""The man page and the help name every command and option."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from catdog_desktop.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("man_page", ROOT / "packaging" / "man_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def help_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments, "--help"]) == 0
    return capsys.readouterr().out


def test_man_page_is_up_to_date(writer: ModuleType) -> None:
    assert writer.PAGE.read_text(encoding="utf-8") == writer.man_page(), "run `make man`"
    assert writer.WINDOW_PAGE.read_text(encoding="utf-8") == writer.window_page(), "run `make man`"


@pytest.mark.parametrize("command", COMMANDS)
def test_man_page_names_command_and_options(
    command: str, writer: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    page = writer.PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    begin = page.index(f"\n.SS {command}\n")
    section = page[begin : page.find("\n.S", begin + 1)]
    listed = [line for line in help_of(capsys, command).splitlines() if line.startswith("  -")]
    options = [option for line in listed for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line[:40])]
    assert "--help" in options
    for option in options:
        assert f"\\fB{option}\\fR" in section, option


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_command_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of(capsys, command)
    assert f"catdog {command}" in text.split("example", 1)[-1]
    assert "exit status" in text


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_man_page_has_no_groff_warnings(writer: ModuleType) -> None:
    pages = [str(writer.PAGE), str(writer.WINDOW_PAGE)]
    run = subprocess.run(["groff", "-man", "-ww", "-z", *pages], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
