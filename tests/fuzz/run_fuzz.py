"""Feed damaged files to the app's readers: ``python tests/fuzz/run_fuzz.py --cases 10000``. `make fuzz` calls it.

Case number N of a kind is always the same file: it depends on the seed and N alone. A worker process stands for the
app; should it end or hang, that is a defect: the file is kept, the worker replaced, and the run goes on. For kinds that
the app reads in a child process only, the worker stands for that child, and such an end is counted. Memory is a
defect too: the worker and its children together may take `MOST_MB`. All kinds advance at the same pace. A state file,
written after every batch, says what is done, so that a run can be stopped and continued.
"""

import argparse
import contextlib
import faulthandler
import gc
import io
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
# The worker is a plain script: what it imports is found as the tests find it.
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from fuzz_mutations import mutate, mutate_member  # noqa: E402
from fuzz_seeds import PHOTO_FORMATS, SUFFIXES, seeds_of  # noqa: E402
from fuzz_targets import CHILD_KINDS, FIELDS_OF, TARGETS, UNLIMITED_KINDS  # noqa: E402

BATCH: Final = 250
"""Cases of the kind with the most cases between two lines of the state file; other kinds have their share of it."""
HANG_SECONDS: Final = 60.0
"""A case that takes longer counts as a hang: three times the limit of a decoder process."""
CHILD_CPU_SECONDS: Final = 2.0
"""Processor time after which an inspection counts as too long; the app gives it two minutes."""
CONVERSION_SECONDS: Final = 1000.0
MOST_MB: Final = 600
"""Memory of the app's process and its largest child together, each at its peak."""
KINDS: Final = tuple(kind for kind in SUFFIXES if kind != "conversion")
_ZIPS: Final = frozenset({"keras", "zip", "catdog"})


def case(kind: str, number: int, seed: int, seeds: Sequence[bytes]) -> bytes:
    """Return the damaged file number `number` of a kind."""
    rng = Random(f"{seed}/{kind}/{number}")
    chosen = rng.choice(seeds)
    is_zip = kind in _ZIPS or (kind == "conversion" and chosen.startswith(b"PK"))
    if is_zip and rng.random() < (0.5 if kind != "conversion" else 1.0):
        return mutate_member(chosen, rng)
    return mutate(chosen, FIELDS_OF.get(kind, kind), rng, seeds)


class PeakMemory:
    """The peak memory of this process and its children (Linux). Its files stay open, since it is read for each case."""

    def __init__(self) -> None:
        self._children = io.FileIO(f"/proc/self/task/{threading.main_thread().native_id}/children")
        self._status = {b"self": _open_status(b"self")}

    def mb(self) -> int:
        """Return the peak of this process plus that of its largest child, past or present, in MB.

        Children count if the main thread has started them. Those that have ended count if they took more than this
        process: the system gives the larger of their own peak and that of this process when it started them.
        """
        own = _peak_kb(self._status[b"self"])
        ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        largest = ended if ended > own else 0
        living = os.pread(self._children.fileno(), 65536, 0).split()
        for gone in self._status.keys() - {b"self", *living}:
            if (file := self._status.pop(gone)) is not None:
                file.close()
        for child in living:
            if child not in self._status:
                self._status[child] = _open_status(child)
            largest = max(largest, _peak_kb(self._status[child]))
        return (own + largest) // 1024


def _open_status(process: bytes) -> "io.FileIO | None":
    with contextlib.suppress(OSError):  # it has ended meanwhile
        return io.FileIO(f"/proc/{process.decode()}/status")
    return None


def _peak_kb(status: "io.FileIO | None") -> int:
    # Not by getrusage, which includes the memory of the parent process at the fork.
    with contextlib.suppress(OSError, IndexError):  # it has ended meanwhile, or has given back its memory
        if status is not None:
            return int(os.pread(status.fileno(), 65536, 0).partition(b"VmHWM:")[2].split(None, 1)[0])
    return 0


def _children() -> list[str]:
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread has ended meanwhile
            found += (task / "children").read_text().split()
    return found


def work() -> None:
    """Serve requests (kind, first, last, seed) on standard input until it ends; one line of JSON for each case."""
    faulthandler.enable()
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    memory = Path("/dev/shm")  # where fsync costs nothing
    with tempfile.TemporaryDirectory(prefix="catdog-fuzz-", dir=memory if memory.is_dir() else None) as folder:
        os.environ["CATDOG_HOME"] = folder
        tempfile.tempdir = folder
        peak = PeakMemory()
        gc.freeze()  # what was imported is no garbage
        for line in sys.stdin:
            kind, first, last, seed = json.loads(line)
            path = Path(folder, f"case{SUFFIXES[kind]}")
            for number in range(first, last):
                path.write_bytes(case(kind, number, seed, seeds_of(kind)))
                print(json.dumps({"begun": number}), file=answers)
                answer = {"number": number, **_outcome(kind, path), "mb": peak.mb()}
                if answer["mb"] > MOST_MB and kind not in UNLIMITED_KINDS:
                    answer["outcome"] = f"DEFECT more than {MOST_MB} MB"
                print(json.dumps(answer), file=answers)
                if answer["mb"] > MOST_MB:  # peaks stay: the next case needs a new process
                    sys.exit()


