"""The journal of a sort: records each step before it happens, so that a sort can always be finished or undone.

A journal is a JSON lines file: a head, one line for each file of the plan, then one line for each event. `begin` and
`copied` lines are fsynced before the step that they announce. A `done` line is written at once and fsynced together
with the next `begin`. A killed process loses no line. After a power cut `resume.settle` finds out from the files
themselves what was done.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from catdog_desktop import __version__
from catdog_desktop.files.journal_file import JournalFile, Line, name_for, newest_first, path_of, read_lines
from catdog_desktop.files.safe_copy import Content, FileStat, rename_without_replacing
from catdog_desktop.sorting.destination import Destination
from catdog_desktop.sorting.errors import SortError, SortProblem, reraise_as
from catdog_desktop.sorting.journal_items import Direction, JournalInfo, JournalItem, JournalState, Transfer
from catdog_desktop.sorting.options import Action

_FORMAT: Final = 1
_TAIL_BYTES: Final = 4096
"""Longer than any line with a state."""


@dataclass(slots=True)
class Journal:
    """The journal of one sort. The caller of methods that write must hold the lock (`one_writer`).

    Methods that write raise `SortError`.
    """

    file: JournalFile
    action: Action
    destination: Destination
    started: datetime
    outputs: tuple[Path, ...]
    items: list[JournalItem]
    state: JournalState = JournalState.UNFINISHED
    folders: list[Path] = field(default_factory=list)
    """The folders that the sort created, outer before inner."""

    @property
    def id(self) -> str:
        """The id of this sort."""
        return self.file.name

    @property
    def is_unfinished(self) -> bool:
        """Whether the sort or its undo was interrupted, so that the user should decide what to do."""
        if self.state is JournalState.FORGOTTEN:
            return False
        return self.state in (JournalState.UNFINISHED, JournalState.UNDOING) or self._open_transfers > 0

    @property
    def _open_transfers(self) -> int:
        return sum(item.transfer is not None for item in self.items)

    @property
    def steps(self) -> list[list[JournalItem]]:
        """The items of each step: the photo first, then its companions."""
        steps: dict[int, list[JournalItem]] = {}
        for item in self.items:
            steps.setdefault(item.step, []).append(item)
        return [steps[number] for number in sorted(steps)]

    def info(self) -> JournalInfo:
        """Return the summary for lists."""
        steps = self.steps
        done = sum(step[0].placed is not None for step in steps)
        return JournalInfo(
            self.id, self.started, self.action, self.destination.folder, len(steps), done, self.state, self.outputs
        )

    def temporary(self, item: JournalItem, target: Path) -> Path:
        """Return the name of the temporary file beside `target`. It is the same after a crash."""
        return target.with_name(f".catdog-{self.id}-{item.number}.part")

    def __enter__(self) -> Self:
        """Open for appending."""
        with _reraise_write_error():
            self.file.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Fsync and close."""
        self.file.close()

    # Events. Each method changes the journal file and the object alike.

    def begin(self, item: JournalItem, transfer: Transfer) -> None:
        """Record that `transfer` of `item` is about to start."""
        self._append(
            fsync=True,
            event="begin",
            item=item.number,
            way=transfer.direction,
            source=str(transfer.source),
            target=str(transfer.target),
            inode=transfer.inode,
        )
        item.transfer = transfer

    def note_copied(self, item: JournalItem, content: Content) -> None:
        """Record that the temporary file of `item` is complete and is about to be renamed."""
        self._append(fsync=True, event="copied", item=item.number, size=content.size, digest=content.digest)
        _transfer_of(item).copied = content

    def note_placeholder(self, item: JournalItem) -> None:
        """Record that an empty placeholder is about to be created at the target of `item`."""
        self._append(fsync=True, event="placeholder", item=item.number)
        _transfer_of(item).has_placeholder = True

    def retract_placeholder(self, item: JournalItem) -> None:
        """Record that another program created a file at the target of `item` before the placeholder was made."""
        self._append(fsync=True, event="placeholder-not-made", item=item.number)
        _transfer_of(item).has_placeholder = False

    def note_done(self, item: JournalItem) -> None:
        """Record that the transfer of `item` is complete."""
        self._append(fsync=False, event="done", item=item.number)
        _complete_transfer(item)

    def note_not_done(self, item: JournalItem) -> None:
        """Record that the transfer of `item` failed and everything is as before."""
        self._append(fsync=False, event="not-done", item=item.number)
        item.transfer = None

    def note_kept(self, item: JournalItem, reason: str) -> None:
        """Record that undo leaves `item` in place, and the reason as a sentence."""
        self._append(fsync=True, event="left", item=item.number, why=reason)
        item.kept_reason = reason

    def add_new_sidecar(self, step: int, source: Path, placed: Path, stat: FileStat) -> JournalItem:
        """Record that the sidecar at `placed`, made after the sort, moves to `source` when `step` is undone."""
        event = {"step": step, "source": str(source), "placed": str(placed), "looks": _stat_as_list(stat)}
        self._append(fsync=True, event="also", **event)
        return self._add_new_sidecar(event)

    def note_folder(self, folder: Path) -> None:
        """Record that a folder is about to be created."""
        self._append(fsync=True, event="folder", path=str(folder))
        self.folders.append(folder)

    def retract_folder(self, folder: Path) -> None:
        """Record that the folder was not created by this sort, so undo must not remove it."""
        self._append(fsync=True, event="folder-not-made", path=str(folder))
        _remove_last(self.folders, folder)

    def set_state(self, state: JournalState) -> None:
        """Record the new state of the sort."""
        self._append(fsync=True, event="state", state=state.name.lower(), open=self._open_transfers)
        self.state = state

    def rename(self, item: JournalItem, source: Path, target: Path) -> None:
        """Rename without replacing, and record a placeholder if one is needed. Raises `OSError`, too."""
        rename_without_replacing(
            source, target, lambda: self.note_placeholder(item), lambda: self.retract_placeholder(item)
        )

    def _add_new_sidecar(self, event: Line) -> JournalItem:
        placed = Path(event["placed"])
        item = JournalItem(
            number=len(self.items),
            step=event["step"],
            source=Path(event["source"]),
            target=placed,
            stat=FileStat(*event["looks"]),
            placed=placed,
            is_new_sidecar=True,
        )
        self.items.append(item)
        return item

    def _append(self, *, fsync: bool, **event: Any) -> None:
        with _reraise_write_error():
            self.file.append(event, fsync=fsync)


