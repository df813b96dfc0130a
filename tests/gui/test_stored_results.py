"""The store behind the window: cached results, corrections, and rescans."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import WAIT_MS, App, files, scored
from PySide6.QtGui import QImage

from catdog_desktop import pipeline
from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.gallery.gallery_model import THUMBNAIL_ROLE
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict


@pytest.fixture
def classified(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the photos that were classified, as opposed to cached."""
    seen: list[Path] = []
    classify = pipeline.classify_photo

    def record(path: Path, *args: object, **options: object) -> object:
        seen.append(path)
        return classify(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "classify_photo", record)
    return seen


def jobs_of(app: App) -> list[JobProgress]:
    ended: list[JobProgress] = []
    app.window.session.job_ended.connect(ended.append)
    return ended


def thumbnail(app: App, path: Path) -> QImage | None:
    image = app.window.session.gallery.index_of(path).data(THUMBNAIL_ROLE)
    assert image is None or isinstance(image, QImage)
    return image


def close(app: App) -> None:
    app.window.close()


def correct(app: App, paths: list[Path], verdict: Verdict | None) -> dict[Path, Verdict | None]:
    with app.qtbot.waitSignal(app.window.session.corrected, timeout=WAIT_MS) as corrected:
        app.window.session.correct(paths, verdict)
    return dict(corrected.args[0])


def undo(app: App) -> dict[Path, Verdict | None]:
    with app.qtbot.waitSignal(app.window.session.corrected, timeout=WAIT_MS) as corrected:
        app.window.session.undo_correction()
    return dict(corrected.args[0])


def rescan(app: App, *, everything: bool) -> None:
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.window.session.rescan(everything)


def wait_kept(app: App, paths: list[Path]) -> None:
    """Wait until the store has the results: they are kept a moment after they are shown."""
    model = app.window.session.model
    assert model is not None
    with Store.open() as store:
        app.wait_for(lambda: len(store.known(paths, model.identity)) == len(paths))


def verdicts(app: App) -> dict[str, Verdict | None]:
    return {row.name: row.verdict for row in app.window.session.gallery.rows()}


# --- known ---


def test_known_folder_is_shown_with_verdicts_and_thumbnails(
    open_app: Callable[..., App], make_photos: Callable[..., list[Path]], folder: Path, classified: list[Path]
) -> None:
    paths = make_photos(12)
    (folder / "letter.jpg").write_text("Dear diary")
    for path in folder.iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))  # whole seconds: the store's times are right to a microsecond
    first = open_app()
    first.add(folder)
    shown = verdicts(first)
    results = {row.path: row.result for row in first.window.session.gallery.rows()}
    close(first)
    assert len(classified) == 13
    classified.clear()
    again = open_app()
    jobs = jobs_of(again)
    again.add(folder)
    assert classified == []
    assert verdicts(again) == shown
    assert (jobs[-1].done, jobs[-1].known, jobs[-1].failed) == (13, 13, 1)
    assert {row.path: row.result for row in again.window.session.gallery.rows()} == results
    again.wait_for(lambda: all(thumbnail(again, path) for path in paths[:4]))
    image = thumbnail(again, paths[0])
    assert image is not None
    assert (image.width(), image.height()) == (320, 213)
    assert thumbnail(again, folder / "letter.jpg") is None


