"""Detect network access: a record of system calls, and a namespace without a network."""

import re
import subprocess
from functools import cache
from pathlib import Path

from frozen import program

INTERNET = re.compile(r"AF_INET6?\b|AF_PACKET|sin6?_addr|inet_addr")


def traced(log: Path) -> tuple[str, ...]:
    """Return a command prefix that writes the network calls of the command to `log`."""
    return (program("strace"), "-f", "-e", "trace=network", "-e", "signal=none", "-o", str(log))


def attempts(log: Path) -> list[str]:
    """Return the calls in `log` that use an Internet address."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    assert any("+++ exited" in line for line in lines), "strace followed nothing"
    return [line for line in lines if INTERNET.search(line)]


@cache
def without_network() -> tuple[str, ...]:
    """Return a command prefix that takes the network away; empty where the system does not allow that."""
    unshare = (program("unshare"), "--net", "--map-root-user")
    return () if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode else unshare
