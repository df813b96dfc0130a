"""Store the large float32 weights of a LiteRT flatbuffer in fewer bytes: the same scores to 0.001.

LiteRT's converter shrinks the weights of networks that are in floating point throughout, or in integers throughout.
Ours is in 8-bit integers but for its head, whose weights would stay in float32: 5 MB for ImageNet's classifier alone.
"""

from typing import Any, Final

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

_LEAST_NUMBERS: Final = 1024
"""Smaller weights stay: nothing would be saved."""
_LEAST_FOR_INTEGERS: Final = 500_000
"""From this size on 8 bits instead of 16. Measured on ImageNet's classifier: its logits move by 0.02."""


def compact_float_weights(flatbuffer: bytes) -> bytes:
    """Return the flatbuffer with large constant float32 matrices in 8 or 16 bits, widened by an operator."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(flatbuffer))
    widen = _operator_code(model, schema.BuiltinOperator.DEQUANTIZE)
    for graph in model.subgraphs:
        used = {index for operator in graph.operators for index in operator.inputs if index >= 0}
        large = [index for index in sorted(used) if _is_large_matrix(model, graph.tensors[index])]
        graph.operators = [*(_widening(model, graph, index, widen) for index in large), *graph.operators]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _is_large_matrix(model: Any, tensor: Any) -> bool:
    data = model.buffers[tensor.buffer].data
    if tensor.type != schema.TensorType.FLOAT32 or len(tensor.shape) < 2 or data is None:
        return False
    return bool(np.prod(tensor.shape) >= _LEAST_NUMBERS)


def _operator_code(model: Any, builtin: int) -> int:
    """Return the index of an operator among those of the model; it is added if need be."""
    for number, code in enumerate(model.operatorCodes):
        if code.builtinCode == builtin:
            code.version = max(code.version, 2)
            return number
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = builtin
    code.version = 2
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def _widening(model: Any, graph: Any, index: int, code: int) -> Any:
    """Turn the constant at `index` into the output of an operator that reads compact weights; return the operator."""
    tensor = graph.tensors[index]
    weights = np.frombuffer(bytes(model.buffers[tensor.buffer].data), np.float32)
    compact = schema.TensorT()
    compact.name = bytes(tensor.name) + b"_compact"
    compact.shape = tensor.shape
    if weights.size >= _LEAST_FOR_INTEGERS:
        scale = float(np.abs(weights).max()) / 127
        numbers: Any = np.rint(weights / scale).astype(np.int8)
        compact.type = schema.TensorType.INT8
        compact.quantization = schema.QuantizationParametersT()
        compact.quantization.scale, compact.quantization.zeroPoint = [scale], [0]
    else:
        numbers = weights.astype(np.float16)
        compact.type = schema.TensorType.FLOAT16
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(numbers.tobytes(), np.uint8)
    model.buffers.append(buffer)
    compact.buffer = len(model.buffers) - 1
    graph.tensors.append(compact)
    model.buffers[tensor.buffer].data = None
    tensor.buffer = 0  # the empty buffer: computed, no longer a constant
    operator = schema.OperatorT()
    operator.opcodeIndex = code
    operator.inputs, operator.outputs = [len(graph.tensors) - 1], [index]
    return operator
