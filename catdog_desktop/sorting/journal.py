"""What a sort is about to do and has done, on the disk before it happens: so it can be finished or undone at any time.

A journal is a file of lines: a head, one line for each file of the plan, and then a line for each event. Each `begin`
and each `copied` line is forced to the disk before the step that it announces. A `done` line is written at once and
forced there together with the next `begin`: a crash of the program loses none, and after a power cut the files
themselves tell what was done.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from catdog_desktop import __version__
from catdog_desktop.files.disk_errors import reraise_oserror_as
from catdog_desktop.files.journal_file import JournalFile, Line, name_for, newest_first, path_of, read_lines
from catdog_desktop.files.safe_copy import Content, FileStat
from catdog_desktop.sorting.destination import Destination
from catdog_desktop.sorting.journal_items import JournalInfo, JournalItem, JournalState, Leg, Way
from catdog_desktop.sorting.options import Action, SortError

_FORMAT: Final = 1
_NOT_WRITTEN: Final = "The journal of the sort cannot be written"
_TAIL_BYTES: Final = 4096
"""More than any line about a state takes."""


@dataclass(slots=True)
class Journal:
    """The journal of one sort. Whoever calls what writes must be the one writer."""

    file: JournalFile
    action: Action
    place: Destination
    started: datetime
    outputs: tuple[Path, ...]
    items: list[JournalItem]
    state: JournalState = JournalState.UNFINISHED
    folders: list[Path] = field(default_factory=list)
    """The folders that the sort made, outer before inner."""

    @property
    def id(self) -> str:
        """The name of this sort."""
        return self.file.name

    @property
    def destination(self) -> Path:
        """The folder that the sort fills."""
        return self.place.folder

    @property
    def is_unfinished(self) -> bool:
        """Whether the sort or its undoing was interrupted, so that somebody should decide what becomes of it."""
        if self.state is JournalState.FORGOTTEN:
            return False
        return self.state in (JournalState.UNFINISHED, JournalState.UNDOING) or self._open > 0

    @property
    def _open(self) -> int:
        """How many files are on their way."""
        return sum(item.leg is not None for item in self.items)

    @property
    def steps(self) -> list[list[JournalItem]]:
        """The items of each step: the photo first, then its companions."""
        steps: dict[int, list[JournalItem]] = {}
        for item in self.items:
            steps.setdefault(item.step, []).append(item)
        return [steps[number] for number in sorted(steps)]

    def info(self) -> JournalInfo:
        """Return what a list shows of it."""
        steps = self.steps
        done = sum(step[0].placed is not None for step in steps)
        return JournalInfo(
            self.id, self.started, self.action, self.destination, len(steps), done, self.state, self.outputs
        )

    def temporary(self, item: JournalItem, target: Path) -> Path:
        """Return the name of the temporary file beside `target`, the same after a crash."""
        return target.with_name(f".catdog-{self.id}-{item.number}.part")

    def __enter__(self) -> Self:
        """Open for writing, after the last whole line."""
        with reraise_oserror_as(SortError, _NOT_WRITTEN):
            self.file.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Force the last lines to the disk."""
        self.file.close()

    def begin(self, item: JournalItem, leg: Leg) -> None:
        """Say that `item` is about to go."""
        self._write(
            True,
            event="begin",
            item=item.number,
            way=leg.way,
            source=str(leg.source),
            target=str(leg.target),
            inode=leg.inode,
        )
        item.leg = leg

    def copied(self, item: JournalItem, content: Content) -> None:
        """Say that the temporary file of `item` is whole, before it gets its name."""
        self._write(True, event="copied", item=item.number, size=content.size, digest=content.digest)
        _leg_of(item).copied = content

    def placeholder(self, item: JournalItem) -> None:
        """Say that an empty file is about to take the name of `item`."""
        self._write(True, event="placeholder", item=item.number)
        _leg_of(item).placeholder = True

    def placeholder_not_made(self, item: JournalItem) -> None:
        """Say that somebody else has that name: what is there, empty or not, is not ours to remove."""
        self._write(True, event="placeholder-not-made", item=item.number)
        _leg_of(item).placeholder = False

    def done(self, item: JournalItem) -> None:
        """Say that `item` has arrived."""
        self._write(False, event="done", item=item.number)
        _arrive(item)

    def not_done(self, item: JournalItem) -> None:
        """Say that the way of `item` was given up, and everything is as it was before."""
        self._write(False, event="not-done", item=item.number)
        item.leg = None

    def left(self, item: JournalItem, sentence: str) -> None:
        """Say that undoing leaves `item` where it is, and why."""
        self._write(True, event="left", item=item.number, why=sentence)
        item.left = sentence

    def also(self, step: int, source: Path, placed: Path, looks: FileStat) -> JournalItem:
        """Say that `placed`, which the sort did not put there, is to go to `source` when that step is undone."""
        event = {"step": step, "source": str(source), "placed": str(placed), "looks": _looks_as_list(looks)}
        self._write(True, event="also", **event)
        return self._add_late(event)

    def folder(self, folder: Path) -> None:
        """Say that a folder is about to be made."""
        self._write(True, event="folder", path=str(folder))
        self.folders.append(folder)

    def folder_not_made(self, folder: Path) -> None:
        """Say that the folder could not be made, or another made it in the same moment: it is not ours to remove."""
        self._write(True, event="folder-not-made", path=str(folder))
        _forget_last(self.folders, folder)

    def turn(self, state: JournalState) -> None:
        """Say that the sort has come to `state`."""
        self._write(True, event="state", state=state.name.lower(), open=self._open)
        self.state = state

    def _add_late(self, event: Line) -> JournalItem:
        placed = Path(event["placed"])
        item = JournalItem(
            len(self.items), event["step"], Path(event["source"]), placed, FileStat(*event["looks"]), placed, late=True
        )
        self.items.append(item)
        return item

    def _write(self, forced: bool, **event: Any) -> None:
        with reraise_oserror_as(SortError, _NOT_WRITTEN):
            self.file.add(event, forced=forced)


