"""Landlock (Linux 5.13 and later): restricts a process to certain files and folders, whatever its user may access.

It needs no privileges and cannot be undone. Names and numbers are those of linux/landlock.h. The C library has no
functions for it, so the system calls are made by number (the same on every architecture).
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

CREATE_RULESET: Final = 444
ADD_RULE: Final = 445
RESTRICT_SELF: Final = 446
ASK_VERSION: Final = 1
BENEATH_PATH: Final = 1
SET_NO_NEW_PRIVILEGES: Final = 38

READ_FILE: Final = 1 << 2
READ_FOLDER: Final = 1 << 3
WRITE_FILE: Final = 1 << 1
TRUNCATE: Final = 1 << 14
MAKE: Final = 1 << 7 | 1 << 8
REMOVE: Final = 1 << 4 | 1 << 5
RENAME: Final = 1 << 13
"""Move from one folder to another, which TensorFlow does when it saves. Version 1 always forbids it."""
RIGHTS_OF: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""File access that each version of Landlock can restrict; later versions restrict the same as the last one here."""
NETWORK: Final = 0b11
"""Bind and connect of TCP, since version 4."""
SCOPES: Final = 0b11
"""Abstract Unix sockets of other processes, and signals to them, since version 6."""
ON_FILES: Final = READ_FILE | WRITE_FILE | TRUNCATE


class LandlockError(Exception):
    """The restriction cannot be set; the message says why."""


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> int:
    """Forbid all files but those in or below the paths given; return Landlock's version. Missing paths are ignored.

    Applies to the calling thread and what it starts afterwards, so it is called while there is one thread only. Raises
    `LandlockError` where it cannot be set.
    """
    if sys.platform != "linux":
        raise LandlockError("only Linux has Landlock")
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ASK_VERSION))
    if version < 1:
        raise LandlockError(f"the kernel does not have it ({os.strerror(ctypes.get_errno())})")
    handled = RIGHTS_OF.get(version, RIGHTS_OF[max(RIGHTS_OF)])
    values = [handled, NETWORK if version >= 4 else None, SCOPES if version >= 6 else None]
    attributes = b"".join(struct.pack("=Q", value) for value in values if value is not None)
    rules = library.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if rules < 0:
        raise LandlockError(f"no rules can be made ({os.strerror(ctypes.get_errno())})")
    try:
        for path in readable:
            _allow(library, rules, path, handled & (READ_FILE | READ_FOLDER))
        for path in writable:
            _allow(library, rules, path, handled & (ON_FILES | READ_FOLDER | MAKE | REMOVE | RENAME))
        no_new_privileges = library.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if no_new_privileges or library.syscall(RESTRICT_SELF, rules, ctypes.c_uint32(0)):
            raise LandlockError(f"the rules cannot be set ({os.strerror(ctypes.get_errno())})")
    finally:
        os.close(rules)
    return int(version)


def _allow(library: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = rights if path.is_dir() else rights & ON_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        if library.syscall(ADD_RULE, rules, BENEATH_PATH, rule, ctypes.c_uint32(0)):
            raise LandlockError(f"no rule for {path} can be made ({os.strerror(ctypes.get_errno())})")
    finally:
        os.close(descriptor)
