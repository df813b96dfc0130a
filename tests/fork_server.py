"""Tasks in processes that are killed. A server forks for each, since Python takes longer to start than most tasks."""

import json
import os
import signal
import subprocess
import sys

_SERVE = """
import json, os, sys, traceback
for order in sys.stdin:
    child = os.fork()
    if not child:
        status = 1
        try:
            run(*json.loads(order))
            status = 0
        except BaseException:
            traceback.print_exc()
        os._exit(status)
    os.write(1, b"child %d\\n" % child)
    end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    killed = end.si_code in (os.CLD_KILLED, os.CLD_DUMPED)
    os.write(1, b"end %d\\n" % (-end.si_status if killed else end.si_status))
    sys.stdin.read(1)  # its number is its own as long as the client may kill it
    os.waitpid(child, 0)
"""


class ForkServer:
    """Runs one task after the other, each in a process of its own."""

    def __init__(self, program: str) -> None:
        """`program` is code that defines `run`. It imports what `run` needs, and starts no thread.

        `run` writes whole lines to descriptor 1. The environment is that of the moment.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-c", program + _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._child = 0

    def start(self, *arguments: object) -> None:
        """Call `run` in a new process, with values that JSON can hold."""
        self._send(json.dumps(arguments).encode() + b"\n")
        self._child = 0
        self._early: list[str] = []
        while not self._child:  # the first lines of the task may be before that of the server
            line = self._read()
            if line.startswith("child "):
                self._child = int(line.split()[1])
            else:
                self._early.append(line)

    def readline(self) -> str:
        """Return the next line of the task."""
        return self._early.pop(0) if self._early else self._read()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Kill the process of the task, or send it another signal."""
        os.kill(self._child, number)

    def rest(self) -> tuple[list[str], int]:
        """Wait for the end of the task; return its other lines, and its exit status (negative: the signal)."""
        lines = []
        while not (line := self.readline()).startswith("end "):
            lines.append(line)
        self._send(b"\n")
        return lines, int(line.split()[1])

    def close(self) -> None:
        """End the server."""
        self._process.communicate()

    def _send(self, order: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(order)
        self._process.stdin.flush()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode().rstrip("\n")
        assert line, "the server has ended"
        return line
