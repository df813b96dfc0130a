"""What a raw file costs beside its preview as a JPEG file, by turns in one run.

    python -m benchmarks.raw_previews [--rounds 9] [--threads 1]

The previews have 12 and 2 megapixels, 6 different ones of each. The same bytes lie in a JPEG and, laid out as Nikon
does it, in a raw file with 20 MB of noise for the sensor. A JPEG is decoded in the app's process, a raw file in a
decoder process. Printed are the median ratios over the rounds: of the time that passes, and (on Linux) of the processor
time of both processes, which other programs on the machine disturb less.
"""

import argparse
import io
import os
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from benchmarks.photo_sets import write_large_photos
from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.decoding.decoder_process import close_decoders

INPUT_SIZE = (260, 260)
SIZES = ((4032, 3024), (1616, 1212))
DIFFERENT = 6
SENSOR_BYTES = 20_000_000
_SHORT, _LONG = 3, 4
_HEADER, _PREVIEW = 8, 512
"""Offsets: of the first directory, and of the preview."""


def raw_file(preview: bytes) -> bytes:
    """Return a TIFF whose sub-directories name `preview` and the data of a sensor of 24 megapixels."""
    sensor = _PREVIEW + len(preview)
    below = (128, 256)
    directories = {
        _HEADER: [(0x0112, _SHORT, 1, 1), (0x014A, _LONG, 2, 64)],
        below[0]: [(0x0103, _SHORT, 1, 6), (0x0201, _LONG, 1, _PREVIEW), (0x0202, _LONG, 1, len(preview))],
        below[1]: [
            (0x0100, _LONG, 1, 6000), (0x0101, _LONG, 1, 4000), (0x0103, _SHORT, 1, 34713), (0x0106, _SHORT, 1, 32803),
            (0x0111, _LONG, 1, sensor), (0x0117, _LONG, 1, SENSOR_BYTES),
        ],
    }  # fmt: skip
    header = bytearray(_PREVIEW)
    header[:_HEADER] = struct.pack("<2sHI", b"II", 42, _HEADER)
    header[64:72] = struct.pack("<II", *below)
    for offset, entries in directories.items():
        content = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        header[offset : offset + len(content)] = content
    return bytes(header) + preview + os.urandom(SENSOR_BYTES)


def make_files(folder: Path) -> dict[tuple[int, int], tuple[list[Path], list[Path]]]:
    """Write the JPEGs and their raw files; return both by the size of the preview."""
    made: dict[tuple[int, int], tuple[list[Path], list[Path]]] = {size: ([], []) for size in SIZES}
    for source in write_large_photos(folder, DIFFERENT):
        with Image.open(source) as photo:
            for size in SIZES:
                encoded = io.BytesIO()
                photo.resize(size).save(encoded, "JPEG", quality=90)
                jpeg = folder / f"{source.stem}-{size[0]}.jpg"
                jpeg.write_bytes(encoded.getvalue())
                raw = jpeg.with_suffix(".nef")
                raw.write_bytes(raw_file(encoded.getvalue()))
                made[size][0].append(jpeg)
                made[size][1].append(raw)
        source.unlink()
    return made


def seconds_for(paths: Sequence[Path], threads: int) -> tuple[float, float]:
    """Return the seconds that pass while `paths` are decoded, and those that processors work for them."""
    begin, worked = time.perf_counter(), processor_seconds()
    with ThreadPoolExecutor(threads) as pool:
        for _photo in pool.map(lambda path: decode_photo(path, INPUT_SIZE), paths):
            pass
    return time.perf_counter() - begin, processor_seconds() - worked


def processor_seconds() -> float:
    """Return the processor time so far of this process and (on Linux) of those that it has started."""
    ticks = 0
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text(encoding="ascii").split():
            fields = (
                Path("/proc", child, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            )
            ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + (ticks / os.sysconf("SC_CLK_TCK") if ticks else 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each size of the preview."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.raw_previews", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        for size, (jpegs, raws) in make_files(Path(name)).items():
            for paths in (jpegs, raws):  # starts the processes and loads the libraries
                seconds_for(paths[: options.threads], options.threads)
            passed, worked, fastest = [], [], {"jpeg": 0.0, "raw": 0.0}
            for number in range(options.rounds):
                turns = [("jpeg", jpegs * 4), ("raw", raws * 4)]
                took = {}
                for kind, paths in turns if number % 2 else reversed(turns):
                    took[kind] = seconds_for(paths, options.threads)
                    fastest[kind] = max(fastest[kind], len(paths) / took[kind][0])
                passed.append(took["raw"][0] / took["jpeg"][0])
                worked.append(took["raw"][1] / took["jpeg"][1])
            ratios = f"{statistics.median(passed):.3f} of the time of JPEGs, {statistics.median(worked):.3f}"
            print(
                f"preview of {size[0]} x {size[1]}: raw files take {ratios} of the processor time; "
                f"at best {fastest['jpeg']:.1f} JPEGs and {fastest['raw']:.1f} raw files a second"
            )
    close_decoders()
    return 0


if __name__ == "__main__":
    sys.exit(main())
