"""Which pictures the app reads beside Qt's reader and ImageMagick, in the same run.

    python -m benchmarks.readable_pictures FOLDER [FOLDER...]      pictures of other programs' test suites
    python -m benchmarks.readable_pictures --odd                   odd files that this script makes

Pictures come from the source packages of other programs (`apt-get source --download-only tiff libheif imagemagick
pillow qt6-base exiv2 libimage-exiftool-perl ...`); every file below a folder counts that has the ending of a photo or a
raw file. A picture counts as read if the reader gives its pixels, whole or in part, within `SECONDS`. Qt runs in a
process of its own, which a damaged picture may end. Prints a table, and what others read and the app does not.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.decoding.decoder_process import close_decoders
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.file_kinds import PHOTO_SUFFIXES, RAW_SUFFIXES

SECONDS: Final = 20
MAGICK: Final = ("convert", "-limit", "memory", "1GiB", "-limit", "disk", "0")
_QT_READER: Final = """
import sys
from PySide6.QtGui import QImageReader
QImageReader.setAllocationLimit(1024)
for line in sys.stdin:
    reader = QImageReader(line[:-1])
    reader.setDecideFormatFromContent(True)
    print(int(not reader.read().isNull()), flush=True)
"""


class Qt:
    """Qt's reader, in a process that is replaced when a picture ends it."""

    def __init__(self) -> None:
        self._process = self._start()

    def reads(self, path: Path) -> bool:
        """Whether Qt reads a picture."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            self.close()
            self._process = self._start()
        return answer.strip() == "1"

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def _start(self) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", _QT_READER]
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)


def magick_reads(path: Path) -> bool:
    """Whether ImageMagick gives the pixels of the first picture in a file."""
    command = [*MAGICK, f"{path}[0]", "-resize", "8x8!", "-depth", "8", "rgb:-"]
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return len(ended.stdout) >= 8 * 8 * 3


def ours(path: Path) -> str:
    """Return an empty text if the app reads a picture, else its sentence."""
    try:
        decode_photo(path, (64, 64))
    except PhotoError as error:
        return str(error)
    return ""


def pictures_below(folders: Iterable[Path]) -> list[Path]:
    """Return the files with the ending of a photo or a raw file."""
    endings = PHOTO_SUFFIXES | RAW_SUFFIXES
    found = {path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in endings}
    return sorted(path for path in found if path.is_file() and "\n" not in str(path))


def compare(paths: Sequence[Path], *, with_magick: bool) -> list[str]:
    """Return the lines of the report."""
    qt, lost = Qt(), []
    counts: Counter[tuple[str, str]] = Counter()
    for path in paths:
        sentence = ours(path)
        by_qt = qt.reads(path)
        by_magick = with_magick and magick_reads(path)
        for kind in (path.suffix.lower(), "all"):
            counts[kind, "files"] += 1
            counts[kind, "app"] += not sentence
            counts[kind, "Qt"] += by_qt
            counts[kind, "ImageMagick"] += by_magick
            counts[kind, "both, not app"] += bool(sentence) and by_qt and by_magick
            counts[kind, "Qt, not app"] += bool(sentence) and by_qt
        if sentence and (by_qt or by_magick):
            readers = " and ".join(name for name, reads in (("Qt", by_qt), ("ImageMagick", by_magick)) if reads)
            lost.append(f"{path} {sentence} ({readers})")
    qt.close()
    columns = ("files", "app", "Qt", "ImageMagick", "both, not app", "Qt, not app")
    lines = ["| ending | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += [
        f"| {kind} | " + " | ".join(f"{counts[kind, column]:,}" for column in columns) + " |"
        for kind in sorted({kind for kind, _column in counts}, key=lambda kind: (kind == "all", kind))
    ]
    return [*lines, "", *lost]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and print the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readable_pictures", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--odd", action="store_true", help="make odd files and read them")
    parser.add_argument("--without-magick", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folders = list(options.folders)
        if options.odd:
            from benchmarks.odd_pictures import write_odd_pictures

            write_odd_pictures(Path(name))
            folders.append(Path(name))
        print("\n".join(compare(pictures_below(folders), with_magick=not options.without_magick)))
    close_decoders()
    return 0


if __name__ == "__main__":
    sys.exit(main())
