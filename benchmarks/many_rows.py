"""How the gallery bears very many photos: `python -m benchmarks.many_rows [ROWS]`.

The window is the real one; the photos are made up, so that only the GUI thread is measured: how long it is held by each
thing that a user does or that happens, layout and painting included. Prints a table; nothing may take much over 50 ms.
"""

import argparse
import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Result, Scores, Verdict

CHUNK = 400
"""So many photos come from the store at once."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as home:
        os.environ["CATDOG_HOME"] = home
        QApplication([])
        window = MainWindow(Path(home, "no model"), Settings(), Path(home, "settings.json"))
        window.show()
        print(f"{count:,} photos; milliseconds of the GUI thread, the middle and the longest")
        _measure(window, count)
        window.close()


def _measure(window: MainWindow, count: int) -> None:
    gallery = window.session.gallery
    paths = _paths(count)
    before = _memory_mb()
    _table("add photos, 400 at a time", [_held(gallery.add, chunk) for chunk in _chunks(paths)])
    scores = random.Random(1)
    chunks = [[_result(path, scores) for path in chunk] for chunk in _chunks(paths)]
    _table("take results, 400 at a time", [_held(gallery.apply_results, chunk) for chunk in chunks])
    del chunks
    gc.collect()
    print(f"{'memory of a photo':<44}{(_memory_mb() - before) * 1e6 / count:10,.0f} bytes")
    for filter_ in Filter:
        _table(f"show {filter_.value}", [_held(window.filtering.set_filter, filter_)])
    window.filtering.set_filter(Filter.ALL)
    for key in ("name", "cat", "dog", "date", "added"):
        _table(f"sort by {key}", [_held(window.appearance.set_sort, key)])
        _table("  the other way round", [_held(window.appearance.set_descending, not window.settings.sort_descending)])
    _table("search, letter by letter", [_held(window.header.search.setText, "img_77"[:end]) for end in range(1, 7)])
    _table("  and back", [_held(window.header.search.clear)])
    bar = window.gallery.verticalScrollBar()
    places = [round(bar.maximum() * step / 40) for step in range(41)]
    _table("scroll to another place", [_held(bar.setValue, place) for place in places])
    bar.setValue(bar.maximum() // 2)
    page = bar.pageStep()
    _table("scroll by a page", [_held(bar.setValue, bar.value() + page) for _ in range(40)])
    _table("select all", [_held(window.gallery.selectAll)])
    _table("grid to list", [_held(window.appearance.set_view, "list")])
    _table("list to grid", [_held(window.appearance.set_view, "grid")])
    window.filtering.set_filter(Filter.CAT)
    again = [[_result(path, scores) for path in chunk] for chunk in list(_chunks(paths))[:20]]
    _table("take results while only cats are shown", [_held(gallery.apply_results, chunk) for chunk in again])
    window.filtering.set_filter(Filter.ALL)
    window.appearance.set_sort("cat")
    again = [[_result(path, scores) for path in chunk] for chunk in list(_chunks(paths))[20:40]]
    _table("take results while sorted by score", [_held(gallery.apply_results, chunk) for chunk in again])
    window.appearance.set_sort("added")
    moved = replace(window.settings, cat_threshold=0.7)
    _table("move the thresholds", [_held(window.session.use_settings, moved)])
    for words, secondary in (
        ("photos of a folder", SecondaryFilter(folder=Path("/photos/2007"))),
        ("photos of a year", SecondaryFilter(first_day=date(2007, 1, 1), last_day=date(2007, 12, 31))),
        ("photos with a score", SecondaryFilter(cat=(0.3, 0.7))),
    ):
        _table(f"show {words}", [_held(window.filtering.set_query, Query(secondary=secondary))])
    _table("  and all again", [_held(window.filtering.clear)])
    _table("unfold the further filters", [_held(window.filtering.toggle_more)])
    window.filtering.toggle_more()
    _table("verdict on 1,000 photos", [_held(window.session.correct, paths[:1000], Verdict.CAT)])
    _table("  and undo", [_held(window.session.undo_correction)])
    _table("look for new photos", [_held(window.session.rescan, False)])
    _table("take 1,000 off the list", [_held(gallery.remove, paths[5000:6000])])
    _table("take all off the list", [_held(gallery.remove, paths)])


def _held(do: Callable[..., object], *arguments: object) -> float:
    """Return for how many milliseconds the GUI thread works on `do` and on what follows from it.

    Processor time, so that the figure does not depend on what else the machine does.
    """
    began = time.thread_time()
    do(*arguments)
    QApplication.processEvents()
    return (time.thread_time() - began) * 1000


def _memory_mb() -> float:
    """Return what this process holds now, in MB (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _table(what: str, held: list[float]) -> None:
    print(f"{what:<44}{statistics.median(held):10.1f}{max(held):10.1f}")


def _paths(count: int) -> list[Path]:
    """Return made-up photos in many folders; the names come as file systems give them, in no order."""
    chance = random.Random(0)
    numbers = list(range(count))
    chance.shuffle(numbers)
    return [Path(f"/photos/{2000 + n % 25}/{n % 12 + 1:02d}/IMG_{number}.jpg") for n, number in enumerate(numbers)]


def _result(path: Path, chance: random.Random) -> Result:
    number = chance.randrange(100)
    if number == 0:
        return Result(path, error="is damaged and cannot be decoded", fingerprint=f"{chance.getrandbits(128):032x}")
    cat, dog = (chance.betavariate(0.2, 0.2) for _ in range(2))
    return Result(
        path,
        scores=Scores(cat, dog),
        info=PhotoInfo(
            width=4032,
            height=3024,
            date=datetime(2000, 1, 1) + timedelta(minutes=chance.randrange(25 * 365 * 1440)),
            file_bytes=3_000_000 + number,
        ),
        heat_maps=np.zeros((7, 7, 2), np.uint8),
        fingerprint=f"{chance.getrandbits(128) if number > 3 else chance.randrange(3000):032x}",
    )


def _chunks(paths: list[Path]) -> Iterator[list[Path]]:
    for start in range(0, len(paths), CHUNK):
        yield paths[start : start + CHUNK]


if __name__ == "__main__":
    main()
