"""Linux's seccomp: system calls that a conversion never needs answer "not permitted" from here on.

No sockets (those of the local machine too, which a network namespace lets through), no other program, no looking into
or signalling other processes, no leaving the group of processes that the app ends as a whole. Numbers are those of the
kernel's tables for the two architectures.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Final

SET_SECCOMP: Final = 22
NO_NEW_PRIVILEGES: Final = 38
FILTER: Final = 2

LOAD: Final = 0x20
JUMP_IF_EQUAL: Final = 0x15
JUMP_IF_AT_LEAST: Final = 0x35
ANSWER: Final = 0x06
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | errno.EPERM
KILL: Final = 0x80000000
X32: Final = 0x40000000
"""Calls of x86-64's other numbering carry this bit."""

CALLS: Final = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "bind": 49, "listen": 50, "execve": 59, "execveat": 322, "ptrace": 101,
            "process_vm_readv": 310, "process_vm_writev": 311, "io_uring_setup": 425, "bpf": 321, "userfaultfd": 323,
            "add_key": 248, "request_key": 249, "keyctl": 250, "mount": 165, "unshare": 272, "setns": 308,
            "pidfd_getfd": 438, "kill": 62, "rt_sigqueueinfo": 129, "pidfd_send_signal": 424, "setsid": 112,
            "setpgid": 109,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "socket": 198, "connect": 203, "bind": 200, "listen": 201, "execve": 221, "execveat": 281, "ptrace": 117,
            "process_vm_readv": 270, "process_vm_writev": 271, "io_uring_setup": 425, "bpf": 280, "userfaultfd": 282,
            "add_key": 217, "request_key": 218, "keyctl": 219, "mount": 40, "unshare": 97, "setns": 268,
            "pidfd_getfd": 438, "kill": 129, "rt_sigqueueinfo": 138, "pidfd_send_signal": 424, "setsid": 157,
            "setpgid": 154,
        },
    ),
}  # fmt: skip


class FilterError(Exception):
    """The filter does not hold, and why."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_calls() -> None:
    """Set the filter for this thread and what it starts afterwards. Raises `FilterError` where it cannot hold."""
    if sys.platform != "linux":
        raise FilterError("only Linux has it")
    if platform.machine() not in CALLS:
        raise FilterError(f"no table for {platform.machine()}")
    architecture, calls = CALLS[platform.machine()]
    lines = [
        (LOAD, 0, 0, 4),  # the architecture of the call
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # its number
        (JUMP_IF_AT_LEAST, 0, 1, X32),
        (ANSWER, 0, 0, REFUSE),
    ]
    for number in calls.values():
        lines += [(JUMP_IF_EQUAL, 0, 1, number), (ANSWER, 0, 0, REFUSE)]
    lines.append((ANSWER, 0, 0, ALLOW))
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    program = _Program(len(lines), code)
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or library.prctl(SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0):
        raise FilterError(os.strerror(ctypes.get_errno()))
