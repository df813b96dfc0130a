"""The statistics page, and the counts that it and the contact sheet show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from driving import App, grab, scored
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from catdog_desktop.gallery.columns import Columns
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.statistics import statistics_of_results
from catdog_desktop.gui.statistics.charts import Histogram, StackedBars, paint_stack
from catdog_desktop.gui.statistics.statistics_dialog import StatisticsDialog
from catdog_desktop.gui.theme import apply_theme
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Result, Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)
KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def results() -> list[Result]:
    made = []
    for number, (name, cat, dog, day) in enumerate(
        (
            ("a/1.jpg", 0.95, 0.05, datetime(2019, 5, 12)),
            ("a/2.jpg", 0.05, 0.95, datetime(2019, 1, 1)),
            ("b/3.jpg", 0.95, 0.95, datetime(2020, 12, 31, 23)),
            ("b/4.jpg", 0.55, 0.05, None),
            ("a/5.jpg", 0.62, 0.05, datetime(2020, 1, 1)),
        )
    ):
        result = scored(Path("/photos") / name, cat, dog)
        correction = Verdict.NEITHER if number == 4 else None
        made.append(replace(result, info=replace(result.info, date=day), correction=correction))
    return [*made, Result(Path("/photos/b/broken.jpg"), error="is damaged")]


def counts(**by_verdict: int) -> tuple[int, ...]:
    return tuple(by_verdict.get(verdict.value, 0) for verdict in CODES)


def test_statistics_count_by_year_folder_and_certainty() -> None:
    found = statistics_of_results(results(), THRESHOLDS)
    assert (found.photos, found.judged) == (6, 5)
    assert found.verdicts == counts(cat=1, dog=1, both=1, unsure=1, neither=1)
    assert [(bar.name, bar.counts) for bar in found.years] == [
        ("2019", counts(cat=1, dog=1)),
        ("2020", counts(both=1, neither=1)),
        ("", counts(unsure=1)),
    ]
    assert [(bar.name, bar.total) for bar in found.folders] == [("/photos/a", 3), ("/photos/b", 2)]
    assert sum(found.certainty) == 5
    assert found.certainty[1] == 1, "0.55 is 5 points from its threshold"
    assert found.certainty[2] == 1, "0.62 is 12 points from its threshold"
    assert found.certainty[-1] == 3


def test_statistics_of_columns_are_those_of_the_results() -> None:
    columns = Columns()
    columns.judge(THRESHOLDS)
    for number, result in enumerate(results()):
        row = Row(result.path, number)
        row.apply_result(result, THRESHOLDS, 0.0)
        columns.append([row])
    assert columns.statistics(np.arange(6, dtype=np.int32)) == statistics_of_results(results(), THRESHOLDS)
    assert columns.statistics(np.array([2], np.int32)).photos == 1


def test_statistics_sum_up_small_folders() -> None:
    made = [
        scored(Path(f"/photos/{folder}/{number}.jpg"), 0.9, 0.1)
        for folder in range(20)
        for number in range(20 - folder)
    ]
    found = statistics_of_results(made, THRESHOLDS)
    assert [bar.name for bar in found.folders] == [*(f"/photos/{folder}" for folder in range(12)), ""]
    assert found.other_folders == 8
    assert sum(bar.total for bar in found.folders) == len(made)


def test_statistics_of_nothing_are_empty() -> None:
    found = statistics_of_results([], THRESHOLDS)
    assert (found.photos, found.years, found.folders, sum(found.certainty)) == (0, (), (), 0)


@pytest.fixture
def filled(open_app: Callable[..., App]) -> App:
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    gallery = app.window.session.gallery
    gallery.add([result.path for result in results()])
    gallery.apply_results(results())
    app.window.session.counts_changed.emit()
    app.window.gallery.setFocus()
    return app


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_key_opens_the_page_with_all_charts(filled: App, theme: str) -> None:
    filled.run(f"view.theme.{theme}")
    filled.key(Qt.Key.Key_T, KEYS)
    dialog = filled.dialog(StatisticsDialog)
    assert dialog.summary.text() == "6 photos in the gallery. 1 has no verdict."
    charts = dialog.findChildren(StackedBars)
    assert [chart.accessibleName() for chart in charts] == ["Verdicts by year", "Verdicts by folder"]
    assert charts[0].accessibleDescription().splitlines() == [
        "2019: 1 cat, 1 dog", "2020: 1 both, 1 neither", "Without a date: 1 unsure",
    ]  # fmt: skip
    (histogram,) = dialog.findChildren(Histogram)
    assert "5–10: 1" in histogram.accessibleDescription()
    assert "≥45: 3" in histogram.accessibleDescription()
    for chart in (*charts, histogram):
        image = grab(chart)
        assert len({image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}) > 3
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_page_counts_only_the_photos_shown(filled: App) -> None:
    filled.run("view.show.cat")
    filled.run("view.statistics")
    assert filled.dialog(StatisticsDialog).summary.text() == "1 photo shown by the filters."


def test_verdicts_differ_in_their_pattern_without_colour(qapp: QApplication) -> None:
    apply_theme("light")
    looks = set()
    for number in range(len(CODES)):
        image = QImage(QSize(60, 20), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_stack(painter, QRectF(0, 0, 60, 20), [int(at == number) for at in range(len(CODES))], qapp.palette())
        painter.end()
        # Which pixels are background, whatever the colour of the others.
        values = np.frombuffer(image.constBits(), np.uint8).reshape(20, -1, 4)[:, :60, :3]
        most = values.reshape(-1, 3).min(axis=0)
        looks.add((np.abs(values.astype(int) - most).max(axis=2) > 40).tobytes())
    assert len(looks) == len(CODES)
