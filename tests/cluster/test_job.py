"""Jobs on a real cluster of two worker processes: every photo gets its row, whatever happens to the workers."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from bad_files import BAD_FILES
from cluster_errors import has
from distributed import Client, WorkerPlugin

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem
from catdog_desktop.cluster.job import local_cluster, run_job
from catdog_desktop.cluster.listing import open_listing
from catdog_desktop.cluster.on_worker import PartDone
from catdog_desktop.cluster.output_folder import OutputFolder
from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Classifier

DEADLY = "deadly.jpg"

# The app silences warnings of Pillow; pytest turns them on again.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with local_cluster(2, tmp_path_factory.mktemp("scratch")) as client:
        yield client


def output_for(photos: list[Path], model: ModelFile, folder: Path, part_size: int) -> OutputFolder:
    (folder / "listing").write_bytes(b"\0".join(map(os.fsencode, photos)))
    (folder / "out").mkdir(exist_ok=True)
    return OutputFolder(folder / "out", open_listing(folder / "listing"), model, part_size, retry=False)


def can_be_listed(path: Path) -> bool:
    """Whether the name is valid in a listing: no incomplete character, no NUL."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def rows(output: OutputFolder) -> list[dict[str, Any]]:
    """Return all rows in the order of the listing."""
    parts = sorted(output.folder.glob("part-*.parquet"))
    return [row for part in parts for row in pq.read_table(part).to_pylist()]


def kinds(photo_dir: Path, count: int) -> list[Path]:
    """Return paths that lead to the six photos in turn."""
    photos = sorted(photo_dir.iterdir())
    return [photos[number % len(photos)] for number in range(count)]


