"""Tasks for the real child that try forbidden actions. `test_confinement` adds them to its table."""

import contextlib
import ctypes
import errno
import os
import platform
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from catdog_desktop.sandbox.process import child_command

NEW_USER = 0x10000000
THREAD_FLAGS = 0x3D0F00
"""Of pthread_create: CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID."""
_LIBC = ctypes.CDLL(None, use_errno=True)

NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438), "prlimit64": (302, 261), "sched_setaffinity": (203, 122), "setpriority": (141, 140),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "ptrace": (101, 117), "kcmp": (312, 272), "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195),
    "semget": (64, 190),
    "msgget": (68, 186), "mq_open": (240, 180), "memfd_create": (319, 279), "socket": (41, 198),
    "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "sendto": (44, 206), "sendmsg": (46, 211),
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None), "clone": (56, 220),
    "unshare": (272, 97), "setns": (308, 268), "setsid": (112, 157), "setpgid": (109, 154), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "fsopen": (430, 430), "open_tree": (428, 428),
    "move_mount": (429, 429), "mount_setattr": (442, 442), "bpf": (321, 280), "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "personality": (135, 92), "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
    "reboot": (169, 142), "swapon": (167, 224), "syslog": (103, 116), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchownat": (260, 54), "utimensat": (280, 88), "truncate": (76, 45), "linkat": (265, 37), "symlinkat": (266, 36),
    "mknodat": (259, 33), "setxattr": (188, 5), "fsetxattr": (190, 7), "open_by_handle_at": (304, 265),
    "seccomp": (317, 277), "capset": (126, 91), "setuid": (105, 146), "setresuid": (117, 147), "setgroups": (116, 159),
    "inotify_init1": (294, 26), "fanotify_init": (300, 262), "landlock_create_ruleset": (444, 444),
}  # fmt: skip
"""System calls that must be denied: numbers on x86-64 and on aarch64."""


def probing_child(before: str = "", *, task: str = "probe", function: str = "probe", serves: bool = False) -> list[str]:
    """Return the command of the real child, with a function of this file as a task; `before` is code to run first."""
    *begin, code = child_command()
    entry = f"child.TASKS[{task!r}] = child.TaskEntry('sandbox_probe', {function!r}, serves={serves})"
    path = f"sys.path.insert(0, {str(Path(__file__).parent)!r})"
    return [*begin, code.replace("sys.exit(child.main())", f"{entry}; {path}; {before} sys.exit(child.main())")]


def deny_list() -> dict[str, int]:
    """Return the calls that exist on this computer's architecture."""
    column = {"x86_64": 0, "aarch64": 1}[platform.machine()]
    return {name: number for name, numbers in NUMBERS.items() if (number := numbers[column]) is not None}


def call(number: int, *arguments: int) -> str:
    """Make a system call; return the name of its error, or "allowed"."""
    result = _LIBC.syscall(number, *(ctypes.c_long(argument) for argument in arguments))
    if result == 0 and number in (deny_list().get("fork"), deny_list().get("vfork"), deny_list()["clone"]):
        os._exit(0)  # it was not denied, and this is the new process
    return "allowed" if result >= 0 else errno.errorcode[ctypes.get_errno()]


def attempt(action: Callable[[], object]) -> str:
    """Return the type of the exception that `action` raises, or what it returns."""
    try:
        return repr(action())
    except BaseException as error:  # noqa: BLE001  Whatever it is, it is the answer.
        return type(error).__name__


def in_thread(action: Callable[[], str]) -> str:
    results: list[str] = []
    thread = threading.Thread(target=lambda: results.append(action()))
    thread.start()
    thread.join()
    return results[0]


def _write_big_file() -> None:
    """Write beyond 4 GiB, without what lies before."""
    with Path("big").open("wb") as file:
        file.seek(2**32)
        file.write(b"x")


def probe(request: Mapping[str, Any], channel: object) -> dict[str, Any]:
    """Try everything that must fail, and some things that must work."""
    import numpy as np  # starts its threads, if it may

    work, outside, readable = (Path(request[name]) for name in ("folder", "outside", "photo"))
    secret, parent = outside / "secret", os.getppid()
    refused = {
        "read outside": secret.read_text,
        "read through a link": lambda: (work / "planted link").read_text(),
        "list outside": lambda: os.listdir(outside),
        "write outside": lambda: (outside / "marker").write_text("ran"),
        "remove outside": secret.unlink,
        "rename from outside": lambda: secret.rename(work / "mine"),
        "chmod outside": lambda: secret.chmod(0o777),
        "list the top": lambda: os.listdir("/"),
        "read passwords": lambda: Path("/etc/passwd").read_text(),
        "read the parent's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "write readable": lambda: readable.write_text("changed"),
        "start a program": lambda: subprocess.run(["/bin/true"]),
        "start a shell": lambda: os.system("true") and 1 / 0,
        "fork": lambda: os.fork() or os._exit(0),
        "socket": lambda: socket.create_connection(("127.0.0.1", 9)),
        "local socket": lambda: socket.socket(socket.AF_UNIX),
        "signal the parent": lambda: os.kill(parent, 0),
        "POSIX shared memory": lambda: Path("/dev/shm/catdog-probe").write_bytes(b""),
        "memory": lambda: len(bytearray(2**33)),
        "large file": _write_big_file,
    }
    allowed = {
        "read readable": readable.read_text,
        "write work": lambda: (work / "own").write_text("mine"),
        "temporary file": lambda: tempfile.mkstemp()[1].startswith(str(work)),
        "import": lambda: __import__("sqlite3").__name__,
        "home": lambda: os.environ["HOME"] == str(work) and Path.cwd() == work,
        "no secrets": lambda: "SECRET" not in os.environ and b"SECRET" not in Path("/proc/self/environ").read_bytes(),
        "numpy": lambda: int((np.ones((64, 64)) @ np.ones((64, 64)))[0, 0]),
        "signal itself": lambda: signal.raise_signal(signal.SIGCHLD),
    }
    calls = {name: call(number, *_arguments(name, parent)) for name, number in deny_list().items()}
    calls["clone3"] = call(435, 0, 0)
    calls["prctl(PR_SET_SECCOMP)"] = call({"x86_64": 157, "aarch64": 167}[platform.machine()], 22, 2, 0)
    calls["ioctl(TIOCSTI)"] = call({"x86_64": 16, "aarch64": 29}[platform.machine()], 0, 0x5412, 0)
    calls["clone(CLONE_THREAD|CLONE_NEWUSER)"] = call(deny_list()["clone"], THREAD_FLAGS | NEW_USER, 0, 0, 0, 0)
    return {
        "refused": {name: attempt(action) for name, action in refused.items()},
        "refused in a thread": {
            name: in_thread(lambda action=refused[name]: attempt(action)) for name in ("read outside", "socket")
        },
        "allowed": {name: attempt(action) for name, action in allowed.items()},
        "calls": calls,
        "tasks": in_thread(lambda: repr(task_states(os.getpid()))),
        "interfaces": sorted(line.partition(":")[0].strip() for line in _network_lines()),
    }