def test_gallery_holds_no_thumbnails_that_the_store_has(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(6)
    app.add(*paths)
    assert all(app.row(path).result.thumbnail == b"" for path in paths)
    app.wait_for(lambda: all(thumbnail(app, path) for path in paths))


def test_thumbnail_missing_from_the_store_is_made_again(
    open_app: Callable[..., App], make_photos: Callable[..., list[Path]], home: Path
) -> None:
    paths = make_photos(3)
    first = open_app()
    first.add(*paths)
    close(first)
    first.wait_for(lambda: not first.window.session.busy)
    for file in (home / "data").glob("thumbnails*"):
        file.unlink()
    again = open_app()
    again.add(*paths)
    again.wait_for(lambda: all(thumbnail(again, path) for path in paths))


def test_moved_photos_are_known_and_changed_ones_are_classified(
    open_app: Callable[..., App],
    make_photos: Callable[..., list[Path]],
    folder: Path,
    cat: Path,
    classified: list[Path],
) -> None:
    paths = make_photos(6)
    first = open_app()
    first.add(folder)
    close(first)
    classified.clear()
    moved = folder.rename(folder.with_name("moved"))
    changed = moved / paths[2].name
    changed.write_bytes((moved / cat.name).read_bytes() + b"changed")
    again = open_app()
    again.add(moved)
    assert classified == [changed]
    assert again.row(changed).verdict is Verdict.CAT


def test_unusable_store_is_reported_once(
    open_app: Callable[..., App], make_photos: Callable[..., list[Path]], home: Path
) -> None:
    (home / "data").write_text("in the way")
    warnings: list[str] = []
    app = open_app()
    app.window.session.store_warning.connect(warnings.append)
    paths = make_photos(3)
    app.add(*paths)
    assert len(app.window.session.gallery.rows_in(State.DONE)) == 3
    app.wait_for(lambda: warnings)
    assert len(warnings) == 1
    assert warnings[0].startswith("Nothing is remembered for the next time: ")
    correct(app, paths, Verdict.BOTH)
    assert set(verdicts(app).values()) == {Verdict.BOTH}


def test_thousands_of_cached_results_are_shown_in_parts(
    open_app: Callable[..., App], folder: Path, jpegs: dict[str, bytes], model_folder: Path
) -> None:
    """Other events are handled in between, and the job ends when the last result is shown."""
    results = []
    for number in range(2000):
        path = folder / f"IMG_{number}.jpg"
        path.write_bytes(jpegs["rocket"] + str(number).encode())
        results.append(scored(path, 0.9, 0.1))
    app = open_app()
    app.wait_for(lambda: app.window.session.model is not None)
    with Store.open() as store:
        store.keep(results, app.window.session.model.identity)
    shown: list[int] = []
    app.window.session.rows_changed.connect(lambda rows: shown.append(len(rows)))
    ended: list[int] = []
    app.window.session.job_ended.connect(lambda _: ended.append(sum(shown)))
    app.add(folder)
    assert max(shown) <= 300
    assert ended == [2000]


# --- corrections ---


def test_correction_is_shown_counted_stored_and_undone(
    open_app: Callable[..., App], make_photos: Callable[..., list[Path]]
) -> None:
    paths = make_photos(6)
    app = open_app()
    app.add(*paths)
    before = verdicts(app)
    counts = app.window.session.gallery.counts()
    session = app.window.session
    assert not session.correction_can_be_undone
    arrived = app.row(paths[0]).result_time
    assert correct(app, paths[:2], Verdict.DOG) == dict.fromkeys(paths[:2], Verdict.DOG)
    assert correct(app, paths[1:3], Verdict.BOTH) == dict.fromkeys(paths[1:3], Verdict.BOTH)
    assert [app.row(path).verdict for path in paths[:3]] == [Verdict.DOG, Verdict.BOTH, Verdict.BOTH]
    assert app.row(paths[0]).result.correction is Verdict.DOG
    assert app.row(paths[0]).result_time == arrived, "its bars do not grow again"
    assert session.gallery.counts()[Filter.BOTH] == counts[Filter.BOTH] + 2
    assert undo(app) == {paths[1]: Verdict.DOG, paths[2]: None}
    assert [app.row(path).verdict for path in paths[:2]] == [Verdict.DOG] * 2
    close(app)
    again = open_app()
    again.add(*paths)
    assert [again.row(path).verdict for path in paths[:2]] == [Verdict.DOG] * 2
    assert again.row(paths[2]).verdict is before[paths[2].name]
    correct(again, paths[:2], None)
    assert verdicts(again) == before
    assert again.window.session.gallery.counts() == counts
    undo(again)
    assert [again.row(path).verdict for path in paths[:2]] == [Verdict.DOG] * 2
    again.window.session.undo_correction()
    assert not again.window.session.correction_can_be_undone


def test_duplicates_are_corrected_together(app: App, cat: Path) -> None:
    twin = cat.with_name("twin.jpg")
    twin.write_bytes(cat.read_bytes())
    app.add(cat, twin)
    corrected = correct(app, [cat], Verdict.NEITHER)
    assert corrected == {cat: Verdict.NEITHER, twin: Verdict.NEITHER}
    assert app.row(twin).verdict is Verdict.NEITHER
    undo(app)
    assert app.row(twin).verdict is app.row(cat).verdict is Verdict.CAT


def test_unreadable_photo_can_be_corrected(open_app: Callable[..., App], folder: Path) -> None:
    text = folder / "letter.jpg"
    text.write_text("Dear diary")
    for _ in range(2):
        app = open_app()
        app.add(text)
        if app.row(text).verdict is None:
            correct(app, [text], Verdict.CAT)
        assert app.row(text).verdict is Verdict.CAT
        assert app.row(text).state is State.FAILED
        close(app)


def test_correction_of_waiting_photos_is_on_their_results(
    app: App, make_photos: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the photo was in flight or not when the user corrected it."""
    paths = make_photos(40)
    app.drop(files(paths))
    app.wait_for(lambda: app.window.session.gallery.total == 40)
    correct(app, paths, Verdict.UNSURE)
    app.wait_done(40)
    assert set(verdicts(app).values()) == {Verdict.UNSURE}
    undo(app)
    assert None not in verdicts(app).values()
    assert set(verdicts(app).values()) != {Verdict.UNSURE}


def test_correction_that_cannot_be_stored_holds_until_the_end(
    app: App, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreError(StoreProblem.UNUSABLE, "x.sqlite", "the disk is full")

    app.add(cat)
    monkeypatch.setattr(Store, "correct", fail)
    warnings: list[str] = []
    app.window.session.store_warning.connect(warnings.append)
    correct(app, [cat], Verdict.DOG)
    assert app.row(cat).verdict is Verdict.DOG
    assert warnings == [
        "Your verdict was not saved. It is kept until you close the app. x.sqlite cannot be used (the disk is full)."
    ]
    undo(app)
    assert app.row(cat).verdict is Verdict.CAT


# --- rescans ---


def test_rescan_finds_new_and_changed_photos(
    app: App, make_photos: Callable[..., list[Path]], folder: Path, cat: Path, classified: list[Path]
) -> None:
    paths = make_photos(5)
    app.add(folder)
    app.wait_for(lambda: thumbnail(app, paths[1]))
    wait_kept(app, paths)
    app.select([paths[4]])
    app.window.session.remove([app.row(paths[4])])
    classified.clear()
    new = folder / "new.jpg"
    new.write_bytes(cat.read_bytes() + b"new")
    paths[1].write_bytes(cat.read_bytes() + b"changed")
    paths[2].unlink()
    rescan(app, everything=False)
    assert sorted(classified) == sorted([new, paths[1], paths[2]])
    assert {row.path for row in app.window.session.gallery.rows()} == {cat, new, *paths[:4]}, (
        "a removed photo stays removed"
    )
    assert app.row(new).verdict is app.row(paths[1]).verdict is Verdict.CAT
    assert app.row(paths[2]).state is State.FAILED
    assert app.window.session.skipped == []
    app.wait_for(lambda: thumbnail(app, paths[1]))
    image = thumbnail(app, paths[1])
    assert image is not None
    assert (image.width(), image.height()) == (320, 213), "that of the new content"
    app.add(paths[4])
    assert app.row(paths[4]).state is State.DONE


def test_rescan_of_everything_classifies_each_photo_again(
    app: App, make_photos: Callable[..., list[Path]], folder: Path, classified: list[Path]
) -> None:
    make_photos(5)
    (folder / "letter.jpg").write_text("Dear diary")
    app.add(folder)
    shown, counts = verdicts(app), app.window.session.gallery.counts()
    classified.clear()
    correct(app, [folder / "IMG_1.jpg"], Verdict.UNSURE)
    rescan(app, everything=True)
    assert len(classified) == 6
    assert verdicts(app) == shown | {"IMG_1.jpg": Verdict.UNSURE}, "the correction stays"
    undo(app)
    assert app.window.session.gallery.counts() == counts


def test_cancelled_rescan_keeps_the_results(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> None:
    paths = make_photos(40)
    app.add(folder)
    shown = verdicts(app)
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.window.session.rescan(everything=True)
        app.window.session.cancel()
    assert verdicts(app) == shown
    assert len(app.window.session.gallery.rows_in(State.DONE)) == len(paths)
    assert app.window.session.stopped_count == 0


def test_window_and_command_line_share_one_store(
    app: App, make_photos: Callable[..., list[Path]], classified: list[Path], model_folder: Path
) -> None:
    from catdog_desktop import cli

    paths = make_photos(4)
    os.utime(paths[0], (1_600_000_000, 1_600_000_000))
    assert cli.main(["classify", "--model", str(model_folder), *map(str, paths)]) == 0
    classified.clear()
    app.add(*paths)
    assert classified == []
    app.wait_for(lambda: all(thumbnail(app, path) for path in paths))
