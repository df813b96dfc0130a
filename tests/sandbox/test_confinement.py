"""What the real child can no longer do once it is confined, as root and as an ordinary user."""

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ordinary_user import NOBODY, command_for_ordinary_user, folders_of_python
from sandbox_probe import deny_list, probing_child

from catdog_desktop.sandbox.confinement import child_environment
from catdog_desktop.sandbox.process import ChildError, ChildLimits, ChildTask, Failure

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces, Landlock and seccomp are Linux's")

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
KINDS = {"empty environment", "empty folder", "core dumps", "open files", "file size", "cpu time", "memory"}
DRIVER = """
import json, os, sys
from pathlib import Path
work, outside, photo, tests = map(Path, sys.argv[1:])
sys.path.insert(0, str(tests))
from catdog_desktop.sandbox.process import ChildLimits, ChildTask
from sandbox_probe import probing_child, task_states

os.environ["SECRET"] = "password"
task = ChildTask("probe", work, {"outside": str(outside), "photo": str(photo)}, ChildLimits(120, 2**32),
                 readable=[photo, tests], command=probing_child())
result = task.run()
mine = task_states(os.getpid())[0]
kinds, missing = task.confinement.kinds, dict(task.confinement.missing)
print(json.dumps({**result, "kinds": kinds, "missing": missing, "parent": mine, "user": os.getuid()}))
"""


@pytest.fixture(scope="module", params=["as root", "as an ordinary user"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    if request.param == "as root" and os.geteuid() != 0:
        pytest.skip("the tests do not run as root")
    base = tmp_path_factory.mktemp("confinement")
    work, outside = base / "work", base / "outside"
    for folder in (work, outside):
        folder.mkdir()
    # Not below a folder that is replaced by an empty one.
    with tempfile.TemporaryDirectory(prefix="catdog-mounts-") as mounts:
        (outside / "secret").write_text("secret")
        (work / "planted link").symlink_to(outside / "secret")
        photo = base / "photo"
        photo.write_text("photo")
        command = [sys.executable, "-c", DRIVER, str(work), str(outside), str(photo), str(TESTS)]
        if request.param == "as an ordinary user":
            try:
                needed = [*folders_of_python(), ROOT, base]
                command = command_for_ordinary_user(command, needed, Path(mounts))
            except RuntimeError as error:
                pytest.skip(f"no ordinary user: {error}")
            if os.geteuid() == 0:
                # All of it belongs to that user, who may therefore change it, but for the confinement.
                for path in (base, work, outside, outside / "secret", photo):
                    os.chown(path, NOBODY, NOBODY)
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
        )
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout)
        assert sorted(path.name for path in outside.iterdir()) == ["secret"]
        assert (outside / "secret").stat().st_mode & 0o777 == 0o644
        assert photo.read_text() == "photo"


def need(report: dict[str, Any], kind: str) -> None:
    """Skip where the kernel does not offer a means, with its reason; fail if the child says nothing about it."""
    if kind in report["missing"]:
        pytest.skip(f"{kind}: {report['missing'][kind]}")
    assert kind in report["kinds"]


def test_confinement_report_names_everything(report: dict[str, Any]) -> None:
    named = {*report["kinds"], *report["missing"]}
    assert set(report["kinds"]) >= KINDS
    assert {"files", "system calls", "network", "shared memory", "privileges"} <= named


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("read outside", "files"),
        ("read through a link", "files"),
        ("list outside", "files"),
        ("write outside", "files"),
        ("remove outside", "files"),
        ("rename from outside", "files"),
        ("chmod outside", "system calls"),
        ("list the top", "files"),
        ("read passwords", "files"),
        ("read the parent's environment", "files"),
        ("write readable", "files"),
        ("start a program", "system calls"),
        ("start a shell", "system calls"),
        ("fork", "system calls"),
        ("socket", "system calls"),
        ("local socket", "system calls"),
        ("signal the parent", "system calls"),
        ("POSIX shared memory", "files"),
        ("memory", "memory"),
        ("large file", "file size"),
    ],
)
def test_child_attempt_is_refused(name: str, kind: str, report: dict[str, Any]) -> None:
    need(report, kind)
    assert report["refused"][name] in ("PermissionError", "OSError", "MemoryError", "ZeroDivisionError")


