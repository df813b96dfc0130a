"""Turn a trained network into a model folder: convert, calibrate, measure, and fit the second look."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from catdog_desktop.training.calibration import Calibration, Limits, calibrate, choose_limits
from catdog_desktop.training.export import to_half_flatbuffer, write_model
from catdog_desktop.training.figures import measure
from catdog_desktop.training.frozen import photo_batches
from catdog_desktop.training.held_out_evaluation import evaluate_held_out
from catdog_desktop.training.network import Network, assemble
from catdog_desktop.training.photo_folder import Photo, count_labels, fit_input, targets_of
from catdog_desktop.training.projection import fit_projection
from catdog_desktop.training.quantized import example_photos, to_quantized_flatbuffer
from catdog_desktop.training.recipes import Recipe
from catdog_desktop.training.samples import Deck, Mixture, photo_weights, plan
from catdog_desktop.training.second_look_fit import fit_second_look
from catdog_desktop.training.trials import joined_photos

_PHOTOS_FOR_PROJECTION: Final = 6_000
_LEAST_OF_BOTH: Final = 30
"""With fewer photos of both animals their figure is left out; `make trials` measures it on joined photos."""


def finish(network: Network, photos: Sequence[Photo], recipe: Recipe, seed: int, out: Path) -> None:
    """Calibrate on the photos set apart, measure on those held out, and write the model folder.

    With a second look that is fitted too, and the figures are measured again, as the app runs the model.
    """
    parts = {part: [photo for photo in photos if photo.part == part] for part in ("train", "set apart", "held out")}
    convert = _converter(recipe, parts["train"], network.input_size, seed)
    # Calibrated and measured is what the app will run, not what it was converted from.
    uncalibrated = convert(assemble(network, Calibration()))
    apart, held_out = (
        logits_of(uncalibrated, pixels_of(parts[part], network.input_size)) for part in ("set apart", "held out")
    )
    weights = calibration_weights(parts["set apart"])
    calibration = calibrate(apart, targets_of(parts["set apart"]), weights)
    limits = recipe.limits or _limits(parts["set apart"], apart, weights, calibration, uncalibrated, network.input_size)
    figures = measure(calibration.scores(held_out), targets_of(parts["held out"]), limits)
    if sum(photo.label == "both" for photo in parts["held out"]) < _LEAST_OF_BOTH:
        figures.pop("both_found", None)
    print(limits, figures)
    description = {
        "recipe": recipe.name,
        "backbone": f"{recipe.variant.name} (ImageNet)",
        "photos": {part: count_labels(members) for part, members in parts.items()},
        "seed": seed,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    projection = fit_projection(network.pooled(photo_batches(_some(parts["train"], seed), network.input_size)))
    model = assemble(network, calibration, projection)
    write_model(out, model, convert(model), limits, version=recipe.version, training=description, figures=figures)
    if recipe.second_look:
        print(fit_second_look(photos, out, recipe.second_look), flush=True)
        print(evaluate_held_out(parts["held out"], out), flush=True)


def _limits(
    photos: Sequence[Photo],
    logits: NDArray[np.float64],
    weights: NDArray[np.float64],
    calibration: Calibration,
    uncalibrated: bytes,
    size: tuple[int, int],
) -> Limits:
    """Choose limits on photos set apart and on joined ones made of them."""
    both = logits_of(uncalibrated, (fit_input(photo, size) for photo in joined_photos(photos)))
    return choose_limits(
        calibration.scores(np.concatenate([logits, both])),
        np.concatenate([targets_of(photos), np.ones_like(both)]),
        np.concatenate([weights, np.full(len(both), weights.mean())]),
    )


def calibration_weights(photos: Sequence[Photo]) -> NDArray[np.float64]:
    """Return how much each photo counts in the calibration, [N]: pets half of all, sources weighted as in training."""
    of_label = {"cat": 1.0, "dog": 1.0, "neither": 2.0, "both": 0.02}
    pairs = zip(photos, photo_weights(photos), strict=True)
    return np.array([weight * of_label[photo.label] for photo, weight in pairs])


def _some(photos: Sequence[Photo], seed: int) -> list[Photo]:
    """Choose photos for the projection: all sources, the large ones no more than the small ones."""
    deck = Deck(photos, photo_weights(photos))
    return deck.draw(min(_PHOTOS_FOR_PROJECTION, len(photos)), np.random.default_rng(seed))


def _converter(
    recipe: Recipe, photos: Sequence[Photo], size: tuple[int, int], seed: int
) -> Callable[[keras.Model], bytes]:
    if not recipe.quantized:
        return to_half_flatbuffer
    number = len(photos)
    mixture = Mixture(number, number // 3, number // 4, number // 10, number // 10)
    examples = example_photos(plan(photos, mixture, seed), size, seed)
    return lambda model: to_quantized_flatbuffer(model, examples)


def pixels_of(photos: Sequence[Photo], size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    """Decode photos one by one: [H, W, 3] each, for a `size` of (width, height)."""
    for batch in photo_batches(photos, size):
        yield from batch


def logits_of(flatbuffer: bytes, photos: Iterable[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Run photos [H, W, 3] through a flatbuffer without calibration: uncalibrated logits [N, 2]."""
    interpreter = Interpreter(model_content=flatbuffer, num_threads=1)
    interpreter.allocate_tensors()
    run = interpreter.get_signature_runner()
    scores = [run(photo=photo[np.newaxis].astype(np.float32))["scores"][0] for photo in photos]
    clipped = np.clip(np.array(scores, np.float64), 1e-7, 1 - 1e-7)
    return np.log(clipped / (1 - clipped))
