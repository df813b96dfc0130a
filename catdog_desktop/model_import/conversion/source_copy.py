"""Copy of a model for the child: what is inspected is what is opened, whatever happens to the original meanwhile."""

import hashlib
import os
import stat
from pathlib import Path
from typing import IO, Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.inspection.inspect_model import MAX_FILE_BYTES
from catdog_desktop.model_import.inspection.saved_model import MAX_FILES, is_extra

_BLOCK: Final = 4 * 2**20
MAX_DEPTH: Final = 3


def copy_source(source: Path, target: Path, cancel: CancelToken) -> str:
    """Copy a model file, or the folder of a SavedModel, to `target`; return the SHA-256 of what was copied.

    For a folder, it is the SHA-256 of the names and hashes of its files. Links inside a folder are copied as links, for
    the inspection to refuse; what they point to is not read. Raises `ModelImportError` and `Cancelled`.
    """
    copying = _Copying(cancel)
    try:
        status = source.stat()
        if stat.S_ISDIR(status.st_mode):
            return copying.folder(source, target)
        if not stat.S_ISREG(status.st_mode):
            raise ModelImportError(N_("{name} is neither a file nor a folder."), name=source.name)
        return copying.file(source, target)
    except FileNotFoundError as error:
        raise ModelImportError(N_("{path} does not exist."), path=source) from error
    except OSError as error:
        reason = error.strerror or error
        sentence = N_("{name} cannot be copied for the inspection ({reason}).")
        raise ModelImportError(sentence, name=source.name, reason=reason) from error


class _Copying:
    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._bytes = 0
        self._files = 0

    def folder(self, source: Path, target: Path) -> str:
        digest = hashlib.sha256()
        self._folder(source, target, "", digest, 0)
        return digest.hexdigest()

    def _folder(self, source: Path, target: Path, below: str, digest: "hashlib._Hash", depth: int) -> None:
        if depth > MAX_DEPTH:
            sentence = N_("{name} has several levels of folders; a SavedModel has one.")
            raise ModelImportError(sentence, name=source.name)
        target.mkdir()
        for path in sorted(source.iterdir()):
            if not below and is_extra(path):
                continue
            self._files += 1
            if self._files > MAX_FILES:
                sentence = N_("{name} has more than {count} files; a SavedModel has a few.")
                raise ModelImportError(sentence, name=source.name, count=format_number(MAX_FILES))
            mode = path.lstat().st_mode
            name = f"{below}{path.name}"
            if stat.S_ISDIR(mode):
                self._folder(path, target / path.name, f"{name}/", digest, depth + 1)
            elif stat.S_ISREG(mode):
                digest.update(f"{name}\0{self.file(path, target / path.name)}\0".encode("utf-8", "surrogateescape"))
            elif stat.S_ISLNK(mode):
                (target / path.name).symlink_to(path.readlink())
            else:
                raise ModelImportError(N_("{name} is neither a file nor a folder."), name=name)

    def file(self, source: Path, target: Path) -> str:
        digest = hashlib.sha256()
        with source.open("rb") as opened, target.open("xb") as written:
            # The open file is checked: by now its name may belong to another one.
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise ModelImportError(N_("{name} is not a file."), name=source.name)
            self._copy(opened, written, digest, source.name)
        return digest.hexdigest()

    def _copy(self, opened: IO[bytes], written: IO[bytes], digest: "hashlib._Hash", name: str) -> None:
        while block := opened.read(_BLOCK):
            self._cancel.raise_if_cancelled()
            self._bytes += len(block)
            if self._bytes > MAX_FILE_BYTES:
                sentence = N_("{name} is larger than {gigabytes} GB.")
                raise ModelImportError(sentence, name=name, gigabytes=MAX_FILE_BYTES // 2**30)
            digest.update(block)
            written.write(block)
