"""Wait for parts with a time limit, since a cluster may lose all of its workers."""

import time
from typing import Any, Final

from distributed import Client, Future, as_completed

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem

MAX_WAIT_SECONDS: Final = 300.0
"""How long to wait for the first worker, or for another one if all are gone. On busy clusters workers queue."""
REVIVE_SECONDS: Final = 20.0
"""How long local workers, which Dask restarts, may be missing before new ones are started. Tripled at each attempt,
since starting takes long on a busy machine."""
_CHECK_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.02
_CLOSE_SECONDS: Final = 10.0


class PendingParts:
    """The submitted parts of `client` that have not ended."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # With results, so that a result on a worker that has died since is not waited for.
        self._futures = as_completed(with_results=True, raise_errors=False)
        self._checked = time.monotonic()
        self._no_workers_since: float | None = None
        self._revive_after = REVIVE_SECONDS
        self.threads = self._count_threads()
        """Number of worker threads at the last check."""

    def add(self, future: Future) -> None:
        """Wait for `future`, too."""
        self._futures.add(future)

    def next(self) -> tuple[Future, Any]:
        """Return the next future that has ended, and its result: for a failed one an exception or a tuple with it.

        Raises `ClusterError` if there have been no workers for `MAX_WAIT_SECONDS`.
        """
        while not self._futures.has_ready():
            time.sleep(_POLL_SECONDS)
            self._check_workers()
        ended: tuple[Future, Any] = next(self._futures)
        return ended

    def _check_workers(self) -> None:
        now = time.monotonic()
        if now - self._checked < _CHECK_SECONDS:
            return
        self._checked = now
        self.threads = self._count_threads()
        if self.threads:
            self._no_workers_since = None
        elif self._no_workers_since is None:
            self._no_workers_since, self._revive_after = now, REVIVE_SECONDS
        elif now - self._no_workers_since > MAX_WAIT_SECONDS:
            raise ClusterError(ClusterProblem.WORKERS_GONE)
        elif now - self._no_workers_since > self._revive_after:
            self._revive()
            self._revive_after *= 3

    def _revive(self) -> None:
        """Start new local workers. Dask gives up workers that did not start in time."""
        cluster = self._client.cluster
        if cluster is not None:
            count = len(cluster.worker_spec)
            cluster.scale(0)
            # New workers get the names of the old ones, so wait until those are gone.
            until = time.monotonic() + _CLOSE_SECONDS
            while cluster.workers and time.monotonic() < until:
                time.sleep(_POLL_SECONDS)
            cluster.scale(count)

    def _count_threads(self) -> int:
        try:
            threads: dict[str, int] = self._client.nthreads()
        except (OSError, TimeoutError):  # The scheduler does not answer at the moment.
            return 0
        return sum(threads.values())
