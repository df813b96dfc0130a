"""Evaluate a written model as the app runs it, on the photos held out: `evaluation.json` and the model's figures."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.evaluating.evaluation import Evaluation, evaluate_model
from catdog_desktop.evaluating.saved_evaluation import save_evaluation
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.inference.model_figures import UNSEEN_SOURCES
from catdog_desktop.inference.model_file import DESCRIPTION, ModelFile, load_model_file
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.trials import SOURCE_PATTERN

EVALUATION: Final = "evaluation.json"


def evaluate_held_out(photos: Sequence[Photo], folder: Path) -> dict[str, Any]:
    """Evaluate the model in `folder` on photos held out; write `evaluation.json` and the figures of the description.

    Returns the figures. Those of unseen sources, which `make sources` measures, stay. Raises `EvaluationError`.
    """
    evaluation = evaluate_photos(photos, load_model_file(folder))
    save_evaluation(folder / EVALUATION, evaluation)
    path = folder / DESCRIPTION
    description = json.loads(path.read_text(encoding="utf-8"))
    kept = {key: value for key, value in description["figures"].items() if key == UNSEEN_SOURCES}
    description["figures"] = {**figures_of_evaluation(evaluation), **kept}
    write_text_atomically(path, json.dumps(description, indent=2, ensure_ascii=False) + "\n")
    return dict(description["figures"])


def evaluate_photos(photos: Sequence[Photo], model: ModelFile) -> Evaluation:
    """Evaluate a model on photos as `catdog evaluate` does. Raises `EvaluationError` and `OSError`."""
    with TemporaryDirectory(prefix="catdog-evaluation-") as name:
        labelled = Path(name)
        for photo in photos:
            (labelled / photo.label).mkdir(exist_ok=True)
            shutil.copyfile(photo.path, labelled / photo.label / photo.name)
        return evaluate_model(labelled, model, source_pattern=SOURCE_PATTERN)


def app_scores(photos: Sequence[Photo], model: ModelFile) -> NDArray[np.float64]:
    """Return the scores that the app gives photos, [N, 2]: calibrated, of cat and dog."""
    judged = {photo.path: photo.scores for photo in evaluate_photos(photos, model).photos}
    scores = (judged[f"{photo.label}/{photo.name}"] for photo in photos)
    return np.array([(of_photo.cat, of_photo.dog) for of_photo in scores])


def figures_of_evaluation(evaluation: Evaluation) -> dict[str, float | int]:
    """Return the figures of an evaluation under the names of `training.figures.measure`; without photos none."""
    shares, losses = evaluation.proportions(), evaluation.losses()
    names = {
        "forced_accuracy": "forced_accuracy",
        "pets_called_neither": "pets_called_neither",
        "neither_called_pet": "neither_called_a_pet",
        "unsure": "unsure_of_pets",
    }
    figures = {figure: shares[name].value for figure, name in names.items() if name in shares}
    sure = len(evaluation.photos) - shares["unsure_of_all"].count
    if sure:
        figures["verdict_accuracy"] = shares["right_verdicts"].count / sure
    figures |= {name: losses[name] for name in ("log_loss", "calibration_error") if name in losses}
    return {**{name: round(value, 5) for name, value in figures.items()}, "photos": len(evaluation.photos)}
