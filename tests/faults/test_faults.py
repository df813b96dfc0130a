"""An unexpected exception in any function costs what it happened in, and never the window or a photo."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import run_watch_faults
from command_server import PROGRAM as COMMANDS
from fault_trial import Place, try_cases
from run_command_faults import COURSES, ENDED, Commands
from run_faults import ENDED_AT_START, PROGRAM, WENT_ON, Windows, write_photos
from run_job_faults import JobWindows
from run_repeat_faults import COURSES as REPEATED
from run_repeat_faults import Repeats
from run_watch_faults import WENT_ON as WATCH_WENT_ON
from run_watch_faults import Watches

pytestmark = pytest.mark.slow
SAMPLE = 24
UNSAFE = f"""
{PROGRAM}
from PySide6.QtGui import QPainter
QPainter.__exit__ = lambda *_: None
"""
"""With it, painters stay active after an exception, as those do that no `with` ends."""
WRITES_IN_PLACE = f"""
{COMMANDS}
import contextlib
from catdog_desktop.files import atomic_write
atomic_write.atomic_write = lambda path, **_: contextlib.closing(path.open("wb"))
"""
"""A file that is replaced in it is empty at first."""
FORGETS_ARRIVALS = f"""
{COMMANDS}
from catdog_desktop.watching.arrivals import Arrivals
Arrivals._judge = lambda self, path, *_: self._candidates.pop(path)
"""
"""A watch in it drops every photo."""
TRASH_DELETES = f"""
{PROGRAM}
from catdog_desktop.gui import trash_commands
trash_commands.move_to_system_trash = lambda path: path.unlink()
trash_commands.TrashCommands.__init__.__defaults__ = (trash_commands.move_to_system_trash,)
"""
"""The window in it deletes what should go to the trash."""
LOSES_PHOTOS = f"""
{COMMANDS}
from catdog_desktop.files import safe_copy
safe_copy.rename_exclusively = lambda source, target: source.unlink() or True
"""
"""A move in it deletes."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "photos"
    write_photos(folder)
    return folder


@pytest.fixture(scope="module")
def windows(photos: Path) -> Iterator[Windows]:
    windows = Windows(photos)
    yield windows
    windows.close()


@pytest.fixture(scope="module")
def places(windows: Windows) -> list[Place]:
    return windows.places()


def _painting(places: list[Place]) -> Place:
    return next(place for place in places if place.name == "RowPainter.name")


def test_course_reaches_most_of_the_window(places: list[Place]) -> None:
    files = {place.file for place in places}
    assert len(places) > 1000
    assert {"gui/sorting/sort_dialog.py", "gui/viewer/photo_view.py", "gui/gallery/card.py"} <= files


