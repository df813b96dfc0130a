"""Waiting for parts without waiting for ever: a cluster may lose all of its workers, and then nothing would come."""

import time
from typing import Any, Final

from distributed import Client, Future, as_completed

from catdog_desktop.cluster import ClusterError

LONGEST_SECONDS: Final = 300.0
"""How long to wait for a first worker, and for another when all are gone: on busy clusters they queue."""
REVIVE_SECONDS: Final = 20.0
"""How long workers of our own may be away (they are started anew by Dask) before others are started instead; three
times as long before that is tried again, and so on: on a busy machine it takes its time."""
_LOOK_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.02
_CLOSE_SECONDS: Final = 10.0


class Parts:
    """The parts that are under way on `client`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # With results: one that was done on a worker that is gone since is not there yet, and must not be waited for.
        self._coming = as_completed(with_results=True, raise_errors=False)
        self._looked = time.monotonic()
        self._alone_since: float | None = None
        self._revive_after = REVIVE_SECONDS
        self.threads = self._count_threads()
        """How many photos the workers work on at once, as last seen."""

    def add(self, future: Future) -> None:
        """Wait for this one too."""
        self._coming.add(future)

    def next(self) -> tuple[Future, Any]:
        """Return the next that has ended, and its result; that of a failed one is an exception, or a tuple with it.

        Raises `ClusterError` when there are no workers any more.
        """
        while not self._coming.has_ready():
            time.sleep(_POLL_SECONDS)
            self._look()
        ended: tuple[Future, Any] = next(self._coming)
        return ended

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        self.threads = self._count_threads()
        if self.threads:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since, self._revive_after = now, REVIVE_SECONDS
        elif now - self._alone_since > LONGEST_SECONDS:
            raise ClusterError("All workers are gone. Start some, and run the same command again to go on.")
        elif now - self._alone_since > self._revive_after:
            self._revive()
            self._revive_after *= 3

    def _revive(self) -> None:
        """Start workers anew where they are our own: Dask gives up those that could not start in time."""
        cluster = self._client.cluster
        if cluster is not None:
            count = len(cluster.worker_spec)
            cluster.scale(0)
            # The new ones get the names of the old, and would be taken for them.
            until = time.monotonic() + _CLOSE_SECONDS
            while cluster.workers and time.monotonic() < until:
                time.sleep(_POLL_SECONDS)
            cluster.scale(count)

    def _count_threads(self) -> int:
        try:
            threads: dict[str, int] = self._client.nthreads()
        except (OSError, TimeoutError):  # the scheduler is not there at the moment
            return 0
        return sum(threads.values())
