"""A sort in the window: progress, stop, undo, rows that follow their photos, and sorts that were interrupted."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from driving import WAIT_MS, App, grab
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot
from sort_steps import activate, bar, make_plan, open_dialog, press, press_and_wait, sort, start

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui.dialogs import CrashDialog, ListDialog
from catdog_desktop.gui.gallery.gallery_model import THUMBNAIL_ROLE
from catdog_desktop.gui.jobs import Job
from catdog_desktop.gui.sorting.sort_job import MoveReporter, sort_work
from catdog_desktop.gui.theme import is_dark
from catdog_desktop.paths import journals_folder
from catdog_desktop.progress import Progress
from catdog_desktop.sorting import history, plan, transfers
from catdog_desktop.sorting import run as sort_run
from catdog_desktop.sorting.history import list_sorts, unfinished_sorts
from catdog_desktop.sorting.journal import list_journals
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.run import PhotoDone, SortOutcome
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

posix = pytest.mark.skipif(os.name != "posix", reason="file names that are bytes")


@pytest.fixture
def photos(make_photos: Callable[..., list[Path]]) -> list[Path]:
    """Six photos: two cats, four of neither."""
    return make_photos(6)


class Gate:
    """Holds every photo of a sort until it may pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._through = threading.Semaphore(0)
        self.waiting = threading.Event()
        real = transfers.put

        def put(*args: Any) -> None:
            self.waiting.set()
            assert self._through.acquire(timeout=60)
            real(*args)

        monkeypatch.setattr(sort_run, "put", put)

    def let_pass(self, count: int) -> None:
        self._through.release(count)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(monkeypatch)
    yield gate
    gate.let_pass(1000)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# --- moves and undo ---


