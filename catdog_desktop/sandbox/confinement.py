"""Confine the calling process, as far as the platform has means for it: the first thing that a sandboxed child does.

Linux: resource limits, namespaces without network and System V objects, no capabilities, Landlock, seccomp. macOS: a
sandbox profile. Windows: a job, fewer privileges, low integrity. A means that the system does not offer is reported and
does not stop the child; a second thread does, since Landlock and namespaces would not apply to it.
"""

import ctypes
import os
import platform
import site
import struct
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catdog_desktop.sandbox import landlock, macos, seccomp, windows
from catdog_desktop.sandbox.lifetime import request_parent_death_signal

NEW_IPC: Final = 0x08000000
NEW_USER: Final = 0x10000000
NEW_NETWORK: Final = 0x40000000
CAPABILITY_VERSION: Final = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3."""
READ_ANY_FILE: Final = 1 << 2
"""CAP_DAC_READ_SEARCH. Root keeps it: Python may be installed in a home folder that is closed to others."""
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
FOLDER_VARIABLES: Final = (
    "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME",
)  # fmt: skip
"""All set to the child's work folder."""
OWN_VARIABLES: Final = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    # Without them, numpy's libraries start a thread for each core as soon as they are loaded.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

SYSTEM_READABLE: Final = (
    "/usr", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/sys/devices/system", "/sys/fs/cgroup", "/dev/urandom",
    "/dev/random", "/dev/zero",
)  # fmt: skip
SYSTEM_WRITABLE: Final = ("/dev/null",)


class ThreadsError(Exception):
    """The process has more than one thread, so it cannot be confined as a whole."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """What confines the child: names for logs, `catdog doctor` and tests."""

    kinds: tuple[str, ...]
    missing: tuple[tuple[str, str], ...] = ()
    """What does not, with the reason."""

    @property
    def protects_files(self) -> bool:
        """Whether the child cannot change the user's files."""
        return "files" in self.kinds

    @property
    def protects_network(self) -> bool:
        """Whether the child cannot reach the network."""
        return "network" in self.kinds or "system calls" in self.kinds


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """Resources that the child may use. None: no limit."""

    memory_bytes: int | None = None
    cpu_seconds: int | None = None
    file_bytes: int | None = 4 * 2**30


def child_environment(work: Path) -> dict[str, str]:
    """Return the environment of a child whose work folder is `work`.

    The user's own variables hold paths, names and at times passwords, so only a few are kept.
    """
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {**kept, **OWN_VARIABLES, **dict.fromkeys(FOLDER_VARIABLES, str(work))}


def confine(
    work: Path, *, readable: Sequence[Path] = (), limits: ResourceLimits | None = None, dies_with_parent: bool = True
) -> Confinement:
    """Confine this process: its files are the folder `work`, and, for reading, `readable` and Python's own.

    `dies_with_parent`: see `request_parent_death_signal`. Kinds: "empty environment", "empty folder", "core dumps",
    "open files", "file size", "cpu time", "memory", "network" (no interfaces), "shared memory", "privileges",
    "files" and "system calls". Raises `ThreadsError`.
    """
    if task_count() > 1:
        raise ThreadsError(f"{task_count()} threads are running")
    outcome = _Outcome([], [])
    work = work.resolve()
    # Python's folders are found by means of the environment, which is replaced next.
    reading = [*_python_folders(), *(path.resolve() for path in readable)]
    environment = child_environment(work)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # computed again from the new environment
    outcome.kinds.append("empty environment")
    os.chdir(work)
    outcome.kinds.append("empty folder")
    limits = limits or ResourceLimits()
    _limit_resources(limits, outcome)
    if sys.platform == "linux":
        _confine_on_linux(work, reading, outcome, dies_with_parent=dies_with_parent)
    elif sys.platform == "darwin":
        outcome.attempt(("files", "network", "system calls"), lambda: macos.apply_profile(work, reading))
    elif sys.platform == "win32":
        outcome.attempt(("memory", "processes"), lambda: windows.enter_job(limits.memory_bytes))
        outcome.attempt(("privileges",), windows.drop_privileges)
        outcome.attempt(("libraries",), windows.refuse_remote_libraries)
        outcome.attempt(("files",), lambda: windows.lower_integrity(work))
        outcome.missing.append(("network", "Windows confines only apps from its store"))
    else:
        outcome.missing += [(kind, f"no means are known for {platform.system()}") for kind in ("files", "network")]
    return Confinement(tuple(outcome.kinds), tuple(outcome.missing))


def task_count() -> int:
    """Return how many threads this process has, those of libraries included; 1 where the system does not say."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


@dataclass(slots=True)
class _Outcome:
    kinds: list[str]
    missing: list[tuple[str, str]]

    def attempt(self, kinds: Sequence[str], action: Callable[[], object]) -> None:
        """Apply a means, and record whether it confines."""
        try:
            action()
        except (OSError, landlock.LandlockError, seccomp.SeccompError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.missing += [(kind, reason) for kind in kinds]
        else:
            self.kinds += kinds


def _python_folders() -> list[Path]:
    """Return where Python and this app are installed; not the current folder, which may be on `sys.path` too."""
    roots = {Path(root) for root in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)}
    roots |= {Path(sys.executable).resolve().parent, Path(__file__).resolve().parents[1]}
    if bundle := getattr(sys, "_MEIPASS", None):
        roots.add(Path(bundle))
    installed = {Path(entry) for entry in (*site.getsitepackages(), site.getusersitepackages())}
    roots |= {path for path in installed if str(path) in sys.path}
    return [path.resolve() for path in roots if path != path.parent]


def _limit_resources(limits: ResourceLimits, outcome: _Outcome) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows: the job limits memory
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


# Linux ----------------------------------------------------------------------------------------------------------------


def _confine_on_linux(work: Path, reading: Sequence[Path], outcome: _Outcome, *, dies_with_parent: bool) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    is_root = os.geteuid() == 0
    outcome.attempt(("network", "shared memory"), lambda: _enter_namespaces(library))
    outcome.attempt(("privileges",), lambda: _drop_capabilities(library, READ_ANY_FILE if is_root else 0))
    if dies_with_parent:
        request_parent_death_signal()
    readable = [*reading, *map(Path, SYSTEM_READABLE)]
    outcome.attempt(("files",), lambda: landlock.restrict(readable, [work, *map(Path, SYSTEM_WRITABLE)]))
    outcome.attempt(("system calls",), seccomp.allow_only_harmless_calls)


def _enter_namespaces(library: ctypes.CDLL) -> None:
    """Enter a network namespace without interfaces, not even the local one, and an IPC namespace without objects."""
    user, group = os.getuid(), os.getgid()
    if library.unshare(NEW_NETWORK | NEW_IPC) == 0:  # root needs no user namespace
        return
    # Fails with EINVAL in a process with several threads, which is one reason to have only one by now.
    if library.unshare(NEW_USER | NEW_NETWORK | NEW_IPC):
        error = ctypes.get_errno()
        raise OSError(error, f"namespaces are not permitted ({os.strerror(error)})")
    # Keep the user's and the group's numbers: without a mapping both become 65534.
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            Path("/proc/self", name).write_text(line, encoding="ascii")
        except OSError:
            break  # the namespace confines all the same


def _drop_capabilities(library: ctypes.CDLL, kept: int) -> None:
    """Drop all capabilities but `kept`, a bit mask; a new user namespace gives all of them for what is in it."""
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    # Effective, permitted and inheritable, first for the capabilities below 32 and then for those above.
    sets = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
    if library.capset(header, sets):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
