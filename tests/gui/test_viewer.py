"""The viewer: opening and leaving it, moving, zooming, marking, comparing, information."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from driving import App, files, grab
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QToolButton

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui import photo_commands
from catdog_desktop.gui.viewer.viewer import Viewer
from catdog_desktop.gui.viewer.zoom import Zoom
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Scores, Verdict

CTRL, CTRL_ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
)


def _striped(path: Path, size: tuple[int, int], *, camera: str = "") -> Path:
    """Write a photo whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, (220, 20, 20))
    image.paste((20, 20, 220), (size[0] // 2, 0, *size))
    exif = Image.Exif()
    if camera:
        exif[0x010F], exif[0x0110] = camera.split(" ", 1)
        exif.get_ifd(0x8769).update({0x829A: 0.004, 0x829D: 2.8, 0x8827: 400, 0x920A: 50.0, 0xA434: "EF 50mm f/1.8"})
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95, exif=exif)
    path.write_bytes(buffer.getvalue())
    return path


def _viewer(app: App) -> Viewer:
    return app.window.viewing.viewer


def _open(app: App, path: Path) -> Viewer:
    app.select([path])
    app.key(Qt.Key.Key_Space)
    app.wait_for(lambda: _viewer(app).pane.has_photo)
    return _viewer(app)


def _wheel(viewer: Viewer, at: QPointF, notches: int) -> None:
    pane = viewer.pane
    event = QWheelEvent(
        at,
        pane.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_key_opens_the_viewer(app: App, cat: Path, key: Qt.Key) -> None:
    app.add(cat)
    app.select([cat])
    app.key(key)
    assert _viewer(app).isVisible()
    assert _viewer(app).hasFocus()
    assert not app.window.gallery.isVisible()
    assert not app.window.menuBar().isVisible()


def test_double_click_opens_the_viewer(app: App, cat: Path) -> None:
    app.add(cat)
    gallery = app.window.gallery
    place = gallery.visualRect(gallery.model().index(0, 0)).center()
    app.qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=place)
    app.qtbot.mouseDClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert _viewer(app).isVisible()


def test_viewer_keys_move_through_the_gallery(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(5)
    app.add(*paths)
    viewer = _open(app, paths[0])
    for key, expected in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_PageDown, 1),
        (Qt.Key.Key_End, 4),
        (Qt.Key.Key_Right, 4),
        (Qt.Key.Key_PageUp, 3),
        (Qt.Key.Key_Home, 0),
    ):
        app.key(key)
        assert viewer.row.path == paths[expected]
        assert viewer.bar.position == f"{expected + 1} of 5"
        assert viewer.bar.name == paths[expected].name


