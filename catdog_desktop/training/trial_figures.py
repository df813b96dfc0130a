"""The figures of the model card: trials, photos by source, heat maps and time. `make trials`.

python -m catdog_desktop.training.trial_figures DATA... --save models/catdog/trials.json
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from catdog_desktop.evaluating.by_source import figures_by_source
from catdog_desktop.evaluating.evaluation import Evaluation, EvaluationError, Proportion, evaluate_model, figures_of
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.paths import default_model
from catdog_desktop.training.calibration import Calibration
from catdog_desktop.training.efficientnet_lite import LITE0
from catdog_desktop.training.export import to_half_flatbuffer
from catdog_desktop.training.network import assemble, build_network
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, fit_input, load_rgb, open_photos
from catdog_desktop.training.trials import SOURCE_PATTERN, above, beside, write_trials
from catdog_desktop.verdict import Verdict

_MAPS: Final = 400
"""Number of joined photos whose heat maps are measured."""
_TIMED: Final = 60
_SEED: Final = 11
_YARDSTICK_SIZE: Final = (224, 224)
"""Input of the frozen EfficientNet-Lite0 in floating point, the unit of times."""


def measure_trials(photos: Sequence[Photo], model: ModelFile) -> dict[str, dict[str, Any]]:
    """Evaluate the model, as the app runs it, on each trial of the photos held out; plain photos also by source."""
    figures: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory(prefix="catdog-trials-") as name:
        folder = Path(name)
        write_trials(photos, folder)
        for trial in sorted(folder.iterdir()):
            evaluation = evaluate_model(trial, model, source_pattern=SOURCE_PATTERN)
            found = _figures(evaluation)
            if trial.name == "plain":
                found["sources"] = _by_source(evaluation)
            figures[trial.name] = found
            print(trial.name, json.dumps(found), flush=True)
    return figures


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for figure, value in figures_of(evaluation):
        if isinstance(value, Proportion):
            figures[figure] = _share(value)
        elif "_cat" not in figure and "_dog" not in figure:
            figures[figure] = round(value, 5)
    both = [evaluation.verdict(photo) for photo in evaluation.photos if photo.truth == "both"]
    sure = [verdict for verdict in both if verdict is not Verdict.UNSURE]
    if sure:
        figures["both_found_of_sure"] = _share(Proportion(sure.count(Verdict.BOTH), len(sure)))
    return figures


def _by_source(evaluation: Evaluation) -> dict[str, Any]:
    """Return for each source, the worst first, what is wrong, unsure, missed and called a pet."""
    return {
        source.source: {
            "wrong": _share(source.wrong_share),
            "unsure": _share(source.unsure_share),
            **({"pets_missed": _share(source.missed)} if source.missed else {}),
            **({"called_pet": _share(source.called_a_pet)} if source.called_a_pet else {}),
        }
        for source in figures_by_source(evaluation)
    }


def _share(proportion: Proportion) -> dict[str, Any]:
    return {"count": proportion.count, "of": proportion.total, "share": round(proportion.value, 5)}


def maps_on_their_half(photos: Sequence[Photo], model: ModelFile, number: int = _MAPS) -> dict[str, float]:
    """Return the share of joined held-out photos in which most of an animal's heat map lies on that animal's half."""
    rng = np.random.default_rng(_SEED)
    held_out = [photo for photo in photos if photo.part == "held out"]
    cats, dogs = ([photo for photo in held_out if photo.label == label] for label in ("cat", "dog"))
    classifier = Classifier(model)
    on_its_half = np.zeros(2)
    for count in range(number):
        cat, dog = (load_rgb(members[rng.integers(len(members))].path) for members in (cats, dogs))
        cat_first = bool(rng.random() < 0.5)
        first, second = (cat, dog) if cat_first else (dog, cat)
        joined = (beside if count % 2 else above)(first, second, rng)
        maps = classifier.classify(fit_input(joined, model.input_size)).heat_maps
        if maps is None:
            return {}
        if not count % 2:
            maps = maps.transpose(1, 0, 2)
        for channel, is_first in ((0, cat_first), (1, not cat_first)):
            on_its_half[channel] += (
                _share_of_first_half(maps[..., channel]) > 0.5
                if is_first
                else (_share_of_first_half(maps[..., channel]) < 0.5)
            )
    return {"cat": float(on_its_half[0] / number), "dog": float(on_its_half[1] / number), "photos": float(number)}


def _share_of_first_half(heat: Any) -> float:
    """Return the share of a heat map [h, w] left of its middle; a middle column counts half to either side."""
    columns = heat.astype(float).sum(axis=0)
    weights = np.clip(len(columns) / 2 - np.arange(len(columns)), 0.0, 1.0)
    return float((columns * weights).sum() / max(columns.sum(), 1e-9))


def time_beside_lite0(model: ModelFile) -> dict[str, float]:
    """Time one inference on one thread, by turns with a frozen EfficientNet-Lite0: milliseconds and their ratio."""
    yardstick = assemble(build_network(LITE0, _YARDSTICK_SIZE), Calibration())
    ours, theirs = _runner(model.flatbuffer), _runner(to_half_flatbuffer(yardstick))
    pairs = np.array([[_milliseconds(ours), _milliseconds(theirs)] for _ in range(_TIMED)])
    our_time, their_time = np.median(pairs, axis=0)
    ratio = float(np.median(pairs[:, 0] / pairs[:, 1]))
    return {"ms": round(our_time, 2), "lite0_ms": round(their_time, 2), "ratio": round(ratio, 2)}


def _runner(flatbuffer: bytes) -> Callable[[], object]:
    interpreter = Interpreter(model_content=flatbuffer, num_threads=1)
    interpreter.allocate_tensors()
    run = interpreter.get_signature_runner()
    ((name, details),) = run.get_input_details().items()
    photo = np.random.default_rng(_SEED).uniform(0, 255, details["shape"]).astype(np.float32)
    return lambda: run(**{name: photo})


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training.trial_figures", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument("--model", type=Path, default=default_model(), help="a model folder (the shipped one)")
    parser.add_argument("--save", type=Path, required=True, help="the JSON file to write")
    options = parser.parse_args(arguments)
    keras.utils.set_random_seed(1)
    try:
        model = load_model_file(options.model)
        with open_photos(*options.data) as photos:
            check_parts(photos, ["held out"])
            figures = {
                "model": {"version": model.version, "sha256": model.sha256},
                "file_mb": round(len(model.flatbuffer) / 1e6, 2),
                "inference": time_beside_lite0(model),
                "maps_on_their_half": maps_on_their_half(photos, model),
                "trials": measure_trials(photos, model),
            }
    except (PhotoFolderError, ModelError, EvaluationError) as error:
        print(error, file=sys.stderr)
        return 2
    options.save.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
