"""Put an exception into one function after the other while a command writes a file or the app's data.

`make faults` runs it. For each function that a course calls, in any thread, a process runs the course's command, and
the function fails in its first call. The command may end with an error. Right afterwards no photo may have changed, a
file that the command replaces must be the old one or the new one, whole, and nothing else may lie beside it. Then the
command is repeated without a fault, and must give what it would have given at first. Anything else, a signal and a hang
are defects.
"""

import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from command_server import FAULT, PROGRAM, CommandServer, Fault, fault_in, has_crashed  # noqa: E402
from fault_trial import NOT_REACHED, Outcome, Place, end_of, try_courses  # noqa: E402
from run_command_faults import ENDED, SAID, WENT_ON, write_tree  # noqa: E402
from sort_trees import Snapshot, snapshot  # noqa: E402

from catdog_desktop.model_import.model_archive import export_model  # noqa: E402
from catdog_desktop.store.store import Store  # noqa: E402
from catdog_desktop.verdict import Verdict  # noqa: E402

MODEL = HERE.parents[1] / "models" / "catdog"
_Content = dict[str, object]
_Command = tuple[str, ...]


def _no_preparation(_top: Path) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Course:
    """A command, what is done before it, and how its effect on the app's data is shown.

    `photos` and paths that begin with `out/` are below the folder of the trial.
    """

    command: _Command
    before: tuple[_Command, ...] = ()
    prepare: Callable[[Path], None] = _no_preparation
    """Called before the commands, with the folder of the trial."""
    shown_by: _Command = ()
    """A command whose output shows the app's data, after the one of the course."""


def _mark_photos(top: Path) -> None:
    with Store.open(top / "home" / "data" / "store.sqlite") as store:
        store.add_marks({bytes([number] * 32): Verdict.CAT for number in range(40)}, {bytes(32): 5}, replace=True)


def _write_backup_file(top: Path) -> None:
    """Write the backup of another computer."""
    settings = '{"theme": "dark"}'
    marks = "".join(f'{{"photo": "{bytes([number] * 32).hex()}", "verdict": "dog"}}\n' for number in range(40))
    head = '{"catdog_backup": 1, "app": "2.0", "created": "2026-01-02T03:04:05+00:00"}'
    with zipfile.ZipFile(top / "out" / "other.catdog-backup", "w") as archive:
        for name, text in (("backup.json", head), ("marks.jsonl", marks), ("settings.json", settings)):
            archive.writestr(name, text)


def _pack_model(top: Path) -> None:
    export_model(MODEL, top / "out" / "mine.catdog")


