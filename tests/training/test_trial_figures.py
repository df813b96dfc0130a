import json

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("skimage")

from PIL import Image

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Inference
from catdog_desktop.paths import default_model
from catdog_desktop.training import trial_figures
from catdog_desktop.training.efficientnet_lite import LITE0
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.trial_figures import main, maps_on_their_half
from catdog_desktop.verdict import Scores


class SeesColours:
    """Stands for a model whose cat map is what is red, and whose dog map is what is blue."""

    def __init__(self, _model: ModelFile) -> None:
        pass

    def classify(self, pixels: np.ndarray) -> Inference:
        channels = pixels[..., (0, 2)].astype(float)
        edge = pixels.shape[0] // 5 * 5
        cells = channels[:edge, :edge].reshape(5, edge // 5, 5, edge // 5, 2).mean(axis=(1, 3))
        return Inference(Scores(0.9, 0.9), cells.astype(np.uint8))


class SeesThemSwapped(SeesColours):
    def classify(self, pixels: np.ndarray) -> Inference:
        seen = super().classify(pixels)
        assert seen.heat_maps is not None
        return Inference(seen.scores, seen.heat_maps[..., ::-1])


@pytest.mark.parametrize(("seer", "share"), [(SeesColours, 1.0), (SeesThemSwapped, 0.0)])
def test_maps_on_their_half_counts_the_half_of_the_animal(seer, share, tmp_path, monkeypatch, model):
    photos = []
    for label, colour in (("cat", (255, 0, 0)), ("dog", (0, 0, 255))):
        for number in range(40):
            path = tmp_path / f"{label}.{number}.png"
            Image.new("RGB", (60, 40), colour).save(path)
            photos.append(Photo(path, label))
    monkeypatch.setattr(trial_figures, "Classifier", seer)
    shares = maps_on_their_half(photos, model, 12)
    assert (shares["cat"], shares["dog"]) == (share, share)


def test_main_without_photos_reports_it(tmp_path, capsys):
    assert main([str(tmp_path), "--save", str(tmp_path / "figures.json")]) == 2
    assert "cat/, dog/ and neither/" in capsys.readouterr().err


@pytest.mark.slow
def test_main_writes_figures_of_model_and_photos(tmp_path):
    pytest.importorskip(LITE0.package)
    for label in ("cat", "dog", "neither"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(16):
            Image.effect_noise((60, 40), 40).convert("RGB").save(tmp_path / "data" / label / f"{label}.{number}.png")
    assert main([str(tmp_path / "data"), "--save", str(tmp_path / "figures.json")]) == 0
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert figures["inference"]["ratio"] > 0
    assert set(figures["trials"]) >= {"plain", "joined", "dark", "sharp-12-megapixels"}
    assert 0 <= figures["trials"]["plain"]["forced_accuracy"]["share"] <= 1


def test_saved_figures_belong_to_the_shipped_model(model):
    """What `make trials` measured belongs to this very file, and reaches what version 3 was made for."""
    figures = json.loads((default_model() / "trials.json").read_text(encoding="utf-8"))
    assert figures["model"] == {"version": model.version, "sha256": model.sha256}
    trials = figures["trials"]
    plain = trials["plain"]["forced_accuracy"]["share"]
    for trial in ("small-and-blurred", "dark", "grey", "turned-by-exif", "sharp-12-megapixels"):
        assert trials[trial]["forced_accuracy"]["share"] >= plain - 0.01
    assert trials["joined"]["both_found_of_sure"]["share"] >= 0.90
    assert min(figures["maps_on_their_half"]["cat"], figures["maps_on_their_half"]["dog"]) >= 0.95
    assert figures["inference"]["ratio"] <= 2.6
    assert figures["file_mb"] <= 10
