import numpy as np
import pytest
from PIL import Image, ImageStat

from catdog_desktop.training.augmentation import (
    CHANGES,
    LIGHT_CHANGES,
    SMALLEST,
    add_noise,
    augment,
    blur,
    compress,
    crop,
    grey,
    mirror,
    recolour,
    reduce_resolution,
    relight,
    sharpen,
    tilt,
)

EVERY_CHANGE = tuple((1.0, change) for _, change in CHANGES)
each_change = pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=lambda change: change.__name__)


class At(np.random.Generator):
    """Answers every range at the same share of it, from 0 (its lowest) to 1 (its highest)."""

    def __init__(self, share):
        super().__init__(np.random.PCG64(1))
        self.share = share

    def uniform(self, low=0.0, high=1.0, size=None):
        value = low + self.share * (high - low)
        return value if size is None else np.full(size, value)


def chance(seed):
    return np.random.default_rng(seed)


def noise(width, height):
    return Image.fromarray(chance(3).integers(0, 256, (height, width, 3), dtype=np.uint8))


def places(width=200, height=150):
    """A photo that says in red and green where each of its pixels was."""
    rows, columns = np.mgrid[:height, :width]
    return Image.fromarray(np.stack([columns, rows, np.full_like(rows, 90)], axis=2).astype(np.uint8))


def pixels(photo):
    return np.asarray(photo).astype(float)


def roughness(photo):
    """How much neighbours differ."""
    return np.abs(np.diff(pixels(photo), axis=0)).mean() + np.abs(np.diff(pixels(photo), axis=1)).mean()


def distance(one, other):
    return np.abs(pixels(one) - pixels(other)).mean()


@pytest.fixture(scope="module")
def scene():
    """Soft shapes and fine lines in colours."""
    soft = Image.effect_mandelbrot((320, 240), (-2, -1, 1, 1), 50).convert("RGB")
    return Image.blend(soft, places().resize((320, 240)), 0.4)


@each_change
@pytest.mark.parametrize("size", [(640, 480), (200, 200), (37, 111), (20, 20)])
def test_change_gives_a_usable_photo(change, size):
    photo = noise(*size)
    for seed in range(5):
        changed = change(photo, chance(seed))
        assert changed.mode == "RGB"
        assert min(changed.size) >= 8
        assert max(changed.size) <= max(size)


@each_change
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 500), (500, 1), (9, 7)])
def test_change_accepts_any_shape(change, size):
    for rng in (chance(1), At(0.0), At(1.0)):
        changed = change(noise(*size), rng)
        assert changed.mode == "RGB"
        assert min(changed.size) >= 1
        assert max(changed.size) <= max(8, *size)


@pytest.mark.slow
@each_change
def test_change_accepts_photos_of_phones(change):
    changed = change(noise(4000, 3000), chance(1))
    assert changed.mode == "RGB"
    assert max(changed.size) <= 4000


@each_change
def test_change_same_seed_is_repeatable_and_keeps_its_input(change, scene):
    before = pixels(scene)
    first, second = change(scene, chance(7)), change(scene, chance(7))
    assert first.size == second.size
    assert (pixels(first) == pixels(second)).all()
    assert (pixels(scene) == before).all()
    assert first.size != scene.size or distance(first, scene) > 0


def test_augment_same_seed_is_repeatable(scene):
    first, second, other = (augment(scene, chance(seed)).resize((64, 64)) for seed in (7, 7, 8))
    assert distance(first, second) == 0
    assert distance(first, other) > 0


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (640, 480)])
def test_augment_all_changes_give_a_photo(size):
    for seed in range(3):
        changed = augment(noise(*size), chance(seed), EVERY_CHANGE)
        assert changed.mode == "RGB"
        assert max(changed.size) <= max(8, *size)


@pytest.mark.parametrize("likely", [0.0, 0.2, 0.7, 1.0])
def test_augment_applies_changes_by_chance(likely):
    happened = []
    rng = chance(5)
    for _ in range(2000):
        augment(noise(1, 1), rng, ((likely, lambda photo, _rng: happened.append(1) or photo),))
    assert len(happened) / 2000 == pytest.approx(likely, abs=0.04)


def test_augment_applies_changes_in_order():
    def paint(value):
        return lambda photo, _rng: Image.fromarray(np.maximum(np.asarray(photo) // 2, value).astype(np.uint8))

    black = Image.new("RGB", (4, 4))
    assert augment(black, chance(1), ((1.0, paint(100)), (1.0, paint(7)))).getpixel((0, 0)) == (50, 50, 50)


def test_light_changes_keep_the_frame(scene):
    for likely, change in LIGHT_CHANGES:
        assert 0 < likely <= 0.5
        changed = change(places(), At(0.0))
        # Red tells the columns, green the rows; the first and the last are still there, in whatever colours.
        assert changed.width / changed.height == pytest.approx(200 / 150, rel=0.05)
        assert change not in (crop, tilt)


def test_crop_keeps_most_of_the_photo():
    for seed in range(60):
        columns, rows = (np.unique(np.asarray(crop(places(), chance(seed)))[..., channel]) for channel in (0, 1))
        assert (np.diff(columns) == 1).all()
        assert (np.diff(rows) == 1).all()
        assert 0.44 <= len(columns) * len(rows) / (200 * 150) <= 1
        assert 0.55 < (len(columns) / len(rows)) / (200 / 150) < 1.8


def test_crop_windows_lie_anywhere():
    corners = [np.asarray(crop(places(), chance(seed)))[0, 0, :2] for seed in range(60)]
    left, top = np.array(corners).T
    assert left.min() <= 3
    assert left.max() > 40
    assert top.min() <= 3
    assert top.max() > 20


def test_mirror_twice_restores_the_photo(scene):
    once = mirror(scene, chance(1))
    assert (pixels(once) == pixels(scene)[:, ::-1]).all()
    assert (pixels(mirror(once, chance(1))) == pixels(scene)).all()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.75, 1.0])
