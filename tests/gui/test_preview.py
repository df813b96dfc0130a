"""The preview: photo, scores, heat maps, moving from photo to photo."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driving import App, grab, scored
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolButton

from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.gui import photo_commands
from catdog_desktop.gui.photo_text import row_phrase
from catdog_desktop.gui.viewer import preview
from catdog_desktop.gui.viewer.photo_view import Heat, heat_overlay
from catdog_desktop.gui.viewer.preview_labels import VerdictLabel
from catdog_desktop.verdict import Verdict

RED, BLUE = (220, 20, 20), (20, 20, 220)


def _photo(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (300, 200), orientation: int = 1) -> Path:
    """Write a photo of one colour whose upper half is grey."""
    image = Image.new("RGB", size, colour)
    image.paste((128, 128, 128), (0, 0, size[0], size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95, exif=exif)
    path.write_bytes(buffer.getvalue())
    return path


def _pixels(app: App) -> NDArray[np.int16]:
    image = grab(app.window.preview.view).convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return flat[:, : image.width(), 2::-1].astype(np.int16).copy()


def _share_of(app: App, colour: tuple[int, int, int]) -> float:
    return float((np.abs(_pixels(app) - np.array(colour)) < 30).all(axis=2).mean())


def _wait_for_photo(app: App) -> None:
    app.wait_for(lambda: app.window.preview.view.has_photo)


def test_preview_without_photo_says_what_to_do(app: App) -> None:
    assert app.window.preview.row is None
    assert app.window.preview.view.message == "Select a photo to see it here."
    assert not app.action("view.photo").isEnabled()
    assert not app.action("edit.copy_result").isEnabled()


def test_preview_shows_scores_as_bars_and_words(app: App, cat: Path) -> None:
    app.add(cat)
    preview, scores = app.window.preview, app.row(cat).result.scores
    _wait_for_photo(app)
    assert preview.row is app.row(cat)
    assert (preview.cat_bar.score, preview.dog_bar.score) == (scores.cat, scores.dog)
    app.wait_for(lambda: preview.cat_bar.filled == scores.cat)
    names = [child.accessibleName() for child in preview.children() if hasattr(child, "accessibleName")]
    assert "cat.jpg" in names
    phrase = row_phrase(app.row(cat))
    assert preview.findChild(VerdictLabel).text() == phrase[:1].upper() + phrase[1:]
    texts = [label.text() for label in preview.findChildren(QLabel)]
    assert any("320 × 213" in text and "kB" in text for text in texts)


def test_photo_is_shown_before_its_scores_arrive(app: App, cat: Path) -> None:
    """A waiting photo is shown at once; the bars follow when its result comes."""
    gallery = app.window.session.gallery
    gallery.add([cat])
    _wait_for_photo(app)
    assert app.window.preview.cat_bar.score is None
    gallery.apply_results([scored(cat, 0.75, 0.25)])
    app.window.session.rows_changed.emit([gallery.row_of(cat)])
    assert app.window.preview.cat_bar.score == 0.75
    assert app.window.preview.view.has_photo, "it is not decoded again"


def _heat_button(app: App, heat: Heat) -> QAbstractButton:
    buttons = app.window.preview.findChildren(QAbstractButton)
    (button,) = [button for button in buttons if button.accessibleName().lower() == f"heat map: {heat.value}"]
    return button


def test_heat_map_key_cycles(app: App, cat: Path) -> None:
    app.add(cat)
    _wait_for_photo(app)
    looks = {Heat.OFF: _pixels(app)}
    for heat in (Heat.CAT, Heat.DOG):
        app.key(Qt.Key.Key_H)
        assert app.window.preview.heat is heat
        assert _heat_button(app, heat).isChecked()
        assert app.window.preview.view.has_overlay
        looks[heat] = _pixels(app)
    app.key(Qt.Key.Key_H)
    assert app.window.preview.heat is Heat.OFF
    assert not app.window.preview.view.has_overlay
    assert (_pixels(app) == looks[Heat.OFF]).all()
    assert np.abs(looks[Heat.CAT] - looks[Heat.OFF]).max() > 30
    assert np.abs(looks[Heat.DOG] - looks[Heat.CAT]).max() > 30


def test_heat_map_chips_choose(app: App, cat: Path) -> None:
    app.add(cat)
    _wait_for_photo(app)
    for heat in (Heat.DOG, Heat.CAT, Heat.OFF):
        app.click(_heat_button(app, heat))
        assert app.window.preview.heat is heat
        assert app.window.preview.view.has_overlay is (heat is not Heat.OFF)


def test_heat_map_stays_on_for_the_next_photo(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(2)
    app.add(*paths)
    app.select([paths[0]])
    _wait_for_photo(app)
    app.key(Qt.Key.Key_H)
    app.key(Qt.Key.Key_Right)
    assert app.window.preview.row.path == paths[1]
    app.wait_for(lambda: app.window.preview.view.has_overlay)
    assert app.window.preview.heat is Heat.CAT


def test_heat_map_of_cat_is_on_the_cat(app: App, cat: Path) -> None:
    """The cat of the photo fills its middle; the upper right corner is wall."""
    app.add(cat)
    maps = app.row(cat).result.heat_maps
    rows, columns = maps.shape[:2]
    middle = maps[rows // 4 : -rows // 4, columns // 4 : -columns // 4, 0]
    assert middle.mean() > maps[: rows // 4, -columns // 4 :, 0].mean()
    assert maps[:, :, 0].max() > maps[:, :, 1].max(), "more cat than dog"


def test_unreadable_photo_disables_heat_maps(app: App, folder: Path) -> None:
    text = folder / "letter.jpg"
    text.write_text("Dear diary", encoding="utf-8")
    app.add(text)
    app.key(Qt.Key.Key_H)
    assert not app.window.preview.view.has_overlay
    assert not _heat_button(app, Heat.CAT).isEnabled()


def test_overlay_dims_zeros_and_tints_maxima() -> None:
    heat = np.array([[0, 128, 255]], dtype=np.uint8)
    overlay = heat_overlay(heat, QColor(200, 100, 0))
    assert (overlay.width(), overlay.height()) == (3, 1)
    cold, _, hot = (overlay.pixelColor(x, 0) for x in range(3))
    assert cold.getRgb()[:3] == (0, 0, 0), "black, which dims"
    assert 140 < cold.alpha() < 180
    assert all(abs(a - b) <= 2 for a, b in zip(hot.getRgb()[:3], (200, 100, 0), strict=True))
    assert 80 < hot.alpha() < 110, "the photo can still be seen"


def test_photo_with_exif_orientation_is_upright(app: App, folder: Path) -> None:
    # Orientation 6: the camera was held upright; what is stored as its left edge is the top of the photo.
    stored = Image.new("RGB", (200, 120), BLUE)
    stored.paste(RED, (0, 0, 100, 120))
    exif = Image.Exif()
    exif[0x0112] = 6
    path = folder / "phone.jpg"
    stored.save(path, quality=95, exif=exif)
    app.add(path)
    _wait_for_photo(app)
    pixels = _pixels(app)
    (ys, xs) = np.nonzero((np.abs(pixels - np.array(RED)) < 30).all(axis=2))
    (blue_ys, blue_xs) = np.nonzero((np.abs(pixels - np.array(BLUE)) < 30).all(axis=2))
    assert ys.max() <= blue_ys.min() + 3, "the red half is on top"
    assert abs(xs.mean() - blue_xs.mean()) < 3, "and the blue half below it, not beside it"
    assert np.ptp(np.r_[ys, blue_ys]) > np.ptp(xs), "it is higher than wide"
    row = app.row(path)
    assert (row.result.info.width, row.result.info.height) == (120, 200)


def test_photo_is_shown_whole_with_its_aspect_ratio(app: App, folder: Path) -> None:
    path = _photo(folder / "wide.jpg", RED, size=(900, 300))
    app.add(path)
    _wait_for_photo(app)
    (ys, xs) = np.nonzero((np.abs(_pixels(app) - np.array(RED)) < 30).all(axis=2))
    width, height = np.ptp(xs) + 1, 2 * (np.ptp(ys) + 1)
    assert width / height == pytest.approx(3, rel=0.04)
    assert width == pytest.approx(app.window.preview.view.width(), abs=2)


def test_arrow_keys_in_the_gallery_change_the_preview(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(3)
    app.add(*paths)
    app.select([paths[0]])
    app.key(Qt.Key.Key_Right)
    assert app.window.preview.row.path == paths[1]
    app.key(Qt.Key.Key_Left)
    assert app.window.preview.row.path == paths[0]


def test_fast_stepping_shows_the_last_photo(app: App, folder: Path) -> None:
    count = 25
    paths = [
        _photo(folder / f"{number}.jpg", BLUE if number == count - 1 else RED, size=(1600, 1200))
        for number in range(count)
    ]
    app.add(*paths)
    app.select([paths[0]])
    for _ in range(count - 1):
        app.key(Qt.Key.Key_Right)
    assert app.window.preview.row.path == paths[-1]
    _wait_for_photo(app)
    app.wait_for(lambda: _share_of(app, BLUE) > 0.1)
    assert _share_of(app, RED) == 0


def test_photo_decoded_too_late_is_not_shown(
    app: App, make_photos: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cursor has gone on while the first photo was read: its pixels must not appear below the second's name."""
    paths = make_photos(2)
    app.add(*paths)
    begun, may_end = ({path: threading.Event() for path in paths} for _ in range(2))

    def decode(path: Path, edge: int) -> NDArray[np.uint8]:
        begun[path].set()
        may_end[path].wait()
        return decode_for_view(path, edge)

    monkeypatch.setattr(preview, "decode_for_view", decode)
    try:
        app.select([paths[1]])
        app.wait_for(begun[paths[1]].is_set)
        app.select([paths[0]])
        may_end[paths[1]].set()
        app.wait_for(begun[paths[0]].is_set)  # they are read one after the other: the first has answered
        QApplication.processEvents()
        assert not app.window.preview.view.has_photo
    finally:
        for gate in may_end.values():
            gate.set()
    _wait_for_photo(app)
    assert app.window.preview.row.path == paths[0]


