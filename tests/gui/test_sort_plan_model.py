"""The table of a sort plan, also with ten thousand steps."""

import time
from pathlib import Path

import pytest
from driving import grab
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from catdog_desktop.files.safe_copy import FileStat
from catdog_desktop.gui.sorting.folder_totals import FolderTotalsModel
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


def test_click_on_a_heading_sorts_the_plan(page: SortPlanPage) -> None:
    plan = fake_plan(300)
    page.show_plan(plan, plan.skipped)
    names = [step.source.name for step in plan.steps]
    heading = page.table.horizontalHeader()
    model = page.table.model()

    def shown(column: Column = Column.PHOTO) -> list[str]:
        return [model.index(row, COLUMNS.index(column)).data() for row in range(model.rowCount())]

    def click(column: Column) -> None:
        section = COLUMNS.index(column)
        place = QPoint(heading.sectionViewportPosition(section) + 20, heading.height() // 2)
        QTest.mouseClick(heading.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert shown() == [*names, "x"], "in the order of the plan"
    click(Column.PHOTO)
    click(Column.PHOTO)
    assert shown() == ["x", *names[::-1]], "IMG_299 before IMG_30: natural order"
    click(Column.NOTE)
    assert shown(Column.NOTE)[-2:] == ["stays: is gone", "new name: “IMG_0.jpg” is taken there"]
    page.part.setCurrentIndex(2)
    assert shown() == ["IMG_0.jpg"], "a part keeps the order"


def test_sorting_keeps_the_selected_row(page: SortPlanPage) -> None:
    plan = fake_plan(50)
    page.show_plan(plan, plan.skipped)
    page.table.selectRow(7)
    page.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    (index,) = page.table.selectionModel().selectedRows()
    assert index.data() == "IMG_7.jpg"


def test_folder_totals_count_photos_companions_and_bytes(page: SortPlanPage) -> None:
    out = Path("/out")

    def planned(name: str, target: str, size: int) -> PlannedFile:
        return PlannedFile(Path("/in") / name, out / target / name, FileStat(size, 1, 1, 0o644))

    steps = (
        Step(planned("1.jpg", "cats", 1_000_000), Verdict.CAT, (planned("1.xmp", "cats", 500_000),)),
        Step(planned("2.jpg", "dogs", 7_000_000), Verdict.DOG),
        Step(planned("3.jpg", "cats", 2_000_000), Verdict.CAT),
    )
    plan = SortPlan(SortOptions(out), Destination.at(out), steps, (), 0, 1)
    page.show_plan(plan, ())
    assert not page.totals.isVisible()
    page.part.setCurrentIndex(page.part.count() - 1)
    assert page.part.currentText() == "Folders (2)"
    assert page.totals.isVisible()
    assert not page.table.isVisible()
    model = page.totals.model()

    def rows() -> list[list[str]]:
        return [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]

    assert rows() == [["cats", "2", "1", "3.5 MB"], ["dogs", "1", "0", "7.0 MB"]]
    page.totals.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert rows()[0][0] == "dogs"
    page.part.setCurrentIndex(0)
    assert page.table.isVisible()


def test_totals_model_passes_the_model_tester_of_qt() -> None:
    model = FolderTotalsModel(fake_plan(20))
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for column in range(4):
        model.sort(column, Qt.SortOrder.DescendingOrder)
