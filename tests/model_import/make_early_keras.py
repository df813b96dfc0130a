"""Rewrite an HDF5 file of tf_keras into the words of Keras 1, which Keras 2.2 lists in `keras/legacy/interfaces.py`."""

import json

import h5py

WORDS = {
    "filters": "nb_filter",
    "units": "output_dim",
    "padding": "border_mode",
    "strides": "subsample",
    "use_bias": "bias",
    "kernel_initializer": "init",
    "kernel_regularizer": "W_regularizer",
    "bias_regularizer": "b_regularizer",
    "kernel_constraint": "W_constraint",
    "bias_constraint": "b_constraint",
    "data_format": "dim_ordering",
    "rate": "p",
}


def rewrite(path):
    """Rewrite the config; weights stay."""
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layers = [early(layer) for layer in config["config"]["layers"] if layer["class_name"] != "InputLayer"]
        layers[0]["config"]["batch_input_shape"] = [None, 12, 12, 3]
        for name in ("model_config", "keras_version", "backend", "training_config"):
            if name in file.attrs:
                del file.attrs[name]
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers}).encode()
        file.attrs["keras_version"] = b"1.2.2"


def early(layer):
    """Return the config of a layer in the words of Keras 1."""
    kept = {key: value for key, value in layer["config"].items() if key not in ("bias_initializer", "groups", "dtype")}
    kernel = kept.pop("kernel_size", None)
    config = {WORDS.get(key, key): value for key, value in kept.items()}
    if kernel:
        config |= {"nb_row": kernel[0], "nb_col": kernel[1]}
        config.pop("dilation_rate", None)
    if "init" in config:
        config["init"] = "glorot_uniform"
    if config.get("dim_ordering"):
        config["dim_ordering"] = "tf"
    if layer["class_name"] == "MaxPooling2D":
        config["strides"] = config.pop("subsample")
    return {"class_name": {"Conv2D": "Convolution2D"}.get(layer["class_name"], layer["class_name"]), "config": config}
