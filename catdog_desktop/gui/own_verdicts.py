"""The verdicts that the user gave while the window was open: which rows they change, and how they are undone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from catdog_desktop.gui.rows import Row
from catdog_desktop.gui.worker import Corrected
from catdog_desktop.verdict import Result, Verdict


class OwnVerdicts:
    """What the worker has answered. The store keeps the verdicts; this brings them to what is shown."""

    def __init__(self) -> None:
        self._undo: list[dict[Path, Verdict | None]] = []
        self._by_content: dict[str, Verdict | None] = {}
        self._by_path: dict[Path, Verdict | None] = {}
        """Those of photos whose content was not known yet."""

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._undo)

    def take_undo(self) -> dict[Path, Verdict | None] | None:
        """Return the verdicts before the last change, once; None if there is none."""
        return self._undo.pop() if self._undo else None

    def move(self, places: Mapping[Path, Path]) -> None:
        """Note that files lie elsewhere now, from the keys to the values: what is undone is undone there."""
        self._undo = [{places.get(path, path): verdict for path, verdict in before.items()} for before in self._undo]
        self._by_path = {places.get(path, path): verdict for path, verdict in self._by_path.items()}

    def note(self, answer: Corrected, rows: Iterable[Row]) -> list[Result]:
        """Note what the user said; return the results among `rows` that it changes, equal photos included."""
        results = [row.result for row in rows if row.result is not None]
        by_path = {result.path: result for result in results}
        if not answer.undo:
            self._undo.append(
                {path: by_path[path].correction if path in by_path else None for path in answer.verdicts}
                if answer.before is None
                else answer.before
            )
        for path, verdict in answer.verdicts.items():
            result = by_path.get(path)
            if result is not None and result.content:
                self._by_content[result.content] = verdict
                self._by_path.pop(path, None)
            else:
                self._by_path[path] = verdict
        corrected = zip(results, self.put_on(results), strict=True)
        return [after for before, after in corrected if after is not before]

    def put_on(self, results: Iterable[Result]) -> list[Result]:
        """Return results with the verdicts on them: those under way when the user spoke do not have them."""
        if not self._by_content and not self._by_path:
            return list(results)
        return [self._with_verdict(result) for result in results]

    def _with_verdict(self, result: Result) -> Result:
        if result.path in self._by_path:
            verdict = self._by_path[result.path]
            if result.content:  # from now on it belongs to the content, whatever comes to lie at the path
                self._by_content[result.content] = self._by_path.pop(result.path)
        elif result.content in self._by_content:
            verdict = self._by_content[result.content]
        else:
            return result
        return result if verdict is result.correction else replace(result, correction=verdict)
