"""Builds model files that would run, read or exhaust something, and the harmless parts that they consist of.

Made without TensorFlow. Where a file would run code, the code writes a marker file.
"""

import base64
import io
import json
import marshal
import pickle
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

INPUT = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "dtype": "float32", "name": "photo"}}
OLD_INPUT = {
    "class_name": "InputLayer",
    "config": {"batch_input_shape": [None, 4], "dtype": "float32", "sparse": False, "ragged": False, "name": "photo"},
}


# Configs --------------------------------------------------------------------------------------------------------------


def code_that_writes(marker: Path) -> str:
    """Return a marshalled function, as Keras keeps a lambda: called with x, it writes the marker and returns x."""
    function = eval(f"lambda x: (open({str(marker)!r}, 'w').write('ran'), x)[1]")
    return base64.b64encode(marshal.dumps(function.__code__)).decode("ascii") + "\n"


def lambda_layer(marker: Path) -> dict[str, Any]:
    """Return a Lambda layer as Keras 3 writes it."""
    code = {"code": code_that_writes(marker), "defaults": None, "closure": None}
    function = {"class_name": "__lambda__", "config": code}
    return keras("Lambda", name="evil", trainable=True, dtype="float32", function=function, arguments={})


def old_lambda_layer(marker: Path) -> dict[str, Any]:
    """Return a Lambda layer as legacy HDF5 files have it."""
    config = {"name": "evil", "trainable": True, "dtype": "float32", "function": [code_that_writes(marker), None, None]}
    config |= {"function_type": "lambda", "module": "__main__", "output_shape": None, "output_shape_type": "raw"}
    return {"class_name": "Lambda", "config": {**config, "output_shape_module": None, "arguments": {}}}


def function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": "function"}


def keras(name: str, module: str = "keras.layers", /, **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def dense(**more: Any) -> dict[str, Any]:
    return keras("Dense", name="dense", trainable=True, units=1, activation="sigmoid", use_bias=True, **more)


def sequential(*layers: dict[str, Any], name: str = "model") -> dict[str, Any]:
    return keras("Sequential", "keras", name=name, trainable=True, dtype="float32", layers=[INPUT, *layers])


def old_sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "model", "layers": [OLD_INPUT, *layers]}}


def functional(layer: dict[str, Any], *inbound: Any) -> dict[str, Any]:
    """Return a functional model of the input and one layer, with Keras 3's inbound nodes."""
    name = layer["config"]["name"]
    layers = [
        {**INPUT, "module": "keras.layers", "registered_name": None, "name": "photo", "inbound_nodes": []},
        {**layer, "name": name, "inbound_nodes": list(inbound)},
    ]
    ends = {"input_layers": [["photo", 0, 0]], "output_layers": [[name, 0, 0]]}
    return keras("Functional", "keras.src.models.functional", name="model", layers=layers, **ends) | {
        "registered_name": "Functional"
    }


# Files ----------------------------------------------------------------------------------------------------------------


def weights() -> bytes:
    """Return an HDF5 file without any weights."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        file.create_group("layers")
    return data.getvalue()


def archive(path: Path, config: dict[str, Any] | bytes, **members: bytes) -> Path:
    """Write a `.keras` archive; `members` replace or add to what is in it (names with __ for a dot)."""
    content = {
        "metadata.json": json.dumps({"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}).encode(),
        "config.json": config if isinstance(config, bytes) else json.dumps(config).encode(),
        "model.weights.h5": weights(),
    } | {name.replace("__", "."): data for name, data in members.items()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in content.items():
            file.writestr(name, data)
    return path


def add_member(path: Path, name: str, data: bytes, *, mode: int = 0, method: int = zipfile.ZIP_STORED) -> Path:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = method
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(info, data)
    return path


def legacy(path: Path, config: dict[str, Any] | bytes, change: Callable[[h5py.File], object] | None = None) -> Path:
    """Write a legacy HDF5 model without weights; `change` works on the open file."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = config if isinstance(config, bytes) else json.dumps(config)
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = []
        group.attrs["backend"] = "tensorflow"
        group.attrs["keras_version"] = "2.15.0"
        if change is not None:
            change(file)
    return path


# SavedModels, in protobuf's wire format -------------------------------------------------------------------------------


def message(**parts: Any) -> bytes:
    """Encode a message: `f3=` is field 3; a text, bytes, an int, or a list of them."""
    data = b""
    for name, value in parts.items():
        for item in value if isinstance(value, list) else [value]:
            number = int(name[1:])
            if isinstance(item, int):
                data += _varint(number << 3) + _varint(item)
            else:
                raw = item.encode() if isinstance(item, str) else item
                data += _varint(number << 3 | 2) + _varint(len(raw)) + raw
    return data


