"""Check the installation: versions, formats, folders, the model, and the classification of a generated photo."""

import importlib.metadata
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from catdog_desktop import paths
from catdog_desktop.build_info import version_text
from catdog_desktop.decoding.problem_text import problem_sentence
from catdog_desktop.inference.model_figures import UNSEEN_SOURCES, describe_unseen_sources
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import _
from catdog_desktop.verdict_text import verdict_word

Finding = tuple[str, bool]
"""A line of the report, and whether what it describes works."""

_PACKAGES: Final = (
    ("Pillow", "PIL", ("Pillow",)),
    ("numpy", "numpy", ("numpy",)),
    ("LiteRT", "ai_edge_litert", ("ai-edge-litert",)),
    ("PySide6", "PySide6", ("PySide6-Essentials", "PySide6")),
)
"""Display name, import name, and the names of its distributions."""
_LABEL_WIDTH: Final = 12


def check_installation(model_folder: Path | None = None) -> Iterator[Finding]:
    """Yield the report line by line; lines about something that does not work begin with `!!`."""
    yield _line("CatDog", version_text().removeprefix("CatDog "))
    yield _line("Python", f"{platform.python_version()} on {platform.platform()}")
    yield _line(_("installed as"), _("bundled app") if getattr(sys, "frozen", False) else _("Python package"))
    for title, module, distributions in _PACKAGES:
        version = _version(module, distributions)
        # The command line works without PySide6.
        yield _line(title, version or _("not installed"), is_good=version is not None or module == "PySide6")
    yield _line(_("cores"), _cores())
    yield from _formats()
    yield _sandbox()
    yield from _folders()
    model = None
    try:
        model = load_model_file(paths.default_model() if model_folder is None else model_folder)
    except ModelError as error:
        yield _line(_("model"), str(error), is_good=False)
    if model is not None:
        yield from _describe(model)
        yield _try_model(model)


def _line(label: str, text: str, *, is_good: bool = True) -> Finding:
    return f"{'  ' if is_good else '!!'} {label:<{_LABEL_WIDTH}} {text}", is_good


def _version(module: str, distributions: tuple[str, ...]) -> str | None:
    """Return the version of a package without importing it; None if it is not installed."""
    for distribution in distributions:
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    # A bundle contains the packages, but not always their metadata.
    return _("present, version unknown") if importlib.util.find_spec(module) is not None else None


def _cores() -> str:
    from catdog_desktop.pipeline import default_jobs

    return _("{count}, {usable} usable").format(count=os.cpu_count() or 1, usable=default_jobs())


def _formats() -> Iterator[Finding]:
    from PIL import features

    try:
        import pi_heif
    except ImportError as error:
        yield _line("HEIC", _("cannot be read ({reason})").format(reason=error), is_good=False)
    else:
        yield _line("HEIC", _("can be read (libheif {version})").format(version=pi_heif.libheif_version()))
    for title, feature in (("AVIF", "avif"), ("WebP", "webp"), ("JPEG", "jpg"), ("TIFF", "libtiff")):
        is_readable = bool(features.check(feature))
        text = _("can be read") if is_readable else _("cannot be read by this Pillow")
        yield _line(title, text, is_good=is_readable)


def _sandbox() -> Finding:
    """Start a sandboxed child and say what confines it."""
    from catdog_desktop.sandbox.process import available_confinement

    confinement = available_confinement()
    text = format_list(confinement.kinds) or _("nothing")
    for kind, reason in confinement.missing:
        text += _("; not {kind} ({reason})").format(kind=kind, reason=reason)
    return _line(_("sandbox"), text, is_good=bool(confinement.kinds))


def _folders() -> Iterator[Finding]:
    for label, path in (
        (_("settings"), paths.settings_file()),
        (_("data"), paths.data_folder()),
        (_("log"), paths.log_file()),
    ):
        yield _line(label, str(path))


def _describe(model: ModelFile) -> Iterator[Finding]:
    yield _line(_("model"), f"{model.title}: {model.name} {model.version}, sha256 {model.sha256[:12]}")
    yield _line("", str(model.folder))
    yield _line(
        _("input"),
        _("{width} x {height} pixels, {details}").format(
            width=model.input_width, height=model.input_height, details=f"{model.resampling}{_unusual_input(model)}"
        ),
    )
    if model.source:
        yield _line(_("imported"), _("from {file}").format(file=model.source.get("file", _("an unknown file"))))
    if model.answers.limits:
        yield _line(_("limits"), model.answers.limits)
    thresholds = model.thresholds
    text = _("cat {cat}, dog {dog}, unsure within {unsure} of them").format(
        cat=f"{thresholds.cat:g}", dog=f"{thresholds.dog:g}", unsure=f"{thresholds.unsure:g}"
    )
    yield _line(_("thresholds"), text)
    for line in describe_unseen_sources(model.figures):
        yield _line(_("unseen"), line)
    in_source = {name: value for name, value in model.figures.items() if name != UNSEEN_SOURCES}
    for name, value in _flat(in_source):
        yield _line(_("figure"), f"{name}: {value}")


def _unusual_input(model: ModelFile) -> str:
    """Return how photos are read differently than for the app's own model."""
    differences = ((model.colour, "rgb"), (model.scaling, "in graph"), (model.decoding, "quick"))
    return "".join(f", {value}" for value, usual in differences if value != usual)


def _flat(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        title = f"{prefix}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{title}, ")
        else:
            yield title, f"{value:.4g}" if isinstance(value, float) else str(value)


def _try_model(model: ModelFile) -> Finding:
    """Classify a small generated photo, from the file to the verdict."""
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
        return _line(_("trial"), _("a photo could not be classified: {reason}").format(reason=error), is_good=False)
    if result.scores is None:
        reason = problem_sentence(result.error or "")
        return _line(_("trial"), _("a photo could not be classified: {reason}").format(reason=reason), is_good=False)
    verdict = model.thresholds.judge(result.scores)
    text = _("a generated photo was classified: {verdict}, cat {cat}, dog {dog}").format(
        verdict=verdict_word(verdict),
        cat=format_number(result.scores.cat, 4),
        dog=format_number(result.scores.dog, 4),
    )
    return _line(_("trial"), text)
