"""What decoder processes cost: HEIC decoded in them beside HEIC decoded in the app's process, by turns in one run.

    python -m benchmarks.decoder_processes [--photos FOLDER] [--rounds 3]

Without a folder the HEIC files are made, which needs `pillow-heif` (pip install pillow-heif): 60 of 12 megapixels, 12
different ones. JPEGs of the same photos are measured too: they never leave the process, so their ratio shows the noise.
As many threads as cores decode at the same time, as in the app. The target is at most 5 % for HEIC. Beside other
programs only the processor time says something; every round starts its processes anew, and that counts in it.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from PIL import Image

from catdog_desktop.decoding import formats
from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.decoding.decoder_process import close_decoders

INPUT_SIZE = (260, 260)
DIFFERENT = 12
COPIES = 5
TARGET = 1.05


def make_photos(folder: Path) -> None:
    """Write JPEGs and HEIC files of 12 megapixels to `folder`."""
    import pillow_heif

    from benchmarks.photo_sets import write_large_photos

    for path in write_large_photos(folder, DIFFERENT):
        with Image.open(path) as photo:
            heif = pillow_heif.from_pillow(photo)
        heif.save(path.with_suffix(".heic"), quality=60)


@dataclass(frozen=True)
class Cost:
    """What decoding some photos takes."""

    seconds: float
    processor_seconds: float
    """Of the app's process and of its decoders, with their start and end."""


def cost_of(paths: Sequence[Path], threads: int, *, here: bool) -> Cost:
    """Decode `paths`; `here`: all in this process."""
    signatures = (b"",) if here else formats._DECODED_HERE
    with mock.patch.object(formats, "_DECODED_HERE", signatures), ThreadPoolExecutor(threads) as pool:
        begin, used = time.perf_counter(), _processor_seconds()
        for _photo in pool.map(lambda path: decode_photo(path, INPUT_SIZE), paths):
            pass
        seconds = time.perf_counter() - begin
    close_decoders()  # what a process has used is known when it has ended
    return Cost(seconds, _processor_seconds() - used)


def _processor_seconds() -> float:
    """Return what this process and its children that ended have used. Windows does not say it of children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(paths: Sequence[Path], rounds: int, threads: int) -> tuple[Cost, float]:
    """Return the median ratios of processes to this process over the rounds, and the photos a second of the former."""
    for here in (False, True):  # loads the libraries
        cost_of(paths[:threads], threads, here=here)
    in_time, in_processor_time, speeds = [], [], []
    for number in range(rounds):
        order = (False, True) if number % 2 else (True, False)
        took = {here: cost_of(paths, threads, here=here) for here in order}
        in_time.append(took[False].seconds / took[True].seconds)
        in_processor_time.append(took[False].processor_seconds / took[True].processor_seconds)
        speeds.append(len(paths) / took[False].seconds)
    return Cost(statistics.median(in_time), statistics.median(in_processor_time)), statistics.median(speeds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each format; the exit status is 1 if the target is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decoder_processes", description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder with .heic and .jpg files; made where it has none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    met = True
    with tempfile.TemporaryDirectory() as name:
        folder = options.photos or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if not list(folder.glob("*.heic")):
            make_photos(folder)
        for suffix in (".heic", ".jpg"):
            paths = sorted(folder.glob(f"*{suffix}"))
            paths = (paths * COPIES)[: DIFFERENT * COPIES]
            ratio, speed = measure(paths, options.rounds, options.threads)
            met &= suffix != ".heic" or ratio.seconds <= TARGET
            print(
                f"{suffix}: {len(paths)} photos, {speed:.1f} a second in processes; {ratio.seconds:.3f} of the time in "
                f"the app, {ratio.processor_seconds:.3f} of the processor time"
            )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
