"""From a model file of others to a draft of a model, converted and tried in child processes (see `child_process`).

The app itself never imports TensorFlow. It copies the file into an empty folder, lets a child convert it, and believes
nothing that comes back unless it has looked at it. The flatbuffer, which bare `.tflite` files are from the start, then
runs for the first time in a child of its own (see `first_run`).
"""

import contextlib
import importlib.util
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from catdog_desktop.model_import.conversion.facts import Facts, facts_from_json
from catdog_desktop.model_import.conversion.progress import STEPS, Progress, Report
from catdog_desktop.model_import.conversion.source_copy import copy_source
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.inspection.inspect_model import check_first_bytes
from catdog_desktop.model_import.proposals.draft import Draft
from catdog_desktop.model_import.proposals.flatbuffer_facts import facts_of_flatbuffer
from catdog_desktop.model_import.refused import shown
from catdog_desktop.sandbox.process import ChildLimits, ChildTask, Sentences

LEAST_MEMORY: Final = 4 * 2**30
SENTENCES: Final = Sentences(
    too_long=(
        "The import took longer than {seconds:,.0f} seconds and was stopped. Nothing was changed. Try again when the "
        "computer has less to do, or use a smaller model."
    ),
    too_large="The import ran out of memory and was ended. Close other programs, or use a smaller model.",
    broken="The import broke down ({how}). The model file may be damaged.",
)


@dataclass(frozen=True, slots=True)
class ImportLimits(ChildLimits):
    """What a conversion may take."""

    seconds: float = 900
    memory_bytes: int = field(default_factory=lambda: _memory_allowed())


def has_tensorflow() -> bool:
    """Whether Keras models can be converted here. Nothing is imported for the answer."""
    return importlib.util.find_spec("tensorflow") is not None


class Conversion:
    """One import. `run` may be called in any thread; it returns when the draft is there, or raises."""

    def __init__(
        self,
        source: Path,
        *,
        size: tuple[int, int] | None = None,
        limits: ImportLimits | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        """`size` (width, height) is for models that take photos of any size. `command` starts another child."""
        self._source = source
        self._size = size
        self._limits = limits or ImportLimits()
        self._command = command
        self.held: tuple[str, ...] = ()
        """What shut the child in (see `confinement`), once it has said so."""

    def run(
        self,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        cancelled: threading.Event | None = None,
    ) -> Draft:
        """Convert, and return what came of it. Raises `ModelImportError`, and `ImportCancelledError` among them."""
        stop = cancelled or threading.Event()

        def report(step: str) -> None:
            if step in STEPS:
                on_progress(Progress.at(step))

        report("copying")
        try:
            with tempfile.TemporaryDirectory(prefix="catdog-import-", ignore_cleanup_errors=True) as name:
                draft = self._draft(Path(name), report, stop)
        except OSError as error:
            raise ModelImportError(f"The import could not be carried out ({error.strerror or error}).") from error
        report("trying")
        return draft.tried(stop)

    def _draft(self, folder: Path, report: Report, stop: threading.Event) -> Draft:
        name = self._source.resolve().name or "model"
        with contextlib.suppress(OSError):  # which copying tells in words
            check_first_bytes(self._source)  # now, lest a large copy be made of what is no model
        copy = folder / _name_for_copy(name)
        sha256 = copy_source(self._source, copy, stop.is_set)
        if check_first_bytes(copy) == "flatbuffer":
            report("inspecting")
            facts = _sized(facts_of_flatbuffer(copy, inspect_flatbuffer(copy)), self._size)
            return Draft(facts, copy.read_bytes(), name, sha256)
        if self._command is None and not has_tensorflow():
            raise NoTensorFlowError(name)
        facts = self._convert(folder, copy.name, report, stop)
        return Draft(facts, _read_checked(folder / "model.tflite", facts), name, sha256)

    def _convert(self, folder: Path, name: str, report: Report, stop: threading.Event) -> Facts:
        request = {"do": "convert", "folder": str(folder), "name": name, "size": self._size}
        sentences = replace(SENTENCES, too_long=SENTENCES.too_long.format(seconds=self._limits.seconds))
        task = ChildTask(request, self._limits, sentences, self._command)
        try:
            return facts_from_json(task.run(report, stop).get("facts"))
        except (ValueError, TypeError, KeyError) as error:
            raise task.nonsense() from error
        finally:
            self.held = task.held


def _name_for_copy(name: str) -> str:
    """Return a name as near to the file's own as any file system takes: it is named in what the inspection says."""
    plain = "".join("_" if sign in '/\\:*?"<>|' else sign for sign in shown(name))
    return plain.encode("utf-8", "replace").decode("utf-8")[:60] or "model"


def _sized(facts: Facts, size: tuple[int, int] | None) -> Facts:
    if size is None or size == (facts.width, facts.height):
        return facts
    if not facts.free_size:
        raise ModelImportError(
            f"The model takes photos of {facts.width} by {facts.height} pixels; {size[0]} by {size[1]} is not possible."
        )
    return replace(facts, width=size[0], height=size[1])


def _read_checked(path: Path, facts: Facts) -> bytes:
    """Return the flatbuffer that the child wrote, if it is one, and is what the facts say."""
    if path.is_symlink() or not path.is_file():
        raise ModelImportError("The import broke down: there is no converted model.")
    found = inspect_flatbuffer(path)
    own = facts_of_flatbuffer(path, found)
    for name in ("width", "height", "channels", "outputs", "scores_output"):
        if getattr(own, name) != getattr(facts, name):
            raise ModelImportError("The import broke down: the converted model is not the one that was described.")
    return path.read_bytes()


def _memory_allowed() -> int:
    """Return three quarters of this computer's memory, and no less than TensorFlow needs for a small model."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return LEAST_MEMORY
    return max(LEAST_MEMORY, total * 3 // 4)
