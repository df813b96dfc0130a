"""Inspect a `.keras` archive: a zip with a config, metadata, and the weights as HDF5. Nothing else may be in it."""

import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection.config_walk import MAX_CONFIG_BYTES, ConfigWalk, parse_config
from catdog_desktop.model_import.inspection.findings import Findings, findings_of
from catdog_desktop.model_import.inspection.hdf5_model import check_hdf5
from catdog_desktop.model_import.inspection.zip_members import checked_members, copy_member, open_zip

CONFIG: Final = "config.json"
METADATA: Final = "metadata.json"
WEIGHTS: Final = "model.weights.h5"
AGAIN: Final = N_("Save the model again with Keras, and import the new file.")


def inspect_archive(path: Path) -> Findings:
    """Check the archive and everything in it; for that, the weights are unpacked into a temporary folder.

    Raises `RefusedModelError`.
    """
    where = printable_name(path.name)
    with open_zip(path) as archive:
        infos = {info.filename: info for info in checked_members(archive, where)}
        for name in infos:
            if name.startswith("assets/"):
                raise RefusedModelError(
                    _("it brings files for its layers to read"), f"{where}, {printable_name(name)}", AGAIN
                )
            if name not in (CONFIG, METADATA, WEIGHTS):
                what = (
                    "it holds a pickle or arrays that may be one"
                    if name.endswith((".npz", ".pkl"))
                    else "it holds a file"
                )
                raise RefusedModelError(
                    _("{what} that does not belong there").format(what=what), f"{where}, {printable_name(name)}", AGAIN
                )
        for name in (CONFIG, WEIGHTS):
            if name not in infos:
                raise RefusedModelError(_("it is not a Keras model: {name} is missing").format(name=name), where, AGAIN)
        config = parse_config(_small(archive, infos[CONFIG], where), f"{where}, {CONFIG}")
        metadata = (
            parse_config(_small(archive, infos[METADATA], where), f"{where}, {METADATA}") if METADATA in infos else {}
        )
        walk = ConfigWalk()
        walk.model(config, f"{where}, {CONFIG}")
        walk.compile_config(config.get("compile_config"), f"{where}, {CONFIG}, compile_config")
        _check_weights(archive, infos[WEIGHTS], where)
    return findings_of("keras3", config, keras_version=_version(metadata), notes=tuple(walk.notes))


def _small(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> bytes:
    if info.file_size > MAX_CONFIG_BYTES:
        here = f"{where}, {info.filename}"
        raise RefusedModelError(
            _("its description is larger than {megabytes} MB").format(megabytes=MAX_CONFIG_BYTES // 2**20),
            here,
            AGAIN,
        )
    with tempfile.SpooledTemporaryFile(MAX_CONFIG_BYTES) as file:
        copy_member(archive, info, file, where)
        file.seek(0)
        return file.read()


def _check_weights(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> None:
    with tempfile.TemporaryDirectory(prefix="catdog-weights-") as folder:
        weights = Path(folder) / WEIGHTS
        with weights.open("wb") as file:
            copy_member(archive, info, file, where)
        check_hdf5(weights, f"{where}, {WEIGHTS}")


def _version(metadata: dict[str, Any]) -> str | None:
    version = metadata.get("keras_version")
    return printable_name(version) if isinstance(version, str) else None
