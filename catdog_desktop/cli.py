"""The command line: classify photos, measure a model, look whether everything works. No window, no Qt.

What takes long to import is imported where it is needed, so that help and mistakes answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import glob
import io
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catdog_desktop import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catdog_desktop.model_file import ModelFile
    from catdog_desktop.photos import LeftOut, Omission
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.verdict import Result

OK: Final = 0
SOME_UNREADABLE: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""128 + SIGPIPE: what a shell sees of any program whose reader went away."""
COMMANDS: Final = ("classify", "evaluate", "doctor")

_EXAMPLES: Final = """\
examples:
  catdog classify cat.jpg holiday/            photos and whole folders
  catdog classify --format csv holiday > holiday.csv
  catdog classify --format jsonl . | head     one JSON object a line
  catdog doctor                               does everything work here?
  catdog evaluate labelled/                   how good is the model on your photos?

Everything happens on this computer; nothing is sent anywhere.
"""
_CLASSIFY_EXAMPLES: Final = """\
Folders are searched to their depth. Each photo gets two independent probabilities, that a cat and that a dog is in
it, and a verdict: cat, dog, both, neither or unsure. Results come in the order in which the photos were found.

examples:
  catdog classify IMG_0001.jpg
  catdog classify --format jsonl ~/Pictures > pets.jsonl
      {"path": "IMG_0001.jpg", "verdict": "cat", "cat": 0.9973, "dog": 0.0012}
      {"path": "notes.jpg", "error": "is not a photo (it holds text)"}
  catdog classify --format csv --jobs 1 scans/ > scans.csv

exit status: 0 all well, 1 some photo could not be read, 2 wrong usage or no usable model
"""
_EVALUATE_EXAMPLES: Final = """\
The folder has one or more of the folders cat/, dog/, neither/ and both/; the folder is the truth about its photos.

examples:
  catdog evaluate labelled/
  catdog evaluate labelled/ --save baseline.json
  catdog evaluate labelled/ --model my-model/ --compare baseline.json --report report.html
"""


class _PipeClosedError(Exception):
    """Whoever read our output is gone."""


