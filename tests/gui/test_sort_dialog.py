"""The dialog *Sort into folders*: choices, the plan, and that nothing happens before *Start*."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot
from sort_steps import activate, bar, make_plan, open_dialog, plan_rows, tab_to

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.selection_scope import Scope
from catdog_desktop.gui.sorting.plan_model import Column, Part
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.settings import Settings
from catdog_desktop.sorting import plan as plan_module
from catdog_desktop.sorting.options import Action, Layout, SortOptions
from catdog_desktop.sorting.plan import SortPlan
from catdog_desktop.sorting.plan import make_plan as make_plan_of
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict


@pytest.fixture
def photos(make_photos: Callable[..., list[Path]]) -> list[Path]:
    """Six photos: two cats, four of neither."""
    return make_photos(6)


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_sort_and_undo_with_the_keyboard_alone(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    app.qtbot.keyClicks(QApplication.focusWidget(), str(tmp_path / "sorted"))  # type: ignore[no-untyped-call]
    app.key(Qt.Key.Key_Return, on=QApplication.focusWidget())
    app.wait_for(lambda: dialog.is_planned)
    assert isinstance(QApplication.focusWidget(), QTableView)
    app.key(Qt.Key.Key_Return, on=QApplication.focusWidget())
    assert not (tmp_path / "sorted").exists(), "Enter does not start a plan that was perhaps not read"
    tab_to(app, dialog.start)
    app.key(Qt.Key.Key_Space, on=dialog.start)
    app.wait_for(lambda: bar(app).text.startswith("6 photos copied to"))
    assert tree(tmp_path / "sorted") == [
        "cats", "cats/IMG_1.jpg", "cats/IMG_4.jpg",
        "neither", "neither/IMG_2.jpg", "neither/IMG_3.jpg", "neither/IMG_5.jpg", "neither/IMG_6.jpg",
    ]  # fmt: skip
    activate(app)
    tab_to(app, bar(app).button("Undo"))
    app.key(Qt.Key.Key_Space, on=bar(app).button("Undo"))
    app.wait_for(lambda: bar(app).text == "6 copies removed.")
    assert not (tmp_path / "sorted").exists()
    assert all(photo.exists() for photo in photos)


def test_plan_changes_nothing_on_the_disk(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    before = tree(tmp_path)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    assert tree(tmp_path) == before
    app.key(Qt.Key.Key_Escape, on=dialog)
    assert not dialog.isVisible()
    assert tree(tmp_path) == before
    assert not bar(app).isVisible()


def test_plan_shows_every_step_and_skipped_file(app: App, photos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "sorted/cats").mkdir(parents=True)
    (tmp_path / "sorted/cats/IMG_1.jpg").write_text("another")
    photos[1].with_suffix(".xmp").write_text("<x/>")
    broken = photos[0].with_name("list.jpg")
    broken.write_text("milk")
    app.add(*photos, broken)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    rows = {row[Column.PHOTO]: row for row in plan_rows(dialog)}
    assert rows["IMG_1.jpg"] == {
        Column.PHOTO: "IMG_1.jpg",
        Column.FROM: str(photos[0].parent),
        Column.VERDICT: "cat",
        Column.TO: "cats/IMG_1 (2).jpg",
        Column.NOTE: "new name: “IMG_1.jpg” is taken there",
    }
    assert rows["IMG_2.jpg"][Column.NOTE] == "with IMG_2.xmp"
    assert rows["list.jpg"][Column.NOTE].startswith("stays: is not a photo")
    summary = dialog.plan_page.summary.text()
    assert summary.startswith(
        f"6 photos will be copied to “{tmp_path / 'sorted'}”. 1 file that belongs to a photo goes"
    )
    assert "1 photo gets a new name" in summary
    assert summary.endswith("1 file stays in place.")
    assert "are free" in dialog.plan_page.space.text()
    shown = {}
    for number in range(len(Part)):
        dialog.plan_page.part.setCurrentIndex(number)
        shown[dialog.plan_page.part.itemData(number)] = len(plan_rows(dialog))
    assert shown == {Part.ALL: 7, Part.STEPS: 6, Part.RENAMED: 1, Part.SKIPPED: 1}


def untick_all(dialog: SortDialog) -> None:
    for switch in dialog.choices.switches.values():
        switch.setChecked(False)


INVALID: dict[str, tuple[Callable[[SortDialog], object], str]] = {
    "no destination": (lambda dialog: dialog.choices.destination.setText(" "), "Choose the folder"),
    "relative": (lambda dialog: dialog.choices.destination.setText("sorted"), "full path"),
    "outside": (lambda dialog: dialog.choices.names[Verdict.DOG].setText("../dogs"), "leads out"),
    "no name": (lambda dialog: dialog.choices.names[Verdict.CAT].setText(""), "cannot be the name"),
    "none ticked": (untick_all, "at least one kind"),
}


def test_invalid_choice_is_refused_until_it_is_changed(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(photos[0])
    for what, (change, sentence) in INVALID.items():
        dialog = open_dialog(app)
        dialog.choices.destination.setText(str(tmp_path / "sorted"))
        change(dialog)
        app.click(dialog.preview)
        assert sentence in dialog.error, what
        assert not dialog.is_planned
        assert isinstance(QApplication.focusWidget(), QLineEdit | QCheckBox)
        dialog.choices.destination.setText(str(tmp_path / "elsewhere"))
        assert dialog.error == "", "the error goes when a field changes"
        dialog.reject()
    (tmp_path / "file").write_text("x")
    dialog = open_dialog(app)
    dialog.choices.destination.setText((tmp_path / "file").as_uri())  # as if it was dropped there
    app.click(dialog.preview)
    app.wait_for(lambda: "is a file" in dialog.error)
    assert dialog.choices.isVisible()


def test_scope_offers_selected_shown_and_all_photos(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    assert [dialog.choices.scope.itemText(number) for number in range(dialog.choices.scope.count())] == ["All 6 photos"]
    dialog.reject()
    activate(app)
    app.key(Qt.Key.Key_5)  # neither
    app.select(photos[1:3])
    dialog = open_dialog(app)
    assert [dialog.choices.scope.itemText(number) for number in range(dialog.choices.scope.count())] == [
        "The 2 selected photos",
        "The 4 photos shown",
        "All 6 photos",
    ]
    make_plan(app, dialog, tmp_path / "sorted")
    assert [line[Column.PHOTO] for line in plan_rows(dialog)] == ["IMG_2.jpg", "IMG_3.jpg"]
    app.click(dialog.back)
    dialog.choices.scope.setCurrentIndex(1)
    app.click(dialog.preview)
    app.wait_for(lambda: dialog.is_planned)
    assert len(plan_rows(dialog)) == 4


def test_choices_are_kept_except_the_action(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    dialog.choices.names[Verdict.CAT].setText("Haustiere/Katzen")
    dialog.choices.switches[Verdict.NEITHER].click()
    assert not dialog.choices.names[Verdict.NEITHER].isEnabled()
    dialog.choices.layout_choice.setCurrentIndex(2)
    dialog.choices.action_buttons[Action.MOVE].click()
    make_plan(app, dialog, tmp_path / "sorted")
    by_month = [line[Column.TO] for line in plan_rows(dialog) if line[Column.TO]]
    assert len(by_month) == 2
    assert all(target.startswith("Haustiere/Katzen/20") for target in by_month)
    assert "stay in place" in dialog.plan_page.summary.text()
    dialog.reject()
    kept = app.window.settings
    assert kept.sort_into == str(tmp_path / "sorted")
    assert (kept.sort_layout, kept.sort_folders) == (Layout.YEAR_MONTH, {"cat": "Haustiere/Katzen", "neither": ""})
    dialog = open_dialog(app)
    assert dialog.choices.destination.text() == str(tmp_path / "sorted")
    assert dialog.choices.names[Verdict.CAT].text() == "Haustiere/Katzen"
    assert not dialog.choices.switches[Verdict.NEITHER].isChecked()
    assert dialog.choices.action_buttons[Action.COPY].isChecked(), "a move must be chosen each time"


def test_plan_uses_corrections_and_thresholds_of_the_user(
    open_app: Callable[..., App], photos: list[Path], tmp_path: Path
) -> None:
    app = open_app(settings=Settings(cat_threshold=0.99, dog_threshold=0.99, unsure_band=0.0))
    app.add(*photos)
    app.window.session.correct([photos[1]], Verdict.DOG)
    app.wait_for(lambda: app.row(photos[1]).verdict is Verdict.DOG)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    verdicts = {row[Column.PHOTO]: row[Column.VERDICT] for row in plan_rows(dialog)}
    assert verdicts["IMG_2.jpg"] == "dog"
    assert verdicts == {row.name: str(row.verdict) for row in app.shown}


def test_plan_that_does_not_fit_cannot_be_started(
    app: App, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.add(*photos)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    assert dialog.plan_page.space.text().startswith("Does not fit: ")
    assert not dialog.start.isEnabled()


def test_photos_not_classified_yet_stay(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    app.window.session.gallery.set_state(photos[:2], State.WAITING)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    skipped = {row[Column.PHOTO]: row[Column.NOTE] for row in plan_rows(dialog) if not row[Column.TO]}
    assert skipped == dict.fromkeys(("IMG_1.jpg", "IMG_2.jpg"), "stays: is not classified yet")


def test_plan_of_a_closed_dialog_does_not_disturb_the_next(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    dialog.choices.destination.setText(str(tmp_path / "sorted"))
    app.click(dialog.preview)
    dialog.reject()
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    assert len(plan_rows(dialog)) == 6


def test_late_plan_of_an_earlier_request_is_ignored(qtbot: QtBot, tmp_path: Path) -> None:
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(b"photo")
    row = Row(photo, 0)
    result = Result(photo, scores=Scores(0.99, 0.01))
    row.apply_result(result, Thresholds(), 0.0)
    settings = Settings(sort_into=str(tmp_path / "sorted"))
    dialog = SortDialog([Scope("All", [row])], settings, [tmp_path])
    qtbot.addWidget(dialog)
    requested: list[SortOptions] = []
    started: list[SortPlan] = []
    dialog.plan_requested.connect(lambda _rows, options: requested.append(options))
    dialog.started.connect(started.append)
    for action in (Action.MOVE, Action.COPY):
        dialog.choices.action_buttons[action].setChecked(True)
        dialog.preview.click()
        if action is Action.MOVE:
            dialog.back.click()
    first, last = (make_plan_of([result], options, Thresholds()) for options in requested)
    dialog.show_plan(first, ())
    dialog.show_refusal("It does not fit.", first.options)
    assert (dialog.is_planned, dialog.error, dialog.start.isEnabled()) == (False, "", False)
    dialog.show_plan(last, ())
    assert dialog.is_planned
    dialog.start.click()
    assert [plan.options.action for plan in started] == [Action.COPY]


@pytest.mark.parametrize("leave", ["back", "cancel", "close"])
def test_plan_is_cancelled_when_the_user_leaves(
    app: App, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leave: str
) -> None:
    begun, cancelled = threading.Event(), threading.Event()

    def large(*_args: object, cancel_token: CancelToken) -> SortPlan:
        begun.set()
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if cancel_token.cancelled:
                cancelled.set()
                raise Cancelled
        raise AssertionError("the plan was never cancelled")

    monkeypatch.setattr(plan_module, "make_plan", large)
    app.add(*photos)
    dialog = open_dialog(app)
    dialog.choices.destination.setText(str(tmp_path / "sorted"))
    app.click(dialog.preview)
    app.wait_for(begun.is_set)
    if leave == "close":
        app.window.close()
    else:
        app.click(dialog.back if leave == "back" else dialog.cancel)
    app.wait_for(cancelled.is_set)


def test_dialog_fits_full_hd_at_twice_the_size(qtbot: QtBot, tmp_path: Path) -> None:
    """Such a screen is 960 × 540 pixels of Qt, a panel and the title bar take some 70 of them."""
    dialog = SortDialog([Scope("All", [])], Settings(), [tmp_path])
    qtbot.addWidget(dialog)
    for page in (dialog.choices, dialog.plan_page):
        if page is dialog.plan_page:
            dialog.choices.destination.setText(str(tmp_path))
            dialog.preview.click()
            assert dialog.plan_page.isVisibleTo(dialog)
        needed = dialog.minimumSizeHint()
        assert needed.width() <= 960
        assert needed.height() <= 470
    dialog.resize(960, 470)
    dialog.back.click()
    dialog.show()
    qtbot.waitExposed(dialog)
    for button in (dialog.cancel, dialog.preview):
        corner = button.mapTo(dialog, button.rect().bottomRight())
        assert dialog.rect().contains(corner)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    field = dialog.choices.names[Verdict.UNSURE]
    field.setFocus()
    qtbot.waitUntil(lambda: not field.visibleRegion().isEmpty())


def test_sort_dialog_fields_have_accessible_names(app: App, photos: list[Path]) -> None:
    assert not app.action("file.sort").isEnabled(), "nothing to sort"
    app.add(photos[0])
    dialog = open_dialog(app)
    buddies = {label.buddy() for label in dialog.findChildren(QLabel)}
    fields: list[QWidget] = [
        field
        for kind in (QLineEdit, QComboBox, QTableView)
        for field in dialog.findChildren(kind)
        if field.objectName() != "qt_spinbox_lineedit"
    ]
    assert len(fields) >= 9
    assert [field for field in fields if not field.accessibleName() and field not in buddies] == []
