"""Run a model with LiteRT: pixels in, scores, heat maps and features out. One `Classifier` per thread."""

import contextlib
import math
import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.inference.answers import AnswerError
from catdog_desktop.inference.features import MAX_FEATURES, normalised
from catdog_desktop.inference.input_values import INPUT_TYPES, as_tensor, from_tensor, scale
from catdog_desktop.inference.model_file import FLATBUFFER, ModelError, ModelFile
from catdog_desktop.inference.refused_memory import forget_refusals, memory_was_refused
from catdog_desktop.languages.formats import format_list
from catdog_desktop.messages import N_
from catdog_desktop.verdict import Scores


class ModelTooLargeError(ModelError):
    """A model needs more memory than the system gives it."""


@dataclass(frozen=True, slots=True)
class Inference:
    """The output of a model for one photo or part of a photo."""

    scores: Scores
    heat_maps: NDArray[np.uint8] | None
    """(rows, columns, 2) for cat and dog, 0..255; None if the model has none."""
    features: NDArray[np.float32] | None = field(default=None, compare=False)
    """(D,), L2-normalised, D at most `MAX_FEATURES`; None if the model has none."""


class Classifier:
    """A loaded model. Not thread-safe: LiteRT's interpreter has one set of tensors, so each thread needs its own."""

    def __init__(self, model: ModelFile) -> None:
        """Load `model`. Raises `ModelError` if the flatbuffer cannot be run or does not match the description."""
        # Imported here: listing options or rejecting a wrong path should not wait for the runtime.
        from ai_edge_litert.interpreter import Interpreter

        self._model = model
        expected = (1, model.input_height, model.input_width, model.channels)
        with _without_startup_message(), _raised_as_model_error(model):
            # One thread: photos in parallel use the cores better than many threads for one photo.
            content = model.content
            if isinstance(content, bytes):
                interpreter = Interpreter(model_content=content, num_threads=1)
            else:
                interpreter = Interpreter(model_path=content.path, num_threads=1)
            _fix_input_size(interpreter, expected)
            interpreter.allocate_tensors()
            if not isinstance(content, bytes):
                content.release()  # XNNPACK has packed the weights, and reads those of the file no more.
            self._run = _runner(interpreter)
            inputs, self._outputs = self._run.get_input_details(), self._run.get_output_details()
        self._input, self._input_details = self._check_input(inputs, expected)
        self._check_scores()
        if model.maps_output is not None:
            self._check_maps(model.maps_output)
        if model.features_output is not None:
            self._check_features(model.features_output)

    @property
    def model(self) -> ModelFile:
        """The model that was loaded."""
        return self._model

    def classify(self, pixels: NDArray[Any]) -> Inference:
        """Return the output for pixels (height, width, channels) of the model's input size, 0..255.

        RGB or one channel of grey, as `model_input` reads it; order and scale of the colours are changed here. Raises
        `ModelError` if the scores are not probabilities.
        """
        answer = self._answer(scale(pixels[np.newaxis], self._model.colour, self._model.scaling))
        try:
            scores = self._model.answers.read(self._real(answer, self._model.scores_output))
        except AnswerError as error:
            raise ModelError(f"{error}.", self._model.folder) from error
        maps = None
        if self._model.maps_output is not None:
            heat = self._real(answer, self._model.maps_output)[0][..., self._order_of_maps()]
            maps = np.rint(np.clip(heat, 0.0, 1.0) * 255).astype(np.uint8)
        features = None
        if self._model.features_output is not None:
            features = normalised(self._real(answer, self._model.features_output))
        return Inference(scores, maps, features)

    def numbers(self, pixels: NDArray[Any], scaling: str) -> NDArray[np.float32]:
        """Return the raw scores output for `pixels` (see `classify`) with `scaling` in place of the model's own.

        For models whose description is not known yet. Raises `ModelError`.
        """
        answer = self._answer(scale(pixels[np.newaxis], self._model.colour, scaling))
        return self._real(answer, self._model.scores_output).ravel()

    def _answer(self, values: NDArray[np.float32]) -> dict[str, Any]:
        with _raised_as_model_error(self._model):  # imported models may fail only when they run
            answer: dict[str, Any] = self._run(**{self._input: as_tensor(values, self._input_details)})
        return answer

    def _real(self, answer: dict[str, Any], name: str) -> NDArray[np.float32]:
        return from_tensor(answer[name], self._outputs[name])

    def _order_of_maps(self) -> list[int]:
        return [self._model.labels.index(label) for label in ("cat", "dog")]

    def _check_input(self, inputs: dict[str, Any], expected: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
        if len(inputs) != 1:
            raise ModelError(N_("has {inputs} inputs, expected 1."), self._model.folder, inputs=len(inputs))
        name, details = next(iter(inputs.items()))
        shape = tuple(int(edge) for edge in details["shape"])
        if shape != expected or details["dtype"] not in INPUT_TYPES:
            raise ModelError(
                N_("takes {name} of shape {shape}, but model.json says a photo of shape {expected}."),
                self._model.folder,
                name=np.dtype(details["dtype"]).name,
                shape=shape,
                expected=expected,
            )
        return name, details

    def _shape_of(self, name: str) -> tuple[int, ...]:
        if name not in self._outputs:
            raise ModelError(
                N_("has no output {name} (it has {outputs})."),
                self._model.folder,
                name=repr(name),
                outputs=format_list(sorted(self._outputs)),
            )
        return tuple(int(edge) for edge in self._outputs[name]["shape"])

    def _check_scores(self) -> None:
        name = self._model.scores_output
        shape = self._shape_of(name)
        if not self._model.answers.fits(math.prod(shape)):
            kind = self._model.answers.kind
            raise ModelError(
                N_("answers {name} with shape {shape}, which cannot be read as {kind}."),
                self._model.folder,
                name=repr(name),
                shape=shape,
                kind=kind,
            )

    def _check_maps(self, name: str) -> None:
        shape = self._shape_of(name)
        if len(shape) != 4 or (shape[0], shape[3]) != (1, 2):
            raise ModelError(
                N_("answers {name} with shape {shape}, expected (1, rows, columns, 2)."),
                self._model.folder,
                name=repr(name),
                shape=shape,
            )

    def _check_features(self, name: str) -> None:
        shape = self._shape_of(name)
        if not 0 < math.prod(shape) <= MAX_FEATURES:
            raise ModelError(
                N_("{folder} answers {name} with shape {shape}, expected at most {max_features} numbers."),
                folder=self._model.folder,
                name=repr(name),
                shape=shape,
                max_features=MAX_FEATURES,
            )


@contextlib.contextmanager
def _raised_as_model_error(model: ModelFile) -> Iterator[None]:
    """Raise what LiteRT raises as a `ModelError`."""
    flatbuffer = model.folder / FLATBUFFER
    forget_refusals()
    try:
        yield
    except (ValueError, RuntimeError, TypeError) as error:
        if memory_was_refused():
            raise ModelTooLargeError(
                N_("cannot be run: it wants more memory than there is. Close other programs, or use a smaller model."),
                flatbuffer,
            ) from error
        raise ModelError(f"cannot be run: {error}".rstrip(".: ") + ".", flatbuffer) from error


def _fix_input_size(interpreter: Any, expected: tuple[int, ...]) -> None:
    """Set the size of an input without a fixed size to that of the description."""
    details = interpreter.get_input_details()
    if len(details) == 1:
        shape, signature = details[0]["shape"], details[0]["shape_signature"]
        is_open = len(signature) == len(expected) and any(edge < 0 for edge in signature)
        fits = all(edge in (-1, want) for edge, want in zip(signature, expected, strict=False))
        if is_open and fits and tuple(shape) != expected:
            interpreter.resize_tensor_input(details[0]["index"], expected)


def _runner(interpreter: Any) -> Any:
    """Return a runner that uses the names of the model's signature, or of its tensors if it has no signature."""
    signatures = list(interpreter.get_signature_list())
    if not signatures:
        return _ByTensor(interpreter)
    return interpreter.get_signature_runner("serving_default" if "serving_default" in signatures else signatures[0])


class _ByTensor:
    """The interface of LiteRT's `SignatureRunner` for flatbuffers without signatures."""

    def __init__(self, interpreter: Any) -> None:
        self._interpreter = interpreter
        self._inputs = {details["name"]: details for details in interpreter.get_input_details()}
        self._outputs = {details["name"]: details for details in interpreter.get_output_details()}

    def get_input_details(self) -> dict[str, Any]:
        return self._inputs

    def get_output_details(self) -> dict[str, Any]:
        return self._outputs

    def __call__(self, /, **values: NDArray[Any]) -> dict[str, NDArray[Any]]:
        for name, value in values.items():
            self._interpreter.set_tensor(self._inputs[name]["index"], value)
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(details["index"]) for name, details in self._outputs.items()}


_first_lock = threading.Lock()
_first_is_loaded = False


@contextlib.contextmanager
def _without_startup_message() -> Iterator[None]:
    """Keep "INFO: Created TensorFlow Lite XNNPACK delegate for CPU." out of the user's terminal.

    LiteRT writes it to the process's standard error when the first interpreter allocates its tensors, and has no
    setting to prevent that (google-ai-edge/LiteRT issue 7420). So standard error goes to a file for those milliseconds;
    all other lines in it are written afterwards.
    """
    global _first_is_loaded
    with _first_lock, contextlib.ExitStack() as stack:
        if not _first_is_loaded:
            stack.enter_context(_captured_standard_error())
        yield
        _first_is_loaded = True


@contextlib.contextmanager
def _captured_standard_error() -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            terminal = os.dup(2)  # first: without a standard error the file would become number 2
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
