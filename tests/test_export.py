"""Results as lines of text, JSON and CSV."""

import csv
import io
import json
from pathlib import Path

import pytest

from catdog_desktop.export import CSV_HEADER, FORMATTERS, as_csv_row, as_json_line, as_text, csv_row
from catdog_desktop.verdict import Result, Scores, Thresholds

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)
CAT = Result(Path("a cat.jpg"), Scores(0.99731, 0.00124))
DAMAGED = Result(Path("half.jpg"), Scores(0.55, 0.01), damaged=True)
UNREADABLE = Result(Path("notes.jpg"), error="is not a photo (it holds text)")


def test_text_has_verdict_percentages_and_path_in_columns() -> None:
    lines = [as_text(result, THRESHOLDS) for result in (CAT, DAMAGED, UNREADABLE)]
    assert lines == [
        "cat      cat > 99 %  dog  < 1 %  a cat.jpg\n",
        "unsure   cat   55 %  dog    1 %  half.jpg  (damaged: it ends too early)\n",
        "error                            notes.jpg is not a photo (it holds text)\n",
    ]
    assert len({line.index(path) for line, path in zip(lines, ("a cat", "half", "notes"), strict=True)}) == 1


def test_a_json_line_is_as_promised() -> None:
    assert as_json_line(CAT, THRESHOLDS) == '{"path": "a cat.jpg", "verdict": "cat", "cat": 0.9973, "dog": 0.0012}\n'
    assert json.loads(as_json_line(DAMAGED, THRESHOLDS))["damaged"] is True
    assert as_json_line(UNREADABLE, THRESHOLDS) == (
        '{"path": "notes.jpg", "error": "is not a photo (it holds text)"}\n'
    )


def test_csv_is_read_back_by_its_header() -> None:
    text = csv_row(CSV_HEADER) + "".join(as_csv_row(result, THRESHOLDS) for result in (CAT, DAMAGED, UNREADABLE))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["verdict"] for row in rows] == ["cat", "unsure", ""]
    assert (rows[0]["cat"], rows[1]["damaged"], rows[2]["error"]) == ("0.9973", "yes", UNREADABLE.error)


@pytest.mark.parametrize(
    "name", ["new\nline.jpg", "tab\t.jpg", "red\x1b[31m.jpg", 'quote",.jpg', "猫🐈.jpg", "byte\udcff.jpg"]
)
@pytest.mark.parametrize("format_name", sorted(FORMATTERS))
def test_odd_names_stay_on_one_line_and_can_be_written(format_name: str, name: str) -> None:
    line = FORMATTERS[format_name](Result(Path(name), Scores(0.9, 0.1)), THRESHOLDS)
    line.encode("utf-8")
    if format_name == "csv":
        assert len(list(csv.reader(io.StringIO(line, newline="")))) == 1
    else:
        assert line.count("\n") == 1
        assert "\x1b" not in line
    if format_name == "jsonl":
        assert json.loads(line)["path"] == name
