"""`catdog watch` in a process of its own."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import open_package_photo

from catdog_desktop import cli

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
WAIT_SECONDS = 120
"""After this time the process is killed. A passing test ends long before."""


def jpeg(name: str = "chelsea") -> bytes:
    buffer = io.BytesIO()
    open_package_photo(name).save(buffer, "JPEG")
    return buffer.getvalue()


class Watch:
    """A running watch, and its lines as they arrive."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "catdog_desktop", "watch", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._guard = threading.Timer(WAIT_SECONDS, self.process.kill)
        self._guard.start()
        assert self.process.stderr is not None
        assert self.process.stderr.readline() == "Watching 1 folder. Press Ctrl+C to stop.\n"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; return the exit status and the rest of standard error."""
        self.process.send_signal(by)
        _, err = self.process.communicate()
        self._guard.cancel()
        return self.process.returncode, err


@pytest.fixture
def watch(tmp_path: Path, model_folder: Path) -> Iterator[Callable[..., Watch]]:
    (tmp_path / "inbox").mkdir()
    opened: list[Watch] = []

    def start(*arguments: object) -> Watch:
        opened.append(Watch(tmp_path / "inbox", "--model", model_folder, "--jobs", "1", *arguments))
        return opened[-1]

    yield start
    for one in opened:
        one.process.kill()
        one.process.communicate()


def entry(line: str) -> dict[str, Any]:
    return dict(json.loads(line))


@pytest.mark.parametrize(
    "by", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)], ids=["ctrl-c", "service manager"]
)
def test_watch_arriving_photo_is_classified(watch: Callable[..., Watch], tmp_path: Path, by: signal.Signals) -> None:
    running = watch("--format", "jsonl")
    inbox = tmp_path / "inbox"
    (inbox / "@eaDir").mkdir()
    for skipped in ("@eaDir/cat.jpg", "cat.jpg_original", ".cat.jpg.Ab3dEf"):
        (inbox / skipped).write_bytes(jpeg())
    path = inbox / "cat.jpg"
    path.write_bytes(jpeg())
    found = entry(running.line())
    assert (found["path"], found["verdict"]) == (str(path), "cat")
    assert running.end(by) == (0, "1 photo classified.\n")


@pytest.mark.slow
def test_watch_reports_incomplete_photos_and_resumes(watch: Callable[..., Watch], tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "old.jpg").write_bytes(jpeg("coffee"))
    os.utime(inbox / "old.jpg", (1, 1))
    running = watch("--format", "csv", "--every", "1", "--existing")
    assert running.line().startswith("path,verdict,")
    assert running.line().startswith(f"{inbox / 'old.jpg'},neither,")
    whole = jpeg()
    (inbox / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (inbox / "cat.jpg").write_bytes(whole)
    assert running.line().startswith(f"{inbox / 'cat.jpg'},cat,")
    status, said = running.end()
    assert status == 0
    assert said == "Incomplete and not classified: 1 photo.\n2 photos classified.\n"
    (inbox / "half.jpg").write_bytes(whole)
    again = watch("--format", "jsonl", "--existing")
    assert {entry(again.line())["path"] for _ in range(3)} == {str(path) for path in inbox.iterdir()}
    assert again.end()[1] == "3 photos classified.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{}/gone"], "is not a folder"),
        (["{}/file"], "is not a folder"),
        (["{}", "--every", "0"], "is not a number of seconds"),
        (["{}", "--every", "soon"], "is not a number of seconds"),
        (["{}", "--every", "nan"], "is not a number of seconds"),
        (["{}", "--model", "{}/gone"], "model"),
    ],
)
def test_watch_wrong_usage_reports_error(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("hello")
    assert cli.main(["watch", *(argument.format(tmp_path) for argument in arguments)]) == 2
    assert sentence in capsys.readouterr().err
