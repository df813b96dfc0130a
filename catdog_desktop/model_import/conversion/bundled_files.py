"""Files around a model: lists of classes beside or inside it, and zips as teaching sites give them for download.

Teachable Machine gives zips with `keras_model.h5`, `model.savedmodel/`, `model_unquant.tflite` or `model.tflite`, and
`labels.txt` beside the model. Lobe writes `labels.txt` and `signature.json` into the folder of a SavedModel. TensorFlow
Lite appends its files to the flatbuffer as a zip. All of them are read as data, with limits, before anything is opened.
"""

import contextlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from catdog_desktop.languages.formats import format_list
from catdog_desktop.messages import _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection.flatbuffer_metadata import read_metadata
from catdog_desktop.model_import.inspection.inspect_model import KNOWN, check_first_bytes
from catdog_desktop.model_import.inspection.keras_archive import CONFIG
from catdog_desktop.model_import.inspection.saved_model import EXTRA_FOLDERS, GRAPH
from catdog_desktop.model_import.inspection.zip_members import checked_members, copy_member, is_system_file, open_zip
from catdog_desktop.model_import.proposals.class_names import clean_names
from catdog_desktop.model_import.proposals.facts import LOBE, TEACHABLE_MACHINE

MAX_LIST_BYTES: Final = 2 * 2**20
LONGEST_CLASS: Final = 100
LISTS: Final = (
    "labels.txt",
    "labelmap.txt",
    "label_map.txt",
    "class_names.txt",
    "classes.txt",
    "class_indices.json",
    "class_names.json",
    "labels.json",
)
SIGNATURE: Final = "signature.json"
"""Written by Lobe: with a list of classes, beside much else."""
_TEACHABLE_FILES: Final = ("keras_model.h5", "model_unquant.tflite", "model.tflite")
_TEACHABLE_FOLDER: Final = "model.savedmodel"
MODEL_ENDINGS: Final = (".h5", ".hdf5", ".keras", ".tflite")
_TFJS: Final = frozenset({"model.json", "metadata.json"})
"""Files of Teachable Machine's export for TensorFlow.js, which is its first choice."""
_SOME_MODELS: Final = 3
_DEEPEST: Final = 2
_MOST_FOLDERS: Final = 100


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


def maker_of(source: Path) -> str:
    """Return which program made the model, one of `MAKERS`.

    Lobe writes `signature.json` beside its model. Teachable Machine numbers its list from 0 and names its files always
    alike. Never raises.
    """
    try:
        if source.is_file() and source.suffix.lower() != ".tflite" and zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                return _maker_of_files(
                    {info.filename: info.file_size for info in archive.infolist() if not is_system_file(info.filename)},
                    archive.read,
                )
        folder = source if source.is_dir() else source.parent
        places = {f"{source.name}/{name}" if folder == source else name: folder / name for name in (*LISTS, SIGNATURE)}
        if source.name.lower() == _TEACHABLE_FOLDER:
            places |= {LISTS[0]: folder.parent / LISTS[0]}
        found = {name: path for name, path in places.items() if path.is_file()}
        sizes = {name: path.stat().st_size for name, path in found.items()} | {source.name: 0}
        return _maker_of_files(sizes, lambda name: found[name].read_bytes())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError, zlib.error):
        return ""


def _maker_of_files(sizes: Mapping[str, int], read: Callable[[str], bytes]) -> str:
    """Return the maker by the names and sizes of the files in a zip or a folder, and what is in its lists."""
    names = {PurePosixPath(name).name.lower(): name for name, size in sizes.items() if size <= MAX_LIST_BYTES}
    if (name := names.get(SIGNATURE)) is not None:
        return LOBE if any(_list_in(SIGNATURE, read(name))) else ""
    parts = {part.lower() for name in sizes for part in PurePosixPath(name).parts}
    if (name := names.get(LISTS[0])) is not None and parts & {*_TEACHABLE_FILES, _TEACHABLE_FOLDER}:
        return TEACHABLE_MACHINE if _counts_from_0(read(name)) else ""
    return ""


def _counts_from_0(data: bytes) -> bool:
    lines = _text_of(data).split("\n")
    return lines[0].startswith("0 ") and clean_names(lines)[0] != lines[0].strip()


def unwrap_zip(path: Path, into: Path) -> Path | None:
    """Unpack the only model file of a zip into the folder `into`, and return its path.

    None if the zip is a Keras archive or has a SavedModel. Raises `RefusedModelError` if it is damaged or unsafe, or if
    it does not have one model, and `OSError`.
    """
    where = printable_name(path.name)
    with open_zip(path) as archive:
        members = [member for member in checked_members(archive, where) if not is_system_file(member.filename)]
        names = [member.filename for member in members]
        if CONFIG in names:
            return None
        models = [member for member in members if _is_model(member.filename)]
        if len(models) != 1:
            raise _no_single_model(names, [member.filename for member in models], where)
        if _is_graph(models[0].filename):
            return None
        target = into / f"unpacked{Path(models[0].filename).suffix.lower()}"
        with target.open("xb") as file:
            copy_member(archive, models[0], file, where)
        return target


