"""Trial: judge 12-megapixel JPEGs by the preview that their camera stored in them. The app does not do it (formats.md).

    python -m benchmarks.embedded_previews FOLDER [--photos 60] [--measure speed stale verdicts]

Photos below FOLDER are enlarged to 12 megapixels and stored as cameras lay them out: with a preview in the EXIF data
(Samsung, 512 x 384) or as a further picture (MPF; Nikon 1620 x 1080, Sony 1616 x 1080). A preview is used if its shape
and orientation are those of the photo, and if it looks like the first rows of the photo, which are decoded at an eighth
of their size from the first bytes of the file. Printed are, by the share of the file that is read for this: how much
processor time decoding and the model take beside that for the whole photo, by turns; verdicts and scores beside those
of the whole photo, with a copy that is stored again at quality 85 as a yardstick; and how many previews of photos that
were edited or cut short are refused.
"""

import argparse
import io
import random
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from catdog_desktop.decoding.decode import DecodedPhoto, decode_photo
from catdog_desktop.decoding.exif import exif_orientation, read_exif
from catdog_desktop.decoding.jpeg_header import jpeg_size, segments
from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.decoding.pixels import encode_thumbnail, upright
from catdog_desktop.decoding.tiff_directories import TiffReader
from catdog_desktop.inference.model_file import ModelFile, load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.paths import default_model
from catdog_desktop.verdict import Scores

CAMERAS = {
    "Samsung": ((4032, 3024), (512, 384)),
    "Nikon": ((4240, 2832), (1620, 1080)),
    "Sony": ((4240, 2832), (1616, 1080)),
}
"""Sizes of photo and preview."""
SHARES = (0.05, 0.1, 0.25, 0.5)
"""Of the file, read to compare the first rows."""
MEASUREMENTS = ("speed", "stale", "verdicts")
LEAST_EDGE = 288
LIMIT = 8.0
"""Grey levels, of 255, by which a fiftieth of the compared blocks may differ. Previews that fit: at most 5."""
SHAPE_TOLERANCE = 0.01
_UNTOUCHED = (255, 0, 255)
"""The colour of rows that were not decoded."""


# Files as cameras write them ------------------------------------------------------------------------------------------


