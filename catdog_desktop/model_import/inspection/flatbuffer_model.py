"""A `.tflite` flatbuffer is data, as long as it has no operations of somebody's own.

Read by offsets, each checked, following schema.fbs of LiteRT: Model, OperatorCode, SubGraph, Tensor, Operator.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.refused import RefusedModelError, shown

IDENTIFIER: Final = b"TFL3"
MAX_BYTES: Final = 500 * 2**20
MAX_ITEMS: Final = 200_000
MAX_TENSOR_BYTES: Final = 2**30
MAX_TENSORS_BYTES: Final = 4 * 2**30
"""Of all tensors together, as the file tells them. LiteRT keeps few of them at once, and a laptop has 8 GB or 16, of
which other programs want some."""
CUSTOM: Final = 32
ACTIVATIONS: Final = {14: "sigmoid", 25: "softmax", 50: "log_softmax"}
PASS_ON: Final = (22, 43, 70, 6, 114)
"""Builtin operators that leave the numbers as they are: RESHAPE, SQUEEZE, EXPAND_DIMS, DEQUANTIZE, QUANTIZE."""
SCALING: Final = (0, 18, 41, 42)
WEIGHTED: Final = (3, 4, 9)
"""ADD, MUL, SUB, DIV; CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED."""
TYPES: Final = {0: "float32", 1: "float16", 2: "int32", 3: "uint8", 9: "int8"}
AGAIN: Final = "Convert the model again where it comes from, with built-in operators only."
_DAMAGED: Final = "it is damaged, or not whole"
_COPY_AGAIN: Final = "Copy it again from where it comes, or convert the model again."


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

    def first(self, index: int, kind: str, default: float) -> float:
        """Return the first of a vector of numbers."""
        start, count = self._vector(index)
        return self._read(kind, start) if count else default

    def table(self, index: int) -> "_Table | None":
        place = self._place(index)
        return None if place is None else _Table(self.data, place + self._read("<I", place))

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
        model = _model(data)
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
        raise RefusedModelError(_DAMAGED, where, _COPY_AGAIN) from error


def _model(data: bytes) -> _Table:
    return _Table(data, struct.unpack_from("<I", data)[0])


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


@dataclass(frozen=True, slots=True)
class End:
    """An input or an output, by the name that the runtime has for it."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str
    """As numpy names it; "" for types that no photo has."""
    step: float
    zero: int
    """Of its quantization: a number n stands for (n - zero) * step. step 0: none."""


def read_ends(path: Path) -> tuple[list[End], list[End]]:
    """Return the inputs and outputs of an inspected flatbuffer: those of its signature, where it has one.

    Raises `RefusedModelError` if the signature is damaged.
    """
    try:
        return _ends(_model(path.read_bytes()))
    except (struct.error, IndexError, OverflowError) as error:
        raise RefusedModelError(_DAMAGED, shown(path.name), _COPY_AGAIN) from error


def _ends(model: _Table) -> tuple[list[End], list[End]]:
    signatures = {signature.text(2): signature for signature in model.tables(7)}
    signature = signatures.get("serving_default") or next(iter(signatures.values()), None)
    if signature is None:
        graph = model.tables(2)[0]
        tensors = graph.tables(0)
        inputs, outputs = ([_end(tensors[at], tensors[at].text(3)) for at in graph.integers(side)] for side in (1, 2))
    else:
        tensors = model.tables(2)[signature.number(4, "<I")].tables(0)
        inputs, outputs = (
            [_end(tensors[named.number(1, "<I")], named.text(0)) for named in signature.tables(side)] for side in (0, 1)
        )
    return inputs, outputs


def _end(tensor: _Table, name: str) -> End:
    step, zero = 0.0, 0
    quantization = tensor.table(4)
    if quantization is not None:
        step, zero = quantization.first(2, "<f", 0.0), int(quantization.first(3, "<q", 0))
    return End(name, _shape(tensor) or (), TYPES.get(tensor.number(1, "<b"), ""), step, zero)


def _findings(graph: _Table, codes: list[int]) -> Findings:
    tensors = graph.tables(0)
    inputs, outputs = graph.integers(1), graph.integers(2)
    shape = _shape(tensors[inputs[0]]) if len(inputs) == 1 else None
    # Beside the scores there may be maps, which have more dimensions.
    ends = {at: _shape(tensors[at]) or () for at in outputs}
    scores = [at for at in outputs if len(outputs) == 1 or len(ends[at]) <= 2]
    end = scores[0] if len(scores) == 1 else None
    activation, scaled, weighted = None, False, False
    for operator in graph.tables(3):
        code = codes[operator.number(0, "<I")]
        weighted = weighted or code in WEIGHTED
        scaled = scaled or (not weighted and code in SCALING)
    for operator in reversed(graph.tables(3)):
        if end in operator.integers(2):
            code, sources = codes[operator.number(0, "<I")], operator.integers(1)
            if code not in PASS_ON or not sources:
                activation = ACTIVATIONS.get(code)
                break
            end = sources[0]
    return Findings(
        kind="tflite",
        input_shape=shape,
        last_activation=activation,
        has_rescaling=scaled,
        outputs=(ends[scores[0]] or (None,))[-1] if len(scores) == 1 else None,
    )


def _shape(tensor: _Table) -> tuple[int | None, ...] | None:
    """Return the shape, with None for what is free (-1 in the signature, where it has one)."""
    shape = tensor.integers(7) or tensor.integers(0)
    return tuple(length if length >= 0 else None for length in shape) or None
