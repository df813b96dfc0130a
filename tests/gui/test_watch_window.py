"""The switch *Watch folders*: arriving photos are classified, and nothing runs while it is off."""

import contextlib
import html
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from driving import WAIT_MS, App

from catdog_desktop import pipeline
from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui.dialogs import CrashDialog
from catdog_desktop.gui.watching import folder_watcher, watch_commands
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Result, Verdict
from catdog_desktop.watching import folder_watch, retries
from catdog_desktop.watching.arrivals import Arrivals


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "Arrivals", partial(Arrivals, settle_seconds=0.1))
    monkeypatch.setattr(folder_watch, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.1)


@pytest.fixture
def watched(open_app: Callable[..., App], make_photos: Callable[..., list[Path]], folder: Path) -> App:
    """Return a window that watches a folder of two photos."""
    app = open_app(settings=Settings(watch=True))
    app.wait_for(lambda: app.window.session.model is not None)
    make_photos(2)
    app.add(folder)
    app.wait_for(lambda: app.window.watch.label.isVisible())
    app.wait_done(2)
    return app


def test_arriving_photo_is_classified(watched: App, folder: Path, jpegs: dict[str, bytes]) -> None:
    assert watched.window.watch.label.text() == "Watching 1 folder"
    assert html.unescape(watched.window.watch.label.toolTip()) == f"<p>{folder}</p>"
    (folder / "new").mkdir()
    (folder / "new" / "cat.jpg").write_bytes(jpegs["chelsea"])
    watched.wait_done(3)
    assert watched.row(folder / "new" / "cat.jpg").verdict is Verdict.CAT


def test_changed_photo_is_classified_again(watched: App, folder: Path, jpegs: dict[str, bytes]) -> None:
    path = folder / "IMG_1.jpg"
    before = watched.row(path).verdict
    other = jpegs["coffee"] if before is Verdict.CAT else jpegs["chelsea"]
    path.write_bytes(other + b"changed")
    watched.wait_for(lambda: watched.row(path).state is State.DONE and watched.row(path).verdict is not before)
    assert watched.window.session.gallery.total == 2


def test_incomplete_photo_is_not_shown_before_it_is_complete(
    watched: App, folder: Path, jpegs: dict[str, bytes]
) -> None:
    whole = jpegs["chelsea"]
    (folder / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "whole.jpg").write_bytes(whole)
    watched.wait_done(3)
    assert watched.window.session.gallery.row_of(folder / "half.jpg") is None
    (folder / "half.jpg").write_bytes(whole)
    watched.wait_done(4)
    assert watched.row(folder / "half.jpg").verdict is Verdict.CAT


def test_removed_photo_stays_removed(watched: App, folder: Path, jpegs: dict[str, bytes]) -> None:
    watched.select([folder / "IMG_1.jpg"])
    watched.run("edit.remove_from_list")
    os.utime(folder / "IMG_1.jpg", (1, 1))
    (folder / "new.jpg").write_bytes(jpegs["coffee"])
    watched.wait_done(2)
    assert sorted(watched.names) == ["IMG_2.jpg", "new.jpg"]


def test_photo_removed_while_its_folder_is_away_stays_removed(
    watched: App, folder: Path, jpegs: dict[str, bytes]
) -> None:
    away = folder.with_name("elsewhere")
    folder.rename(away)
    watched.wait_for(lambda: not watched.window.watch.label.isVisible())
    watched.select([folder / "IMG_1.jpg"])
    watched.run("edit.remove_from_list")
    (away / "new.jpg").write_bytes(jpegs["coffee"])
    os.utime(away / "IMG_1.jpg", (1, 1))
    away.rename(folder)
    watched.wait_done(2)
    assert sorted(watched.names) == ["IMG_2.jpg", "new.jpg"]


