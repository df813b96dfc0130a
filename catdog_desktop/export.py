"""Results as lines: for people, for programs (JSON lines), for spreadsheets (CSV)."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from catdog_desktop.verdict import Result, Thresholds, format_percent

CSV_HEADER: Final = ("path", "verdict", "cat", "dog", "damaged", "error")

Formatter = Callable[[Result, Thresholds], str]
"""A result becomes one line, its end included."""


def as_text(result: Result, thresholds: Thresholds) -> str:
    """Return a line to read: verdict, two scores, path, in columns."""
    path = printable_path(result.path)
    if result.scores is None:
        return f"{'error':<33}{path} {result.error}\n"
    scores = result.scores
    line = (
        f"{thresholds.judge(scores):<9}cat {format_percent(scores.cat):>6}  dog {format_percent(scores.dog):>6}  {path}"
    )
    return f"{line}  (damaged: it ends too early)\n" if result.damaged else f"{line}\n"


def as_json_line(result: Result, thresholds: Thresholds) -> str:
    """Return a JSON object on one line; bytes of a name that are no text are there as lone surrogates."""
    entry: dict[str, Any] = {"path": _whole_letters(str(result.path))}
    if result.scores is None:
        entry["error"] = result.error
    else:
        entry["verdict"] = str(thresholds.judge(result.scores))
        entry["cat"] = round(result.scores.cat, 4)
        entry["dog"] = round(result.scores.dog, 4)
        if result.damaged:
            entry["damaged"] = True
    line = json.dumps(entry, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(entry)
    return line + "\n"


def as_csv_row(result: Result, thresholds: Thresholds) -> str:
    """Return a row with the columns of `CSV_HEADER`."""
    path = encodable(str(result.path))
    if result.scores is None:
        return csv_row((path, "", "", "", "", result.error or ""))
    cat, dog = result.scores.cat, result.scores.dog
    verdict = str(thresholds.judge(result.scores))
    return csv_row((path, verdict, f"{cat:.4f}", f"{dog:.4f}", "yes" if result.damaged else "", ""))


def csv_row(cells: tuple[str, ...]) -> str:
    """Return `cells` as a row, quoted where needed."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(cells)
    return row.getvalue()


FORMATTERS: Final[dict[str, Formatter]] = {"text": as_text, "jsonl": as_json_line, "csv": as_csv_row}


def printable_path(path: Path) -> str:
    """Return `path` fit for one line of a terminal: what would break or colour it is written as an escape."""
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in ("Cc", "Zl", "Zp")
        else character
        for character in encodable(str(path))
    )


def _whole_letters(text: str) -> str:
    """Join surrogates that are the bytes of UTF-8: Python reads names so where the locale knows ASCII alone."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # from a Windows name, which is UTF-16
        return text


def encodable(text: str) -> str:
    """Return `text` with the bytes that are no UTF-8 (surrogates, in Python) written as escapes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        try:
            raw = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # from a Windows name, which is UTF-16
            raw = text.encode("utf-8", "backslashreplace")
        return raw.decode("utf-8", "backslashreplace")
    return text
