"""Inspect a model file before TensorFlow is imported: until then it may be a program.

The first step of a conversion in the child process. It opens only the file itself, runs nothing in it, and does not
need TensorFlow. The format is recognized by the first bytes, not by the name. Later the file must be loaded as the
`kind` that was inspected, since Keras decides by the name.
"""

import shutil
import stat
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection.config_walk import ConfigWalk, parse_config
from catdog_desktop.model_import.inspection.findings import Findings, findings_of
from catdog_desktop.model_import.inspection.flatbuffer_model import IDENTIFIER, inspect_flatbuffer
from catdog_desktop.model_import.inspection.hdf5_model import SIGNATURE, check_hdf5
from catdog_desktop.model_import.inspection.keras_archive import CONFIG, inspect_archive
from catdog_desktop.model_import.inspection.saved_model import EXTRA_FOLDERS, GRAPH, inspect_saved_model, is_extra
from catdog_desktop.model_import.inspection.zip_members import open_zip, unpack_safely

__all__ = ["Findings", "RefusedModelError", "inspect_model", "saved_model_in", "unpack_safely"]

MAX_FILE_BYTES: Final = 4 * 2**30
"""VGG16 with the state of its optimizer has 1.6 GB."""
ZIP_SIGNATURE: Final = b"PK\x03\x04"
OTHER_SIGNATURES: Final = {
    b"\x80": N_("it is a pickle, which is a program"),
    b"\x1f\x8b": N_("it is a gzip archive; unpack it first"),
    b"\x93NUMPY": N_("it is a NumPy array"),
}
KNOWN: Final = N_(
    "CatDog opens .h5, .hdf5 and .keras files, SavedModel folders (or their zip), .tflite and .catdog files."
)


def inspect_model(path: Path) -> Findings:
    """Inspect the model at `path`: HDF5, a `.keras` archive, a SavedModel folder or its zip, or a flatbuffer.

    Raises `RefusedModelError`.
    """
    where = printable_name(path.name)
    try:
        return _inspect(path, where)
    except MemoryError as error:
        raise RefusedModelError(_("it needs more memory than there is"), where, KNOWN) from error
    except OSError as error:
        raise RefusedModelError(
            _("it cannot be read ({reason})").format(reason=error.strerror or error), where, _("Check the file.")
        ) from error


def check_first_bytes(path: Path) -> str:
    """Return the format by the first bytes: "folder", "hdf5", "zip" or "flatbuffer". Nothing else is read.

    Raises `RefusedModelError` if it is not a model, and `OSError`.
    """
    where = printable_name(path.name)
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        if not (path / GRAPH).is_file():
            raise RefusedModelError(
                _("the folder has no {graph}").format(graph=GRAPH),
                where,
                _("Choose the folder that holds saved_model.pb."),
            )
        return "folder"
    if not stat.S_ISREG(status.st_mode):
        raise RefusedModelError(_("it is neither a file nor a folder with a SavedModel"), where, KNOWN)
    if status.st_size > MAX_FILE_BYTES:
        raise RefusedModelError(
            _("it is larger than {gigabytes} GB").format(gigabytes=MAX_FILE_BYTES // 2**30), where, KNOWN
        )
    with path.open("rb") as file:
        start = file.read(16)
    for signature, kind in ((SIGNATURE, "hdf5"), (ZIP_SIGNATURE, "zip")):
        if start.startswith(signature):
            return kind
    if start[4:8] == IDENTIFIER:
        return "flatbuffer"
    if path.suffix.lower() == ".onnx":
        raise RefusedModelError(_("it is an ONNX model"), where, _onnx_advice())
    for signature, what in OTHER_SIGNATURES.items():
        if start.startswith(signature):
            raise RefusedModelError(what, where, KNOWN)
    raise RefusedModelError(_("it is not a model that CatDog knows"), where, KNOWN)


def _onnx_advice() -> str:
    return _(
        "Convert it first: run pip install onnx2tf and then onnx2tf -i model.onnx -o model, and import the file "
        "model/model_float32.tflite."
    )


def _inspect(path: Path, where: str) -> Findings:
    match check_first_bytes(path):
        case "folder":
            return inspect_saved_model(path)
        case "hdf5":
            return _inspect_hdf5(path, where)
        case "zip":
            return _inspect_zip(path)
        case _:
            return inspect_flatbuffer(path)


def _inspect_zip(path: Path) -> Findings:
    """Inspect a `.keras` archive, or a zipped SavedModel, which is unpacked into a temporary folder."""
    with open_zip(path) as archive:
        names = archive.namelist()
    if CONFIG in names or not any(name.rpartition("/")[2] == GRAPH for name in names):
        return inspect_archive(path)
    with tempfile.TemporaryDirectory(prefix="catdog-saved-model-") as folder:
        unpack_safely(path, Path(folder))
        return inspect_saved_model(saved_model_in(Path(folder)))


def saved_model_in(folder: Path) -> Path:
    """Return the folder of an unpacked SavedModel, without files that do not belong to it.

    A zip may have the folder inside other folders, with lists of classes beside it.
    """
    graphs = [path for path in sorted(folder.rglob(GRAPH)) if not set(path.parts) & set(EXTRA_FOLDERS)]
    found = graphs[0].parent if len(graphs) == 1 else folder
    for path in list(found.iterdir()):
        if is_extra(path):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return found


def _inspect_hdf5(path: Path, where: str) -> Findings:
    if zipfile.is_zipfile(path):  # Keras would decide by the name, and may load the other one
        raise RefusedModelError(_("it is an HDF5 file and a zip file at once"), where, KNOWN)
    attributes = check_hdf5(path, where)
    if "model_config" not in attributes:
        raise RefusedModelError(
            _("it holds weights only, without the model"),
            where,
            _("Save the whole model (model.save) and import that file."),
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
        keras_version=None if version is None else printable_name(version),
        backend=None if backend is None else printable_name(backend),
        notes=tuple(walk.notes),
    )
