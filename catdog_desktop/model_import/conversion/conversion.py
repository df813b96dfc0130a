"""Import of a model file up to a draft, converted and tried in sandboxed child processes.

The app itself never imports TensorFlow. It copies the file into an empty folder, has a child convert it, and checks
everything that comes back. The flatbuffer, which `.tflite` files are from the start, then runs for the first time in
another child (see `trial_run`).
"""

import contextlib
import importlib.util
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.messages import N_, _, language
from catdog_desktop.model_import.child_results import FailureTexts, run_child
from catdog_desktop.model_import.conversion.bundled_files import maker_of, model_in, names_for, unwrap_zip
from catdog_desktop.model_import.conversion.keras_package import app_files, keras_command
from catdog_desktop.model_import.conversion.source_copy import copy_source
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError, printable_name
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.inspection.inspect_model import check_first_bytes
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.facts import TEACHABLE_MACHINE, ModelFacts, facts_from_json
from catdog_desktop.model_import.proposals.flatbuffer_facts import facts_of_flatbuffer
from catdog_desktop.model_import.proposals.trial_run import trial_photos
from catdog_desktop.sandbox.confinement import Confinement
from catdog_desktop.sandbox.process import ChildLimits, ChildTask

LEAST_MEMORY: Final = 4 * 2**30
INSPECTION_SECONDS: Final = 120.0
"""The inspection reads no weights, so it takes seconds; only a zip file of 4 GB, which it unpacks, takes a minute. A
damaged HDF5 file can keep the library in an endless loop."""
STEPS: Final = {
    "copying": 0.0,
    "inspecting": 0.1,
    "starting": 0.2,
    "opening": 0.45,
    "converting": 0.6,
    "comparing": 0.85,
    "trying": 0.95,
}
"""Name of each step of an import, and the part of the import that is done when it begins. Not every import has all."""


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """The step of an import that has begun."""

    step: str
    """A key of `STEPS`."""

    @property
    def fraction(self) -> float:
        """The part of the import that is done, 0..1."""
        return STEPS[self.step]

    @property
    def text(self) -> str:
        """What happens in the step, for the user."""
        return {
            "copying": _("Reading the file"),
            "inspecting": _("Looking for anything that could do harm"),
            "starting": _("Starting TensorFlow"),
            "opening": _("Opening the model"),
            "converting": _("Converting it"),
            "comparing": _("Comparing its answers"),
            "trying": _("Trying it on a photo of a cat"),
        }[self.step]


@dataclass(frozen=True, slots=True)
class ImportLimits(ChildLimits):
    """Resources of a conversion."""

    seconds: float = 900
    memory_bytes: int = field(default_factory=lambda: _memory_allowed())
    step_seconds: Mapping[str, float] = field(default_factory=lambda: {"inspecting": INSPECTION_SECONDS}, kw_only=True)


def has_tensorflow() -> bool:
    """Whether Keras models can be converted here. Does not import TensorFlow."""
    return importlib.util.find_spec("tensorflow") is not None