def test_tilt_turns_about_the_middle_with_small_corners(share):
    photo = Image.new("RGB", (240, 180), (200, 200, 200))
    photo.paste((255, 0, 0), (116, 86, 124, 94))
    turned = np.asarray(tilt(photo, At(share)))
    red = np.argwhere((turned[..., 0] > 240) & (turned[..., 1] < 40))
    assert red.mean(axis=0) == pytest.approx([turned.shape[0] / 2 - 0.5, turned.shape[1] / 2 - 0.5], abs=1.5)
    assert (turned.max(axis=2) == 0).mean() < 0.08


def test_tilt_by_zero_cuts_the_border():
    assert (pixels(tilt(places(240, 180), At(0.5))) == pixels(places(240, 180))[15:-15, 20:-20]).all()


def test_recolour_varies_about_the_original(scene):
    def saturation(photo):
        return np.ptp(pixels(photo), axis=2).mean()

    dull, same, bright = (recolour(scene, At(share)) for share in (0.0, 0.5, 1.0))
    assert distance(same, scene) < 1.5
    assert saturation(dull) < 0.6 * saturation(scene)
    assert saturation(bright) > 1.2 * saturation(scene)


def test_recolour_moves_single_channels():
    grey_photo = Image.new("RGB", (8, 8), (120, 120, 120))
    colours = np.array([ImageStat.Stat(recolour(grey_photo, chance(seed))).mean for seed in range(40)])
    assert np.ptp(colours, axis=1).max() > 15
    assert np.ptp(colours, axis=1).max() < 0.36 * 120
    assert colours.mean(axis=0) == pytest.approx([120] * 3, abs=8)


def test_relight_gives_a_fifth_to_1_6_times_the_light():
    photo = Image.new("RGB", (16, 16), (100, 60, 20))
    means = np.array([ImageStat.Stat(relight(photo, chance(seed))).mean for seed in range(80)])
    assert (means[:, 0] >= 19).all()
    assert (means[:, 0] <= 161).all()
    assert means[:, 0].min() < 30
    assert means[:, 0].max() > 130
    assert means[:, 1] / means[:, 0] == pytest.approx(0.6, abs=0.05)  # the colour stays
    assert pixels(relight(photo, At(0.0)))[..., 0] == pytest.approx(20, abs=1)
    assert pixels(relight(photo, At(1.0)))[..., 0] == pytest.approx(160, abs=1)


def test_grey_removes_colour_and_keeps_light(scene):
    colourless = grey(scene, chance(1))
    assert np.ptp(np.asarray(colourless), axis=2).max() == 0
    assert ImageStat.Stat(colourless.convert("L")).mean == pytest.approx(ImageStat.Stat(scene.convert("L")).mean)


def test_reduce_resolution_gives_edges_of_60_to_260(scene):
    large = scene.resize((640, 480))
    edges = []
    for seed in range(60):
        reduced = reduce_resolution(large, chance(seed))
        edges.append(max(reduced.size))
        assert reduced.width / reduced.height == pytest.approx(4 / 3, rel=0.03)
        # Other pixels, but the same photo.
        assert distance(reduced.resize((32, 24), Image.Resampling.BOX), large.resize((32, 24))) < 30
    assert min(edges) >= SMALLEST
    assert max(edges) <= 260
    assert max(reduce_resolution(large, At(0.0)).size) == SMALLEST
    assert max(reduce_resolution(large, At(1.0)).size) == 260


def test_reduce_resolution_never_enlarges():
    for seed in range(20):
        assert reduce_resolution(noise(40, 30), chance(seed)).size == (40, 30)


def test_blur_depends_on_the_edge_and_removes_detail(scene):
    little, much = (blur(scene, At(share)) for share in (0.0, 1.0))
    assert roughness(much) < roughness(little) <= roughness(scene)
    assert roughness(much) < 0.5 * roughness(scene)
    large, small = noise(600, 400), noise(150, 100)
    assert roughness(blur(large, At(1.0))) < 0.3 * roughness(blur(small, At(1.0)))


def test_sharpen_raises_edges(scene):
    little, much = (sharpen(scene, At(share)) for share in (0.0, 1.0))
    assert roughness(scene) < roughness(little) < roughness(much)
    flat = Image.new("RGB", (30, 30), (80, 90, 100))
    assert distance(sharpen(flat, At(1.0)), flat) == 0


def test_compress_lower_quality_differs_more(scene):
    lost = [distance(compress(scene, At(share)), scene) for share in (0.0, 0.4, 0.7, 1.0)]
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > 4 * lost[-1]
    assert compress(scene, At(0.0)).size == scene.size


@pytest.mark.parametrize(("share", "spread"), [(0.0, 2), (0.5, 9), (1.0, 16)])
def test_add_noise_has_the_stated_spread(share, spread):
    noisy = pixels(add_noise(Image.new("RGB", (200, 200), (128, 128, 128)), At(share)))
    assert noisy.std() == pytest.approx(spread, rel=0.06)
    assert noisy.mean() == pytest.approx(128, abs=0.7)


@pytest.mark.parametrize("value", [0, 255])
def test_add_noise_does_not_overflow(value):
    noisy = pixels(add_noise(Image.new("RGB", (50, 50), (value,) * 3), At(1.0)))
    assert np.abs(noisy - value).max() < 120
