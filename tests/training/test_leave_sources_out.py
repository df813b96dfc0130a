import json
from pathlib import Path

import keras
import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("sklearn")

from PIL import Image

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.training import leave_sources_out
from catdog_desktop.training.by_source import Judged
from catdog_desktop.training.calibration import Limits
from catdog_desktop.training.finishing import finish as write_finished
from catdog_desktop.training.held_out_evaluation import app_scores
from catdog_desktop.training.leave_sources_out import (
    FOLDS,
    describe_unseen,
    judge_fold,
    main,
    prepare,
    run_folds,
    unseen_figures,
    unseen_photos,
)
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.recipes import Recipe
from catdog_desktop.training.samples import Mixture
from catdog_desktop.training.sources import FIRST_SET
from catdog_desktop.training.tuned import Round, TunedSettings
from catdog_desktop.training.tuning import Rates

LIMITS = Limits(0.5, 0.5, 0.1)
SETTINGS = TunedSettings(
    size=(64, 64),
    final_size=(96, 64),
    batch=8,
    start_batches=4,
    start=Rates(head=1e-3, tail=0.0),
    rounds=(Round(Mixture(), Rates(head=1e-3, tail=1e-4)), Round(Mixture(), Rates(head=1e-4, tail=1e-5))),
)
MIXTURE = Mixture(single=90, joined=30, scenes=10, panoramas=4, close_ups=2)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Noisy photos of the first set and of one source of each fold: red cats, green dogs, blue others."""
    folder = tmp_path_factory.mktemp("sources")
    rng = np.random.default_rng(1)
    made = []
    prefixes = ["", *(sorted(fold)[0] for fold in FOLDS)]
    for channel, label in enumerate(("cat", "dog", "neither")):
        for prefix in prefixes:
            for number in range(24 if not prefix else 6):
                name = f"{prefix}-{label}-{number:08x}.png" if prefix else f"{label}.{number}.png"
                pixels = rng.integers(0, 120, (48, 64, 3), dtype=np.uint8)
                pixels[..., channel] += 120
                Image.fromarray(pixels).save(folder / name)
                made.append(Photo(folder / name, label))
    return made


def test_folds_leave_each_source_out_once_and_keep_the_first_set():
    sources = [source for fold in FOLDS for source in fold]
    assert len(sources) == len(set(sources))
    assert not FIRST_SET & set(sources)


@pytest.mark.slow
def test_run_folds_judges_each_photo_of_a_source_by_a_model_without_it(photos, tiny, tmp_path, monkeypatch):
    keras.utils.set_random_seed(1)
    learnt, finished = [], []

    def tuned(tail, head, batches, steps, teacher, rates, checkpoint=None):
        learnt.append((sum(len(batch.targets) for batch in batches), rates))

    def finish(network, others, recipe, seed, out):
        finished.append({photo.origin.source for photo in others})
        write_finished(network, others, recipe, seed, out)

    monkeypatch.setattr(leave_sources_out, "tune", tuned)
    monkeypatch.setattr(leave_sources_out, "finish", finish)
    recipe = Recipe("toy", "0.0.1", tiny, lambda *_: None, limits=LIMITS, second_look=4)
    study = prepare(photos, tiny, SETTINGS, MIXTURE, tmp_path)
    assert study.features.trunk.shape[0] == len(study.samples) == MIXTURE.total
    figures = run_folds(study, LIMITS, recipe, tmp_path)
    steps = [SETTINGS.start, *(round_.rates for round_ in SETTINGS.rounds)]
    assert [rates for _, rates in learnt] == steps * len(FOLDS)
    of_first_round, of_second_round = ([number for number, _ in learnt[start :: len(steps)]] for start in (1, 2))
    assert of_first_round == of_second_round
    assert max(of_first_round) < MIXTURE.total // 8 * 8
    assert all(not sources & fold for sources, fold in zip(finished, FOLDS, strict=True))
    # A second run in the same folder takes features and scores from there.
    again = prepare(photos, tiny, SETTINGS, MIXTURE, tmp_path)
    assert (again.features.trunk == study.features.trunk).all()
    assert run_folds(again, LIMITS, recipe, tmp_path) == figures
    assert len(learnt) == len(steps) * len(FOLDS)
    assert set(figures["sources"]) == {sorted(fold)[0] for fold in FOLDS}
    for of_source in figures["sources"].values():
        assert of_source["called_pet"]["of"] == 6
        assert of_source["pets_right"]["of"] == 12
    assert set(figures["first_look"]) == {"summary", "passing_score", "groups"}
    known = [photo for photo in photos if photo.part == "held out" and photo.origin.source in FIRST_SET]
    pets = sum(photo.label != "neither" for photo in known)
    assert pets
    assert figures["first_set_held_out"]["pets_right"]["of"] == len(FOLDS) * pets
    # The scores are those that the app gives with the model of the fold, with a second look and without.
    unseen, fold = unseen_photos(photos, 0), judge_fold(again, 0, recipe, tmp_path)
    model = load_model_file(tmp_path / "model-0")
    assert model.second_look is not None
    classifier = Classifier(model)
    for photo, first_look in zip(unseen, fold.first_look, strict=True):
        scores = classifier.classify(decode_photo(photo.path, model.input_size, model.resampling).pixels).scores
        assert first_look == pytest.approx((scores.cat, scores.dog), abs=1e-4)
    assert fold.unseen == pytest.approx(app_scores(unseen, model))


def test_unseen_figures_give_sources_kinds_groups_and_summary():
    rows = [
        ("hlb-cat-00000001.jpg", "cat", (0.9, 0.0)),
        ("hlb-rabbit-00000002.jpg", "neither", (0.8, 0.0)),
        ("hlb-rabbit-00000003.jpg", "neither", (0.1, 0.0)),
        ("camvid-street-00000004.jpg", "neither", (0.1, 0.0)),
    ]
    judged = Judged(
        [Photo(Path(name), label) for name, label, _ in rows], np.array([scores for *_, scores in rows]), LIMITS
    )
    figures = unseen_figures(judged)
    assert figures["kinds"]["hlb-rabbit"]["called_pet"]["share"] == 0.5
    assert figures["groups"]["everyday"]["called_pet"]["count"] == 0
    assert figures["summary"]["called_pet"]["pooled"]["share"] == pytest.approx(1 / 3, abs=1e-5)
    assert figures["passing_score"]["animals"]["count"] == 0
    json.dumps(figures)


def test_describe_unseen_adds_the_means_and_keeps_the_rest(tmp_path):
    description = {"name": "catdog", "figures": {"log_loss": 0.02, "unseen_sources": {"old": 1}}}
    (tmp_path / "model.json").write_text(json.dumps(description), encoding="utf-8")
    describe_unseen(tmp_path, {"called_pet": {"mean_of_sources": 0.01}, "pets_right": {}})
    written = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert written == {"name": "catdog", "figures": {"log_loss": 0.02, "unseen_sources": {"called_pet": 0.01}}}


def test_main_fold_without_a_folder_for_its_scores_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--fold", "1"])
    assert "--work" in capsys.readouterr().err


def test_main_without_photos_reports_it(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "cat/, dog/ and neither/" in capsys.readouterr().err
