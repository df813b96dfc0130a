"""The windowed executable opens, takes a drop and shows a verdict."""

import subprocess
import sys
from pathlib import Path

import pytest
from frozen import FrozenApp
from on_screen import grab, mapped_windows, shows_a_picture, wait_for, window_name


def expect_cat_and_neither(report: dict, photos: dict[str, Path]) -> None:
    shown = {Path(row["path"]).stem: row for row in report["rows"]}
    assert {name: row["verdict"] for name, row in shown.items()} == {"chelsea": "cat", "coffee": "neither"}
    assert shown["chelsea"]["cat"] > 0.5 > shown["chelsea"]["dog"]
    assert 0 < report["window_ms"] < report["first_verdict_ms"]


def test_drop_offscreen_shows_verdicts(app: FrozenApp, photos: dict[str, Path]) -> None:
    report = app.drop(photos["chelsea"], photos["coffee"], QT_QPA_PLATFORM="offscreen")
    assert report["platform"] == "offscreen"
    expect_cat_and_neither(report, photos)


def test_drop_unreadable_file_shows_reason(app: FrozenApp, photos: dict[str, Path], tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no photo")
    report = app.drop(photos["chelsea"], text, QT_QPA_PLATFORM="offscreen")
    errors = {Path(row["path"]).stem: row["error"] for row in report["rows"]}
    assert errors["chelsea"] is None
    assert "not a photo" in errors["notes"]


def test_drop_300_photos_classifies_all(app: FrozenApp, photos: dict[str, Path], tmp_path: Path) -> None:
    """Make enough calls into Qt for the crash of PySide6 6.12.0 to show."""
    copies = [tmp_path / f"IMG_{number:04}.jpg" for number in range(300)]
    for number, copy in enumerate(copies):
        copy.hardlink_to(photos["chelsea" if number % 2 else "coffee"])
    report = app.drop(*copies, QT_QPA_PLATFORM="offscreen")
    assert len(report["rows"]) == len(copies)
    assert {row["verdict"] for row in report["rows"]} == {"cat", "neither"}


def test_drop_on_x_server_shows_verdicts(app: FrozenApp, photos: dict[str, Path], screen: str) -> None:
    report = app.drop(photos["chelsea"], photos["coffee"], DISPLAY=screen)
    assert report["platform"] == "xcb"
    expect_cat_and_neither(report, photos)


def test_window_on_x_server_shows_photo(app: FrozenApp, photos: dict[str, Path], screen: str, tmp_path: Path) -> None:
    """Start without the self-test: the window is mapped and shows a photo."""
    before = grab(screen)
    assert len(before.getcolors(maxcolors=2**16) or ()) <= 2, "the screen is not empty before the window opens"
    window = subprocess.Popen(
        [app.window, photos["chelsea"]],
        env=app.environment(DISPLAY=screen),
        cwd=app.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: window.poll() is not None or mapped_windows(screen), "a window is mapped")
        wait_for(lambda: shows_a_picture(screen), "the window shows a picture")
        assert window.poll() is None, f"the window ended by itself: {window.stderr and window.stderr.read()}"
        assert "CatDog" in window_name(screen)
    finally:
        grab(screen).save(tmp_path / "window.png")
        window.terminate()
        window.wait(timeout=60)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Windows and macOS always have a display")
def test_window_without_display_reports_it(app: FrozenApp, photos: dict[str, Path]) -> None:
    ended = app.run(app.window, photos["chelsea"])
    assert ended.returncode != 0
    assert ended.returncode > 0, f"it was ended by signal {-ended.returncode}, Qt's abort perhaps"
    assert "display" in ended.stderr
    assert "core dumped" not in ended.stderr