def encoded(image: Image.Image, quality: int, **options: object) -> bytes:
    """Return `image` as JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, **options)
    return buffer.getvalue()


def with_exif_preview(photo: bytes, preview: bytes) -> bytes:
    """Return the JPEG `photo` with EXIF data, whose second directory names the preview."""
    first = struct.pack("<HHHIII", 1, 0x0112, 3, 1, 1, 26)
    entries = ((0x0103, 3, 1, 6), (0x0201, 4, 1, 68), (0x0202, 4, 1, len(preview)))
    second = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    content = b"Exif\0\0" + struct.pack("<2sHI", b"II", 42, 8) + first + second + preview
    return photo[:2] + struct.pack(">HH", 0xFFE1, len(content) + 2) + content + photo[2:]


def with_mpf_preview(photo: bytes, preview: bytes) -> bytes:
    """Return the JPEG `photo` with the preview behind it, and with the index that names it (CIPA DC-007)."""
    length = 4 + 4 + 8 + 2 + 36 + 4 + 32
    start = 2 + 4 + 4  # of the index: its offsets count from there
    total = len(photo) + length
    pictures = struct.pack("<IIIHH", 0x20030000, total, 0, 0, 0)
    pictures += struct.pack("<IIIHH", 0x00010002, len(preview), total - start, 0, 0)
    entries = ((0xB000, 7, 4, 0x30303130), (0xB001, 4, 1, 2), (0xB002, 7, 32, 50))
    directory = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    content = b"MPF\0" + struct.pack("<2sHI", b"II", 42, 8) + directory + pictures
    return photo[:2] + struct.pack(">HH", 0xFFE2, len(content) + 2) + content + photo[2:] + preview


def camera_file(camera: str, photo: Image.Image, previewed: Image.Image) -> bytes:
    """Return `photo` as a file of `camera`, with a preview of `previewed`."""
    preview = encoded(previewed.resize(CAMERAS[camera][1], Image.Resampling.LANCZOS), 87)
    return (with_exif_preview if camera == "Samsung" else with_mpf_preview)(encoded(photo, 92), preview)


def enlarged(path: Path, size: tuple[int, int], noise: np.random.Generator) -> Image.Image:
    """Return the photo at `path` in 12 megapixels, cut to the shape of `size`, with grain."""
    with Image.open(path) as photo:
        large = ImageOps.fit(photo.convert("RGB"), size, Image.Resampling.BICUBIC)
    grain = noise.integers(-5, 6, (size[1], size[0], 1), dtype=np.int16)
    return Image.fromarray(np.clip(np.asarray(large).astype(np.int16) + grain, 0, 255).astype(np.uint8))


def edits(photo: Image.Image, other: Image.Image) -> dict[str, Image.Image]:
    """Return what may become of a photo in an editor that keeps the preview of before."""
    width, height = photo.size
    pasted, blurred = photo.copy(), photo.copy()
    pasted.paste(other.resize((width * 2 // 5, height // 2)), (width // 3, height * 9 // 20))
    lower = photo.crop((0, height // 2, width, height))
    blurred.paste(lower.resize((40, 20)).resize(lower.size), (0, height // 2))
    warmer = np.clip(np.asarray(photo) * np.array((1.12, 1.0, 0.85)), 0, 255).astype(np.uint8)
    inner = photo.crop((width // 10, height // 10, width * 9 // 10, height * 9 // 10))
    return {
        "another photo": other,
        "grey": photo.convert("L").convert("RGB"),
        "warmer": Image.fromarray(warmer),
        "brighter": photo.point(lambda value: min(255, int(value * 1.2))),
        "cropped to 80 %": inner.resize(photo.size),
        "turned by 180 degrees": photo.rotate(180),
        "mirrored": ImageOps.mirror(photo),
        "another photo pasted below the middle": pasted,
        "lower half blurred": blurred,
    }


# The quick look -------------------------------------------------------------------------------------------------------


def find_preview(file: IO[bytes]) -> tuple[int, int, tuple[int, int]] | None:
    """Return offset, length and size of the smallest preview of at least `LEAST_EDGE` pixels; None without one."""
    named: list[tuple[int, int]] = []
    for marker, at, length in segments(file, 0, 2**40):
        file.seek(at + 4)
        start = file.read(6)
        reader = None
        if marker == 0xE1 and start == b"Exif\0\0":
            reader = TiffReader.open(file, at + 10, at + length)
        elif marker == 0xE2 and start[:4] == b"MPF\0":
            reader = TiffReader.open(file, at + 8, at + length)
        directory = None if reader is None else reader.directory(reader.first)
        if reader is None or directory is None:
            continue
        if (place := directory.place(0xB002)) is not None:
            for _kind, size, offset, _first, _second in struct.iter_unpack(reader.order + "IIIHH", reader.read(*place)):
                named += [(at + 8 + offset, size)] if offset else []
        elif directory.next and (second := reader.directory(directory.next)) is not None:
            named.append((at + 10 + (second.number(0x0201) or 0), second.number(0x0202) or 0))
    sizes = [(offset, length, size) for offset, length in named if (size := jpeg_size(file, offset, length))]
    return min((found for found in sizes if min(found[2]) >= LEAST_EDGE), key=lambda found: found[2], default=None)


def first_rows(file: IO[bytes], share: float) -> tuple[int, NDArray[np.uint8]]:
    """Return the height of the photo at an eighth, and the rows that the first `share` of the file gives."""
    file.seek(0)
    opened = Image.open(file, formats=("JPEG",))
    opened.draft("RGB", (opened.width // 8, opened.height // 8))
    name, extents, _offset, arguments = opened.tile[0]
    image = Image.new("RGB", opened.size, _UNTOUCHED)
    decoder = Image._getdecoder("RGB", name, arguments, opened.decoderconfig)
    decoder.setimage(image.im, extents)
    left = int(file.seek(0, 2) * share)
    file.seek(0)
    waiting = b""
    while left > 0 and (block := file.read(min(65536, left))):
        left -= len(block)
        waiting += block
        used, _status = decoder.decode(waiting)
        if used < 0:
            break
        waiting = waiting[used:]
    decoder.cleanup()
    rows = np.asarray(image)
    touched = (rows != np.array(_UNTOUCHED, np.uint8)).any(axis=(1, 2))
    return opened.height, rows[: int(touched.sum())]


def difference(file: IO[bytes], preview: Image.Image, share: float) -> float:
    """Return by how many grey levels a fiftieth of the blocks of the first rows differ from the preview."""
    height, rows = first_rows(file, share)
    if len(rows) < 4:
        return 255.0
    part = len(rows) / height
    grid = (32, max(1, round(24 * part)))
    theirs = preview.resize(grid, Image.Resampling.BOX, box=(0, 0, preview.width, preview.height * part))
    ours = Image.fromarray(rows).resize(grid, Image.Resampling.BOX)
    apart = np.abs(np.asarray(ours, np.float32) - np.asarray(theirs, np.float32)).max(axis=2).ravel()
    return float(np.sort(apart)[-max(1, apart.size // 50)])


def quick_photo(path: Path, input_size: tuple[int, int], share: float) -> DecodedPhoto | None:
    """Decode the preview of the photo at `path`; None if it has none that fits. A `share` of 0 compares no pixels."""
    with path.open("rb") as file:
        found = find_preview(file)
        if found is None:
            return None
        offset, length, (width, height) = found
        file.seek(0)
        opened = Image.open(file, formats=("JPEG",))
        orientation = exif_orientation(opened, read_exif(opened))
        shape = opened.width / opened.height
        file.seek(offset)
        preview: Image.Image = Image.open(io.BytesIO(file.read(length)), formats=("JPEG",))
        if abs(width / height / shape - 1) > SHAPE_TOLERANCE:
            return None
        if exif_orientation(preview, read_exif(preview)) not in (1, orientation):
            return None
        scale = max(325 / width, 325 / height, 320 / max(width, height))
        preview.draft("RGB", (int(width * scale), int(height * scale)))
        preview = preview.convert("RGB")
        if share and difference(file, preview, share) > LIMIT:
            return None
    turned = upright(preview, orientation)
    pixels = np.asarray(turned.resize(input_size, Image.Resampling.BILINEAR))
    return DecodedPhoto(pixels, encode_thumbnail(turned), PhotoInfo())


# Measurements ---------------------------------------------------------------------------------------------------------


class Trial:
    """The photos, the model, and where files are written."""

    def __init__(self, photos: Sequence[Path], folder: Path) -> None:
        self.photos = photos
        self.path = folder / "photo.jpg"
        self.model: ModelFile = load_model_file(default_model())
        self.classifier = Classifier(self.model)
        self.noise = np.random.default_rng(0)

    def write(self, camera: str, number: int) -> Image.Image:
        """Write photo `number` as a file of `camera`; return its pixels."""
        photo = enlarged(self.photos[number], CAMERAS[camera][0], self.noise)
        self.path.write_bytes(camera_file(camera, photo, photo))
        return photo

    def seconds(self, decode: Callable[[], DecodedPhoto | None]) -> float:
        """Return the processor time of decoding and the model."""
        begin = time.process_time()
        photo = decode()
        assert photo is not None
        self.classifier.classify(photo.pixels)
        return time.process_time() - begin

    def scores(self, photo: DecodedPhoto) -> Scores:
        """Return what the model says."""
        return self.classifier.classify(photo.pixels).scores

    def speed(self) -> None:
        """Print the ratio for each camera and share."""
        size = self.model.input_size
        for camera in CAMERAS:
            ratios: dict[float, list[float]] = {share: [] for share in (0.0, *SHARES[:3])}
            for number in range(4):
                self.write(camera, number)
                for _turn in range(5):
                    for share, found in ratios.items():
                        whole = self.seconds(lambda: decode_photo(self.path, size))
                        quick = self.seconds(lambda share=share: quick_photo(self.path, size, share))  # type: ignore[misc]
                        found.append(whole / quick)
            print(
                camera,
                *(f"{share:.0%}: {statistics.median(found):.2f} times as fast" for share, found in ratios.items()),
            )

    def verdicts(self) -> None:
        """Print how verdicts and scores of the preview differ from those of the whole photo."""
        changed = {"preview": 0, "stored again": 0}
        apart: dict[str, list[float]] = {kind: [] for kind in changed}
        refused = dict.fromkeys(SHARES, 0)
        size, judge = self.model.input_size, self.model.thresholds.judge
        for number in range(len(self.photos)):
            photo = self.write(list(CAMERAS)[number % len(CAMERAS)], number)
            whole = self.scores(decode_photo(self.path, size))
            for share in SHARES:
                refused[share] += quick_photo(self.path, size, share) is None
            quick = quick_photo(self.path, size, 0.0)
            assert quick is not None
            self.path.write_bytes(encoded(photo, 85))
            for kind, other in (("preview", quick), ("stored again", decode_photo(self.path, size))):
                scores = self.scores(other)
                changed[kind] += judge(scores) is not judge(whole)
                apart[kind].append(max(abs(scores.cat - whole.cat), abs(scores.dog - whole.dog)))
        for kind, found in apart.items():
            print(
                f"{kind}: {changed[kind]} of {len(found)} verdicts differ; scores by {statistics.median(found):.4f} "
                f"(median), {np.percentile(found, 95):.4f} (95 %), {max(found):.3f}"
            )
        print("previews that fit and are refused:", {f"{share:.0%}": count for share, count in refused.items()})

    def stale(self) -> None:
        """Print how many previews are refused, for each edit and share."""
        refused: dict[str, dict[float, int]] = {}
        tried = len(self.photos) // 3
        for number in range(tried):
            camera = ("Samsung", "Sony")[number % 2]
            size = CAMERAS[camera][0]
            photo, other = (enlarged(self.photos[at], size, self.noise) for at in (number, -1 - number))
            files = {kind: camera_file(camera, edited, photo) for kind, edited in edits(photo, other).items()}
            whole = with_exif_preview(
                encoded(photo, 92), encoded(photo.resize((512, 384 if camera == "Samsung" else 342)), 87)
            )
            files["cut short in the middle"] = whole[: len(whole) // 2]
            for kind, content in files.items():
                self.path.write_bytes(content)
                counts = refused.setdefault(kind, dict.fromkeys(SHARES, 0))
                for share in SHARES:
                    counts[share] += quick_photo(self.path, self.model.input_size, share) is None
        for kind, counts in refused.items():
            print(f"{kind}: refused, of {tried}:", *(f"{share:.0%}: {count}" for share, count in counts.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedded_previews", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--measure", choices=MEASUREMENTS, nargs="+", default=MEASUREMENTS)
    options = parser.parse_args(arguments)
    photos = random.Random(5).sample(sorted(options.folder.rglob("*.jpg")), options.photos)
    with tempfile.TemporaryDirectory() as name:
        trial = Trial(photos, Path(name))
        for measurement in options.measure:
            getattr(trial, measurement)()
    return 0


if __name__ == "__main__":
    sys.exit(main())