def _outcome(kind: str, path: Path) -> dict[str, str]:
    try:
        return {"outcome": TARGETS[kind](path)}
    except Exception as error:  # noqa: BLE001  This is what the fuzzer looks for.
        return {"outcome": f"DEFECT {type(error).__name__}", "trace": traceback.format_exc(limit=-4)}


class Worker:
    """A process that stands for the app, and is replaced when it dies."""

    def __init__(self, command: Sequence[str] = (), hang_seconds: float | None = None) -> None:
        """`command` starts another worker that answers like `work`; `hang_seconds` replaces the limits of all kinds."""
        self._command = command or [sys.executable, str(Path(__file__).resolve()), "--worker"]
        self._fixed_seconds = hang_seconds
        self._process = self._start()
        self._buffer = b""

    def _start(self) -> "subprocess.Popen[bytes]":
        pipe = subprocess.PIPE
        return subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)

    def run(self, kind: str, first: int, last: int, seed: int) -> list[dict[str, Any]]:
        """Return one record for each case from `first` to `last` (excluded)."""
        records: list[dict[str, Any]] = []
        silent_ends = 0
        while first < last:
            assert self._process.stdin is not None
            with contextlib.suppress(OSError):  # a worker that ended after its last case is noticed when it answers
                self._process.stdin.write(json.dumps([kind, first, last, seed]).encode() + b"\n")
                self._process.stdin.flush()
            begun: int | None = None
            while first < last:
                answer = self._answer(
                    self._seconds(kind), CHILD_CPU_SECONDS if kind in CHILD_KINDS and begun is not None else None
                )
                if answer is None:
                    end = self._replace()
                    if begun == first:  # else it ended between two cases, as it does after one that took much memory
                        records.append({"number": begun, "outcome": _name_of_end(kind, end)})
                        first += 1
                        silent_ends = 0
                    elif (silent_ends := silent_ends + 1) > 2:
                        raise RuntimeError(f"the worker cannot make case {first} of {kind}: it {end}")
                    break
                if "begun" in answer:
                    begun = answer["begun"]
                    continue
                records.append(answer)
                first, silent_ends = answer["number"] + 1, 0
        return records

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def _seconds(self, kind: str) -> float:
        if self._fixed_seconds is not None:
            return self._fixed_seconds
        if kind == "conversion":
            return CONVERSION_SECONDS
        return HANG_SECONDS

    def _answer(self, seconds: float, cpu_seconds: float | None = None) -> dict[str, Any] | None:
        """Return the next line; None if the process ended, says nothing for too long, or computes for too long."""
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        used = self._cpu_seconds()
        while b"\n" not in self._buffer:
            ready = select.select([self._process.stdout], [], [], min(0.5, max(0.0, end - time.monotonic())))[0]
            if not ready:
                if time.monotonic() < end and (cpu_seconds is None or self._cpu_seconds() - used < cpu_seconds):
                    continue
                return None
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                return None
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _cpu_seconds(self) -> float:
        with contextlib.suppress(OSError, IndexError):
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def _replace(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=3)
        status = self._process.poll()
        self.close()
        self._process, self._buffer = self._start(), b""
        if status is None:
            return "hang"
        return f"ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _name_of_end(kind: str, end: str) -> str:
    if kind not in CHILD_KINDS:
        return f"DEFECT {end}"
    return "inspection took too long" if end == "hang" else "inspection crashed"


