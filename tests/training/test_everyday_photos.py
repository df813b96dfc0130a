import numpy as np
import pytest
from PIL import Image

from catdog_desktop.training.everyday_photos import collect, fingerprint, main


def _photo(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Soft random colours, as in a photo."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def packages(tmp_path):
    for name in ("one", "two"):
        (tmp_path / "unpacked" / name / "share").mkdir(parents=True)
    return tmp_path / "unpacked"


def test_collect_writes_each_photo_once(packages, tmp_path):
    _photo(1).save(packages / "one" / "share" / "a.png")
    _photo(1, (640, 480)).save(packages / "two" / "share" / "the-same-larger.jpg")
    _photo(2).save(packages / "two" / "b.jpg")
    written = collect(packages, tmp_path / "out")
    assert [path.name for path in written] == ["one-0000.jpg", "two-0001.jpg"]
    assert all(path.parent == tmp_path / "out" / "neither" for path in written)
    assert max(Image.open(written[1]).size) <= 480


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("icon.png", _photo(3, (64, 64))),
        ("banner.png", _photo(3, (900, 220))),
        ("drawing.png", Image.new("RGB", (300, 300), (200, 30, 40))),
        ("cut-out.png", _photo(3).convert("RGBA")),
    ],
)
def test_collect_leaves_out_what_is_not_a_photo(packages, tmp_path, name, image):
    image.save(packages / "one" / name)
    (packages / "one" / "broken.jpg").write_bytes(b"no photo")
    assert collect(packages, tmp_path / "out") == []


def test_fingerprint_differs_between_photos():
    assert (fingerprint(_photo(4)) ^ fingerprint(_photo(5))).bit_count() > 6


def test_main_without_folder_reports_it(tmp_path, capsys):
    assert main([str(tmp_path / "absent"), str(tmp_path)]) == 2
    assert "not a folder" in capsys.readouterr().err
