"""Measure everything and write `benchmarks/results.json`, the tables in `benchmarks/README.md`, and print them.

    python -m benchmarks [--quick]

The app and the Keras way take turns within one run, and medians are kept, so that the ratios hold even where the
machine is busy with something else. The frozen app is measured if `make bundle` has been run.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import processes, tables

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the app beside the Keras way.")
    parser.add_argument("--quick", action="store_true", help="few repeats, nothing is written: to try the benchmark")
    quick = parser.parse_args().quick
    repeats, small_count, large_count, gallery_count = (2, 48, 6, 100) if quick else (7, 240, 18, 1000)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        keras_model = str(folder / "blog.keras")
        processes.run_keras("make", keras_model)
        small, large = processes.make_photos(folder, gallery_count, large_count)
        results = {
            "machine": _machine(),
            "start": _measure_start(small[0], keras_model, repeats),
            "small": _measure_rate(small[:small_count], keras_model, repeats // 2),
            "large": _measure_rate(large, keras_model, repeats // 2),
            "memory": _measure_memory(small, keras_model),
            "size": _measure_size(),
        }
    text = tables.render(results)
    print(text)
    if not quick:
        (HERE / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        tables.put_into(HERE / "README.md", text)


def _windows() -> dict[str, tuple[str, ...]]:
    both = {"frozen": processes.WINDOW_FROZEN, "source": processes.WINDOW_FROM_SOURCE}
    return both if processes.FROZEN.is_dir() else {"source": processes.WINDOW_FROM_SOURCE}


def _measure_start(photo: Path, keras_model: str, repeats: int) -> dict[str, Any]:
    """Process start to the window, to the first verdict in it, and to the end of the command line, in ms."""
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
    """Photos a second, and the bound."""
    names = [str(photo) for photo in photos]
    return _take_turns(
        {
            "app": lambda: processes.run_app(photos),
            "keras": lambda: processes.run_keras("many", keras_model, *names)[1],
        },
        max(1, repeats),
    ) | {"photos": len(photos), "file_mb": statistics.fmean(photo.stat().st_size for photo in photos) / 1e6}


def _measure_memory(photos: list[Path], keras_model: str) -> dict[str, Any]:
    """Most memory in MB: the window with all `photos`, and Keras after one."""
    memory = {name: processes.run_window(program, photos)["rss_mb"] for name, program in _windows().items()}
    keras = processes.run_keras("first", keras_model, str(photos[0]))[1]["rss_mb"]
    return memory | {"keras": keras, "photos": len(photos)}


def _measure_size() -> dict[str, Any]:
    """MB on disk: the bundle, and the TensorFlow package that a bundle of the Keras way would hold."""
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


def _machine() -> dict[str, Any]:
    """Name the kind of machine in general words."""
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
