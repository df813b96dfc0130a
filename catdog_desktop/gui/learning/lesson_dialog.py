"""The page that shows what was learnt before it is used: the user's own photos, what changes, the standard set."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListView, QVBoxLayout, QWidget

from catdog_desktop.gui.gallery.thumbnails import FindThumbnail
from catdog_desktop.gui.learning.changes_model import PICTURE, ChangesModel
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel, SecondaryLabel
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.languages.formats import format_number
from catdog_desktop.learning.lesson import Lesson, describe_checked, describe_effect, describe_standard
from catdog_desktop.messages import _, ngettext

_SIZE: Final = QSize(88 * GRID, 76 * GRID)


class LessonDialog(QDialog):
    """Shows one lesson. Nothing is changed before *Use it*."""

    used = Signal(object)  # LearntHead

    def __init__(self, lesson: Lesson, find_thumbnail: FindThumbnail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Learn from your verdicts"))
        self._lesson = lesson
        self._model = ChangesModel(lesson.changes, find_thumbnail, self)
        self.checked = _plain(describe_checked(lesson))
        self.effect = _plain(describe_effect(lesson))
        self.standard = SecondaryLabel(describe_standard(lesson))
        self.warning = ErrorLabel()
        if lesson.is_worse_on_standard_set:
            self.warning.say(
                _("What was learnt makes the model worse on photos that are not yours. Check a few more photos first.")
            )
        self.list = QListView()
        self._build_list()
        self.buttons = QDialogButtonBox()
        self.use_button = self.buttons.addButton(_("&Use it"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.later_button = self.buttons.addButton(_("&Not now"), QDialogButtonBox.ButtonRole.RejectRole)
        self.use_button.setAutoDefault(False)
        self.later_button.setDefault(True)
        self.buttons.accepted.connect(self._use)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._model.close)
        self._build()
        self.resize(size_within_screen(self, _SIZE))

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        for label in (self.checked, self.effect, self.standard, self.warning):
            layout.addWidget(label)
        count = len(self._lesson.changes)
        heading = ngettext("{count} verdict changes:", "{count} verdicts change:", count)
        title = QLabel(heading.format(count=format_number(count)) if count else _("No verdict changes."))
        title.setBuddy(self.list)
        layout.addWidget(title)
        layout.addWidget(self.list, 1)
        if not count:
            # An empty list would say nothing more than the sentence above it.
            self.list.hide()
            layout.addStretch(1)
        note = _("Photos with a verdict of yours keep it. Photos > Undo learning returns to the model's own verdicts.")
        layout.addWidget(SecondaryLabel(note))
        layout.addWidget(self.buttons)

    def _build_list(self) -> None:
        self.list.setModel(self._model)
        self.list.setAccessibleName(_("Verdicts that change"))
        self.list.setIconSize(PICTURE)
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(GRID // 4)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        if self._lesson.changes:
            self.list.setCurrentIndex(self._model.index(0, 0))

    def _use(self) -> None:
        self.accept()
        self.used.emit(self._lesson.learnt)


def _plain(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
