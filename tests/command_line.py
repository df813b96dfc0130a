"""Helpers of the tests of commands: run `catdog` in this process, and read its output."""

import json
from typing import Any

import pytest

from catdog_desktop import cli


def catdog(*arguments: object) -> int:
    """Run `catdog` with these arguments; return the exit status."""
    return cli.main([str(argument) for argument in arguments])


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the JSON lines on standard output since the last call."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
