"""Held-out photos on two worker processes: the same verdicts as on one machine.

The photos may not be passed on. CATDOG_PHOTOS names their tar or folder; without them this test is skipped.
"""

import os
import tarfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catdog_desktop.cluster.__main__ import main
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.pipeline import Pipeline

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(os.environ.get("CATDOG_PHOTOS") or ROOT.parent / "shared" / "data" / "train.tar")
OF_EACH = 60


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    if not SOURCE.exists():
        pytest.skip("no held-out photos (set CATDOG_PHOTOS to their tar or folder)")
    labels = ("cat", "dog", "neither")
    if SOURCE.is_dir():
        return [path for label in labels for path in sorted((SOURCE / label).iterdir())[:OF_EACH]]
    with tarfile.open(SOURCE) as archive:
        files = [member for member in archive if member.isfile()]
        # As an attribute, since Python 3.11.2 of Debian 12 lacks the parameter.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        chosen = []
        for label in labels:
            chosen += [m for m in files if m.name.removeprefix("./").startswith(f"{label}/")][:OF_EACH]
        archive.extractall(tmp_path / "photos", chosen)
    return [tmp_path / "photos" / member.name for member in chosen]


@pytest.mark.slow
def test_cluster_gives_verdicts_of_one_machine(photos: list[Path], model: ModelFile, tmp_path: Path) -> None:
    listing, out = tmp_path / "listing", tmp_path / "out"
    listing.write_text("\n".join(map(str, photos)))
    assert main([str(listing), str(out), "--workers", "2", "--model", str(model.folder)]) == 0
    rows = {row["path"]: row for row in pq.read_table(out).to_pylist()}
    assert list(rows) == [str(photo) for photo in photos]
    with Pipeline(model, thumbnails=False) as pipeline:
        pipeline.add(photos)
        while not pipeline.idle:
            for result in pipeline.take_results(0.1):
                assert result.scores is not None
                row = rows[str(result.path)]
                assert row["verdict"] == model.thresholds.judge(result.scores).value
                assert (row["cat"], row["dog"]) == pytest.approx((result.scores.cat, result.scores.dog), abs=1e-6)