def test_rows_follow_moved_photos_and_their_undo(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    app.window.session.correct([photos[1]], Verdict.DOG)
    app.wait_for(lambda: app.row(photos[1]).verdict is Verdict.DOG)
    app.select([photos[0]])
    app.wait_for(lambda: app.window.preview.view.has_photo)
    out = tmp_path / "sorted"
    sort(app, out, move=True)
    assert bar(app).text == f"6 photos moved to “{out}”."
    places = [
        *(out / name for name in ("cats/IMG_1.jpg", "dogs/IMG_2.jpg", "neither/IMG_3.jpg")),
        *(out / name for name in ("cats/IMG_4.jpg", "neither/IMG_5.jpg", "neither/IMG_6.jpg")),
    ]
    assert [row.path for row in app.shown] == places, "in their order"
    assert all(row.state is State.DONE and row.result is not None and row.result.path == row.path for row in app.shown)
    assert str(places[0]) in app.tooltip(places[0])
    assert app.window.gallery.current_row is app.row(places[0])
    index = app.window.session.gallery.index_of(places[2])
    app.wait_for(lambda: index.data(THUMBNAIL_ROLE) is not None)
    app.add(out)
    assert len(app.shown) == 6, "they are known at their new paths"
    with Store.open() as store:
        assert store.corrections([places[1]]) == {places[1]: Verdict.DOG}
        used = app.window.session.model
        assert used is not None
        # The pipeline remembers results in its own time, a moment after they are shown.
        app.wait_for(lambda: set(store.known(places, used.identity)) == set(places))
    app.window.session.undo_correction()
    app.wait_for(lambda: app.row(places[1]).verdict is Verdict.NEITHER)
    press_and_wait(app, "Undo")
    assert bar(app).text == "6 photos moved back."
    assert [row.path for row in app.shown] == photos
    assert not out.exists()


def test_rescan_after_a_move_looks_for_opened_photos_at_their_new_paths(
    app: App, photos: list[Path], tmp_path: Path
) -> None:
    app.add(*photos)
    sort(app, tmp_path / "sorted", move=True)
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.window.session.rescan(everything=False)
    assert len(app.shown) == 6, "the old paths are not added as missing photos"
    assert {row.state for row in app.shown} == {State.DONE}


def test_copies_of_a_sort_are_skipped_unless_opened_by_name(app: App, photos: list[Path], folder: Path) -> None:
    app.add(folder)
    sort(app, folder / "sorted")
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.window.session.rescan(everything=False)
    app.add(folder)
    app.wait_for(lambda: "Skipped" in app.message)
    assert [row.path for row in app.shown] == photos
    app.add(folder / "sorted/cats")
    assert len(app.shown) == 8, "a folder that is opened by name is wanted"


def test_move_keeps_filter_and_sorts_shown_photos_only(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    activate(app)
    app.key(Qt.Key.Key_5)  # neither
    sort(app, tmp_path / "sorted", move=True)
    assert app.names == ["IMG_2.jpg", "IMG_3.jpg", "IMG_5.jpg", "IMG_6.jpg"]
    assert {row.path.parent.name for row in app.shown} == {"neither"}
    assert photos[0].exists(), "only what was shown was moved"


def test_last_sort_is_undone_by_shortcut(app: App, photos: list[Path], tmp_path: Path) -> None:
    undo = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    app.key(Qt.Key.Key_Z, undo)
    app.wait_for(lambda: bar(app).text == "There is no sort to undo.")
    app.add(*photos)
    sort(app, tmp_path / "sorted")
    activate(app)
    app.key(Qt.Key.Key_Z, undo)
    app.wait_for(lambda: bar(app).text == "6 copies removed.")
    assert not (tmp_path / "sorted").exists()


def test_undo_of_an_older_sort_asks_first(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    older, last = tmp_path / "older", tmp_path / "last"
    sort(app, older)
    sort(app, last)
    activate(app)
    app.run("file.undo_sort")
    app.wait_for(lambda: not last.exists() and not app.window.sort.is_running)
    app.run("file.undo_sort")
    app.wait_for(lambda: "The last sort, " in bar(app).text)
    (info,) = [info for info in list_sorts() if info.state is JournalState.ENDED]
    day = info.started.astimezone()
    assert bar(app).text == f"The last sort, {day.day} {day:%B %Y}, {day:%H:%M}: 6 photos copied to “{older}”. Undo it?"
    assert len(names(older)) == 6, "nothing is undone yet"
    press_and_wait(app, "Undo")
    assert not older.exists()


def test_move_is_reported_once(qtbot: QtBot, tmp_path: Path) -> None:
    """Another photo may get the old name of a moved one before the sort has ended."""
    places = {tmp_path / name: tmp_path / "cats" / name for name in ("a.jpg", "b.jpg")}
    first = PhotoDone(Progress(1, 2), *next(iter(places.items())))
    reported_once = threading.Event()
    reports: list[dict[Path, Path]] = []

    def work(
        *,
        on_photo: Callable[[PhotoDone], None],
        cancel_token: CancelToken,
        on_moved: Callable[[Mapping[Path, Path]], object],
    ) -> SortOutcome:
        while not reported_once.is_set() and not cancel_token.cancelled:
            on_photo(first)
        on_moved(places)
        return SortOutcome("")

    def run_job(reported: Mapping[Path, Path]) -> Mapping[Path, Path]:
        moves = MoveReporter(reported)
        moves.moved.connect(reports.append, Qt.ConnectionType.DirectConnection)
        moves.moved.connect(lambda _moved: reported_once.set(), Qt.ConnectionType.DirectConnection)
        job = Job(sort_work(work, moves), name="sort")
        with qtbot.waitSignal(job.ended, timeout=WAIT_MS):
            job.start()
        assert job.wait(WAIT_MS)
        return moves.reported

    reported = run_job({})
    (old, new), (other, there) = places.items()
    assert reports == [{old: new}, {other: there}]
    run_job(reported)
    assert len(reports) == 2, "nor again by the rest of a sort that was stopped"


# --- stop, failures, refusals ---


def test_stopped_sort_is_resumed(app: App, photos: list[Path], tmp_path: Path, gate: Gate) -> None:
    app.add(*photos)
    start(app, tmp_path / "sorted")
    app.wait_for(gate.waiting.is_set)
    assert bar(app).button_texts == ["Stop"]
    assert not app.action("file.sort").isEnabled()
    assert not app.action("file.undo_sort").isEnabled()
    gate.let_pass(1)
    app.wait_for(lambda: bar(app).text.startswith("Copying: 1 of 6"))
    press(app, "Stop")
    gate.let_pass(1)  # the current photo is finished
    app.wait_for(lambda: not app.window.sort.is_running)
    assert bar(app).text == f"Stopped. 2 photos copied to “{tmp_path / 'sorted'}”. 4 photos left."
    assert bar(app).button_texts == ["Undo", "Resume", "Show folder"]
    gate.let_pass(1000)
    press_and_wait(app, "Resume")
    assert bar(app).text == f"4 photos copied to “{tmp_path / 'sorted'}”."
    assert len(names(tmp_path / "sorted")) == 6
    press_and_wait(app, "Undo")
    assert not (tmp_path / "sorted").exists(), "both parts of the sort are undone"


def test_failed_photos_are_listed_in_details(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    photos[2].unlink()
    app.click(dialog.start)
    app.wait_for(lambda: not app.window.sort.is_running)
    assert "5 photos copied" in bar(app).text
    assert "1 photo failed." in bar(app).text
    press(app, "Details")
    heading = " ".join(label.text() for label in app.dialog(ListDialog).findChildren(QLabel))
    assert "What failed" in heading
    assert "No photo is lost" not in heading
    details = app.dialog(ListDialog).findChild(QPlainTextEdit)
    assert details is not None
    assert details.toPlainText() == f"{photos[2]}  —  is no longer there."


def test_sort_beside_another_process_is_refused(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    with one_writer(journals_folder()):
        sort(app, tmp_path / "sorted")
        assert bar(app).text.startswith("Another sort is running")
    sort(app, tmp_path / "sorted")
    assert "6 photos copied" in bar(app).text


def test_unexpected_error_is_shown_and_sort_can_be_finished(
    app: App, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the disk is on fire")

    app.add(*photos)
    with monkeypatch.context() as broken:
        broken.setattr(sort_run, "put", fail)
        start(app, tmp_path / "sorted")
        app.wait_for(lambda: not app.window.sort.is_running)
        dialog = app.dialog(CrashDialog)
        assert isinstance(dialog, CrashDialog)
        assert "the disk is on fire" in dialog.report
    dialog.reject()
    app.wait_for(lambda: bar(app).button_texts == ["Finish", "Undo", "Leave as is"])
    press_and_wait(app, "Finish")
    assert len(names(tmp_path / "sorted")) == 6


# --- interrupted sorts ---


@pytest.fixture
def interrupted(
    open_app: Callable[..., App], photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Interrupt a move after two of six photos by closing the window; return its destination."""
    app = open_app()
    app.wait_for(lambda: app.window.session.model is not None)
    app.add(*photos)
    with monkeypatch.context() as gated:
        gate = Gate(gated)
        start(app, tmp_path / "sorted", move=True)
        gate.let_pass(1)
        app.wait_for(lambda: "1 of 6" in bar(app).text)
        begin_close = Job.begin_close

        def close_and_let_the_current_photo_through(job: Job) -> None:
            begin_close(job)
            gate.let_pass(1)

        gated.setattr(Job, "begin_close", close_and_let_the_current_photo_through)
        app.window.close()
    (info,) = unfinished_sorts()
    assert (info.done, info.photos, info.state) == (2, 6, JournalState.UNFINISHED)
    return tmp_path / "sorted"


def open_with_offer(open_app: Callable[..., App]) -> App:
    app = open_app()
    app.wait_for(lambda: bar(app).isVisible())
    assert "was interrupted after 2 of 6: 2 photos moved to" in bar(app).text
    assert bar(app).button_texts == ["Finish", "Undo", "Leave as is"]
    return app


def test_interrupted_sort_is_finished(open_app: Callable[..., App], interrupted: Path) -> None:
    app = open_with_offer(open_app)
    press_and_wait(app, "Finish")
    assert bar(app).text == f"4 photos moved to “{interrupted}”."
    assert len(names(interrupted)) == 6


def test_interrupted_sort_is_undone(open_app: Callable[..., App], interrupted: Path, photos: list[Path]) -> None:
    app = open_with_offer(open_app)
    press_and_wait(app, "Undo")
    assert bar(app).text == "2 photos moved back."
    assert all(photo.exists() for photo in photos)
    assert not interrupted.exists()
    app.window.close()
    again = open_app()
    again.wait_for(lambda: again.window.session.model is not None)
    assert not bar(again).isVisible()


@pytest.mark.slow
def test_interrupted_sort_is_left_as_it_is(open_app: Callable[..., App], interrupted: Path) -> None:
    app = open_with_offer(open_app)
    press(app, "Leave as is")
    app.wait_for(lambda: not bar(app).isVisible())
    app.wait_for(lambda: [info.state for info in list_sorts()] == [JournalState.FORGOTTEN])
    assert len(names(interrupted)) == 2, "no photo is touched"


@pytest.mark.slow
def test_damaged_journal_is_offered_until_it_is_left(open_app: Callable[..., App], interrupted: Path) -> None:
    (journal,) = list_journals(journals_folder())
    journal.write_text("not json\n")
    app = open_app()
    app.wait_for(lambda: "is damaged" in bar(app).text)
    press(app, "Leave as is")
    app.wait_for(lambda: not bar(app).isVisible())
    app.wait_for(lambda: not journal.exists())


# --- threads and appearance ---


def test_sort_functions_never_run_in_gui_thread(
    open_app: Callable[..., App], photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, set[threading.Thread]] = {}

    def record(module: ModuleType, name: str) -> None:
        real, seen = getattr(module, name), threads.setdefault(name, set())

        def do(*args: Any, **kwargs: Any) -> Any:
            seen.add(threading.current_thread())
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, do)

    for module, name in (
        (plan, "make_plan"),
        (sort_run, "run_sort"),
        (sort_run, "undo_sort"),
        (history, "open_sorts"),
        (history, "last_sort"),
    ):
        record(module, name)
    app = open_app()
    app.wait_for(lambda: app.window.session.model is not None)
    app.add(*photos)
    sort(app, tmp_path / "sorted", move=True)
    activate(app)
    app.run("file.undo_sort")
    app.wait_for(lambda: bar(app).text == "6 photos moved back.")
    assert all(threads.values()), "some function was never called where the test records it"
    assert [name for name, seen in threads.items() if threading.main_thread() in seen] == []


@posix
def test_file_name_that_is_not_unicode_can_be_sorted(app: App, photos: list[Path], tmp_path: Path) -> None:
    odd = photos[0].with_name(os.fsdecode(b"\xff\n.jpg"))
    photos[0].rename(odd)
    for photo in photos[1:]:
        photo.unlink()
    app.add(odd.parent)  # the folder: such a name cannot be dragged
    out = tmp_path / "sorted"
    sort(app, out, move=True)
    assert [row.path for row in app.shown] == [out / "cats" / odd.name]
    (out / "cats" / odd.name).unlink()
    press_and_wait(app, "Undo")
    assert "1 photo failed." in bar(app).text
    bar(app).say(f"“{odd.name}” is gone.")
    assert bar(app).text == "“? .jpg” is gone."


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bar_has_its_own_background_and_readable_text(app: App, theme: str) -> None:
    app.window.appearance.set_theme(theme)
    app.wait_for(lambda: is_dark(bar(app).palette()) == (theme == "dark"))
    bar(app).say("One sentence.", [("Undo", lambda: None)])
    app.wait_for(lambda: bar(app).isVisible())
    picture = grab(bar(app))
    ground = picture.pixelColor(2, picture.height() - 3)
    window = grab(app.window).pixelColor(2, 2)
    assert ground != window
    darkest = min(picture.pixelColor(x, picture.height() // 2).lightness() for x in range(picture.width()))
    lightest = max(picture.pixelColor(x, picture.height() // 2).lightness() for x in range(picture.width()))
    assert lightest - darkest > 120, "text on background"
    assert (ground.lightness() < 128) == (theme == "dark")