@pytest.mark.parametrize(("name", "kind"), [("read outside", "files"), ("socket", "system calls")])
def test_child_thread_is_confined_too(name: str, kind: str, report: dict[str, Any]) -> None:
    need(report, kind)
    assert report["refused in a thread"][name] in ("PermissionError", "OSError")


@pytest.mark.parametrize("name", sorted(deny_list() if sys.platform == "linux" else ()))
def test_child_system_call_is_denied(name: str, report: dict[str, Any]) -> None:
    need(report, "system calls")
    assert report["calls"][name] == "EPERM"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("clone3", "ENOSYS"),
        ("prctl(PR_SET_SECCOMP)", "EPERM"),
        ("ioctl(TIOCSTI)", "EPERM"),
        ("clone(CLONE_THREAD|CLONE_NEWUSER)", "EPERM"),
    ],
)
def test_child_system_call_is_denied_by_its_arguments(name: str, error: str, report: dict[str, Any]) -> None:
    need(report, "system calls")
    assert report["calls"][name] == error


def test_child_threads_are_all_confined(report: dict[str, Any]) -> None:
    """Asked of the kernel, with numpy loaded and a second thread running."""
    tasks = ast.literal_eval(report["tasks"])
    assert len(tasks) > 1
    for task in tasks:
        if "system calls" in report["kinds"]:
            assert (task["Seccomp"], task["NoNewPrivs"]) == ("2", "1")
        if "network" in report["kinds"]:
            assert task["net"] != report["parent"]["net"]
            assert task["ipc"] != report["parent"]["ipc"]
        if "privileges" in report["kinds"]:
            expected = "0000000000000004" if report["user"] == 0 else "0000000000000000"
            assert (task["CapEff"], task["CapPrm"]) == (expected, expected)


def test_child_network_has_only_a_loopback_that_is_down(report: dict[str, Any]) -> None:
    need(report, "network")
    assert set(report["interfaces"]) <= {"lo", "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip_vti0"}


def test_ordinary_user_has_a_network_namespace(report: dict[str, Any]) -> None:
    """It needs a user namespace, which a process with several threads cannot enter."""
    reason = report["missing"].get("network", "")
    assert "Invalid argument" not in reason
    need(report, "network")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("read readable", "'photo'"),
        ("write work", "4"),
        ("temporary file", "True"),
        ("import", "'sqlite3'"),
        ("home", "True"),
        ("no secrets", "True"),
        ("numpy", "64"),
        ("signal itself", "None"),
    ],
)
def test_child_can_still_work(name: str, answer: str, report: dict[str, Any]) -> None:
    assert report["allowed"][name] == answer


def test_child_with_a_second_thread_refuses_to_go_on(tmp_path: Path) -> None:
    before = "import sandbox_probe; sandbox_probe.threads_before_confinement('');"
    task = ChildTask("probe", tmp_path, {}, ChildLimits(60, 2**30), command=probing_child(before))
    with pytest.raises(ChildError) as caught:
        task.run()
    assert caught.value.failure is Failure.RAISED
    assert caught.value.exception == "ThreadsError: 2 threads are running"
    assert task.confinement.kinds == ()


def test_child_environment_keeps_no_variable_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "password")
    monkeypatch.setenv("LD_PRELOAD", "/nothing.so")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    environment = child_environment(tmp_path)
    assert not {"SECRET", "LD_PRELOAD", "PATH"} & set(environment)
    assert environment["LANG"] == "de_DE.UTF-8"
    assert environment["HOME"] == environment["TMPDIR"] == str(tmp_path)
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
