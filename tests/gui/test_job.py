"""A job: each end is reported once, cancelling and closing reach the work, and reports are few."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from driving import WAIT_MS
from pytestqt.qtbot import QtBot

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.gui.jobs import Job, OnProgress
from catdog_desktop.progress import Progress

SECONDS = 60
"""Longer than any wait between the threads takes."""


class RefusedError(Exception):
    """An error that the work may raise."""


def make_job(work: Callable[[OnProgress, CancelToken], object], **options: Any) -> Job:
    return Job(work, name="test", expected=(RefusedError,), **options)


def run(qtbot: QtBot, job: Job) -> list[tuple[str, Any]]:
    """Run `job` and return the signals of its end, in order."""
    ends: list[tuple[str, Any]] = []
    job.ended.connect(lambda outcome: ends.append(("ended", outcome)))
    job.refused.connect(lambda error: ends.append(("refused", str(error))))
    job.failed.connect(lambda error: ends.append(("failed", type(error))))
    with qtbot.waitSignal(job.finished, timeout=WAIT_MS):
        job.start()
    assert job.wait(WAIT_MS)
    return ends


def fail(error: Exception) -> object:
    raise error


@pytest.mark.parametrize(
    ("work", "ends"),
    [
        (lambda *_: 42, [("ended", 42)]),
        (lambda *_: None, [("ended", None)]),
        (lambda *_: fail(RefusedError("The disk is full.")), [("refused", "The disk is full.")]),
        (lambda *_: fail(ZeroDivisionError()), [("failed", ZeroDivisionError)]),
        (lambda *_: fail(Cancelled()), []),
    ],
    ids=["ended", "ended with nothing", "refused", "failed", "cancelled"],
)
def test_end_of_job_is_reported_once(qtbot: QtBot, work: Callable[..., object], ends: list[tuple[str, Any]]) -> None:
    assert run(qtbot, make_job(work)) == ends


class Steps:
    """Work of many steps that stops when its token is set."""

    def __init__(self) -> None:
        self.begun, self.proceed = threading.Event(), threading.Event()
        self.steps_after = 0

    def __call__(self, on_progress: OnProgress, cancel_token: CancelToken) -> str:
        on_progress(Progress(0, 2))
        self.begun.set()
        assert self.proceed.wait(SECONDS)
        if cancel_token.cancelled:
            return "cancelled"
        on_progress(Progress(1, 2))
        self.steps_after += 1
        return "done"


@pytest.mark.parametrize("stop", [Job.cancel, Job.begin_close])
def test_cancel_and_close_set_the_token(qtbot: QtBot, stop: Callable[[Job], None]) -> None:
    steps = Steps()
    job = make_job(steps)
    with qtbot.waitSignal(job.ended, timeout=WAIT_MS) as ended:
        job.start()
        assert steps.begun.wait(SECONDS)
        stop(job)
        steps.proceed.set()
    assert job.wait(WAIT_MS)
    assert ended.args == ["cancelled"]


def test_close_of_resumable_job_leaves_the_work_at_its_next_report(qtbot: QtBot) -> None:
    steps = Steps()
    job = make_job(steps, resumable=True)
    ends: list[object] = []
    for signal in (job.ended, job.refused, job.failed):
        signal.connect(ends.append)
    with qtbot.waitSignal(job.finished, timeout=WAIT_MS):
        job.start()
        assert steps.begun.wait(SECONDS)
        job.begin_close()
        steps.proceed.set()
    assert job.wait(WAIT_MS)
    assert (ends, steps.steps_after) == ([], 0)


def test_cancel_of_resumable_job_lets_the_work_end_by_itself(qtbot: QtBot) -> None:
    steps = Steps()
    job = make_job(steps, resumable=True)
    with qtbot.waitSignal(job.ended, timeout=WAIT_MS) as ended:
        job.start()
        assert steps.begun.wait(SECONDS)
        job.cancel()
        steps.proceed.set()
    assert job.wait(WAIT_MS)
    assert ended.args == ["cancelled"]


def report_ten_thousand(on_progress: OnProgress, _cancel_token: CancelToken) -> None:
    for number in range(10_000):
        on_progress(Progress(number + 1, 10_000))


def test_ten_thousand_steps_make_few_reports(qtbot: QtBot) -> None:
    job = make_job(report_ten_thousand)
    reports: list[Progress] = []
    job.advanced.connect(reports.append)
    run(qtbot, job)
    assert reports[0] == Progress(1, 10_000), "the first at once"
    assert len(reports) < 1000


def test_job_reporting_all_passes_on_every_report(qtbot: QtBot) -> None:
    job = make_job(report_ten_thousand, report_seconds=0)
    reports: list[Progress] = []
    job.advanced.connect(reports.append)
    run(qtbot, job)
    assert [report.done for report in reports] == list(range(1, 10_001))


def test_report_gets_the_mean_rate_after_the_first_second(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is set by hand: two seconds for ten of thirty steps."""
    now = 100.0
    monkeypatch.setattr("catdog_desktop.gui.jobs.time.monotonic", lambda: now)

    def work(on_progress: OnProgress, _cancel_token: CancelToken) -> None:
        nonlocal now
        on_progress(Progress(1, 30))
        now += 2
        on_progress(Progress(10, 30))
        now += 2
        on_progress(Progress(20, 30, rate=7))

    job = make_job(work)
    reports: list[Progress] = []
    job.advanced.connect(reports.append)
    run(qtbot, job)
    assert reports == [Progress(1, 30), Progress(10, 30, rate=5), Progress(20, 30, rate=7)]


def test_job_runs_in_a_thread_with_its_name(qtbot: QtBot) -> None:
    threads: list[int] = []
    job = make_job(lambda *_: threads.append(threading.get_ident()))
    run(qtbot, job)
    assert job.objectName() == "test"
    assert threads != [threading.get_ident()]
