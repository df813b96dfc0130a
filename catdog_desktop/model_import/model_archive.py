"""A model in one file, to be passed on: `.catdog`, a zip with `model.tflite` and `model.json` and nothing else.

It may come from anywhere. So only these two names are taken, out of a zip whose members are checked before any is
unpacked; sizes are bounded; the flatbuffer must be the one that the description was written for and have no operations
of somebody's own; and it must answer a photo as described, first in the child and then here, before it is installed.
"""

import contextlib
import json
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.inference.installed_models import install_model
from catdog_desktop.inference.model_file import (
    DESCRIPTION,
    FLATBUFFER,
    MAX_FLATBUFFER_BYTES,
    ModelError,
    ModelFile,
    load_model_file,
)
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.conversion.progress import Progress
from catdog_desktop.model_import.errors import ImportCancelledError, ModelImportError
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.inspection.zip_members import checked_members, copy_member, open_zip
from catdog_desktop.model_import.proposals.first_run import first_run
from catdog_desktop.model_import.refused import RefusedModelError, shown

SUFFIX: Final = ".catdog"
_LIMITS: Final = {DESCRIPTION: 2**20, FLATBUFFER: MAX_FLATBUFFER_BYTES}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""A zip's own beginning of time: the same model gives the same file."""


def check_target(target: Path) -> None:
    """Raise `ModelError` if an archive may not be written to `target`: it has another ending, or something is there."""
    if target.suffix.lower() != SUFFIX:
        raise ModelError(f"{target} was not written: the name of such a file ends in {SUFFIX}.")
    if os.path.lexists(target):
        raise ModelError(f"{target} is already there and stays as it is. Choose another name.")


def export_model(folder: Path, target: Path, *, replace: bool = False) -> None:
    """Write the model in `folder` to `target`, whole or not at all.

    Only with `replace` in the place of something. Raises `ModelError`, also where it cannot be written.
    """
    if not replace:
        check_target(target)
    model = load_model_file(folder)
    try:
        description = (folder / DESCRIPTION).read_bytes()
        with atomic_write(target, replace=replace) as file, zipfile.ZipFile(file, "w") as archive:
            for name, content in ((DESCRIPTION, description), (FLATBUFFER, model.flatbuffer)):
                # Not packed: weights hardly shrink.
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_STORED)
    except OSError as error:
        raise ModelError(f"{target} could not be written ({error.strerror or error}).") from error


def open_archive(
    path: Path,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: threading.Event | None = None,
) -> ModelFile:
    """Install the model in the archive at `path` among the user's own, and return it as `install_model` does.

    Raises `ModelError` that says what is wrong with the file, and `ImportCancelledError`.
    """
    on_progress(Progress.at("inspecting"))
    try:
        with tempfile.TemporaryDirectory(prefix="catdog-model-") as name:
            folder = Path(name)
            _unpack(path, folder)
            _inspect(folder / FLATBUFFER, shown(path.name))
            try:
                model = load_model_file(folder)
                description = json.loads((folder / DESCRIPTION).read_bytes())
                on_progress(Progress.at("trying"))
                first_run(description, model.flatbuffer, [model.scaling], cancelled)
                try_out(model)
            except ModelError as error:
                # The temporary folder is nothing that the user knows.
                sentence = str(error).replace(f"{folder}{os.sep}", "").replace(str(folder), "The model")
                raise ModelError(f"{path.name} was not opened. {sentence}") from error
            except ImportCancelledError:
                raise
            except ModelImportError as error:
                raise ModelError(f"{path.name} was not opened. {error}") from error
            return install_model(description, model.flatbuffer)
    except RefusedModelError as error:
        raise ModelError(str(error)) from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror or error}).") from error


def try_out(model: ModelFile) -> None:
    """Let the model answer two plain photos: raises `ModelError` if it is not what its description says."""
    classifier = Classifier(model)
    shape = (model.input_height, model.input_width, model.channels)
    for value in (0, 128):
        classifier.classify(np.full(shape, value, np.uint8))


def _inspect(flatbuffer: Path, where: str) -> None:
    try:
        inspect_flatbuffer(flatbuffer)
    except RefusedModelError as error:
        raise RefusedModelError(error.what, f"{where}, {error.where}", error.advice) from error


def _unpack(path: Path, folder: Path) -> None:
    where = shown(path.name)
    with contextlib.closing(open_zip(path)) as archive:
        members = {info.filename: info for info in checked_members(archive, where)}
        if set(members) != set(_LIMITS) or len(archive.infolist()) != len(_LIMITS):
            names = ", ".join(shown(name) for name in sorted(archive.namelist())[:5]) or "nothing"
            raise RefusedModelError(
                f"a {SUFFIX} file holds {DESCRIPTION} and {FLATBUFFER} and nothing else, this one {names}", where
            )
        for name, limit in _LIMITS.items():
            if members[name].file_size > limit:
                raise RefusedModelError(f"it is larger than {limit // 2**20} MB", f"{where}, {name}")
            with (folder / name).open("xb") as file:
                copy_member(archive, members[name], file, where)
