import tarfile

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.training.photo_folder import (
    PARTS,
    Photo,
    PhotoFolderError,
    check_parts,
    count_labels,
    fit_input,
    label_faults,
    load_rgb,
    open_photos,
    read_folder,
)


@pytest.fixture
def folder(tmp_path):
    for label in ("cat", "dog", "neither"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (9, 7), (number, 0, 0)).save(tmp_path / "photos" / label / f"{label}.{number}.png")
    return tmp_path / "photos"


def test_read_folder_takes_the_label_from_the_folder(folder):
    photos = read_folder(folder)
    assert count_labels(photos) == {"cat": 3, "dog": 3, "neither": 3}
    assert {photo.target for photo in photos} == {(1.0, 0.0), (0.0, 1.0), (0.0, 0.0)}


def test_read_folder_leaves_out_known_faults(folder):
    assert len(read_folder(folder, faults=["cat.1.png", "dog.2.png"])) == 7


def test_open_photos_of_a_tar_gives_the_photos_of_its_folder(folder, tmp_path):
    with tarfile.open(tmp_path / "photos.tar", "w") as archive:
        for label in ("cat", "dog", "neither"):
            archive.add(folder / label, label)
    with open_photos(tmp_path / "photos.tar") as photos:
        assert [photo.name for photo in photos] == [photo.name for photo in read_folder(folder)]


def test_open_photos_joins_folders_and_tars(folder, tmp_path):
    with tarfile.open(tmp_path / "photos.tar", "w") as archive:
        for label in ("cat", "dog", "neither"):
            archive.add(folder / label, label)
    more = tmp_path / "more"
    for label in ("cat", "both"):
        (more / label).mkdir(parents=True)
        Image.new("RGB", (9, 7)).save(more / label / f"hlb-{label}-0011aabb.png")
    with open_photos(tmp_path / "photos.tar", more) as photos:
        assert count_labels(photos) == {"cat": 4, "dog": 3, "neither": 3, "both": 1}
        assert {photo.target for photo in photos if photo.label == "both"} == {(1.0, 1.0)}


def test_read_folder_drops_the_squashed_copy_of_an_original(folder):
    Image.new("RGB", (9, 7)).save(folder / "cat" / "original-cat.1.png")
    names = {photo.name for photo in read_folder(folder)}
    assert "original-cat.1.png" in names
    assert "cat.1.png" not in names
    assert "cat.2.png" in names


def test_photo_part_of_an_original_is_that_of_its_copy(tmp_path):
    for number in range(200):
        copy, original = (Photo(tmp_path / f"{prefix}cat.{number}.jpg", "cat") for prefix in ("", "original-"))
        assert original.part == copy.part


def test_open_photos_without_photos_is_an_error(tmp_path):
    for source in (tmp_path, tmp_path / "absent"):
        with pytest.raises(PhotoFolderError), open_photos(source):
            pass


def test_photo_part_depends_on_the_name_alone(tmp_path):
    parts = {name: Photo(tmp_path / name, "cat").part for name in ("cat.1.jpg", "cat.12.jpg", "cat.18.jpg")}
    assert parts == {"cat.1.jpg": "set apart", "cat.12.jpg": "train", "cat.18.jpg": "train"}
    shares = [Photo(tmp_path / f"cat.{number}.jpg", "cat").part for number in range(5000)]
    assert 0.08 < shares.count("held out") / 5000 < 0.12
    assert 0.08 < shares.count("set apart") / 5000 < 0.12


def test_label_faults_have_reasons():
    faults = label_faults()
    assert faults["dog.5529.jpg"] == "a cat on a floor"
    assert all(name.endswith(".jpg") and reason for name, reason in faults.items())


def test_fit_input_squashes_to_width_and_height():
    pixels = fit_input(Image.new("RGB", (50, 20), (1, 2, 3)), (8, 6))
    assert pixels.shape == (6, 8, 3)
    assert (pixels == np.array([1, 2, 3], np.uint8)).all()


def _some(tmp_path, *left_out):
    """One photo of each part and label, but for those left out."""
    photos = {}
    for label in ("cat", "dog", "neither"):
        for part in PARTS:
            number = next(n for n in range(1000) if Photo(tmp_path / f"{label}.{n}.jpg", label).part == part)
            photos[part, label] = Photo(tmp_path / f"{label}.{number}.jpg", label)
    return [photo for key, photo in photos.items() if key not in left_out]


@pytest.mark.parametrize("label", ["cat", "dog", "neither"])
@pytest.mark.parametrize("part", PARTS)
def test_check_parts_names_a_needed_part_without_a_label(tmp_path, part, label):
    photos = _some(tmp_path, (part, label))
    with pytest.raises(PhotoFolderError, match=f"none in {label}/ is for the part '{part}'"):
        check_parts(photos)
    check_parts(photos, [other for other in PARTS if other != part])
    check_parts(_some(tmp_path))


@pytest.mark.parametrize("content", [b"", b"no photo", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x10JFIF"])
def test_load_rgb_of_no_photo_names_the_file(tmp_path, content):
    path = tmp_path / "cat.1.png"
    path.write_bytes(content)
    with pytest.raises(PhotoFolderError, match=r"cat\.1\.png cannot be read as a photo"):
        load_rgb(path)


def test_load_rgb_converts_every_mode(tmp_path):
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        Image.new(mode, (5, 4)).save(tmp_path / "photo.png")
        assert load_rgb(tmp_path / "photo.png").mode == "RGB"
