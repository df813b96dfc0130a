"""What the fuzzer calls with each damaged file: the same functions as window and command line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fuzz_seeds import PHOTO_FORMATS

Target = Callable[[Path], str]
"""Takes a damaged file and returns the outcome in a word. Anything it raises is a defect."""


def _decode(path: Path) -> str:
    from catdog_desktop.decoding.decode import PhotoError, decode_photo

    try:
        photo = decode_photo(path, (64, 64))
    except PhotoError as error:
        if "crashed its decoder" in str(error):
            return "decoder crashed"
        return "decoder took too long" if "took longer" in str(error) else error.reason.value
    return "read in part" if photo.info.damaged else "read"


def _inspect(path: Path) -> str:
    from catdog_desktop.model_import.errors import ModelImportError
    from catdog_desktop.model_import.inspection.inspect_model import inspect_model

    try:
        inspect_model(path)
    except ModelImportError:
        return "refused"
    return "accepted"


def _convert(path: Path) -> str:
    """Import a model as the app does: copy, inspect and convert in the sandbox, and try it on a photo."""
    from catdog_desktop.model_import.conversion.conversion import Conversion
    from catdog_desktop.model_import.errors import ModelImportError, RefusedModelError

    steps: list[str] = []
    try:
        Conversion(path).run(lambda progress: steps.append(progress.step))
    except RefusedModelError:
        return "refused"
    except ModelImportError:
        return "failed while it was tried" if "trying" in steps else "failed in TensorFlow"
    return "converted"


def _open_archive(path: Path) -> str:
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.model_import.errors import ModelImportError
    from catdog_desktop.model_import.model_archive import open_archive

    try:
        open_archive(path)
    except (ModelImportError, ModelError):
        return "refused"
    return "accepted"


def _merge_sidecar(path: Path) -> str:
    from catdog_desktop.xmp.packet import XmpError, merge_keywords

    try:
        merged = merge_keywords(path.read_bytes(), ("cat",))
    except XmpError:
        return "refused"
    return "unchanged" if merged is None else "merged"


def _load_settings(path: Path) -> str:
    from catdog_desktop.settings import load_settings

    _settings, complaint = load_settings(path)
    return "read" if complaint is None else "set aside"


def _read_journal(path: Path) -> str:
    from catdog_desktop.sorting.errors import SortError
    from catdog_desktop.sorting.journal import read_journal

    try:
        read_journal(path)
    except SortError:
        return "refused"
    return "read"


def _open_store(path: Path) -> str:
    from catdog_desktop.store.errors import StoreError
    from catdog_desktop.store.store import Store
    from catdog_desktop.verdict import Verdict

    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    try:
        place = Path(shutil.copy(path, folder / "store.sqlite"))
        photo = folder / "photo.jpg"
        photo.write_bytes(b"photo")
        with Store.open(place) as store:
            store.known([photo], "0" * 64)
            store.correct({photo: Verdict.CAT})
            return "read" if store.complaint is None else "set aside"
    except StoreError:  # reported, and the app goes on without it
        return "refused"
    finally:
        shutil.rmtree(folder)


TARGETS: Final[dict[str, Target]] = {
    **dict.fromkeys(PHOTO_FORMATS, _decode),
    "tflite": _inspect,
    "keras": _inspect,
    "h5": _inspect,
    "zip": _inspect,
    "catdog": _open_archive,
    "xmp": _merge_sidecar,
    "settings": _load_settings,
    "journal": _read_journal,
    "store": _open_store,
    "conversion": _convert,
}
"""By kind of file, as in `fuzz_seeds.SUFFIXES`."""
CHILD_KINDS: Final = frozenset({"h5", "keras", "zip"})
"""The app inspects these in a child process alone. The worker of the fuzzer stands for that child: a crash or a hang is
counted, and is no defect."""
UNLIMITED_KINDS: Final = frozenset({"conversion"})
"""TensorFlow, in the child that converts, takes more memory by itself than the fuzzer allows for all else."""
FIELDS_OF: Final = {
    "catdog": "keras",
    "zip": "keras",
    "xmp": "text",
    "settings": "text",
    "journal": "text",
    "store": "h5",
}
"""Which finder of fields (`fuzz_mutations.fields_of`) serves a kind that has none of its own name."""