def test_run_job_rows_equal_core_results(client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
    bad = []
    for number, entry in enumerate(BAD_FILES):
        folder = tmp_path / f"bad-{number}"
        folder.mkdir()
        made = entry.make(folder)
        if can_be_listed(made):
            bad.append(made)
    photos = [*sorted(photo_dir.iterdir()), *bad, *sorted(photo_dir.iterdir())]
    output = output_for(photos, model, tmp_path, 4)
    parts_done: list[PartDone] = []
    run_job(client, output, model, parts_done.append)
    assert output.is_done
    found = rows(output)
    assert [Path(os.fsdecode(row["path_bytes"] or row["path"].encode())) for row in found] == photos
    classifier = Classifier(model)
    for row, photo in zip(found, photos, strict=True):
        expected = classify_photo(photo, classifier, model, thumbnail=False)
        verdict = expected.verdict(model.thresholds)
        assert (row["error"], row["verdict"]) == (expected.error, None if verdict is None else verdict.value)
        assert row["cat"] == pytest.approx(None if expected.scores is None else expected.scores.cat)
        assert row["dog"] == pytest.approx(None if expected.scores is None else expected.scores.dog)
        if expected.error is None:
            assert (row["width"], row["height"]) == (expected.info.width, expected.info.height)
    assert sum(row["error"] is not None for row in found) == output.tally["error"] > 10
    # Each of the two single-threaded processes loaded the model once in the whole job.
    assert {done.classifiers for done in parts_done} == {1}
    assert 1 <= len({done.process for done in parts_done}) <= 2


def test_run_job_removes_model_from_workers(client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
    run_job(client, output_for(kinds(photo_dir, 2), model, tmp_path, 2), model)
    assert client.run(lambda dask_worker: "catdog-model" in dask_worker.plugins) == dict.fromkeys(
        client.nthreads(), False
    )


def test_run_job_repeats_only_missing_parts(client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
    photos = kinds(photo_dir, 6)
    run_job(client, output_for(photos, model, tmp_path, 2), model)
    gone = tmp_path / "out" / "part-000001.parquet"
    before = {path: path.stat().st_mtime_ns for path in gone.parent.iterdir() if path != gone}
    gone.unlink()
    parts_done: list[PartDone] = []
    run_job(client, output_for(photos, model, tmp_path, 2), model, parts_done.append)
    assert [[result.path for result in done.results] for done in parts_done] == [photos[2:4]]
    assert {path: path.stat().st_mtime_ns for path in gone.parent.iterdir() if path != gone} == before
    assert gone.exists()


def test_run_job_killed_worker_loses_nothing(client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
    photos = kinds(photo_dir, 60)
    output = output_for(photos, model, tmp_path, 5)
    killed: list[str] = []

    def kill_the_first(done: PartDone) -> None:
        if not killed:
            killed.append(done.process)
            os.kill(int(done.process.split()[-1]), signal.SIGKILL)

    run_job(client, output, model, kill_the_first)
    assert killed
    found = rows(output)
    assert [row["path"] for row in found] == [str(photo) for photo in photos]
    assert all(row["error"] is None for row in found)


@pytest.mark.slow
def test_run_job_lost_workers_are_replaced(
    client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catdog_desktop.cluster.waiting._CHECK_SECONDS", 0.1)
    monkeypatch.setattr("catdog_desktop.cluster.waiting.REVIVE_SECONDS", 1.0)
    photos = kinds(photo_dir, 60)
    output = output_for(photos, model, tmp_path, 5)
    closed: list[object] = []

    def close_all(_: PartDone) -> None:
        if not closed:
            closed.extend(client.cluster.workers.values())
            for nanny in closed:
                client.cluster.sync(nanny.close)

    run_job(client, output, model, close_all)
    assert len(closed) == 2
    assert [row["path"] for row in rows(output)] == [str(photo) for photo in photos]


@pytest.mark.slow
def test_run_job_without_workers_raises_after_time_limit(
    model: ModelFile, photo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catdog_desktop.cluster.waiting._CHECK_SECONDS", 0.1)
    monkeypatch.setattr("catdog_desktop.cluster.waiting.MAX_WAIT_SECONDS", 0.5)
    output = output_for(kinds(photo_dir, 60), model, tmp_path, 5)
    with local_cluster(1, tmp_path) as owner, Client(owner.scheduler.address) as client:

        def close_all(_: PartDone) -> None:
            for nanny in list(owner.cluster.workers.values()):
                owner.cluster.sync(nanny.close)

        # Like a client that did not start the workers and cannot start others.
        with pytest.raises(ClusterError, check=has(ClusterProblem.WORKERS_GONE)):
            run_job(client, output, model, close_all)


@pytest.mark.slow
def test_run_job_deadly_photo_gets_error(client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
    class EndsAtThePhoto(WorkerPlugin):
        """Acts like a decoder that crashes. A local class is pickled by value, since workers cannot import tests."""

        name = "deadly"

        def setup(self, worker: object) -> None:
            from catdog_desktop.cluster import on_worker

            real = on_worker.classify_or_report

            def deadly(path: Path, *rest: Any, **more: Any) -> Any:
                if path.name == "deadly.jpg":
                    os._exit(1)
                return real(path, *rest, **more)

            on_worker.classify_or_report = deadly

    photos = kinds(photo_dir, 12)
    deadly = photo_dir / DEADLY
    deadly.write_bytes(photos[0].read_bytes())
    photos[7] = deadly
    output = output_for(photos, model, tmp_path, 4)
    client.register_plugin(EndsAtThePhoto())
    try:
        run_job(client, output, model)
    finally:
        client.unregister_worker_plugin("deadly")
        client.restart()  # Restarted workers do not have the patch of the plugin.
    found = rows(output)
    assert [row["path"] for row in found] == [str(photo) for photo in photos]
    assert [row["error"] for row in found].count(None) == 11
    assert found[7]["error"] == "could not be classified: every worker that tried ended unexpectedly"
    assert found[7]["may_pass"]


def test_local_cluster_listens_on_loopback_only(client: Client) -> None:
    psutil = pytest.importorskip("psutil")
    pids = {os.getpid(), *client.run(os.getpid).values()}
    listening = [
        connection.laddr.ip
        for pid in pids
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 3
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_run_job_worker_of_other_version_raises(
    client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catdog_desktop.cluster.on_worker.__version__", "0.0.1")
    output = output_for(kinds(photo_dir, 2), model, tmp_path, 2)
    with pytest.raises(
        ClusterError, match=r"the job was started by 0\.0\.1", check=has(ClusterProblem.WORKER_UNUSABLE)
    ):
        run_job(client, output, model)


def test_run_job_broken_model_raises(client: Client, model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
    broken = replace(model, content=model.flatbuffer[:1000])
    output = output_for(kinds(photo_dir, 2), broken, tmp_path, 2)
    with pytest.raises(ClusterError, match="cannot be run"):
        run_job(client, output, broken)
