import numpy as np
import pytest
from PIL import Image

from catdog_desktop.training.composition import (
    JOINS,
    above_each_other,
    close_up,
    edge_mask,
    in_scene,
    inset,
    panorama,
    side_by_side,
)
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import Sample

RED, BLUE = (255, 0, 0), (0, 0, 255)
SEEDS = range(25)
every_join = pytest.mark.parametrize("join", JOINS, ids=lambda join: join.__name__)


def red(size=(300, 200)):
    return Image.new("RGB", size, RED)


def blue(size=(100, 220)):
    return Image.new("RGB", size, BLUE)


def is_red(joined):
    return np.asarray(joined)[..., 0] > 200


def places(edge=200):
    """A photo that says in red and green at which share of its width and height each of its pixels was."""
    rows, columns = np.mgrid[:edge, :edge] * 255 / (edge - 1)
    return Image.fromarray(np.stack([columns, rows, np.zeros_like(rows)], axis=2).round().astype(np.uint8))


@every_join
def test_join_shows_both_photos(join):
    for seed in SEEDS:
        joined = np.asarray(join(red(), blue(), np.random.default_rng(seed)))
        for channel in (0, 2):
            assert (joined[..., channel] > 200).mean() > 0.08
        # Nothing is left empty, and nothing is mixed.
        assert (joined.sum(axis=2) == 255).mean() > 0.95


@every_join
@pytest.mark.parametrize("first", [(1, 1), (1, 500), (500, 1), (4000, 3000)])
@pytest.mark.parametrize("second", [(1, 1), (1, 500), (500, 1)])
def test_join_accepts_any_shape(join, first, second):
    for seed in range(4):
        joined = join(red(first), blue(second), np.random.default_rng(seed))
        assert joined.mode == "RGB"
        assert max(joined.size) == 320
        assert min(joined.size) >= 0.5 * 320


@every_join
def test_join_same_seed_is_repeatable(join):
    one, again, other = (
        np.asarray(join(red(), blue(), np.random.default_rng(seed)).resize((64, 64))) for seed in (3, 3, 4)
    )
    assert (one == again).all()
    assert (one != other).any()


@pytest.mark.parametrize("join", [side_by_side, above_each_other], ids=lambda join: join.__name__)
def test_seam_lies_near_the_middle(join):
    shares = []
    for seed in SEEDS:
        across = is_red(join(red(), blue(), np.random.default_rng(seed)))
        if join is above_each_other:
            across = across.T
        line = across[0]
        assert (across == line).all()
        seam = int(line.sum())
        assert line[:seam].all()
        shares.append(seam / len(line))
    assert 0.34 <= min(shares) < 0.42
    assert 0.58 < max(shares) <= 0.66


def test_inset_lies_whole_in_any_corner():
    corners = set()
    for seed in SEEDS:
        field = is_red(inset(red(), blue(), np.random.default_rng(seed)))
        rows, columns = np.flatnonzero(field.any(axis=1)), np.flatnonzero(field.any(axis=0))
        assert field.sum() == len(rows) * len(columns)
        assert 0.39 <= len(rows) / field.shape[0] <= 0.56
        assert 0.39 <= len(columns) / field.shape[1] <= 0.56
        assert {rows[0] == 0, rows[-1] == field.shape[0] - 1} == {True, False}
        assert {columns[0] == 0, columns[-1] == field.shape[1] - 1} == {True, False}
        corners.add((bool(rows[0] == 0), bool(columns[0] == 0)))
    assert len(corners) == 4


def test_in_scene_subject_covers_a_small_part_anywhere():
    shares, middles = [], set()
    for seed in range(80):
        scene = np.asarray(in_scene(red(), blue(), np.random.default_rng(seed))).astype(int)
        field = scene[..., 0] > 40  # red, or violet where it has taken on the light of the blue scene
        rows, columns = np.nonzero(field)
        shares.append(field.mean())
        middles.add((round(float(rows.mean()) / field.shape[0], 1), round(float(columns.mean()) / field.shape[1], 1)))
        assert max(field.shape) == 320
    assert 0.01 < min(shares) < 0.06
    assert 0.2 < max(shares) < 0.37
    assert len(middles) > 20


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (4000, 3000)])
def test_in_scene_takes_subjects_of_any_shape(size):
    for seed in range(6):
        made = in_scene(red(size), blue(), np.random.default_rng(seed))
        assert max(made.size) == 320


@pytest.mark.parametrize("scenes", [(blue(),), (blue(), blue((50, 50)), blue())], ids=["one scene", "three"])
@pytest.mark.parametrize("subject", [red(), None], ids=["subject", "empty"])
def test_panorama_is_long_and_shows_its_subject(scenes, subject):
    for seed in SEEDS:
        made = panorama(scenes, subject, np.random.default_rng(seed))
        assert 2.4 <= made.width / made.height <= 6.1
        shown = np.asarray(made).astype(int)
        reddish = (shown[..., 0] > 40).mean()
        assert (0.01 < reddish < 0.6) if subject else reddish == 0


def test_panorama_of_several_scenes_blends_them_in_a_row():
    made = np.asarray(panorama((red(), blue()), None, np.random.default_rng(3))).astype(int)
    line = made[made.shape[0] // 2, :, 0]
    assert line[0] == 255
    assert line[-1] == 0
    assert (np.diff(line) <= 0).all()
    assert ((line > 0) & (line < 255)).sum() > 3


def test_close_up_is_a_part_of_the_photo():
    shares = []
    for seed in range(60):
        part = close_up(places(), np.random.default_rng(seed))
        shares.append(part.width * part.height / 200**2)
    assert 0.05 < min(shares) < 0.1
    assert 0.35 < max(shares) < 0.47


def test_edge_mask_is_opaque_inside_and_soft_or_hard_at_the_edge():
    corners, soft = set(), set()
    for seed in range(40):
        mask = edge_mask((60, 40), np.random.default_rng(seed))
        assert mask.shape == (40, 60)
        assert mask[20, 30] > 240
        corners.add(int(mask[0, 0]))
        soft.add(bool(((mask > 20) & (mask < 235)).any()))
    assert corners == {0, 255}
    assert soft == {True, False}


@every_join
def test_join_keeps_most_of_each_photo(join):
    """Of the first photo at least 70 % are to be seen along each edge, from about its middle."""
    for seed in SEEDS:
        joined = np.asarray(join(places(), blue(), np.random.default_rng(seed)))
        seen = joined[joined[..., 2] < 20]
        for channel in (0, 1):
            low, high = (int(edge) for edge in (seen[:, channel].min(), seen[:, channel].max()))
            assert high - low >= 0.68 * 255
            assert (high + low) / 2 == pytest.approx(127.5, abs=6)


@pytest.mark.parametrize(
    ("labels", "target"),
    [
        (("cat", "dog"), (1, 1)),
        (("dog", "cat"), (1, 1)),
        (("cat", "cat"), (1, 0)),
        (("dog", "neither"), (0, 1)),
        (("neither", "neither"), (0, 0)),
        (("both", "neither"), (1, 1)),
    ],
)
def test_joined_sample_target_is_what_either_shows(tmp_path, labels, target):
    assert Sample("joined", tuple(Photo(tmp_path / "any.jpg", label) for label in labels), (1,)).target == target
