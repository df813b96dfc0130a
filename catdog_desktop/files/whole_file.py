"""Writing a file so that a crash or a full disk leaves the old one or the new one, never half."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from catdog_desktop.files.safe_copy import rename_without_replacing


@contextlib.contextmanager
def whole_file(
    path: Path, *, replace: bool = True, mode: int = 0o644, temporary: Path | None = None
) -> Iterator[IO[bytes]]:
    """Open a file that gets the name `path`, in one step, when the block is left without an error.

    Without `replace` it must not take the place of anything: raises `FileExistsError`. Raises `OSError`; `path` is
    then as it was, and nothing half is left beside it, unless the process is killed: who must clear up after that says
    what the file is called until then (`temporary`, on the same file system).
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
        temporary.chmod(mode)  # mkstemp's own 0600 is for secrets
        if replace:
            os.replace(temporary, path)  # noqa: PTH105  By this name wherever a file takes another's place.
        else:
            rename_without_replacing(temporary, path, lambda: None)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, as UTF-8 with plain line ends. Raises `OSError`; `path` is then as it was."""
    with whole_file(path) as file:
        file.write(text.encode("utf-8"))
