"""macOS: a sandbox profile for the calling process, as browsers set it for theirs.

`sandbox_init` is declared deprecated by Apple, without a replacement for programs that are not from its store.
"""

import ctypes
import errno
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SYSTEM_READABLE: Final = (
    "/usr/lib", "/usr/share", "/System", "/Library/Apple", "/private/var/db/dyld", "/private/var/db/timezone",
    "/private/etc/localtime", "/dev/random", "/dev/urandom", "/dev/null", "/dev/zero",
)  # fmt: skip
_ALWAYS: Final = """\
(version 1)
(deny default)
(allow process-info* (target self))
(allow signal (target self))
(allow sysctl-read)
(allow mach-lookup (global-name "com.apple.system.notification_center"))
(allow file-read-metadata)
(allow file-read* (literal "/"))
(allow file-write* (literal "/dev/null"))
"""


def profile(work: Path, readable: Sequence[Path]) -> str:
    """Return the profile: `work` may be written, `readable` and the system's libraries read, nothing else opened.

    No network, no other programs and no new processes, since all that is not allowed is denied.
    """
    lines = [f"(allow file-read* file-write* (subpath {_quoted(work)}))"]
    lines += [f"(allow file-read* file-map-executable (subpath {_quoted(path)}))" for path in readable]
    lines += [f"(allow file-read* file-map-executable (subpath {_quoted(Path(path))}))" for path in SYSTEM_READABLE]
    return _ALWAYS + "\n".join(lines) + "\n"


def apply_profile(work: Path, readable: Sequence[Path]) -> None:
    """Apply the profile to this process, for good. Raises `OSError`."""
    if platform.system() != "Darwin":
        raise OSError(errno.ENOSYS, "only macOS has sandbox profiles")
    library = ctypes.CDLL("/usr/lib/libsandbox.1.dylib")
    message = ctypes.c_char_p()
    if library.sandbox_init(profile(work, readable).encode(), ctypes.c_uint64(0), ctypes.byref(message)):
        reason = (message.value or b"").decode("utf-8", "replace")
        raise OSError(errno.EPERM, f"the sandbox profile was not accepted ({reason})")


def _quoted(path: Path) -> str:
    # A string of the profile language is written as in JSON: quotation marks and backslashes are escaped.
    return json.dumps(str(path), ensure_ascii=False)
