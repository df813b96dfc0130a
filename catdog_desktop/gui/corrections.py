"""The verdicts that the user gave while the window was open: which rows they change, and how they are undone."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.verdict import Result, Verdict

Verdicts = dict[Path, Verdict | None]
"""What the user says of photos; None is nothing."""


class Corrections:
    """What the user said. It is shown at once; the store, which keeps it, hears of it after."""

    def __init__(self) -> None:
        self._undo: list[Verdicts] = []
        self._unanswered: deque[tuple[Verdicts, Verdicts | None]] = deque()
        """What the store has been told and has not answered yet: all that has changed, and how to undo it."""
        self._by_content: dict[str, Verdict | None] = {}
        self._by_path: Verdicts = {}
        """Those of photos whose content was not known yet."""

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._undo)

    def take_undo(self) -> Verdicts | None:
        """Return the verdicts before the last change, once; None if there is none."""
        return self._undo.pop() if self._undo else None

    def move(self, places: Mapping[Path, Path]) -> None:
        """Note that files lie elsewhere now, from the keys to the values: what is undone is undone there."""
        for verdicts in (*self._undo, self._by_path):
            # The few that a step holds, not the thousands that a sort moved; all out before any goes in: files may
            # have changed places.
            moved = {places[old]: verdicts.pop(old) for old in list(verdicts) if old in places}
            verdicts.update(moved)

    def note(self, verdicts: Verdicts, gallery: GalleryModel, *, undo: bool) -> list[Result]:
        """Note what the user says; return the results in `gallery` that it changes, equal photos included."""
        before: Verdicts = {}
        changed: dict[Path, Result] = {}
        for path, verdict in verdicts.items():
            row = gallery.row_of(path)
            result = row.result if row is not None else None
            before[path] = result.correction if result is not None else None
            results = [] if result is None else [result]
            if result is not None and result.fingerprint:
                self._by_content[result.fingerprint] = verdict
                self._by_path.pop(path, None)
                results = [row.result for row in gallery.with_content(result.fingerprint) if row.result is not None]
            else:
                self._by_path[path] = verdict
            changed.update((one.path, replace(one, correction=verdict)) for one in results)
        if not undo:
            self._undo.append(before)
        told = verdicts | {path: result.correction for path, result in changed.items()}
        self._unanswered.append((told, None if undo else before))
        return list(changed.values())

    def answer(self, before: Verdicts | None) -> Verdicts:
        """Take what the store knew before the oldest change it was told of (None: it could not keep that change).

        Returns all that this has changed, as it is now.
        """
        told, step = self._unanswered.popleft()
        if step is not None and before is not None:
            # The gallery knows nothing yet of a photo that waits; the store may.
            step.update((path, verdict) for path, verdict in before.items() if path in step and step[path] is None)
        return told

    def forget(self, gallery: GalleryModel) -> list[Result]:
        """Forget all but what was said since the store was told to; return the results in `gallery` without theirs."""
        later: Verdicts = {}
        self._undo, self._by_content, self._by_path = [], {}, {}
        for told, before in self._unanswered:
            later.update(told)
            if before is not None:
                before.update(dict.fromkeys(before))
                self._undo.append(before)
        for path, verdict in later.items():
            row = gallery.row_of(path)
            if row is not None and row.result is not None and row.result.fingerprint:
                self._by_content[row.result.fingerprint] = verdict
            else:
                self._by_path[path] = verdict
        rows = [row for row in gallery.rows() if row.corrected and row.path not in later]
        return [replace(row.result, correction=None) for row in rows if row.result is not None]

    def put_on(self, results: Iterable[Result]) -> list[Result]:
        """Return results with the verdicts on them: those under way when the user spoke do not have them."""
        if not self._by_content and not self._by_path:
            return list(results)
        return [self._with_verdict(result) for result in results]

    def _with_verdict(self, result: Result) -> Result:
        if result.path in self._by_path:
            verdict = self._by_path[result.path]
            if result.fingerprint:  # from now on it belongs to the content, whatever comes to lie at the path
                self._by_content[result.fingerprint] = self._by_path.pop(result.path)
        elif result.fingerprint in self._by_content:
            verdict = self._by_content[result.fingerprint]
        else:
            return result
        return result if verdict is result.correction else replace(result, correction=verdict)
