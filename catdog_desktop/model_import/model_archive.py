"""A model in one file, for passing it on: `.catdog`, a zip with `model.tflite` and `model.json` and nothing else.

It may come from anywhere. Only these two names are accepted, in a zip whose members are checked before any is unpacked,
with limited sizes. The flatbuffer must be the one that the description was written for, without custom operators, and
must answer a photo as described, first in a sandboxed child and then here, before it is installed.
"""

import contextlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from catdog_desktop.cancellation import CancelToken
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
from catdog_desktop.languages.formats import format_list
from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.child_results import model_problem
from catdog_desktop.model_import.conversion.conversion import ImportProgress
from catdog_desktop.model_import.errors import ModelImportError, RefusedModelError, printable_name
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.inspection.zip_members import checked_members, copy_member, open_zip
from catdog_desktop.model_import.proposals.trial_run import check_runs_here, trial_run

SUFFIX: Final = ".catdog"
_LIMITS: Final = {DESCRIPTION: 2**20, FLATBUFFER: MAX_FLATBUFFER_BYTES}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date of a zip, for both members: the same model gives the same file."""


def check_target(target: Path) -> None:
    """Raise `ModelError` if an archive may not be written to `target`: it has another ending, or exists."""
    if target.suffix.lower() != SUFFIX:
        sentence = N_("{path} was not written: the name must end in {suffix}.")
        raise ModelError(sentence, path=target, suffix=SUFFIX)
    if os.path.lexists(target):
        raise ModelError(N_("{path} exists already and was not changed. Choose another name."), path=target)


def export_model(folder: Path, target: Path, *, replace: bool = False) -> None:
    """Write the model in `folder` to `target`, whole or not at all. An existing file is overwritten only if `replace`.

    Raises `ModelError`.
    """
    if not replace:
        check_target(target)
    model = load_model_file(folder)
    try:
        description = (folder / DESCRIPTION).read_bytes()
        with atomic_write(target, replace=replace) as file, zipfile.ZipFile(file, "w") as archive:
            for name, content in ((DESCRIPTION, description), (FLATBUFFER, model.flatbuffer)):
                # Not compressed: weights hardly shrink.
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_STORED)
    except OSError as error:
        sentence = N_("{path} could not be written ({reason}).")
        raise ModelError(sentence, path=target, reason=error.strerror or error) from error


def open_archive(
    path: Path,
    on_progress: Callable[[ImportProgress], None] = lambda progress: None,
    cancel: CancelToken | None = None,
) -> ModelFile:
    """Install the model in the archive at `path` among the user's own, and return it as `install_model` does.

    Raises `ModelError` that says what is wrong with the file, and `Cancelled`.
    """
    on_progress(ImportProgress("inspecting"))
    try:
        with tempfile.TemporaryDirectory(prefix="catdog-model-") as name:
            folder = Path(name)
            _unpack(path, folder)
            _inspect(folder / FLATBUFFER, printable_name(path.name))
            try:
                model = load_model_file(folder)
                description = json.loads((folder / DESCRIPTION).read_bytes())
                on_progress(ImportProgress("trying"))
                trial_run(description, model.flatbuffer, [model.scaling], cancel)
                check_runs_here(model)
            except (ModelError, ModelImportError) as error:
                problem = model_problem(error) if isinstance(error, ModelError) else str(error)
                sentence = N_("{name} was not opened. {problem}")
                raise ModelError(sentence, name=path.name, problem=problem) from error
            return install_model(description, model.flatbuffer)
    except RefusedModelError as error:
        raise ModelError(str(error)) from error
    except OSError as error:
        sentence = N_("{path} cannot be read ({reason}).")
        raise ModelError(sentence, path=path, reason=error.strerror or error) from error


def _inspect(flatbuffer: Path, where: str) -> None:
    try:
        inspect_flatbuffer(flatbuffer)
    except RefusedModelError as error:
        raise RefusedModelError(error.what, f"{where}, {error.where}", error.advice) from error


def _unpack(path: Path, folder: Path) -> None:
    where = printable_name(path.name)
    with contextlib.closing(open_zip(path)) as archive:
        members = {info.filename: info for info in checked_members(archive, where)}
        if set(members) != set(_LIMITS) or len(archive.infolist()) != len(_LIMITS):
            names = format_list(printable_name(name) for name in sorted(archive.namelist())[:5]) or _("nothing")
            what = _("a {suffix} file has the members {expected}, this one has {names}")
            expected = f"{DESCRIPTION}, {FLATBUFFER}"
            raise RefusedModelError(what.format(suffix=SUFFIX, expected=expected, names=names), where)
        for name, limit in _LIMITS.items():
            if members[name].file_size > limit:
                what = _("it is larger than {megabytes} MB").format(megabytes=limit // 2**20)
                raise RefusedModelError(what, f"{where}, {name}")
            with (folder / name).open("xb") as file:
                copy_member(archive, members[name], file, where)
