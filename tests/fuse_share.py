"""A real network share for tests, as root on Linux: a FUSE file system that shows a folder and can stop answering.

It speaks the kernel's protocol (<linux/fuse.h>, version 7.31) as far as reading needs it, so that no library is needed.
"""

import ctypes
import errno
import os
import struct
import threading
from pathlib import Path
from typing import Any

_LOOKUP, _FORGET, _GETATTR, _OPEN, _READ, _STATFS = 1, 2, 3, 14, 15, 17
_RELEASE, _FLUSH, _INIT, _OPENDIR, _READDIR, _RELEASEDIR = 18, 25, 26, 27, 28, 29
_ACCESS, _INTERRUPT, _BATCH_FORGET = 34, 36, 42
_HEADER = struct.Struct("<IIQQIIII")
_ATTRIBUTES = struct.Struct("<QQQQQQIIIIIIIIII")
_DETACH, _FORCE = 2, 1
_ROOT = 1
_libc = ctypes.CDLL(None, use_errno=True)


class FuseShare:
    """`source` is seen at `folder`, read-only and without caches, as a share of sshfs."""

    def __init__(self, source: Path, folder: Path) -> None:
        """Mount it. Raises `OSError`."""
        self._paths = {_ROOT: source}
        self._numbers = {source: _ROOT}
        self.folder = folder
        self._answers = threading.Event()
        self._answers.set()
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0".encode()
        if _libc.mount(b"nas:/photos", os.fsencode(folder), b"fuse.sshfs", 0, options) != 0:
            number = ctypes.get_errno()
            os.close(self._device)
            raise OSError(number, os.strerror(number))
        self._thread = threading.Thread(target=self._serve, name="fuse", daemon=True)
        self._thread.start()

    def block(self) -> None:
        """Answer nothing from now on."""
        self._answers.clear()

    def unblock(self) -> None:
        """Answer again, also what was asked meanwhile."""
        self._answers.set()

    def close(self) -> None:
        """Unmount it. Calls that wait for an answer fail."""
        _libc.umount2(os.fsencode(self.folder), _DETACH | _FORCE)
        self._answers.set()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                request = os.read(self._device, 2**18)
            except OSError as error:
                if error.errno == errno.EINTR:
                    continue
                break  # ENODEV: it was unmounted
            length, operation, unique, node, *_rest = _HEADER.unpack_from(request)
            if operation in (_FORGET, _BATCH_FORGET, _INTERRUPT):
                continue
            self._answers.wait()
            problem, content = 0, b""
            try:
                content = self._answer(operation, node, request[_HEADER.size : length])
            except OSError as error:
                problem = error.errno or errno.EIO
            answer = struct.pack("<IiQ", 16 + len(content), -problem, unique) + content
            try:
                os.write(self._device, answer)
            except OSError:  # The caller no longer waits, or it was unmounted.
                continue
        os.close(self._device)

    def _answer(self, operation: int, node: int, body: bytes) -> bytes:
        path = self._paths.get(node, Path("/nowhere"))
        if operation == _INIT:
            return struct.pack("<IIIIHHII", 7, 31, 2**17, 0, 12, 9, 2**17, 1).ljust(64, b"\0")
        if operation == _LOOKUP:
            return self._entry(path / os.fsdecode(body.rstrip(b"\0")))
        if operation == _GETATTR:
            return struct.pack("<QII", 0, 0, 0) + self._attributes(path)
        if operation in (_OPEN, _OPENDIR):
            direct_io = 1
            return struct.pack("<QII", 0, direct_io if operation == _OPEN else 0, 0)
        if operation in (_READ, _READDIR):
            _handle, offset, size = struct.unpack_from("<QQI", body)
            return self._read(path, offset, size) if operation == _READ else self._list(path, offset, size)
        if operation == _STATFS:
            return bytes(80)
        if operation in (_RELEASE, _RELEASEDIR, _FLUSH, _ACCESS):
            return b""
        raise OSError(errno.ENOSYS, "not needed")

    def _entry(self, path: Path) -> bytes:
        attributes = self._attributes(path)
        return struct.pack("<QQQQII", self._number(path), 0, 0, 0, 0, 0) + attributes

    def _number(self, path: Path) -> int:
        if path not in self._numbers:
            self._numbers[path] = len(self._numbers) + _ROOT
            self._paths[self._numbers[path]] = path
        return self._numbers[path]

    def _attributes(self, path: Path) -> bytes:
        found: Any = path.lstat()
        seconds = [int(value) for value in (found.st_atime, found.st_mtime, found.st_ctime)]
        rest = [value % 10**9 for value in (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)]
        return _ATTRIBUTES.pack(
            self._number(path),
            found.st_size,
            found.st_blocks,
            *seconds,
            *rest,
            found.st_mode,
            found.st_nlink,
            0,
            0,
            0,
            4096,
            0,
        )

    @staticmethod
    def _read(path: Path, offset: int, size: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def _list(self, path: Path, offset: int, size: int) -> bytes:
        listed = b""
        for number, name in enumerate(sorted(os.listdir(path))[offset:], offset + 1):
            encoded = os.fsencode(name)
            entry = struct.pack("<QQII", self._number(path / name), number, len(encoded), 0) + encoded
            entry += bytes(-len(entry) % 8)
            if len(listed) + len(entry) > size:
                break
            listed += entry
        return listed
