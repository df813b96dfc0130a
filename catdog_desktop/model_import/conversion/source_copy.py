"""A copy of the model that the child gets: what is inspected is what is opened, whatever becomes of the original."""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from catdog_desktop.model_import.errors import ImportCancelledError, ModelImportError
from catdog_desktop.model_import.inspection.inspect_model import MAX_FILE_BYTES
from catdog_desktop.model_import.inspection.saved_model import MAX_FILES

_BLOCK: Final = 4 * 2**20
MAX_DEPTH: Final = 3


def copy_source(source: Path, target: Path, is_cancelled: Callable[[], bool]) -> str:
    """Copy a model file, or the folder of a SavedModel, to `target`; return the sha256 of what was copied.

    Of a folder it is that of the names and sums of its files. Links inside a folder are copied as links, for the
    inspection to name; nothing behind them is read. Raises `ModelImportError`.
    """
    copying = _Copying(is_cancelled)
    try:
        status = source.stat()
        if stat.S_ISDIR(status.st_mode):
            return copying.folder(source, target)
        if not stat.S_ISREG(status.st_mode):
            raise ModelImportError(f"{source.name} is neither a file nor a folder.")
        return copying.file(source, target)
    except FileNotFoundError as error:
        raise ModelImportError(f"{source} does not exist.") from error
    except OSError as error:
        raise ModelImportError(
            f"{source.name} cannot be copied to be looked at ({error.strerror or error})."
        ) from error


class _Copying:
    def __init__(self, is_cancelled: Callable[[], bool]) -> None:
        self._is_cancelled = is_cancelled
        self._bytes = 0
        self._files = 0

    def folder(self, source: Path, target: Path) -> str:
        digest = hashlib.sha256()
        self._folder(source, target, "", digest, 0)
        return digest.hexdigest()

    def _folder(self, source: Path, target: Path, below: str, digest: "hashlib._Hash", depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ModelImportError(f"{source.name} holds folders in folders; a SavedModel has none.")
        target.mkdir()
        for path in sorted(source.iterdir()):
            self._files += 1
            if self._files > MAX_FILES:
                raise ModelImportError(f"{source.name} holds more than {MAX_FILES:,} files; a SavedModel has a few.")
            mode = path.lstat().st_mode
            name = f"{below}{path.name}"
            if stat.S_ISDIR(mode):
                self._folder(path, target / path.name, f"{name}/", digest, depth + 1)
            elif stat.S_ISREG(mode):
                digest.update(f"{name}\0{self.file(path, target / path.name)}\0".encode("utf-8", "surrogateescape"))
            elif stat.S_ISLNK(mode):
                (target / path.name).symlink_to(path.readlink())
            else:
                raise ModelImportError(f"{name} is neither a file nor a folder.")

    def file(self, source: Path, target: Path) -> str:
        digest = hashlib.sha256()
        with source.open("rb") as opened, target.open("xb") as written:
            # Asked of what was opened: by its name it could be another by now.
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise ModelImportError(f"{source.name} is not a file.")
            self._copy(opened, written, digest, source.name)
        return digest.hexdigest()

    def _copy(self, opened: IO[bytes], written: IO[bytes], digest: "hashlib._Hash", name: str) -> None:
        while block := opened.read(_BLOCK):
            if self._is_cancelled():
                raise ImportCancelledError
            self._bytes += len(block)
            if self._bytes > MAX_FILE_BYTES:
                raise ModelImportError(f"{name} is larger than {MAX_FILE_BYTES // 2**30} GB.")
            digest.update(block)
            written.write(block)