_KNOWN = ("classify", "photos")
_DATA = ("forget", "--dry-run", "--format", "jsonl", "--everything")
COURSES = {
    "table": Course(
        ("export", "photos", "--to", "out/pets.csv", "--overwrite"),
        before=(("export", "photos", "--to", "out/pets.csv", "--only", "problem"),),
    ),
    "contact sheet": Course(
        ("export", "photos", "--to", "out/pets.html", "--overwrite"),
        before=(("export", "photos", "--to", "out/pets.html", "--only", "problem"),),
    ),
    "backup": Course(
        ("backup", "out/mine.catdog-backup", "--overwrite"),
        before=(("backup", "out/mine.catdog-backup"), _KNOWN),
        prepare=_mark_photos,
    ),
    "restore": Course(
        ("restore", "out/other.catdog-backup", "--replace", "--yes"),
        before=(_KNOWN,),
        prepare=lambda top: (_mark_photos(top), _write_backup_file(top))[0],
        shown_by=("backup", "out/shown.catdog-backup", "--overwrite"),
    ),
    "forget": Course(("forget", "--everything", "--yes"), before=(_KNOWN,), prepare=_mark_photos, shown_by=_DATA),
    "import of a model": Course(
        ("import-model", "out/mine.catdog"), prepare=_pack_model, shown_by=("models", "--format", "jsonl")
    ),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A course, and the function that fails in it."""

    course: str
    place: Place

    def __str__(self) -> str:
        return f"{self.course}, {self.place}"


class Repeats:
    """Runs courses in processes, one after the other."""

    def __init__(self, program: str = PROGRAM) -> None:
        self._server = CommandServer(program)
        self._wanted: dict[str, _Content] = {}
        """What each course gives without a fault."""

    def close(self) -> None:
        self._server.close()

    def cases(self, course: str) -> list[Case]:
        """Return a case for each function that the command of a course calls."""
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            top = Path(folder)
            self._prepare(top, course)
            places = self._server.places(_arguments(top, COURSES[course].command), top / "home")
        return [Case(course, place) for place in places]

    def try_case(self, case: Case, call: int = 1) -> Outcome:
        """Let a function fail in a call of it, look at the files, repeat, and look again."""
        course = COURSES[case.course]
        wanted = self._content_without_fault(case.course)
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            top = Path(folder)
            photos = self._prepare(top, case.course)
            old = _files(top)
            status, output = self._run(top, course.command, fault_in(case.place, call))
            problem = end_of(status) or _changed(photos, top) or _odd_files(_files(top), old, wanted)
            if not problem:
                problem = self._repeated(top, case.course, photos, wanted)
        if problem:
            return Outcome(problem, output)
        if FAULT not in output:
            return Outcome(NOT_REACHED, output)
        if has_crashed(status, output):
            return Outcome(ENDED, output)
        return Outcome(WENT_ON if status == 0 else SAID, output)

    def _content_without_fault(self, course: str) -> _Content:
        if course not in self._wanted:
            with tempfile.TemporaryDirectory(prefix="faults-") as folder:
                top = Path(folder)
                self._prepare(top, course)
                status, output = self._run(top, COURSES[course].command)
                assert status in (0, 1), output
                self._wanted[course] = _files(top) | self._shown(top, course)
        return self._wanted[course]

    def _prepare(self, top: Path, name: str) -> Snapshot:
        """Do what is before the command; return how the photos were."""
        course = COURSES[name]
        for folder in ("home", "home/data", "out", "sorted"):
            (top / folder).mkdir()
        write_tree(top)
        course.prepare(top)
        for command in course.before:
            status, output = self._run(top, command)
            assert status in (0, 1), output
        return snapshot(top / "photos")

    def _repeated(self, top: Path, name: str, photos: Snapshot, wanted: _Content) -> str | None:
        """Repeat the command without a fault; return what is not as it should be."""
        status, output = self._run(top, COURSES[name].command)
        # A model that is there already is refused: the command had done its work.
        if end_of(status) or has_crashed(status, output):
            return f"DEFECT the repetition failed: {output}"
        now = _files(top) | self._shown(top, name)
        wrong = [key for key in now.keys() | wanted.keys() if now.get(key) != wanted.get(key)]
        return _changed(photos, top) or (f"DEFECT not as without a fault: {wrong} {output}" if wrong else None)

    def _shown(self, top: Path, name: str) -> _Content:
        command = COURSES[name].shown_by
        if not command:
            return {}
        status, output = self._run(top, command)
        assert status in (0, 1), output
        return {"shown": output.replace(str(top), "")} if command[0] != "backup" else _files(top)

    def _run(self, top: Path, command: _Command, fault: Fault | None = None) -> tuple[int, str]:
        return self._server.run(_arguments(top, command), top / "home", fault)


def _arguments(top: Path, command: _Command) -> _Command:
    return tuple(str(top / word) if word == "photos" or word.startswith("out/") else word for word in command)


def _files(top: Path) -> _Content:
    """Return the content of the files that are written, by name. That of a damaged zip is None."""
    return {path.name: _content(path, top) for path in sorted((top / "out").iterdir())}


def _content(path: Path, top: Path) -> object:
    content = path.read_bytes()
    if path.suffix != ".catdog-backup":
        return content.replace(str(top).encode(), b"")
    try:
        with zipfile.ZipFile(path) as archive:
            # The head has the time.
            return {name: archive.read(name) for name in archive.namelist() if name != "backup.json"}
    except zipfile.BadZipFile:
        return None


def _odd_files(now: _Content, old: _Content, wanted: _Content) -> str | None:
    """Return which files are neither as before nor as without a fault, are missing, or should not be there."""
    odd = [
        name
        for name in old.keys() | now.keys()
        if name not in now or now[name] not in [files[name] for files in (old, wanted) if name in files]
    ]
    return f"DEFECT half written: {sorted(odd)}" if odd else None


def _changed(before: Snapshot, top: Path) -> str | None:
    return None if snapshot(top / "photos") == before else "DEFECT photos have changed"


def main() -> int:
    return try_courses(Repeats, COURSES, __doc__)


if __name__ == "__main__":
    sys.exit(main())
