"""Writing a file so that a crash or a full disk leaves the old one or the new one, never half."""

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, as UTF-8 with plain line ends. Raises `OSError`; `path` is then as it was."""
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp's own 0600 is for secrets
        os.replace(temporary, path)  # noqa: PTH105  By this name wherever a file takes another's place.
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
