"""A `.tflite` flatbuffer is data, as long as it has no operations of somebody's own.

Read by offsets, each checked, following schema.fbs of LiteRT: Model, OperatorCode, SubGraph, Tensor, Operator.
"""

import struct
from pathlib import Path
from typing import Final

from catdog_desktop.importing.findings import Findings
from catdog_desktop.importing.refused import RefusedModelError, shown

IDENTIFIER: Final = b"TFL3"
MAX_BYTES: Final = 500 * 2**20
MAX_ITEMS: Final = 200_000
MAX_TENSOR_BYTES: Final = 2**30
MAX_TENSORS_BYTES: Final = 8 * 2**30
CUSTOM: Final = 32
ACTIVATIONS: Final = {14: "sigmoid", 25: "softmax", 50: "log_softmax"}
SCALING: Final = (18, 42)
WEIGHTED: Final = (3, 4, 9)
"""Builtin operators: MUL, DIV; CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED."""
AGAIN: Final = "Convert the model again where it comes from, with built-in operators only."


class _Table:
    """A table in the buffer. Fields are found through its vtable; nothing is read outside of the buffer."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data = data
        self.position = position
        self._vtable = position - self._read("<i", position)
        self._fields = (self._read("<H", self._vtable) - 4) // 2

    def _read(self, kind: str, position: int) -> int:
        if position < 0:
            raise struct.error("an offset leads before the file")
        value: int = struct.unpack_from(kind, self.data, position)[0]
        return value

    def _place(self, index: int) -> int | None:
        if index >= self._fields:
            return None
        offset = self._read("<H", self._vtable + 4 + 2 * index)
        return self.position + offset if offset else None

    def number(self, index: int, kind: str, default: int = 0) -> int:
        place = self._place(index)
        return default if place is None else self._read(kind, place)

    def _vector(self, index: int) -> tuple[int, int]:
        """Return where the elements of a vector begin, and how many there are."""
        place = self._place(index)
        if place is None:
            return 0, 0
        start = place + self._read("<I", place)
        count = self._read("<I", start)
        if count > len(self.data):
            raise struct.error("a list is longer than the file")
        return start + 4, count

    def integers(self, index: int) -> tuple[int, ...]:
        start, count = self._vector(index)
        return struct.unpack_from(f"<{count}i", self.data, start) if count else ()

    def text(self, index: int) -> str:
        start, count = self._vector(index)
        return self.data[start : start + count].decode("utf-8", "replace")

    def tables(self, index: int) -> list["_Table"]:
        start, count = self._vector(index)
        if count > MAX_ITEMS:
            raise struct.error(f"a list has {count} entries")
        places = range(start, start + 4 * count, 4)
        return [_Table(self.data, place + self._read("<I", place)) for place in places]


def inspect_flatbuffer(path: Path) -> Findings:
    """Check operators and the sizes of tensors."""
    where = shown(path.name)
    if path.stat().st_size > MAX_BYTES:
        raise RefusedModelError(f"it is larger than {MAX_BYTES // 2**20} MB", where, AGAIN)
    data = path.read_bytes()
    if data[4:8] != IDENTIFIER:
        raise RefusedModelError("it is not a TensorFlow Lite model", where, AGAIN)
    try:
        model = _Table(data, struct.unpack_from("<I", data)[0])
        codes = [_builtin(code, where) for code in model.tables(1)]
        graphs = model.tables(2)
        if not graphs:
            raise RefusedModelError("it holds no model", where, AGAIN)
        total = 0
        for graph in graphs:
            total += _check_tensors(graph, where)
        if total > MAX_TENSORS_BYTES:
            raise RefusedModelError(f"it needs more than {MAX_TENSORS_BYTES // 2**30} GB of memory", where, AGAIN)
        return _findings(graphs[0], codes)
    except (struct.error, IndexError, OverflowError) as error:
        raise RefusedModelError(f"it is damaged ({shown(str(error))})", where, AGAIN) from error


def _builtin(code: _Table, where: str) -> int:
    """Return the number of a built-in operator; new files have it in a field that is wide enough."""
    number = max(code.number(0, "<b"), code.number(3, "<i"))
    name = code.text(1)
    if number == CUSTOM or name:
        flex = " (an operation of full TensorFlow)" if name.startswith("Flex") else ""
        raise RefusedModelError(
            f"it has the custom operator '{shown(name)}'{flex}, which CatDog does not run", f"{where}, operators", AGAIN
        )
    return number


def _check_tensors(graph: _Table, where: str) -> int:
    """Return how many bytes the tensors of a graph would take."""
    total = 0
    for tensor in graph.tables(0):
        size = 4
        for length in tensor.integers(0):
            size *= max(length, 1)
        if size > MAX_TENSOR_BYTES:
            here = f"{where}, {shown(tensor.text(3))}"
            raise RefusedModelError(f"it has a tensor of more than {MAX_TENSOR_BYTES // 2**30} GB", here, AGAIN)
        total += size
    return total


def _findings(graph: _Table, codes: list[int]) -> Findings:
    tensors = graph.tables(0)
    inputs, outputs = graph.integers(1), graph.integers(2)
    shape = _shape(tensors[inputs[0]]) if len(inputs) == 1 else None
    end = _shape(tensors[outputs[0]]) if len(outputs) == 1 else None
    activation, scaled, weighted = None, False, False
    for operator in graph.tables(3):
        code = codes[operator.number(0, "<I")]
        weighted = weighted or code in WEIGHTED
        scaled = scaled or (not weighted and code in SCALING)
        if len(outputs) == 1 and outputs[0] in operator.integers(2):
            activation = ACTIVATIONS.get(code)
    return Findings(
        kind="tflite",
        input_shape=shape,
        last_activation=activation,
        has_rescaling=scaled,
        outputs=end[-1] if end else None,
    )


def _shape(tensor: _Table) -> tuple[int | None, ...] | None:
    """Return the shape, with None for what is free (-1 in the signature, where it has one)."""
    shape = tensor.integers(7) or tensor.integers(0)
    return tuple(length if length >= 0 else None for length in shape) or None