class _OutputError(Exception):
    """The output cannot be written; the message says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default: the process's own) and return the exit status."""
    parser = _parser()
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else WRONG_USAGE
    _prepare_output(getattr(arguments, "format", "text"))
    try:
        if arguments.command == "classify":
            return _classify(arguments)
        if arguments.command == "evaluate":
            return _evaluate(arguments)
        if arguments.command == "doctor":
            return _doctor(arguments)
        parser.print_help(sys.stderr)
    except KeyboardInterrupt:
        _say("Stopped.")
        return INTERRUPTED
    except _PipeClosedError:
        _forget_standard_output()
        return PIPE_CLOSED
    except _OutputError as error:
        _forget_standard_output()
        _say(f"catdog: {error}")
        return SOME_UNREADABLE
    return WRONG_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="catdog",
        description="Tells for each photo whether it shows a cat, a dog, both or neither.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"CatDog {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    classify = _command(commands, "classify", "say what is on photos", _CLASSIFY_EXAMPLES)
    classify.add_argument("paths", metavar="PATH", type=Path, nargs="+", help="photos and folders of photos")
    classify.add_argument(
        "--format", choices=("text", "jsonl", "csv"), default="text", help="how to write results (default: text)"
    )
    classify.add_argument(
        "--jobs", type=_jobs, metavar="N", help="photos worked on at once (default: one for each core)"
    )

    evaluate = _command(commands, "evaluate", "measure a model on labelled photos", _EVALUATE_EXAMPLES)
    evaluate.add_argument("folder", metavar="FOLDER", type=Path, help="holds cat/, dog/, neither/ or both/")
    evaluate.add_argument("--save", metavar="FILE", type=Path, help="write figures and all scores to FILE (JSON)")
    evaluate.add_argument("--compare", metavar="FILE", type=Path, help="say what changed since FILE was saved")
    evaluate.add_argument("--report", metavar="FILE.html", type=Path, help="write a report with the worst photos")
    evaluate.add_argument("--jobs", type=_jobs, metavar="N", help="photos worked on at once")

    doctor = _command(commands, "doctor", "show versions and paths, and whether everything works", None)
    for command in (classify, evaluate, doctor):
        command.add_argument("--model", metavar="DIR", type=Path, help="folder of another model than the built-in")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, epilog: str | None
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _jobs(text: str) -> int:
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if not 1 <= jobs <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number between 1 and 256")
    return jobs


def _load_model(folder: Path | None) -> ModelFile:
    """Return the model in `folder`, or the one that the app brings. Raises `ModelError`."""
    from catdog_desktop.model_file import load_model_file
    from catdog_desktop.places import default_model

    return load_model_file(default_model() if folder is None else folder)


# --- classify ---------------------------------------------------------------------------------------------------


def _classify(arguments: argparse.Namespace) -> int:
    from catdog_desktop.export import CSV_HEADER, FORMATTERS, csv_row
    from catdog_desktop.in_order import classify_in_order
    from catdog_desktop.model_file import ModelError
    from catdog_desktop.photos import LeftOut
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.progress_bar import ProgressBar

    try:
        model = _load_model(arguments.model)
        pipeline = Pipeline(model, jobs=arguments.jobs, thumbnails=False)
    except ModelError as error:
        _say(f"catdog: {error}")
        return WRONG_USAGE
    write_line = FORMATTERS[arguments.format]
    tally = _Tally()
    with pipeline, ProgressBar(sys.stderr) as bar:
        clear_first = bar.shown and sys.stdout.isatty()
        paths = _expand(arguments.paths) if os.name == "nt" else arguments.paths
        if bar.shown:
            _count_in_background(paths, bar)
        if arguments.format == "csv":
            _write(csv_row(CSV_HEADER))
        for outcome in classify_in_order(pipeline, _find(paths)):
            if isinstance(outcome, LeftOut):
                tally.leave_out(outcome)
                continue
            tally.add(outcome, model)
            if clear_first:
                bar.clear()
            _write(write_line(outcome, model.thresholds))
            bar.update(tally.photos)
    tally.report()
    return SOME_UNREADABLE if tally.failed or tally.unread_places else OK


def _expand(paths: Sequence[Path]) -> list[Path]:
    """Replace patterns such as `*.jpg` by what they match: the shells of Windows leave that to the program."""
    expanded: list[Path] = []
    for path in paths:
        matches = [] if os.path.lexists(path) else sorted(glob.glob(str(path)))  # noqa: PTH207
        expanded += [Path(match) for match in matches] or [path]
    return expanded


def _find(paths: Sequence[Path]) -> Iterator[Path | LeftOut | Result]:
    """Find the photos; a path that does not exist at all becomes a result that says so."""
    from catdog_desktop.photos import LeftOut, find_photos
    from catdog_desktop.verdict import Result

    # Not Path.exists(), which raises for a name that cannot be; and a dangling link does exist.
    missing = {path for path in paths if not os.path.lexists(path)}
    for photo in find_photos(paths):
        if isinstance(photo, LeftOut) or photo not in missing:
            yield photo
        else:
            yield Result(photo, error="does not exist")


def _count_in_background(paths: Sequence[Path], bar: ProgressBar) -> None:
    """Tell `bar` how many photos there are, without keeping the first ones waiting for the count."""
    from catdog_desktop.photos import LeftOut, find_photos

    def count() -> None:
        bar.total = sum(not isinstance(photo, LeftOut) for photo in find_photos(paths))

    threading.Thread(target=count, name="count", daemon=True).start()


class _Tally:
    """Counts what happened, for the line at the end."""

    def __init__(self) -> None:
        self.photos = self.failed = self.damaged = 0
        self.unread_places: list[LeftOut] = []
        self._verdicts: Counter[str] = Counter()
        self._left_out: Counter[Omission] = Counter()

    def add(self, result: Result, model: ModelFile) -> None:
        self.photos += 1
        if result.scores is None:
            self.failed += 1
        else:
            self._verdicts[model.thresholds.judge(result.scores)] += 1
            self.damaged += result.damaged

    def leave_out(self, left_out: LeftOut) -> None:
        from catdog_desktop.photos import Omission

        self._left_out[left_out.omission] += 1
        if left_out.omission is Omission.UNREADABLE:
            self.unread_places.append(left_out)

    def report(self) -> None:
        from catdog_desktop.export import printable_path
        from catdog_desktop.verdict import Verdict

        for place in self.unread_places:
            _say(f"{printable_path(place.path)} could not be looked into ({place.detail}).")
        parts = [f"{self._verdicts[verdict]:,} {verdict}" for verdict in Verdict if self._verdicts[verdict]]
        line = f"{self.photos:,} photo{'' if self.photos == 1 else 's'}"
        if parts:
            line += ": " + ", ".join(parts)
        if self.damaged:
            line += f"; {self.damaged:,} damaged but decoded as far as it went"
        if self.failed:
            line += f"; {self.failed:,} could not be read"
        if self._left_out:
            line += "; left out: " + ", ".join(_left_out(*reason) for reason in self._left_out.items())
        _say(line + ".")


def _left_out(omission: Omission, count: int) -> str:
    from catdog_desktop.photos import Omission

    one, many = {
        Omission.SYSTEM_FILE: ("system file", "system files"),
        Omission.NOT_A_PHOTO: ("file that is not a photo", "files that are not photos"),
        Omission.UNREADABLE: ("place that could not be looked into", "places that could not be looked into"),
        Omission.LOOP: ("link to a folder already seen", "links to folders already seen"),
        Omission.REPEATED: ("given more than once", "given more than once"),
    }[omission]
    return f"{count:,} {one if count == 1 else many}"


# --- evaluate, doctor -------------------------------------------------------------------------------------------


def _evaluate(arguments: argparse.Namespace) -> int:
    from catdog_desktop.evaluation import EvaluationError
    from catdog_desktop.evaluation_command import evaluate
    from catdog_desktop.model_file import ModelError

    try:
        model = _load_model(arguments.model)
        evaluation = evaluate(
            arguments.folder,
            model,
            jobs=arguments.jobs,
            save=arguments.save,
            compare_with=arguments.compare,
            report=arguments.report,
            write=_write,
        )
    except (ModelError, EvaluationError) as error:
        _say(f"catdog: {error}")
        return WRONG_USAGE
    return SOME_UNREADABLE if evaluation.unreadable else OK


def _doctor(arguments: argparse.Namespace) -> int:
    from catdog_desktop.doctor import examine

    works = True
    for line, is_well in examine(arguments.model):
        works = works and is_well
        _write(line + "\n")
    _write("Everything works.\n" if works else "Not everything works: see the lines marked with !!\n")
    return OK if works else SOME_UNREADABLE


# --- the terminal -----------------------------------------------------------------------------------------------


def _prepare_output(format_name: str) -> None:
    """Let standard output take every name: programs read UTF-8, a terminal gets escapes for what it cannot show."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if format_name == "text":
            sys.stdout.reconfigure(errors="backslashreplace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")


def _write(text: str) -> None:
    """Write to standard output, at once: who reads along sees each result as it comes."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            raise _PipeClosedError from error
        raise _OutputError(f"The results could not be written ({error.strerror or error}).") from error


def _forget_standard_output() -> None:
    """Keep Python from flushing into a closed pipe, and complaining of it, when the process ends."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _say(sentence: str) -> None:
    """Write to standard error, where there is one."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(sentence + "\n")
            sys.stderr.flush()
