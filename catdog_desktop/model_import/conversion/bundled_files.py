"""Files around a model: lists of classes beside or inside it, and zips as teaching sites give them for download.

Teachable Machine gives zips with `keras_model.h5`, `model.savedmodel/`, `model_unquant.tflite` or `model.tflite`, and
`labels.txt` beside the model. Lobe writes `labels.txt` and `signature.json` into the folder of a SavedModel. TensorFlow
Lite appends its files to the flatbuffer as a zip. All of them are read as data, with limits, before anything is opened.
"""

import contextlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection.flatbuffer_metadata import read_metadata
from catdog_desktop.model_import.inspection.inspect_model import check_first_bytes
from catdog_desktop.model_import.inspection.keras_archive import CONFIG
from catdog_desktop.model_import.inspection.saved_model import GRAPH
from catdog_desktop.model_import.inspection.zip_members import checked_members, copy_member, open_zip
from catdog_desktop.model_import.proposals.class_names import clean_names

MAX_LIST_BYTES: Final = 2 * 2**20
LONGEST_CLASS: Final = 100
LISTS: Final = ("labels.txt", "labelmap.txt", "label_map.txt", "class_names.txt", "classes.txt")
SIGNATURE: Final = "signature.json"
"""Written by Lobe: with a list of classes, beside much else."""
_TEACHABLE_NAMES: Final = ("keras_model.h5", "model_unquant.tflite", "model.tflite", "model.savedmodel")
MODEL_ENDINGS: Final = (".h5", ".hdf5", ".keras", ".tflite")


def class_lists(source: Path) -> Iterator[tuple[str, ...]]:
    """Yield the lists of class names that belong to the model at `source`, the most certain first.

    A list inside the file itself comes before those beside it. Files that cannot be read are no lists. Never raises.
    """
    if source.is_file():
        yield from _lists_in_zip(source)
        folders = [source.parent]
        own = [f"{source.stem}{ending}" for ending in ("_labels.txt", "-labels.txt", ".labels.txt", ".txt")]
    else:
        folders, own = [source, source.parent], []
    for folder in folders:
        for name in (*own, *LISTS, SIGNATURE):
            with contextlib.suppress(OSError):
                path = folder / name
                if path.is_file() and path.stat().st_size <= MAX_LIST_BYTES:
                    yield from _list_in(name, path.read_bytes())


def names_for(source: Path, outputs: int) -> tuple[str, ...]:
    """Return the names of the classes of a model with so many outputs; empty if no list has as many lines."""
    for names in class_lists(source):
        if len(names) == max(2, outputs):
            return names
    return ()


def trained_on_middles(source: Path) -> bool:
    """Whether a model comes from a program that trains on the middle of photos: Teachable Machine or Lobe.

    Lobe writes `signature.json` beside its model. Teachable Machine numbers its list from 0 and names its files always
    alike. Never raises.
    """
    folder = source if source.is_dir() else source.parent
    with contextlib.suppress(OSError):
        if source.is_dir() and (folder / SIGNATURE).is_file():
            with (folder / SIGNATURE).open("rb") as file:
                return any(_list_in(SIGNATURE, file.read(MAX_LIST_BYTES)))
        if source.is_file() and zipfile.is_zipfile(source) and source.suffix != ".tflite":
            return _is_zip_of_teachable_machine(source)
        for place in (folder, folder.parent):
            if source.name in _TEACHABLE_NAMES and (place / LISTS[0]).is_file():
                with (place / LISTS[0]).open("rb") as file:
                    return _counts_from_0(file.read(MAX_LIST_BYTES))
    return False


def _is_zip_of_teachable_machine(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.rpartition("/")[2]: info for info in archive.infolist()}
            in_folder = any(info.filename.startswith("model.savedmodel/") for info in archive.infolist())
            labels = members.get(LISTS[0])
            if labels is None or labels.file_size > MAX_LIST_BYTES:
                return False
            return bool(in_folder or set(members) & set(_TEACHABLE_NAMES)) and _counts_from_0(archive.read(labels))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError, OSError):
        return False


def _counts_from_0(data: bytes) -> bool:
    lines = data.decode("utf-8", "replace").split("\n")
    return lines[0].startswith("0 ") and clean_names(lines)[0] != lines[0].strip()


def unwrap_zip(path: Path, into: Path) -> Path | None:
    """Unpack the only model file of a zip into the folder `into`, and return its path; None for any other zip.

    Raises `RefusedModelError` if the zip is damaged or unsafe, and `OSError`.
    """
    where = printable_name(path.name)
    with open_zip(path) as archive:
        members = checked_members(archive, where)
        names = [member.filename for member in members]
        if CONFIG in names or any(name.rpartition("/")[2] == GRAPH for name in names):
            return None  # a Keras archive, or a SavedModel
        models = [member for member in members if _is_model(member.filename)]
        if len(models) != 1:
            return None
        target = into / f"unpacked{Path(models[0].filename).suffix.lower()}"
        with target.open("xb") as file:
            copy_member(archive, models[0], file, where)
        return target


def zip_has_model(path: Path) -> bool:
    """Whether a file is a zip that has a model in it, by the names of its members. Never raises."""
    try:
        if not path.is_file() or not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return False
    return any(_is_model(name) or name.rpartition("/")[2] == GRAPH for name in names)


def _is_model(name: str) -> bool:
    return name.lower().endswith(MODEL_ENDINGS) and not name.startswith("__MACOSX/")


def _lists_in_zip(path: Path) -> Iterator[tuple[str, ...]]:
    try:
        if not zipfile.is_zipfile(path):
            return
        with open_zip(path) as archive:
            members = checked_members(archive, printable_name(path.name))
            # The metadata of a flatbuffer names its lists. Without it, any text will do that has as many lines.
            named = read_metadata(path).label_files if check_first_bytes(path) == "flatbuffer" else ()
            endings = (".txt", SIGNATURE)
            found = [one for one in members if one.filename in named or one.filename.lower().endswith(endings)]
            found.sort(key=lambda member: "label" not in member.filename.lower())
            found.sort(key=lambda member: named.index(member.filename) if member.filename in named else len(named))
            for member in found[:10]:
                if member.file_size <= MAX_LIST_BYTES and not member.filename.startswith("__MACOSX/"):
                    yield from _list_in(member.filename, archive.read(member))
    except (RefusedModelError, OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError):
        return


def _list_in(name: str, data: bytes) -> Iterator[tuple[str, ...]]:
    """Yield the names in a list or a signature, if there are any."""
    try:
        text = data.decode("utf-8-sig")
        if name.endswith(".json"):
            content = json.loads(text)
            lines = content["classes"]["Label"]
        else:
            lines = text.splitlines()
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return
    names = tuple(printable_name(line)[:LONGEST_CLASS] for line in clean_names(lines))
    if len(names) >= 2 and all(names):
        yield names
