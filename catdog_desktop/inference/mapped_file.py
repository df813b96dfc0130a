"""A file that is mapped into memory where it is needed, instead of a copy of its content in the process."""

import ctypes
import hashlib
import mmap
import os
import sys
import weakref
from pathlib import Path
from typing import Any, Final

_STANDARD_ERROR: Final = 2
_OPEN_FILES: Final = Path("/proc/self/fd")
_MAPPINGS: Final = Path("/proc/self/maps")


class MappedFile:
    """A file that stays open, so that an update that puts another one in its place does not change what is read.

    Linux only: see `is_supported`. It must not be cut short while it is open, as for every file that is mapped: use it
    for files that are installed with the app, whose libraries are mapped too.
    """

    def __init__(self, path: Path) -> None:
        """Open the file at `path`. Raises `OSError`."""
        self._number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if self._number <= _STANDARD_ERROR:
            # The process was started without it. The number stays free for messages, which would go into this file.
            import fcntl  # Not on Windows.

            first, self._number = self._number, fcntl.fcntl(self._number, fcntl.F_DUPFD_CLOEXEC, _STANDARD_ERROR + 1)
            os.close(first)
        weakref.finalize(self, os.close, self._number)

    @staticmethod
    def is_supported() -> bool:
        """Whether this system has what the class needs."""
        return sys.platform == "linux" and _OPEN_FILES.is_dir()

    @property
    def path(self) -> str:
        """A path that leads to the open file, wherever it was moved."""
        return str(_OPEN_FILES / str(self._number))

    @property
    def size(self) -> int:
        """The number of bytes."""
        return os.fstat(self._number).st_size

    @property
    def sha256(self) -> str:
        """The hash of the content, in hexadecimal digits."""
        with mmap.mmap(self._number, 0, access=mmap.ACCESS_READ) as content:
            return hashlib.sha256(content).hexdigest()

    def read(self, most: int | None = None) -> bytes:
        """Return the first `most` bytes (default: all)."""
        if not self.size:
            return b""  # An empty file cannot be mapped.
        with mmap.mmap(self._number, 0, access=mmap.ACCESS_READ) as content:
            return content[:most]

    def release(self) -> None:
        """Take the pages that were read out of the memory of the process; they are read again when they are used.

        They stay in the system's cache of files. Best effort.
        """
        inode = str(os.fstat(self._number).st_ino)
        try:
            lines = _MAPPINGS.read_text(encoding="utf-8", errors="replace").splitlines()
            advise = ctypes.CDLL(None).madvise
        except (OSError, AttributeError):
            return
        advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for line in lines:
            # proc_pid_maps(5). A shared mapping of a file loses nothing, whichever file it is.
            span, mode, _offset, _device, number = line.split(maxsplit=5)[:5]
            if number == inode and mode.endswith("s"):
                start, end = (int(part, 16) for part in span.split("-"))
                advise(start, end - start, mmap.MADV_DONTNEED)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the content: another process, or another machine, does not have the file."""
        return bytes, (self.read(),)
