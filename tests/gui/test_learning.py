"""Learning in the window: the offer after ten verdicts, the page, use, undo, forget."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import WAIT_MS, App, grab
from photo_kinds import Kind
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from catdog_desktop.gui.learning.lesson_dialog import LessonDialog
from catdog_desktop.gui.learning.threshold_dialog import ThresholdDialog
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.learning.learnt_file import load_head
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind as StoredKind
from catdog_desktop.verdict import Result, Verdict


@pytest.fixture
def sheep(make_photos: Callable[..., list[Path]], model: ModelFile) -> list[Path]:
    """Return 20 photos that are stored as dogs, with features like each other's."""
    paths = make_photos(20, stem="sheep_")
    kind = Kind(1, 0.01, 0.9)
    with Store.open() as store:
        store.keep([Result(path, scores=kind.scores, features=kind.features()) for path in paths], model.identity)
    return paths


def mark_as_neither(app: App, paths: list[Path]) -> None:
    app.window.gallery.select_paths(paths)
    app.key(Qt.Key.Key_N, on=app.window.gallery)


def verdicts(app: App, paths: list[Path]) -> set[Verdict | None]:
    return {app.row(path).verdict for path in paths}


def learn(app: App) -> None:
    """Open the page and use what was learnt."""
    app.run("photos.learn")
    app.wait_for(lambda: app.window.findChildren(LessonDialog))
    dialog = app.dialog(LessonDialog)
    app.click(dialog.use_button)


def test_offer_page_use_and_undo(app: App, sheep: list[Path], model: ModelFile) -> None:
    app.add(*sheep)
    mine, others = sheep[:12], sheep[12:]
    mark_as_neither(app, mine[:9])
    app.wait_for(lambda: "Marked 9 photos" in app.message)
    mark_as_neither(app, mine[9:])
    app.wait_for(lambda: app.message.startswith("Learn from 12 verdicts of yours?"))
    assert "0 unsure photos become sure. 8 other verdicts change." in app.message
    assert verdicts(app, others) == {Verdict.DOG}, "nothing changes by itself"

    app.follow("learn")
    app.wait_for(lambda: app.window.findChildren(LessonDialog))
    dialog = app.dialog(LessonDialog)
    assert dialog.checked.text() == "Of the 12 photos that you checked, right: 0 now, 12 after learning."
    assert dialog.standard.text().startswith("On the standard set: ")
    assert not dialog.warning.isVisible()
    lines = [dialog.list.model().index(number, 0).data() for number in range(dialog.list.model().rowCount())]
    assert sorted(line.partition("\n")[0] for line in lines) == sorted(path.name for path in others)
    assert all("\ndog → neither (dog 90% → " in line for line in lines)
    app.wait_for(lambda: not dialog.list.model().index(0, 0).data(Qt.ItemDataRole.DecorationRole).isNull())
    app.click(dialog.use_button)

    app.wait_for(lambda: verdicts(app, others) == {Verdict.NEITHER})
    assert verdicts(app, mine) == {Verdict.NEITHER}
    assert "Learnt from your verdicts. The model alone: cat 1.00%, dog 90.00%." in app.tooltip(others[0])
    assert load_head(model) is not None
    assert app.action("photos.undo_learning").isEnabled()

    app.follow("undo-learning")
    app.wait_for(lambda: verdicts(app, others) == {Verdict.DOG})
    assert verdicts(app, mine) == {Verdict.NEITHER}, "the user's own verdicts stay"
    assert load_head(model) is None
    app.wait_for(lambda: not app.action("photos.undo_learning").isEnabled())


def test_not_now_changes_nothing(app: App, sheep: list[Path], model: ModelFile) -> None:
    app.add(*sheep)
    mark_as_neither(app, sheep[:10])
    app.wait_for(lambda: app.message.startswith("Learn from 10 verdicts of yours?"))
    app.follow("learn")
    app.wait_for(lambda: app.window.findChildren(LessonDialog))
    app.click(app.dialog(LessonDialog).later_button)
    assert verdicts(app, sheep[10:]) == {Verdict.DOG}
    assert load_head(model) is None


def test_learnt_head_is_in_use_after_a_restart(app: App, open_app: Callable[..., App], sheep: list[Path]) -> None:
    app.add(*sheep)
    mark_as_neither(app, sheep[:10])
    app.wait_for(lambda: app.message.startswith("Learn from"))
    learn(app)
    app.wait_for(lambda: verdicts(app, sheep) == {Verdict.NEITHER})
    app.window.close()
    again = open_app()
    again.add(*sheep)
    assert verdicts(again, sheep) == {Verdict.NEITHER}
    assert again.window.session.learnt is not None


def test_learn_without_verdicts_reports_it(app: App, sheep: list[Path]) -> None:
    app.add(*sheep)
    app.run("photos.learn")
    app.wait_for(lambda: app.message.startswith("You have not corrected or confirmed any photo"))


def test_forgetting_verdicts_shows_the_models_own_again(app: App, sheep: list[Path], model: ModelFile) -> None:
    app.add(*sheep)
    mark_as_neither(app, sheep[:10])
    app.wait_for(lambda: app.message.startswith("Learn from"))
    learn(app)
    app.wait_for(lambda: verdicts(app, sheep) == {Verdict.NEITHER})
    app.window.session.stored_data.forget({StoredKind.VERDICTS})
    app.wait_for(lambda: verdicts(app, sheep) == {Verdict.DOG})
    assert load_head(model) is None
    assert app.window.session.learnt is None


def test_comparison_from_the_settings_shows_outcomes_and_saves_a_table(
    app: App, sheep: list[Path], tmp_path: Path
) -> None:
    app.add(*sheep)
    mark_as_neither(app, sheep[:3])
    with app.qtbot.waitSignal(app.window.session.corrected, timeout=WAIT_MS):
        mark_as_neither(app, sheep[3:5])
    app.run("edit.settings")
    settings = app.dialog(SettingsDialog)
    settings.unsure.setValue(5)
    app.click(settings.compare)
    app.wait_for(lambda: app.window.findChildren(ThresholdDialog))
    dialog = app.dialog(ThresholdDialog)
    assert dialog.sentence.text() == "Of the 5 photos that you checked, right: 0, wrong: 5, unsure: 0."
    assert dialog.matrix.item(3, 1).text() == "5", "yours: neither, the app's: dog"
    assert "right, 5, with a threshold of" in dialog.plot.accessibleDescription()
    image = grab(dialog.plot)
    assert len({image.pixelColor(x, image.height() // 2).name() for x in range(0, image.width(), 4)}) > 3
    dialog.save_requested.emit(tmp_path / "Thresholds.csv")
    app.wait_for(lambda: app.message.startswith("Saved in "))
    assert (tmp_path / "Thresholds.csv").read_text(encoding="utf-8").startswith("threshold,right,wrong,unsure\n")


def test_comparison_without_verdicts_says_so(app: App, sheep: list[Path]) -> None:
    app.add(*sheep)
    app.run("photos.compare")
    app.wait_for(lambda: app.message.startswith("You have not corrected or confirmed any photo"))


def test_page_without_changes_has_a_sentence_instead_of_an_empty_list(app: App, sheep: list[Path]) -> None:
    app.add(*sheep)
    mark_as_neither(app, sheep)
    with Store.open() as store:  # which learning reads
        app.wait_for(lambda: len(store.corrections(sheep)) == len(sheep))
    app.run("photos.learn")
    app.wait_for(lambda: app.window.findChildren(LessonDialog))
    dialog = app.dialog(LessonDialog)
    shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert "No verdict changes." in shown
    assert not dialog.list.isVisible()
