import numpy as np
import pytest

pytest.importorskip("skimage")
pytest.importorskip("sklearn")

from catdog_desktop.training.package_photos import CHANGES, package_photos

NAMES = ("chelsea", "astronaut", "coffee", "rocket", "china", "flower")


@pytest.fixture(scope="module")
def photos():
    return package_photos()


def test_package_photos_have_every_change(photos):
    assert set(photos) == {f"{name}, {change}" for name in NAMES for change in CHANGES}
    assert all(photo.mode == "RGB" for photo in photos.values())


def test_package_photos_all_differ(photos):
    assert len({photo.tobytes() for photo in photos.values()}) == len(photos)


@pytest.mark.parametrize("name", NAMES)
def test_package_photos_change_as_named(photos, name):
    plain = np.asarray(photos[f"{name}, plain"])
    height, width, _ = plain.shape
    assert (np.asarray(photos[f"{name}, left half"]) == plain[:, : width // 2]).all()
    assert (np.asarray(photos[f"{name}, mirrored"]) == plain[:, ::-1]).all()
    assert (np.asarray(photos[f"{name}, rotated by 90"]) == np.rot90(plain)).all()
    assert np.ptp(np.asarray(photos[f"{name}, grey"]), axis=2).max() == 0
    quarter = np.asarray(photos[f"{name}, quarter size"])
    assert quarter.shape == (height // 4, width // 4, 3)
    assert quarter.mean(axis=(0, 1)) == pytest.approx(plain.mean(axis=(0, 1)), abs=2)


def test_package_photos_are_repeatable(photos):
    again = package_photos()
    assert all(photo.tobytes() == again[name].tobytes() for name, photo in photos.items())
