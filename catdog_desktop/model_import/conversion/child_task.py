"""Child's part of an import: inspect a copy of the model, and convert it to a flatbuffer with TensorFlow."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from catdog_desktop.languages.choice import use_language
from catdog_desktop.messages import _
from catdog_desktop.model_import.child_results import report_errors
from catdog_desktop.model_import.conversion.full_precision import NOTE, computes_in_half, to_full_precision
from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.inspection.inspect_model import inspect_model, saved_model_in, unpack_safely
from catdog_desktop.model_import.proposals.facts import ModelFacts
from catdog_desktop.sandbox.child import Channel

NAMES: Final = {"keras3": "model.keras", "legacy_h5": "model.h5", "saved_model": "model"}
"""File name for each kind of model: Keras chooses the reader by the ending."""


def convert_in_child(request: Mapping[str, Any], channel: Channel) -> dict[str, Any]:
    """Convert the model `name` in the work folder; `photos` are paths. The result has `facts`, or an error.

    See `convert_file` for `size`, which is a pair or None.
    """
    use_language(str(request.get("language", "")))
    path, size = Path(request["folder"], request["name"]), request["size"]
    photos = [Path(photo) for photo in request["photos"]]

    def work() -> dict[str, Any]:
        facts = convert_file(path, None if size is None else (size[0], size[1]), photos, channel.step)
        return {"facts": facts.as_json()}

    return report_errors(work)


def convert_file(
    path: Path, size: tuple[int, int] | None, photos: Sequence[Path], on_step: Callable[[str], None]
) -> ModelFacts:
    """Inspect the model at `path`, and convert it to `model.tflite` beside it; `path` is renamed.

    `size` (width, height) is for models that take any; `photos` are to compare the answers on. Raises
    `ModelImportError`.
    """
    on_step("inspecting")
    findings = inspect_model(path)
    path = _rename_for_keras(path, findings)
    if findings.kind != "saved_model" and computes_in_half(findings.config):
        to_full_precision(path, findings)
        findings = replace(findings, notes=(*findings.notes, _(NOTE)))
    on_step("starting")
    # TensorFlow is imported only now: the inspection may have refused the model.
    from catdog_desktop.model_import.conversion.keras_conversion import convert

    return convert(path, findings, size, photos, on_step)


def _rename_for_keras(path: Path, findings: Findings) -> Path:
    named = path.with_name(NAMES[findings.kind])
    if findings.kind == "saved_model" and path.is_file():
        unpacked = Path(tempfile.mkdtemp(dir=path.parent))
        unpack_safely(path, unpacked)
        path.unlink()
        # It may lie deep in the zip, and the flatbuffer is written beside it.
        path = saved_model_in(unpacked)
    path.rename(named)
    return named
