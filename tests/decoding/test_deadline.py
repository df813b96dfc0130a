"""One thread watches the time limits of one photo after the other."""

import threading
from queue import SimpleQueue

import pytest

from catdog_desktop.decoding.deadline import Deadline

LONG = 120.0


def deadline_and_calls() -> tuple[Deadline, "SimpleQueue[threading.Thread]"]:
    calls: SimpleQueue[threading.Thread] = SimpleQueue()
    return Deadline(lambda: calls.put(threading.current_thread())), calls


def test_limit_that_passes_calls_once() -> None:
    deadline, calls = deadline_and_calls()
    deadline.start(0.01)
    calls.get(timeout=LONG)
    deadline.start(0.01)
    calls.get(timeout=LONG)
    deadline.close()
    assert calls.empty()


@pytest.mark.parametrize("second", [0.01, 0.2])
def test_shorter_limit_after_a_longer_one_is_kept(second: float) -> None:
    deadline, calls = deadline_and_calls()
    deadline.start(10 * LONG)
    deadline.start(second)
    calls.get(timeout=LONG)
    deadline.close()


def test_cancelled_limit_does_not_call_and_the_next_does() -> None:
    deadline, calls = deadline_and_calls()
    for _ in range(100):
        deadline.start(LONG)
        deadline.cancel()
    assert calls.empty()
    deadline.start(0.01)
    calls.get(timeout=LONG)
    deadline.close()
    assert calls.empty()


def test_limits_share_a_thread_that_ends_with_close() -> None:
    deadline, calls = deadline_and_calls()
    threads = set()
    for _ in range(5):
        deadline.start(0.01)
        threads.add(calls.get(timeout=LONG))
    [thread] = threads
    deadline.close()
    thread.join(LONG)
    assert not thread.is_alive()
