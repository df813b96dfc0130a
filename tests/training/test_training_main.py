"""`python -m catdog_desktop.training` around a training that changes nothing: what it asks first and writes at last."""

import datetime
import json
import shutil

import keras
import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("skimage")
pytest.importorskip("sklearn")

from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.training.__main__ import main
from catdog_desktop.training.calibration import Calibration, Limits
from catdog_desktop.training.export import to_half_flatbuffer
from catdog_desktop.training.finishing import logits_of, pixels_of
from catdog_desktop.training.frozen import photo_batches
from catdog_desktop.training.network import assemble, build_network
from catdog_desktop.training.photo_folder import fit_input, load_rgb, read_folder
from catdog_desktop.training.recipes import RECIPES, Recipe

SIZE = (64, 48)


class Untrained:
    """Trains nothing: looks at each photo, and notes what it was given."""

    def __init__(self, variant):
        self.variant = variant
        self.given = None

    def __call__(self, photos, seed, checkpoint):
        self.given = photos, seed, checkpoint
        for _ in photo_batches(photos, SIZE):
            pass
        return build_network(self.variant, SIZE)


@pytest.fixture(scope="module")
def network(tiny):
    return build_network(tiny, SIZE)


@pytest.fixture(scope="module")
def run(tiny, toy_folder, tmp_path_factory):
    """One run: what the training was given, and the folder of the model."""
    out = tmp_path_factory.mktemp("run")
    untrained = Untrained(tiny)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECIPES, "catdog", Recipe("catdog", "9.8.7", tiny, untrained))
        arguments = ["--seed", "5", "--out", str(out / "models" / "m"), "--checkpoint", str(out / "build" / "c.npz")]
        assert main([str(toy_folder), *arguments]) == 0
    return untrained.given, out


def test_main_gives_the_recipe_the_training_photos_only(run, toy_photos):
    (photos, seed, checkpoint), out = run
    assert photos == [photo for photo in toy_photos if photo.part == "train"]
    assert 0 < len(photos) < len(toy_photos)
    assert seed == 5
    assert checkpoint == out / "build" / "c.npz"
    assert checkpoint.parent.is_dir()


def test_main_describes_how_the_model_was_made(run, toy_photos):
    _, out = run
    model = load_model_file(out / "models" / "m")
    assert model.version == "9.8.7"
    training = dict(model.training)
    date = datetime.date.fromisoformat(training.pop("date"))
    assert abs((datetime.datetime.now(datetime.UTC).date() - date).days) <= 1
    assert training == {
        "recipe": "catdog",
        "backbone": "efficientnet-tiny (ImageNet)",
        "seed": 5,
        "photos": {
            part: {
                label: sum((photo.part, photo.label) == (part, label) for photo in toy_photos)
                for label in ("cat", "dog", "neither")
            }
            for part in ("train", "set apart", "held out")
        },
    }


def test_main_takes_the_limits_of_the_recipe(tiny, toy_folder, tmp_path, monkeypatch):
    limits = Limits(0.3, 0.35, 0.05)
    monkeypatch.setitem(RECIPES, "catdog", Recipe("catdog", "9.8.7", tiny, Untrained(tiny), limits=limits))
    assert main([str(toy_folder), "--out", str(tmp_path / "m")]) == 0
    thresholds = load_model_file(tmp_path / "m").thresholds
    assert (thresholds.cat, thresholds.dog, thresholds.unsure) == (0.3, 0.35, 0.05)


def test_main_measures_on_photos_held_out(run, toy_photos):
    _, out = run
    figures = load_model_file(out / "models" / "m").figures
    assert figures["photos"] == sum(photo.part == "held out" for photo in toy_photos)
    assert 0 <= figures["forced_accuracy"] <= 1
    assert figures["log_loss"] > 0


def test_main_calibrates_on_photos_set_apart(run, toy_photos, network):
    """Even without training: on these photos a third are cats and a third dogs, and so it says on average."""
    _, out = run
    apart = [photo for photo in toy_photos if photo.part == "set apart"]
    flatbuffer = load_model_file(out / "models" / "m").flatbuffer
    calibrated = logits_of(flatbuffer, pixels_of(apart, SIZE))
    share = [sum(photo.label == label for photo in apart) / len(apart) for label in ("cat", "dog")]
    mean = (1 / (1 + np.exp(-calibrated))).mean(axis=0)
    uncalibrated = network.logits(photo_batches(apart, SIZE))
    before = (1 / (1 + np.exp(-uncalibrated))).mean(axis=0)
    assert np.abs(mean - share).sum() < np.abs(before - share).sum()
    assert mean == pytest.approx(share, abs=0.15)


def test_pixels_of_keeps_the_order_of_photos(toy_photos):
    made = list(pixels_of(toy_photos, SIZE))
    assert len(made) == len(toy_photos)
    assert all((made[n] == fit_input(load_rgb(toy_photos[n].path), SIZE)).all() for n in range(0, len(made), 17))


def test_logits_of_inverts_the_scores(network, toy_photos):
    photos = toy_photos[::15]
    flatbuffer = to_half_flatbuffer(assemble(network, Calibration()))
    logits = logits_of(flatbuffer, pixels_of(photos, SIZE))
    assert logits == pytest.approx(network.logits(photo_batches(photos, SIZE)), abs=0.02)


