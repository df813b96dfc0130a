"""Made photos of small pets and panoramas: sizes, shares of the area, and the same ones each time."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.evaluating.made_photos import LENGTHS, SHARES, panorama, small_in_scene, write_made_photos

RED, BLUE = (220, 20, 20), (20, 20, 220)


def plain(size: tuple[int, int], colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", size, colour)


def red_share(image: Image.Image) -> float:
    """Return how red the image is on the whole, 0 for all blue and 1 for all red."""
    mean = float(np.asarray(image, dtype=np.float64)[..., 0].mean())
    return (mean - BLUE[0]) / (RED[0] - BLUE[0])


@pytest.mark.parametrize("subject_size", [(200, 200), (300, 150), (120, 240)])
@pytest.mark.parametrize("scene_size", [(288, 216), (200, 288)])
def test_small_in_scene_subject_covers_its_share(subject_size: tuple[int, int], scene_size: tuple[int, int]) -> None:
    for seed in range(12):
        made = small_in_scene(plain(subject_size, RED), plain(scene_size, BLUE), np.random.default_rng(seed))
        assert max(made.size) == 640
        # The soft ellipse covers 54 % of its rectangle.
        assert 0.5 * SHARES[0] < red_share(made) < 0.58 * SHARES[1]


def test_small_in_scene_edge_is_soft() -> None:
    made = np.asarray(small_in_scene(plain((200, 200), RED), plain((288, 216), BLUE), np.random.default_rng(1)))
    between = (made[..., 0] > RED[0] * 0.3) & (made[..., 0] < RED[0] * 0.7)
    assert between.sum() > 500


@pytest.mark.parametrize("count", [1, 2, 4])
def test_panorama_length_and_subject(count: int) -> None:
    for seed in range(8):
        scenes = [plain((288, 200), BLUE)] * count
        empty = panorama(scenes, None, np.random.default_rng(seed))
        assert LENGTHS[0] - 0.01 <= empty.width / empty.height <= LENGTHS[1] + 0.01
        assert red_share(empty) == pytest.approx(0.0, abs=0.01)
        assert red_share(panorama(scenes, plain((150, 150), RED), np.random.default_rng(seed))) > 0.02


def test_write_made_photos_is_reproducible_and_uses_every_subject(tmp_path: Path) -> None:
    for name, colour in (("cat", RED), ("dog", (20, 220, 20)), ("thing", (90, 90, 90)), ("scene", BLUE)):
        plain((96, 64), colour).save(tmp_path / f"{name}.png")
    pets = [(tmp_path / "cat.png", "cat"), (tmp_path / "dog.png", "dog")]
    things, scenes = [tmp_path / "thing.png"], [tmp_path / "scene.png"]
    first = write_made_photos(tmp_path / "first", pets, things, scenes, count=4)
    second = write_made_photos(tmp_path / "second", pets, things, scenes, count=4)
    assert {kind: [truth for _, truth in photos] for kind, photos in first.items()} == {
        "small pets": [truth for _, truth in first["small pets"]],
        "small things": ["neither"] * 4,
        "panoramas with a pet": [truth for _, truth in first["panoramas with a pet"]],
        "panoramas without": ["neither"] * 4,
    }
    assert sorted(truth for _, truth in first["small pets"]) == ["cat", "cat", "dog", "dog"]
    for kind, photos in first.items():
        for (one, _), (other, _) in zip(photos, second[kind], strict=True):
            assert one.read_bytes() == other.read_bytes()