def create_journal(
    folder: Path,
    action: Action,
    place: Destination,
    outputs: Sequence[Path],
    files: Sequence[tuple[int, Path, Path, FileStat]],
) -> Journal:
    """Write the journal of a sort that is about to begin: `files` are (step, source, target, looks). `SortError`."""
    started = datetime.now(UTC)
    head: Line = {
        "journal": _FORMAT,
        "app": __version__,
        "started": started.isoformat(),
        "action": action,
        "destination": str(place.folder),
        "mount": str(place.mount),
        "outputs": [str(output) for output in outputs],
        "files": len(files),
    }
    lines = [head]
    for step, source, target, looks in files:
        lines.append({"step": step, "source": str(source), "target": str(target), "looks": _looks_as_list(looks)})
    with reraise_oserror_as(SortError, _NOT_WRITTEN):
        file = JournalFile.create(folder, name_for(started), lines)
    return read_journal(file.path)


def read_journal(path: Path) -> Journal:
    """Return what a journal tells. Raises `SortError`."""
    try:
        with reraise_oserror_as(SortError, "The journal of the sort cannot be read"):
            lines, file = read_lines(path)
        journal = _journal_from_head(file, lines[0], lines[1 : lines[0]["files"] + 1])
        for event in lines[lines[0]["files"] + 1 :]:
            _replay(journal, event)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise SortError(
            f"The journal {path} is damaged ({type(error).__name__}: {error}). Nothing was changed; "
            f"the photos lie where the sort left them. “catdog undo {path.stem} --forget” sets it aside."
        ) from error
    return journal


