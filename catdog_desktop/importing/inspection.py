"""A model file is a program until proven otherwise: it is looked at before TensorFlow is even imported.

This runs in the conversion's child process, as its first step. It opens nothing but the file itself, runs nothing out
of it, and needs no TensorFlow. What the file is follows from its first bytes, not from its name: whoever loads it
afterwards must load it as the `kind` that was inspected, since Keras goes by the name.
"""

import stat
from pathlib import Path
from typing import Final

from catdog_desktop.importing.config_walk import ConfigWalk, parse_config
from catdog_desktop.importing.findings import Findings, findings_of
from catdog_desktop.importing.hdf5_model import SIGNATURE, check_hdf5
from catdog_desktop.importing.keras_archive import inspect_archive
from catdog_desktop.importing.refused import RefusedModelError, shown

__all__ = ["Findings", "RefusedModelError", "inspect_model"]

MAX_FILE_BYTES: Final = 4 * 2**30
"""VGG16 with the state of its optimiser takes 1.6."""
ZIP_SIGNATURE: Final = b"PK\x03\x04"
OTHER_SIGNATURES: Final = {
    b"\x80": "a pickle, which is a program",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"\x93NUMPY": "a NumPy array",
}
KNOWN: Final = "CatDog opens .h5, .hdf5 and .keras files, SavedModel folders (or their zip) and .tflite files."


def inspect_model(path: Path) -> Findings:
    """Inspect the model at `path`: HDF5, a `.keras` archive, a SavedModel folder or its zip, or a flatbuffer.

    Raises `RefusedModelError`, whose message is a whole sentence with what was found, where, and what to do.
    """
    where = shown(path.name)
    try:
        return _inspect(path, where)
    except MemoryError as error:
        raise RefusedModelError("it needs more memory than there is", where, KNOWN) from error
    except OSError as error:
        raise RefusedModelError(f"it cannot be read ({error.strerror or error})", where, "Check the file.") from error


def _inspect(path: Path, where: str) -> Findings:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise RefusedModelError("it is neither a file nor a folder with a SavedModel", where, KNOWN)
    if status.st_size > MAX_FILE_BYTES:
        raise RefusedModelError(f"it is larger than {MAX_FILE_BYTES // 2**30} GB", where, KNOWN)
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(SIGNATURE):
        return _inspect_hdf5(path, where)
    if start.startswith(ZIP_SIGNATURE):
        return inspect_archive(path)
    for signature, what in OTHER_SIGNATURES.items():
        if start.startswith(signature):
            raise RefusedModelError(f"it is {what}", where, KNOWN)
    raise RefusedModelError("it is not a model that CatDog knows", where, KNOWN)


def _inspect_hdf5(path: Path, where: str) -> Findings:
    attributes = check_hdf5(path, where)
    if "model_config" not in attributes:
        raise RefusedModelError(
            "it holds weights only, without the model", where, "Save the whole model (model.save) and import that file."
        )
    here = f"{where}, model_config"
    config = parse_config(attributes["model_config"], here)
    walk = ConfigWalk()
    walk.model(config, here)
    if training := attributes.get("training_config"):
        here = f"{where}, training_config"
        walk.compile_config(parse_config(training, here), here)
    version, backend = attributes.get("keras_version"), attributes.get("backend")
    return findings_of(
        "legacy_h5",
        config,
        keras_version=None if version is None else shown(version),
        backend=None if backend is None else shown(backend),
        notes=tuple(walk.notes),
    )
