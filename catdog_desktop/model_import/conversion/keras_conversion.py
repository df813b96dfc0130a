"""Convert an inspected Keras model or SavedModel to a flatbuffer, with TensorFlow.

Imported in the sandboxed child only. Beside training, no other file imports TensorFlow.
"""

import importlib.metadata
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from catdog_desktop.inference.input_values import scale
from catdog_desktop.languages.formats import format_list, join_sentences
from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.conversion.early_keras import in_words_of_keras_2
from catdog_desktop.model_import.conversion.input_scaling_probe import misfits
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.inspection.allow_list import APPLICATION_LAYERS
from catdog_desktop.model_import.inspection.findings import Findings, rescaling_of
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.proposals.facts import ModelFacts
from catdog_desktop.model_import.proposals.flatbuffer_facts import (
    DEFAULT_EDGE,
    check_outputs,
    check_photo_shape,
    facts_of_flatbuffer,
)
from catdog_desktop.model_import.proposals.questions import SCALINGS
from catdog_desktop.model_import.proposals.trial_run import photo_pixels

_SCALING: Final = frozenset({"Mul", "RealDiv", "Div", "DivNoNan", "Sub", "Add", "AddV2", "BiasAdd"})
_WEIGHTED: Final = frozenset(
    {"Conv2D", "DepthwiseConv2dNative", "Conv3D", "MatMul", "BatchMatMulV2", "Einsum", "FusedBatchNormV3"}
)
TOLERANCE: Final = 1e-4
"""Between Keras's answers and the flatbuffer's; relative for answers beyond 1 (logits)."""
LONGEST_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model that TensorFlow has opened."""

    answer: Callable[[Any], Any]
    """Takes a photo, float32 of (1, height, width, channels), and returns a tensor of answers."""
    shape: tuple[int | None, ...]
    """Of the input, with the batch first."""
    owner: Any
    """Keeps the weights alive."""
    loaded_by: str
    """Name and version of the library that opened it."""
    keras_model: Any = None


def convert(
    path: Path, findings: Findings, size: tuple[int, int] | None, photos: Sequence[Path], on_step: Callable[[str], None]
) -> ModelFacts:
    """Convert the model at `path` to a flatbuffer of float32 beside it, `model.tflite`; return the facts.

    `size` (width, height) is for models that take any; `photos` are to compare the answers on. Raises
    `ModelImportError`.
    """
    on_step("opening")
    opened = open_saved_model(path) if findings.kind == "saved_model" else open_keras(path, findings)
    check_photo_shape(opened.shape)
    width, height, free = _size(opened.shape, size)
    on_step("converting")
    target = path.with_name("model.tflite")
    shape = (1, height, width, int(opened.shape[3] or 0))
    frozen = _frozen(opened, shape)
    target.write_bytes(_flatbuffer(frozen, path.with_name("frozen")))
    on_step("comparing")
    facts = _facts(target, findings, opened, free=free, scaled=frozen.scales)
    inputs = _trial_inputs(facts, photos)
    facts = replace(facts, difference=_difference(opened, target, facts, inputs))
    if opened.keras_model is not None:
        facts = replace(facts, misfits=misfits(opened.keras_model, inputs))
    return facts


# Opening --------------------------------------------------------------------------------------------------------------


def open_keras(path: Path, findings: Findings) -> OpenedModel:
    """Open a `.keras` or `.h5` file, first with the library that wrote it: Keras 3, or tf_keras for older files."""
    reasons: list[str] = []
    tried: list[str] = []
    names = ["keras", "tf_keras"]
    if (findings.keras_version or "3").startswith(("1.", "2.")):
        names.reverse()
    path = in_words_of_keras_2(path, findings)
    for name in names:
        title = {"keras": "Keras", "tf_keras": "tf_keras"}[name]
        try:
            library = importlib.import_module(name)
        except ImportError:
            command = f"pip install {name.replace('_', '-')}"
            reasons.append(_("{library} is not installed ({command})").format(library=title, command=command))
            continue
        tried.append(f"{title} {importlib.metadata.version(name.replace('_', '-'))}")
        try:
            return _opened(_load(library, path, findings.layers), tried[-1])
        except (ModelImportError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  Keras raises anything for a file that it cannot read.
            reasons.append(_("{library} says: {reason}").format(library=title, reason=_reason(error)))
    raise ModelImportError(_cannot_open(findings.keras_version, tried, reasons))


def _cannot_open(written: str | None, tried: Sequence[str], reasons: Sequence[str]) -> str:
    """Return why no Keras opens a model, and what it needs. Only the first library's own message is part of it."""
    sentences = []
    if len(tried) > 1:
        sentences.append(_("Neither {first} nor {second} can open this model.").format(first=tried[0], second=tried[1]))
    elif tried:
        sentences.append(_("{library} cannot open this model.").format(library=tried[0]))
    else:
        sentences.append(_("No Keras can open this model."))
    if written:
        sentences.append(_("Keras {version} wrote it.").format(version=written))
        if tried and _version(written) > max(_version(title.rpartition(" ")[2]) for title in tried):
            sentences.append(_("That is newer: pip install --upgrade keras."))
    missing = [reason for reason in reasons if "pip install" in reason]
    message = next((reason for reason in reasons if reason not in missing), "")
    sentences += [f"{reason}." for reason in (message, *missing) if reason]
    sentences.append(_("Open it where it was made, run model.export('folder') there, and import that folder."))
    return join_sentences(sentences)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def _load(library: ModuleType, path: Path, layers: Sequence[str]) -> Any:
    own: dict[str, Any] = {}
    for name in APPLICATION_LAYERS.keys() & set(layers):  # Keras does not find its own layers of these names by itself.
        module = importlib.import_module(f"{library.__name__}.src.applications.{APPLICATION_LAYERS[name]}")
        own[name] = getattr(module, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if library.__name__ == "keras":
            return library.saving.load_model(path, own, compile=False, safe_mode=True)
        return library.models.load_model(path, own, compile=False)


def _opened(model: Any, loaded_by: str) -> OpenedModel:
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not inputs or not outputs:
        raise ModelImportError(
            N_(
                "The file does not say which size of photo the model takes. Where it was made, call the model once, "
                "save it again, and import that."
            )
        )
    _check_counts(len(inputs), len(outputs))
    kind = _type(inputs[0].dtype)
    structured = isinstance(getattr(model, "input", None), Mapping)

    def answer(photo: Any) -> Any:
        values = tf.cast(photo, kind)
        result = model({next(iter(model.input)): values} if structured else values, training=False)
        return next(iter(tf.nest.flatten(result)))

    return OpenedModel(answer, tuple(inputs[0].shape), model, loaded_by, keras_model=model)


def _check_counts(inputs: int, outputs: int) -> None:
    if inputs != 1:
        raise ModelImportError(N_("The model takes {count} inputs at once, not one photo."), count=inputs)
    if outputs != 1:
        sentence = N_(
            "The model gives {count} answers at once, and nothing says which one is about cats and dogs. "
            "Save a model with that one answer, and import it."
        )
        raise ModelImportError(sentence, count=outputs)


def _type(dtype: Any) -> Any:
    return tf.as_dtype(getattr(dtype, "name", dtype))


def open_saved_model(folder: Path) -> OpenedModel:
    """Open a SavedModel by its signature, without the classes of Keras."""
    loaded_by = f"TensorFlow {tf.__version__}"
    try:
        loaded = tf.saved_model.load(str(folder))
        signatures = dict(loaded.signatures)
    except (MemoryError, ModelImportError):
        raise
    except Exception as error:
        sentence = N_("{library} cannot open this SavedModel: {reason}.")
        raise ModelImportError(sentence, library=loaded_by, reason=_reason(error)) from error
    if not signatures:
        raise ModelImportError(
            N_(
                "The SavedModel has no signature, so nothing says how to call it. Where it was made, save it again "
                "with model.export('folder'), and import that."
            )
        )
    signature = signatures.get("serving_default") or signatures[min(signatures)]
    takes, gives = signature.structured_input_signature[1], signature.structured_outputs
    # Lobe also answers with the name of the class, as text.
    numbers = {key: spec for key, spec in gives.items() if spec.dtype.is_floating and spec.shape.rank in (None, 1, 2)}
    if len(numbers) == 1:
        gives = numbers
    _check_counts(len(takes), len(gives))
    output = next(iter(gives))
    name, spec = next(iter(takes.items()))
    if spec.shape.rank is None:
        raise ModelImportError(N_("The SavedModel does not say what its input is."))

    def answer(photo: Any) -> Any:
        return signature(**{name: tf.cast(photo, spec.dtype)})[output]

    return OpenedModel(answer, tuple(spec.shape.as_list()), loaded, loaded_by)


def _reason(error: BaseException) -> str:
    """Return the first sentence of an exception's message, without the addresses and hints around it."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = text.rpartition("Exception encountered: ")[2]
    first = re.split(r"(?<=[a-z)}'\"\]])\. ", text, maxsplit=1)[0]
    text = "".join(character if character.isprintable() else "�" for character in first[: LONGEST_REASON + 1])
    return text.rstrip(".") if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}…"


# Converting -----------------------------------------------------------------------------------------------------------


def _size(shape: tuple[int | None, ...], wanted: tuple[int, int] | None) -> tuple[int, int, bool]:
    """Return width and height, and whether they were free to choose."""
    height, width = shape[1], shape[2]
    wished_width, wished_height = wanted or (width or DEFAULT_EDGE, height or DEFAULT_EDGE)
    if (width or wished_width, height or wished_height) != (wished_width, wished_height):
        sentence = _(
            "The model takes photos of {width} by {height} pixels; {other_width} by {other_height} is not possible."
        )
        any_size = _("any")
        sizes = {"width": width or any_size, "height": height or any_size}
        raise ModelImportError(sentence.format(**sizes, other_width=wished_width, other_height=wished_height))
    return wished_width, wished_height, None in (height, width)


def _flatbuffer(frozen: Any, folder: Path) -> bytes:
    """Return a flatbuffer of float32 with one signature: `photo` in, `scores` of (1, outputs) out.

    `folder` is created for an intermediate SavedModel.
    """
    # Not saved by the converter: it would save custom gradients (of swish, for one) too, which fails with constants,
    # and then leave out the signature without an error.
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(tf.Module(), str(folder), signatures={"serving_default": frozen.function}, options=options)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=["serving_default"])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    try:
        return bytes(converter.convert())
    except Exception as error:
        sentence = N_("The model cannot be converted: {reason}.")
        raise ModelImportError(sentence, reason=_missing_operations(error)) from error


def _missing_operations(error: Exception) -> str:
    """Return what the converter lacks; its message lists one operation a line, with types."""
    found = re.findall(r"^\s*tf\.(\w+)\((.*)$", str(error), flags=re.MULTILINE)
    missing = sorted({name for name, _ in found})
    if any("f16" in types for _, types in found):
        return _("it computes in half precision. Save it in float32 where it was made, and import that")
    if missing:
        return _("LiteRT does not have its operations {names}").format(names=format_list(missing[:5]))
    return _reason(error)


@dataclass(frozen=True, slots=True)
class FrozenModel:
    """A model as a function of a photo, with constants as weights."""

    function: Any
    scales: bool
    """Whether the photo is scaled before the first weights."""


def _frozen(opened: OpenedModel, shape: tuple[int, int, int, int]) -> FrozenModel:
    """Freeze the weights.

    The converter freezes weights itself, but leaves those of some models of Keras 3 as variables, which nothing sets in
    a flatbuffer: its answers are then noise.
    """
    photo_type = [tf.TensorSpec(shape, tf.float32, name="photo")]

    def run(photo: Any) -> Any:
        return tf.reshape(tf.cast(opened.answer(photo), tf.float32), (1, -1))

    try:
        constant = convert_variables_to_constants_v2(
            tf.function(run, input_signature=photo_type, autograph=False).get_concrete_function()
        )
    except Exception as error:
        if random := _random_operations(opened.owner):
            raise ModelImportError(_random_augmentation(random)) from error
        size = f"{shape[2]} by {shape[1]}"
        sentence = N_("The model cannot be run on a photo of {size} pixels: {reason}.")
        raise ModelImportError(sentence, size=size, reason=_reason(error)) from error

    if opened.keras_model is None and (random := _random_operations(opened.owner)) and _is_random(constant.graph):
        raise ModelImportError(_random_augmentation(random))
    check_outputs(int(constant.outputs[0].shape[1] or 0))

    def serve(photo: Any) -> dict[str, Any]:
        return {"scores": tf.nest.flatten(constant(photo))[0]}

    function = tf.function(serve, input_signature=photo_type, autograph=False).get_concrete_function()
    return FrozenModel(function, scales_photo(constant.graph))


def _random_operations(loaded: Any) -> list[str]:
    """Return the names of the random layers in a SavedModel's own functions: those that augment photos in training."""
    found = set()
    for signature in dict(getattr(loaded, "signatures", {})).values():
        definition = signature.graph.as_graph_def()
        nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
        for node in nodes:
            if re.match(r"(Stateless)?(Random|Truncated|Multinomial|RngReadAndSkip)", node.op.removesuffix("V2")):
                found.update(re.findall(r"random_[a-z]+|gaussian_[a-z]+", node.name) or ["random"])
    return sorted(found)


def _is_random(graph: Any) -> bool:
    return any(re.match(r"(Stateless)?Random", operation.type) for operation in graph.get_operations())


def _random_augmentation(layers: Sequence[str]) -> str:
    return _(
        "The exported graph changes photos at random ({layers}), which is meant for training only. Where the model was "
        "made, run model.save('model.keras') and import that file: the random layers are then left out. If that is not "
        "possible, build the model again without its random layers, with the same weights, and export that."
    ).format(layers=format_list(layers[:5]))


def scales_photo(graph: Any) -> bool:
    """Whether a graph does arithmetic on the photo before the first weights.

    Called before the conversion, which may multiply the scale into the weights. Arithmetic on the photo's size does not
    count.
    """
    waiting = [operation for operation in graph.get_operations() if operation.type == "Placeholder"]
    seen = set()
    while waiting:
        operation = waiting.pop()
        if operation.name in seen or operation.type in _WEIGHTED or operation.type == "Shape":
            continue
        seen.add(operation.name)
        if operation.type in _SCALING:
            return True
        waiting += [consumer for output in operation.outputs for consumer in output.consumers()]
    return False


def _facts(target: Path, findings: Findings, opened: OpenedModel, *, free: bool, scaled: bool) -> ModelFacts:
    converted = inspect_flatbuffer(target)
    activation = converted.last_activation
    if activation not in ("sigmoid", "softmax"):
        activation = "unknown" if findings.last_activation not in ("linear", None) else "linear"
    return facts_of_flatbuffer(
        target,
        converted,
        kind=findings.kind,
        free_size=free,
        activation=activation,
        # A config names the layers that scale. A SavedModel may have no config, or an incomplete one.
        scaled="yes" if findings.has_rescaling or (scaled and findings.kind == "saved_model") else "no",
        scaling_words=rescaling_of(findings.config),
        keras_version=findings.keras_version or "",
        loaded_by=opened.loaded_by,
        notes=tuple(note[:LONGEST_REASON] for note in findings.notes[:20]),
    )


# Comparing ------------------------------------------------------------------------------------------------------------


def _trial_inputs(facts: ModelFacts, photos: Sequence[Path]) -> dict[str, NDArray[np.float32]]:
    """Return by scaling the model's inputs for the photos: (photos, height, width, channels)."""
    pixels = np.stack([photo_pixels(path, (facts.width, facts.height), facts.channels) for path in photos])
    known = [name for name in SCALINGS if facts.channels == 3 or not name.startswith("imagenet")]
    return {name: scale(pixels, "rgb", name) for name in known}


def _difference(
    opened: OpenedModel, target: Path, facts: ModelFacts, inputs: Mapping[str, NDArray[np.float32]]
) -> float:
    """Return the largest difference between the answers. Raises `ModelImportError` if it is more than rounding."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(target), num_threads=1)
    run = interpreter.get_signature_runner()
    name = next(iter(run.get_input_details()))
    largest = 0.0
    for values in (batch[:1] for batch in inputs.values()):
        expected = np.asarray(opened.answer(tf.constant(values)), np.float64).ravel()
        found = np.asarray(run(**{name: values})[facts.scores_output], np.float64).ravel()
        difference = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
        largest = max(largest, float(np.nan_to_num(difference, nan=1.0).max()))
    if largest > TOLERANCE:
        sentence = N_("The converted model gives other numbers than Keras (by {difference}), so it is not imported.")
        raise ModelImportError(sentence, difference=f"{largest:.2g}")
    return largest