def find_journal(folder: Path, journal_id: str) -> Journal:
    """Return the journal of the sort `journal_id`. Raises `SortError` if there is none."""
    path = path_of(folder, journal_id)
    if path.parent != folder or not os.path.isfile(path):  # noqa: PTH113  Path's raises for a name that cannot be.
        raise SortError(f"There is no sort “{journal_id}”. “catdog undo --list” lists those there are.")
    return read_journal(path)


def list_journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, the newest first."""
    return newest_first(folder)


def read_outputs(path: Path) -> tuple[Action, Path, tuple[Path, ...]] | None:
    """Return action, destination and output folders of a journal, reading no more than its head.

    None if it is damaged, or if its sort was undone: the folders hold nothing of it any more.
    """
    if last_state(path) is JournalState.UNDONE:
        return None
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
        return Action(head["action"]), Path(head["destination"]), tuple(map(Path, head["outputs"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def last_state(path: Path) -> JournalState | None:
    """Return the state that a journal ends with, reading no more than its end; None if files may be on their way.

    A journal of ten thousand photos takes half a second to read, and there may be one for each week of years.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            *_, before, rest = file.read().split(b"\n")
        event = json.loads(before)
        return None if rest or event["event"] != "state" or event["open"] else JournalState[event["state"].upper()]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _looks_as_list(looks: FileStat) -> list[int]:
    return [looks.size, looks.modified_ns, looks.inode, looks.mode]


def _journal_from_head(file: JournalFile, head: Line, files: list[Line]) -> Journal:
    if head["journal"] > _FORMAT:
        raise SortError(f"The journal {file.path} was written by a newer CatDog ({head['app']}). Use that one.")
    if len(files) != head["files"]:
        raise ValueError("files of the plan are missing")
    items = [
        JournalItem(number, one["step"], Path(one["source"]), Path(one["target"]), FileStat(*one["looks"]))
        for number, one in enumerate(files)
    ]
    return Journal(
        file,
        Action(head["action"]),
        Destination(Path(head["destination"]), Path(head["mount"])),
        datetime.fromisoformat(head["started"]),
        tuple(map(Path, head["outputs"])),
        items,
    )


def _replay(journal: Journal, event: Line) -> None:
    """Do to `journal` what the event did when it was written."""
    kind = event["event"]
    if kind == "state":
        journal.state = JournalState[event["state"].upper()]
    elif kind == "also":
        journal._add_late(event)
    elif kind == "folder":
        journal.folders.append(Path(event["path"]))
    elif kind == "folder-not-made":
        _forget_last(journal.folders, Path(event["path"]))
    else:
        _replay_item(journal.items[event["item"]], kind, event)


def _replay_item(item: JournalItem, kind: str, event: Line) -> None:
    if kind == "begin":
        item.leg = Leg(Way(event["way"]), Path(event["source"]), Path(event["target"]), event["inode"])
    elif kind == "copied":
        _leg_of(item).copied = Content(event["size"], event["digest"])
    elif kind == "placeholder":
        _leg_of(item).placeholder = True
    elif kind == "placeholder-not-made":
        _leg_of(item).placeholder = False
    elif kind == "done":
        _arrive(item)
    elif kind == "not-done":
        item.leg = None
    elif kind == "left":
        item.left = event["why"]
    else:
        raise ValueError(f"unknown event {kind}")


def _forget_last(folders: list[Path], folder: Path) -> None:
    """Take back the last line about `folder`: one before it may be of a folder that was made, and is to be removed."""
    del folders[len(folders) - 1 - folders[::-1].index(folder)]


def _leg_of(item: JournalItem) -> Leg:
    if item.leg is None:
        raise ValueError(f"file {item.number} is not on its way")
    return item.leg


def _arrive(item: JournalItem) -> None:
    leg = _leg_of(item)
    if leg.way is Way.OUT:
        item.placed, item.content, item.restored = leg.target, leg.copied, None
    else:
        item.placed, item.restored, item.came_from = None, leg.target, leg.source
    item.leg = None