class Conversion:
    """One import. `run` may be called in any thread, once."""

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
        self.confinement = Confinement(())
        """What confined the child that converted, if there was one."""

    def run(
        self, on_progress: Callable[[ImportProgress], None] = lambda progress: None, cancel: CancelToken | None = None
    ) -> ModelDraft:
        """Convert and try the model. Raises `ModelImportError` and `Cancelled`."""
        cancel = cancel or CancelToken()

        def on_step(step: str) -> None:
            if step in STEPS:  # a child may send anything
                on_progress(ImportProgress(step))

        on_step("copying")
        try:
            with tempfile.TemporaryDirectory(prefix="catdog-import-", ignore_cleanup_errors=True) as name:
                draft = self._draft(Path(name), on_step, cancel)
        except OSError as error:
            reason = error.strerror or error
            raise ModelImportError(N_("The import could not be carried out ({reason})."), reason=reason) from error
        on_step("trying")
        return draft.tried(cancel)

    def _draft(self, folder: Path, on_step: Callable[[str], None], cancel: CancelToken) -> ModelDraft:
        name = self._source.resolve().name or "model"
        with contextlib.suppress(OSError):  # copying raises it again, with a sentence
            if self._source.is_dir():
                self._source = model_in(self._source) or self._source
        with contextlib.suppress(OSError):  # copying raises it again, with a sentence
            check_first_bytes(self._source)  # before a large file is copied that is not a model
        copy = folder / _name_for_copy(name)
        sha256 = copy_source(self._source, copy, cancel)
        if check_first_bytes(copy) == "zip":
            copy = unwrap_zip(copy, folder) or copy
        if check_first_bytes(copy) == "flatbuffer":
            on_step("inspecting")
            facts = _with_size(facts_of_flatbuffer(copy, inspect_flatbuffer(copy)), self._size)
            return ModelDraft(self._with_classes(facts, copy), copy.read_bytes(), name, sha256)
        readable = []
        if self._command is None and not has_tensorflow():
            self._command = keras_command()
            if self._command is None:
                raise NoTensorFlowError(name)
            readable = [app_files()]
        facts = self._convert(folder, copy.name, readable, on_step, cancel)
        flatbuffer = _read_checked(folder / "model.tflite", facts)
        return ModelDraft(self._with_classes(facts, copy), flatbuffer, name, sha256)

    def _with_classes(self, facts: ModelFacts, copy: Path) -> ModelFacts:
        """Add the names of the classes and the maker; `copy` may have been unpacked from the source."""
        names = names_for(self._source, facts.outputs) or names_for(copy, facts.outputs)
        maker = maker_of(self._source) if names else ""
        says_it_itself = facts.stated_scaling or (facts.kind == "tflite" and facts.misfits)  # by its integers
        if maker == TEACHABLE_MACHINE and not says_it_itself:
            facts = replace(facts, stated_scaling="-1..1")
        return replace(facts, class_names=names, maker=maker)

    def _convert(
        self, folder: Path, name: str, readable: list[Path], on_step: Callable[[str], None], cancel: CancelToken
    ) -> ModelFacts:
        photos = [path.resolve() for path in trial_photos()]
        arguments = {"name": name, "size": self._size, "photos": [str(path) for path in photos], "language": language()}
        task = ChildTask(
            "convert", folder, arguments, self._limits, readable=[*photos, *readable], command=self._command
        )
        texts = _failure_texts(self._limits)
        try:
            return facts_from_json(run_child(task, texts, on_step, cancel).get("facts"))
        except (ValueError, TypeError, KeyError) as error:
            raise texts.nonsense() from error
        finally:
            self.confinement = task.confinement


def _failure_texts(limits: ImportLimits) -> FailureTexts:
    inspection = limits.step_seconds.get("inspecting", limits.seconds)
    return FailureTexts(
        timed_out=_(
            "The import took longer than {seconds} seconds and was stopped. Nothing was changed. Try again when the "
            "computer has less to do, or use a smaller model."
        ).format(seconds=f"{limits.seconds:,.0f}"),
        out_of_memory=_("The import ran out of memory and was ended. Close other programs, or use a smaller model."),
        crashed=_("The import broke down ({how}). The model file may be damaged."),
        step_timed_out={
            "inspecting": _(
                "The model was not opened: inspecting it took longer than {seconds} seconds. The file is probably "
                "damaged. Save the model again with Keras, and import the new file."
            ).format(seconds=f"{inspection:,.0f}")
        },
    )


def _name_for_copy(name: str) -> str:
    """Return a name that every file system accepts, as near to `name` as possible: refusals mention it."""
    plain = "".join("_" if character in '/\\:*?"<>|' else character for character in printable_name(name))
    return plain.encode("utf-8", "replace").decode("utf-8")[:60] or "model"


def _with_size(facts: ModelFacts, size: tuple[int, int] | None) -> ModelFacts:
    if size is None or size == (facts.width, facts.height):
        return facts
    if not facts.free_size:
        sentence = N_(
            "The model takes photos of {width} by {height} pixels; {other_width} by {other_height} is not possible."
        )
        raise ModelImportError(
            sentence, width=facts.width, height=facts.height, other_width=size[0], other_height=size[1]
        )
    return replace(facts, width=size[0], height=size[1])


def _read_checked(path: Path, facts: ModelFacts) -> bytes:
    """Return the flatbuffer that the child wrote. Raises `ModelImportError` unless it is one that fits the facts."""
    if path.is_symlink() or not path.is_file():
        raise ModelImportError(N_("The import broke down: there is no converted model."))
    found = facts_of_flatbuffer(path, inspect_flatbuffer(path))
    for name in ("width", "height", "channels", "outputs", "scores_output"):
        if getattr(found, name) != getattr(facts, name):
            raise ModelImportError(N_("The import broke down: the converted model is not the one that was described."))
    return path.read_bytes()


def _memory_allowed() -> int:
    """Return three quarters of this computer's memory, and no less than TensorFlow needs for a small model."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return LEAST_MEMORY
    return max(LEAST_MEMORY, total * 3 // 4)
