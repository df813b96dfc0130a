"""Whether a program goes online: a record of its system calls, and a place without any network."""

import re
import subprocess
from functools import cache
from pathlib import Path

from frozen import program

INTERNET = re.compile(r"AF_INET6?\b|AF_PACKET|sin6?_addr|inet_addr")


def traced(log: Path) -> tuple[str, ...]:
    """Return what to put before a command, for its calls for the network to be written to `log`."""
    return (program("strace"), "-f", "-e", "trace=network", "-e", "signal=none", "-o", str(log))


def attempts(log: Path) -> list[str]:
    """Return the calls in `log` that are for an Internet address."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    assert any("+++ exited" in line for line in lines), "strace followed nothing"
    return [line for line in lines if INTERNET.search(line)]


@cache
def without_network() -> tuple[str, ...]:
    """Return what to put before a command, for it to have no network; nothing where the system lets nobody do that."""
    unshare = (program("unshare"), "--net", "--map-root-user")
    return () if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode else unshare
