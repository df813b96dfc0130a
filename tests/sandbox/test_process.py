"""The child process: how it is started, which results are accepted, and that it never outlives its task."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.sandbox import child, process
from catdog_desktop.sandbox.process import (
    CHILD_OPTION,
    ChildError,
    ChildLimits,
    ChildTask,
    Failure,
    available_confinement,
    child_command,
)


def task(body: str, seconds: float = 30, folder: Path | None = None) -> ChildTask:
    """Return a task for another child, which reads its request and then runs `body`."""
    begin = """
    import json, os, signal, sys, time
    request = json.loads(sys.stdin.readline())
    def send(**content): print(json.dumps(content), flush=True)
    """
    command = [sys.executable, "-S", "-c", textwrap.dedent(begin) + textwrap.dedent(body)]
    return ChildTask("this", folder or Path.cwd(), {"more": 1}, ChildLimits(seconds, 2**30), command=command)


def failure(body: str, seconds: float = 30) -> ChildError:
    with pytest.raises(ChildError) as caught:
        task(body, seconds).run()
    return caught.value


def test_task_result_and_steps_come_back(tmp_path: Path) -> None:
    steps: list[str] = []
    confined = {"kinds": ["all"], "missing": [["network", "not here"]]}
    body = f"send(confined={confined}); send(step='one'); send(step='two'); send(result=request); time.sleep(60)"
    asked = task(body, 10, tmp_path)
    limits = {"memory_bytes": 2**30, "cpu_seconds": 10 * (os.cpu_count() or 1) + 1, "seconds": 15.0}
    assert asked.run(steps.append) == {"task": "this", "folder": str(tmp_path), "readable": [], "more": 1, **limits}
    assert steps == ["one", "two"]
    assert asked.confinement.kinds == ("all",)
    assert asked.confinement.missing == (("network", "not here"),)


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", (Failure.CRASHED, "SIGSEGV", None, "", "")),
        ("os.kill(os.getpid(), signal.SIGKILL)", (Failure.OUT_OF_MEMORY, "SIGKILL", None, "", "")),
        ("os.kill(os.getpid(), signal.SIGXCPU)", (Failure.TIMED_OUT, "SIGXCPU", None, "", "")),
        ("sys.stderr.write('std::bad_alloc\\n'); sys.exit(6)", (Failure.OUT_OF_MEMORY, "", None, "", "")),
        ("send(memory=True)", (Failure.OUT_OF_MEMORY, "", None, "", "")),
        (
            "send(exception=['ValueError', 'no\\x1b[2J\\nmore'])",
            (Failure.RAISED, "", None, "ValueError: no [2J more", ""),
        ),
        ("", (Failure.CRASHED, "", 0, "", "")),
        ("sys.exit('Why not?')", (Failure.CRASHED, "", 1, "", "Why not?")),
        ("send(step='on'); print('5')", (Failure.NONSENSE, "", None, "", "")),
        ("print('\"a step\"')", (Failure.NONSENSE, "", None, "", "")),
        ("print('{}')", (Failure.NONSENSE, "", None, "", "")),
        ("print('[' * 100_000)", (Failure.NONSENSE, "", None, "", "")),
        ("print('x' * 5_000_000)", (Failure.NONSENSE, "", None, "", "")),
        ("sys.stdout.buffer.write(bytes(range(256)))", (Failure.NONSENSE, "", None, "", "")),
        ("send(confined=None)", (Failure.NONSENSE, "", None, "", "")),
        ("send(confined={'kinds': 5})", (Failure.NONSENSE, "", None, "", "")),
        ("send(confined={'kinds': [], 'missing': [5]})", (Failure.NONSENSE, "", None, "", "")),
        ("send(result=5)", (Failure.NONSENSE, "", None, "", "")),
        ("send(exception='ValueError')", (Failure.NONSENSE, "", None, "", "")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_task_without_result_reports_failure(body: str, expected: tuple[Any, ...]) -> None:
    error = failure(body)
    assert (error.failure, error.signal_name, error.status, error.exception, error.last_words) == expected


def test_task_long_texts_are_cut() -> None:
    error = failure("send(exception=['E', 'x' * 100_000])")
    assert len(error.exception) == process.LONGEST_TEXT


def test_task_that_hangs_times_out() -> None:
    assert failure("time.sleep(60)", seconds=0.3).failure is Failure.TIMED_OUT


@pytest.mark.slow
def test_task_that_floods_times_out_or_is_nonsense() -> None:
    error = failure("while True: send(step='on')", seconds=2)
    assert error.failure in (Failure.TIMED_OUT, Failure.CRASHED)


def test_task_cancelled_before_it_began_raises() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        task("time.sleep(60)").run(cancel=cancel)


def test_task_exception_in_callback_ends_the_child(tmp_path: Path) -> None:
    def fail(step: str) -> None:
        raise KeyboardInterrupt

    body = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); send(step='one'); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        task(body).run(fail)
    if os.name == "posix":
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


def test_task_command_that_cannot_be_started_raises() -> None:
    with pytest.raises(FileNotFoundError):
        ChildTask("this", Path.cwd(), {}, ChildLimits(5, 2**30), command=["/nothing/here"]).run()


def test_child_command_in_the_frozen_app_is_its_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "CatDog.exe"))
    assert child_command() == [str(tmp_path / "catdog-cli.exe"), CHILD_OPTION]
    start = Path(__file__).resolve().parents[2] / "packaging" / "start_command_line.py"
    assert f'"{CHILD_OPTION}"' in start.read_text()


def test_available_confinement_reports_the_real_child() -> None:
    found = available_confinement()
    assert {"empty environment", "empty folder"} <= set(found.kinds)


def test_available_confinement_without_a_child_gives_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "child_command", lambda: ["/nothing/here"])
    found = available_confinement()
    assert found.kinds == ()
    assert not found.protects_files
    assert not found.protects_network
    assert found.missing[0][0] == "child process"


@pytest.mark.parametrize("name", child.TASKS)
def test_child_tasks_all_exist(name: str) -> None:
    """Looked up by name after the confinement, so a typo would show only then."""
    entry = child.TASKS[name]
    module = Path(__file__).resolve().parents[2].joinpath(*entry.module.split(".")).with_suffix(".py")
    assert f"def {entry.function}(" in module.read_text()


def test_child_imports_no_numpy_before_it_is_confined() -> None:
    """What starts threads must come after the confinement."""
    program = "import sys\nfrom catdog_desktop.sandbox import child\nprint(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout.replace("'", '"'))
    assert not {"numpy", "PIL", "ai_edge_litert", "tensorflow", "h5py", "PySide6"} & {
        name.partition(".")[0] for name in modules
    }
