"""LiteRT runs a model: an array in, two scores and a heat map for each out. One `Classifier` per thread."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.model_file import ModelError, ModelFile
from catdog_desktop.verdict import Scores


@dataclass(frozen=True, slots=True)
class Inference:
    """What one pass through the model gives."""

    scores: Scores
    heat_maps: NDArray[np.uint8] | None
    """(rows, columns, 2) for cat and dog, 0..255."""


class Classifier:
    """A loaded model. Not thread-safe: LiteRT's interpreter has one set of tensors, so each thread has its own."""

    def __init__(self, model: ModelFile) -> None:
        """Load `model`; raise `ModelError` if the flatbuffer cannot be run or is not what the description says."""
        # Imported here: a listing of options or a wrong path should not wait for the runtime.
        from ai_edge_litert.interpreter import Interpreter

        self._model = model
        try:
            # One thread each: many photos at once use the cores better than many threads on one photo.
            with _first_words_held_back():
                interpreter = Interpreter(model_content=model.flatbuffer, num_threads=1)
                interpreter.allocate_tensors()
            self._run = interpreter.get_signature_runner()
            inputs, outputs = self._run.get_input_details(), self._run.get_output_details()
        except (ValueError, RuntimeError, TypeError) as error:
            raise ModelError(f"{model.folder / 'model.tflite'} cannot be run: {error}".rstrip(".") + ".") from error
        self._input = self._check_input(inputs)
        self._check_output(outputs, model.scores_output, (1, 2))
        if model.maps_output is not None:
            self._check_output(outputs, model.maps_output, (1, None, None, 2))

    def classify(self, pixels: NDArray[np.uint8]) -> Inference:
        """Return scores and heat maps for one photo: RGB, 0..255, (height, width, 3) of the model's input size.

        Raises `ModelError` if the model answers with anything but probabilities.
        """
        batch = pixels[np.newaxis].astype(np.float32)
        answer: dict[str, Any] = self._run(**{self._input: batch})
        cat, dog = (float(value) for value in answer[self._model.scores_output][0])
        if not (0.0 <= cat <= 1.0 and 0.0 <= dog <= 1.0):
            raise ModelError(f"{self._model.folder} answers {cat} and {dog}, which are no probabilities.")
        maps = None
        if self._model.maps_output is not None:
            maps = np.rint(np.clip(answer[self._model.maps_output][0], 0.0, 1.0) * 255).astype(np.uint8)
        return Inference(Scores(cat, dog), maps)

    def _check_input(self, inputs: dict[str, Any]) -> str:
        expected = (1, self._model.input_height, self._model.input_width, 3)
        if len(inputs) != 1:
            raise ModelError(f"{self._model.folder} has {len(inputs)} inputs, expected 1.")
        name, details = next(iter(inputs.items()))
        shape = tuple(int(edge) for edge in details["shape"])
        if shape != expected or details["dtype"] is not np.float32:
            raise ModelError(
                f"{self._model.folder} takes {details['dtype'].__name__} of shape {shape}, "
                f"but model.json says float32 of shape {expected}."
            )
        return name

    def _check_output(self, outputs: dict[str, Any], name: str, expected: tuple[int | None, ...]) -> None:
        if name not in outputs:
            raise ModelError(f"{self._model.folder} has no output {name!r} (it has {', '.join(sorted(outputs))}).")
        shape = tuple(int(edge) for edge in outputs[name]["shape"])
        fits = len(shape) == len(expected) and all(
            want in (None, edge) for want, edge in zip(expected, shape, strict=True)
        )
        if not fits:
            raise ModelError(f"{self._model.folder} answers {name!r} with shape {shape}, expected {expected}.")


_first_lock = threading.Lock()
_first_is_past = False


@contextlib.contextmanager
def _first_words_held_back() -> Iterator[None]:
    """Keep "INFO: Created TensorFlow Lite XNNPACK delegate for CPU." out of the user's terminal.

    LiteRT writes it, once in a process and straight to the process's standard error, when the first interpreter
    gets its tensors; it has no setting against it (google-ai-edge/LiteRT issue 7420). So standard error goes to a
    file for those milliseconds, and whatever else was written there is passed on afterwards.
    """
    global _first_is_past
    with _first_lock, contextlib.ExitStack() as stack:
        if not _first_is_past:
            stack.enter_context(_standard_error_held_back())
        yield
        _first_is_past = True


@contextlib.contextmanager
def _standard_error_held_back() -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            terminal = os.dup(2)  # first, lest the file become number 2 where there is none
            stack.callback(os.close, terminal)
            held = stack.enter_context(tempfile.TemporaryFile())
        except OSError:  # no standard error, as in a windowed app, or no place for the file
            yield
            return
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            held.seek(0)
            for line in held:
                if not line.startswith(b"INFO: "):
                    with contextlib.suppress(OSError):
                        os.write(2, line)
