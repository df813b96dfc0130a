"""Exports to a file: atomic, and never over an existing file without permission."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.exporting.export_file import (
    ExportError,
    ExportFormat,
    ExportProblem,
    FileExport,
    format_by_name,
    write_export,
)
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Result, Scores, Thresholds

RESULTS = [Result(Path(f"/pets/IMG_{number} 猫.jpg"), Scores(0.99, 0.01)) for number in range(5)]
RESULTS.append(Result(Path("/pets/notes.jpg"), error="is not a photo (it holds text)"))
FILES = [ExportFormat.CSV, ExportFormat.JSON_LINES, ExportFormat.CONTACT_SHEET]


def export(format_: ExportFormat = ExportFormat.CSV) -> FileExport:
    return FileExport(RESULTS, Thresholds(), format_)


def has(problem: ExportProblem) -> Callable[[ExportError], bool]:
    """Return a check for an error with this problem."""
    return lambda error: error.problem is problem


def test_write_export_csv_begins_with_byte_order_mark(tmp_path: Path) -> None:
    write_export(export(), tmp_path / "pets.csv")
    raw = (tmp_path / "pets.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfpath,verdict,")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert [row["path"] for row in rows] == [str(result.path) for result in RESULTS]


def test_write_export_json_lines_are_json(tmp_path: Path) -> None:
    write_export(export(ExportFormat.JSON_LINES), tmp_path / "pets.jsonl")
    lines = (tmp_path / "pets.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["path"] for line in lines] == [str(result.path) for result in RESULTS]


@pytest.mark.parametrize("format_", FILES)
def test_write_export_progress_reaches_total(format_: ExportFormat, tmp_path: Path) -> None:
    reported: list[Progress] = []
    write_export(export(format_), tmp_path / "out", on_progress=reported.append)
    assert [progress.done for progress in reported] == sorted(progress.done for progress in reported)
    assert reported[-1] == Progress(len(RESULTS), len(RESULTS))


@pytest.mark.parametrize("format_", FILES)
def test_write_export_cancelled_leaves_nothing(format_: ExportFormat, tmp_path: Path) -> None:
    token = CancelToken()

    def cancel_at_two(progress: Progress) -> None:
        if progress.done == 2:
            token.cancel()

    with pytest.raises(Cancelled):
        write_export(export(format_), tmp_path / "out", on_progress=cancel_at_two, cancel_token=token)
    assert list(tmp_path.iterdir()) == []


def test_write_export_existing_file_needs_replace(tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    path.write_text("mine")
    with pytest.raises(ExportError, match="exists already", check=has(ExportProblem.EXISTS)):
        write_export(export(), path)
    assert path.read_text() == "mine"
    write_export(export(), path, replace=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(tmp_path.iterdir()) == [path]


def test_write_export_file_created_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    with pytest.raises(ExportError, check=has(ExportProblem.EXISTS)):
        write_export(export(), path, on_progress=lambda _: path.write_text("mine"))
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("folder", ExportProblem.IS_A_FOLDER),
        ("missing/pets.csv", ExportProblem.NO_FOLDER),
        ("n" * 300, ExportProblem.NOT_WRITTEN),
    ],
)
def test_write_export_invalid_target_raises(name: str, problem: ExportProblem, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ExportError, check=has(problem)) as raised:
        write_export(export(), tmp_path / name)
    assert raised.value.path == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_write_export_read_only_folder_raises(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ExportError, check=has(ExportProblem.NOT_WRITTEN)):
            write_export(export(), tmp_path / "pets.csv")
    finally:
        tmp_path.chmod(0o700)


def test_write_export_xmp_raises(tmp_path: Path) -> None:
    with pytest.raises(ExportError, check=has(ExportProblem.NEEDS_SIDECARS)):
        write_export(export(ExportFormat.XMP), tmp_path / "pets.xmp")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.csv", ExportFormat.CSV),
        ("A.CSV", ExportFormat.CSV),
        ("a.jsonl", ExportFormat.JSON_LINES),
        ("a.ndjson", ExportFormat.JSON_LINES),
        ("a.html", ExportFormat.CONTACT_SHEET),
        ("a.htm", ExportFormat.CONTACT_SHEET),
        ("a.txt", None),
        ("csv", None),
    ],
)
def test_format_by_name_uses_extension(name: str, format_: ExportFormat | None) -> None:
    assert format_by_name(Path(name)) is format_


@pytest.mark.parametrize("problem", ExportProblem)
def test_str_of_each_problem_is_a_filled_in_sentence(problem: ExportProblem) -> None:
    text = str(ExportError(problem, Path("/pets/a.csv"), "some reason"))
    assert not set("{}") & set(text)
    assert text.endswith(".")