def create_journal(
    folder: Path,
    action: Action,
    destination: Destination,
    outputs: Sequence[Path],
    files: Sequence[tuple[int, Path, Path, FileStat]],
) -> Journal:
    """Write the journal of a sort before its first step. Each of `files` is (step, source, target, stat of source).

    Raises `SortError`.
    """
    started = datetime.now(UTC)
    head: Line = {
        "journal": _FORMAT,
        "app": __version__,
        "started": started.isoformat(),
        "action": action,
        "destination": str(destination.folder),
        "mount": str(destination.mount),
        "outputs": [str(output) for output in outputs],
        "files": len(files),
    }
    lines = [head]
    items = []
    for number, (step, source, target, stat) in enumerate(files):
        lines.append({"step": step, "source": str(source), "target": str(target), "looks": _stat_as_list(stat)})
        items.append(JournalItem(number, step, source, target, stat))
    with _reraise_write_error():
        file = JournalFile.create(folder, name_for(started), lines)
    # Not the caller's object: its identity is that of a plan, and a plan may be used again.
    return Journal(file, action, Destination(destination.folder, destination.mount), started, tuple(outputs), items)


def read_journal(path: Path) -> Journal:
    """Read the journal at `path`. Raises `SortError`."""
    try:
        with reraise_as(SortProblem.JOURNAL_NOT_READ):
            lines, file = read_lines(path)
        journal = _journal_from_head(file, lines[0], lines[1 : lines[0]["files"] + 1])
        for event in lines[lines[0]["files"] + 1 :]:
            _replay(journal, event)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise SortError(SortProblem.JOURNAL_DAMAGED, path, reason, sort_id=path.stem) from error
    return journal


