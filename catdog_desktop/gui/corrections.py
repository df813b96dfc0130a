"""Corrections (the user's own verdicts) while the window is open: which rows they change and how they are undone."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.verdict import Result, Verdict

Verdicts = dict[Path, Verdict | None]
"""The user's own verdict by path; None clears it."""


class Corrections:
    """The corrections of this session. They are shown at once and stored later, by the classifying thread.

    A correction belongs to the fingerprint of a photo, so that it holds for all its duplicates. Only a photo whose
    fingerprint is not known yet has its correction by path.
    """

    def __init__(self) -> None:
        self._undo: list[Verdicts] = []
        """For each step that can be undone, the verdicts before it."""
        self._unsaved: deque[tuple[Verdicts, Verdicts | None]] = deque()
        """For each change that the store has not confirmed: all verdicts changed, and its undo step, if it has one."""
        self._by_fingerprint: dict[str, Verdict | None] = {}
        self._by_path: Verdicts = {}

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._undo)

    def take_undo(self) -> Verdicts | None:
        """Return the verdicts before the last change and drop that step; None if there is nothing to undo."""
        return self._undo.pop() if self._undo else None

    def move(self, new_paths: Mapping[Path, Path]) -> None:
        """Note that files were moved: new path by old path. Later undo steps apply to the new paths."""
        for verdicts in (*self._undo, self._by_path):
            # Over the few photos of a step, not over the thousands that a sort moves. All old paths are removed before
            # any new one is added: files may have swapped their names.
            moved = {new_paths[old]: verdicts.pop(old) for old in list(verdicts) if old in new_paths}
            verdicts.update(moved)

    def note(self, verdicts: Verdicts, gallery: GalleryModel, *, undo: bool) -> list[Result]:
        """Note new verdicts; return the results in `gallery` that they change, duplicates included.

        With `undo` they undo an earlier change and are no step of their own.
        """
        before: Verdicts = {}
        changed: dict[Path, Result] = {}
        for path, verdict in verdicts.items():
            row = gallery.row_of(path)
            result = row.result if row is not None else None
            before[path] = result.correction if result is not None else None
            results = [] if result is None else [result]
            if result is not None and result.fingerprint:
                self._by_fingerprint[result.fingerprint] = verdict
                self._by_path.pop(path, None)
                results = [row.result for row in gallery.with_fingerprint(result.fingerprint) if row.result is not None]
            else:
                self._by_path[path] = verdict
            changed.update((one.path, replace(one, correction=verdict)) for one in results)
        if not undo:
            self._undo.append(before)
        all_changed = verdicts | {path: result.correction for path, result in changed.items()}
        self._unsaved.append((all_changed, None if undo else before))
        return list(changed.values())

    def on_saved(self, before: Verdicts | None) -> Verdicts:
        """Take what the store held before the oldest unsaved change (None: it could not save the change).

        Returns all verdicts that this change has set, duplicates included.
        """
        all_changed, step = self._unsaved.popleft()
        if step is not None and before is not None:
            # The gallery knows no correction of a photo that is still waiting; the store may have one from before.
            step.update((path, verdict) for path, verdict in before.items() if path in step and step[path] is None)
        return all_changed

    def forget(self, gallery: GalleryModel) -> list[Result]:
        """Drop the corrections that the store has just erased, but not those that it has not saved yet.

        Returns the results in `gallery` that lose their correction.
        """
        later: Verdicts = {}
        self._undo, self._by_fingerprint, self._by_path = [], {}, {}
        for all_changed, step in self._unsaved:
            later.update(all_changed)
            if step is not None:
                step.update(dict.fromkeys(step))
                self._undo.append(step)
        for path, verdict in later.items():
            row = gallery.row_of(path)
            if row is not None and row.result is not None and row.result.fingerprint:
                self._by_fingerprint[row.result.fingerprint] = verdict
            else:
                self._by_path[path] = verdict
        rows = [row for row in gallery.rows() if row.corrected and row.path not in later]
        return [replace(row.result, correction=None) for row in rows if row.result is not None]

    def put_on(self, results: Iterable[Result]) -> list[Result]:
        """Return `results` with the corrections of this session: photos in flight do not have them yet."""
        if not self._by_fingerprint and not self._by_path:
            return list(results)
        return [self._corrected(result) for result in results]

    def _corrected(self, result: Result) -> Result:
        if result.path in self._by_path:
            verdict = self._by_path[result.path]
            if result.fingerprint:  # known now: from here on the correction belongs to the content, not to the path
                self._by_fingerprint[result.fingerprint] = self._by_path.pop(result.path)
        elif result.fingerprint in self._by_fingerprint:
            verdict = self._by_fingerprint[result.fingerprint]
        else:
            return result
        return result if verdict is result.correction else replace(result, correction=verdict)
