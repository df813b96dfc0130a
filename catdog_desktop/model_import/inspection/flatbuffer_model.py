"""Inspect a `.tflite` flatbuffer, which is data unless it has custom operators.

Read by offsets, each checked, following schema.fbs of LiteRT: Model, OperatorCode, SubGraph, Tensor, Operator.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.inspection.flatbuffer_table import FlatbufferTable

IDENTIFIER: Final = b"TFL3"
MAX_BYTES: Final = 500 * 2**20
MAX_TENSOR_BYTES: Final = 2**30
MAX_TENSORS_BYTES: Final = 4 * 2**30
"""Of all tensors together, as the file declares them. LiteRT keeps few of them at once, and laptops have 8 to 16 GB."""


class Operator(IntEnum):
    """Built-in operators that the inspection distinguishes (schema.fbs, BuiltinOperator)."""

    ADD = 0
    CONV_2D = 3
    DEPTHWISE_CONV_2D = 4
    DEQUANTIZE = 6
    FULLY_CONNECTED = 9
    LOGISTIC = 14
    MUL = 18
    RESHAPE = 22
    SOFTMAX = 25
    CUSTOM = 32
    SUB = 41
    DIV = 42
    SQUEEZE = 43
    LOG_SOFTMAX = 50
    EXPAND_DIMS = 70
    QUANTIZE = 114


class ModelField(IntEnum):
    """Fields of the table Model."""

    OPERATOR_CODES = 1
    SUBGRAPHS = 2
    SIGNATURES = 7


class CodeField(IntEnum):
    """Fields of the table OperatorCode."""

    DEPRECATED_BUILTIN = 0
    CUSTOM = 1
    BUILTIN = 3


class GraphField(IntEnum):
    """Fields of the table SubGraph."""

    TENSORS = 0
    INPUTS = 1
    OUTPUTS = 2
    OPERATORS = 3


class TensorField(IntEnum):
    """Fields of the table Tensor."""

    SHAPE = 0
    TYPE = 1
    NAME = 3
    QUANTIZATION = 4
    SHAPE_SIGNATURE = 7


class QuantizationField(IntEnum):
    """Fields of the table QuantizationParameters."""

    SCALE = 2
    ZERO_POINT = 3


class OperatorField(IntEnum):
    """Fields of the table Operator."""

    CODE_INDEX = 0
    INPUTS = 1
    OUTPUTS = 2


class SignatureField(IntEnum):
    """Fields of the table SignatureDef."""

    INPUTS = 0
    OUTPUTS = 1
    KEY = 2
    SUBGRAPH = 4


class TensorMapField(IntEnum):
    """Fields of the table TensorMap."""

    NAME = 0
    TENSOR = 1


ACTIVATIONS: Final = {
    Operator.LOGISTIC: "sigmoid",
    Operator.SOFTMAX: "softmax",
    Operator.LOG_SOFTMAX: "log_softmax",
}
PASS_ON: Final = (
    Operator.RESHAPE,
    Operator.SQUEEZE,
    Operator.EXPAND_DIMS,
    Operator.DEQUANTIZE,
    Operator.QUANTIZE,
)
"""Operators that do not change the numbers."""
SCALING: Final = (Operator.ADD, Operator.MUL, Operator.SUB, Operator.DIV)
WEIGHTED: Final = (Operator.CONV_2D, Operator.DEPTHWISE_CONV_2D, Operator.FULLY_CONNECTED)
TYPES: Final = {0: "float32", 1: "float16", 2: "int32", 3: "uint8", 9: "int8"}
"""TensorType by number, as numpy names it; only those that inputs and outputs of photo models have."""
AGAIN: Final = N_("Convert the model again where it comes from, with built-in operators only.")
_DAMAGED: Final = N_("it is damaged or incomplete")
_COPY_AGAIN: Final = N_("Copy it again from where it comes, or convert the model again.")


SCORE_COUNTS: Final = (1, 2, 1000, 1001)
"""Numbers in an output that can be read as scores; other vectors beside them are features."""


def inspect_flatbuffer(path: Path) -> Findings:
    """Check operators and the sizes of tensors. Raises `RefusedModelError`."""
    where = printable_name(path.name)
    if path.stat().st_size > MAX_BYTES:
        raise RefusedModelError(
            _("it is larger than {megabytes} MB").format(megabytes=MAX_BYTES // 2**20), where, AGAIN
        )
    data = path.read_bytes()
    if data[4:8] != IDENTIFIER:
        raise RefusedModelError(_("it is not a TensorFlow Lite model"), where, AGAIN)
    try:
        model = _model(data)
        codes = [_builtin(code, where) for code in model.tables(ModelField.OPERATOR_CODES)]
        graphs = model.tables(ModelField.SUBGRAPHS)
        if not graphs:
            raise RefusedModelError(_("it holds no model"), where, AGAIN)
        total = 0
        for graph in graphs:
            total += _check_tensors(graph, where)
        if total > MAX_TENSORS_BYTES:
            raise RefusedModelError(
                _("it needs more than {gigabytes} GB of memory").format(gigabytes=MAX_TENSORS_BYTES // 2**30),
                where,
                AGAIN,
            )
        return _findings(graphs[0], codes)
    except (struct.error, IndexError, OverflowError) as error:
        raise RefusedModelError(_DAMAGED, where, _COPY_AGAIN) from error


def _model(data: bytes) -> FlatbufferTable:
    return FlatbufferTable(data, struct.unpack_from("<I", data)[0])


def _builtin(code: FlatbufferTable, where: str) -> int:
    """Return the number of a built-in operator. Old files have it in a field of one byte, new ones in both."""
    number = max(code.number(CodeField.DEPRECATED_BUILTIN, "<b"), code.number(CodeField.BUILTIN, "<i"))
    name = code.text(CodeField.CUSTOM)
    if number == Operator.CUSTOM or name:
        flex = " (an operation of full TensorFlow)" if name.startswith("Flex") else ""
        raise RefusedModelError(
            _("it has the custom operator '{name}'{flex}, which CatDog does not run").format(
                name=printable_name(name), flex=flex
            ),
            _("{where}, operators").format(where=where),
            AGAIN,
        )
    return number


def _check_tensors(graph: FlatbufferTable, where: str) -> int:
    """Return how many bytes the tensors of a graph would take."""
    total = 0
    for tensor in graph.tables(GraphField.TENSORS):
        size = 4
        for length in tensor.integers(TensorField.SHAPE):
            size *= max(length, 1)
        if size > MAX_TENSOR_BYTES:
            here = f"{where}, {printable_name(tensor.text(TensorField.NAME))}"
            raise RefusedModelError(
                _("it has a tensor of more than {gigabytes} GB").format(gigabytes=MAX_TENSOR_BYTES // 2**30),
                here,
                AGAIN,
            )
        total += size
    return total


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Input or output of a model."""

    name: str
    """In the signature, if there is one; else the tensor's."""
    shape: tuple[int | None, ...]
    """None where any size is possible."""
    dtype: str
    """As numpy names it; "" for types that are not in `TYPES`."""
    step: float
    """Scale of its quantization; 0 without one."""
    zero: int
    """Zero point of its quantization: a number n stands for (n - zero) * step."""


