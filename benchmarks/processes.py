"""Processes as a user starts them: the time until something is shown, and the memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FROZEN = ROOT / "dist" / "CatDog"
WINDOW_FROM_SOURCE = (sys.executable, "-m", "catdog_desktop")
COMMAND_LINE_FROM_SOURCE = (sys.executable, "-m", "catdog_desktop")
WINDOW_FROZEN = (str(FROZEN / "CatDog"),)
COMMAND_LINE_FROZEN = (str(FROZEN / "catdog-cli"),)


def check_frozen() -> None:
    """Exit with an error if the frozen app has another model than the source, so is out of date."""
    model = Path("models", "catdog", "model.json")
    for frozen in FROZEN.glob(f"_internal/catdog_desktop/{model.as_posix()}"):
        if frozen.read_bytes() != (ROOT / model).read_bytes():
            raise SystemExit(f"{FROZEN} was made with another model. Run `make bundle` first, or remove it.")


def make_photos(folder: Path, small: int, large: int) -> tuple[list[Path], list[Path]]:
    """Write that many photos of 500 pixels and of 12 megapixels to `folder` and return them."""
    _run([sys.executable, "-m", "benchmarks.photo_sets", str(folder), str(small), str(large)], {})
    return sorted(folder.glob("small-*.jpg")), sorted(folder.glob("large-*.jpg"))


def run_window(program: Sequence[str], photos: Sequence[Path], kept_home: Path | None = None) -> dict[str, Any]:
    """Open the window without a screen, drop `photos` on it, return its report (see `gui/self_test.py`).

    The app remembers nothing from before, unless it is given a home that is kept.
    """
    with tempfile.TemporaryDirectory() as passing_home:
        home = kept_home or Path(passing_home)
        report = home / "report.json"
        more = {"QT_QPA_PLATFORM": "offscreen", "CATDOG_SELF_TEST": str(report), "CATDOG_HOME": str(home)}
        _run([*program, *map(str, photos)], more)
        return dict(json.loads(report.read_text(encoding="utf-8")))


def run_command_line(program: Sequence[str], photo: Path) -> float:
    """Return the seconds that the command line takes for one photo, from process start to end."""
    start = time.perf_counter()
    _run([*program, "classify", str(photo)], {})
    return time.perf_counter() - start


def run_at_home(home: Path, *arguments: str) -> str:
    """Run the command line with `home` as its data folder; return its output."""
    return _run([*COMMAND_LINE_FROM_SOURCE, *arguments], {"CATDOG_HOME": str(home)})


def run_keras(command: str, *arguments: str) -> tuple[float, dict[str, float]]:
    """Run `benchmarks.keras_way` as a process; return its seconds and its output."""
    start = time.perf_counter()
    output = _run([sys.executable, "-m", "benchmarks.keras_way", command, *arguments], {})
    return time.perf_counter() - start, json.loads(output) if output else {}


def run_module(name: str, *arguments: object) -> dict[str, Any]:
    """Run a module of the benchmarks as a process; return its output."""
    return dict(json.loads(_run([sys.executable, "-m", name, *map(str, arguments)], {})))


def size_on_disk(folder: Path) -> float:
    """Return the size of the files below `folder` in MB; links do not count."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def _run(command: list[str], more: dict[str, str]) -> str:
    environment = os.environ | more
    # A developer's setting, with which each start compiles the whole source: users start compiled code.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    ended = subprocess.run(
        command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise SystemExit(f"{' '.join(command[:4])} ... failed:\n{ended.stderr[-2000:]}")
    return ended.stdout
