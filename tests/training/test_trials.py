import re

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.training.photo_folder import read_folder
from catdog_desktop.training.trials import (
    SOURCE_PATTERN,
    TRIALS,
    joined_photos,
    main,
    panoramas,
    small_in_scenes,
    subjects_and_scenes,
    write_trials,
)

COMPOSED = ("joined", "small-pets", "small-things", "panoramas")
COLOURS = {"cat": (200, 60, 20), "dog": (20, 60, 200), "neither": (60, 200, 60)}


@pytest.fixture
def data(tmp_path):
    """Half of each photo black, so that one can tell which side is up; enough that some are held out."""
    for label, colour in COLOURS.items():
        (tmp_path / "data" / label).mkdir(parents=True)
        for number in range(25):
            photo = Image.new("RGB", (80, 60), colour)
            photo.paste((0, 0, 0), (0, 30, 80, 60))
            photo.save(tmp_path / "data" / label / f"{label}.{number}.png")
    return tmp_path / "data"


@pytest.mark.slow
def test_write_trials_uses_held_out_photos_only(data, tmp_path):
    photos = read_folder(data, faults=[])
    write_trials(photos, tmp_path / "out", joined=3, small=2, long=2)
    counts = {name: len(list((tmp_path / "out" / name).rglob("*.jpg"))) for name in COMPOSED}
    assert counts == {"joined": 3, "small-pets": 2, "small-things": 2, "panoramas": 2}
    held_out = {photo.path.stem for photo in photos if photo.part == "held out"}
    assert held_out
    for name, trial in TRIALS.items():
        written = {path.stem for path in (tmp_path / "out" / name).rglob("*.jpg")}
        assert written <= held_out
        assert (written == held_out) == (trial.every == 1)


@pytest.mark.slow
def test_write_trials_change_photos_as_named(data, tmp_path):
    write_trials(read_folder(data, faults=[]), tmp_path / "out", joined=1, small=1, long=1)

    def first(name):
        return next((tmp_path / "out" / name / "cat").iterdir())

    def pixels(name):  # as the app reads it, upright
        return decode_photo(first(name), input_size=(80, 60)).pixels.astype(int)

    plain = pixels("plain")
    assert np.abs(pixels("turned-by-exif") - plain).mean() < 4
    assert Image.open(first("turned-by-exif")).size == (60, 80)
    assert pixels("dark").mean() < 0.4 * plain.mean()
    assert np.ptp(pixels("grey"), axis=2).max() <= 3
    assert first("compressed").stat().st_size < first("plain").stat().st_size
    assert np.prod(Image.open(first("sharp-12-megapixels")).size) == pytest.approx(12e6, rel=0.01)
    edge = np.abs(np.diff(pixels("small-and-blurred").mean(axis=2), axis=0)).max()
    assert edge < 0.8 * np.abs(np.diff(plain.mean(axis=2), axis=0)).max()


def test_joined_photos_show_both(data):
    photos = read_folder(data, faults=[])
    for joined in joined_photos(photos, 6):
        pixels = np.asarray(joined).astype(int)
        for colour in (COLOURS["cat"], COLOURS["dog"]):
            assert (np.abs(pixels - colour).max(axis=2) < 12).mean() > 0.05


def test_main_without_photos_reports_it(tmp_path, capsys):
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "cat/, dog/ and neither/" in capsys.readouterr().err


def test_small_in_scenes_pastes_softly_at_4_to_10_percent(data):
    pets, others, scenes = subjects_and_scenes(read_folder(data, faults=[]))
    assert scenes == others  # there are no photos of places among these
    for number, (scene, subject) in enumerate(small_in_scenes(pets, scenes, 8)):
        assert subject.label in ("cat", "dog")
        pixels = np.asarray(scene).astype(int)
        greenish = np.abs(pixels - COLOURS["neither"]).max(axis=2) < 12
        black = pixels.max(axis=2) < 12
        share = 1 - (greenish | black).mean()
        # A black lower half of the subject counts as scene.
        assert 0.01 < share < 0.11, number


def test_panoramas_are_long_and_every_second_has_a_pet(data):
    pets, _, scenes = subjects_and_scenes(read_folder(data, faults=[]))
    made = list(panoramas(pets, scenes, 6))
    assert [pet is not None for _, pet in made] == [True, False] * 3
    for photo, pet in made:
        assert 2.95 <= photo.width / photo.height <= 5.05
        pixels = np.asarray(photo).astype(int)
        colour = COLOURS[pet.label] if pet else COLOURS["cat"]
        shown = (np.abs(pixels - colour).max(axis=2) < 30).mean()
        assert (shown > 0.01) == (pet is not None)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("hlb-rabbit-1a2b3c4d.jpg", "hlb"),
        ("cat.12.jpg", "cat"),
        ("original-cat.301.jpg", "original"),
        ("inet-n01443537_goldfish.jpg", "inet"),
        ("c101-emu-image_0001.jpg", "c101"),
        ("017-hlb-cat-1a2b3c4d.jpg", "hlb"),
    ],
)
def test_source_pattern_finds_the_source(name, source):
    match = re.search(SOURCE_PATTERN, name)
    assert match is not None
    assert match[1] == source