class State:
    """What is done: counts by kind and outcome, and the peak of memory, in a file that is replaced after each batch."""

    def __init__(self, path: Path, seed: int) -> None:
        """Continue what is in `path`. Exits if it belongs to another seed."""
        self._path = path
        self._content: dict[str, Any] = {"seed": seed, "done": {}, "outcomes": {}, "mb": {}}
        if path.exists():
            self._content |= json.loads(path.read_text(encoding="utf-8"))
            if self._content["seed"] != seed:
                raise SystemExit(f"{path} belongs to seed {self._content['seed']}; name another file with --state.")

    def done(self, kind: str) -> int:
        """Return how many cases of a kind are done."""
        return int(self._content["done"].get(kind, 0))

    def add(self, kind: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Count the records of the next cases of a kind."""
        counts = Counter(self._content["outcomes"].get(kind, {}))
        counts.update(record["outcome"] for record in records)
        self._content["outcomes"][kind] = dict(sorted(counts.items()))
        self._content["done"][kind] = self.done(kind) + len(records)
        peaks = [record["mb"] for record in records if "mb" in record]
        self._content["mb"][kind] = max([self._content["mb"].get(kind, 0), *peaks])

    def save(self) -> None:
        """Write the file."""
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps(self._content, indent=1) + "\n", encoding="utf-8")
        partial.replace(self._path)

    def lines(self) -> Iterator[str]:
        """Yield a line for each kind."""
        for kind, outcomes in self._content["outcomes"].items():
            counts = ", ".join(f"{name} {count:,}" for name, count in outcomes.items())
            yield f"{kind:10} {self.done(kind):>9,} cases, {self._content['mb'][kind]:>4} MB: {counts}"

    @property
    def outcomes(self) -> dict[str, dict[str, int]]:
        """Counts by kind and outcome."""
        return dict(self._content["outcomes"])


def fuzz(cases: Mapping[str, int], seed: int, state_file: Path, kept: Path, jobs: int = 1) -> dict[str, dict[str, int]]:
    """Run `cases` by kind but for those in `state_file`; return counts by kind and outcome.

    `jobs` workers run at the same time. Files of defects are kept in `kept`.
    """
    state = State(state_file, seed)
    for kind in cases:
        seeds_of(kind)  # fails here, once, rather than in every case of the worker
    batches = {kind: max(1, round(BATCH * count / max(cases.values()))) for kind, count in cases.items()}
    batches |= dict.fromkeys(UNLIMITED_KINDS & set(cases), 1)  # a case takes seconds
    workers: SimpleQueue[Worker] = SimpleQueue()
    for _ in range(jobs):
        workers.put(Worker())

    def run(kind: str) -> list[dict[str, Any]]:
        first, worker = state.done(kind), workers.get()
        try:
            return worker.run(kind, first, min(cases[kind], first + batches[kind]), seed)
        finally:
            workers.put(worker)

    running: dict[Future[list[dict[str, Any]]], str] = {}
    try:
        with ThreadPoolExecutor(jobs) as pool:
            while True:
                left = {kind for kind, count in cases.items() if state.done(kind) < count} - set(running.values())
                # The kind that is least far; no worker waits for a slow kind of another one.
                for kind in sorted(left, key=lambda kind: state.done(kind) / cases[kind])[: jobs - len(running)]:
                    running[pool.submit(run, kind)] = kind
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    kind, records = running.pop(future), future.result()
                    state.add(kind, records)
                    for record in records:
                        if record["outcome"].startswith("DEFECT"):
                            _keep(kept, kind, record, seed)
                state.save()
    finally:
        for _ in range(jobs):
            workers.get().close()
    print("\n".join(state.lines()), flush=True)
    return state.outcomes


def _keep(folder: Path, kind: str, record: Mapping[str, Any], seed: int) -> None:
    """Write the file of a defect, and what was said of it, where they can be looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{kind}-{record['number']}"
    stem.with_suffix(SUFFIXES[kind]).write_bytes(case(kind, record["number"], seed, seeds_of(kind)))
    stem.with_suffix(".txt").write_text(f"{record['outcome']}\n{record.get('trace', '')}", encoding="utf-8")
    print(f"{record['outcome']}: {stem.with_suffix(SUFFIXES[kind])}", flush=True)


def _stop() -> None:
    """End this process and its workers at once; the state file has what was done up to the last batch."""
    for process in _children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    os._exit(1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer; the exit status is 1 if there was a defect."""
    parser = argparse.ArgumentParser(prog="tests/fuzz/run_fuzz.py", description=__doc__)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS, "photos"], default=list(KINDS), help="which files (all)")
    parser.add_argument("--cases", type=int, default=10_000 // len(KINDS), help="of each kind")
    parser.add_argument("--photos", type=int, help="of each format of photos, if not as many as --cases")
    parser.add_argument("--conversions", type=int, default=0, help="whole imports of Keras models (needs TensorFlow)")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--state", type=Path, default=Path("build/fuzz.json"), help="what is done; continued if it is there"
    )
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="where the files of defects go")
    options = parser.parse_args(arguments)
    if options.worker:
        work()
        return 0
    signal.signal(signal.SIGTERM, lambda *_: _stop())
    options.state.parent.mkdir(parents=True, exist_ok=True)
    kinds = [kind for name in options.kinds for kind in (PHOTO_FORMATS if name == "photos" else (name,))]
    photos = options.cases if options.photos is None else options.photos
    cases = {kind: photos if kind in PHOTO_FORMATS else options.cases for kind in kinds}
    if options.conversions:
        cases["conversion"] = options.conversions
    counts = fuzz(cases, options.seed, options.state, options.keep, options.jobs)
    return int(any(name.startswith("DEFECT") for outcomes in counts.values() for name in outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
