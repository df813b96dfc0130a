"""Run a command of `catdog` with an exception in one function of the app. For `command_server`."""

import faulthandler
import json
import os
import sys
import threading
import traceback
from pathlib import Path
from types import CodeType

from fault_hooks import counter, name_of, tracer

from catdog_desktop import cli

UNCAUGHT = 70
"""Exit status after an exception at the edge of the command line, which catches all others."""


def run(arguments: list[str], home: str, where: str, seen: str) -> None:
    """Run a command in this process, which it ends.

    `where` is JSON: file, qualified name, line and the number of the call that fails, in any thread; "null" for none.
    Then the functions that are called are written to the file `seen`, unless it is "".
    """
    os.environ["CATDOG_HOME"] = home
    output = os.open(Path(home) / "output.txt", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    faulthandler.enable()
    place = json.loads(where)
    calls: dict[CodeType, int] = {}
    if place is not None:
        trace = tracer(*place)
        threading.settrace(trace)
        sys.settrace(trace)
    elif seen:
        count = counter(calls)
        threading.setprofile(count)
        sys.setprofile(count)
    try:
        status = cli.main(arguments)
    except Exception:  # noqa: BLE001  Python would show it and end.
        traceback.print_exc()
        status = UNCAUGHT
    sys.settrace(None)
    sys.setprofile(None)
    if seen:
        Path(seen).write_text(json.dumps([[*name_of(code), count] for code, count in dict(calls).items()]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
