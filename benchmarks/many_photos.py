"""Thousands of photos in the window: does it stay as fast, as small and as quick to answer as with a few?

    python -m benchmarks.many_photos

Takes about ten minutes; writes `benchmarks/many_photos.json` and the table in `benchmarks/README.md`.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks import processes, tables

HERE: Final = Path(__file__).resolve().parent
_COMMENT: Final = b"\xff\xfe"
"""The marker of a comment in a JPEG."""


def main() -> None:
    """Measure 1,000 and 10,000 photos, and the 10,000 again when they are known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_photos", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the photos, nothing is written")
    quick = parser.parse_args().quick
    few, many = (100, 1_000) if quick else (1_000, 10_000)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        results = measure(Path(name), few, many)
    text = tables.render_many(results)
    print(text)
    if not quick:
        (HERE / "many_photos.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        tables.put_into(HERE / "README.md", text, "many")


def measure(folder: Path, few: int, many: int) -> dict[str, Any]:
    """Drop a folder of `few` photos, one of `many`, and the latter once more."""
    originals, _ = processes.make_photos(folder, 240, 0)
    small, large = folder / "few", folder / "many"
    write_distinct(originals, small, few)
    write_distinct(originals, large, many)
    window = processes.WINDOW_FROZEN if processes.FROZEN.is_dir() else processes.WINDOW_FROM_SOURCE
    home = folder / "home"
    home.mkdir()
    return {
        "frozen": window is processes.WINDOW_FROZEN,
        "few": _figures(processes.run_window(window, [small])),
        "many": _figures(processes.run_window(window, [large], home)),
        "known": _figures(processes.run_window(window, [large], home)),
    }


def write_distinct(originals: list[Path], folder: Path, count: int) -> None:
    """Write `count` JPEGs in folders of 500, each with a comment of its own, so that no content is known already."""
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
    seconds = report["all_after_drop_ms"] / 1000
    return {
        "photos": photos,
        "seconds": round(seconds, 2),
        "ms_per_photo": round(1000 * seconds / photos, 3),
        "late_ms": report["late_ms"],
        "latest_ms": report["latest_ms"],
        "rss_mb": report["rss_mb"],
    }


if __name__ == "__main__":
    main()
