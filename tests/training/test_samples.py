from pathlib import Path

import pytest
from PIL import Image

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


def test_either_animal_comes_first_and_either_is_small_in_a_scene(photos):
    samples = plan(photos, Mixture(1, 60, 6), seed=1)
    joined = {tuple(photo.label for photo in sample.photos) for sample in samples if sample.kind == "joined"}
    assert {("cat", "dog"), ("dog", "cat")} <= joined
    scenes = [tuple(photo.label for photo in sample.photos) for sample in samples if sample.kind == "scene"]
    assert scenes == [("cat", "neither"), ("dog", "neither")] * 3


def test_each_changed_version_is_another(photos):
    samples = plan(photos[:1], Mixture(3, 0, 0), seed=1)
    assert [sample.kind for sample in samples] == ["plain", "changed", "changed", "changed"]
    assert len({render(sample, (32, 24)).tobytes() for sample in samples}) == 4


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