def _varint(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def node(name: str, operation: str, *inputs: str, calls: str | None = None) -> bytes:
    attributes = [message(f1="f", f2=message(f10=message(f1=calls)))] if calls else []
    return message(f1=name, f2=operation, f3=list(inputs), f5=attributes)


def library_function(name: str, *operations: str) -> bytes:
    body = [node(f"node_{index}", operation) for index, operation in enumerate(operations)]
    return message(f1=message(f1=name), f3=body)


def saved_model(
    folder: Path,
    *functions: bytes,
    nodes: list[bytes] | None = None,
    signature: str = "serve:0",
    restore: str = "restore",
    more: bytes = b"",
) -> Path:
    """Write a SavedModel as TensorFlow lays it out: serving, saving and restoring, each a function."""
    usual = [
        library_function("__inference_serve_1", "Conv2D", "BiasAdd", "Sigmoid"),
        library_function("__inference__traced_save_2", "Const", "StringJoin", "ShardedFilename", "SaveV2"),
        library_function("__inference__traced_restore_3", "Const", "RestoreV2", "AssignVariableOp"),
    ]
    graph = [
        node("serving_default_photo", "Placeholder"),
        node("serve", "StatefulPartitionedCall", "serving_default_photo", calls="__inference_serve_1"),
        node("save", "StatefulPartitionedCall", "saver_filename", calls="__inference__traced_save_2"),
        node("restore", "StatefulPartitionedCall", "saver_filename", calls="__inference__traced_restore_3"),
        *(nodes or []),
    ]
    photo = message(f1="serving_default_photo:0", f3=message(f2=[message(f1=size) for size in (1, 64, 64, 3)]))
    scores = message(f1=signature, f3=message(f2=[message(f1=1), message(f1=1)]))
    serving = message(f1=message(f1="photo", f2=photo), f2=message(f1="scores", f2=scores))
    meta_graph = message(
        f2=message(f1=graph, f2=message(f1=[*usual, *functions])),
        f3=message(f1="saver_filename:0", f2="save:0", f3=restore),
        f5=message(f1="serving_default", f2=serving),
    )
    (folder / "variables").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "variables" / "variables.index").write_bytes(b"")
    (folder / "saved_model.pb").write_bytes(message(f1=1, f2=meta_graph) + more)
    return folder


def keras_metadata(folder: Path, config: dict[str, Any]) -> Path:
    item = message(f2=0, f3="root", f4="_tf_keras_sequential", f5=json.dumps(config))
    (folder / "keras_metadata.pb").write_bytes(message(f1=item))
    return folder


# Flatbuffers ----------------------------------------------------------------------------------------------------------


def flatbuffer(path: Path, *, custom: str | None = None, shape: tuple[int, ...] = (1, 4)) -> Path:
    """Write a `.tflite` of one operator; a custom one if `custom` names it."""
    import flatbuffers

    builder = flatbuffers.Builder(256)
    name = builder.CreateString(custom) if custom else None
    builder.StartVector(4, len(shape), 4)
    for length in reversed(shape):
        builder.PrependInt32(length)
    lengths = builder.EndVector()
    builder.StartObject(8)
    builder.PrependUOffsetTRelativeSlot(0, lengths, 0)
    tensor = builder.EndObject()
    tensors = _vector(builder, tensor)
    builder.StartVector(4, 1, 4)
    builder.PrependInt32(0)
    ends = builder.EndVector()
    builder.StartObject(5)
    for slot in (1, 2):  # takes and gives the one tensor
        builder.PrependUOffsetTRelativeSlot(slot, ends, 0)
    operator = builder.EndObject()
    operators = _vector(builder, operator)
    builder.StartObject(5)
    for slot, value in enumerate((tensors, ends, ends, operators)):
        builder.PrependUOffsetTRelativeSlot(slot, value, 0)
    graphs = _vector(builder, builder.EndObject())
    builder.StartObject(4)
    builder.PrependInt8Slot(0, 32 if custom else 14, 0)
    if name is not None:
        builder.PrependUOffsetTRelativeSlot(1, name, 0)
    codes = _vector(builder, builder.EndObject())
    builder.StartObject(5)
    builder.PrependUint32Slot(0, 3, 0)
    builder.PrependUOffsetTRelativeSlot(1, codes, 0)
    builder.PrependUOffsetTRelativeSlot(2, graphs, 0)
    builder.Finish(builder.EndObject(), file_identifier=b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


def _vector(builder: Any, item: int) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(item)
    return int(builder.EndVector())


class Pickled:
    """A pickle of it writes the marker when it is read."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.marker, "ran")


def pickled(marker: Path) -> bytes:
    return pickle.dumps(Pickled(marker))


def npz(marker: Path) -> bytes:
    data = io.BytesIO()
    np.savez(data, weights=np.array([Pickled(marker)], dtype=object))
    return data.getvalue()


LINK_MODE = stat.S_IFLNK | 0o777


def broken_offsets() -> bytes:
    """Return a flatbuffer whose root lies beyond its end."""
    return struct.pack("<I", 0x7FFFFFFF) + b"TFL3" + bytes(64)
