"""The small parts of the window: pills, signs, the drop's words, errands, settings kept, the window's place."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui import screenshots
from catdog_desktop.gui.filters.filter_bar import FilterBar
from catdog_desktop.gui.mime_parsing import describe_drop, parse_mime
from catdog_desktop.gui.null_pipeline import NullPipeline
from catdog_desktop.gui.settings.settings_store import SettingsStore
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.widgets.filter_chip import Chip
from catdog_desktop.gui.widgets.icons import Icon, make_icon, paint_icon
from catdog_desktop.settings import Settings, load_settings


def painted(sign: Icon, edge: int) -> QImage:
    image = QImage(edge, edge, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setBrush(QColor("red"))  # what was painted before must not fill the sign
    paint_icon(painter, QRectF(0, 0, edge, edge), sign, QColor("black"))
    painter.end()
    return image


@pytest.mark.parametrize("sign", list(Icon))
def test_a_sign_keeps_to_its_square_and_its_colour(sign: Icon) -> None:
    image = painted(sign, 48)
    colours = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
    share = sum(colour.lightness() < 128 for colour in colours) / len(colours)
    assert 0.02 < share < 0.8, "neither empty nor a blot"
    assert all(colour.saturation() == 0 for colour in colours), "only the colour asked for"


def test_every_verdict_has_a_shape_of_its_own() -> None:
    shapes = [painted(sign, 16) for sign in (Icon.CAT, Icon.DOG, Icon.BOTH, Icon.NEITHER, Icon.UNSURE, Icon.PROBLEM)]
    for number, shape in enumerate(shapes):
        for other in shapes[number + 1 :]:
            differing = sum(
                abs(shape.pixelColor(x, y).lightness() - other.pixelColor(x, y).lightness()) > 100
                for x in range(16)
                for y in range(16)
            )
            assert differing > 20, "of 256 pixels"


def test_an_icon_is_sharp_on_dense_screens(qtbot: QtBot) -> None:
    icon = make_icon(Icon.CAT, QColor("black"), 20)
    assert {size.width() for size in icon.availableSizes()} == {20, 40, 60}


def test_a_pill_says_its_count_and_is_wide_enough_for_it(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    pill = Chip(Icon.CAT, "Cats", parent)
    plain = pill.sizeHint().width()
    pill.set_count(7)
    few = pill.sizeHint().width()
    pill.set_count(1_234_567)
    assert plain < few < pill.sizeHint().width()
    assert pill.accessibleName() == "Cats: 1,234,567"
    pill.set_short(True)
    assert pill.sizeHint().width() < pill.full_width()
    with qtbot.waitSignal(pill.clicked):
        qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert pill.isChecked()


@pytest.mark.parametrize("width", [1180, 800, 640, 500, 440])
@pytest.mark.parametrize("photos", [7, 101, 10_000])
def test_no_filter_is_squeezed_in_a_narrow_window(qtbot: QtBot, width: int, photos: int) -> None:
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.show_counts(dict.fromkeys(Filter, photos))
    bar.resize(width, bar.sizeHint().height())
    bar.show()
    pills = [pill for pill in bar.findChildren(Chip) if pill.isVisible()]
    assert len(pills) == len(Filter) + 1
    qtbot.waitUntil(lambda: all(pill.width() == pill.sizeHint().width() for pill in pills))
    assert bar.button(Filter.CAT).accessibleName() == f"Cats: {photos:,}", "where the count has no room, too"


@pytest.mark.parametrize(
    ("urls", "text", "welcome", "words"),
    [
        (["file:///a/1.jpg", "file:///a/2.HEIC"], "", True, "Drop to add 2 photos"),
        (["file:///a/Holiday"], "", True, "Drop to add 1 folder"),
        (["file:///a/Holiday", "file:///a/1.jpg"], "", True, "Drop to add 2 files and folders"),
        (["https://example.org/cat.jpg"], "", False, "never goes online"),
        ([], "https://example.org/cat.jpg", False, "never goes online"),
        ([], "my cat", False, "text, not a photo"),
        ([], "", False, "not a photo"),
    ],
)
def test_what_a_drop_would_do(urls: list[str], text: str, welcome: bool, words: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    if text:
        mime.setText(text)
    assert describe_drop(mime)[0] is welcome
    assert words in describe_drop(mime)[1]
    assert bool(parse_mime(mime).refusal) is not welcome


def test_errands_run_elsewhere_and_answer_here(qtbot: QtBot) -> None:
    answers: list[object] = []
    errors: list[Exception] = []
    errands = TaskQueue(errors.append)
    errands.run(threading.get_ident, answers.append)
    errands.run(lambda: 1 / 0, answers.append)
    errands.run(lambda: "last", lambda answer: answers.extend([answer, threading.get_ident()]))
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert answers[0] != threading.get_ident()
    assert answers[1:] == ["last", threading.get_ident()]
    assert [type(error) for error in errors] == [ZeroDivisionError]
    errands.close()


def test_closed_errands_run_no_more(qtbot: QtBot) -> None:
    errands = TaskQueue(lambda error: pytest.fail(str(error)))
    done: list[str] = []
    errands.run(lambda: done.append("before"))
    errands.close()
    errands.run(lambda: done.append("after"))
    errands.close()
    assert done == ["before"]


def test_settings_are_told_at_once_and_written_once(qtbot: QtBot, tmp_path: Path) -> None:
    errands = TaskQueue(lambda error: pytest.fail(str(error)))
    kept = SettingsStore(Settings(), tmp_path / "deep" / "settings.json", errands)
    told: list[Settings] = []
    kept.changed.connect(told.append)
    for width in range(200, 260):
        kept.change(card_width=width)
    kept.change(card_width=259)
    assert [settings.card_width for settings in told] == list(range(201, 260)), "what is as it was is not told"
    qtbot.waitUntil((tmp_path / "deep" / "settings.json").exists)
    errands.close()
    assert load_settings(tmp_path / "deep" / "settings.json") == (replace(Settings(), card_width=259), None)


def test_settings_that_cannot_be_written_are_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    errands = TaskQueue(lambda error: pytest.fail(str(error)))
    kept = SettingsStore(Settings(), tmp_path / "file" / "settings.json", errands)
    with qtbot.waitSignal(kept.failed) as failed:
        kept.change(theme="dark")
    assert "could not be saved" in failed.args[0]
    assert kept.current.theme == "dark", "it holds until the app is closed"
    errands.close()


def test_without_a_model_every_photo_gets_the_reason() -> None:
    stand_in = NullPipeline("There is no model in this folder.")
    assert stand_in.idle
    stand_in.add([Path("a.jpg"), Path("b.jpg")])
    assert not stand_in.idle
    assert stand_in.counts.failed == stand_in.counts.added == 2
    assert [result.error for result in stand_in.take_results()] == [
        "was not classified: There is no model in this folder"
    ] * 2
    assert stand_in.idle
    assert stand_in.cancel() == []


def test_screenshots_show_what_was_dropped(qtbot: QtBot, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    screenshots.write_photos(photos)
    for theme in ("light", "dark"):
        target = tmp_path / f"{theme}.png"
        screenshots.take(screenshots.Shot(theme, theme, size=(900, 600)), photos, target)
        image = QImage(str(target))
        assert (image.width(), image.height()) == (900, 600)
        corner = image.pixelColor(3, 300)
        assert (corner.lightness() < 100) is (theme == "dark")
        seen = {image.pixelColor(x, y).rgb() for x in range(0, 900, 5) for y in range(0, 600, 5)}
        assert len(seen) > 1000, "photos were painted"


def test_the_screenshot_program_says_how_to_call_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert screenshots.main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
