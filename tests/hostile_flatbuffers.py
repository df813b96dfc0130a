"""Flatbuffers that do harm when they are run. They have built-in operators only, so the inspection accepts them."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from tiny_models import Builder

EDGE: Final = 8
_FLOAT32, _INT32, _BOOL = schema.TensorType.FLOAT32, schema.TensorType.INT32, schema.TensorType.BOOL
_OPERATORS: Final = schema.BuiltinOperator
_OPTIONS: Final = schema.BuiltinOptions


def endless() -> bytes:
    """Return a model that loops endlessly."""
    return _repeating(within_itself=False)


def bottomless() -> bytes:
    """Return a model with endlessly nested loops: LiteRT overflows its stack while it prepares them, and crashes."""
    return _repeating(within_itself=True)


def huge(edge: int = 40_000) -> bytes:
    """Return a model that fills `edge` by `edge` numbers of four bytes, which the file declares as one by one."""
    return _filling(edge, known=True)


def huge_later(edge: int = 40_000) -> bytes:
    """Return a model like `huge`, whose size is known only once it gets a photo."""
    return _filling(edge, known=False)


def no_numbers() -> bytes:
    """Return a model that answers NaN: the square root of a negative number."""
    build = Builder()
    photo, mean = _mean_of_photo(build)
    below = build.tensor("below", [1], _FLOAT32, np.array([-1e9], np.float32))
    less, answer = build.tensor("less", [1], _FLOAT32), build.tensor("answer", [1], _FLOAT32)
    build.operator(
        _OPERATORS.MINIMUM, [mean, below], [less], _OPTIONS.MaximumMinimumOptions, schema.MaximumMinimumOptionsT()
    )
    build.operator(_OPERATORS.SQRT, [less], [answer])
    return build.flatbuffer([photo], [answer])


def heavy(edge: int) -> bytes:
    """Return a harmless model with `edge` by `edge` weights of four bytes."""
    build = Builder()
    photo, mean = _mean_of_photo(build)
    number = build.tensor("number", [1, 1], _FLOAT32)
    build.operator(_OPERATORS.RESHAPE, [mean, build.tensor("shape", [2], _INT32, np.array([1, 1], np.int32))], [number])
    for name, inputs, outputs in (("wide", 1, edge), ("square", edge, edge), ("narrow", edge, 1)):
        weights = build.tensor(f"{name} weights", [outputs, inputs], _FLOAT32, np.full((outputs, inputs), 1e-4, "f4"))
        bias = build.tensor(f"{name} bias", [outputs], _FLOAT32, np.zeros(outputs, "f4"))
        following = build.tensor(name, [1, outputs], _FLOAT32)
        options = schema.FullyConnectedOptionsT()
        build.operator(
            _OPERATORS.FULLY_CONNECTED, [number, weights, bias], [following], _OPTIONS.FullyConnectedOptions, options
        )
        number = following
    answer = build.tensor("answer", [1, 1], _FLOAT32)
    build.operator(_OPERATORS.LOGISTIC, [number], [answer])
    return build.flatbuffer([photo], [answer])


HARMFUL: Final[Mapping[str, Callable[[], bytes]]] = {
    "endless": endless,
    "bottomless": bottomless,
    "huge": huge,
    "huge later": huge_later,
    "no numbers": no_numbers,
}


def _mean_of_photo(build: Builder) -> tuple[int, int]:
    photo, mean = build.tensor("photo", [1, EDGE, EDGE, 3], _FLOAT32), build.tensor("mean", [1], _FLOAT32)
    axes = build.tensor("axes", [3], _INT32, np.array([1, 2, 3], np.int32))
    build.operator(_OPERATORS.MEAN, [photo, axes], [mean], _OPTIONS.ReducerOptions, schema.ReducerOptionsT())
    return photo, mean


def _repeating(*, within_itself: bool) -> bytes:
    build = Builder()
    options = schema.WhileOptionsT()
    options.condSubgraphIndex, options.bodySubgraphIndex = 1, 2
    photo, mean = _mean_of_photo(build)
    answer = build.tensor("answer", [1], _FLOAT32)
    build.operator(_OPERATORS.WHILE, [mean], [answer], _OPTIONS.WhileOptions, options)
    build.end_graph([photo], [answer])
    number, yes = build.tensor("number", [1], _FLOAT32), build.tensor("yes", [1], _BOOL)
    build.operator(_OPERATORS.GREATER_EQUAL, [number, number], [yes])
    build.end_graph([number], [yes])
    number, following = build.tensor("number", [1], _FLOAT32), build.tensor("following", [1], _FLOAT32)
    if within_itself:
        build.operator(_OPERATORS.WHILE, [number], [following], _OPTIONS.WhileOptions, options)
    else:
        build.operator(_OPERATORS.LOGISTIC, [number], [following])
    return build.flatbuffer([number], [following])


def _filling(edge: int, *, known: bool) -> bytes:
    build = Builder()
    photo, mean = _mean_of_photo(build)
    lengths = build.tensor("lengths", [2], _INT32, np.array([edge, edge], np.int32) if known else None)
    if not known:
        least = build.tensor("least", [2], _FLOAT32, np.array([edge, edge], np.float32))
        most = build.tensor("most", [2], _FLOAT32)
        build.operator(
            _OPERATORS.MAXIMUM, [mean, least], [most], _OPTIONS.MaximumMinimumOptions, schema.MaximumMinimumOptionsT()
        )
        build.operator(_OPERATORS.CAST, [most], [lengths], _OPTIONS.CastOptions, schema.CastOptionsT())
    half = build.tensor("half", [], _FLOAT32, np.array(0.5, np.float32))
    square = build.tensor("square", [1, 1], _FLOAT32)
    build.operator(_OPERATORS.FILL, [lengths, half], [square])
    axes, answer = build.tensor("both", [2], _INT32, np.array([0, 1], np.int32)), build.tensor("answer", [1], _FLOAT32)
    build.operator(_OPERATORS.MEAN, [square, axes], [answer], _OPTIONS.ReducerOptions, schema.ReducerOptionsT())
    return build.flatbuffer([photo], [answer])
