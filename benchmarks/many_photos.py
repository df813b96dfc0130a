"""Thousands of photos in the window: speed, memory and responsiveness, compared with few photos.

The photos are dropped as a folder on the real window (see `gui/self_test.py`), which runs without a screen.
"""

import json
import statistics
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks import processes

_COMMENT: Final = b"\xff\xfe"
"""The marker of a comment in a JPEG."""
_KNOWN_RUNS: Final = 3


def measure(originals: list[Path], folder: Path, few: int, many: int) -> dict[str, Any]:
    """Drop a folder of `few` photos, one of `many`, the few again, and the many again when they are in the store."""
    small, large, home = folder / "few", folder / "many", folder / "home"
    write_distinct(originals, small, few)
    write_distinct(originals, large, many)
    home.mkdir()
    window = processes.WINDOW_FROZEN if processes.FROZEN.is_dir() else processes.WINDOW_FROM_SOURCE
    # The few photos run before and after the many, to average out a machine that changes its speed meanwhile.
    before = _figures(processes.run_window(window, [small]))
    new = _figures(processes.run_window(window, [large], home))
    after = _figures(processes.run_window(window, [small]))
    known = [_figures(processes.run_window(window, [large], home)) for _ in range(_KNOWN_RUNS)]
    return {
        "frozen": window is processes.WINDOW_FROZEN,
        "few": _medians([before, after]),
        "many": new,
        "known": _medians(known),
        "store": {
            "look_up_ms": processes.run_module("benchmarks.store_way", home / "data" / "store.sqlite", large)["ms"],
            "mb": {file.name: file.stat().st_size / 1e6 for file in (home / "data").glob("*.sqlite")},
        },
    }


def write_distinct(originals: list[Path], folder: Path, count: int) -> None:
    """Write `count` JPEGs in folders of 500, with different comments, so that no content is in the store already."""
    for number in range(count):
        content = originals[number % len(originals)].read_bytes()
        text = f"photo {number}".encode()
        place = folder / f"{number // 500:03}"
        place.mkdir(parents=True, exist_ok=True)
        segment = _COMMENT + (len(text) + 2).to_bytes(2, "big") + text
        (place / f"{number:05}.jpg").write_bytes(content[:2] + segment + content[2:])


def _figures(report: dict[str, Any]) -> dict[str, float]:
    photos = len(report["rows"])
    assert all(row["error"] is None for row in report["rows"])
    assert report["thumbnails_in_sight"] > 0
    return {
        "photos": photos,
        "all_ms": report["all_after_drop_ms"],
        "shown_ms": report["shown_after_drop_ms"],
        "ms_per_photo": report["all_after_drop_ms"] / photos,
        "late_ms": report["late_ms"],
        "latest_ms": report["latest_ms"],
        "rss_mb": report["rss_mb"],
    }


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


if __name__ == "__main__":
    # To look for a slow growth of memory: `python -m benchmarks.many_photos FOLDER_OF_PHOTOS EMPTY_FOLDER`.
    print(json.dumps(measure(sorted(Path(sys.argv[1]).glob("*.jpg")), Path(sys.argv[2]), 1_000, 10_000), indent=2))