def test_vanished_folder_is_reported(watched: App, folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    watched.wait_for(lambda: "is gone. It is watched again when it is back." in watched.message)
    watched.wait_for(lambda: not watched.window.watch.label.isVisible())


def test_switch_is_off_at_first_and_starts_and_stops_the_watch(
    app: App, make_photos: Callable[..., list[Path]], folder: Path, jpegs: dict[str, bytes]
) -> None:
    make_photos(1)
    app.add(folder)
    assert not app.action("file.watch").isChecked()
    assert not app.window.watch.is_on
    app.run("file.watch")
    app.wait_for(lambda: app.window.watch.label.isVisible())
    assert app.window.settings.watch
    (folder / "new.jpg").write_bytes(jpegs["chelsea"])
    app.wait_done(2)
    app.run("file.watch")
    assert not app.window.watch.is_on
    assert not app.window.watch.label.isVisible()
    assert not app.window.settings.watch


def test_switch_in_an_empty_window_says_what_will_be_watched(app: App) -> None:
    app.run("file.watch")
    assert app.message == "Folders that you open from now on will be watched for new photos."
    assert app.window.watch.is_on
    assert not app.window.watch.label.isVisible()


def tooltip_lines(app: App) -> list[str]:
    """Return the lines of the tooltip of the label."""
    return html.unescape(app.window.watch.label.toolTip()).removeprefix("<p>").removesuffix("</p>").split("<br>")


def test_single_files_are_reported_as_not_watched(
    watched: App, make_photos: Callable[..., list[Path]], folder: Path
) -> None:
    """In the tooltip, which stays longer than the sentence in the status line."""
    one, *others = make_photos(3, below=folder.parent / "single", stem="ONE_")
    watched.add(one)
    sentence = "ONE_1.jpg is not watched because it is a single file. Open its folder to watch it."
    watched.wait_for(lambda: tooltip_lines(watched) == [str(folder), sentence])
    watched.add(*others)
    sentence = "2 single files are not watched. Open their folders to watch them."
    watched.wait_for(lambda: tooltip_lines(watched) == [str(folder), sentence])
    assert watched.window.watch.label.text() == "Watching 1 folder"


def test_folder_that_is_gone_is_reported_as_not_watched(
    app: App, make_photos: Callable[..., list[Path]], folder: Path
) -> None:
    make_photos(1)
    app.add(folder)
    folder.rename(folder.with_name("elsewhere"))
    app.run("file.watch")
    sentence = f"{folder.name} is not watched: it is no longer there."
    app.wait_for(lambda: tooltip_lines(app) == [sentence])
    assert html.unescape(app.message) == sentence
    assert app.window.watch.label.isVisible()
    assert app.window.watch.label.text() == "Watching nothing"
    app.run("file.watch")
    assert not app.window.watch.label.isVisible()


def watching_threads() -> list[str]:
    """Return the names of living threads that watch, as the system and Python know them."""
    names = [thread.name for thread in threading.enumerate()]
    for task in Path("/proc/self/task").glob("*/comm"):
        with contextlib.suppress(OSError):  # it has ended since
            names.append(task.read_text(encoding="utf-8").strip())
    return [name for name in names if name == "watch" or "Inotify" in name or "Observer" in name]


@pytest.mark.skipif(sys.platform != "linux", reason="thread names of Linux")
def test_closing_the_window_ends_all_watching_threads(watched: App) -> None:
    assert "watch" in watching_threads()
    watched.window.close()
    watched.qtbot.waitUntil(lambda: watching_threads() == [], timeout=WAIT_MS)


@pytest.mark.parametrize("is_switched_off", [False, True])
def test_closing_the_window_waits_for_a_watch_whose_drive_answers_late(
    watched: App, monkeypatch: pytest.MonkeyPatch, is_switched_off: bool
) -> None:
    """A process that ends before its threads is aborted."""
    monkeypatch.setattr(watch_commands, "_SWITCH_MS", 1)
    take, begun, answers = folder_watch.FolderWatch.take, threading.Event(), threading.Event()

    def take_late(watch: Any, seconds: float, cancel_token: CancelToken) -> Any:
        begun.set()
        news = take(watch, seconds, cancel_token)
        if cancel_token.cancelled:
            assert answers.wait(WAIT_MS / 1000)
        return news

    monkeypatch.setattr(folder_watch.FolderWatch, "take", take_late)
    watched.wait_for(begun.is_set)
    if is_switched_off:
        watched.run("file.watch")
    threading.Timer(0.2, answers.set).start()
    watched.window.close()
    assert watch_commands._STUCK == []


def test_window_without_watch_imports_no_watch_modules() -> None:
    program = (
        "import sys, catdog_desktop.gui.main_window\n"
        "print(sorted({'watchdog', 'catdog_desktop.watching.folder_watch', 'lxml'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_watch_goes_on_after_an_unexpected_error(
    watched: App, folder: Path, jpegs: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watcher, "_RETRY_SECONDS", 0.01)
    failures = 0
    take = folder_watch.FolderWatch.take

    def fail_twice(watch: folder_watch.FolderWatch, *args: Any) -> folder_watch.News:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise RuntimeError("the disk is on fire")
        return take(watch, *args)

    monkeypatch.setattr(folder_watch.FolderWatch, "take", fail_twice)
    watched.wait_for(lambda: failures == 2)
    dialog = watched.dialog(CrashDialog)
    assert isinstance(dialog, CrashDialog)
    assert "the disk is on fire" in dialog.report
    dialog.reject()
    assert watched.window.watch.is_on
    (folder / "new.jpg").write_bytes(jpegs["chelsea"])
    watched.wait_done(3)
    assert watched.row(folder / "new.jpg").verdict is Verdict.CAT
    assert not dialog.isVisible(), "the same error is shown once"


def test_photo_that_cannot_be_read_for_now_is_tried_again(
    watched: App, folder: Path, jpegs: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_SECONDS", 0.2)
    real, refused = pipeline.classify_photo, threading.Event()

    def refuse_once(path: Path, *args: Any, **kwargs: Any) -> Result:
        if path.name == "new.jpg" and not refused.is_set():
            refused.set()
            return Result(path, error="could not be read: its drive does not answer", error_is_temporary=True)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(pipeline, "classify_photo", refuse_once)
    (folder / "new.jpg").write_bytes(jpegs["chelsea"])
    watched.wait_for(refused.is_set)
    watched.wait_for(lambda: watched.row(folder / "new.jpg").verdict is Verdict.CAT)
    assert watched.row(folder / "new.jpg").state is State.DONE


def test_photo_taken_off_the_list_is_not_tried_again(
    watched: App, folder: Path, jpegs: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pipeline.classify_photo

    def refuse(path: Path, *args: Any, **kwargs: Any) -> Result:
        if path.name == "new.jpg":
            return Result(path, error="could not be read: its drive does not answer", error_is_temporary=True)
        return real(path, *args, **kwargs)

    noted: dict[Path, bool] = {}
    retry, confirm = folder_watch.FolderWatch.retry, folder_watch.FolderWatch.confirm

    def note_retry(watch: folder_watch.FolderWatch, photo: Path) -> int:
        noted[photo] = False
        return retry(watch, photo)

    def note_confirm(watch: folder_watch.FolderWatch, photo: Path) -> None:
        noted[photo] = True
        confirm(watch, photo)

    monkeypatch.setattr(pipeline, "classify_photo", refuse)
    monkeypatch.setattr(folder_watch.FolderWatch, "retry", note_retry)
    monkeypatch.setattr(folder_watch.FolderWatch, "confirm", note_confirm)
    new = folder / "new.jpg"
    new.write_bytes(jpegs["chelsea"])
    watched.wait_for(lambda: noted == {new: False})
    watched.select([new])
    watched.run("edit.remove_from_list")
    watched.wait_for(lambda: noted == {new: True})
