"""The GUI thread with very many photos in the gallery: `python -m benchmarks.many_rows [ROWS]`.

The window is real and the photos are made up, so that only the GUI thread is measured: the processor time of each user
action or event, with layout and painting. Prints a table. No row should be much over 50 ms.
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

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QApplication

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.learning.stack_finder import Snapshot
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.progress import Progress
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Result, Scores, Verdict

CHUNK = 400
"""The number of results that the store gives at once."""


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
        print(f"{count:,} photos; milliseconds of the GUI thread, median and maximum")
        _measure(window, count)
        window.close()


def _measure(window: MainWindow, count: int) -> None:
    gallery = window.session.gallery
    paths = _paths(count)
    before = _memory_mb()
    _print_row("add photos, 400 at a time", [_gui_ms(gallery.add, chunk) for chunk in _chunks(paths)])
    scores = random.Random(1)
    chunks = [[_result(path, scores) for path in chunk] for chunk in _chunks(paths)]
    _print_row("take results, 400 at a time", [_gui_ms(gallery.apply_results, chunk) for chunk in chunks])
    del chunks
    gc.collect()
    print(f"{'memory of a photo':<44}{(_memory_mb() - before) * 1e6 / count:10,.0f} bytes")
    for filter_ in Filter:
        _print_row(f"show {filter_.value}", [_gui_ms(window.filtering.set_filter, filter_)])
    window.filtering.set_filter(Filter.ALL)
    for key in ("name", "folder", "date", "size", "cat", "dog", "verdict", "certainty", "added"):
        _print_row(f"sort by {key}", [_gui_ms(window.appearance.set_sort, key)])
        _print_row(
            "  the other way round", [_gui_ms(window.appearance.set_descending, not window.settings.sort_descending)]
        )
    _print_row(
        "search, letter by letter", [_gui_ms(window.header.search.setText, "img_77"[:end]) for end in range(1, 7)]
    )
    _print_row("  and back", [_gui_ms(window.header.search.clear)])
    for query in (
        "img 77",
        "2007 img -9",
        "2007",
        "is:unsure",
        "cat:>0.9 dog:<0.1",
        "date:2007-05",
        "folder:2007",
        "size:>2MB img 1 2",
    ):
        _print_row(f"  search “{query}”", [_gui_ms(window.header.search.setText, query)])
    window.header.search.clear()
    for grouping in ("month", "folder"):
        _print_row(f"group by {grouping}", [_gui_ms(window.appearance.set_grouping, grouping)])
        _print_row("  sort by date in groups", [_gui_ms(window.appearance.set_sort, "date")])
        _print_row("  show cats in groups", [_gui_ms(window.filtering.set_filter, Filter.CAT)])
        _print_row("  and all", [_gui_ms(window.filtering.set_filter, Filter.ALL)])
        _print_row("  search in groups", [_gui_ms(window.header.search.setText, "img 7")])
        _print_row("  and back", [_gui_ms(window.header.search.clear)])
        _print_row("  select a group", [_gui_ms(window.gallery.select_group)])
        window.appearance.set_sort("added")
    _print_row("no groups", [_gui_ms(window.appearance.set_grouping, "none")])
    _measure_stacks(window, count)
    _print_row("statistics", [_gui_ms(gallery.statistics)])
    bar = window.gallery.verticalScrollBar()
    places = [round(bar.maximum() * step / 40) for step in range(41)]
    _print_row("scroll to another place", [_gui_ms(bar.setValue, place) for place in places])
    bar.setValue(bar.maximum() // 2)
    page = bar.pageStep()
    _print_row("scroll by a page", [_gui_ms(bar.setValue, bar.value() + page) for _ in range(40)])
    _print_row("select all", [_gui_ms(window.gallery.selectAll)])
    half = np.arange(count // 2, dtype=np.int32) + count // 4
    window.gallery.selectionModel().select(gallery.selection_of(half), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    _print_row("sort with half of them selected", [_gui_ms(window.appearance.set_sort, "size")])
    _print_row("  and back", [_gui_ms(window.appearance.set_sort, "added")])
    window.gallery.clearSelection()
    _print_row("grid to list", [_gui_ms(window.appearance.set_view, "list")])
    _print_row("list to grid", [_gui_ms(window.appearance.set_view, "grid")])
    window.filtering.set_filter(Filter.CAT)
    again = [[_result(path, scores) for path in chunk] for chunk in list(_chunks(paths))[:20]]
    _print_row("take results while only cats are shown", [_gui_ms(gallery.apply_results, chunk) for chunk in again])
    window.filtering.set_filter(Filter.ALL)
    window.appearance.set_sort("cat")
    again = [[_result(path, scores) for path in chunk] for chunk in list(_chunks(paths))[-20:]]
    _print_row("take results while sorted by score", [_gui_ms(gallery.apply_results, chunk) for chunk in again])
    window.appearance.set_sort("added")
    moved = replace(window.settings, cat_threshold=0.7)
    _print_row("move the thresholds", [_gui_ms(window.session.use_settings, moved)])
    for words, secondary in (
        ("photos of a folder", SecondaryFilter(folder=Path("/photos/2007"))),
        ("photos of a year", SecondaryFilter(first_day=date(2007, 1, 1), last_day=date(2007, 12, 31))),
        ("photos with a score", SecondaryFilter(cat=(0.3, 0.7))),
    ):
        _print_row(f"show {words}", [_gui_ms(window.filtering.set_query, Query(secondary=secondary))])
    _print_row("  and all again", [_gui_ms(window.filtering.clear)])
    _print_row("unfold the further filters", [_gui_ms(window.filtering.toggle_more)])
    window.filtering.toggle_more()
    _print_row("verdict on 1,000 photos", [_gui_ms(window.session.correct, paths[:1000], Verdict.CAT)])
    _print_row("  and undo", [_gui_ms(window.session.undo_correction)])
    ended = JobProgress(Progress(count, count), busy=False)
    window.session.opened.emit([Path("/photos")])
    _print_row("end of a job", [_gui_ms(window.session.job_ended.emit, ended)])
    _print_row("look for new photos", [_gui_ms(window.session.rescan, False)])
    _print_row("take 1,000 off the list", [_gui_ms(gallery.remove, paths[count // 2 :][:1000])])
    _print_row("take all off the list", [_gui_ms(gallery.remove, paths)])


def _measure_stacks(window: MainWindow, count: int) -> None:
    """Measure actions while a third of the photos is in stacks of two to five."""
    gallery = window.session.gallery
    stacks = [list(range(start, min(count, start + 2 + start // 10 % 4))) for start in range(0, count - 1, 10)]
    query = window.filtering.query
    _print_row("close stacks", [_gui_ms(gallery.set_stacks, stacks)])
    _print_row("  show them", [_gui_ms(window.filtering.set_query, replace(query, stacks=True))])
    _print_row(
        "  open one",
        [_gui_ms(window.stacks.open_or_close, gallery.row_at(n)) for n in range(0, min(2000, count // 2), 100)],
    )
    _print_row("  show cats", [_gui_ms(window.filtering.set_filter, Filter.CAT)])
    _print_row("  and all", [_gui_ms(window.filtering.set_filter, Filter.ALL)])
    _print_row("  sort by date", [_gui_ms(window.appearance.set_sort, "date")])
    _print_row("  group by month", [_gui_ms(window.appearance.set_grouping, "month")])
    _print_row("  no groups", [_gui_ms(window.appearance.set_grouping, "none")])
    _print_row("  select all", [_gui_ms(window.gallery.selectAll)])
    _print_row("  take the rows for a job", [_gui_ms(lambda: Snapshot(*gallery.to_stack()))])
    _print_row("  every photo again", [_gui_ms(window.filtering.set_query, replace(query, stacks=False))])
    window.appearance.set_sort("added")
    window.gallery.clearSelection()


def _gui_ms(do: Callable[..., object], *arguments: object) -> float:
    """Return the ms that the GUI thread works on `do` and on the events that it causes.

    It is processor time, so that other programs do not change the figure.
    """
    began = time.thread_time()
    do(*arguments)
    QApplication.processEvents()
    return (time.thread_time() - began) * 1000


def _memory_mb() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _print_row(what: str, times: list[float]) -> None:
    print(f"{what:<44}{statistics.median(times):10.1f}{max(times):10.1f}")


def _paths(count: int) -> list[Path]:
    """Return made-up paths in many folders, in random order, as file systems list them."""
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
