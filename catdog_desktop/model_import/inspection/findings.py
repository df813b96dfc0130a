"""Findings of an inspection, read from the checked config of a model."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

SCALING: Final = frozenset({"Rescaling", "Normalization", "TrueDivide", "Divide", "Multiply", "Subtract", "GetItem"})
SCALING_FUNCTIONS: Final = (
    "truediv", "divide", "multiply", "subtract", "scalar_mul", "bias_add", "per_image_standardization", "getitem",
)  # fmt: skip
PASS_ON: Final = frozenset({"Activation", "Softmax", "Dropout", "Flatten", "Reshape", "Identity"})
"""Layers that do not change the number of outputs."""
WEIGHTED: Final = ("Conv", "SeparableConv", "DepthwiseConv", "Dense", "LSTM", "GRU")
MODELS: Final = frozenset({"Functional", "Sequential", "Model", "Network"})


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a model that was inspected and not refused. Unknown values are None."""

    kind: str
    """"keras3" (a `.keras` archive, of tf_keras too), "legacy_h5", "saved_model" or "tflite"."""
    keras_version: str | None = None
    backend: str | None = None
    layers: tuple[str, ...] = ()
    """Class names in order; those of a nested model follow its own name."""
    input_shape: tuple[int | None, ...] | None = None
    """With the batch first: (None, 180, 180, 3)."""
    last_activation: str | None = None
    has_rescaling: bool = False
    """Whether the photo is scaled before the first layer with weights."""
    outputs: int | None = None
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    """The checked config; empty if the file has none."""
    notes: tuple[str, ...] = ()
    """What is unusual but cannot run, in sentences."""


def findings_of(kind: str, config: dict[str, Any], **more: Any) -> Findings:
    """Read the findings from a checked config. Never raises, whatever shape it has."""
    ordered = list(_layers(config))
    activation, outputs = _end(config)
    return Findings(
        kind=kind,
        layers=tuple(str(layer.get("class_name")) for layer in ordered),
        input_shape=_input_shape(config, ordered),
        last_activation=activation,
        has_rescaling=_has_rescaling(ordered),
        outputs=outputs,
        config=config,
        **more,
    )


def _own_layers(model: dict[str, Any]) -> list[dict[str, Any]]:
    config = model.get("config")
    found = config if isinstance(config, list) else config.get("layers") if isinstance(config, dict) else None
    return [layer for layer in found if isinstance(layer, dict)] if isinstance(found, list) else []


def _layers(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for layer in _own_layers(model):
        yield layer
        if layer.get("class_name") in MODELS:
            yield from _layers(layer)


def _settings(layer: dict[str, Any]) -> dict[str, Any]:
    config = layer.get("config")
    return config if isinstance(config, dict) else {}


def _shape(value: Any) -> tuple[int | None, ...] | None:
    items = value.get("items") if isinstance(value, dict) else value
    if not isinstance(items, list) or not all(item is None or type(item) is int for item in items):
        return None
    return tuple(items)


def _input_shape(model: dict[str, Any], ordered: list[dict[str, Any]]) -> tuple[int | None, ...] | None:
    for layer in ordered:
        settings = _settings(layer)
        for key in ("batch_shape", "batch_input_shape"):
            if shape := _shape(settings.get(key)):
                return shape
    for holder in (_settings(model), _settings({"config": model.get("build_config")})):
        for key in ("build_input_shape", "input_shape"):
            if shape := _shape(holder.get(key)):
                return shape
    return None


def _has_rescaling(ordered: list[dict[str, Any]]) -> bool:
    for layer in ordered:
        name = str(layer.get("class_name"))
        function = str(_settings(layer).get("function"))
        if name in SCALING or (name == "TFOpLambda" and function.endswith(SCALING_FUNCTIONS)):
            return True
        if name.startswith(WEIGHTED):
            return False
    return False


def rescaling_of(config: dict[str, Any]) -> str:
    """Return what the first Rescaling layer does, in words: "to 0..1", "to -1..1" or "x 0.5 + 1"; empty without one."""
    for layer in _layers(config):
        if layer.get("class_name") == "Rescaling":
            scale, offset = _settings(layer).get("scale"), _settings(layer).get("offset", 0)
            if not isinstance(scale, int | float) or not isinstance(offset, int | float):
                return ""
            ends = round(offset, 3), round(255 * scale + offset, 3)
            return f"to {ends[0]:g}..{ends[1]:g}"
    return ""


def _end(model: dict[str, Any]) -> tuple[str | None, int | None]:
    """Return the last activation and the number of outputs, followed back from the model's only output."""
    layer: dict[str, Any] | None = _output_layer(model)
    activation = None
    for _ in range(100):
        if layer is None:
            break
        name, settings = str(layer.get("class_name")), _settings(layer)
        if name in MODELS:
            inner, outputs = _end(layer)
            return activation or inner, outputs
        activation = activation or _activation_of(name, settings)
        units = settings.get("units", settings.get("filters"))
        if type(units) is int:
            return activation or "linear", units
        if name not in PASS_ON and not name.startswith("Global"):
            break
        layer = _before(model, layer)
    return activation, None


def _activation_of(name: str, settings: dict[str, Any]) -> str | None:
    """Return the activation that a layer applies; None for linear, since one before it still counts."""
    if name == "Softmax":
        return "softmax"
    value = settings.get("activation")
    if isinstance(value, dict):
        value = value.get("config") if value.get("class_name") == "function" else value.get("class_name")
    return value.lower() if isinstance(value, str) and value != "linear" else None


def _name(layer: dict[str, Any]) -> Any:
    return layer.get("name") or _settings(layer).get("name")


def _by_name(model: dict[str, Any], name: Any) -> dict[str, Any] | None:
    return next((layer for layer in _own_layers(model) if _name(layer) == name), None)


def _output_layer(model: dict[str, Any]) -> dict[str, Any] | None:
    ends = _settings(model).get("output_layers")
    while isinstance(ends, list) and len(ends) == 1:
        ends = ends[0]
    if isinstance(ends, list) and ends and isinstance(ends[0], str):
        return _by_name(model, ends[0])
    if ends:
        return None  # several outputs
    own = _own_layers(model)
    return own[-1] if own else None


def _before(model: dict[str, Any], layer: dict[str, Any]) -> dict[str, Any] | None:
    """Return the layer that feeds `layer`: by its inbound nodes, or the one before it in a Sequential."""
    nodes = layer.get("inbound_nodes")
    if nodes:
        name = _first_source(nodes)
        return _by_name(model, name) if name else None
    own = _own_layers(model)
    index = next((index for index, item in enumerate(own) if item is layer), 0)
    return own[index - 1] if index else None


def _first_source(node: Any) -> str | None:
    """Return the name of the first layer in inbound nodes, as Keras 2 (lists) or Keras 3 (tensors) write them."""
    for _ in range(20):
        if isinstance(node, list) and node:
            if isinstance(node[0], str):
                return node[0]
            node = node[0]
        elif isinstance(node, dict) and node.get("class_name") == "__keras_tensor__":
            node = _settings(node).get("keras_history")
        elif isinstance(node, dict):
            node = node.get("args")
        else:
            return None
    return None
