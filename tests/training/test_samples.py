from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.training.augmentation import CHANGES, augment
from catdog_desktop.training.composition import JOINS, small_in_scene
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import Mixture, plan, render

COLOURS = {"cat": (255, 0, 0), "dog": (0, 0, 255), "neither": (0, 255, 0)}


@pytest.fixture
def photos(tmp_path):
    made = []
    for label, colour in COLOURS.items():
        for number in range(4):
            path = tmp_path / f"{label}.{number}.png"
            Image.new("RGB", (90, 60), colour).save(path)
            made.append(Photo(path, label))
    return made


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=lambda change: change.__name__)
@pytest.mark.parametrize("size", [(640, 480), (200, 200), (37, 111), (20, 20)])
def test_a_change_gives_a_usable_photo(change, size):
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    for seed in range(5):
        photo = change(Image.fromarray(noise), np.random.default_rng(seed))
        assert photo.mode == "RGB"
        assert min(photo.size) >= 8
        assert max(photo.size) <= max(size)


def test_the_same_seed_gives_the_same_photo():
    photo = Image.effect_mandelbrot((120, 90), (-2, -1, 1, 1), 50).convert("RGB")
    first, second, other = (
        np.asarray(augment(photo, np.random.default_rng(seed)).resize((64, 64))) for seed in (7, 7, 8)
    )
    assert (first == second).all()
    assert (first != other).any()


@pytest.mark.parametrize("join", [*JOINS, small_in_scene], ids=lambda join: join.__name__)
def test_both_photos_can_be_seen_when_joined(join):
    red, blue = Image.new("RGB", (300, 200), (255, 0, 0)), Image.new("RGB", (100, 220), (0, 0, 255))
    for seed in range(10):
        joined = np.asarray(join(red, blue, np.random.default_rng(seed)))
        for channel in (0, 2):
            assert (joined[..., channel] > 200).mean() > 0.08


def test_a_joined_photo_has_what_either_has(photos):
    samples = plan(photos, Mixture(1, 60, 6), seed=1)
    assert {kind: sum(s.kind == kind for s in samples) for kind in ("plain", "changed", "joined", "scene")} == {
        "plain": 12,
        "changed": 12,
        "joined": 60,
        "scene": 6,
    }
    for sample in samples:
        labels = {photo.label for photo in sample.photos}
        assert sample.target == (float("cat" in labels), float("dog" in labels))
    assert {sample.target for sample in samples if sample.kind == "joined"} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_plan_and_pixels_depend_on_the_seed_alone(photos):
    once, again = plan(photos, Mixture(1, 8, 4), seed=5), plan(photos, Mixture(1, 8, 4), seed=5)
    assert once == again
    for sample in once:
        pixels = render(sample, (32, 24))
        assert pixels.shape == (24, 32, 3)
        assert (pixels == render(sample, (32, 24))).all()


@pytest.mark.parametrize(
    ("name", "versions"),
    [
        ("cat.12.jpg", 3),
        ("c101-emu-image_0001.jpg", 3),
        ("inet-n01443537_goldfish.jpg", 7),
        ("inet-n02114367_timber_wolf.jpg", 43),
        ("inet-n02443484_black-footed_ferret.jpg", 43),
    ],
)
def test_what_is_rare_and_what_is_nearly_a_pet_is_seen_more_often(name, versions):
    assert Mixture(3, 0, 0).versions_of(Photo(Path(name), "neither")) == versions
