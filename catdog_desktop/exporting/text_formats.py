"""Results as lines of text, JSON or CSV."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from catdog_desktop.decoding.problem_text import problem_text
from catdog_desktop.file_kinds import is_raw
from catdog_desktop.formatting import encodable, format_percent, padded, printable_path
from catdog_desktop.messages import _
from catdog_desktop.verdict import Result, Thresholds
from catdog_desktop.verdict_text import verdict_word

CSV_HEADER: Final = ("path", "verdict", "corrected", "cat", "dog", "damaged", "error")
FULL_CSV_HEADER: Final = (
    *CSV_HEADER[:-2],
    "taken",
    "width",
    "height",
    "bytes",
    "date",
    "date_source",
    *CSV_HEADER[-2:],
)

Formatter = Callable[[Result, Thresholds], str]
"""Returns a result as one line with its line end."""

_FORMULA_SIGNS: Final = tuple("=+-@\uff1d\uff0b\uff0d\uff20|%")
"""Spreadsheets take a cell that begins with one of these for a formula. Includes full-width forms."""
_TO_QUOTE: Final = frozenset("\",;\t\r\n'")
"""Cells with one of these are quoted for every separator: part of a cell that is split could begin a formula."""


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """Separator and decimal point, which spreadsheets take from their language."""

    separator: str = ","
    decimal_point: str = "."


COMMAS: Final = CsvStyle()
SEMICOLONS: Final = CsvStyle(";", ",")
"""For languages that write 0.5 as 0,5."""


def as_text(result: Result, thresholds: Thresholds) -> str:
    """Return a line in columns for people: verdict, two scores, path."""
    path = printable_path(result.path)
    verdict = result.verdict(thresholds)
    if result.scores is None:
        own = "" if verdict is None else "  " + _("(your verdict: {verdict})").format(verdict=verdict_word(verdict))
        problem = _("{name} {problem}").format(name=path, problem=problem_text(result.error or ""))
        return f"{padded(_('error'), 29)}{problem}{own}\n"
    scores = result.scores
    assert verdict is not None  # There are scores.
    cat = _("cat {score}").format(score=f"{format_percent(scores.cat):>4}")
    dog = _("dog {score}").format(score=f"{format_percent(scores.dog):>4}")
    line = f"{padded(verdict_word(verdict), 9)}{cat}  {dog}  {path}"
    if result.correction is not None:
        line += "  " + _("(your verdict)")
    if is_raw(result.path):
        line += "  " + _("(raw, judged by its preview)")
    return f"{line}  {_('(damaged: it ends too early)')}\n" if result.info.damaged else f"{line}\n"


def as_json_line(result: Result, thresholds: Thresholds) -> str:
    """Return a JSON object on one line. Bytes of a name that are not valid UTF-8 become lone surrogates."""
    return json_line(_entry(result, thresholds))


def as_full_json_line(result: Result, thresholds: Thresholds) -> str:
    """Return `as_json_line` with the date, the size in pixels and the size in bytes."""
    entry = _entry(result, thresholds)
    if result.error is None:
        if result.info.taken is not None:
            entry["taken"] = result.info.taken.isoformat(timespec="seconds")
        if result.info.date is not None:
            entry["date"] = result.info.date.isoformat(timespec="seconds")
        if result.info.date_source is not None:
            entry["date_source"] = str(result.info.date_source)
        entry |= {"width": result.info.width, "height": result.info.height, "bytes": result.info.file_bytes}
    return json_line(entry)


def json_line(entry: dict[str, Any]) -> str:
    """Return `entry` as a line that can be encoded as UTF-8. Lone surrogates become JSON escapes."""
    line = json.dumps(entry, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(entry)
    return line + "\n"


def as_csv_row(result: Result, thresholds: Thresholds, style: CsvStyle = COMMAS) -> str:
    """Return a row with the columns of `CSV_HEADER`."""
    start, end = _cells(result, thresholds, style)
    return csv_row((*start, *end), style)


def as_full_csv_row(result: Result, thresholds: Thresholds, style: CsvStyle = COMMAS) -> str:
    """Return a row with the columns of `FULL_CSV_HEADER`."""
    start, end = _cells(result, thresholds, style)
    if result.error is not None:
        return csv_row((*start, "", "", "", "", "", "", *end), style)
    # Spreadsheets in every language read this form as a date.
    info = result.info
    taken, date = ("" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (info.taken, info.date))
    source = "" if info.date_source is None else str(info.date_source)
    size = (str(info.width), str(info.height), str(info.file_bytes))
    return csv_row((*start, taken, *size, date, source, *end), style)


def csv_row(cells: Iterable[str], style: CsvStyle = COMMAS) -> str:
    """Return `cells` as a row, quoted where needed. No cell can be taken for a formula."""
    return style.separator.join(map(_as_cell, cells)) + "\n"


def _as_cell(text: str) -> str:
    if _begins_formula(text):
        text = "'" + text
    if text != text.strip() or not _TO_QUOTE.isdisjoint(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _begins_formula(text: str) -> bool:
    return text.lstrip().startswith(_FORMULA_SIGNS) or text.startswith(("\t", "\r", "\n"))


def _path_cell(path: Path) -> str:
    """Return `path` so that it is no formula and is still the same path: `-x.jpg` becomes `./-x.jpg`."""
    text = encodable(str(path))
    return f".{os.sep}{text}" if _begins_formula(text) else text


def _cells(result: Result, thresholds: Thresholds, style: CsvStyle) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the cells for path, verdict and scores, and the cells for damage and error."""
    scores = ["", ""]
    if result.scores is not None:
        both = (result.scores.cat, result.scores.dog)
        scores = [f"{score:.4f}".replace(".", style.decimal_point) for score in both]
    corrected = "yes" if result.correction is not None else ""
    start = (_path_cell(result.path), str(result.verdict(thresholds) or ""), corrected, *scores)
    return start, ("yes" if result.info.damaged else "", result.error or "")


def _entry(result: Result, thresholds: Thresholds) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": _joined_surrogates(str(result.path))}
    verdict = result.verdict(thresholds)
    if verdict is not None:
        entry["verdict"] = str(verdict)
    if result.scores is not None:
        entry["cat"] = round(result.scores.cat, 4)
        entry["dog"] = round(result.scores.dog, 4)
    else:
        entry["error"] = result.error
    if result.correction is not None:
        entry["corrected"] = True
    if result.info.damaged:
        entry["damaged"] = True
    if result.scores is not None and is_raw(result.path):
        entry["judged_by_preview"] = True
    if result.looked_closer:
        entry["looked_closer"] = True
    if result.model_scores is not None:
        entry["learnt"] = True
    return entry


FORMATTERS: Final[dict[str, Formatter]] = {"text": as_text, "jsonl": as_json_line, "csv": as_csv_row}


def _joined_surrogates(text: str) -> str:
    """Decode surrogates that are bytes of valid UTF-8. Python makes them in an ASCII locale."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # From a Windows name, which is UTF-16.
        return text
