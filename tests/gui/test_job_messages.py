"""What the window says at the end of a job, and when it stops saying it."""

from pathlib import Path

from driving import App
from PySide6.QtCore import Qt

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.progress import Progress


def running(done: int, total: int) -> JobProgress:
    return JobProgress(Progress(done, total), busy=True)


def ended(done: int, *, failed: int = 0, known: int = 0) -> JobProgress:
    return JobProgress(Progress(done, done), failed=failed, known=known, busy=False)


def end_job(app: App, progress: JobProgress) -> None:
    app.window.session.progress_changed.emit(progress)
    app.window.session.job_ended.emit(progress)


def test_next_job_clears_message_of_last_job(app: App) -> None:
    end_job(app, ended(3))
    assert app.message == "3 photos classified."
    app.window.session.progress_changed.emit(running(0, 5))
    assert app.message == ""


def test_next_job_keeps_other_message(app: App) -> None:
    end_job(app, ended(3))
    app.window.status.say("Copied the result.")
    app.window.session.progress_changed.emit(running(0, 5))
    assert app.message == "Copied the result."


def test_job_end_reports_skipped_files_once(app: App) -> None:
    app.window.session.skipped.append(Skipped(Path("/photos/film.mp4"), SkipReason.NOT_A_PHOTO))
    end_job(app, ended(3))
    assert "Skipped: 1 file that is not a photo." in app.message
    end_job(app, ended(1))
    assert app.message == "1 photo classified."
    assert app.action("file.skipped_files").isEnabled(), "the list still has it"


def test_job_end_counts_unreadable_photos_of_this_job_only(app: App) -> None:
    """The chip *Problems* counts those of earlier jobs as well, so a total would contradict it."""
    end_job(app, ended(23, failed=2))
    assert app.message.startswith("21 photos classified. 2 photos could not be read.")


def test_stop_key_stops_in_the_viewer(app: App, cat: Path) -> None:
    app.add(cat)
    app.run("view.photo")
    app.window.session._busy = True
    app.window.action_table.refresh()
    with app.qtbot.waitSignal(app.action("file.stop").triggered):
        app.key(Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    assert app.window.viewing.is_open, "Stop does not leave the photo"
    app.window.session._busy = False
