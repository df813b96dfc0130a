"""Helpers of the tests of commands: run `catdog` in this process or another, and read its output."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop import cli


def catdog(*arguments: object) -> int:
    """Run `catdog` with these arguments; return the exit status."""
    return cli.main([str(argument) for argument in arguments])


def classify(*arguments: object) -> int:
    """Run `catdog classify` with these arguments; return the exit status."""
    return catdog("classify", *arguments)


def command(*arguments: object) -> list[str]:
    """Return the command that runs `catdog` with these arguments in a process of its own."""
    return [sys.executable, "-m", "catdog_desktop", *map(str, arguments)]


def json_lines(text: str) -> list[dict[str, Any]]:
    """Return the objects in JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the JSON lines on standard output since the last call."""
    return json_lines(capsys.readouterr().out)


def make_cats(folder: Path, photo_dir: Path, count: int) -> None:
    """Write photos of the cat with different content, so that the store recognises none by another."""
    cat = (photo_dir / "chelsea.jpg").read_bytes()
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(cat + str(number).encode())
