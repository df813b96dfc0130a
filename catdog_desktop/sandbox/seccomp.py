"""seccomp filter (Linux): the system calls that a sandboxed child may make, as an allow-list.

Allowed is what Python, numpy, Pillow's decoders, LiteRT and TensorFlow need to compute and to use files. Everything
else fails with EPERM: whole families such as sockets, other programs and processes, signals to others, shared memory
with names (System V and POSIX), namespaces, mounts, ptrace, bpf, io_uring and keys. File calls that Landlock does not
restrict (chmod, chown, utime, extended attributes) are not allowed either.

Numbers: Linux 6.1, `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (aarch64).
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator
from typing import Final

# linux/prctl.h, linux/seccomp.h, linux/bpf_common.h
SET_NO_NEW_PRIVILEGES: Final = 38
SET_MODE_FILTER: Final = 1
ALL_THREADS: Final = 1
"""SECCOMP_FILTER_FLAG_TSYNC: the filter applies to every thread of the process, or to none."""
LOAD: Final = 0x20
JUMP_IF_EQUAL: Final = 0x15
JUMP_IF_AT_LEAST: Final = 0x35
AND: Final = 0x54
RETURN: Final = 0x06
ALLOW: Final = 0x7FFF0000
KILL_PROCESS: Final = 0x80000000
FAIL: Final = 0x00050000
REFUSE: Final = FAIL | errno.EPERM
UNKNOWN: Final = FAIL | errno.ENOSYS
"""For calls that the C library replaces by an older one when the kernel does not have them."""
X32: Final = 0x40000000
"""Bit of the x32 ABI's system calls, a second numbering on x86-64."""
LAST_KNOWN: Final = 451
"""The first number that Linux 6.1 does not use. Later calls answer ENOSYS, as on that kernel."""

# Offsets in `struct seccomp_data`, little-endian: lower and upper half of the arguments.
_NUMBER: Final = 0
_ARCHITECTURE: Final = 4
_FIRST_ARGUMENT: Final = 16
_SECOND_ARGUMENT: Final = 24

ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_* by `platform.machine()`."""

ALLOWED: Final[dict[str, tuple[int | None, int | None]]] = {
    # The most frequent ones first: the kernel compares one after the other.
    "futex": (202, 98), "read": (0, 63), "write": (1, 64), "mmap": (9, 222), "munmap": (11, 215), "madvise": (28, 233),
    "close": (3, 57), "openat": (257, 56), "fstat": (5, 80), "newfstatat": (262, 79), "lseek": (8, 62),
    # Files: Landlock decides which.
    "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "pwrite64": (18, 68), "preadv": (295, 69),
    "pwritev": (296, 70), "preadv2": (327, 286), "pwritev2": (328, 287), "close_range": (436, 436), "dup": (32, 23),
    "dup2": (33, None), "dup3": (292, 24), "fcntl": (72, 25), "pipe": (22, None), "pipe2": (293, 59),
    "open": (2, None), "openat2": (437, 437), "stat": (4, None), "lstat": (6, None), "statx": (332, 291),
    "statfs": (137, 43), "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getdents": (78, None), "getdents64": (217, 61),
    "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50), "mkdir": (83, None), "mkdirat": (258, 34),
    "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "ftruncate": (77, 46), "fallocate": (285, 47), "fsync": (74, 82), "fdatasync": (75, 83),
    "flock": (73, 32), "fadvise64": (221, 223), "copy_file_range": (326, 285), "sendfile": (40, 71),
    "umask": (95, 166),
    # Memory.
    "mprotect": (10, 226), "mremap": (25, 216), "brk": (12, 214), "mincore": (27, 232), "msync": (26, 227),
    "mlock": (149, 228), "munlock": (150, 229), "mbind": (237, 235), "get_mempolicy": (239, 236),
    # Threads. `clone` is among `_conditions`.
    "futex_waitv": (449, 449), "set_robust_list": (273, 99), "get_robust_list": (274, 100), "rseq": (334, 293),
    "set_tid_address": (218, 96), "membarrier": (324, 283), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126), "getcpu": (309, 168), "exit": (60, 93), "exit_group": (231, 94),
    "restart_syscall": (219, 128),
    # Own signals, waiting, clocks.
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigtimedwait": (128, 137),
    "rt_sigpending": (127, 136), "rt_sigsuspend": (130, 133), "sigaltstack": (131, 132), "pause": (34, None),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "epoll_create": (213, None),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441), "eventfd": (284, None), "eventfd2": (290, 19), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101), "gettimeofday": (96, 169),
    "time": (201, None), "times": (100, 153), "alarm": (37, None), "setitimer": (38, 103), "getitimer": (36, 102),
    "timer_create": (222, 107), "timer_settime": (223, 110), "timer_gettime": (224, 108),
    "timer_getoverrun": (225, 109), "timer_delete": (226, 111),
    # Questions about this process and this computer.
    "getpid": (39, 172), "getppid": (110, 173), "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "getpgid": (121, 155), "getpgrp": (111, None), "getsid": (124, 156),
    "getpriority": (140, 141), "getrlimit": (97, 163), "getrusage": (98, 165), "uname": (63, 160),
    "sysinfo": (99, 179), "getrandom": (318, 278), "capget": (125, 90), "arch_prctl": (158, None),
    "wait4": (61, 260), "waitid": (247, 95),
}  # fmt: skip
"""Name: number on x86-64 and on aarch64; None where the architecture does not have the call."""
CLONE: Final = (56, 220)
CLONE3: Final = (435, 435)
TGKILL: Final = (234, 131)
PRLIMIT64: Final = (302, 261)
IOCTL: Final = (16, 29)
PRCTL: Final = (157, 167)
SECCOMP: Final = (317, 277)

THREAD: Final = 0x00010000
NAMESPACES: Final = 0x7E020000
"""CLONE_THREAD; all CLONE_NEW* flags of `clone`. CLONE_NEWTIME (0x80) is for `unshare` and `clone3` only."""
TERMINAL_QUESTIONS: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""ioctl: TCGETS (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
NAMING: Final = (15, 16, 0x53564D41)
"""prctl: PR_SET_NAME, PR_GET_NAME, PR_SET_VMA (names for memory, which the C library gives)."""

_Line = tuple[int, int, int, int]
"""One instruction of the filter: code, jump if true, jump if false, operand."""


class SeccompError(Exception):
    """The filter cannot be set; the message says why."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def allow_only_harmless_calls() -> None:
    """Set the filter for all threads of this process and for what they start. It cannot be removed.

    Raises `SeccompError` where it cannot be set.
    """
    if sys.platform != "linux":
        raise SeccompError("only Linux has seccomp")
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise SeccompError(f"there is no list of system calls for {machine}")
    lines = list(filter_lines(machine, os.getpid()))
    program = _Program(len(lines), b"".join(struct.pack("=HBBI", *line) for line in lines))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise SeccompError(os.strerror(ctypes.get_errno()))
    number = _number(SECCOMP, machine)
    result = library.syscall(number, SET_MODE_FILTER, ctypes.c_ulong(ALL_THREADS), ctypes.byref(program))
    if result > 0:
        raise SeccompError(f"thread {result} cannot be confined")
    if result:
        raise SeccompError(os.strerror(ctypes.get_errno()))


