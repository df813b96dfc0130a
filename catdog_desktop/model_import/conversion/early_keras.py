"""Rewrite the configuration of a model of Keras 1 or early Keras 2 in the words of Keras 2, which tf_keras reads.

tf_keras and Keras 3 dropped the translation of Keras 1, which Keras 2.0 to 2.2 had in `legacy/interfaces.py` and
`hdf5_format.py`; the tables here are theirs. Only names and shapes of plain values change, in a config that has been
inspected; weights stay as they are, since kernels of the TensorFlow backend have the same layout.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from catdog_desktop.messages import N_
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.inspection.findings import MODELS, Findings

_CLASSES: Final = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Deconvolution2D": "Conv2DTranspose",
    "Convolution2DTranspose": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
}
_KEYS: Final = {
    "init": "kernel_initializer",
    "output_dim": "units",
    "nb_filter": "filters",
    "border_mode": "padding",
    "bias": "use_bias",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "subsample": "strides",
    "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
    "dim_ordering": "data_format",
    "p": "rate",
    "pool_length": "pool_size",
    "stride": "strides",
    "input_dtype": "dtype",
    "gamma_init": "gamma_initializer",
    "beta_init": "beta_initializer",
    "gamma_regularizer": "gamma_regularizer",
}
_FORMATS: Final = {"tf": "channels_last", "th": "channels_first"}
_KERNELS: Final = (("nb_row", "nb_col"), ("filter_length",), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))
_DROPPED: Final = frozenset({"input_dim", "input_length", "activity_regularizer", "W_regularizer", "b_regularizer"})
"""Nothing that a trained model computes depends on them."""
_MERGES: Final = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate"}


def in_words_of_keras_2(path: Path, findings: Findings) -> Path:
    """Write the translated config into the HDF5 file at `path`, if it is of Keras 1 or early Keras 2; return `path`.

    Raises `ModelImportError` for a model of Theano, whose kernels are mirrored.
    """
    config = findings.config
    if findings.kind != "legacy_h5" or not _is_early(config):
        return path
    if findings.backend == "theano" or '"th"' in json.dumps(config):
        raise ModelImportError(
            N_(
                "The model was made with Keras 1 and Theano, which stores its weights in another order. Open it with "
                "Keras 2.2 and the TensorFlow backend, save it again, and import that."
            )
        )
    import h5py

    with h5py.File(path, "r+") as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = json.dumps(translated(config)).encode()
    return path


def translated(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config of a model or a layer in the words of Keras 2."""
    node = {key: value for key, value in model.items() if key != "config"}
    name = str(model.get("class_name"))
    config = model.get("config")
    if name in MODELS:
        if isinstance(config, list):  # Keras 1 and 2.0: a Sequential is a list of layers
            node["config"] = {"name": "sequential", "layers": [translated(layer) for layer in config]}
        elif isinstance(config, dict):
            layers = [translated(layer) for layer in config.get("layers", [])]
            node["config"] = {**config, "layers": layers}
        return node
    if not isinstance(config, dict):
        return dict(model)
    node["class_name"], node["config"] = _layer(name, config)
    return node


def _layer(name: str, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    values = {key: value for key, value in config.items() if key not in _DROPPED}
    if name == "Merge":
        kind = _MERGES.get(str(values.get("mode")))
        if kind is None:
            raise ModelImportError(N_("The model joins its layers in a way that only Keras 1 knows."))
        kept = {"name": values.get("name")}
        if kind == "Concatenate":
            kept["axis"] = values.get("concat_axis", -1)
        return kind, kept
    for edges in _KERNELS:
        if edges[0] in values:
            values["kernel_size"] = [values.pop(edge) for edge in edges]
    if name == "BatchNormalization":
        values.pop("mode", None)
    translated_values = {_KEYS.get(key, key): _value(key, value) for key, value in values.items()}
    if name in ("TimeDistributed", "Bidirectional") and isinstance(translated_values.get("layer"), dict):
        translated_values["layer"] = translated(translated_values["layer"])
    if name.startswith(("GaussianNoise",)) and "sigma" in translated_values:
        translated_values["stddev"] = translated_values.pop("sigma")
    if translated_values.get("strides") is None:
        translated_values.pop("strides", None)
    return _CLASSES.get(name, name), translated_values


def _value(key: str, value: Any) -> Any:
    if key in ("dim_ordering", "data_format"):
        return _FORMATS.get(value, value)
    if key in ("init", "gamma_init", "beta_init") and not isinstance(value, str):
        return "glorot_uniform"
    if key in ("init", "gamma_init", "beta_init"):
        return {"zero": "zeros", "one": "ones", "normal": "random_normal", "uniform": "random_uniform"}.get(
            value, value
        )
    return value


def _is_early(config: Any) -> bool:
    """Whether a config has the words of Keras 1, or a Sequential that is a list of layers."""
    if isinstance(config, list):
        return any(_is_early(item) for item in config)
    if not isinstance(config, dict):
        return False
    settings = config.get("config")
    if config.get("class_name") == "Sequential" and isinstance(settings, list):
        return True
    if isinstance(settings, dict) and config.get("class_name") not in MODELS:
        return bool({"nb_filter", "output_dim", "border_mode", "dim_ordering", "p", "init"} & set(settings)) or (
            config.get("class_name") == "Merge"
        )
    return isinstance(settings, dict) and _is_early(settings.get("layers"))
