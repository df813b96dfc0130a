"""Give a running child the content of one file at a time; it can open no file outside its work folder.

On Linux the content goes to anonymous memory that the child has inherited. Large files, and all files on other systems,
are copied into the child's work folder.
"""

import contextlib
import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

MAX_BYTES_IN_MEMORY: Final = 64 * 2**20
KEPT_BYTES: Final = 8 * 2**20
"""Of anonymous memory that is kept for the next file: more than most photos and previews have."""
FILE_NAME: Final = "shared"
_BLOCK: Final = 2**20


class SharedFile:
    """The app's side."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the child's work folder."""
        self._path = folder / FILE_NAME
        self.descriptor: int | None = None
        """Descriptor that the child must inherit, under the same number; None on systems other than Linux."""
        if sys.platform == "linux":
            self.descriptor = os.memfd_create("catdog-photo")

    def fill(self, file: IO[bytes], part: tuple[int, int] | None = None) -> dict[str, Any]:
        """Copy a file for the child, or the `part` of it with this offset and length.

        Returns what must be in the request for it. Raises `OSError`.
        """
        start, size = part or (0, os.fstat(file.fileno()).st_size)
        if self.descriptor is None or size > MAX_BYTES_IN_MEMORY:
            with self._path.open("wb") as copy:
                _copy(file, start, size, copy)
            return {"shared": None}
        # What is left of the photo before is overwritten, which is faster than to take new memory.
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        if not isinstance(getattr(file, "raw", None), io.FileIO):
            # A file on a network drive limits the time of each read. sendfile() would bypass the limit.
            with os.fdopen(os.dup(self.descriptor), "wb") as copy:
                _copy(file, start, size, copy)
                copy.truncate()
            return {"shared": self.descriptor}
        done = 0
        while count := os.sendfile(self.descriptor, file.fileno(), start + done, size - done):
            done += count
        os.ftruncate(self.descriptor, done)
        return {"shared": self.descriptor}

    def empty(self) -> None:
        """Free the memory of a photo that the child no longer needs, but for what is kept for the next one."""
        with contextlib.suppress(OSError):
            if self.descriptor is not None and os.fstat(self.descriptor).st_size > KEPT_BYTES:
                os.ftruncate(self.descriptor, KEPT_BYTES)
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close it, once the child has ended."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _copy(file: IO[bytes], start: int, size: int, copy: IO[bytes]) -> None:
    file.seek(start)
    while size > 0 and (block := file.read(min(size, _BLOCK))):
        size -= copy.write(block)


def open_shared_file(request: Mapping[str, Any]) -> io.BufferedReader:
    """Open the file of a request in the child, at its beginning."""
    descriptor = request["shared"]
    if descriptor is None:
        return Path(FILE_NAME).open("rb")
    file = os.fdopen(os.dup(descriptor), "rb")
    file.seek(0)  # the position is shared with the app, which has written
    return file
