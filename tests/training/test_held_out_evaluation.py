import json
import shutil

import pytest
from PIL import Image

from catdog_desktop.evaluating.evaluation import Evaluation, JudgedPhoto
from catdog_desktop.evaluating.saved_evaluation import load_evaluation
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.training.held_out_evaluation import evaluate_held_out, figures_of_evaluation
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.verdict import Scores, Thresholds


def test_evaluate_held_out_writes_baseline_and_figures(tmp_path, model_folder, model):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    photos = []
    for label, source in (("cat", ""), ("dog", ""), ("neither", "hlb-")):
        for number in range(2):
            path = tmp_path / f"{source}{label}.{number}.png"
            Image.effect_noise((60, 40), 40).convert("RGB").save(path)
            photos.append(Photo(path, label))
    figures = evaluate_held_out(photos, folder)
    written = load_model_file(folder)
    assert dict(written.figures) == figures
    assert figures["photos"] == 6
    assert figures.get("unseen_sources") == model.figures.get("unseen_sources")
    evaluation = load_evaluation(folder / "evaluation.json").evaluation
    assert {photo.path for photo in evaluation.photos} == {f"{photo.label}/{photo.name}" for photo in photos}
    assert (evaluation.model_sha256, evaluation.thresholds) == (written.sha256, written.thresholds)
    json.dumps(figures)


def test_figures_of_evaluation_count_sure_verdicts():
    rows = [
        ("cat", Scores(0.9, 0.0)),
        ("cat", Scores(0.0, 0.0)),
        ("dog", Scores(0.0, 0.2)),
        ("neither", Scores(0.0, 0.0)),
        ("neither", Scores(0.9, 0.0)),
    ]
    photos = [JudgedPhoto(f"{truth}/{number}.jpg", truth, "", scores) for number, (truth, scores) in enumerate(rows)]
    figures = figures_of_evaluation(Evaluation("catdog", "1.0.0", "0" * 64, Thresholds(0.2, 0.2, 0.1), photos))
    assert figures["photos"] == 5
    assert figures["pets_called_neither"] == pytest.approx(1 / 3, abs=1e-5)
    assert figures["neither_called_pet"] == 0.5
    assert figures["unsure"] == pytest.approx(1 / 3, abs=1e-5)
    assert figures["verdict_accuracy"] == 0.5  # two of the four that are not unsure
