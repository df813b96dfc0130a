"""The rate of a cluster on the cores of this machine, compared with the pipeline of one process.

python -m benchmarks.cluster_way PHOTO...
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.app_way import photos_per_second
from catdog_desktop.cluster.job import local_cluster, run_job
from catdog_desktop.cluster.listing import open_listing
from catdog_desktop.cluster.on_worker import PartDone
from catdog_desktop.cluster.output_folder import OutputFolder
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.paths import default_model
from catdog_desktop.pipeline import default_jobs

PARTS_A_CORE = 8


def measure(photos: list[Path], folder: Path) -> dict[str, float]:
    """Classify `photos` with the pipeline, with a cluster, and with the pipeline again."""
    model = load_model_file(default_model())
    cores = default_jobs()
    before = photos_per_second(model, photos, thumbnails=False)
    listing = folder / "listing"
    listing.write_text("\n".join(map(str, photos)), encoding="utf-8")
    output = OutputFolder(folder, open_listing(listing), model, -(-len(photos) // (PARTS_A_CORE * cores)), retry=False)
    warm = OutputFolder(_made(folder / "warm"), open_listing(listing), model, output.part_size, retry=False)
    start = time.perf_counter()
    heard: list[PartDone] = []
    with local_cluster(cores, folder) as client:
        client.wait_for_workers(cores)
        started = time.perf_counter()
        run_job(client, warm, model)  # loads the model on the workers, and the photos into memory
        began = time.perf_counter()
        run_job(client, output, model, heard.append)
        ended = time.perf_counter()
    assert output.tally["error"] == 0
    after = photos_per_second(model, photos, thumbnails=False)
    return {
        "photos": len(photos),
        "photos_per_s": len(photos) / (ended - began),
        "pipeline_photos_per_s": (before + after) / 2,
        "work_ms_per_photo": sum(done.seconds for done in heard) / len(photos) * 1000,
        "start_s": started - start,
        "cores": cores,
    }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        print(json.dumps(measure([Path(name) for name in sys.argv[1:]], Path(empty))))