def read_endpoints(path: Path) -> tuple[list[Endpoint], list[Endpoint]]:
    """Return the inputs and outputs of an inspected flatbuffer: those of its signature, if it has one.

    Raises `RefusedModelError` if the signature is damaged.
    """
    try:
        return _endpoints(_model(path.read_bytes()))
    except (struct.error, IndexError, OverflowError) as error:
        raise RefusedModelError(_DAMAGED, printable_name(path.name), _COPY_AGAIN) from error


def _endpoints(model: FlatbufferTable) -> tuple[list[Endpoint], list[Endpoint]]:
    signatures = {signature.text(SignatureField.KEY): signature for signature in model.tables(ModelField.SIGNATURES)}
    signature = signatures.get("serving_default") or next(iter(signatures.values()), None)
    if signature is None:
        graph = model.tables(ModelField.SUBGRAPHS)[0]
        tensors = graph.tables(GraphField.TENSORS)
        inputs, outputs = (
            [_endpoint(tensors[index], tensors[index].text(TensorField.NAME)) for index in graph.integers(side)]
            for side in (GraphField.INPUTS, GraphField.OUTPUTS)
        )
    else:
        graph = model.tables(ModelField.SUBGRAPHS)[signature.number(SignatureField.SUBGRAPH, "<I")]
        tensors = graph.tables(GraphField.TENSORS)
        inputs, outputs = (
            [
                _endpoint(tensors[entry.number(TensorMapField.TENSOR, "<I")], entry.text(TensorMapField.NAME))
                for entry in signature.tables(side)
            ]
            for side in (SignatureField.INPUTS, SignatureField.OUTPUTS)
        )
    return inputs, outputs


def _endpoint(tensor: FlatbufferTable, name: str) -> Endpoint:
    step, zero = 0.0, 0
    quantization = tensor.table(TensorField.QUANTIZATION)
    if quantization is not None:
        step = quantization.first(QuantizationField.SCALE, "<f", 0.0)
        zero = int(quantization.first(QuantizationField.ZERO_POINT, "<q", 0))
    return Endpoint(name, _shape(tensor) or (), TYPES.get(tensor.number(TensorField.TYPE, "<b"), ""), step, zero)


def _findings(graph: FlatbufferTable, codes: list[int]) -> Findings:
    tensors = graph.tables(GraphField.TENSORS)
    inputs, outputs = graph.integers(GraphField.INPUTS), graph.integers(GraphField.OUTPUTS)
    shape = _shape(tensors[inputs[0]]) if len(inputs) == 1 else None
    # Further outputs may be heat maps, which have more dimensions than scores, or feature vectors.
    shapes = {index: _shape(tensors[index]) or () for index in outputs}
    scores = [index for index in outputs if len(outputs) == 1 or len(shapes[index]) <= 2]
    if len(scores) > 1:
        scores = [index for index in scores if (shapes[index] or (None,))[-1] in SCORE_COUNTS]
    followed = scores[0] if len(scores) == 1 else None
    activation, scaled, weighted = None, False, False
    operators = graph.tables(GraphField.OPERATORS)
    for operator in operators:
        code = codes[operator.number(OperatorField.CODE_INDEX, "<I")]
        weighted = weighted or code in WEIGHTED
        scaled = scaled or (not weighted and code in SCALING)
    for operator in reversed(operators):
        if followed in operator.integers(OperatorField.OUTPUTS):
            code = codes[operator.number(OperatorField.CODE_INDEX, "<I")]
            sources = operator.integers(OperatorField.INPUTS)
            if code not in PASS_ON or not sources:
                activation = ACTIVATIONS.get(Operator(code)) if code in ACTIVATIONS else None
                break
            followed = sources[0]
    return Findings(
        kind="tflite",
        input_shape=shape,
        last_activation=activation,
        has_rescaling=scaled,
        outputs=(shapes[scores[0]] or (None,))[-1] if len(scores) == 1 else None,
    )


def _shape(tensor: FlatbufferTable) -> tuple[int | None, ...] | None:
    """Return the shape, with None for sizes that are free (-1 in the shape signature); None for a scalar."""
    shape = tensor.integers(TensorField.SHAPE_SIGNATURE) or tensor.integers(TensorField.SHAPE)
    return tuple(length if length >= 0 else None for length in shape) or None