def _no_single_model(names: Sequence[str], models: Sequence[str], where: str) -> RefusedModelError:
    if models:
        here = format_list([printable_name(name) for name in models[:_SOME_MODELS]])
        advice = _("Unpack it, and import one of them.")
        return RefusedModelError(_("it holds several models"), f"{where}, {here}", advice)
    if any(PurePosixPath(name).name == "model.json" for name in names):
        advice = _("Save it for Keras instead. In Teachable Machine: Export Model, TensorFlow, Keras.")
        return RefusedModelError(_("it is a model for TensorFlow.js"), where, advice)
    return RefusedModelError(_("it is not a model that CatDog knows"), where, KNOWN)


def model_in(folder: Path) -> Path | None:
    """Return the only model in a folder or below it, as of an unpacked zip: a file, or the folder of a SavedModel.

    None if the folder is a SavedModel itself, or does not have one model. Links are not followed. Raises `OSError`.
    """
    if (folder / GRAPH).is_file():
        return None
    found: list[Path] = []
    waiting = [(folder, 0)]
    for _count in range(_MOST_FOLDERS):
        if not waiting:
            return found[0] if len(found) == 1 else None
        place, depth = waiting.pop()
        entries = [path for path in place.iterdir() if not path.is_symlink() and not is_system_file(path.name)]
        if any(path.name == GRAPH for path in entries):
            found.append(place)
            continue
        found += [path for path in entries if path.is_file() and _is_model(path.name)]
        if depth < _DEEPEST:
            waiting += [(path, depth + 1) for path in entries if path.is_dir() and path.name not in EXTRA_FOLDERS]
    return None


def zip_has_model(path: Path) -> bool:
    """Whether a file is a zip that has a model in it, by the names of its members. Never raises."""
    try:
        if not path.is_file() or not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return False
    return any(_is_model(name) for name in names) or {PurePosixPath(name).name for name in names} >= _TFJS


def _is_model(name: str) -> bool:
    return (name.lower().endswith(MODEL_ENDINGS) or _is_graph(name)) and not is_system_file(name)


def _is_graph(name: str) -> bool:
    return PurePosixPath(name).name == GRAPH


def _lists_in_zip(path: Path) -> Iterator[tuple[str, ...]]:
    try:
        if not zipfile.is_zipfile(path):
            return
        with open_zip(path) as archive:
            members = checked_members(archive, printable_name(path.name))
            # The metadata of a flatbuffer names its lists. Without it, any text will do that has as many lines.
            named = read_metadata(path).label_files if check_first_bytes(path) == "flatbuffer" else ()
            endings = (".txt", SIGNATURE, *LISTS)
            found = [one for one in members if one.filename in named or one.filename.lower().endswith(endings)]
            found.sort(key=lambda member: "label" not in member.filename.lower())
            found.sort(key=lambda member: named.index(member.filename) if member.filename in named else len(named))
            for member in found[:10]:
                if member.file_size <= MAX_LIST_BYTES and not is_system_file(member.filename):
                    yield from _list_in(member.filename, archive.read(member))
    except (RefusedModelError, OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError):
        return
    except zlib.error:
        return


def _text_of(data: bytes) -> str:
    """Return the text of a list: UTF-8, UTF-16 with a mark at its start, or the Western encoding of old Windows.

    Raises `ValueError` for data that is no text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if any(byte < 32 and chr(byte) not in "\t\n\r" for byte in data):
            raise
        return data.decode("cp1252")


def _list_in(name: str, data: bytes) -> Iterator[tuple[str, ...]]:
    """Yield the names in a list, or in a JSON file, if there are any."""
    try:
        text = _text_of(data)
        lines = _lines_in_json(json.loads(text)) if name.lower().endswith(".json") else text.splitlines()
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return
    names = tuple(printable_name(line)[:LONGEST_CLASS] for line in clean_names(lines))
    if len(names) >= 2 and all(names):
        yield names


def _lines_in_json(content: Any) -> Any:
    """Return the names in Lobe's signature, in a list, or in Keras's `class_indices` of either direction.

    Raises `KeyError`, `TypeError` or `ValueError` for other content.
    """
    if isinstance(content, dict) and "classes" in content:
        return content["classes"]["Label"]
    if isinstance(content, dict):
        numbers = [int(value) for value in content.values()] if set(map(type, content.values())) == {int} else None
        by_number = dict(zip(numbers, content, strict=True)) if numbers else {int(key): content[key] for key in content}
        return [by_number[number] for number in range(len(by_number))]
    return content
