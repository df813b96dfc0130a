"""Put an exception into one function of the app after the other, and see that the window goes on.

`make faults` runs it. An exception that nobody expected may cost what it happened in, but the window shows it, goes on
and can be closed, and no photo waits for ever. For each function that is called in the course of `faulty_window`, a
process runs the course, and the function fails in its first call. A process that a signal ends or that hangs is a
defect, and so are a window that cannot be closed and a photo that waits.
"""

import json
import os
import sys
import tempfile
import threading
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from fault_trial import HANG_SECONDS, NOT_REACHED, Outcome, Place, end_of, read_places, trial_arguments, try_places  # noqa: E402
from fork_server import ForkServer  # noqa: E402

PROGRAM = f"""
import sys
sys.path[:0] = [{str(HERE)!r}, {str(HERE.parents[1])!r}]
from faulty_window import run
"""
DID_NOT_CLOSE, STUCK = 78, "STUCK"
WENT_ON, ENDED_AT_START = "the window went on", "the start ended with a message"


class Windows:
    """Runs the course in processes, one after the other."""

    def __init__(self, photos: Path, *, threads: str = "gui", program: str = PROGRAM) -> None:
        """Let functions fail in the GUI thread ("gui"), or in all "others"."""
        self._photos = photos
        self._threads = threads
        self._server = ForkServer(program)

    def close(self) -> None:
        self._server.close()

    def places(self) -> list[Place]:
        """Return the functions that are called in the course: in the GUI thread, once the window is shown."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            seen = Path(folder, "seen.json")
            status, output = self._run(Path(folder), None, seen)
            assert status == 0, output
            return read_places(seen)

    def try_fault(self, place: Place, call: int = 1) -> Outcome:
        """Let a function fail in a call of it."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            status, output = self._run(Path(folder), (place.file, place.name, place.line, call))
        return Outcome(described(status, output), output)

    def _run(self, home: Path, fault: tuple[str, str, int, int] | None, seen: Path | str = "") -> tuple[int, str]:
        write_settings(home)
        self._server.start(str(self._photos), str(home), json.dumps(fault), str(seen), self._threads)
        hang = threading.Timer(HANG_SECONDS, self._server.kill)
        hang.start()
        _lines, status = self._server.rest()
        hang.cancel()
        return status, (home / "output.txt").read_text(errors="replace")


def described(status: int, output: str) -> str:
    """Return what became of the window."""
    if status == DID_NOT_CLOSE:
        return "DEFECT cannot be closed"
    if STUCK in output:
        return "DEFECT photos wait for ever"
    if status > 0:
        return ENDED_AT_START if "put into" in output else f"DEFECT exit status {status}"
    return end_of(status) or (WENT_ON if "FAULT" in output else NOT_REACHED)


def write_settings(home: Path) -> None:
    """Let the window show no first steps."""
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text(json.dumps({"tour_seen": True, "watch": False}))


def write_photos(folder: Path) -> None:
    """Write eight pictures and a file that is none."""
    folder.mkdir()
    for number in range(8):
        picture = Image.new("RGB", (320 + 20 * number, 240), (30 * number, 90, 160))
        ImageDraw.Draw(picture).ellipse((60, 40, 200, 200), fill=(220, 160 - 20 * number, 90))
        picture.save(folder / f"picture {number}.jpg")
    (folder / "no picture.jpg").write_text("text")


def main() -> int:
    parser = trial_arguments(__doc__)
    parser.add_argument("--threads", choices=("gui", "others"), default="gui", help="in which threads they fail")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        photos = Path(folder, "photos")
        write_photos(photos)
        return try_places(lambda: Windows(photos, threads=arguments.threads), arguments)


if __name__ == "__main__":
    sys.exit(main())
