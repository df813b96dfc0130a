"""The learnt head as a small file beside the store: saved, loaded, exported, imported and removed.

The file holds 2 x D numbers and counts. It holds no photo, no path and no feature vector. It belongs to one model: with
another model, or another version of it, it is not used.
"""

import base64
import binascii
import contextlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.inference.features import MAX_FEATURES
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.learning.head import Head
from catdog_desktop.messages import N_, MessageError
from catdog_desktop.paths import data_folder

FORMAT: Final = 1
KIND: Final = "catdog learnt head"
SUFFIX: Final = ".learnt.json"
_FOLDER: Final = "learnt"
_MAX_BYTES: Final = 64_000
_LARGEST: Final = 1e3
"""A kernel has values of about 10; larger ones are rejected, because a file may come from anybody."""


class LearntFileError(MessageError):
    """A learnt head cannot be read, written or used. The text is a sentence."""


@dataclass(frozen=True, slots=True)
class LearntHead:
    """A head, and what it was learnt from."""

    head: Head
    model_key: str
    """See `model_key`."""
    checked: int
    """Photos with a verdict of the user that it was fitted to."""
    corrected: int
    """Those of `checked` on which the user and the model disagreed."""
    date: str
    """Day on which it was learnt, ISO 8601."""


def model_key(model: ModelFile) -> str:
    """Return the key of the heads of a model: its identity, the same with and without *thorough*."""
    return replace(model, thorough=False).identity


def learnt_folder() -> Path:
    """Return the folder of the learnt heads. It may not exist."""
    return data_folder() / _FOLDER


def learnt_file(key: str) -> Path:
    """Return the path of the head of the model with this key. It may not exist."""
    return learnt_folder() / f"{key[:32]}{SUFFIX}"


def new_learnt_head(head: Head, key: str, *, checked: int, corrected: int) -> LearntHead:
    """Return a head learnt today."""
    return LearntHead(head, key, checked, corrected, datetime.now(UTC).astimezone().date().isoformat())


def load_head(model: ModelFile) -> LearntHead | None:
    """Return the head in use for `model`; None without one. Raises `LearntFileError` if its file cannot be read."""
    if model.features_output is None:
        return None
    key = model_key(model)
    path = learnt_file(key)
    try:
        found = _read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LearntFileError(
            N_("{path} could not be read ({reason})."), path=path, reason=error.strerror or error
        ) from error
    if found.model_key != key:
        raise LearntFileError(N_("{path} belongs to another model."), path=path)
    return found


def save_head(learnt: LearntHead) -> None:
    """Put a head into use. Raises `LearntFileError`; the former one then stays in use."""
    path = learnt_file(learnt.model_key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text_atomically(path, as_text(learnt))
    except OSError as error:
        raise LearntFileError(
            N_("{path} could not be written ({reason})."), path=path, reason=error.strerror or error
        ) from error


def remove_head(model: ModelFile) -> bool:
    """Stop using the head of `model`; return whether there was one. Raises `LearntFileError`."""
    return _remove(learnt_file(model_key(model)))


def learnt_files(data: Path) -> list[Path]:
    """Return the files of the heads of all models in a folder of data."""
    with contextlib.suppress(OSError):
        return sorted((data / _FOLDER).glob(f"*{SUFFIX}"))
    return []


def export_head(learnt: LearntHead, path: Path) -> None:
    """Write a head to a file for another computer. Raises `LearntFileError`, also if `path` exists."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(as_text(learnt))
    except FileExistsError as error:
        raise LearntFileError(N_("“{path}” exists already. Choose another name."), path=path) from error
    except OSError as error:
        raise LearntFileError(
            N_("{path} could not be written ({reason})."), path=path, reason=error.strerror or error
        ) from error


def import_head(path: Path, model: ModelFile) -> LearntHead:
    """Read an exported head for `model`, without putting it into use. Raises `LearntFileError`."""
    try:
        found = _read(path)
    except OSError as error:
        raise LearntFileError(
            N_("{path} could not be read ({reason})."), path=path, reason=error.strerror or error
        ) from error
    if found.model_key != model_key(model):
        raise LearntFileError(
            N_("{path} was learnt with another model or another version of it than {title} {version}."),
            path=path,
            title=model.title,
            version=model.version,
        )
    return found


def read_head(path: Path) -> LearntHead:
    """Read the head of any model, for example from a backup. Raises `LearntFileError` and `OSError`."""
    return _read(path)


def as_text(learnt: LearntHead) -> str:
    """Return the content of the file of a head."""
    kernel = np.ascontiguousarray(learnt.head.kernel, "<f4")
    content = {
        "format": FORMAT,
        "kind": KIND,
        "model": learnt.model_key,
        "checked": learnt.checked,
        "corrected": learnt.corrected,
        "date": learnt.date,
        "size": len(kernel),
        "kernel": base64.b64encode(kernel.tobytes()).decode("ascii"),
    }
    return json.dumps(content, indent=2) + "\n"


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise LearntFileError(
            N_("{path} could not be deleted ({reason})."), path=path, reason=error.strerror or error
        ) from error
    return True


def _read(path: Path) -> LearntHead:
    """Read a file of a head. Raises `LearntFileError` and `OSError`."""
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    try:
        if len(data) > _MAX_BYTES:
            raise ValueError
        return _parse(json.loads(data.decode("utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise LearntFileError(N_("{path} is not a learnt head, or it is damaged."), path=path) from error


def _parse(content: Any) -> LearntHead:
    """Check the content of a file. Raises `ValueError`, `TypeError` and `KeyError`."""
    if content["format"] != FORMAT or content["kind"] != KIND:
        raise ValueError
    size = int(content["size"])
    try:
        data = base64.b64decode(content["kernel"], validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if not 0 < size <= MAX_FEATURES or len(data) != size * 8:
        raise ValueError
    kernel = np.frombuffer(data, "<f4").reshape(size, 2).astype(np.float32)
    if not np.isfinite(kernel).all() or np.abs(kernel).max() > _LARGEST:
        raise ValueError
    key = str(content["model"])
    day = datetime.fromisoformat(str(content["date"])).date().isoformat()
    return LearntHead(Head(kernel), key, max(0, int(content["checked"])), max(0, int(content["corrected"])), day)
