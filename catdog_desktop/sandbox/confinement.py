"""The child that opens a stranger's model shuts itself in first, as far as the platform has means for it.

To be called at the very start of the child: before TensorFlow is imported, before the model is looked at, and before
there is a second thread. Nothing here fails for want of a means; what holds and what does not is told.
"""

import ctypes
import os
import platform
import site
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catdog_desktop.sandbox import landlock, seccomp

NEW_USER: Final = 0x10000000
NEW_NETWORK: Final = 0x40000000
OPEN_FILES: Final = 1024
ADDRESS_SPACE_BESIDE: Final = 16 * 2**30
"""TensorFlow maps far more than it uses."""
KEPT_VARIABLES: Final = (
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "SYSTEMROOT",
    "WINDIR",
    "SYSTEMDRIVE",
    "NUMBER_OF_PROCESSORS",
)

SYSTEM_READABLE: Final = (
    "/usr", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/sys/devices/system", "/sys/fs/cgroup", "/dev/urandom",
    "/dev/random", "/dev/zero",
)  # fmt: skip
SYSTEM_WRITABLE: Final = ("/dev/null",)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds the child, and what does not and why. `kinds` are words for a log and for tests."""

    kinds: tuple[str, ...]
    missing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the child may use. None: no limit."""

    memory_bytes: int | None = None
    cpu_seconds: int | None = None
    file_bytes: int | None = 4 * 2**30


def confine(
    work: Path, *, readable: Sequence[Path] = (), writable: Sequence[Path] = (), limits: Limits | None = None
) -> Confinement:
    """Shut this process in: its files are the empty folder `work`, `readable`, `writable` and Python's own.

    Kinds: "empty environment", "empty folder", "core dumps", "open files", "file size", "cpu time", "memory",
    "network" (a namespace without interfaces), "files" (Landlock) and "system calls" (seccomp).
    """
    outcome = _Outcome([], [])
    work = work.resolve()
    # Found before the environment and the folder change, which they are told from.
    reading = [*_python_folders(), *(path.resolve() for path in readable), *map(Path, SYSTEM_READABLE)]
    writing = [work, *(path.resolve() for path in writable), *map(Path, SYSTEM_WRITABLE)]
    _empty_environment(work)
    outcome.kinds.append("empty environment")
    os.chdir(work)
    outcome.kinds.append("empty folder")
    _limit(limits or Limits(), outcome)
    _leave_network(outcome)
    _restrict_files(reading, writing, outcome)
    _refuse_calls(outcome)
    return Confinement(tuple(outcome.kinds), tuple(outcome.missing))


@dataclass(slots=True)
class _Outcome:
    kinds: list[str]
    missing: list[tuple[str, str]]


def _python_folders() -> list[Path]:
    """Return what Python and this app are made of. The folder it was started in is not among it, though in the path."""
    roots = {Path(root) for root in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)}
    roots |= {Path(sys.executable).resolve().parent, Path(__file__).resolve().parents[1]}
    if bundle := getattr(sys, "_MEIPASS", None):
        roots.add(Path(bundle))
    installed = {Path(entry) for entry in (*site.getsitepackages(), site.getusersitepackages())}
    roots |= {path for path in installed if str(path) in sys.path}
    return [path.resolve() for path in roots if path != path.parent]


def _empty_environment(work: Path) -> None:
    """Take the user's variables away: they hold paths, names, and at times passwords."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME"):
        os.environ[name] = str(work)
    os.environ.update({"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"})
    # numpy's OpenBLAS would take memory for each of the computer's cores as soon as it is loaded.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    tempfile.tempdir = None  # found once and remembered: to be found again


def _limit(limits: Limits, outcome: _Outcome) -> None:
    try:
        import resource
    except ImportError:
        outcome.missing.append(("memory", f"{platform.system()} has no limits of this kind"))
        return
    wanted = {
        "core dumps": (resource.RLIMIT_CORE, 0),
        "open files": (resource.RLIMIT_NOFILE, OPEN_FILES),
        "file size": (resource.RLIMIT_FSIZE, limits.file_bytes),
        "cpu time": (resource.RLIMIT_CPU, limits.cpu_seconds),
        "memory": (resource.RLIMIT_DATA, limits.memory_bytes),
    }
    if limits.memory_bytes is not None:
        wanted["address space"] = (resource.RLIMIT_AS, limits.memory_bytes + ADDRESS_SPACE_BESIDE)
    for kind, (number, value) in wanted.items():
        if value is None:
            continue
        try:
            hard = resource.getrlimit(number)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))
            outcome.kinds.append(kind)
        except (OSError, ValueError) as error:
            outcome.missing.append((kind, str(error)))


def _leave_network(outcome: _Outcome) -> None:
    """Enter a network namespace of its own, which has no interface that is up, not even the local one."""
    if sys.platform != "linux":
        outcome.missing.append(("network", f"{platform.system()} has no network namespaces"))
        return
    library = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if library.unshare(NEW_NETWORK) == 0:  # root may do it at once
        outcome.kinds.append("network")
        return
    if library.unshare(NEW_USER | NEW_NETWORK):
        outcome.missing.append(("network", f"namespaces are not permitted ({os.strerror(ctypes.get_errno())})"))
        return
    outcome.kinds.append("network")
    # Be the same user inside as outside, so that nothing wonders about user 65534.
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            Path("/proc/self", name).write_text(line, encoding="ascii")
        except OSError as error:
            outcome.missing.append((name, str(error.strerror)))


def _restrict_files(reading: Sequence[Path], writing: Sequence[Path], outcome: _Outcome) -> None:
    try:
        landlock.restrict(reading, writing)
        outcome.kinds.append("files")
    except landlock.LandlockError as error:
        outcome.missing.append(("files", str(error)))


def _refuse_calls(outcome: _Outcome) -> None:
    try:
        seccomp.refuse_calls()
        outcome.kinds.append("system calls")
    except seccomp.FilterError as error:
        outcome.missing.append(("system calls", str(error)))
