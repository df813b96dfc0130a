"""The process that opens and runs what strangers have made; `child_process` starts it.

It reads one request, a line of JSON, from standard input, and answers with lines of JSON on standard output: which
means shut it in, how far it is, and at the end what was asked for, or why there is none. It ends when standard input
does, or a while after its time is over (see `end_of_child`). First of all it shuts itself in. There are two requests:

- "convert": a Keras model to a flatbuffer. The copy of the model that lies in its folder is inspected, and only then is
  TensorFlow imported, which opens that same copy.
- "try": the model in its folder, a flatbuffer and its description, is run on a photo of a cat, by LiteRT alone.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.model_import.conversion.facts import Facts
from catdog_desktop.model_import.conversion.full_precision import NOTE, computes_in_half, to_full_precision
from catdog_desktop.model_import.conversion.progress import Report
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.inspection.inspect_model import inspect_model, saved_model_in, unpack_safely
from catdog_desktop.model_import.proposals.trial_photos import trial_photos
from catdog_desktop.model_import.refused import RefusedModelError
from catdog_desktop.sandbox.confinement import Limits, confine
from catdog_desktop.sandbox.lifetime import end_after, end_with_app

NAMES: Final = {"keras3": "model.keras", "legacy_h5": "model.h5", "saved_model": "model"}
"""Keras goes by the name, so each kind gets its own."""


def main() -> int:
    """Do what standard input asks for; return the exit status."""
    answers = _private_output()
    request = json.loads(sys.stdin.buffer.readline())
    photos = tuple(path.resolve() for path in trial_photos())
    held = confine(
        Path(request["folder"]),
        readable=photos,
        limits=Limits(memory_bytes=request["memory_bytes"], cpu_seconds=request["cpu_seconds"]),
    )
    end_with_app()
    end_after(request["seconds"])
    _tell(answers, held=list(held.kinds), missing=[list(pair) for pair in held.missing])
    do = {"convert": _convert, "try": _try}[request["do"]]
    try:
        _tell(answers, **do(request, photos, lambda step: _tell(answers, step=step)))
    except RefusedModelError as error:
        _tell(answers, refused=[error.what, error.where, error.advice])
    except (ModelImportError, ModelError) as error:
        _tell(answers, failed=str(error))
    except Exception as error:
        if _wants_memory(error):
            _tell(answers, memory=True)
        else:
            _tell(answers, broke=f"{type(error).__name__}: {str(error)[:200]}")
        raise
    return 0


def _convert(request: Mapping[str, Any], photos: Sequence[Path], report: Report) -> dict[str, Any]:
    size = request["size"]
    path = Path(request["folder"], request["name"])
    return {"facts": convert_file(path, None if size is None else (size[0], size[1]), photos, report).as_json()}


def _try(request: Mapping[str, Any], photos: Sequence[Path], report: Report) -> dict[str, Any]:
    from catdog_desktop.model_import.proposals.cat_answers import cat_answers

    return {"numbers": cat_answers(Path(request["folder"]), request["scalings"], photos[0])}


def convert_file(path: Path, size: tuple[int, int] | None, photos: Sequence[Path], report: Report) -> Facts:
    """Inspect the model at `path` and convert it to `model.tflite` beside it; `path` is renamed. See `convert`."""
    report("inspecting")
    findings = inspect_model(path)
    path = _as_keras_names_it(path, findings)
    if findings.kind != "saved_model" and computes_in_half(findings.config):
        to_full_precision(path, findings)
        findings = replace(findings, notes=(*findings.notes, NOTE))
    report("starting")
    from catdog_desktop.model_import.conversion.keras_conversion import convert

    return convert(path, findings, size, photos, report)


def _wants_memory(error: Exception) -> bool:
    """Whether it is for want of memory, which Python, the loader of libraries and TensorFlow each say otherwise."""
    said = ("cannot allocate", "failed to map segment", "bad_alloc", "ran out of memory", "oom when")
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in said)


def _as_keras_names_it(path: Path, findings: Findings) -> Path:
    named = path.with_name(NAMES[findings.kind])
    if findings.kind == "saved_model" and path.is_file():
        unpacked = path.with_name("unpacked")
        unpacked.mkdir()
        unpack_safely(path, unpacked)
        return saved_model_in(unpacked)
    path.rename(named)
    return named


def _private_output() -> IO[bytes]:
    """Return standard output for ourselves alone: what libraries print goes to standard error."""
    sys.stdout.flush()
    private = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return private


def _tell(answers: IO[bytes], **content: object) -> None:
    answers.write(json.dumps(content).encode("ascii") + b"\n")