def filter_lines(machine: str, process: int) -> Iterator[_Line]:
    """Yield the filter for `machine`, a key of `ARCHITECTURES`; `process` is the process id of the child."""
    yield LOAD, 0, 0, _ARCHITECTURE
    yield JUMP_IF_EQUAL, 1, 0, ARCHITECTURES[machine]
    yield RETURN, 0, 0, KILL_PROCESS
    yield LOAD, 0, 0, _NUMBER
    yield JUMP_IF_AT_LEAST, 0, 1, X32
    yield RETURN, 0, 0, REFUSE
    for numbers in ALLOWED.values():
        number = _number(numbers, machine)
        if number is not None:
            yield JUMP_IF_EQUAL, 0, 1, number
            yield RETURN, 0, 0, ALLOW
    for numbers, lines in _conditions(process):
        # Each block ends with a RETURN, so it can overwrite the number that was loaded.
        yield JUMP_IF_EQUAL, 0, len(lines), _number(numbers, machine) or 0
        yield from lines
    yield JUMP_IF_EQUAL, 1, 0, _number(CLONE3, machine) or 0
    yield JUMP_IF_AT_LEAST, 0, 1, LAST_KNOWN
    yield RETURN, 0, 0, UNKNOWN
    yield RETURN, 0, 0, REFUSE


def _conditions(process: int) -> Iterator[tuple[tuple[int, int], list[_Line]]]:
    """Yield the calls that are allowed for certain arguments only, and the lines that decide."""
    # Threads, but no processes and no namespaces. `clone3` has its flags in memory, where a filter cannot look, so it
    # answers ENOSYS, and the C library uses `clone`.
    yield CLONE, [(LOAD, 0, 0, _FIRST_ARGUMENT), (AND, 0, 0, THREAD | NAMESPACES), *_one_of(THREAD)]
    # Signals to threads of this process: `abort` and `raise` use it.
    yield TGKILL, [(LOAD, 0, 0, _FIRST_ARGUMENT), *_one_of(process)]
    # Limits of this process (0 is the caller); the kernel reads a process id from the lower half.
    yield PRLIMIT64, [(LOAD, 0, 0, _FIRST_ARGUMENT), *_one_of(0, process)]
    yield IOCTL, [(LOAD, 0, 0, _SECOND_ARGUMENT), *_one_of(*TERMINAL_QUESTIONS)]
    yield PRCTL, [(LOAD, 0, 0, _FIRST_ARGUMENT), *_one_of(*NAMING)]


def _one_of(*values: int) -> Iterator[_Line]:
    for value in values:
        yield JUMP_IF_EQUAL, 0, 1, value
        yield RETURN, 0, 0, ALLOW
    yield RETURN, 0, 0, REFUSE


def _number(numbers: tuple[int | None, int | None], machine: str) -> int | None:
    return numbers[tuple(ARCHITECTURES).index(machine)]
