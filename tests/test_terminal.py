"""The first signal asks to stop; the second one reaches the previous handler."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from catdog_desktop.terminal import stop_on, stop_on_ctrl_c

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


class _HandledError(Exception):
    pass


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """Install handlers of a program; restore the previous ones afterwards."""

    def handled(number: int, _frame: object) -> None:
        raise _HandledError(number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handled) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_stop_on_second_signal_reaches_old_handler(first: int, second: int) -> None:
    with stop_on(signal.SIGINT, signal.SIGTERM) as token:
        assert not token.cancelled
        signal.raise_signal(first)
        assert token.cancelled
        with pytest.raises(_HandledError):
            signal.raise_signal(second)


def test_stop_on_restores_handlers() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with stop_on(signal.SIGINT, signal.SIGTERM):
        assert signal.getsignal(signal.SIGTERM) is not before[1]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_stop_on_ctrl_c_handles_sigint_only(capsys: pytest.CaptureFixture[str]) -> None:
    with stop_on_ctrl_c() as token:
        with pytest.raises(_HandledError):
            signal.raise_signal(signal.SIGTERM)
        assert not token.cancelled
        signal.raise_signal(signal.SIGINT)
        assert token.cancelled
    assert capsys.readouterr().err == "Stopping after this photo.\n"


def test_stop_on_in_thread_receives_no_signals() -> None:
    seen: list[bool] = []

    def work() -> None:
        with stop_on(signal.SIGINT) as token:
            seen.append(token.cancelled)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
