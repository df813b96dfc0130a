"""Results as lines: for people, for programs (JSON lines), for spreadsheets (CSV)."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from catdog_desktop.formatting import encodable, format_percent, printable_path
from catdog_desktop.verdict import Result, Thresholds

CSV_HEADER: Final = ("path", "verdict", "corrected", "cat", "dog", "damaged", "error")
FULL_CSV_HEADER: Final = (*CSV_HEADER[:-2], "taken", "width", "height", "bytes", *CSV_HEADER[-2:])

Formatter = Callable[[Result, Thresholds], str]
"""A result becomes one line, its end included."""

_FORMULA_SIGNS: Final = tuple("=+-@\uff1d\uff0b\uff0d\uff20|%")
"""By these a spreadsheet knows a formula or a command, the wide ones of Chinese and Japanese keyboards among them."""
_TO_QUOTE: Final = frozenset("\",;\t\r\n'")
"""Quoted whichever separator the spreadsheet takes: a cell that is split may begin a formula in its second half."""


@dataclass(frozen=True, slots=True)
class CsvStyle:
    """How a spreadsheet reads numbers and columns: as its language does."""

    separator: str = ","
    decimal_point: str = "."


COMMAS: Final = CsvStyle()
SEMICOLONS: Final = CsvStyle(";", ",")
"""As spreadsheets want it where 0.5 is written 0,5."""


def as_text(result: Result, thresholds: Thresholds) -> str:
    """Return a line to read: verdict, two scores, path, in columns."""
    path = printable_path(result.path)
    verdict = result.verdict(thresholds)
    if result.scores is None:
        own = "" if verdict is None else f"  (you say: {verdict})"
        return f"{'error':<29}{path} {result.error}{own}\n"
    scores = result.scores
    line = f"{verdict:<9}cat {format_percent(scores.cat):>4}  dog {format_percent(scores.dog):>4}  {path}"
    if result.correction is not None:
        line += "  (you said so)"
    return f"{line}  (damaged: it ends too early)\n" if result.info.damaged else f"{line}\n"


def as_json_line(result: Result, thresholds: Thresholds) -> str:
    """Return a JSON object on one line; bytes of a name that are no text are there as lone surrogates."""
    return json_line(_entry(result, thresholds))


def as_full_json_line(result: Result, thresholds: Thresholds) -> str:
    """Return the same with what else is known of the photo: when it was taken, its pixels and bytes."""
    entry = _entry(result, thresholds)
    if result.error is None:
        if result.info.date is not None:
            entry["taken"] = result.info.date.isoformat(timespec="seconds")
        entry |= {"width": result.info.width, "height": result.info.height, "bytes": result.info.file_bytes}
    return json_line(entry)


def json_line(entry: dict[str, Any]) -> str:
    """Return `entry` as a line of UTF-8, or of ASCII where it holds what is no text."""
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
        return csv_row((*start, "", "", "", "", *end), style)
    # So written, a date is a date in every language's spreadsheet.
    taken = "" if result.info.date is None else f"{result.info.date:%Y-%m-%d %H:%M:%S}"
    info = result.info
    return csv_row((*start, taken, str(info.width), str(info.height), str(info.file_bytes), *end), style)


def csv_row(cells: Iterable[str], style: CsvStyle = COMMAS) -> str:
    """Return `cells` as a row, quoted where needed, and no cell such that a spreadsheet takes it for a formula."""
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
    """Return `path` so that it begins no formula and is still the same path: `-x.jpg` becomes `./-x.jpg`."""
    text = encodable(str(path))
    return f".{os.sep}{text}" if _begins_formula(text) else text


def _cells(result: Result, thresholds: Thresholds, style: CsvStyle) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the cells of path, verdicts and scores, and those of what is wrong."""
    scores = ["", ""]
    if result.scores is not None:
        both = (result.scores.cat, result.scores.dog)
        scores = [f"{score:.4f}".replace(".", style.decimal_point) for score in both]
    corrected = "yes" if result.correction is not None else ""
    start = (_path_cell(result.path), str(result.verdict(thresholds) or ""), corrected, *scores)
    return start, ("yes" if result.info.damaged else "", result.error or "")


def _entry(result: Result, thresholds: Thresholds) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": _whole_letters(str(result.path))}
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
    if result.looked_closer:
        entry["looked_closer"] = True
    return entry


FORMATTERS: Final[dict[str, Formatter]] = {"text": as_text, "jsonl": as_json_line, "csv": as_csv_row}


def _whole_letters(text: str) -> str:
    """Join surrogates that are the bytes of UTF-8: Python reads names so where the locale knows ASCII alone."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # from a Windows name, which is UTF-16
        return text
