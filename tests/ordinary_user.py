"""Run a command as an ordinary user while the tests run as root.

Python and the project may lie in folders that are closed to others, such as root's home. In a mount namespace of the
command's own, such a folder is replaced by one that holds nothing but what the command needs from it.
"""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NOBODY = 65534


def command_for_ordinary_user(command: Sequence[str], needed: Sequence[Path], folder: Path) -> list[str]:
    """Return a command that runs `command` as nobody; it can read `needed`. `folder` is for mount points.

    Raises `RuntimeError`, with the reason, where that is impossible.
    """
    if os.geteuid() != 0:
        return list(command)  # this is an ordinary user already
    for tool in ("unshare", "setpriv", "mount"):
        if shutil.which(tool) is None:
            raise RuntimeError(f"{tool} is not installed")
    lines = ["set -e"]
    closed: dict[Path, list[Path]] = {}
    for path in {Path(os.path.realpath(path)) for path in needed}:
        for parent in reversed(path.parents):
            if not parent.stat().st_mode & stat.S_IXOTH:
                closed.setdefault(parent, []).append(path)
                break
    for number, (parent, paths) in enumerate(sorted(closed.items())):
        kept = folder / f"kept{number}"
        lines.append(f"mkdir -p '{kept}' && mount --rbind '{parent}' '{kept}'")
        lines.append(f"mount -t tmpfs -o mode=755 none '{parent}'")
        lines += [f"mkdir -p '{path}' && mount --bind '{kept / path.relative_to(parent)}' '{path}'" for path in paths]
    lines.append(f'exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs -- "$@"')
    whole = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines), "sh"]
    tried = subprocess.run([*whole, sys.executable, "-c", "import numpy"], capture_output=True, text=True, check=False)
    if tried.returncode:
        raise RuntimeError(f"it cannot be arranged here: {tried.stderr.strip()[-200:]}")
    return [*whole, *command]


def folders_of_python() -> list[Path]:
    """Return where this Python and its packages lie."""
    return [Path(sys.prefix), Path(sys.base_prefix)]
