"""Count the calls of the app's functions, or let one of them raise an exception. For the programs of the trials."""

import os
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

import catdog_desktop

PACKAGE: Final = Path(catdog_desktop.__file__).parent
_BELOW: Final = f"{PACKAGE}{os.sep}"


class FaultError(Exception):
    """The exception that is put in."""


def name_of(code: CodeType) -> tuple[str, str, int]:
    """Return file below the package, qualified name and first line of a function."""
    return Path(code.co_filename).relative_to(PACKAGE).as_posix(), code.co_qualname, code.co_firstlineno


def counter(calls: dict[CodeType, int]) -> Callable[[FrameType, str, object], None]:
    """Return a profile function that counts the calls of the app's functions in `calls`."""

    def count(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(_BELOW):
            calls[code] = calls.get(code, 0) + 1

    return count


def tracer(file: str, name: str, line: int, nth: int) -> Callable[[FrameType, str, object], None]:
    """Return a trace function that raises `FaultError` in the `nth` call of a function."""
    path, left = str(PACKAGE / file), nth

    def trace(frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal left
        code = frame.f_code
        if code.co_firstlineno == line and code.co_qualname == name and code.co_filename == path:
            left -= 1
            if left == 0:
                os.write(2, b"FAULT\n")
                raise FaultError(f"put into {name}")

    return trace
