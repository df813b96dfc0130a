"""Results as lines of text, JSON and CSV."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo
from catdog_desktop.exporting.text_formats import (
    COMMAS,
    CSV_HEADER,
    FORMATTERS,
    FULL_CSV_HEADER,
    SEMICOLONS,
    CsvStyle,
    as_csv_row,
    as_full_csv_row,
    as_full_json_line,
    as_json_line,
    as_text,
    csv_row,
)
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)
CAT = Result(Path("a cat.jpg"), Scores(0.99731, 0.00124))
DAMAGED = Result(Path("half.jpg"), Scores(0.55, 0.01), info=PhotoInfo(damaged=True))
UNREADABLE = Result(Path("notes.jpg"), error="is not a photo (it holds text)")


def test_as_text_aligns_columns() -> None:
    lines = [as_text(result, THRESHOLDS) for result in (CAT, DAMAGED, UNREADABLE)]
    assert lines == [
        "cat      cat >99%  dog  <1%  a cat.jpg\n",
        "unsure   cat  55%  dog   1%  half.jpg  (damaged: it ends too early)\n",
        "error                        notes.jpg is not a photo (it holds text)\n",
    ]
    assert len({line.index(path) for line, path in zip(lines, ("a cat", "half", "notes"), strict=True)}) == 1


def test_as_json_line_keys() -> None:
    assert as_json_line(CAT, THRESHOLDS) == '{"path": "a cat.jpg", "verdict": "cat", "cat": 0.9973, "dog": 0.0012}\n'
    assert json.loads(as_json_line(DAMAGED, THRESHOLDS))["damaged"] is True
    assert as_json_line(UNREADABLE, THRESHOLDS) == (
        '{"path": "notes.jpg", "error": "is not a photo (it holds text)"}\n'
    )


def test_csv_rows_match_header() -> None:
    text = csv_row(CSV_HEADER) + "".join(as_csv_row(result, THRESHOLDS) for result in (CAT, DAMAGED, UNREADABLE))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["verdict"] for row in rows] == ["cat", "unsure", ""]
    assert (rows[0]["cat"], rows[1]["damaged"], rows[2]["error"]) == ("0.9973", "yes", UNREADABLE.error)


@pytest.mark.parametrize(
    "name", ["new\nline.jpg", "tab\t.jpg", "red\x1b[31m.jpg", 'quote",.jpg', "猫🐈.jpg", "byte\udcff.jpg"]
)
@pytest.mark.parametrize("format_name", sorted(FORMATTERS))
def test_formatters_unusual_names_stay_on_one_line(format_name: str, name: str) -> None:
    line = FORMATTERS[format_name](Result(Path(name), Scores(0.9, 0.1)), THRESHOLDS)
    line.encode("utf-8")
    if format_name == "csv":
        assert len(list(csv.reader(io.StringIO(line, newline="")))) == 1
    else:
        assert line.count("\n") == 1
        assert "\x1b" not in line
    if format_name == "jsonl":
        assert json.loads(line)["path"] == name


FULL = replace(
    CAT, info=PhotoInfo(4032, 3024, datetime(2024, 5, 12, 10, 11, 12), 1_234_567, date_source=DateSource.TAKEN)
)


def test_formatters_correction_overrides_scores() -> None:
    own, unreadable = (replace(result, correction=Verdict.BOTH) for result in (CAT, UNREADABLE))
    assert as_text(own, THRESHOLDS) == "both     cat >99%  dog  <1%  a cat.jpg  (your verdict)\n"
    assert as_text(unreadable, THRESHOLDS).endswith("(it holds text)  (your verdict: both)\n")
    entry = json.loads(as_json_line(own, THRESHOLDS))
    assert entry == {"path": "a cat.jpg", "verdict": "both", "cat": 0.9973, "dog": 0.0012, "corrected": True}
    assert json.loads(as_json_line(unreadable, THRESHOLDS))["verdict"] == "both"
    rows = csv.DictReader([csv_row(CSV_HEADER), as_csv_row(own, THRESHOLDS), as_csv_row(unreadable, THRESHOLDS)])
    assert [(row["verdict"], row["corrected"]) for row in rows] == [("both", "yes")] * 2


def test_full_formats_add_photo_info() -> None:
    rows = list(csv.DictReader([csv_row(FULL_CSV_HEADER), as_full_csv_row(FULL, THRESHOLDS)]))
    assert [(row["taken"], row["width"], row["height"], row["bytes"]) for row in rows] == [
        ("2024-05-12 10:11:12", "4032", "3024", "1234567")
    ]
    assert [(row["date"], row["date_source"]) for row in rows] == [("2024-05-12 10:11:12", "camera")]
    assert len(next(csv.reader([as_full_csv_row(UNREADABLE, THRESHOLDS)]))) == len(FULL_CSV_HEADER)
    assert json.loads(as_full_json_line(FULL, THRESHOLDS)) == {
        "path": "a cat.jpg",
        "verdict": "cat",
        "cat": 0.9973,
        "dog": 0.0012,
        "taken": "2024-05-12T10:11:12",
        "width": 4032,
        "height": 3024,
        "bytes": 1234567,
        "date": "2024-05-12T10:11:12",
        "date_source": "camera",
    }
    assert as_full_json_line(UNREADABLE, THRESHOLDS) == as_json_line(UNREADABLE, THRESHOLDS)


@pytest.mark.parametrize("source", [DateSource.EXIF, DateSource.FILE_NAME, DateSource.FILE_TIME])
def test_full_formats_call_only_capture_dates_taken(source: DateSource) -> None:
    result = replace(FULL, info=replace(FULL.info, date_source=source))
    entry = json.loads(as_full_json_line(result, THRESHOLDS))
    assert "taken" not in entry
    assert (entry["date"], entry["date_source"]) == ("2024-05-12T10:11:12", str(source))
    (row,) = csv.DictReader([csv_row(FULL_CSV_HEADER), as_full_csv_row(result, THRESHOLDS)])
    assert (row["taken"], row["date"], row["date_source"]) == ("", "2024-05-12 10:11:12", str(source))


def test_csv_semicolons_use_decimal_comma() -> None:
    row = next(csv.reader([as_csv_row(CAT, THRESHOLDS, SEMICOLONS)], delimiter=";"))
    assert row[:5] == ["a cat.jpg", "cat", "", "0,9973", "0,0012"]
    assert as_csv_row(CAT, THRESHOLDS, SEMICOLONS).count('"0,9973"') == 1


FORMULA_CHARACTERS = "=+-@|%\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("style", [COMMAS, SEMICOLONS], ids=["commas", "semicolons"])
@pytest.mark.parametrize(
    "text",
    [
        *(f"{sign}cmd|' /C calc'!A0" for sign in FORMULA_CHARACTERS),
        '=HYPERLINK("file:///etc/passwd","a cat")',
        " =1+1",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\u00a0=1+1",
        "-2+3",
        "@SUM(1)",
    ],
)
def test_csv_no_cell_begins_a_formula(text: str, style: CsvStyle) -> None:
    """Neither as a whole nor split at another separator."""
    result = Result(Path(f"{text}.jpg"), error=f"{text} was said")
    line = as_full_csv_row(result, THRESHOLDS, style)
    cells = next(csv.reader(io.StringIO(line, newline=""), delimiter=style.separator))
    assert len(cells) == len(FULL_CSV_HEADER)
    for cell in cells:
        assert not cell.strip().startswith(tuple(FORMULA_CHARACTERS)), cell
        assert not cell.startswith(("\t", "\r", "\n"))
    assert cells[-1] == f"'{text} was said"
    assert Path(cells[0]) == result.path, "the path is still valid"


@pytest.mark.parametrize("other", [",", ";", "\t"])
def test_csv_name_with_other_separator_is_quoted(other: str) -> None:
    line = as_csv_row(Result(Path(f"a{other}=1+1{other}.jpg"), Scores(0.9, 0.1)), THRESHOLDS)
    cells = next(csv.reader(io.StringIO(line, newline=""), delimiter=other))
    assert cells[0].startswith(f"a{other}=1+1{other}.jpg")
    assert not any(cell.startswith("=") for cell in cells)


def test_plain_rows_are_not_quoted() -> None:
    assert as_csv_row(CAT, THRESHOLDS) == "a cat.jpg,cat,,0.9973,0.0012,,\n"
