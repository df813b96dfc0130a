"""A thread that does one piece of work: how it ends, and how it is stopped."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.jobs import ClosingError, WorkThread


class _RefusedError(Exception):
    pass


class _Thread(WorkThread):
    refusals = (_RefusedError,)

    def __init__(self, do: Callable[["_Thread"], object]) -> None:
        super().__init__()
        self._do = do

    def work(self) -> object:
        return self._do(self)


def done_by(qtbot: QtBot, thread: _Thread) -> list[tuple[str, Any]]:
    """Let it do its work; return what it told, in order, but for how far it was."""
    told: list[tuple[str, Any]] = []
    thread.ended.connect(lambda outcome: told.append(("ended", outcome)))
    thread.refused.connect(lambda sentence: told.append(("refused", sentence)))
    thread.failed.connect(lambda error: told.append(("failed", type(error))))
    with qtbot.waitSignal(thread.finished):
        thread.start()
    return told


def _raise(error: Exception) -> object:
    raise error


@pytest.mark.parametrize(
    ("do", "told"),
    [
        (lambda _: 42, [("ended", 42)]),
        (lambda _: None, [("ended", None)]),
        (lambda _: _raise(_RefusedError("The disk is full.")), [("refused", "The disk is full.")]),
        (lambda _: _raise(ZeroDivisionError()), [("failed", ZeroDivisionError)]),
        (lambda _: _raise(ClosingError()), []),
    ],
    ids=["ended", "ended with nothing", "refused", "failed", "closing"],
)
def test_each_end_is_told_once(qtbot: QtBot, do: Callable[[_Thread], object], told: list[tuple[str, Any]]) -> None:
    assert done_by(qtbot, _Thread(do)) == told


@pytest.mark.parametrize("stop", [WorkThread.cancel, WorkThread.close])
def test_the_work_hears_that_it_is_to_stop(qtbot: QtBot, stop: Callable[[WorkThread], None]) -> None:
    heard: list[bool] = []
    begun, go_on = threading.Event(), threading.Event()

    def do(thread: _Thread) -> str:
        heard.append(thread.cancel_token.cancelled)
        begun.set()
        go_on.wait(10)
        heard.append(thread.cancel_token.cancelled)
        return "stopped"

    thread = _Thread(do)
    with qtbot.waitSignal(thread.ended) as ended:
        thread.start()
        assert begun.wait(10)
        stop(thread)
        go_on.set()
    thread.wait()
    assert (heard, ended.args) == ([False, True], ["stopped"])


def test_ten_thousand_photos_are_told_in_few_reports(qtbot: QtBot) -> None:
    def do(thread: _Thread) -> None:
        for number in range(10_000):
            thread.advance(number + 1, 10_000)

    thread = _Thread(do)
    reports: list[tuple[int, int]] = []
    thread.advanced.connect(lambda done, total: reports.append((done, total)))
    done_by(qtbot, thread)
    assert reports[0] == (1, 10_000), "the first at once"
    assert len(reports) < 100
