"""The actions *Similar photos*, *Learn from my verdicts* and *Undo learning*, and the offer to learn."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.languages.formats import format_number
from catdog_desktop.learning.head import Head
from catdog_desktop.learning.learnt_file import LearntFileError, LearntHead, model_key, remove_head, save_head
from catdog_desktop.messages import _, ngettext
from catdog_desktop.store.store import Store, StoreError
from catdog_desktop.verdict import Thresholds

if TYPE_CHECKING:
    from catdog_desktop.gui.learning.lesson_dialog import LessonDialog
    from catdog_desktop.learning.lesson import Lesson
    from catdog_desktop.learning.threshold_curve import CheckedPhotos

LEARN_LINK: Final = "learn"
UNDO_LEARNING_LINK: Final = "undo-learning"


class LearnCommands(QObject):
    """Binds the actions. The store is read, and the head fitted, beside the GUI thread."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._session = context.session
        self._dialog: LessonDialog | None = None
        self._since_offer: set[Path] = set()
        """Photos that the user has marked since the last offer."""
        bind = context.actions.bind
        bind("photos.learn", self.open_lesson, enabled=self._can_learn)
        bind("photos.compare", self.compare, enabled=self._can_learn)
        bind("photos.undo_learning", self.undo, enabled=lambda: self._session.learnt is not None)
        context.session.corrected.connect(self._on_corrected)
        context.session.learnt_changed.connect(lambda _learnt: context.actions.refresh())
        context.session.model_ready.connect(lambda _model: context.actions.refresh())

    def open_lesson(self) -> None:
        """Show what would change if the app learnt from the user's verdicts."""
        if self._dialog is None:
            self._study(self._show)

    def compare(self) -> None:
        """Show how many of the photos that the user checked are right for each threshold."""
        model, learnt = self._session.model, self._session.learnt
        if model is not None:
            head = None if learnt is None else learnt.head
            self._context.tasks.run(partial(_checked, model, head), self._show_comparison)

    def undo(self) -> None:
        """Return to the verdicts of the model alone."""
        model = self._session.model
        if model is not None:
            self._context.tasks.run(partial(_remove, model), self._on_removed)

    def close(self) -> None:
        """Close the dialog, if it is open."""
        if self._dialog is not None:
            self._dialog.reject()

    def _can_learn(self) -> bool:
        model = self._session.model
        return model is not None and model.features_output is not None

    def _study(self, then: object) -> None:
        model, learnt = self._session.model, self._session.learnt
        if model is None or not self._can_learn():
            return
        thresholds = self._session.gallery.thresholds
        head = None if learnt is None else learnt.head
        self._context.tasks.run(partial(study, model, thresholds, head), then)  # type: ignore[arg-type]

    def _on_corrected(self, verdicts: dict[Path, object]) -> None:
        """Offer to learn after every ten photos that the user has marked."""
        from catdog_desktop.learning.lesson import OFFERED_FROM

        for path, verdict in verdicts.items():
            if verdict is None:
                self._since_offer.discard(path)
            else:
                self._since_offer.add(path)
        if len(self._since_offer) >= OFFERED_FROM and self._dialog is None:
            self._since_offer.clear()
            self._study(self._offer)

    def _offer(self, found: Lesson | str) -> None:
        from catdog_desktop.learning.lesson import Lesson, describe_offer

        if isinstance(found, Lesson) and found.changes:
            self._context.say(describe_offer(found), {LEARN_LINK: _("See them")})

    def _show(self, found: Lesson | str) -> None:
        from catdog_desktop.gui.learning.lesson_dialog import LessonDialog

        if isinstance(found, str):
            self._context.say(found)
            return
        if self._dialog is not None:
            return
        self._since_offer.clear()
        self._dialog = LessonDialog(found, self._session.thumbnail, self._context.window)
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._dialog.used.connect(self._use)
        self._dialog.finished.connect(self._on_closed)
        self._dialog.open()

    def _show_comparison(self, found: CheckedPhotos | str) -> None:
        from catdog_desktop.gui.learning.threshold_dialog import ThresholdDialog
        from catdog_desktop.learning.threshold_curve import curve_as_csv

        if isinstance(found, str):
            self._context.say(found)
            return
        thresholds = self._session.gallery.thresholds
        parent = QApplication.activeModalWidget() or self._context.window
        dialog = ThresholdDialog(found, thresholds, parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = curve_as_csv(found, thresholds)
        dialog.save_requested.connect(
            lambda path: self._context.tasks.run(partial(_save_table, path, text), self._context.say)
        )
        dialog.open()

    def _on_closed(self) -> None:
        self._dialog = None

    def _use(self, learnt: LearntHead) -> None:
        self._context.tasks.run(partial(_save, learnt), partial(self._on_saved, learnt))

    def _on_saved(self, learnt: LearntHead, problem: str) -> None:
        if problem:
            self._context.say(problem)
            return
        self._session.use_learnt(learnt)
        text = ngettext(
            "Learnt from {count} verdict of yours.", "Learnt from {count} verdicts of yours.", learnt.checked
        )
        self._context.say(text.format(count=format_number(learnt.checked)), {UNDO_LEARNING_LINK: _("Undo learning")})

    def _on_removed(self, problem: str) -> None:
        if problem:
            self._context.say(problem)
            return
        self._session.use_learnt(None)
        self._context.say(_("The model's own verdicts are shown again. Your verdicts are kept."))


def study(model: ModelFile, thresholds: Thresholds, head: Head | None) -> Lesson | str:
    """Return the lesson of all stored verdicts, or a sentence that says why nothing can be learnt. Reads the store."""
    from catdog_desktop.learning.lesson import LearnError, make_lesson
    from catdog_desktop.learning.standard_set import load_standard_set

    key = model_key(model)
    try:
        with Store.open() as store:
            photos = store.judged_photos(model.identity)
        return make_lesson(photos, thresholds, key, load_standard_set(model.folder, model.sha256), head)
    except (StoreError, LearnError) as error:
        return displayable(str(error))


def _checked(model: ModelFile, head: Head | None) -> CheckedPhotos | str:
    """Return the photos that the user has checked, or a sentence that says why not. Reads the store."""
    from catdog_desktop.learning.threshold_curve import checked_photos

    try:
        with Store.open() as store:
            found = checked_photos(store.judged_photos(model.identity), head)
    except StoreError as error:
        return displayable(str(error))
    return found if len(found) else _("You have not corrected or confirmed any photo that this model has judged.")


def _save_table(path: Path, text: str) -> str:
    """Write the table; return a sentence about it. The file dialog has asked whether to replace an existing file."""
    from catdog_desktop.files.atomic_write import write_text_atomically

    try:
        write_text_atomically(path, text)
    except OSError as error:
        return _("{path} could not be written ({reason}).").format(
            path=displayable(str(path)), reason=error.strerror or error
        )
    return _("Saved in {path}.").format(path=displayable(str(path)))


def _save(learnt: LearntHead) -> str:
    try:
        save_head(learnt)
    except LearntFileError as error:
        return displayable(str(error))
    return ""


def _remove(model: ModelFile) -> str:
    try:
        remove_head(model)
    except LearntFileError as error:
        return displayable(str(error))
    return ""
