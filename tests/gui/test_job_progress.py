"""Progress of a classification job, from the totals of a pipeline. The clock is set by hand."""

import pytest

from catdog_desktop.gui.job_progress import JobMeter
from catdog_desktop.pipeline import PhotoCounts


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> JobMeter:
    """Return a meter for which half a second passes before each measurement."""
    monkeypatch.setattr("catdog_desktop.gui.job_progress.time.monotonic", Clock())
    return JobMeter()


def test_idle_meter_reports_nothing(meter: JobMeter) -> None:
    assert meter.measure(PhotoCounts(), finding=False, busy=False) is None


def test_job_without_photos_is_reported_once(meter: JobMeter) -> None:
    meter.begin()
    ended = meter.measure(PhotoCounts(), finding=False, busy=False)
    assert ended is not None
    assert (ended.done, ended.total, ended.busy) == (0, 0, False)
    assert meter.measure(PhotoCounts(), finding=False, busy=False) is None


def test_rate_counts_new_photos_only(meter: JobMeter) -> None:
    meter.measure(PhotoCounts(added=1000), finding=False, busy=True)
    meter.measure(PhotoCounts(added=1000, done=905, known=900), finding=False, busy=True)
    progress = meter.measure(PhotoCounts(added=1000, done=910, known=900), finding=False, busy=True)
    assert progress is not None
    assert progress.progress.rate == pytest.approx(10)
    assert (progress.done, progress.total, progress.known) == (910, 1000, 900)


def test_second_job_counts_from_the_end_of_the_first(meter: JobMeter) -> None:
    meter.begin()
    meter.measure(PhotoCounts(added=10, done=8, failed=1, cancelled=2, known=3), finding=False, busy=False)
    meter.begin()
    progress = meter.measure(PhotoCounts(added=15, done=10, failed=2, cancelled=2, known=4), finding=True, busy=True)
    assert progress is not None
    assert (progress.done, progress.total, progress.failed, progress.known) == (2, 5, 1, 1)
    assert progress.finding


def test_job_that_was_cut_short_reports_it_at_its_end(meter: JobMeter) -> None:
    meter.begin()
    meter.note_cut_short()
    busy = meter.measure(PhotoCounts(added=2, done=1), finding=False, busy=True)
    ended = meter.measure(PhotoCounts(added=2, done=2), finding=False, busy=False)
    assert busy is not None
    assert ended is not None
    assert (busy.cut_short, ended.cut_short) == (False, True)
    meter.begin()
    following = meter.measure(PhotoCounts(added=2, done=2), finding=False, busy=False)
    assert following is not None
    assert not following.cut_short


def test_abandoned_job_ends_once(meter: JobMeter) -> None:
    meter.begin()
    ended = meter.abandon()
    assert ended is not None
    assert not ended.busy
    assert meter.abandon() is None
