from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import Deck, Mixture, Sample, photo_weights, plan, render

COLOURS = {"cat": (255, 0, 0), "dog": (0, 0, 255), "neither": (0, 255, 0)}
MIXTURE = Mixture(single=60, joined=100, scenes=40, panoramas=30, close_ups=10, neither=0.4)


@pytest.fixture
def photos(tmp_path):
    made = []
    for label, colour in COLOURS.items():
        for number in range(4):
            path = tmp_path / f"{label}.{number}.png"
            Image.new("RGB", (90, 60), colour).save(path)
            made.append(Photo(path, label))
    house = tmp_path / "houses-house-0011aabb.png"
    Image.new("RGB", (90, 60), (0, 200, 0)).save(house)
    return [*made, Photo(house, "neither")]


@pytest.fixture
def samples(photos):
    return plan(photos, MIXTURE, seed=1)


def _named(*names, label="neither"):
    return [Photo(Path(name), label) for name in names]


def test_plan_makes_the_number_of_samples_of_each_kind(samples):
    kinds = Counter(sample.kind for sample in samples)
    assert len(samples) == MIXTURE.total
    assert kinds["plain"] + kinds["changed"] == MIXTURE.single
    assert kinds["panorama"] + kinds["panorama-empty"] == MIXTURE.panoramas
    assert (kinds["joined"], kinds["scene"], kinds["close-up"]) == (100, 40, 10)


def test_plan_shows_each_photo_as_it_is_at_most_once(samples):
    plain = Counter(sample.photos[0].name for sample in samples if sample.kind == "plain")
    assert plain
    assert max(plain.values()) == 1


def test_plan_single_photos_have_the_share_of_neither(samples):
    single = Counter(sample.photos[0].label for sample in samples if sample.kind in ("plain", "changed"))
    assert single == {"neither": 24, "cat": 18, "dog": 18}


def test_sample_target_is_what_any_of_its_photos_shows(samples):
    for sample in samples:
        labels = {photo.label for photo in sample.photos}
        assert sample.target == (float("cat" in labels), float("dog" in labels))
    assert {sample.target for sample in samples if sample.kind == "joined"} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_plan_puts_either_animal_first(samples):
    joined = {tuple(photo.label for photo in sample.photos) for sample in samples if sample.kind == "joined"}
    assert {("cat", "dog"), ("dog", "cat")} <= joined


def test_plan_pastes_other_things_as_often_as_pets(samples):
    subjects = Counter(sample.photos[0].label for sample in samples if sample.kind == "scene")
    assert subjects == {"cat": 10, "dog": 10, "neither": 20}
    backdrops = [photo for sample in samples if sample.kind == "scene" for photo in sample.photos[1:]]
    assert {photo.label for photo in backdrops} == {"neither"}
    assert sum(photo.origin.kind == "house" for photo in backdrops) > len(backdrops) / 2


def test_plan_has_panoramas_with_and_without_a_pet(samples):
    assert {sample.target for sample in samples if sample.kind == "panorama"} >= {(1, 0), (0, 1)}
    assert {sample.target for sample in samples if sample.kind == "panorama-empty"} == {(0, 0)}


def test_plan_close_ups_are_of_photos_without_a_pet(samples):
    assert {sample.target for sample in samples if sample.kind == "close-up"} == {(0, 0)}


def test_plan_draws_hard_photos_more_often(photos):
    hard = photos[0]
    easy, harder = (
        Counter(photo.name for sample in plan(photos, MIXTURE, 1, hardness) for photo in sample.photos)[hard.name]
        for hardness in ({}, {hard.name: 4.0})
    )
    assert harder > 1.5 * easy


def test_render_each_changed_version_is_another(tmp_path):
    Image.effect_noise((90, 60), 60).convert("RGB").save(tmp_path / "cat.0.png")
    photo = Photo(tmp_path / "cat.0.png", "cat")
    versions = [render(Sample("changed", (photo,), (1, number, 0)), (32, 24)) for number in range(5)]
    assert len({version.tobytes() for version in versions}) == len(versions)


def test_plan_and_pixels_depend_on_the_seed_alone(photos):
    once, again = plan(photos, MIXTURE, seed=5), plan(photos, MIXTURE, seed=5)
    assert once == again
    assert once != plan(photos, MIXTURE, seed=6)
    for sample in once[::3]:
        pixels = render(sample, (32, 24))
        assert pixels.shape == (24, 32, 3)
        assert (pixels == render(sample, (32, 24))).all()


def test_render_unknown_kind_is_an_error(photos):
    with pytest.raises(ValueError, match="sculpture"):
        render(Sample("sculpture", (photos[0],), (1,)), (8, 8))


def test_deck_draws_by_weight_with_little_chance():
    photos = _named("a.jpg", "b.jpg", "c.jpg")
    drawn = Counter(photo.name for photo in Deck(photos, [1, 2, 5]).draw(80, np.random.default_rng(1)))
    assert drawn == pytest.approx({"a.jpg": 10, "b.jpg": 20, "c.jpg": 50}, abs=1.01)
    assert Deck(photos, [1, 2, 5]).draw(0, np.random.default_rng(1)) == []


def test_photo_weights_give_each_source_its_share():
    photos = _named(
        *(f"c101-emu-image_{number:04}.jpg" for number in range(40)),
        "inet-n01443537_goldfish.jpg",
        *(f"houses-house-{number:08x}.jpg" for number in range(100)),
        *(f"herene-sheep-{number:08x}.jpg" for number in range(25)),
    )
    weights = np.array(photo_weights(photos))
    source = np.array([photo.origin.source for photo in photos])
    assert weights.sum() == pytest.approx(1.0)
    assert weights[source == "c101"].sum() == pytest.approx(0.22)
    assert weights[source == "inet"].sum() == pytest.approx(0.2)
    # In the rest of the sources the kinds count by the square root of their photos: 10 to 5.
    assert weights[source == "houses"].sum() == pytest.approx(2 * weights[source == "herene"].sum())


def test_photo_weights_favour_near_misses():
    wolf, goldfish = photo_weights(_named("inet-n02114367_timber_wolf.jpg", "inet-n01443537_goldfish.jpg"))
    assert wolf == pytest.approx(6 * goldfish)
