"""Sort into folders: what is chosen, the plan that comes of it, and that nothing happens before Start."""

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
from sort_steps import bar, be_active, lines, make_plan, open_dialog, tab_to

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.selection_scope import Scope
from catdog_desktop.gui.sorting import sort_commands
from catdog_desktop.gui.sorting.plan_model import Column, Part
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.settings import Settings
from catdog_desktop.sorting.options import Action, Layout, SortOptions
from catdog_desktop.sorting.plan import SortPlan
from catdog_desktop.sorting.plan import make_plan as make_plan_of
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict


@pytest.fixture
def photos(make_photos: Callable[..., list[Path]]) -> list[Path]:
    """Six photos: two cats, four of neither."""
    return make_photos(6)


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_sort_by_the_keyboard_alone(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    app.qtbot.keyClicks(QApplication.focusWidget(), str(tmp_path / "sorted"))  # type: ignore[no-untyped-call]
    app.key(Qt.Key.Key_Return, on=QApplication.focusWidget())
    app.wait_for(lambda: dialog.is_planned)
    assert isinstance(QApplication.focusWidget(), QTableView)
    app.key(Qt.Key.Key_Return, on=QApplication.focusWidget())
    assert not (tmp_path / "sorted").exists(), "Enter does not start what may not have been read"
    tab_to(app, dialog.start)
    app.key(Qt.Key.Key_Space, on=dialog.start)
    app.wait_for(lambda: bar(app).text.startswith("6 photos copied to"))
    assert everything_below(tmp_path / "sorted") == [
        "cats", "cats/IMG_1.jpg", "cats/IMG_4.jpg",
        "neither", "neither/IMG_2.jpg", "neither/IMG_3.jpg", "neither/IMG_5.jpg", "neither/IMG_6.jpg",
    ]  # fmt: skip
    be_active(app)
    tab_to(app, bar(app).button("Undo"))
    app.key(Qt.Key.Key_Space, on=bar(app).button("Undo"))
    app.wait_for(lambda: bar(app).text == "6 photos taken out of there again.")
    assert not (tmp_path / "sorted").exists()
    assert all(photo.exists() for photo in photos)


def test_nothing_happens_before_start(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    before = everything_below(tmp_path)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    assert everything_below(tmp_path) == before
    app.key(Qt.Key.Key_Escape, on=dialog)
    assert not dialog.isVisible()
    assert everything_below(tmp_path) == before
    assert not bar(app).isVisible()


def test_the_plan_tells_every_step(app: App, photos: list[Path], tmp_path: Path) -> None:
    (tmp_path / "sorted/cats").mkdir(parents=True)
    (tmp_path / "sorted/cats/IMG_1.jpg").write_text("another")
    photos[1].with_suffix(".xmp").write_text("<x/>")
    broken = photos[0].with_name("list.jpg")
    broken.write_text("milk")
    app.add(*photos, broken)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    told = {line[Column.PHOTO]: line for line in lines(dialog)}
    assert told["IMG_1.jpg"] == {
        Column.PHOTO: "IMG_1.jpg",
        Column.FROM: str(photos[0].parent),
        Column.VERDICT: "cat",
        Column.TO: "cats/IMG_1 (2).jpg",
        Column.REMARK: "new name: “IMG_1.jpg” is taken there",
    }
    assert told["IMG_2.jpg"][Column.REMARK] == "with IMG_2.xmp"
    assert told["list.jpg"][Column.REMARK].startswith("stays: could not be read: it is not a photo")
    sentence = dialog.plan_page.sentence.text()
    assert sentence.startswith(f"6 photos will be copied to “{tmp_path / 'sorted'}”, with 1 file that belongs to them.")
    assert "1 gets a new name" in sentence
    assert sentence.endswith("1 file stays where it is.")
    assert "are free" in dialog.plan_page.room.text()
    shown = {}
    for number in range(dialog.plan_page.part.count()):
        dialog.plan_page.part.setCurrentIndex(number)
        shown[dialog.plan_page.part.itemData(number)] = len(lines(dialog))
    assert shown == {Part.ALL: 7, Part.STEPS: 6, Part.RENAMED: 1, Part.STAYS: 1}


def untick_all(dialog: SortDialog) -> None:
    for switch in dialog.choices.switches.values():
        switch.setChecked(False)


WRONG: dict[str, tuple[Callable[[SortDialog], object], str]] = {
    "no place": (lambda dialog: dialog.choices.destination.setText(" "), "Choose the folder"),
    "relative": (lambda dialog: dialog.choices.destination.setText("sorted"), "whole path"),
    "out of it": (lambda dialog: dialog.choices.names[Verdict.DOG].setText("../dogs"), "leads out"),
    "no name": (lambda dialog: dialog.choices.names[Verdict.CAT].setText(""), "cannot be the name"),
    "none ticked": (untick_all, "at least one kind"),
}


def test_what_must_be_chosen_otherwise(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(photos[0])
    for what, (change, sentence) in WRONG.items():
        dialog = open_dialog(app)
        dialog.choices.destination.setText(str(tmp_path / "sorted"))
        change(dialog)
        app.click(dialog.show_the_plan)
        assert sentence in dialog.complaint, what
        assert not dialog.is_planned
        assert isinstance(QApplication.focusWidget(), QLineEdit | QCheckBox)
        dialog.choices.destination.setText(str(tmp_path / "elsewhere"))
        assert dialog.complaint == "", "what is being mended is not complained of"
        dialog.reject()
    (tmp_path / "file").write_text("x")
    dialog = open_dialog(app)
    dialog.choices.destination.setText((tmp_path / "file").as_uri())  # as if it was dragged there
    app.click(dialog.show_the_plan)
    app.wait_for(lambda: "is a file" in dialog.complaint)
    assert dialog.choices.isVisible()


def test_which_photos(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    assert [dialog.choices.scope.itemText(number) for number in range(dialog.choices.scope.count())] == ["All 6 photos"]
    dialog.reject()
    be_active(app)
    app.key(Qt.Key.Key_5)  # neither
    app.select(photos[1:3])
    dialog = open_dialog(app)
    assert [dialog.choices.scope.itemText(number) for number in range(dialog.choices.scope.count())] == [
        "The 2 selected photos",
        "The 4 photos shown",
        "All 6 photos",
    ]
    make_plan(app, dialog, tmp_path / "sorted")
    assert [line[Column.PHOTO] for line in lines(dialog)] == ["IMG_2.jpg", "IMG_3.jpg"]
    app.click(dialog.back)
    dialog.choices.scope.setCurrentIndex(1)
    app.click(dialog.show_the_plan)
    app.wait_for(lambda: dialog.is_planned)
    assert len(lines(dialog)) == 4


def test_choices_are_kept_but_for_what_is_done(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    dialog.choices.names[Verdict.CAT].setText("Haustiere/Katzen")
    dialog.choices.switches[Verdict.NEITHER].click()
    assert not dialog.choices.names[Verdict.NEITHER].isEnabled()
    dialog.choices.layout_choice.setCurrentIndex(2)
    dialog.choices.action_buttons[Action.MOVE].click()
    make_plan(app, dialog, tmp_path / "sorted")
    by_month = [line[Column.TO] for line in lines(dialog) if line[Column.TO]]
    assert len(by_month) == 2
    assert all(target.startswith("Haustiere/Katzen/20") for target in by_month)
    assert "stay where they are" in dialog.plan_page.sentence.text()
    dialog.reject()
    kept = app.window.settings
    assert kept.sort_into == str(tmp_path / "sorted")
    assert (kept.sort_layout, kept.sort_folders) == (Layout.YEAR_MONTH, {"cat": "Haustiere/Katzen", "neither": ""})
    dialog = open_dialog(app)
    assert dialog.choices.destination.text() == str(tmp_path / "sorted")
    assert dialog.choices.names[Verdict.CAT].text() == "Haustiere/Katzen"
    assert not dialog.choices.switches[Verdict.NEITHER].isChecked()
    assert dialog.choices.action_buttons[Action.COPY].isChecked(), "to move is chosen each time"


def test_the_users_own_verdict_and_thresholds_count(
    open_app: Callable[..., App], photos: list[Path], tmp_path: Path
) -> None:
    app = open_app(settings=Settings(cat_threshold=0.99, dog_threshold=0.99, unsure_band=0.0))
    app.add(*photos)
    app.window.session.correct([photos[1]], Verdict.DOG)
    app.wait_for(lambda: app.row(photos[1]).verdict is Verdict.DOG)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    told = {line[Column.PHOTO]: line[Column.VERDICT] for line in lines(dialog)}
    assert told["IMG_2.jpg"] == "dog"
    assert told == {row.name: str(row.verdict) for row in app.shown}


def test_what_does_not_fit_cannot_be_started(
    app: App, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.add(*photos)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    assert dialog.plan_page.room.text().startswith("Does not fit: needs")
    assert not dialog.start.isEnabled()


def test_what_waits_stays(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    app.window.session.gallery.set_state(photos[:2], State.WAITING)
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    stays = {line[Column.PHOTO]: line[Column.REMARK] for line in lines(dialog) if not line[Column.TO]}
    assert stays == dict.fromkeys(("IMG_1.jpg", "IMG_2.jpg"), "stays: is not classified yet")


def test_a_plan_that_nobody_waits_for_any_more(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    dialog = open_dialog(app)
    dialog.choices.destination.setText(str(tmp_path / "sorted"))
    app.click(dialog.show_the_plan)
    dialog.reject()
    dialog = open_dialog(app)
    make_plan(app, dialog, tmp_path / "sorted")
    assert len(lines(dialog)) == 6


def test_a_late_answer_to_what_was_asked_before_is_no_plan(qtbot: QtBot, tmp_path: Path) -> None:
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(b"photo")
    row = Row(photo, 0)
    result = Result(photo, scores=Scores(0.99, 0.01))
    row.apply_result(result, Thresholds(), 0.0)
    settings = Settings(sort_into=str(tmp_path / "sorted"))
    dialog = SortDialog([Scope("All", [row])], settings, [tmp_path])
    qtbot.addWidget(dialog)
    asked: list[SortOptions] = []
    started: list[SortPlan] = []
    dialog.plan_wanted.connect(lambda _rows, options: asked.append(options))
    dialog.started.connect(started.append)
    for action in (Action.MOVE, Action.COPY):
        dialog.choices.action_buttons[action].setChecked(True)
        dialog.show_the_plan.click()
        if action is Action.MOVE:
            dialog.back.click()
    first, last = (make_plan_of([result], options, Thresholds()) for options in asked)
    dialog.show_plan(first, ())
    dialog.show_refusal("There is no room to move.", first.options)
    assert (dialog.is_planned, dialog.complaint, dialog.start.isEnabled()) == (False, "", False)
    dialog.show_plan(last, ())
    assert dialog.is_planned
    dialog.start.click()
    assert [plan.options.action for plan in started] == [Action.COPY]


@pytest.mark.parametrize("leave", ["back", "cancel", "close"])
def test_a_plan_that_is_not_wanted_is_given_up(
    app: App, photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leave: str
) -> None:
    begun, given_up = threading.Event(), threading.Event()

    def large(*_args: object, cancel_token: CancelToken) -> SortPlan:
        begun.set()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if cancel_token.cancelled:
                given_up.set()
                raise Cancelled
        raise AssertionError("nobody said that it is not wanted any more")

    monkeypatch.setattr(sort_commands, "make_plan", large)
    app.add(*photos)
    dialog = open_dialog(app)
    dialog.choices.destination.setText(str(tmp_path / "sorted"))
    app.click(dialog.show_the_plan)
    app.wait_for(begun.is_set)
    if leave == "close":
        app.window.close()
    else:
        app.click(dialog.back if leave == "back" else dialog.cancel)
    app.wait_for(given_up.is_set)


def test_every_field_has_a_name_for_screen_readers(app: App, photos: list[Path]) -> None:
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
