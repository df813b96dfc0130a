"""The job as Dask does it: a few parts more than there are threads are under way, and each that comes back is written.

Whatever happens to workers, the job goes on with those that are left or come anew. Dask gives a part up once several
workers have died with it, though often another photo, the memory or the end of their time was to blame. Such parts are
done again at the end, one at a time; and if a worker dies once more, photo by photo, until it is known which it is.
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

from catdog_desktop.cluster import ClusterError
from catdog_desktop.cluster.on_worker import PLUGIN_NAME, ModelOnWorker, PartDone, classify_part
from catdog_desktop.cluster.output_folder import OutputFolder
from catdog_desktop.cluster.waiting import LONGEST_SECONDS, Parts
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.verdict import Result

CONNECT_SECONDS: Final = 30
_AHEAD: Final = 2
"""Parts under way for each thread, so that none waits for the next."""
_DEADLY: Final = "could not be classified: every worker that tried ended without a word"


@contextlib.contextmanager
def local_cluster(workers: int, folder: Path) -> Iterator[Client]:
    """Start `workers` processes on this machine, reachable from nowhere else; scratch files go to `folder`."""
    settings = {
        # A second death with the same part is enough here: nobody else uses these workers.
        "distributed.scheduler.allowed-failures": 1,
        # On a machine with much else to do a worker that died takes its time to come again.
        "distributed.deploy.lost-worker-timeout": "1 hour",
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # Dask cannot do without; a port that is free, for this machine alone
            worker_dashboard_address="127.0.0.1:0",
            memory_limit=0,  # the core bounds what it takes; Dask would measure it beside everything else that runs
            local_directory=str(folder),
            silence_logs=50,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextlib.contextmanager
def cluster_at(address: str | None, scheduler_file: Path | None) -> Iterator[Client]:
    """Connect to a scheduler that runs already. Raises `ClusterError`."""
    try:
        if scheduler_file is not None:
            # Dask itself would wait without end for a file that does not come.
            address = json.loads(scheduler_file.read_text(encoding="utf-8"))["address"]
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError, KeyError, TimeoutError) as error:
        raise ClusterError(f"There is no Dask scheduler at {address or scheduler_file} ({error}).") from error
    with client:
        yield client


def run_job(
    client: Client, output: OutputFolder, model: ModelFile, tell: Callable[[PartDone], object] = lambda _: None
) -> None:
    """Classify all parts of `output` that are missing. `tell` hears of each that is done. Raises `ClusterError`."""
    with _model_on_workers(client, model):
        given_up = dict(_run_parts(client, output.missing(), output, tell))
        for number, photos in given_up.items():
            done = _run_alone(client, photos)
            output.write(number, done.results)
            tell(done)


@contextlib.contextmanager
def _model_on_workers(client: Client, model: ModelFile) -> Iterator[None]:
    """Have the model on every worker, now and later; take it off those of a cluster that outlives the job."""
    try:
        client.wait_for_workers(1, timeout=LONGEST_SECONDS)
    except TimeoutError as error:
        raise ClusterError("The scheduler has no workers. Start some, and run the same command again.") from error
    try:
        client.register_plugin(ModelOnWorker(model))
    except Exception as error:
        # Unpickling on the worker: an ImportError where CatDog is not installed, and whatever another version says.
        raise ClusterError(f"A worker cannot be used: is the same CatDog installed there? ({error})") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            client.unregister_worker_plugin(PLUGIN_NAME)


def _run_parts(
    client: Client,
    parts: Iterator[tuple[int, list[Path]]],
    output: OutputFolder,
    tell: Callable[[PartDone], object],
) -> Iterator[tuple[int, list[Path]]]:
    """Classify and write `parts`; yield those that were given up because workers died."""
    under_way: dict[Future, tuple[int, list[Path]]] = {}
    coming = Parts(client)

    def submit_more() -> None:
        room = _AHEAD * max(1, coming.threads) - len(under_way)
        for number, photos in itertools.islice(parts, max(0, room)):
            future = _submit(client, photos)
            under_way[future] = number, photos
            coming.add(future)

    submit_more()
    while under_way:
        future, result = coming.next()
        number, photos = under_way.pop(future)
        try:
            done = _outcome(future, result)
        except KilledWorker:
            yield number, photos
        else:
            output.write(number, done.results)
            tell(done)
        future.release()
        submit_more()


def _submit(client: Client, photos: list[Path]) -> Future:
    return client.submit(classify_part, [os.fsencode(photo) for photo in photos], pure=False)


def _outcome(future: Future, result: Any) -> PartDone:
    """Return what a part has come to. Raises `KilledWorker`, and `ClusterError` for whatever else went wrong."""
    if isinstance(result, PartDone):
        return result
    if future.status == "cancelled":
        raise ClusterError("The scheduler has gone. Start it, and run the same command again to go on.")
    error: Exception = result[1] if isinstance(result, tuple) else result
    if isinstance(error, KilledWorker):
        raise error
    raise ClusterError(f"A worker could not do its part ({type(error).__name__}: {error}).") from error


def _run_alone(client: Client, photos: list[Path]) -> PartDone:
    """Classify a part that was given up while nothing else runs; a photo that ends the worker gets an error."""
    with contextlib.suppress(KilledWorker):
        return _run_one(client, photos)
    results: list[Result] = []
    last = PartDone([], "", 0.0, 0.0, 0)
    for photo in photos:
        try:
            last = _run_one(client, [photo])
            results += last.results
        except KilledWorker:
            results.append(Result(photo, error=_DEADLY, passing=True))
    return replace(last, results=results)


def _run_one(client: Client, photos: list[Path]) -> PartDone:
    coming = Parts(client)
    coming.add(_submit(client, photos))
    return _outcome(*coming.next())
