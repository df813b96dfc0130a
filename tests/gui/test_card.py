"""The card delegate, by the pixels that it paints."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from driving import scored
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery import row_painter
from catdog_desktop.gui.gallery.card import CardDelegate
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, THUMBNAIL_ROLE
from catdog_desktop.gui.gallery.table_header import table_columns
from catdog_desktop.gui.theme import Colours, apply_theme, colours
from catdog_desktop.verdict import Result, Thresholds, Verdict

pytestmark = pytest.mark.usefixtures("qapp")

CARD = QSize(240, 290)
LINE = QSize(900, 80)


class _OneRow(QAbstractListModel):
    """A model with one row."""

    def __init__(self, row: Row, thumbnail: QImage | None) -> None:
        super().__init__()
        self._row, self._thumbnail = row, thumbnail

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 1

    def data(self, index: QModelIndex, role: int = 0) -> object:
        return {ROW_ROLE: self._row, THUMBNAIL_ROLE: self._thumbnail}.get(role)


@dataclass(frozen=True)
class Painted:
    """A painted card or line."""

    image: QImage
    pixels: NDArray[np.int16]
    """(height, width, 3)"""
    colours: Colours
    palette: QPalette

    def close_to(self, colour: QColor, within: int = 24) -> NDArray[np.bool_]:
        """Return which pixels have `colour`, up to `within` per channel."""
        wanted = np.array([colour.red(), colour.green(), colour.blue()])
        return (np.abs(self.pixels - wanted) <= within).all(axis=2)

    def lines_of(self, colour: QColor) -> list[tuple[int, int, int]]:
        """Return (y, first x, last x) of the bars of `colour`.

        A run must be nearly solid, and wider than any icon or letter.
        """
        found = []
        for y, row in enumerate(self.close_to(colour)):
            (at,) = np.nonzero(row)
            if at.size and at[-1] - at[0] >= 30 and at.size >= 0.95 * (at[-1] - at[0] + 1):
                found.append((y, int(at[0]), int(at[-1])))
        return found


def paint(
    row: Row,
    *,
    as_list: bool = False,
    size: QSize | None = None,
    selected: bool = False,
    ratio: float = 1.0,
    thumbnail: QImage | None = None,
    animates: bool = False,
) -> Painted:
    """Paint `row` as the view does."""
    delegate = CardDelegate()
    delegate.animates = animates
    shown = ("name", "verdict", "cat", "dog")
    delegate.cell = size or (LINE if as_list else CARD)
    delegate.table = table_columns(shown, {"cat": 200, "dog": 200}, delegate.cell.width()) if as_list else ()
    model = _OneRow(row, thumbnail)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, delegate.cell.width(), delegate.cell.height())
    option.palette = QApplication.palette()
    option.font = QFont(QApplication.font())
    option.state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Active
    if selected:
        option.state |= QStyle.StateFlag.State_Selected
    image = QImage(delegate.cell * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(option.palette.color(QPalette.ColorRole.Window))
    painter = QPainter(image)
    delegate.paint(painter, option, model.index(0, 0))
    painter.end()
    return Painted(image, _as_array(image), colours(option.palette), QPalette(option.palette))


def _as_array(image: QImage) -> NDArray[np.int16]:
    width, height = image.width(), image.height()
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine() // 4, 4)
    return flat[:, :width, 2::-1].astype(np.int16)


def judged(cat: float, dog: float, name: str = "IMG_1.jpg") -> Row:
    row = Row(Path("/photos") / name, 0)
    row.apply_result(scored(row.path, cat, dog), Thresholds(0.5, 0.5, 0.1), 0.0)
    return row


def waiting() -> Row:
    return Row(Path("/photos/IMG_1.jpg"), 0)


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    apply_theme(request.param)
    QApplication.processEvents()
    return str(request.param)


def _track_length(as_list: bool = False, ratio: float = 1.0) -> int:
    """Return the length of a full bar."""
    full = paint(judged(1.0, 1.0), as_list=as_list, ratio=ratio)
    lines = full.lines_of(full.colours.dog)
    return max(last - first for _, first, last in lines)


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize(("cat", "dog"), [(0.75, 0.4), (0.4, 0.75), (0.99, 0.6)])
def test_bar_length_is_proportional_to_the_score(theme: str, cat: float, dog: float, as_list: bool) -> None:
    whole = _track_length(as_list)
    card = paint(judged(cat, dog), as_list=as_list)
    oranges, blues = card.lines_of(card.colours.cat), card.lines_of(card.colours.dog)
    for lines, score in ((oranges, cat), (blues, dog)):
        assert len(lines) >= 4, "a bar is several pixels high"
        longest = max(last - first for _, first, last in lines)
        assert longest == pytest.approx(whole * score, abs=2)
    starts = [min(first for _, first, _ in lines) for lines in (oranges, blues)]
    tops = [min(y for y, _, _ in lines) for lines in (oranges, blues)]
    if as_list:
        assert starts[0] < starts[1], "the cat's bar is left of the dog's"
        assert tops[0] == tops[1], "they are in one line"
    else:
        assert max(y for y, _, _ in oranges) < tops[1], "the cat's bar is above the dog's"
        assert starts[0] == starts[1], "they begin in one line"


def test_track_is_painted_beyond_the_bar(theme: str) -> None:
    card, empty = paint(judged(0.5, 0.02)), paint(judged(1.0, 1.0))
    middle = sorted(card.lines_of(card.colours.cat))[len(card.lines_of(card.colours.cat)) // 2]
    y, _, end = middle
    right = max(last for row, _, last in empty.lines_of(empty.colours.cat) if row == y)
    beyond = card.pixels[y, end + 4 : right - 4]
    ground = np.array([QColor(card.palette.base().color()).getRgb()[:3]])
    assert (beyond == beyond[0]).all(), "the track is even"
    assert np.abs(beyond[0] - ground).max() > 8, "and differs from the card"
    assert not card.close_to(card.colours.cat)[y, end + 4 : right].any()
    after = card.pixels[y, right + 4]
    assert np.abs(after - ground).max() <= 2, "and ends where a full bar ends"


@pytest.mark.parametrize("as_list", [False, True])
def test_waiting_photo_has_empty_bars(theme: str, as_list: bool) -> None:
    card = paint(waiting(), as_list=as_list)
    assert not card.close_to(card.colours.cat).any()
    assert not card.close_to(card.colours.dog).any()


def test_tiny_score_is_a_visible_dot(theme: str) -> None:
    card = paint(judged(0.004, 0.004))
    for colour in (card.colours.cat, card.colours.dog):
        assert 20 <= card.close_to(colour).sum() <= 150


def test_card_size_is_the_same_before_and_after_the_result() -> None:
    delegate = CardDelegate()
    option = QStyleOptionViewItem()
    failed = Row(Path("/photos/a.jpg"), 0)
    failed.apply_result(Result(failed.path, error="is damaged and cannot be decoded"), Thresholds(), 0.0)
    sizes = set()
    for row in (waiting(), judged(0.9, 0.1), failed, judged(0.9, 0.1, name="a" * 250 + ".jpg")):
        size = delegate.sizeHint(option, _OneRow(row, None).index(0, 0))
        sizes.add((size.width(), size.height()))
    assert len(sizes) == 1


def test_result_changes_only_verdict_and_bars() -> None:
    apply_theme("light")
    before, after = paint(waiting()), paint(judged(0.97, 0.02))
    (rows,) = np.nonzero((before.pixels != after.pixels).any(axis=(1, 2)))
    bars = after.lines_of(after.colours.cat) + after.lines_of(after.colours.dog)
    photo_bottom = 16 + (CARD.width() - 32) * 3 // 4
    badge = [y for y in rows if y < photo_bottom]
    assert badge, "the badge shows the verdict"
    assert min(badge) > photo_bottom - 40, "at the lower edge of the photo"
    name_rows = [y for y in rows if photo_bottom <= y < min(y for y, _, _ in bars) - 8]
    assert name_rows == [], "the name does not move"


@pytest.mark.parametrize("as_list", [False, True])
def test_verdicts_and_states_look_different(as_list: bool) -> None:
    apply_theme("light")
    failed = Row(Path("/photos/IMG_1.jpg"), 0)
    failed.apply_result(Result(failed.path, error="is damaged"), Thresholds(), 0.0)
    stopped = waiting()
    stopped.state = State.STOPPED
    cards = {
        "cat": judged(0.9, 0.1),
        "dog": judged(0.1, 0.9),
        "both": judged(0.9, 0.9),
        "neither": judged(0.1, 0.1),
        "unsure": judged(0.55, 0.1),
        "waiting": waiting(),
        "stopped": stopped,
        "failed": failed,
    }
    # The area of icon and word, without the bars.
    photo_bottom = 16 + (CARD.width() - 32) * 3 // 4
    area = np.s_[:, 380:500] if as_list else np.s_[photo_bottom - 34 : photo_bottom, 100:]
    looks = {name: paint(row, as_list=as_list).pixels[area].tobytes() for name, row in cards.items()}
    assert len(set(looks.values())) == len(cards)


def test_verdict_icons_differ_without_colour() -> None:
    """All icons are painted black: the shapes alone must differ."""
    from PySide6.QtCore import QRectF

    from catdog_desktop.gui.widgets.icons import Icon, paint_icon

    shapes = {}
    for icon in (Icon.CAT, Icon.DOG, Icon.BOTH, Icon.NEITHER, Icon.UNSURE, Icon.PROBLEM):
        image = QImage(24, 24, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_icon(painter, QRectF(0, 0, 24, 24), icon, QColor("black"))
        painter.end()
        shapes[icon] = np.frombuffer(image.constBits(), np.uint8).astype(int).copy()
    for first in shapes:
        assert 20 < (shapes[first] < 128).sum() < 500
        for second in shapes:
            if first is not second:
                assert (np.abs(shapes[first] - shapes[second]) > 128).sum() >= 25, (first, second)


def test_selected_card_has_a_frame(theme: str) -> None:
    plain, chosen = paint(judged(0.9, 0.1)), paint(judged(0.9, 0.1), selected=True)
    highlight = QColor(chosen.palette.highlight().color())
    middle = CARD.height() // 2
    assert chosen.close_to(highlight, 40)[middle, :12].any()
    assert chosen.close_to(highlight, 40)[middle, -12:].any()
    assert not plain.close_to(highlight, 40)[middle, :12].any()
    # The tint of the selection leaves the colours of the bars.
    assert len(chosen.lines_of(chosen.colours.cat)) >= 4


def test_card_at_scale_factor_2_is_sharp() -> None:
    apply_theme("light")
    once, twice = paint(judged(0.75, 0.4)), paint(judged(0.75, 0.4), ratio=2)
    assert twice.image.size() == once.image.size() * 2
    lengths = [max(last - first for _, first, last in card.lines_of(card.colours.cat)) for card in (once, twice)]
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=3)
    enlarged = once.image.scaled(twice.image.size(), Qt.AspectRatioMode.IgnoreAspectRatio)
    assert np.abs(_as_array(enlarged) - twice.pixels).max() > 100, "text is painted sharp"


@pytest.mark.parametrize("as_list", [False, True])
def test_long_name_is_elided_in_the_middle(as_list: bool) -> None:
    apply_theme("light")
    size = LINE if as_list else CARD
    cards = [
        paint(judged(0.9, 0.1, name), as_list=as_list, size=size)
        for name in (
            "start" + "x" * 200 + "end1.jpg",
            "start" + "y" * 200 + "end1.jpg",
            "start" + "x" * 200 + "end2.jpg",
        )
    ]
    margin = np.s_[:, 380:] if as_list else np.s_[:, -14:]
    assert (cards[0].pixels[margin] == cards[1].pixels[margin]).all(), "within the card"
    assert (cards[0].pixels != cards[2].pixels).any(), "the end of the name is shown"


def test_tall_photo_fits_its_frame() -> None:
    apply_theme("light")
    tall = QImage(60, 120, QImage.Format.Format_RGB32)
    tall.fill(QColor("#00ff00"))
    card = paint(judged(0.9, 0.1), thumbnail=tall)
    (ys, xs) = np.nonzero(card.close_to(QColor("#00ff00")))
    height, width = np.ptp(ys) + 1, np.ptp(xs) + 1
    assert height == pytest.approx((CARD.width() - 32) * 3 / 4, abs=2)
    assert width == pytest.approx(height / 2, abs=2)
    assert (xs.min() + xs.max()) / 2 == pytest.approx(CARD.width() / 2, abs=1)


def test_unreadable_photo_shows_the_reason_instead_of_bars(theme: str) -> None:
    row = waiting()
    row.apply_result(Result(row.path, error="is not a photo (it holds text)"), Thresholds(), 0.0)
    card = paint(row)
    assert card.lines_of(card.colours.cat) == []
    assert card.lines_of(card.colours.dog) == []
    words = card.close_to(card.colours.warning, 60)[16 + (CARD.width() - 32) * 3 // 4 + 20 :]
    assert words.sum() > 100


def test_animated_bars_reach_their_length() -> None:
    apply_theme("light")
    row = judged(1.0, 0.02)
    row.result_time = time.monotonic() + 3600  # before the animation
    started = paint(row, animates=True)
    assert started.lines_of(started.colours.cat) == []
    row.result_time = time.monotonic() - 3600
    grown, still = paint(row, animates=True), paint(row, animates=False)
    assert (grown.pixels == still.pixels).all()


def test_card_of_any_size_is_painted_without_error() -> None:
    for width in (1, 40, 140, 480):
        for as_list in (False, True):
            paint(judged(0.9, 0.1), as_list=as_list, size=QSize(width, max(1, width)))


def test_thumbnail_is_painted_the_right_way_round(jpegs: dict[str, bytes]) -> None:
    picture = Image.new("RGB", (40, 30), (255, 0, 0))
    picture.paste((0, 0, 255), (20, 0, 40, 30))
    image = QImage(picture.tobytes(), 40, 30, 120, QImage.Format.Format_RGB888).copy()
    card = paint(judged(0.9, 0.1), thumbnail=image)
    y = 16 + (CARD.width() - 32) * 3 // 8
    assert tuple(card.pixels[y, CARD.width() // 4]) == (255, 0, 0)
    assert tuple(card.pixels[y, CARD.width() * 3 // 4]) == (0, 0, 255)


# --- corrections, duplicates, damaged files ---


def corrected(verdict: Verdict, name: str = "IMG_1.jpg") -> Row:
    row = judged(0.99, 0.01, name)
    row.apply_result(replace(row.result, correction=verdict), Thresholds(0.5, 0.5, 0.1), 0.0)
    return row


@pytest.mark.parametrize("as_list", [False, True])
def test_correction_adds_icon_and_word(theme: str, as_list: bool) -> None:
    """Compared with the same verdict of the model, there are more pixels in the neutral colour."""
    own, by_model = paint(corrected(Verdict.CAT), as_list=as_list), paint(judged(0.99, 0.01), as_list=as_list)
    neutral = own.colours.neutral
    assert own.close_to(neutral).sum() > by_model.close_to(neutral).sum() + 20
    assert own.close_to(own.colours.cat).sum() == pytest.approx(by_model.close_to(own.colours.cat).sum(), rel=0.02)


def test_correction_on_narrow_card_keeps_the_icon_only(theme: str) -> None:
    narrow = QSize(140, 200)
    own, by_model = paint(corrected(Verdict.NEITHER), size=narrow), paint(judged(0.01, 0.01), size=narrow)
    assert (own.pixels != by_model.pixels).any()
    inside = own.close_to(own.colours.neutral)
    assert not inside[:, :8].any(), "within the card"
    assert not inside[:, -8:].any()


@pytest.mark.parametrize("as_list", [False, True])
def test_duplicate_has_an_icon(theme: str, as_list: bool) -> None:
    row = judged(0.99, 0.01)
    alone = paint(row, as_list=as_list)
    row.duplicate_group = 7
    equal = paint(row, as_list=as_list)
    changed = (alone.pixels != equal.pixels).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert changed.any()
    assert np.ptp(rows) < 30
    assert np.ptp(columns) < 30
    assert equal.close_to(equal.colours.neutral, within=60)[changed].any()


@pytest.mark.parametrize("as_list", [False, True])
def test_damaged_photo_has_an_icon(theme: str, as_list: bool) -> None:
    row = judged(0.99, 0.01)
    whole = paint(row, as_list=as_list)
    assert row.result is not None
    row.result = replace(row.result, info=replace(row.result.info, damaged=True))
    damaged = paint(row, as_list=as_list)
    changed = (whole.pixels != damaged.pixels).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert changed.any()
    assert np.ptp(rows) < 30
    assert np.ptp(columns) < 30
    assert damaged.close_to(damaged.colours.warning, within=60)[changed].any()


@pytest.mark.parametrize(("width", "dashes"), [(1, None), (2, None), (1, "#3366ff")])
def test_frame_from_image_looks_as_painted(width: int, dashes: str | None) -> None:
    ground, border, place = QColor("#ffffff"), QColor("#b0b0b0"), QRectF(4, 4, 120, 150)
    over = None if dashes is None else QColor(dashes)
    pictures = []
    for painted in (True, False):
        picture = QImage(130, 160, QImage.Format.Format_RGB32)
        picture.fill(QColor("#e8e8e8"))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if painted:
            row_painter._paint_frame(painter, place, ground, border, width, over)
        else:
            rgba = None if over is None else over.rgba()
            painter.drawImage(place.topLeft(), row_painter._frame(120, 150, ground.rgba(), border.rgba(), width, rgba))
        painter.end()
        pictures.append(np.frombuffer(bytes(picture.constBits()), np.uint8).astype(int))
    assert np.abs(pictures[0] - pictures[1]).max() <= 1  # of 255, where edges are mixed with what is below