@pytest.mark.parametrize(("answer", "sign"), [(1.0, 1), (0.0, -1)])
def test_logits_of_certain_scores_are_finite(answer, sign):
    photo = keras.Input((2, 2, 3), batch_size=1, name="photo")
    certain = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(0.0, offset=answer)(photo))
    flatbuffer = to_half_flatbuffer(keras.Model(photo, {"scores": keras.layers.Identity(name="scores")(certain)}))
    logits = logits_of(flatbuffer, np.zeros((3, 2, 2, 3), np.uint8))
    assert np.isfinite(logits).all()
    assert (sign * logits > 10).all()


@pytest.fixture
def no_training(monkeypatch, tiny):
    def started(*_given):
        pytest.fail("the training began")

    monkeypatch.setitem(RECIPES, "catdog", Recipe("catdog", "9.8.7", tiny, started))


def _none(_toys, folder):
    return [str(folder / "absent"), "--out", str(folder / "model")]


def _empty(_toys, folder):
    (folder / "data").mkdir()
    return [str(folder / "data"), "--out", str(folder / "model")]


def _a_few(toys, folder):
    for label in ("cat", "dog", "neither"):
        (folder / "data" / label).mkdir(parents=True)
        shutil.copy(toys / label / f"{label}.0.png", folder / "data" / label)
    return [str(folder / "data"), "--out", str(folder / "model")]


def _out_is_a_file(toys, folder):
    (folder / "model").touch()
    return [str(toys), "--out", str(folder / "model")]


def _checkpoint_below_a_file(toys, folder):
    (folder / "build").touch()
    return [str(toys), "--out", str(folder / "model"), "--checkpoint", str(folder / "build" / "c.npz")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (_none, "neither a folder nor a tar"),
        (_empty, "cat/, dog/ and neither/"),
        (_a_few, "put 50 or more into each"),
        (_out_is_a_file, "model"),
        (_checkpoint_below_a_file, "build"),
    ],
)
@pytest.mark.parametrize("recipe", ["catdog", "blog-cnn"])
def test_main_reports_errors_of_the_end_before_training(
    given, says, recipe, toy_folder, tmp_path, capsys, no_training, monkeypatch
):
    monkeypatch.setattr("catdog_desktop.training.__main__.train_blog_cnn", RECIPES["catdog"].train)
    assert main([*given(toy_folder, tmp_path), "--recipe", recipe]) == 2
    printed = capsys.readouterr().err.strip()
    assert says in printed
    assert "\n" not in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--out"),
        (["--out", "m", "--recipe", "catfish"], "catfish"),
        (["--out", "m", "--seed", "-1"], "-1 does not lie between 0 and"),
        (["--out", "m", "--seed", str(2**32)], "does not lie between"),
        (["--out", "m", "--seed", "one"], "one"),
        (["--out", "m", "--epochs", "0"], "0 does not lie between 1 and"),
        (["--out", "m", "--epochs", "2.5"], "2.5"),
    ],
)
def test_main_rejects_invalid_arguments(arguments, says, toy_folder, capsys, no_training):
    with pytest.raises(SystemExit) as left:
        main([str(toy_folder), *arguments])
    assert left.value.code == 2
    assert says in capsys.readouterr().err


def test_main_names_an_unreadable_photo(toy_folder, tmp_path, capsys, monkeypatch, tiny):
    shutil.copytree(toy_folder, tmp_path / "data")
    broken = next(photo.path for photo in read_folder(tmp_path / "data") if photo.part == "train")
    broken.write_text("no photo")
    monkeypatch.setitem(RECIPES, "catdog", Recipe("catdog", "9.8.7", tiny, Untrained(tiny)))
    assert main([str(tmp_path / "data"), "--out", str(tmp_path / "model")]) == 2
    assert f"{broken} cannot be read" in capsys.readouterr().err
    assert list((tmp_path / "model").iterdir()) == []


@pytest.mark.parametrize(("arguments", "epochs"), [([], 25), (["--epochs", "3"], 3)])
def test_main_trains_the_blog_cnn_for_the_given_epochs(
    arguments, epochs, toy_folder, toy_photos, tmp_path, monkeypatch
):
    """The training itself, which takes long, is in `test_blog_cnn.py`; its model stands for any with one answer."""
    given = []

    def train_blog_cnn(photos, seed, epochs):
        given.append((photos, seed, epochs))
        photo = keras.Input((180, 180, 3))
        return keras.Model(photo, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(photo)))

    monkeypatch.setattr("catdog_desktop.training.__main__.train_blog_cnn", train_blog_cnn)
    assert main([str(toy_folder), "--recipe", "blog-cnn", "--seed", "4", *arguments, "--out", str(tmp_path / "b")]) == 0
    assert given == [([photo for photo in toy_photos if photo.part == "train"], 4, epochs)]
    figures = json.loads((tmp_path / "b" / "figures.json").read_text(encoding="utf-8"))
    assert figures["photos"] == sum(photo.part == "held out" for photo in toy_photos)
    assert (tmp_path / "b" / "blog_cnn.keras").is_file()
