"""The lock: one writer across processes and threads, and files that are in its way."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.lock import SortRunningError, is_running, one_writer

HOLD = (
    "import sys\nfrom pathlib import Path\nfrom catdog_desktop.sorting.lock import one_writer\n"
    "with one_writer(Path(sys.argv[1])):\n    print('locked', flush=True)\n    sys.stdin.read()\n"
)


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        yield other


def end(other: subprocess.Popen[str]) -> None:
    assert other.stdin is not None
    other.stdin.close()


@pytest.mark.parametrize("how", [subprocess.Popen.kill, end], ids=["killed", "ended"])
def test_one_writer_is_released_when_its_process_ends(
    tmp_path: Path, how: Callable[[subprocess.Popen[str]], None]
) -> None:
    with another_process(tmp_path) as other:
        assert is_running(tmp_path)
        with pytest.raises(SortRunningError) as raised, one_writer(tmp_path):
            pass
        assert raised.value.pid == other.pid
        how(other)
        other.wait()
        assert not is_running(tmp_path)
        with one_writer(tmp_path):
            assert (tmp_path / "lock").read_bytes()[1:] == str(os.getpid()).encode()


def test_is_running_from_other_thread_is_true(tmp_path: Path) -> None:
    """A second sort in the same process must not start either."""
    seen: list[bool] = []
    with one_writer(tmp_path):
        thread = threading.Thread(target=lambda: seen.append(is_running(tmp_path)))
        thread.start()
        thread.join()
    assert seen == [True]
    assert not is_running(tmp_path)


def test_one_writer_is_released_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), one_writer(tmp_path):
        raise ZeroDivisionError
    assert not is_running(tmp_path)


def test_one_writer_locks_its_own_folder_only(tmp_path: Path) -> None:
    with one_writer(tmp_path / "a/new"), one_writer(tmp_path / "b"):
        assert (is_running(tmp_path / "a/new"), is_running(tmp_path / "b")) == (True, True)


@pytest.mark.parametrize("content", [b"", b"\0", b"no number at all", b"\xff" * 300, b"x" + b"9" * 50])
def test_one_writer_ignores_content_of_lock_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)
    with one_writer(tmp_path):
        assert (tmp_path / "lock").read_bytes()[1:] == str(os.getpid()).encode()
        (tmp_path / "lock").write_bytes(content)  # Another program writes to it.
        with pytest.raises(SortRunningError), one_writer(tmp_path):
            pass


def _folder_is_a_file(top: Path) -> Path:
    (top / "journals").write_text("")
    return top / "journals"


def _lock_is_a_folder(top: Path) -> Path:
    (top / "journals/lock").mkdir(parents=True)
    return top / "journals"


def _below_a_file(top: Path) -> Path:
    return _folder_is_a_file(top) / "deep"


@pytest.mark.parametrize("make", [_folder_is_a_file, _lock_is_a_folder, _below_a_file])
def test_one_writer_lock_file_cannot_be_created_raises(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path)
    with (
        pytest.raises(SortError) as raised,
        one_writer(folder),
    ):
        pass
    assert isinstance(raised.value.__cause__, OSError)
    assert not isinstance(raised.value, SortRunningError)
    assert is_running(folder), "a lock that cannot be taken counts as held"
