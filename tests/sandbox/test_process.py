"""The child as the app meets it: how it is started, what is believed of it, and that it never outlives its task."""

import os
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop.model_import.errors import ImportCancelledError, ModelImportError
from catdog_desktop.model_import.refused import RefusedModelError
from catdog_desktop.sandbox.process import CHILD_OPTION, ChildLimits, ChildTask, Sentences, child_command

SAID = Sentences("It took too long.", "It was too large.", "It broke ({how}).")


def task(body: str, seconds: float = 30) -> ChildTask:
    """Return a task for a child that reads its request and does something of its own."""
    begin = """
    import json, os, signal, sys, time
    request = json.loads(sys.stdin.readline())
    def tell(**content): print(json.dumps(content), flush=True)
    """
    command = [sys.executable, "-S", "-c", textwrap.dedent(begin) + textwrap.dedent(body)]
    return ChildTask({"do": "this"}, ChildLimits(seconds, 2**30), SAID, command)


def run(body: str, seconds: float = 30) -> dict[str, Any]:
    return task(body, seconds).run(lambda step: None, threading.Event())


def test_it_is_asked_and_answers() -> None:
    steps: list[str] = []
    asked = task("tell(held=['all']); tell(step='one'); tell(step='two'); tell(seen=request); time.sleep(60)", 10)
    answer = asked.run(steps.append, threading.Event())
    limits = {"memory_bytes": 2**30, "cpu_seconds": 10 * (os.cpu_count() or 1) + 1, "seconds": 15.0}
    assert answer == {"seen": {"do": "this", **limits}}
    assert steps == ["one", "two"]
    assert asked.held == ("all",)


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "It broke (it was ended by SIGSEGV)."),
        ("os.kill(os.getpid(), signal.SIGKILL)", "It was too large."),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "It took too long."),
        ("sys.stderr.write('std::bad_alloc'); sys.stderr.flush(); os.abort()", "It was too large."),
        ("tell(memory=True)", "It was too large."),
        ("tell(broke='ValueError: no')", "It broke (ValueError: no)."),
        ("tell(failed='That\\x1b[2J cannot\\nbe.')", "That [2J cannot be."),
        ("tell(failed='x' * 100_000)", "x" * 2_000),
        ("", "It broke (it ended with status 0)."),
        ("sys.exit('Why not?')", "It broke (it ended with status 1). Its last words: Why not?"),
        ("tell(step='on'); print('5')", "It broke (its answer makes no sense)."),
        ("print('\"a step\"')", "It broke (its answer makes no sense)."),
        ("tell(held=None)", "It broke (its answer makes no sense)."),
        ("tell(refused='abc')", "The model was not opened: a (found in b). c"),
        ("tell(refused=[1, 2])", "It broke (its answer makes no sense)."),
    ],
    ids=str,
)
def test_every_other_end_is_a_sentence(body: str, said: str) -> None:
    with pytest.raises(ModelImportError) as failed:
        run(body)
    assert str(failed.value) == said


def test_a_refusal_is_one() -> None:
    with pytest.raises(RefusedModelError, match="a Lambda"):
        run("tell(refused=['a Lambda', 'here', 'Take it out.'])")


def test_it_hangs() -> None:
    with pytest.raises(ModelImportError, match="too long"):
        run("time.sleep(60)", seconds=0.3)


def test_cancelled_before_it_began() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(ImportCancelledError):
        task("time.sleep(60)").run(lambda step: None, cancelled)


def test_what_goes_wrong_here_ends_it_too(tmp_path: Path) -> None:
    def fail(step: str) -> None:
        raise KeyboardInterrupt

    body = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); tell(step='one'); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        task(body).run(fail, threading.Event())
    if os.name == "posix":
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_child_is_the_command_line_in_the_frozen_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "CatDog.exe"))
    assert child_command() == [str(tmp_path / "catdog-cli.exe"), CHILD_OPTION]
    start = Path(__file__).resolve().parents[2] / "packaging" / "start_command_line.py"
    assert f'"{CHILD_OPTION}"' in start.read_text()
