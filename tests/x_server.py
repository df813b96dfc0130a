"""An X server for tests that need a real screen."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def x_server(program: str = "Xvfb", screen: str = "1366x768x24") -> Iterator[str]:
    """Start an X server without a window manager; yield its DISPLAY, such as ":99"."""
    server = subprocess.Popen(
        [program, "-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
    finally:
        server.terminate()
        server.wait(timeout=60)
