"""Flatbuffers of a few hundred bytes, built without TensorFlow: they score a photo by how red and how blue it is."""

from typing import Any, Final

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

EDGE: Final = 16
_FLOAT32, _INT32, _UINT8 = schema.TensorType.FLOAT32, schema.TensorType.INT32, schema.TensorType.UINT8
_OPERATORS: Final = schema.BuiltinOperator
_OPTIONS: Final = schema.BuiltinOptions
RED_WEIGHT: Final = 4.0
"""Logit of a red photo with values of 0..1; that of a blue one is its negative."""


def tiny_flatbuffer(
    outputs: int = 1,
    activation: str = "sigmoid",
    *,
    channels: int = 3,
    quantized: bool = False,
    free: bool = False,
    step: float = 1 / 255,
) -> bytes:
    """Return a model: mean over the photo, one weighted sum for each output, an activation ("sigmoid", "softmax", "").

    Photos are (1, EDGE, EDGE, channels), 0..1; `quantized`: uint8 that stands for it, with this
    `step` (0: it has none, and nothing dequantizes). `free`: of any size. The first
    sum is red minus blue (for grey: bright minus dark), the second its negative, all others are 0. There is no
    signature; the output is named "answer".
    """
    build = Builder()
    shape = [1, EDGE, EDGE, channels]
    photo = build.tensor("photo", shape, _UINT8 if quantized else _FLOAT32, free=free)
    if quantized and step:
        build.tensors[photo].quantization = _quantization(step, 0)
    real = build.tensor("real", shape, _FLOAT32, free=free) if quantized else photo
    if quantized:
        if step:
            build.operator(_OPERATORS.DEQUANTIZE, [photo], [real])
        else:
            build.operator(_OPERATORS.CAST, [photo], [real])
    axes = build.tensor("axes", [2], _INT32, np.array([1, 2], np.int32))
    mean = build.tensor("mean", [1, channels], _FLOAT32)
    build.operator(_OPERATORS.MEAN, [real, axes], [mean], _OPTIONS.ReducerOptions, schema.ReducerOptionsT())
    first = [RED_WEIGHT, 0.0, -RED_WEIGHT] if channels == 3 else [2 * RED_WEIGHT]
    weights = np.zeros((max(2, outputs), channels), np.float32)
    weights[:2] = [first, [-weight for weight in first]]
    weights = weights[:outputs]
    bias = np.zeros(len(weights) + 1, np.float32)
    if channels == 1:
        bias[:2] = -RED_WEIGHT, RED_WEIGHT
    sums = build.tensor("answer" if not activation else "sums", [1, outputs], _FLOAT32)
    inputs = [
        mean,
        build.tensor("weights", [outputs, channels], _FLOAT32, weights),
        build.tensor("bias", [outputs], _FLOAT32, bias[:outputs]),
    ]
    build.operator(
        _OPERATORS.FULLY_CONNECTED, inputs, [sums], _OPTIONS.FullyConnectedOptions, schema.FullyConnectedOptionsT()
    )
    answer = sums
    if activation:
        answer = build.tensor("answer", [1, outputs], _FLOAT32)
        if activation == "softmax":
            options = schema.SoftmaxOptionsT()
            options.beta = 1.0
            build.operator(_OPERATORS.SOFTMAX, [sums], [answer], _OPTIONS.SoftmaxOptions, options)
        else:
            build.operator(_OPERATORS.LOGISTIC, [sums], [answer])
    return build.flatbuffer([photo], [answer])


def tiny_description(sha256: str, **more: Any) -> dict[str, Any]:
    """Return a `model.json` for it; `more` replaces parts, and parts of its input."""
    photo = {
        "width": EDGE,
        "height": EDGE,
        "colour": "rgb",
        "range": [0, 255],
        "scaling": "0..1",
        "resampling": "nearest",
        "fit": "squash",
        "decoding": "as stored",
    }
    whole: dict[str, Any] = {
        "format": 1,
        "name": "tiny",
        "version": "1",
        "title": "Tiny",
        "description": "Blue is a cat, red is a dog.",
        "licence": "unknown",
        "labels": ["cat", "dog"],
        "outputs": {"scores": "answer"},
        "answers": {"kind": "sigmoid", "logits": False},
        "sha256": sha256,
        "thresholds": {"cat": 0.5, "dog": 0.5, "unsure": 0.2},
        "source": {"file": "tiny.tflite"},
    }
    whole |= {key: value for key, value in more.items() if key not in photo}
    return whole | {"input": photo | {key: value for key, value in more.items() if key in photo}}


class Builder:
    """Builds a flatbuffer graph by graph: the first is the model, others belong to operators such as WHILE."""

    def __init__(self) -> None:
        self.tensors: list[Any] = []
        self._operators: list[Any] = []
        self._graphs: list[Any] = []
        self._codes: list[int] = []
        self._buffers = [schema.BufferT()]

    def tensor(self, name: str, shape: list[int], kind: int, values: Any = None, *, free: bool = False) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name.encode(), shape, kind
        if free:
            tensor.shapeSignature = [1, -1, -1, shape[-1]]
            tensor.shape = [1, 1, 1, shape[-1]]
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            tensor.buffer = len(self._buffers)
            self._buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def operator(
        self, code: int, inputs: list[int], outputs: list[int], options_type: int = 0, options: Any = None
    ) -> None:
        if code not in self._codes:
            self._codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = self._codes.index(code), inputs, outputs
        operator.builtinOptionsType, operator.builtinOptions = options_type, options
        self._operators.append(operator)

    def end_graph(self, inputs: list[int], outputs: list[int]) -> None:
        """End a graph; what is added later belongs to the next one."""
        graph = schema.SubGraphT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs = self.tensors, self._operators, inputs, outputs
        self._graphs.append(graph)
        self.tensors, self._operators = [], []

    def flatbuffer(self, inputs: list[int], outputs: list[int]) -> bytes:
        """End the last graph and return the flatbuffer."""
        self.end_graph(inputs, outputs)
        model = schema.ModelT()
        model.version, model.subgraphs, model.buffers = 3, self._graphs, self._buffers
        model.operatorCodes = []
        for number in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = code.deprecatedBuiltinCode = number
            code.version = 1
            model.operatorCodes.append(code)
        builder = flatbuffers.Builder(4096)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def _quantization(step: float, zero: int) -> Any:
    quantization = schema.QuantizationParametersT()
    quantization.scale, quantization.zeroPoint = [step], [zero]
    return quantization
