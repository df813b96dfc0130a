"""Put an exception into one function after the other while photos are moved or sidecars written: nothing may be lost.

`make faults` runs it. For each function that a course calls, in any thread, a process runs the course's last command,
and the function fails in its first call. The command may end with an error. Right afterwards, the content of every file
must still exist; then the change is undone by a process without a fault (of every second function, the sort is finished
first), and the whole tree must be as before. Anything else, a signal and a hang are defects.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from command_server import FAULT, PROGRAM, CommandServer, Fault, fault_in, has_crashed  # noqa: E402
from conftest import open_package_photo  # noqa: E402
from fault_trial import NOT_REACHED, Outcome, Place, end_of, try_courses  # noqa: E402
from sort_trees import Snapshot, leftovers, snapshot, write  # noqa: E402

WENT_ON, SAID, ENDED = "went on, all done", "ended with a message or errors", "ended and reported the exception"
_Commands = tuple[tuple[str, ...], ...]
COURSES: dict[str, _Commands] = {
    "sort": (("sort", "--move", "--yes", "photos", "sorted"),),
    "undo of a sort": (("sort", "--move", "--yes", "photos", "sorted"), ("undo", "--yes")),
    "finish of a sort": (("sort", "--move", "--yes", "photos", "sorted"), ("undo", "--finish", "--yes")),
    "keywords": (("export", "--as", "xmp", "photos"),),
    "undo of keywords": (("export", "--as", "xmp", "photos"), ("undo", "--yes")),
}
"""The commands of each course; a function fails in the last. `photos` and `sorted` are folders."""
BEFORE_FINISH = ("._put_step", 3)
"""Before a sort is finished, it ends in this call of this function."""


@dataclass(frozen=True, slots=True)
class Case:
    """A course, and the function that fails in it."""

    course: str
    place: Place
    is_finished_first: bool

    def __str__(self) -> str:
        return f"{self.course}, {self.place}"


class Commands:
    """Runs courses in processes, one after the other."""

    def __init__(self, program: str = PROGRAM) -> None:
        self._server = CommandServer(program)
        self._before_finish: Fault | None = None

    def close(self) -> None:
        self._server.close()

    def cases(self, course: str) -> list[Case]:
        """Return a case for each function that the last command of a course calls."""
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            top = Path(folder)
            self._prepare(top, course)
            places = self._server.places(_arguments(top, COURSES[course][-1]), top / "home")
        return [Case(course, place, number % 2 == 1) for number, place in enumerate(places)]

    def try_case(self, case: Case, call: int = 1) -> Outcome:
        """Let a function fail in a call of it, look at the files, undo, and look again."""
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            top = Path(folder)
            before = self._prepare(top, case.course)
            status, output = self._run(top, COURSES[case.course][-1], fault_in(case.place, call))
            problem = end_of(status) or _lost(before, top) or self._undone(top, before, case)
        if problem:
            return Outcome(problem, output)
        if FAULT not in output:
            return Outcome(NOT_REACHED, output)
        if has_crashed(status, output):
            return Outcome(ENDED, output)
        return Outcome(WENT_ON if status == 0 else SAID, output)

    def _prepare(self, top: Path, course: str) -> Snapshot:
        """Write the tree, run all commands but the last; return how the tree was at first."""
        for name in ("home", "sorted"):
            (top / name).mkdir()
        write_tree(top)
        before = _tree(top)
        for command in COURSES[course][:-1]:
            fault = self._fault_before_finish() if course == "finish of a sort" else None
            status, output = self._run(top, command, fault)
            assert status in (0, 1), output
            assert has_crashed(status, output) == (fault is not None), output
        return before

    def _fault_before_finish(self) -> Fault:
        if self._before_finish is None:
            name, call = BEFORE_FINISH
            place = next(case.place for case in self.cases("sort") if case.place.name.endswith(name))
            self._before_finish = fault_in(place, call)
        return self._before_finish

    def _undone(self, top: Path, before: Snapshot, case: Case) -> str | None:
        """Undo what was done; return what is not as before."""
        finish: _Commands = (("undo", "--finish", "--yes"),) if case.is_finished_first else ()
        for command in (*finish, ("undo", "--yes")):
            status, output = self._run(top, command)
            if end_of(status) or has_crashed(status, output):
                return f"DEFECT {' '.join(command)} failed: {output}"
            if lost := _lost(before, top):
                return f"{lost}, after {' '.join(command)}"
        after = _tree(top)
        names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        if names or leftovers(top / "photos", top / "sorted"):
            return f"DEFECT not as before: {[(name, before.get(name), after.get(name)) for name in names]}"
        return None

    def _run(self, top: Path, command: tuple[str, ...], fault: Fault | None = None) -> tuple[int, str]:
        return self._server.run(_arguments(top, command), top / "home", fault)


def _arguments(top: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(top / word) if word in ("photos", "sorted") else word for word in command)


def write_tree(top: Path) -> None:
    """Write photos in two folders, two of them with the same name, with companions; other files; a damaged photo."""
    cat = open_package_photo("chelsea")
    for number, name in enumerate(("a/IMG_1.jpg", "a/IMG_2.jpg", "b/IMG_1.jpg", "b/é 🐈.jpg", "IMG_3.jpg")):
        plain = Image.new("RGB", cat.size, (50 * number, 90, 160))
        path = write(top / "photos" / name)
        (plain if number % 2 else cat.crop((number, 0, *cat.size))).save(path)
        os.utime(path, (1_600_000_000, 1_600_000_000 + number))
    write(top / "photos/a/IMG_1.xmp", _SIDECAR, mode=0o600)
    write(top / "photos/b/IMG_1.jpg.xmp", _SIDECAR)
    write(top / "photos/a/IMG_2.AAE")
    write(top / "photos/damaged.jpg", b"\xff\xd8\xff\xe0 nothing more")
    write(top / "photos/notes.txt")
    write(top / "sorted/neither/IMG_3.jpg", "another file")


_SIDECAR = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>'
    "<rdf:li>holiday</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def _tree(top: Path) -> Snapshot:
    return snapshot(top / "photos", top / "sorted")


def _lost(before: Snapshot, top: Path) -> str | None:
    """Return which files have lost their content. Sidecars may have been changed, but must be whole."""
    now = _tree(top)
    there = {entry[3] for entry in now.values()}
    lost = [name for name, entry in before.items() if entry[3] not in there and not name.endswith(b".xmp")]
    broken = [
        name
        for name, entry in now.items()
        if name.endswith(b".xmp") and b"</x:xmpmeta>" not in Path(os.fsdecode(name)).read_bytes()
    ]
    return f"DEFECT lost {lost}, broken {broken}" if lost or broken else None


def main() -> int:
    return try_courses(Commands, COURSES, __doc__)


if __name__ == "__main__":
    sys.exit(main())