def test_deleted_photo_shows_the_reason(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(2)
    app.add(*paths)
    app.select([paths[0]])
    paths[1].unlink()
    app.key(Qt.Key.Key_Right)
    app.wait_for(lambda: app.window.preview.view.message == "This file is no longer there.")
    assert app.window.preview.cat_bar.score is not None, "what is known of it stays"


def test_copy_of_current_photo_puts_its_result_on_the_clipboard(app: App, cat: Path) -> None:
    app.add(cat)
    app.select([cat])
    app.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert QGuiApplication.clipboard().text() == app.heard(cat)
    assert app.message == "Copied the result."


def test_buttons_below_the_photo_run_their_actions(app: App, cat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    revealed: list[Path] = []
    monkeypatch.setattr(photo_commands, "reveal", lambda path, _say: revealed.append(path))
    app.add(cat)
    buttons = {b.accessibleName(): b for b in app.window.preview.findChildren(QToolButton)}
    app.click(buttons["Copy"])
    assert QGuiApplication.clipboard().text() == cat.name
    app.click(buttons["Show in file manager"])
    assert revealed == [cat]
    app.click(buttons["View photo"])
    assert not app.window.gallery.isVisible()


def test_narrow_window_hides_the_preview(app: App, cat: Path) -> None:
    app.add(cat)
    assert app.window.preview.isVisible()
    app.window.resize(600, 600)
    app.wait_for(lambda: not app.window.preview.isVisible())
    assert app.window.width() <= 700, "it can be that narrow"
    app.select([cat])
    app.key(Qt.Key.Key_Space)
    assert app.window.viewing.viewer.isVisible()


def test_verdict_buttons_fit_in_one_line_beside_the_gallery(app: App, cat: Path) -> None:
    """On the screen of a small laptop, the last button must not stand below the others."""
    app.add(cat)
    app.window.resize(1024, 560)
    verdicts = app.window.preview.own_data.verdicts
    app.wait_for(lambda: app.window.width() == 1024)
    last = verdicts.button(Verdict.NEITHER)
    # Buttons with an icon may be some pixels higher than the one without.
    app.wait_for(lambda: last.y() < verdicts.yes.geometry().center().y())
    assert last.geometry().right() < verdicts.width()


def test_preview_in_a_low_window_cuts_no_text(app: App, folder: Path, jpegs: dict[str, bytes]) -> None:
    """Further filters and duplicates, on 1080 pixels at 200%: the photo gets smaller, not the text."""
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(jpegs["chelsea"])
    app.add(folder)
    app.window.resize(940, 480)
    app.run("view.more_filters")
    app.wait_for(lambda: app.window.height() <= 500)
    pane = app.window.preview
    parts = [
        pane.cat_bar,
        pane.dog_bar,
        pane.own_data.stars,
        pane.own_data.verdicts.yes,
        *pane.findChildren(VerdictLabel),
    ]
    app.wait_for(lambda: pane.duplicates.isVisible())
    app.wait_for(lambda: all(part.height() >= part.minimumSizeHint().height() for part in parts))
