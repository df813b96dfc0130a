"""Runs commands of `catdog` in processes, with an exception in one function if wanted. For the trials of commands."""

import json
import threading
from pathlib import Path

from fault_trial import HANG_SECONDS, Place, read_places
from fork_server import ForkServer

_HERE = Path(__file__).parent
PROGRAM = f"""
import sys
sys.path[:0] = [{str(_HERE)!r}, {str(_HERE.parents[1])!r}]
from faulty_command import run
"""
UNCAUGHT = 70
"""Exit status after an exception at the edge of the command line, which catches all others."""
UNEXPECTED = "catdog ended by an unexpected error"
FAULT = "FAULT\n"
"""Is in the output once the function has failed."""
Fault = tuple[str, str, int, int]
"""File, qualified name and line of a function, and the number of the call that fails."""


def has_crashed(status: int, output: str) -> bool:
    """Whether a command has ended with an unexpected exception."""
    return status == UNCAUGHT or UNEXPECTED in output


def fault_in(place: Place, call: int) -> Fault:
    return place.file, place.name, place.line, call


class CommandServer:
    """Runs one command after the other. A command that hangs is killed."""

    def __init__(self, program: str = PROGRAM) -> None:
        self._server = ForkServer(program)

    def close(self) -> None:
        self._server.close()

    def run(
        self, command: tuple[str, ...], home: Path, fault: Fault | None = None, seen: Path | str = ""
    ) -> tuple[int, str]:
        """Return the exit status, negative after a signal, and all output. The app's data is in `home`."""
        self._server.start(command, str(home), json.dumps(fault), str(seen))
        hang = threading.Timer(HANG_SECONDS, self._server.kill)
        hang.start()
        _lines, status = self._server.rest()
        hang.cancel()
        return status, (home / "output.txt").read_text(errors="replace")

    def places(self, command: tuple[str, ...], home: Path) -> list[Place]:
        """Return the functions that a command calls."""
        seen = home / "seen.json"
        status, output = self.run(command, home, seen=seen)
        assert status in (0, 1), output
        assert not has_crashed(status, output), output
        places = read_places(seen)
        seen.unlink()
        return places
