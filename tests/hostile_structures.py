"""Models whose file structure, graph or operators do harm, with the words of each refusal."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import hostile_models as make
import numpy as np
import pytest
from hostile_configs import GOOD, Hostile


def changed(change: Callable[[h5py.File, Path, Path], object]) -> Callable[[Path, Path], Path]:
    def write(folder: Path, marker: Path) -> Path:
        config = make.old_sequential(make.dense())
        return make.legacy(folder / "model.h5", config, lambda file: change(file, folder, marker))

    return write


def with_member(*arguments: Any, **more: Any) -> Callable[[Path, Path], Path]:
    def write(folder: Path, marker: Path) -> Path:
        return make.add_member(make.archive(folder / "model.keras", GOOD), *arguments, **more)

    return write


def zip_bomb(folder: Path, marker: Path) -> Path:
    path = make.archive(folder / "model.keras", GOOD)
    path.unlink()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", json.dumps(GOOD))
        with file.open("model.weights.h5", "w") as member:
            for _ in range(64):
                member.write(bytes(2**20))
    return path


def encrypted(folder: Path, marker: Path) -> Path:
    path = make.archive(folder / "model.keras", GOOD)
    data = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(sign)
        data[start + offset] |= 1
    path.write_bytes(data)
    return path


def twice(folder: Path, marker: Path) -> Path:
    path = make.archive(folder / "model.keras", GOOD)
    with pytest.warns(UserWarning, match="Duplicate"):
        make.add_member(path, "config.json", json.dumps(make.sequential(make.lambda_layer(marker))).encode())
    return path


def two_in_one(folder: Path, marker: Path) -> Path:
    path = make.legacy(folder / "model.keras", make.old_sequential(make.dense()))
    inner = make.archive(folder / "inner.zip", make.sequential(make.lambda_layer(marker)))
    with path.open("ab") as file:
        file.write(inner.read_bytes())
    return path


def external_storage(file: h5py.File, folder: Path, marker: Path) -> None:
    (folder / "secret").write_bytes(bytes(16))
    file.create_dataset("model_weights/kernel", (4,), "f4", external=[(str(folder / "secret"), 0, 16)])


def virtual(file: h5py.File, folder: Path, marker: Path) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "secret", (4,))
    file.create_virtual_dataset("model_weights/kernel", layout)


def plug_in(file: h5py.File, folder: Path, marker: Path) -> None:
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((4,))
    creation.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    space = h5py.h5s.create_simple((4,))
    h5py.h5d.create(file["model_weights"].id, b"kernel", h5py.h5t.NATIVE_FLOAT, space, creation)


def huge(file: h5py.File, folder: Path, marker: Path) -> None:
    file.create_dataset("model_weights/kernel", (2**30,), "f4", chunks=(2**20,))


def own_type(file: h5py.File, folder: Path, marker: Path) -> None:
    file["model_weights/type"] = np.dtype("f4")


def saved(*functions: bytes, **more: Any) -> Callable[[Path, Path], Path]:
    return lambda folder, marker: make.saved_model(folder / "model", *functions, **more)


def saved_with(change: Callable[[Path, Path], object]) -> Callable[[Path, Path], Path]:
    def write(folder: Path, marker: Path) -> Path:
        model = make.saved_model(folder / "model")
        change(model, marker)
        return model

    return write


def written(name: str, data: bytes) -> Callable[[Path, Path], Path]:
    def write(folder: Path, marker: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def call(name: str, function: str, *inputs: str) -> bytes:
    return make.node(name, "StatefulPartitionedCall", *inputs, calls=function)


SAVER = "__inference__traced_save_2"
STRUCTURES = [
    # Structure of HDF5
    Hostile(
        "link to another file",
        changed(lambda f, d, m: f.__setitem__("model_weights/kernel", h5py.ExternalLink(str(m), "/x"))),
        "link to another file",
        "/model_weights/kernel",
    ),
    Hostile(
        "link",
        changed(lambda f, d, m: f.__setitem__("model_weights/kernel", h5py.SoftLink("/x"))),
        "link instead of data",
        "/model_weights/kernel",
    ),
    Hostile("storage in another file", changed(external_storage), "out of another file", "/model_weights/kernel"),
    Hostile("virtual data", changed(virtual), "other files", "/model_weights/kernel"),
    Hostile("plug-in", changed(plug_in), "plug-in 32015", "/model_weights/kernel"),
    Hostile(
        "pickle in an attribute",
        changed(lambda f, d, m: f["model_weights"].attrs.__setitem__("names", np.void(make.pickled(m)))),
        "pickled",
        "names",
    ),
    Hostile(
        "reference in an attribute",
        changed(lambda f, d, m: f.attrs.__setitem__("r", f["model_weights"].ref)),
        "reference",
        "attributes of /, r",
    ),
    Hostile(
        "pickle as weights",
        changed(lambda f, d, m: f.create_dataset("model_weights/w", data=np.void(make.pickled(m)))),
        "pickled",
        "/model_weights/w",
    ),
    Hostile(
        "texts as weights",
        changed(lambda f, d, m: f.create_dataset("model_weights/w", data="import os")),
        "texts",
        "/model_weights/w",
    ),
    Hostile("type of its own", changed(own_type), "type of its own", "/model_weights/type"),
    Hostile("four gigabytes in nothing", changed(huge), "would unpack", "/model_weights/kernel"),
    Hostile("lambda behind HDF5", two_in_one, "at once", "model.keras"),
    # Structure of zips
    Hostile("name that leads out", with_member("../../evil.py", b"x"), "leads out", "../../evil.py"),
    Hostile("absolute name", with_member("/tmp/evil.py", b"x"), "leads out", "/tmp/evil.py"),
    Hostile("name for Windows", with_member("C:\\evil.py", b"x"), "leads out", "evil.py"),
    Hostile("link as member", with_member("assets", b"/etc", mode=make.LINK_MODE), "link", "assets"),
    Hostile("zip bomb", zip_bomb, "would unpack", "model.weights.h5"),
    Hostile("encrypted member", encrypted, "encrypted", "metadata.json"),
    Hostile("config twice", twice, "two members with the same name", "config.json"),
    Hostile("program as member", with_member("evil.py", b"x"), "does not belong", "evil.py"),
    Hostile("assets", with_member("assets/vocabulary.txt", b"x"), "files for its layers", "assets/vocabulary.txt"),
    Hostile(
        "pickled arrays",
        lambda d, m: make.add_member(make.archive(d / "model.keras", GOOD), "model.weights.npz", make.npz(m)),
        "pickle",
        "model.weights.npz",
    ),
    Hostile(
        "weights that link out",
        lambda d, m: make.archive(
            d / "model.keras", GOOD, model__weights__h5=changed(external_storage)(d, m).read_bytes()
        ),
        "out of another file",
        "model.weights.h5",
    ),
    # SavedModels
    Hostile(
        "writes a file",
        saved(make.library_function("__inference_x_9", "WriteFile")),
        "'WriteFile', which writes",
        "__inference_x_9",
    ),
    Hostile(
        "reads a file",
        saved(make.library_function("__inference_x_9", "ReadFile")),
        "'ReadFile', which reads",
        "__inference_x_9",
    ),
    Hostile("calls Python", saved(nodes=[make.node("evil", "EagerPyFunc")]), "calls Python code", "the graph"),
    Hostile("unknown operation", saved(nodes=[make.node("evil", "SendEverything")]), "'SendEverything'", "the graph"),
    Hostile("saves when it is asked for scores", saved(signature="save:0"), "must not", SAVER),
    Hostile("saves when it is loaded", saved(restore="save"), "must not", SAVER),
    Hostile("saves in passing", saved(nodes=[make.node("x", "Identity", "^save")]), "must not", SAVER),
    Hostile("saves by another call", saved(nodes=[call("evil", SAVER)]), "outside of its own saving", SAVER),
    Hostile(
        "saves in a function",
        saved(make.message(f1=make.message(f1="f"), f3=call("x", SAVER))),
        "outside of its own saving",
        SAVER,
    ),
    Hostile(
        "saves in the graph", saved(nodes=[make.node("save/SaveV2", "SaveV2")]), "'SaveV2', which writes", "the graph"
    ),
    Hostile(
        "second graph",
        saved(more=make.message(f2=make.message(f2=make.message(f1=make.node("evil", "WriteFile"))))),
        "'WriteFile'",
        "the graph",
    ),
    Hostile(
        "lambda in keras_metadata.pb",
        lambda d, m: make.keras_metadata(make.saved_model(d / "model"), make.old_sequential(make.old_lambda_layer(m))),
        "Lambda",
        "keras_metadata.pb › model › evil",
    ),
    Hostile(
        "other graph beside",
        saved_with(lambda d, m: (d / "saved_model.cpb").write_bytes(b"x")),
        "does not belong",
        "saved_model.cpb",
    ),
    Hostile(
        "asset",
        saved_with(lambda d, m: (d / "assets" / "words.txt").write_text("x")),
        "files for its operations",
        "assets/words.txt",
    ),
    Hostile(
        "link as weights",
        saved_with(lambda d, m: (d / "variables" / "variables.data-00000-of-00001").symlink_to("/etc/passwd")),
        "link",
        "variables.data",
    ),
    Hostile(
        "folder that is a link",
        saved_with(lambda d, m: (d / "assets.extra").symlink_to("/etc")),
        "link",
        "assets.extra",
    ),
    Hostile(
        "damaged graph",
        saved_with(lambda d, m: (d / "saved_model.pb").write_bytes(b"\x12\xff\xff\xff\x0f")),
        "damaged",
        "saved_model.pb",
    ),
    # Flatbuffers and others
    Hostile(
        "custom operator",
        lambda d, m: make.flatbuffer(d / "m.tflite", custom="Evil"),
        "custom operator 'Evil'",
        "operators",
    ),
    Hostile(
        "operator of TensorFlow",
        lambda d, m: make.flatbuffer(d / "m.tflite", custom="FlexWriteFile"),
        "full TensorFlow",
        "operators",
    ),
    Hostile(
        "tensor of all memory",
        lambda d, m: make.flatbuffer(d / "m.tflite", shape=(2**31 - 1,) * 4),
        "tensor of more than",
        "m.tflite",
    ),
    Hostile("offsets that lead out", written("m.tflite", make.broken_offsets()), "damaged", "m.tflite"),
    Hostile(
        "pickle", lambda d, m: written("model.h5", make.pickled(m))(d, m), "pickle, which is a program", "model.h5"
    ),
    Hostile(
        "half an HDF5", written("model.h5", b"\x89HDF\r\n\x1a\n" + bytes(100)), "not a whole HDF5 file", "model.h5"
    ),
    Hostile("half a zip", written("model.keras", b"PK\x03\x04" + bytes(100)), "not a whole zip", "model.keras"),
    Hostile("empty", written("model.h5", b""), "not a model", "model.h5"),
]