def _arguments(name: str, parent: int) -> tuple[int, ...]:
    """Return arguments with which the call would do something to the parent, or harmless ones."""
    if name in ("kill", "tkill"):
        return parent, 0
    if name in ("tgkill", "rt_tgsigqueueinfo"):
        return parent, parent, 0
    if name in ("rt_sigqueueinfo", "pidfd_open", "prlimit64", "sched_setaffinity", "process_vm_readv"):
        return parent, 0, 0
    if name == "clone":
        return NEW_USER | signal.SIGCHLD, 0, 0, 0, 0
    if name == "unshare":
        return (NEW_USER,)
    if name == "reboot":
        return 0, 0, 0, 0  # wrong magic numbers: EINVAL where it is not denied
    return 0, 0, 0, 0, 0


def _network_lines() -> list[str]:
    return Path("/proc/self/net/dev").read_text().splitlines()[2:]


def task_states(process: int) -> list[dict[str, str]]:
    """Return the confinement of each thread of a process, as reported by the kernel."""
    states = []
    for task in sorted(Path(f"/proc/{process}/task").iterdir()):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread may end while it is looked at
            lines = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines() if ":" in line)
            state = {name: lines[name].strip() for name in ("Seccomp", "NoNewPrivs", "CapEff", "CapPrm")}
            state |= {name: str((task / "ns" / name).readlink()) for name in ("net", "ipc")}
            states.append(state)
    assert states, f"process {process} has no threads"
    return states


def is_running(process: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def hang(request: Mapping[str, Any], channel: Any) -> dict[str, Any]:
    """Be a decoder that never answers."""
    threading.Event().wait()
    return {}


def send_nonsense(request: Mapping[str, Any], channel: Any) -> dict[str, Any]:
    """Be a decoder that claims more pixels than it sends."""
    from catdog_desktop.sandbox.child import read_line

    read_line()
    channel.send(mode="RGB", size=[4, 4], format="WEBP", exif=None, xmp=None, keywords=[])
    read_line()
    channel.send(mode="RGB", size=[4, 4], damaged=False, bytes=2**40)
    threading.Event().wait()
    return {}


def _send_small_images(channel: Any, **changes: Any) -> None:
    """Be a decoder of a large photo that answers with an input of 64 x 64 pixels and a thumbnail, but for `changes`."""
    from catdog_desktop.sandbox.child import read_line

    read_line()
    header = {"mode": "RGB", "size": [4000, 3000], "format": "WEBP", "keywords": []}
    channel.send(**header, exif=None, xmp=None, icc_profile=None)
    read_line()
    reply = {"mode": "RGB", "size": [64, 64], "thumbnail": [320, 240], "damaged": False, "spent": False, **changes}
    width, height = reply["size"]
    across, down = reply["thumbnail"] or (0, 0)
    size = width * height * {"RGB": 3, "L": 1}[reply["mode"]] + across * down * 3
    channel.send(**{"bytes": size, **reply})
    channel.write(bytes(size))
    threading.Event().wait()


def send_no_thumbnail(request: Mapping[str, Any], channel: Any) -> None:
    _send_small_images(channel, thumbnail=None)


def send_large_thumbnail(request: Mapping[str, Any], channel: Any) -> None:
    _send_small_images(channel, thumbnail=[400, 240])


def send_other_size(request: Mapping[str, Any], channel: Any) -> None:
    _send_small_images(channel, size=[65, 64])


def send_other_mode(request: Mapping[str, Any], channel: Any) -> None:
    _send_small_images(channel, mode="L")


def send_fewer_bytes(request: Mapping[str, Any], channel: Any) -> None:
    _send_small_images(channel, bytes=100)


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread may end while it is looked at
            found += [int(number) for number in (task / "children").read_text().split()]
    return found


def threads_before_confinement(folder: str) -> None:
    """Start a thread, as numpy would; called before `child.main` confines the process."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()
