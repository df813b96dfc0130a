"""`catdog watch` goes on after an unexpected error and after unreadable photos, and keeps no freed memory."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop import freed_memory
from catdog_desktop.cancellation import CancelToken
from catdog_desktop.commands import watch as watch_command
from catdog_desktop.exporting.text_formats import FORMATTERS
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result, Scores
from catdog_desktop.watching import retries
from catdog_desktop.watching.arrivals import Arrivals
from catdog_desktop.watching.folder_watch import FolderWatch, News


@pytest.fixture
def inbox(tmp_path: Path, encoded_photos: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes((encoded_photos / "chelsea.jpg").read_bytes())
    return folder


def watch_until_first_line(
    inbox: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[list[str], str]:
    """Watch until a line is written; return the paths of the lines, and what was said."""
    token, written = CancelToken(), []

    def write(line: str) -> None:
        written.append(json.loads(line)["path"])
        token.cancel()

    monkeypatch.setattr(watch_command, "write", write)
    assert watch_until(token, inbox, model) == (1, 0)
    return written, capsys.readouterr().err


def watch_until(token: CancelToken, inbox: Path, model: ModelFile) -> tuple[int, int]:
    """Watch until the token is set; return the number of photos, and of those that could not be read."""
    arrivals = Arrivals(settle_seconds=0.05)
    with (
        FolderWatch([inbox], arrivals=arrivals, with_existing=True) as watch,
        Pipeline(model, jobs=1, thumbnails=False) as pipeline,
    ):
        reports = watch_command._Reports("jsonl", watch, pipeline, model)
        reports.write_until_stopped(token)
    return reports.photos, reports.failed


def test_watch_unexpected_error_is_reported_once_and_watch_goes_on(
    inbox: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(watch_command, "_RETRY_SECONDS", 0.01)
    take, failures = FolderWatch.take, []

    def fail_three_times(watch: FolderWatch, *args: object) -> News:
        if len(failures) < 3:
            failures.append(1)
            raise RuntimeError("the disk is on fire")
        return take(watch, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(FolderWatch, "take", fail_three_times)
    written, said = watch_until_first_line(inbox, model, monkeypatch, capsys)
    assert written == [str(inbox / "cat.jpg")]
    assert said.count("the disk is on fire") == 1
    assert "The watch goes on." in said


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Pipeline, "add"),
        (Pipeline, "take_results"),
        (watch_command, "_announce"),
        (freed_memory.IdleReturn, "return_if_due"),
    ],
)
def test_watch_error_between_two_steps_costs_no_photo(
    inbox: Path,
    model: ModelFile,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    owner: object,
    name: str,
) -> None:
    monkeypatch.setattr(watch_command, "_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(owner, name, failing_once(getattr(owner, name)))
    written, said = watch_until_first_line(inbox, model, monkeypatch, capsys)
    assert written == [str(inbox / "cat.jpg")]
    assert "raised by the test" in said


def failing_once(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return `real`, which raises the first time."""
    calls = []

    def call(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise LookupError("raised by the test")
        return real(*given, **named)

    return call


def test_watch_names_the_photo_whose_line_could_not_be_written(
    inbox: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = CancelToken()

    def fail(*_given: object) -> str:
        token.cancel()
        raise LookupError("raised by the test")

    monkeypatch.setitem(FORMATTERS, "jsonl", fail)
    assert watch_until(token, inbox, model) == (1, 1)
    said = capsys.readouterr().err
    assert f"{inbox / 'cat.jpg'}: This photo could not be classified (LookupError('raised by the test'))." in said


def test_watch_error_that_stays_while_it_ends_does_not_keep_it_from_ending(
    inbox: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = CancelToken()

    def fail(*_given: object) -> list[Result]:
        token.cancel()
        raise LookupError("raised by the test")

    monkeypatch.setattr(Pipeline, "take_results", fail)
    with pytest.raises(LookupError):
        watch_until(token, inbox, model)


def test_watch_photo_that_cannot_be_read_for_now_is_tried_again(
    inbox: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from catdog_desktop import pipeline

    monkeypatch.setattr(retries, "FIRST_SECONDS", 0.1)
    tries = []

    def refuse_twice(path: Path, *_args: object, **_kwargs: object) -> Result:
        tries.append(path)
        if len(tries) <= 2:
            return Result(path, error="could not be read: its drive does not answer", error_is_temporary=True)
        return Result(path, scores=Scores(0.9, 0.1))

    monkeypatch.setattr(pipeline, "classify_photo", refuse_twice)
    written, said = watch_until_first_line(inbox, model, monkeypatch, capsys)
    assert written == [str(inbox / "cat.jpg")]
    assert len(tries) == 3
    assert said.count("its drive does not answer. It will be tried again.") == 1


def test_watch_returns_freed_memory_once_after_work(
    inbox: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    returned: list[bool] = []
    monkeypatch.setattr(freed_memory, "RETURN_SECONDS", 0.0)
    monkeypatch.setattr(freed_memory, "return_freed_memory", lambda: returned.append(True))
    watch_until_first_line(inbox, model, monkeypatch, capsys)
    assert returned == [True]
