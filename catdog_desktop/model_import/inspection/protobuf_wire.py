"""Protocol buffers read by their wire format: numbered fields, without the classes of TensorFlow.

Every occurrence of a field is yielded. A parser that merges them or keeps the last one would hide the others.
"""

from collections.abc import Iterator
from typing import Final

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5


class WireError(ValueError):
    """The bytes are not a message."""


def fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Yield number and value of each field: an int for a varint, bytes for the rest. Raises `WireError`."""
    position, end = 0, len(message)
    while position < end:
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise WireError("a field without a number")
        if kind == VARINT:
            value, position = _varint(message, position)
            yield number, value
            continue
        if kind == BYTES:
            length, position = _varint(message, position)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise WireError(f"a field of kind {kind}")
        if length > end - position:
            raise WireError("a field that is cut short")
        yield number, message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(message) or shift > 63:
            raise WireError("a number that is cut short")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def messages(message: memoryview, *path: int) -> Iterator[memoryview]:
    """Yield all inner messages (or texts) at a path of field numbers."""
    first, *rest = path
    for number, value in fields(message):
        if number == first and isinstance(value, memoryview):
            if rest:
                yield from messages(value, *rest)
            else:
                yield value


def texts(message: memoryview, *path: int) -> Iterator[str]:
    """Yield all texts at a path of field numbers. Raises `WireError` for one that is not UTF-8."""
    for value in messages(message, *path):
        try:
            yield str(value, "utf-8")
        except UnicodeDecodeError as error:
            raise WireError("a text that is not UTF-8") from error


def numbers(message: memoryview, *path: int) -> Iterator[int]:
    """Yield all varints at a path of field numbers."""
    *above, last = path
    for inner in messages(message, *above) if above else (message,):
        for number, value in fields(inner):
            if number == last and isinstance(value, int):
                yield value
