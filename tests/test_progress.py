"""Progress of long jobs, and cancelling them."""

import threading

import pytest

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.progress import Progress


def test_progress_with_rate_estimates_time_left() -> None:
    progress = Progress(done=30, total=90, rate=20.0)
    assert progress.fraction == pytest.approx(1 / 3)
    assert progress.seconds_left == pytest.approx(3.0)


def test_progress_without_rate_has_no_estimate() -> None:
    assert Progress(0, 0).fraction == 0.0
    assert Progress(1, 2).seconds_left is None


def test_cancel_token_is_seen_by_another_thread() -> None:
    token, seen = CancelToken(), threading.Event()
    thread = threading.Thread(target=lambda: token.wait(30) and seen.set())
    thread.start()
    token.cancel()
    thread.join(30)
    assert seen.is_set()


def test_cancel_token_raises_only_once_set() -> None:
    token = CancelToken()
    token.raise_if_cancelled()
    assert not token.cancelled
    token.cancel()
    token.cancel()
    with pytest.raises(Cancelled):
        token.raise_if_cancelled()
