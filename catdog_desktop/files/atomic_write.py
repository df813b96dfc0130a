"""Atomic file writes: after a crash or on a full disk, the old file or the new one is there, never a part."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from catdog_desktop.files.safe_copy import rename_without_replacing


@contextlib.contextmanager
def atomic_write(
    path: Path, *, replace: bool = True, mode: int = 0o644, temporary: Path | None = None
) -> Iterator[IO[bytes]]:
    """Open a temporary file that is renamed to `path` when the block ends without an error.

    With `replace` unset, raises `FileExistsError` if `path` exists. Raises `OSError`; `path` is then unchanged and
    the temporary file is removed. Only a killed process leaves it behind. Callers that clean up after a kill choose
    its name with `temporary`, which must be on the same file system. `mode` sets the permissions of `path`.
    """
    if temporary is None:
        handle, name = tempfile.mkstemp(prefix=".catdog-", suffix=".part", dir=path.parent)
        temporary = Path(name)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(temporary, flags, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)  # mkstemp creates files with 0600.
        if replace:
            os.replace(temporary, path)  # noqa: PTH105  os.replace is the searchable name for this step.
        else:
            rename_without_replacing(temporary, path, lambda: None)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def write_text_atomically(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8 with Unix line ends. Raises `OSError`; `path` is then unchanged."""
    with atomic_write(path) as file:
        file.write(text.encode("utf-8"))


def reason_of(error: OSError) -> str:
    """Return the reason and the file for use in parentheses: `No space left on device: /home/ada/x.jsonl`."""
    return f"{error.strerror or error}: {error.filename or 'no name'}"