def find_journal(folder: Path, journal_id: str) -> Journal:
    """Return the journal of the sort `journal_id`. Raises `SortError` if it does not exist."""
    path = path_of(folder, journal_id)
    if path.parent != folder or not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises for invalid names.
        raise SortError(SortProblem.UNKNOWN_ID, sort_id=journal_id)
    return read_journal(path)


def list_journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, the newest first."""
    return newest_first(folder)


def read_outputs(path: Path) -> tuple[Action, Path, tuple[Path, ...]] | None:
    """Return action, destination and output folders of a journal. Reads its head only.

    None if the journal is damaged, or if the sort was undone and left nothing in the folders.
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
    """Return the state at the end of a journal; None if it ends otherwise or if transfers are open.

    Reads the end of the file only. To read a whole journal of 10,000 photos takes half a second, and a user may have
    hundreds of journals.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            *_lines, last, rest = file.read().split(b"\n")
        event = json.loads(last)
        return None if rest or event["event"] != "state" or event["open"] else JournalState[event["state"].upper()]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _reraise_write_error() -> Any:
    return reraise_as(SortProblem.JOURNAL_NOT_WRITTEN)


def _stat_as_list(stat: FileStat) -> list[int]:
    return [stat.size, stat.modified_ns, stat.inode, stat.mode]


def _journal_from_head(file: JournalFile, head: Line, files: list[Line]) -> Journal:
    if head["journal"] > _FORMAT:
        raise SortError(SortProblem.JOURNAL_TOO_NEW, file.path, head["app"])
    if len(files) != head["files"]:
        raise ValueError("files of the plan are missing")
    items = [
        JournalItem(number, line["step"], Path(line["source"]), Path(line["target"]), FileStat(*line["looks"]))
        for number, line in enumerate(files)
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
    """Apply one event to `journal`. Raises `ValueError`, `KeyError`, `IndexError` or `TypeError` if it is invalid."""
    kind = event["event"]
    if kind == "state":
        journal.state = JournalState[event["state"].upper()]
    elif kind == "also":
        journal._add_new_sidecar(event)
    elif kind == "folder":
        journal.folders.append(Path(event["path"]))
    elif kind == "folder-not-made":
        _remove_last(journal.folders, Path(event["path"]))
    else:
        _replay_item(journal.items[event["item"]], kind, event)


def _replay_item(item: JournalItem, kind: str, event: Line) -> None:
    if kind == "begin":
        item.transfer = Transfer(Direction(event["way"]), Path(event["source"]), Path(event["target"]), event["inode"])
    elif kind == "copied":
        _transfer_of(item).copied = Content(event["size"], event["digest"])
    elif kind == "placeholder":
        _transfer_of(item).has_placeholder = True
    elif kind == "placeholder-not-made":
        _transfer_of(item).has_placeholder = False
    elif kind == "done":
        _complete_transfer(item)
    elif kind == "not-done":
        item.transfer = None
    elif kind == "left":
        item.kept_reason = event["why"]
    else:
        raise ValueError(f"unknown event {kind}")


def _remove_last(folders: list[Path], folder: Path) -> None:
    """Remove the last entry for `folder`. An earlier one may stand for a folder that the sort did create."""
    del folders[len(folders) - 1 - folders[::-1].index(folder)]


def _transfer_of(item: JournalItem) -> Transfer:
    if item.transfer is None:
        raise ValueError(f"file {item.number} has no open transfer")
    return item.transfer


def _complete_transfer(item: JournalItem) -> None:
    transfer = _transfer_of(item)
    if transfer.direction is Direction.OUT:
        item.placed, item.content, item.restored = transfer.target, transfer.copied, None
    else:
        item.placed, item.restored, item.came_from = None, transfer.target, transfer.source
    item.transfer = None
