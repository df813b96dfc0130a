"""The table of a sort plan, also with ten thousand steps."""

import time
from pathlib import Path

import pytest
from driving import grab
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from catdog_desktop.files.safe_copy import FileStat
from catdog_desktop.gui.sorting.plan_model import COLUMNS, Column, Part, SortPlanModel
from catdog_desktop.gui.sorting.plan_page import SortPlanPage
from catdog_desktop.sorting.destination import Destination
from catdog_desktop.sorting.options import SortOptions
from catdog_desktop.sorting.plan import PlannedFile, SortPlan, Step
from catdog_desktop.verdict import Verdict

STAT = FileStat(1, 1, 1, 0o644)


def fake_plan(steps: int) -> SortPlan:
    out = Path("/out")
    found = []
    for number in range(steps):
        photo = PlannedFile(Path(f"/in/{number // 100}/IMG_{number}.jpg"), out / f"cats/IMG_{number}.jpg", STAT)
        note = f"“IMG_{number}.jpg” is taken there" if number % 1000 == 0 else ""
        found.append(Step(photo, Verdict.CAT, (), note))
    return SortPlan(SortOptions(out), Destination.at(out), tuple(found), ((Path("/in/x"), "is gone"),), 0, 1)


@pytest.fixture
def page(qtbot: QtBot) -> SortPlanPage:
    page = SortPlanPage()
    qtbot.addWidget(page)
    page.resize(1000, 600)
    page.show()
    qtbot.waitExposed(page)
    return page


def test_model_passes_the_model_tester_of_qt() -> None:
    plan = fake_plan(20)
    model = SortPlanModel(plan, plan.skipped)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for part in Part:
        model.show(part)
        assert model.rowCount() == model.count(part)


def test_file_names_that_are_not_unicode_are_shown() -> None:
    photo = PlannedFile(Path("/in/\udcff\n.jpg"), Path("/out/cats/\udcff\n.jpg"), STAT)
    xmp = PlannedFile(Path("/in/\udcff\n.xmp"), Path("/out/cats/\udcff\n.xmp"), STAT)
    out = Path("/out")
    plan = SortPlan(SortOptions(out), Destination.at(out), (Step(photo, Verdict.CAT, (xmp,)),), (), 0, 1)
    model = SortPlanModel(plan, ())
    cells = [model.index(0, column).data() for column in range(len(COLUMNS))]
    assert cells == ["? .jpg", "/in", "cat", "cats/? .jpg", "with ? .xmp"]
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole).count("→") == 2
    assert COLUMNS[3] is Column.TO


def test_table_of_ten_thousand_steps_is_shown_in_a_second(page: SortPlanPage, qtbot: QtBot) -> None:
    plan = fake_plan(10_000)
    began = time.process_time()
    page.show_plan(plan, plan.skipped)
    grab(page)
    page.table.scrollToBottom()
    grab(page)
    page.part.setCurrentIndex(2)
    grab(page)
    assert page.table.model().rowCount() == 10
    assert time.process_time() - began < 1, "a table that measures each row takes ten"
