"""Does everything work here? Looks at versions, the model, formats and folders, and classifies a photo of its own."""

import importlib.metadata
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from catdog_desktop import __version__, paths
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file

Finding = tuple[str, bool]
"""A line to show, and whether all is well with what it says."""

_PACKAGES: Final = (
    ("Pillow", "PIL", ("Pillow",)),
    ("numpy", "numpy", ("numpy",)),
    ("LiteRT", "ai_edge_litert", ("ai-edge-litert",)),
    ("PySide6", "PySide6", ("PySide6-Essentials", "PySide6")),
)
"""What it is called, what is imported, what it may be installed as."""
_LABEL_WIDTH: Final = 12


def examine(model_folder: Path | None = None) -> Iterator[Finding]:
    """Yield line after line what was found; what is not well is marked with `!!`."""
    yield _line("CatDog", __version__)
    yield _line("Python", f"{platform.python_version()} on {platform.platform()}")
    yield _line("started as", "the bundled app" if getattr(sys, "frozen", False) else "a Python package")
    for title, module, distributions in _PACKAGES:
        version = _version(module, distributions)
        # The command line does without the window.
        yield _line(title, version or "is not installed", is_well=version is not None or module == "PySide6")
    yield _line("cores", _cores())
    yield from _formats()
    yield from _folders()
    model = None
    try:
        model = load_model_file(paths.default_model() if model_folder is None else model_folder)
    except ModelError as error:
        yield _line("model", str(error), is_well=False)
    if model is not None:
        yield from _describe(model)
        yield _try_out(model)


def _line(label: str, text: str, *, is_well: bool = True) -> Finding:
    return f"{'  ' if is_well else '!!'} {label:<{_LABEL_WIDTH}} {text}", is_well


def _version(module: str, distributions: tuple[str, ...]) -> str | None:
    """Return the version of a package without importing it; None if it is not there."""
    for distribution in distributions:
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    # A bundle holds the packages, but not always their metadata.
    return "present, version not recorded" if importlib.util.find_spec(module) is not None else None


def _cores() -> str:
    from catdog_desktop.pipeline import default_jobs

    return f"{os.cpu_count() or 1}, of which {default_jobs()} may be used"


def _formats() -> Iterator[Finding]:
    from PIL import features

    try:
        import pi_heif
    except ImportError as error:
        heif = f"cannot be read ({error})"
    else:
        heif = f"can be read (libheif {pi_heif.libheif_version()})"
    yield _line("HEIC", heif, is_well=heif.startswith("can be"))
    for title, feature in (("AVIF", "avif"), ("WebP", "webp"), ("JPEG", "jpg"), ("TIFF", "libtiff")):
        is_there = bool(features.check(feature))
        yield _line(title, "can be read" if is_there else "cannot be read by this Pillow", is_well=is_there)


def _folders() -> Iterator[Finding]:
    for label, path in (
        ("settings", paths.settings_file()),
        ("data", paths.data_folder()),
        ("log", paths.log_file()),
    ):
        yield _line(label, str(path))


def _describe(model: ModelFile) -> Iterator[Finding]:
    yield _line("model", f"{model.title}: {model.name} {model.version}, sha256 {model.sha256[:12]}")
    yield _line("", str(model.folder))
    yield _line(
        "input", f"{model.input_width} x {model.input_height} pixels, {model.resampling}{_foreign_input(model)}"
    )
    if model.source:
        yield _line("imported", f"from {model.source.get('file', 'an unknown file')}")
    if model.answers.limits:
        yield _line("answers", model.answers.limits)
    limits = model.thresholds
    yield _line("thresholds", f"cat {limits.cat:g}, dog {limits.dog:g}, unsure within {limits.unsure:g} of them")
    for name, value in _flat(model.figures):
        yield _line("figure", f"{name}: {value}")


def _foreign_input(model: ModelFile) -> str:
    """Return what is unlike our own models in how photos are read."""
    differences = ((model.colour, "rgb"), (model.scaling, "in graph"), (model.decoding, "quick"))
    return "".join(f", {value}" for value, usual in differences if value != usual)


def _flat(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        title = f"{prefix}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{title}, ")
        else:
            yield title, f"{value:.4g}" if isinstance(value, float) else str(value)


def _try_out(model: ModelFile) -> Finding:
    """Classify a small photo, from the file to the verdict, as the app does it."""
    import numpy as np
    from PIL import Image

    from catdog_desktop.inference.classify import classify_photo
    from catdog_desktop.inference.runtime import Classifier

    rows, columns = np.mgrid[0:240, 0:320]
    pixels = np.stack([columns * 255 // 320, rows * 255 // 240, (rows + columns) % 256], axis=-1).astype(np.uint8)
    try:
        with tempfile.TemporaryDirectory(prefix="catdog-") as folder:
            path = Path(folder) / "trial.jpg"
            Image.fromarray(pixels).save(path, quality=90)
            result = classify_photo(path, Classifier(model), model)
    except (ModelError, OSError, ImportError) as error:
        return _line("trial", f"a photo could not be classified: {error}", is_well=False)
    if result.scores is None:
        return _line("trial", f"a photo of our own {result.error}", is_well=False)
    verdict = model.thresholds.judge(result.scores)
    return _line(
        "trial", f"a made-up photo was classified: {verdict}, cat {result.scores.cat:.4f}, dog {result.scores.dog:.4f}"
    )
