"""Measure everything and write `benchmarks/results.json`, the table in `benchmarks/README.md`, and print it.

    python -m benchmarks [--quick] [--only PART ...]

Takes some twelve minutes. The app and the Keras way take turns within one run, and the medians count, so that the
ratios hold even on a busy machine. The frozen app is measured if `make bundle` has been run.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import imported_model, many_photos, processes, tables

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
LAYOUT = 2
"""Increased whenever the keys of the results change."""
PARTS = ("start", "small", "large", "memory", "size", "many", "cluster", "imported")


@dataclass(frozen=True)
class Size:
    """The numbers of photos, and of rounds of each comparison."""

    starts: int
    rates: int
    small: int
    large: int
    gallery: int
    few: int
    many: int


FULL = Size(starts=5, rates=3, small=120, large=16, gallery=1_000, few=1_000, many=10_000)
QUICK = Size(starts=1, rates=1, small=24, large=6, gallery=100, few=100, many=500)


def main() -> None:
    """Run the parts named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the app beside the Keras way.")
    parser.add_argument("--quick", action="store_true", help="few photos and rounds; write nothing")
    parser.add_argument("--only", metavar="PART", nargs="+", choices=PARTS, help=f"some of: {', '.join(PARTS)}")
    given = parser.parse_args()
    parts = given.only or PARTS
    processes.check_frozen()
    results = _results_before()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        results |= _measure(Path(name), parts, QUICK if given.quick else FULL)
    text = tables.render({part: results[part] for part in ("machine", *PARTS) if part in results})
    print(text)
    if not given.quick:
        RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        tables.put_into(HERE / "README.md", text)


def _results_before() -> dict[str, Any]:
    """Return the saved results; empty if they have another layout."""
    if not RESULTS.exists():
        return {}
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results if results.get("layout") == LAYOUT else {"layout": LAYOUT}


def _measure(folder: Path, parts: Sequence[str], size: Size) -> dict[str, Any]:
    """Measure `parts`, each reported on standard error when it starts."""
    keras_model = str(folder / "blog.keras")
    processes.run_keras("make", keras_model)
    small, large = processes.make_photos(folder, size.gallery, size.large)
    some = small[: size.small]
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "start": lambda: _measure_start(small[0], keras_model, size.starts),
        "small": lambda: _measure_rate(some, keras_model, size.rates),
        "large": lambda: _measure_rate(large, keras_model, size.rates),
        "memory": lambda: _measure_memory(small, keras_model),
        "size": _measure_size,
        "many": lambda: many_photos.measure(some, _made(folder / "thousands"), size.few, size.many),
        "cluster": lambda: _measure_cluster(small),
        "imported": lambda: imported_model.measure(keras_model, some, _made(folder / "home"), size.rates),
    }
    results: dict[str, Any] = {"layout": LAYOUT, "machine": _machine()}
    for part in parts:
        began = time.monotonic()
        print(f"{part} ...", end=" ", file=sys.stderr, flush=True)
        results[part] = measures[part]()
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return results


def _windows() -> dict[str, tuple[str, ...]]:
    both = {"frozen": processes.WINDOW_FROZEN, "source": processes.WINDOW_FROM_SOURCE}
    return both if processes.FROZEN.is_dir() else {"source": processes.WINDOW_FROM_SOURCE}


def _measure_start(photo: Path, keras_model: str, repeats: int) -> dict[str, Any]:
    """Measure the time from process start to the window, its first verdict, and the end of the command line, in ms."""
    programs: dict[str, Callable[[], dict[str, float]]] = {}
    for name, program in _windows().items():
        programs[f"window_{name}"] = lambda program=program: {
            key: value
            for key, value in processes.run_window(program, [photo]).items()
            if key in ("window_ms", "first_verdict_ms")
        }
    command_lines = {"source": processes.COMMAND_LINE_FROM_SOURCE, "frozen": processes.COMMAND_LINE_FROZEN}
    for name in _windows():
        programs[f"command_line_{name}"] = lambda program=command_lines[name]: {
            "whole_ms": processes.run_command_line(program, photo) * 1000
        }
    programs["keras"] = lambda: {
        "first_verdict_ms": processes.run_keras("first", keras_model, str(photo))[0] * 1000,
    }
    return _take_turns(programs, repeats)


def _measure_rate(photos: list[Path], keras_model: str, repeats: int) -> dict[str, Any]:
    """Measure photos per second, and the bound."""
    names = [str(photo) for photo in photos]
    return _take_turns(
        {
            "app": lambda: processes.run_module("benchmarks.app_way", *photos),
            "keras": lambda: processes.run_keras("many", keras_model, *names)[1],
        },
        repeats,
    ) | {"photos": len(photos), "file_mb": statistics.fmean(photo.stat().st_size for photo in photos) / 1e6}


def _measure_memory(photos: list[Path], keras_model: str) -> dict[str, Any]:
    """Measure peak memory in MB: the window with all `photos`, and Keras after one."""
    memory = {name: processes.run_window(program, photos)["rss_mb"] for name, program in _windows().items()}
    keras = processes.run_keras("first", keras_model, str(photos[0]))[1]["rss_mb"]
    return memory | {"keras": keras, "photos": len(photos)}


def _measure_cluster(photos: list[Path]) -> dict[str, Any]:
    """Compare a cluster on the cores of this machine with the pipeline of one process."""
    return processes.run_module("benchmarks.cluster_way", *photos)


def _measure_size() -> dict[str, Any]:
    """Measure MB on disk: the bundle, and the TensorFlow package, which a bundle of the Keras way would contain."""
    found = importlib.util.find_spec("tensorflow")
    tensorflow = Path(found.origin).parent if found is not None and found.origin else None
    return {
        "bundle": processes.size_on_disk(processes.FROZEN) if processes.FROZEN.is_dir() else None,
        "tensorflow": processes.size_on_disk(tensorflow) if tensorflow else None,
    }


def _take_turns(programs: dict[str, Callable[[], dict[str, float]]], repeats: int) -> dict[str, Any]:
    """Run each of `programs` once in each of `repeats` rounds; return the median of every figure."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in programs}
    for _ in range(repeats):
        for name, program in programs.items():
            rounds[name].append(program())
    return {
        name: {key: round(statistics.median(one[key] for one in runs), 3) for key in runs[0]}
        for name, runs in rounds.items()
    }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _machine() -> dict[str, Any]:
    """Return the properties of the machine that the figures depend on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = ""
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        lines = [line for line in cpu_info.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else ""
    return {
        "cores": cores,
        "processor": model or platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
