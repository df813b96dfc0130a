"""The user's own verdicts and ratings while the window is open: which rows they change and how they are undone."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.undo_stack import MOST_CHANGES
from catdog_desktop.verdict import Result, Verdict

Verdicts = dict[Path, Verdict | None]
"""The user's own verdict by path; None clears it."""
RatingsByPath = dict[Path, int | None]
"""The user's own rating, 1 to 5 stars, by path; None clears it."""
_Value = TypeVar("_Value")


class _OwnData(Generic[_Value]):
    """One field of `Result` that the user sets. It is shown at once and stored later, by the classifying thread.

    A value belongs to the fingerprint of a photo, so that it holds for all its duplicates. Only a photo whose
    fingerprint is not known yet has its value by path.
    """

    field: str
    """The field of `Result`."""

    def __init__(self) -> None:
        self._undo: list[dict[Path, _Value | None]] = []
        """For each step that can be undone, the values before it."""
        self._unsaved: deque[tuple[dict[Path, _Value | None], dict[Path, _Value | None] | None]] = deque()
        """For each change that the store has not confirmed: all values changed, and its undo step, if it has one."""
        self._by_fingerprint: dict[str, _Value | None] = {}
        self._by_path: dict[Path, _Value | None] = {}

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._undo)

    @property
    def undo_count(self) -> int:
        """The number of changes that can be undone."""
        return len(self._undo)

    def take_undo(self) -> dict[Path, _Value | None] | None:
        """Return the values before the last change and drop that step; None if there is nothing to undo."""
        return self._undo.pop() if self._undo else None

    def move(self, new_paths: Mapping[Path, Path]) -> None:
        """Note that files were moved: new path by old path. Later undo steps apply to the new paths."""
        for values in (*self._undo, self._by_path):
            # Over the few photos of a step, not over the thousands that a sort moves. All old paths are removed before
            # any new one is added: files may have swapped their names.
            moved = {new_paths[old]: values.pop(old) for old in list(values) if old in new_paths}
            values.update(moved)

    def note(self, values: Mapping[Path, _Value | None], gallery: GalleryModel, *, undo: bool) -> list[Result]:
        """Note new values; return the results in `gallery` that they change, duplicates included.

        With `undo` they undo an earlier change and are no step of their own.
        """
        before: dict[Path, _Value | None] = {}
        changed: dict[Path, Result] = {}
        for path, value in values.items():
            row = gallery.row_of(path)
            result = row.result if row is not None else None
            before[path] = self._of(result)
            results = [] if result is None else [result]
            if result is not None and result.fingerprint:
                self._by_fingerprint[result.fingerprint] = value
                self._by_path.pop(path, None)
                results = [row.result for row in gallery.with_fingerprint(result.fingerprint) if row.result is not None]
            else:
                self._by_path[path] = value
            changed.update((one.path, self._with(one, value)) for one in results)
        if not undo:
            self._undo.append(before)
            del self._undo[:-MOST_CHANGES]
        all_changed = dict(values) | {path: self._of(result) for path, result in changed.items()}
        self._unsaved.append((all_changed, None if undo else before))
        return list(changed.values())

    def on_saved(self, before: Mapping[Path, _Value | None] | None) -> dict[Path, _Value | None]:
        """Take what the store held before the oldest unsaved change (None: it could not save the change).

        Returns all values that this change has set, duplicates included.
        """
        all_changed, step = self._unsaved.popleft()
        if step is not None and before is not None:
            # The gallery knows no value of a photo that is still waiting; the store may have one from before.
            step.update((path, value) for path, value in before.items() if path in step and step[path] is None)
        return all_changed

    def forget(self, gallery: GalleryModel) -> list[Result]:
        """Drop the values that the store has just erased, but not those that it has not saved yet.

        Returns the results in `gallery` that lose their value.
        """
        later: dict[Path, _Value | None] = {}
        self._undo, self._by_fingerprint, self._by_path = [], {}, {}
        for all_changed, step in self._unsaved:
            later.update(all_changed)
            if step is not None:
                step.update(dict.fromkeys(step))
                self._undo.append(step)
        for path, value in later.items():
            row = gallery.row_of(path)
            if row is not None and row.result is not None and row.result.fingerprint:
                self._by_fingerprint[row.result.fingerprint] = value
            else:
                self._by_path[path] = value
        rows = [row for row in gallery.rows() if self._of(row.result) is not None and row.path not in later]
        return [self._with(row.result, None) for row in rows if row.result is not None]

    def put_on(self, results: Iterable[Result]) -> list[Result]:
        """Return `results` with the values of this session: photos in flight do not have them yet."""
        if not self._by_fingerprint and not self._by_path:
            return list(results)
        return [self._put_on(result) for result in results]

    def _put_on(self, result: Result) -> Result:
        if result.path in self._by_path:
            value = self._by_path[result.path]
            if result.fingerprint:  # known now: from here on the value belongs to the content, not to the path
                self._by_fingerprint[result.fingerprint] = self._by_path.pop(result.path)
        elif result.fingerprint in self._by_fingerprint:
            value = self._by_fingerprint[result.fingerprint]
        else:
            return result
        return result if value == self._of(result) else self._with(result, value)

    def _of(self, result: Result | None) -> _Value | None:
        value: _Value | None = getattr(result, self.field) if result is not None else None
        return value

    def _with(self, result: Result, value: _Value | None) -> Result:
        change: dict[str, Any] = {self.field: value}
        return replace(result, **change)


class Corrections(_OwnData[Verdict]):
    """The corrections of this session."""

    field = "correction"


class Ratings(_OwnData[int]):
    """The ratings of this session, 1 to 5 stars."""

    field = "rating"
