"""Put an exception into one function after the other while the window changes files: nothing may be lost.

`make faults` runs it. The window moves photos to the trash, writes keywords and sorts by moving, and undoes each. Of
the functions that are called in this course and not in that of `run_faults`, each fails in its first call. The window
must go on as there. Afterwards every photo and companion must exist: in its folder, sorted, or in the trash. Then all
that can be undone is undone without a fault, and again nothing may be lost.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from command_server import FAULT, CommandServer, Fault, fault_in, has_crashed  # noqa: E402
from fault_trial import HANG_SECONDS, Outcome, Place, end_of, read_places, trial_arguments, try_places  # noqa: E402
from fork_server import ForkServer  # noqa: E402
from run_command_faults import write_tree  # noqa: E402
from run_faults import PROGRAM, Windows, described, write_settings  # noqa: E402
from sort_trees import Snapshot, snapshot  # noqa: E402

_NOTHING_TO_UNDO = 2
_MOST_UNDOS = 6


class JobWindows:
    """Runs the course of jobs in processes, one after the other."""

    def __init__(self, program: str = PROGRAM) -> None:
        self._server = ForkServer(program)
        self._commands = CommandServer()

    def close(self) -> None:
        self._server.close()
        self._commands.close()

    def places(self) -> list[Place]:
        """Return the functions that are called in this course, in any thread, and not in that of `run_faults`."""
        with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
            top = Path(folder)
            before = _prepare(top)
            status, output = self._run(top, None, top / "seen.json")
            assert status == 0, output
            assert _tree(top) == before, output
            places = read_places(top / "seen.json")
            elsewhere = {place for threads in ("gui", "others") for place in _places_of_tour(top / "photos", threads)}
        return [place for place in places if place not in elsewhere]

    def try_fault(self, place: Place, call: int = 1) -> Outcome:
        """Let a function fail in a call of it, look for the files, undo everything, and look again."""
        with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
            top = Path(folder)
            before = _prepare(top)
            status, output = self._run(top, fault_in(place, call))
            problem = end_of(status) or _lost(before, top) or self._undo_all(top) or _lost(before, top)
            is_as_before = _tree(top) == before
        text = problem or described(status, output)
        if FAULT in output and not is_as_before and not problem:
            text += ", files are elsewhere"
        return Outcome(text, output)

    def _undo_all(self, top: Path) -> str | None:
        for _each in range(_MOST_UNDOS):
            status, output = self._commands.run(("undo", "--yes"), top / "home")
            if has_crashed(status, output) or end_of(status):
                return f"DEFECT undo failed: {output}"
            if status == _NOTHING_TO_UNDO:
                break
        return None

    def _run(self, top: Path, fault: Fault | None, seen: Path | str = "") -> tuple[int, str]:
        home = top / "home"
        self._server.start(str(top / "photos"), str(home), json.dumps(fault), str(seen), "all", "jobs")
        hang = threading.Timer(HANG_SECONDS, self._server.kill)
        hang.start()
        _lines, status = self._server.rest()
        hang.cancel()
        return status, (home / "output.txt").read_text(errors="replace")


def _prepare(top: Path) -> Snapshot:
    """Write photos with companions, and settings; return how the photos are."""
    write_settings(top / "home")
    write_tree(top)
    shutil.rmtree(top / "sorted")
    return _tree(top)


def _places_of_tour(photos: Path, threads: str) -> list[Place]:
    windows = Windows(photos, threads=threads)
    try:
        return windows.places()
    finally:
        windows.close()


def _tree(top: Path) -> Snapshot:
    return snapshot(top / "photos")


def _lost(before: Snapshot, top: Path) -> str | None:
    """Return which files have lost their content. Sidecars may have got keywords."""
    there = {entry[3] for entry in snapshot(top / "photos", top / "sorted", top / "home" / "xdg").values()}
    lost = [name for name, entry in before.items() if entry[3] not in there and not name.endswith(b".xmp")]
    return f"DEFECT lost {lost}" if lost else None


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return try_places(JobWindows, trial_arguments(__doc__).parse_args())


if __name__ == "__main__":
    sys.exit(main())
