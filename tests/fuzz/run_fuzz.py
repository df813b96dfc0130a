"""Feed damaged files to the app's readers: ``python tests/fuzz/run_fuzz.py --cases 10000``. `make fuzz` calls it.

Case number N of a kind is always the same file: it depends on the seed and N alone. A worker process stands for the
app; should it end or hang, that is a defect: the file is kept, the worker replaced, and the run goes on. A state file,
written after every batch, says what is done, so that a run can be stopped and continued.
"""

import argparse
import contextlib
import faulthandler
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
# The worker is a plain script: what it imports is found as the tests find it.
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from fuzz_mutations import mutate  # noqa: E402
from fuzz_seeds import PHOTO_FORMATS, SUFFIXES, seeds_of  # noqa: E402
from fuzz_targets import FIELDS_OF, TARGETS  # noqa: E402

BATCH: Final = 250
"""Cases between two lines of the state file."""
HANG_SECONDS: Final = 60.0
"""A case that takes longer counts as a hang: three times the limit of a decoder process."""
KINDS: Final = tuple(SUFFIXES)


def case(kind: str, number: int, seed: int, seeds: Sequence[bytes]) -> bytes:
    """Return the damaged file number `number` of a kind."""
    rng = Random(f"{seed}/{kind}/{number}")
    return mutate(rng.choice(seeds), FIELDS_OF.get(kind, kind), rng, seeds)


def work() -> None:
    """Serve requests (kind, first, last, seed) on standard input until it ends; one line of JSON for each case."""
    faulthandler.enable()
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="catdog-fuzz-") as folder:
        os.environ["CATDOG_HOME"] = folder
        for line in sys.stdin:
            kind, first, last, seed = json.loads(line)
            seeds, target = seeds_of(kind), TARGETS[kind]
            path = Path(folder, f"case{SUFFIXES[kind]}")
            for number in range(first, last):
                path.write_bytes(case(kind, number, seed, seeds))
                print(json.dumps({"begun": number}), file=answers)
                try:
                    outcome = target(path)
                except Exception as error:  # noqa: BLE001  This is what the fuzzer looks for.
                    outcome = f"DEFECT {type(error).__name__}"
                    trace = traceback.format_exc(limit=-4)
                    print(json.dumps({"number": number, "outcome": outcome, "trace": trace}), file=answers)
                else:
                    print(json.dumps({"number": number, "outcome": outcome}), file=answers)


class Worker:
    """A process that stands for the app, and is replaced when it dies."""

    def __init__(self, command: Sequence[str] = (), hang_seconds: float = HANG_SECONDS) -> None:
        """`command` starts another worker that answers like `work`."""
        self._command = command or [sys.executable, str(Path(__file__).resolve()), "--worker"]
        self._hang_seconds = hang_seconds
        self._process = self._start()
        self._buffer = b""

    def _start(self) -> "subprocess.Popen[bytes]":
        pipe = subprocess.PIPE
        return subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)

    def run(self, kind: str, first: int, last: int, seed: int) -> list[dict[str, Any]]:
        """Return one record for each case from `first` to `last` (excluded)."""
        records: list[dict[str, Any]] = []
        while first < last:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps([kind, first, last, seed]).encode() + b"\n")
            self._process.stdin.flush()
            begun = first
            while first < last:
                answer = self._answer()
                if answer is None:
                    records.append({"number": begun, "outcome": f"DEFECT {self._replace()}"})
                    first = begun + 1
                    break
                if "begun" in answer:
                    begun = answer["begun"]
                    continue
                records.append(answer)
                first = answer["number"] + 1
        return records

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def _answer(self) -> dict[str, Any] | None:
        """Return the next line; None if the process ended or says nothing for too long."""
        assert self._process.stdout is not None
        end = time.monotonic() + self._hang_seconds
        while b"\n" not in self._buffer:
            ready = select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))[0]
            if not ready:
                return None
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                return None
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _replace(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        status = self._process.poll()
        self.close()
        self._process, self._buffer = self._start(), b""
        if status is None:
            return "hang"
        return f"ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def fuzz(kinds: Sequence[str], cases: int, seed: int, state_file: Path, kept: Path) -> dict[str, dict[str, int]]:
    """Run `cases` cases of each kind but for those in `state_file`; return counts by kind and outcome."""
    state: dict[str, Any] = {"seed": seed, "done": {}, "outcomes": {}}
    if state_file.exists():
        state = json.loads(state_file.read_text(encoding="utf-8"))
        if state["seed"] != seed:
            raise SystemExit(f"{state_file} belongs to seed {state['seed']}; name another file with --state.")
    worker = Worker()
    try:
        for kind in kinds:
            seeds_of(kind)  # fails here, once, rather than in every case of the worker
            first = state["done"].get(kind, 0)
            outcomes = Counter(state["outcomes"].get(kind, {}))
            while first < cases:
                last = min(cases, first + BATCH)
                for record in worker.run(kind, first, last, seed):
                    outcomes[record["outcome"]] += 1
                    if record["outcome"].startswith("DEFECT"):
                        _keep(kept, kind, record, seed)
                first = last
                state["done"][kind], state["outcomes"][kind] = first, dict(outcomes)
                partial = state_file.with_suffix(".part")
                partial.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
                partial.replace(state_file)
            print(
                f"{kind:9} {first:>8,} cases  "
                + ", ".join(f"{name} {count:,}" for name, count in sorted(outcomes.items())),
                flush=True,
            )
    finally:
        worker.close()
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"largest process: {largest} MB")
    counts: dict[str, dict[str, int]] = state["outcomes"]
    return counts


def _keep(folder: Path, kind: str, record: dict[str, Any], seed: int) -> None:
    """Write the file of a defect, and what was said of it, where they can be looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{kind}-{record['number']}"
    stem.with_suffix(SUFFIXES[kind]).write_bytes(case(kind, record["number"], seed, seeds_of(kind)))
    stem.with_suffix(".txt").write_text(f"{record['outcome']}\n{record.get('trace', '')}", encoding="utf-8")
    print(f"{record['outcome']}: {stem.with_suffix(SUFFIXES[kind])}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer; the exit status is 1 if there was a defect."""
    parser = argparse.ArgumentParser(prog="tests/fuzz/run_fuzz.py", description=__doc__)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS, "photos"], default=list(KINDS), help="which files (all)")
    parser.add_argument("--cases", type=int, default=10_000 // len(KINDS), help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--state", type=Path, default=Path("build/fuzz.json"), help="what is done; continued if it is there"
    )
    parser.add_argument("--keep", type=Path, default=Path("build/fuzz"), help="where the files of defects go")
    options = parser.parse_args(arguments)
    if options.worker:
        work()
        return 0
    options.state.parent.mkdir(parents=True, exist_ok=True)
    kinds = [kind for name in options.kinds for kind in (PHOTO_FORMATS if name == "photos" else (name,))]
    counts = fuzz(kinds, options.cases, options.seed, options.state, options.keep)
    return int(any(name.startswith("DEFECT") for outcomes in counts.values() for name in outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
