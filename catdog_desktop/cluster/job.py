"""Run a job on a Dask cluster: submit parts ahead of the workers and write each part that comes back.

The job continues while workers die and others join. Dask gives up a part after several workers died with it, although
the reason is often another photo, memory, or a time limit. Such parts are repeated at the end, one at a time. If a
worker dies again, the photos are classified one by one, so that only the photo that kills workers gets an error.
"""

import contextlib
import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import dask.config
from distributed import Client, Future, KilledWorker, LocalCluster

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem
from catdog_desktop.cluster.on_worker import PLUGIN_NAME, ModelOnWorker, PartDone, classify_part
from catdog_desktop.cluster.output_folder import OutputFolder
from catdog_desktop.cluster.waiting import MAX_WAIT_SECONDS, PendingParts
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.messages import _
from catdog_desktop.verdict import Result

CONNECT_SECONDS: Final = 30
_AHEAD: Final = 2
"""Parts submitted for each thread, so that no thread waits for the next part."""


@contextlib.contextmanager
def local_cluster(workers: int, folder: Path) -> Iterator[Client]:
    """Start `workers` processes, reachable from this machine only. Scratch files are written to `folder`."""
    settings = {
        # Two deaths with the same part are enough here, since only this job uses the workers.
        "distributed.scheduler.allowed-failures": 1,
        # On a busy machine a new worker takes long to start.
        "distributed.deploy.lost-worker-timeout": "1 hour",
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # Dask requires one. A free port, for this machine only.
            worker_dashboard_address="127.0.0.1:0",
            memory_limit=0,  # The core limits its own memory. Dask would count other processes, too.
            local_directory=str(folder),
            silence_logs=50,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextlib.contextmanager
def cluster_at(address: str | None, scheduler_file: Path | None) -> Iterator[Client]:
    """Connect to a running scheduler. Raises `ClusterError`."""
    try:
        if scheduler_file is not None:
            # Dask would wait forever for a missing file.
            address = json.loads(scheduler_file.read_text(encoding="utf-8"))["address"]
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError, KeyError, TimeoutError) as error:
        raise ClusterError(ClusterProblem.NO_SCHEDULER, address or scheduler_file, error) from error
    with client:
        yield client


def run_job(
    client: Client, output: OutputFolder, model: ModelFile, on_part: Callable[[PartDone], object] = lambda _: None
) -> None:
    """Classify the missing parts of `output`. Calls `on_part` after each part. Raises `ClusterError`.

    It can be interrupted at any time: a part is written atomically, and the next run repeats only missing parts.
    """
    with _model_on_workers(client, model):
        given_up = dict(_run_parts(client, output.missing(), output, on_part))
        for number, photos in given_up.items():
            done = _run_alone(client, photos)
            output.write(number, done.results)
            on_part(done)


@contextlib.contextmanager
def _model_on_workers(client: Client, model: ModelFile) -> Iterator[None]:
    """Send the model to every current and future worker. Remove it at the end."""
    try:
        client.wait_for_workers(1, timeout=MAX_WAIT_SECONDS)
    except TimeoutError as error:
        raise ClusterError(ClusterProblem.NO_WORKERS) from error
    try:
        client.register_plugin(ModelOnWorker(model))
    except Exception as error:
        # Unpickling on the worker raises ImportError without CatDog, and anything with another version.
        raise ClusterError(ClusterProblem.WORKER_UNUSABLE, detail=error) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            client.unregister_worker_plugin(PLUGIN_NAME)


def _run_parts(
    client: Client,
    parts: Iterator[tuple[int, list[Path]]],
    output: OutputFolder,
    on_part: Callable[[PartDone], object],
) -> Iterator[tuple[int, list[Path]]]:
    """Classify and write `parts`. Yield those that were given up because workers died."""
    submitted: dict[Future, tuple[int, list[Path]]] = {}
    pending = PendingParts(client)

    def submit_more() -> None:
        count = _AHEAD * max(1, pending.threads) - len(submitted)
        for number, photos in itertools.islice(parts, max(0, count)):
            future = _submit(client, photos)
            submitted[future] = number, photos
            pending.add(future)

    submit_more()
    while submitted:
        future, result = pending.next()
        number, photos = submitted.pop(future)
        try:
            done = _outcome(future, result)
        except KilledWorker:
            yield number, photos
        else:
            output.write(number, done.results)
            on_part(done)
        future.release()
        submit_more()


def _submit(client: Client, photos: list[Path]) -> Future:
    return client.submit(classify_part, [os.fsencode(photo) for photo in photos], pure=False)


def _outcome(future: Future, result: Any) -> PartDone:
    """Return the result of a part. Raises `KilledWorker`, and `ClusterError` for any other failure."""
    if isinstance(result, PartDone):
        return result
    if future.status == "cancelled":
        raise ClusterError(ClusterProblem.SCHEDULER_GONE)
    error: Exception = result[1] if isinstance(result, tuple) else result
    if isinstance(error, KilledWorker):
        raise error
    raise ClusterError(ClusterProblem.WORKER_FAILED, detail=f"{type(error).__name__}: {error}") from error


def _run_alone(client: Client, photos: list[Path]) -> PartDone:
    """Classify a part that was given up, with nothing else running. A photo that kills workers gets an error."""
    with contextlib.suppress(KilledWorker):
        return _run_one(client, photos)
    results: list[Result] = []
    last = PartDone([], "", 0.0, 0.0, 0)
    for photo in photos:
        try:
            last = _run_one(client, [photo])
            results += last.results
        except KilledWorker:
            error = _("could not be classified: every worker that tried ended unexpectedly")
            results.append(Result(photo, error=error, error_is_temporary=True))
    return replace(last, results=results)


def _run_one(client: Client, photos: list[Path]) -> PartDone:
    pending = PendingParts(client)
    pending.add(_submit(client, photos))
    return _outcome(*pending.next())
