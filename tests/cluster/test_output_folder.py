"""Output folders: finished parts stay, damaged parts are repeated, jobs are not mixed."""

import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cluster_errors import has

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem
from catdog_desktop.cluster.listing import open_listing
from catdog_desktop.cluster.output_folder import OutputFolder
from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.verdict import Result, Scores, Thresholds

ODD = os.fsdecode(b"/nas/\xff.jpg")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def open_output(
    out: Path, model: ModelFile, photos: int = 5, part_size: int = 2, *, retry: bool = False
) -> OutputFolder:
    listing = out.parent / f"listing-{photos}"
    listing.write_text("\n".join(f"/nas/{number}.jpg" for number in range(photos)))
    return OutputFolder(out, open_listing(listing), model, part_size, retry=retry)


def classified(paths: list[Path]) -> list[Result]:
    return [Result(path, scores=Scores(0.99, 0.01), info=PhotoInfo(4, 3)) for path in paths]


def fill(output: OutputFolder) -> None:
    for number, photos in output.missing():
        output.write(number, classified(photos))


def test_missing_parts_cover_the_listing(out: Path, model: ModelFile) -> None:
    output = open_output(out, model)
    assert (output.parts, output.is_done, output.photos_done) == (3, False, 0)
    assert [(n, [p.name for p in photos]) for n, photos in output.missing()] == [
        (0, ["0.jpg", "1.jpg"]),
        (1, ["2.jpg", "3.jpg"]),
        (2, ["4.jpg"]),
    ]
    fill(output)
    assert (output.is_done, output.photos_done, output.tally) == (True, 5, {"cat": 5})
    assert sorted(path.name for path in out.iterdir()) == ["_job.json", *(f"part-00000{n}.parquet" for n in range(3))]
    paths = pq.read_table(out)["path"].to_pylist()  # Names with a leading underscore are ignored.
    assert paths == [f"/nas/{number}.jpg" for number in range(5)]


def test_reopened_folder_continues_with_missing_parts(out: Path, model: ModelFile) -> None:
    first = open_output(out, model)
    first.write(1, classified([Path("/nas/2.jpg"), Path("/nas/3.jpg")]))
    again = open_output(out, model, part_size=4)
    assert again.part_size == 2, "as in the first run"
    assert (again.done, again.done_before, again.photos_done) == ({1}, 1, 2)
    assert [number for number, _ in again.missing()] == [0, 2]


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"PAR1" + b"\0" * 200])
def test_damaged_part_is_missing(damage: bytes, out: Path, model: ModelFile) -> None:
    fill(open_output(out, model))
    (out / "part-000001.parquet").write_bytes(damage)
    assert open_output(out, model).done == {0, 2}


def test_temporary_file_is_no_part(out: Path, model: ModelFile) -> None:
    fill(open_output(out, model))
    (out / "part-000000.parquet").rename(out / "_part-000000.parquet.tmp")
    output = open_output(out, model)
    assert output.done == {1, 2}
    fill(output)
    assert not list(out.glob("*.tmp"))


def test_retry_repeats_parts_with_temporary_errors(out: Path, model: ModelFile) -> None:
    output = open_output(out, model)
    fill(output)
    output.write(0, [Result(Path("/nas/0.jpg"), error="is damaged"), *classified([Path("/nas/1.jpg")])])
    output.write(
        1, [Result(Path("/nas/2.jpg"), error="is gone", error_is_temporary=True), *classified([Path("/nas/3.jpg")])]
    )
    assert open_output(out, model).is_done
    assert open_output(out, model, retry=True).done == {0, 2}


def test_other_listing_or_model_raises(out: Path, model: ModelFile) -> None:
    fill(open_output(out, model))
    with pytest.raises(ClusterError, check=has(ClusterProblem.OTHER_LISTING)):
        open_output(out, model, photos=6)
    with pytest.raises(ClusterError, check=has(ClusterProblem.OTHER_MODEL)):
        open_output(out, replace(model, sha256="0" * 64))
    with pytest.raises(ClusterError, check=has(ClusterProblem.OTHER_MODEL)):
        open_output(out, replace(model, thresholds=Thresholds(0.4, 0.6)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"format": 2}, ClusterProblem.OTHER_VERSION),
        ({"part_size": "many"}, ClusterProblem.OUTPUT_DAMAGED),
        ({"listing": None}, ClusterProblem.OTHER_LISTING),
    ],
)
def test_changed_job_file_raises(
    change: dict[str, object], problem: ClusterProblem, out: Path, model: ModelFile
) -> None:
    open_output(out, model)
    job = out / "_job.json"
    job.write_text(json.dumps(json.loads(job.read_text()) | change))
    with pytest.raises(ClusterError, check=has(problem)):
        open_output(out, model)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xff"])
def test_damaged_job_file_raises(content: bytes, out: Path, model: ModelFile) -> None:
    (out / "_job.json").write_bytes(content)
    with pytest.raises(ClusterError, check=has(ClusterProblem.OUTPUT_DAMAGED)):
        open_output(out, model)


def test_row_has_all_columns(out: Path, model: ModelFile) -> None:
    output = open_output(out, model, photos=3, part_size=3)
    taken = datetime(2024, 5, 12, 10, 30)
    output.write(
        0,
        [
            Result(
                Path(ODD),
                scores=Scores(0.75, 0.25),
                info=PhotoInfo(4032, 3024, taken, 3_000_000, False, DateSource.TAKEN),
            ),
            Result(Path("/nas/1.jpg"), scores=Scores(0.001, 0.999), info=PhotoInfo(40, 30, damaged=True)),
            Result(Path("/nas/2.jpg"), error="is not a photo (it holds text)"),
        ],
    )
    odd, damaged, failed = pq.read_table(out).to_pylist()
    assert (odd["path"], odd["path_bytes"]) == ("/nas/\\xff.jpg", os.fsencode(ODD))
    assert (odd["cat"], odd["dog"], odd["error"]) == (0.75, 0.25, None)
    assert (odd["width"], odd["height"], odd["file_bytes"], odd["taken"]) == (4032, 3024, 3_000_000, taken)
    assert odd["model_sha256"] == model.sha256
    assert (damaged["verdict"], damaged["damaged"], damaged["path_bytes"]) == ("dog", True, None)
    assert failed["error"] == "is not a photo (it holds text)"
    assert [failed[key] for key in ("verdict", "cat", "dog", "width", "file_bytes")] == [None] * 5


def test_write_unwritable_part_raises(out: Path, model: ModelFile) -> None:
    output = open_output(out, model)
    (out / "_part-000000.parquet.tmp").mkdir()
    with pytest.raises(
        ClusterError, check=has(ClusterProblem.PART_NOT_WRITTEN, out / "part-000000.parquet", "Is a directory")
    ):
        output.write(0, classified([Path("/nas/0.jpg"), Path("/nas/1.jpg")]))
    assert 0 not in output.done