def test_neighbours_are_decoded_ahead(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(4)
    app.add(*paths)
    viewer = _open(app, paths[1])
    app.wait_for(lambda: all(viewer._images.image(path, "") for path in paths))
    app.key(Qt.Key.Key_Right)
    assert viewer.pane.has_photo, "at once"


def test_escape_returns_to_the_same_place(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(60)
    app.add(*paths)
    window = app.window
    window.header.search.setText("IMG")
    app.select([paths[40]])
    before = window.gallery.verticalScrollBar().value()
    assert before > 0
    app.key(Qt.Key.Key_Space)
    app.key(Qt.Key.Key_Escape)
    assert window.gallery.isVisible()
    assert window.gallery.hasFocus()
    assert window.menuBar().isVisible()
    assert window.header.search.text() == "IMG"
    assert window.gallery.verticalScrollBar().value() == before
    assert window.gallery.current_row.path == paths[40]


def test_photo_left_in_the_viewer_is_current_in_the_gallery(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(60)
    app.add(*paths)
    _open(app, paths[0])
    app.key(Qt.Key.Key_End)
    app.key(Qt.Key.Key_Space)
    gallery = app.window.gallery
    assert gallery.current_row.path == paths[-1]
    assert gallery.currentIndex().row() in gallery.visible_rows()


def test_viewer_disables_what_changes_the_gallery(app: App, cat: Path) -> None:
    app.add(cat)
    assert app.action("view.show.cat").isEnabled()
    _open(app, cat)
    for action_id in ("view.show.dog", "view.list", "edit.find", "view.clear_filters"):
        assert not app.action(action_id).isEnabled()
    app.key(Qt.Key.Key_3)
    assert app.window.filtering.query.filter is Filter.ALL
    app.key(Qt.Key.Key_Escape)
    assert app.action("view.show.dog").isEnabled()


def test_removing_the_last_photo_leaves_the_viewer(app: App, cat: Path) -> None:
    app.add(cat)
    _open(app, cat)
    app.key(Qt.Key.Key_Delete)
    assert app.window.empty.isVisible()
    app.add(cat)
    assert app.window.gallery.isVisible()


def test_dropped_photo_is_shown_in_the_viewer(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(6)
    app.add(*paths[:3])
    _open(app, paths[1])
    app.drop(files(paths[3:]))
    app.wait_done(6)
    assert _viewer(app).row.path == paths[3]
    assert all(row.state is State.DONE for row in app.shown)


def test_unreadable_photo_shows_the_reason(app: App, folder: Path) -> None:
    text = folder / "letter.jpg"
    text.write_text("Dear diary", encoding="utf-8")
    app.add(text)
    app.select([text])
    app.key(Qt.Key.Key_Return)
    app.wait_for(lambda: _viewer(app).pane.message == "This file is not a photo (it holds text).")
    assert not _viewer(app).pane.has_photo


# Zoom.


def test_wheel_zooms_around_the_pointer(app: App, folder: Path) -> None:
    app.add(_striped(folder / "wide.jpg", (3000, 2000)))
    viewer = _open(app, folder / "wide.jpg")
    pane = viewer.pane
    _wheel(viewer, QPointF(pane.rect().center()), 4)
    before, at = pane.frame.place(pane.zoom), QPointF(pane.width() * 0.4, pane.height() * 0.6)
    _wheel(viewer, at, 3)
    after = pane.frame.place(pane.zoom)
    assert after.width() == pytest.approx(before.width() * 1.25**3)
    assert (at.x() - after.left()) / after.width() == pytest.approx((at.x() - before.left()) / before.width())
    assert (at.y() - after.top()) / after.height() == pytest.approx((at.y() - before.top()) / before.height())
    _wheel(viewer, at, -10)
    assert pane.zoom == Zoom(), "never smaller than the whole photo"


def test_pinch_zooms(app: App, folder: Path) -> None:
    app.add(_striped(folder / "wide.jpg", (3000, 2000)))
    pane = _open(app, folder / "wide.jpg").pane
    middle = QPointF(pane.rect().center())
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        middle,
        middle,
        pane.mapToGlobal(middle),
        0.5,
        QPointF(),
    )
    QApplication.sendEvent(pane, event)
    assert pane.zoom.factor == pytest.approx(1.5)


def test_zoom_key_toggles_full_size_and_decodes_detail(app: App, folder: Path) -> None:
    app.add(_striped(folder / "large.jpg", (4000, 3000)))
    viewer = _open(app, folder / "large.jpg")
    app.key(Qt.Key.Key_Z)
    assert viewer.bar.percent == "100%"
    app.wait_for(lambda: viewer.pane.has_detail)
    app.key(Qt.Key.Key_Z)
    assert viewer.pane.zoom == Zoom()
    assert viewer.bar.percent == f"{viewer.pane.percent}%" != "100%"


def test_percent_follows_the_size_of_the_view(app: App, folder: Path) -> None:
    app.add(_striped(folder / "large.jpg", (4000, 3000)))
    viewer = _open(app, folder / "large.jpg")
    app.window.resize(1000, 560)
    app.wait_for(lambda: app.window.size().width() == 1000 and viewer.bar.percent == f"{viewer.pane.percent}%")
    before = viewer.pane.percent
    app.window.resize(700, 420)
    app.wait_for(lambda: viewer.pane.percent < before and viewer.bar.percent == f"{viewer.pane.percent}%")


def test_arrows_and_drag_move_a_zoomed_photo(app: App, folder: Path, make_photos: Callable[..., list[Path]]) -> None:
    large = _striped(folder / "large.jpg", (4000, 3000))
    app.add(large, *make_photos(2))
    viewer = _open(app, large)
    app.key(Qt.Key.Key_Z)
    pane = viewer.pane
    app.key(Qt.Key.Key_Right)
    assert viewer.row.path == large, "the arrow moves the photo"
    assert pane.zoom.x > 0.5
    x = pane.zoom.x
    middle = pane.rect().center()
    app.qtbot.mousePress(pane, Qt.MouseButton.LeftButton, pos=middle)
    app.qtbot.mouseMove(pane, middle + QPoint(60, 0))
    app.qtbot.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 0))
    assert pane.zoom.x < x
    for _ in range(30):
        app.key(Qt.Key.Key_Left)
    left = pane.frame.place(pane.zoom).left()
    assert left == pytest.approx(0, abs=1), "no empty space beside the photo"
    assert grab(pane).pixelColor(pane.width() // 3, pane.height() // 2).red() > 150
    app.key(Qt.Key.Key_PageDown)
    assert viewer.row.path != large
    assert viewer.pane.zoom == Zoom(), "the next photo is shown whole"


def test_panorama_can_fill_the_view(app: App, folder: Path) -> None:
    app.add(_striped(folder / "panorama.jpg", (9000, 1200)))
    viewer = _open(app, folder / "panorama.jpg")
    app.key(Qt.Key.Key_Z)
    place = viewer.pane.frame.place(viewer.pane.zoom)
    assert place.height() == pytest.approx(viewer.pane.height(), abs=1)
    assert viewer.pane.can_pan
    app.key(Qt.Key.Key_Z)
    assert viewer.bar.percent == "100%"


def test_zoom_keys_zoom_in_and_out(app: App, folder: Path) -> None:
    app.add(_striped(folder / "large.jpg", (4000, 3000)))
    viewer = _open(app, folder / "large.jpg")
    app.key(Qt.Key.Key_Plus)
    assert viewer.pane.zoom.factor == pytest.approx(1.25)
    app.key(Qt.Key.Key_Minus)
    assert viewer.pane.zoom == Zoom()


# Heat map, information, full screen.


def test_heat_map_key_lays_map_over_the_photo(app: App, cat: Path) -> None:
    app.add(cat)
    viewer = _open(app, cat)
    plain = grab(viewer.pane)
    app.key(Qt.Key.Key_H)
    assert viewer.pane.has_overlay
    assert grab(viewer.pane) != plain
    app.key(Qt.Key.Key_H)
    app.key(Qt.Key.Key_H)
    assert not viewer.pane.has_overlay
    assert grab(viewer.pane) == plain


def test_information_shows_camera_and_exposure(app: App, folder: Path) -> None:
    path = _striped(folder / "canon.jpg", (640, 480), camera="Canon EOS 80D")
    app.add(path)
    viewer = _open(app, path)
    app.key(Qt.Key.Key_I)
    assert viewer.info.isVisible()
    app.wait_for(lambda: "EOS 80D" in viewer.info.facts.text())
    facts = viewer.info.facts.text()
    assert "Lens: EF 50mm f/1.8" in facts
    assert "Exposure: 1/250 s, f/2.8, ISO 400, 50 mm" in facts
    assert "640 × 480" in facts
    assert f"Folder: {folder}" in facts
    app.key(Qt.Key.Key_I)
    assert not viewer.info.isVisible()


def test_why_explains_scores_and_shows_the_heat_map(app: App, cat: Path) -> None:
    app.add(cat)
    viewer = _open(app, cat)
    app.key(Qt.Key.Key_W)
    assert viewer.info.isVisible()
    assert viewer.pane.has_overlay
    why = viewer.info.why.text()
    assert "Cat score" in why
    assert "because it is" in why
    assert "looked" in why
    app.wait_for(viewer.info.similar.isEnabled)
    app.qtbot.mouseClick(viewer.info.similar, Qt.MouseButton.LeftButton)
    assert app.window.filtering.query.similar_to == (app.row(cat).number,)
    app.key(Qt.Key.Key_W)
    assert not viewer.info.isVisible()
    assert not viewer.pane.has_overlay


def test_full_screen_key_fills_the_screen_until_the_viewer_is_left(app: App, cat: Path) -> None:
    app.add(cat)
    _open(app, cat)
    app.key(Qt.Key.Key_F11)
    assert app.window.isFullScreen()
    app.key(Qt.Key.Key_Escape)
    assert not app.window.isFullScreen()
    assert app.window.gallery.isVisible()


# The user's own verdict and rating.


def test_enter_keeps_the_verdict_and_shows_the_next_photo(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(3)
    app.add(*paths)
    app.window._settings.change(unsure_band=0.0)
    viewer = _open(app, paths[0])
    verdict = app.row(paths[0]).verdict
    app.key(Qt.Key.Key_Return)
    assert app.row(paths[0]).corrected
    assert app.row(paths[0]).verdict is verdict
    assert viewer.row.path == paths[1]
    assert app.message.startswith("Kept the verdict of IMG_1.jpg as yours.")


def test_enter_on_an_unsure_photo_marks_nothing(open_app: Callable[..., App], cat: Path) -> None:
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.499))
    app.add(cat)
    app.window._settings.change(cat_threshold=0.999)
    app.wait_for(lambda: app.row(cat).verdict is Verdict.UNSURE)
    viewer = _open(app, cat)
    app.key(Qt.Key.Key_Return)
    assert not app.row(cat).corrected
    assert app.message.startswith("Not marked: the app is not sure.")
    assert not viewer.verdicts.yes.isEnabled()


def test_mark_keys_and_buttons_concern_the_photo_shown(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(4)
    app.add(*paths)
    app.select(paths[:3])
    app.key(Qt.Key.Key_Space)
    viewer = _viewer(app)
    shown = viewer.row.path
    app.key(Qt.Key.Key_D)
    assert [row.path for row in app.shown if row.corrected] == [shown]
    app.click(viewer.verdicts.button(Verdict.NEITHER))
    assert app.row(shown).verdict is Verdict.NEITHER
    assert viewer.verdicts.button(Verdict.NEITHER).isChecked()
    assert not viewer.verdicts.button(Verdict.DOG).isChecked()
    app.key(Qt.Key.Key_Escape)
    assert len(app.window.gallery.selected_rows) == 3, "the selection is as before"


def test_enter_on_a_focused_button_does_not_mark(app: App, cat: Path) -> None:
    app.add(cat)
    viewer = _open(app, cat)
    viewer.bar.back.setFocus()
    app.key(Qt.Key.Key_Return)
    assert not app.row(cat).corrected


def test_rating_by_key_click_and_menu(app: App, cat: Path) -> None:
    app.add(cat)
    viewer = _open(app, cat)
    app.key(Qt.Key.Key_4, CTRL_ALT)
    assert app.row(cat).rating == 4
    assert viewer.stars.value() == 4
    assert "Rating: 4 of 5 stars" in app.message
    width = viewer.stars.width()
    app.qtbot.mouseClick(viewer.stars, Qt.MouseButton.LeftButton, pos=QPoint(width // 2, viewer.stars.height() // 2))
    assert app.row(cat).rating == 3
    app.qtbot.mouseClick(viewer.stars, Qt.MouseButton.LeftButton, pos=QPoint(width // 2, viewer.stars.height() // 2))
    assert app.row(cat).rating == 0
    app.key(Qt.Key.Key_Escape)
    app.run("photos.rate.five")
    assert app.row(cat).rating == 5
    assert app.window.preview.own_data.stars.value() == 5


def test_rating_is_shown_again_after_a_restart(open_app: Callable[..., App], cat: Path) -> None:
    first = open_app()
    first.add(cat)
    with first.qtbot.waitSignal(first.window.session._worker.ratings_saved):
        first.run("photos.rate.two")
    first.window.close()
    again = open_app()
    again.add(cat)
    assert again.row(cat).rating == 2


def test_rating_holds_for_duplicates_and_is_undone(app: App, cat: Path) -> None:
    twin = cat.with_name("twin.jpg")
    twin.write_bytes(cat.read_bytes())
    app.add(cat, twin)
    app.select([cat])
    app.run("photos.rate.three")
    assert app.row(twin).rating == 3
    assert app.window.session.undo_rating() == [cat]
    assert app.row(cat).rating == app.row(twin).rating == 0


def test_yes_button_in_the_preview_keeps_the_verdict(app: App, cat: Path) -> None:
    app.add(cat)
    app.window._settings.change(unsure_band=0.0)
    app.click(app.window.preview.own_data.verdicts.yes)
    assert app.row(cat).corrected
    app.click(app.window.preview.own_data.verdicts.button(Verdict.BOTH))
    assert app.row(cat).verdict is Verdict.BOTH


def test_to_check_with_enter_keeps_and_advances(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(3)
    app.add(*paths)
    gallery = app.window.session.gallery
    results = [app.row(path).result for path in paths]
    limit = gallery.thresholds.cat + gallery.thresholds.unsure + 0.001
    gallery.apply_results([replace(result, scores=Scores(limit, 0.0)) for result in results])
    app.window.filtering.set_filter(Filter.TO_CHECK)
    assert len(app.shown) == 3
    first = app.window.gallery.current_row
    app.key(Qt.Key.Key_Return)
    assert first.corrected
    assert len(app.shown) == 2
    assert not app.window.viewing.is_open
    assert app.window.gallery.current_row is not first


def test_marking_very_many_photos_asks_first(
    app: App, make_photos: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_commands, "ASK_ABOVE", 3)
    paths = make_photos(4)
    app.add(*paths)
    app.key(Qt.Key.Key_A, CTRL)
    app.key(Qt.Key.Key_D)
    (question,) = [box for box in app.window.findChildren(QMessageBox) if box.isVisible()]
    assert question.text() == "Mark 4 photos as dogs?"
    question.reject()
    assert not any(row.corrected for row in app.shown)
    app.key(Qt.Key.Key_D)
    app.wait_for(lambda: [box for box in app.window.findChildren(QMessageBox) if box.isVisible()])
    (question,) = [box for box in app.window.findChildren(QMessageBox) if box.isVisible()]
    app.qtbot.mouseClick(question.defaultButton(), Qt.MouseButton.LeftButton)
    assert all(row.verdict is Verdict.DOG for row in app.shown)


# Compare.


def test_two_selected_photos_are_compared_with_linked_zoom(app: App, folder: Path) -> None:
    first, second = _striped(folder / "a.jpg", (3000, 2000)), _striped(folder / "b.jpg", (1500, 1000))
    app.add(first, second)
    app.select([first, second])
    app.key(Qt.Key.Key_Space)
    viewer = _viewer(app)
    assert viewer.is_comparing
    app.wait_for(lambda: all(pane.has_photo for pane in viewer.panes))
    assert all(pane.isVisible() for pane in viewer.panes)
    assert viewer.row.path == first
    _wheel(viewer, QPointF(20, 20), 4)
    assert viewer.panes[1].zoom == viewer.panes[0].zoom != Zoom()
    app.key(Qt.Key.Key_PageDown)
    assert viewer.row.path == second
    assert viewer.panes[1].is_marked
    app.key(Qt.Key.Key_D)
    assert not app.row(first).corrected
    assert app.row(second).verdict is Verdict.DOG
    app.key(Qt.Key.Key_Escape)
    assert {row.path for row in app.window.gallery.selected_rows} == {first, second}


def test_compare_action_needs_two_selected(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(3)
    app.add(*paths)
    app.select(paths[:1])
    assert not app.action("view.compare").isEnabled()
    app.select(paths[:2])
    assert app.action("view.compare").isEnabled()
    app.key(Qt.Key.Key_C, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert _viewer(app).is_comparing


def test_viewer_is_dark_in_the_light_theme(open_app: Callable[..., App], cat: Path) -> None:
    app = open_app(settings=Settings(theme="light"))
    app.wait_for(lambda: app.window.session.model is not None)
    app.add(cat)
    viewer = _open(app, cat)
    corner = QColor(grab(viewer).pixel(2, viewer.height() - 3))
    assert corner.lightness() < 40


def test_message_is_shown_over_the_photo(app: App, cat: Path) -> None:
    app.add(cat)
    viewer = _open(app, cat)
    app.key(Qt.Key.Key_D)
    assert viewer._message.isVisible()
    assert viewer._message.text().startswith("Marked cat.jpg as a dog.")


def test_buttons_of_the_viewer_run_their_actions(app: App, cat: Path) -> None:
    app.add(cat)
    viewer = _open(app, cat)
    buttons = {button.accessibleName(): button for button in viewer.bar.findChildren(QToolButton)}
    app.click(buttons["Information"])
    assert viewer.info.isVisible()
    app.click(viewer.bar.back)
    assert not app.window.viewing.is_open


def test_right_click_opens_the_menu_of_the_photo(app: App, cat: Path) -> None:
    app.add(cat)
    viewer = _open(app, cat)
    viewer.customContextMenuRequested.emit(QPoint(50, 50))
    menu = app.window.card_menu.on_a_photo
    assert menu.isVisible()
    menu.close()


def test_large_system_font_keeps_every_button_in_view(app: App, cat: Path) -> None:
    before = QApplication.font()
    larger = QFont(before)
    larger.setPointSizeF(before.pointSizeF() * 2)
    app.add(cat)
    try:
        QApplication.setFont(larger)
        app.window.resize(1024, 600)
        viewer = _open(app, cat)
        app.wait_for(lambda: viewer.stars.isVisible())
        QApplication.processEvents()
        for widget in (
            viewer.verdict,
            viewer.cat_bar,
            viewer.dog_bar,
            viewer.stars,
            viewer.verdicts.yes,
            viewer.bar.back,
        ):
            place = QRect(widget.mapTo(viewer, QPoint(0, 0)), widget.size())
            assert viewer.rect().contains(place), widget
        assert viewer.pane.height() > 150, "the photo keeps most of the window"
    finally:
        QApplication.setFont(before)


def test_left_viewer_keeps_no_decoded_photo(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(3)
    app.add(*paths)
    viewer = _open(app, paths[0])
    assert viewer.kept_bytes > 0
    app.key(Qt.Key.Key_Escape)
    assert viewer.kept_bytes == 0
    assert not viewer.pane.has_photo