def test_window_goes_on_after_a_fault_in_any_function(windows: Windows, places: list[Place]) -> None:
    outcomes = {place: windows.try_fault(place) for place in places[7 :: len(places) // SAMPLE]}
    assert not {str(place): outcome for place, outcome in outcomes.items() if outcome.is_defect}
    assert sum(outcome.text == WENT_ON for outcome in outcomes.values()) > SAMPLE // 2


def test_window_goes_on_after_a_fault_in_other_threads(photos: Path) -> None:
    windows = Windows(photos, threads="others")
    try:
        places = windows.places()
        assert {"gui/worker.py", "pipeline.py", "store/store.py", "decoding/decode.py"} <= {
            each.file for each in places
        }
        outcomes = {place: windows.try_fault(place) for place in places[5 :: len(places) // (SAMPLE // 2)]}
    finally:
        windows.close()
    assert not {str(place): outcome for place, outcome in outcomes.items() if outcome.is_defect}
    assert sum(outcome.text == WENT_ON for outcome in outcomes.values()) > SAMPLE // 4


@pytest.mark.parametrize("course", COURSES)
def test_no_photo_is_lost_by_a_fault_in_any_function(course: str) -> None:
    commands = Commands()
    try:
        cases = commands.cases(course)
        outcomes = {case: commands.try_case(case) for case in cases[3 :: len(cases) // (SAMPLE // 2)]}
    finally:
        commands.close()
    assert not {str(case): outcome for case, outcome in outcomes.items() if outcome.is_defect}
    assert sum(outcome.text == ENDED for outcome in outcomes.values()) > SAMPLE // 8


def test_lost_photo_is_found() -> None:
    commands = Commands(LOSES_PHOTOS)
    try:
        case = next(case for case in commands.cases("sort") if case.place.name == "_Run._put_step")
        outcome = commands.try_case(case, call=2)
    finally:
        commands.close()
    assert outcome.text.startswith("DEFECT lost [")


@pytest.mark.parametrize("course", REPEATED)
def test_command_can_be_repeated_after_a_fault_in_any_function(course: str) -> None:
    repeats = Repeats()
    try:
        cases = repeats.cases(course)
        outcomes = {case: repeats.try_case(case) for case in cases[4 :: len(cases) // (SAMPLE // 3)]}
    finally:
        repeats.close()
    assert not {str(case): outcome for case, outcome in outcomes.items() if outcome.is_defect}
    assert sum(outcome.text == ENDED for outcome in outcomes.values()) > SAMPLE // 8


def test_no_photo_is_lost_by_a_fault_in_the_jobs_of_the_window() -> None:
    windows = [JobWindows() for _ in range(2)]
    try:
        places = windows[0].places()
        assert {"trashing/trash_run.py", "sorting/run.py", "xmp/packet.py"} <= {place.file for place in places}
        outcomes = dict(try_cases(windows, places[6 :: len(places) // (SAMPLE // 2)], JobWindows.try_fault))
    finally:
        for each in windows:
            each.close()
    assert not {str(place): outcome for place, outcome in outcomes.items() if outcome.is_defect}
    assert sum(outcome.text == WENT_ON for outcome in outcomes.values()) > SAMPLE // 4


def test_photo_that_the_window_deletes_is_found() -> None:
    windows = JobWindows(TRASH_DELETES)
    try:
        outcome = windows.try_fault(Place("gui/trash_text.py", "describe_moved", 0))
    finally:
        windows.close()
    assert outcome.text.startswith("DEFECT lost [")


def test_half_written_file_is_found() -> None:
    repeats = Repeats(WRITES_IN_PLACE)
    try:
        case = next(case for case in repeats.cases("table") if case.place.name == "csv_row")
        outcome = repeats.try_case(case, call=2)
    finally:
        repeats.close()
    assert outcome.text.startswith("DEFECT half written")


def test_watch_goes_on_after_a_fault_in_any_function() -> None:
    # Most of the time they wait.
    watches = [Watches() for _ in range(4)]
    try:
        # The first half is called at the start.
        places = watches[0].places()
        chosen = places[len(places) // 2 :: len(places) // SAMPLE]
        outcomes = dict(try_cases(watches, chosen, Watches.try_fault))
    finally:
        for each in watches:
            each.close()
    assert not {str(place): outcome for place, outcome in outcomes.items() if outcome.is_defect}
    assert sum(outcome.text == WATCH_WENT_ON for outcome in outcomes.values()) > SAMPLE // 4


def test_lost_arrival_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_watch_faults, "ARRIVAL_SECONDS", 8.0)
    watches = Watches(FORGETS_ARRIVALS)
    try:
        outcome = watches.try_fault(Place("watching/folder_watch.py", "FolderWatch._is_skipped", 0))
    finally:
        watches.close()
    assert outcome.text.startswith("DEFECT")


def test_fault_while_painting_is_shown_and_window_goes_on(windows: Windows, places: list[Place]) -> None:
    outcome = windows.try_fault(_painting(places))
    assert outcome.text == WENT_ON
    assert "QBackingStore" not in outcome.output


def test_fault_before_the_window_is_used_ends_the_start_with_a_message(windows: Windows, places: list[Place]) -> None:
    place = next(place for place in places if place.name == "Session.start")
    outcome = windows.try_fault(place)
    assert outcome.text == ENDED_AT_START
    assert "FaultError: put into Session.start" in outcome.output


def test_unsafe_painting_is_found(photos: Path, places: list[Place]) -> None:
    windows = Windows(photos, program=UNSAFE)
    try:
        outcome = windows.try_fault(_painting(places))
    finally:
        windows.close()
    assert outcome.is_defect or "QBackingStore" in outcome.output
