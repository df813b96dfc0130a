"""Bringing a model: it is converted, a few things are asked, and what it says of some photos is shown meanwhile."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gui.model_import.example_photos import TrialPhotos
from catdog_desktop.gui.model_import.import_thread import ImportThread
from catdog_desktop.gui.model_import.questions import Questions
from catdog_desktop.gui.model_import.trials import Trial, Trials
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.gui.window_geometry import grow
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.model_import.conversion.facts import MAX_EDGE
from catdog_desktop.model_import.conversion.progress import Progress
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError
from catdog_desktop.model_import.proposals.description import Question
from catdog_desktop.model_import.proposals.draft import Draft
from catdog_desktop.model_import.proposals.trial_photos import trial_photos
from catdog_desktop.verdict import Thresholds

MOST_PHOTOS: Final = 4
_PARTS: Final = 100
_UNHURRIED: Final = "Nothing in the file is run before it has been looked through. Nothing leaves this computer."
_YOURS: Final = "What it says of some of your photos. Change an answer, and see at once what becomes of it."
_OURS: Final = (
    "What it says of a cat, and of photos of neither. With photos in the gallery, it would be tried on those."
)


class ImportDialog(QDialog):
    """From a file to a model among the user's own. Closing it stops whatever is under way, and nothing is changed."""

    imported = Signal(object)  # ModelFile
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, source: Path, photos: Mapping[Path, str], parent: QWidget | None = None) -> None:
        """`photos` are the user's, to try the model on, with what the model in use says of them in words."""
        super().__init__(parent)
        self.setWindowTitle("Import a model")
        self._source = source
        self._photos = dict(itertools.islice(photos.items(), MOST_PHOTOS))
        self._draft: Draft | None = None
        self._trials: Trials | None = None
        self._errands = TaskQueue(self._on_error, self)
        self._thread: ImportThread | None = None
        self._thread_ended = True
        self._closed = False
        self._pages = QStackedWidget()
        self._buttons = QDialogButtonBox()
        self._buttons.accepted.connect(self._keep)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._buttons)
        self.finished.connect(self._stop)
        self._start(None)

    # What tests and screen readers look at.

    @property
    def page(self) -> str:
        """Which page is shown: "progress", "questions" or "problem"."""
        shown = self._pages.currentWidget()
        return "" if shown is None else shown.objectName()

    def wait(self) -> None:
        """Wait until nothing of it runs any more; `reject` first."""
        if self._thread is not None:
            self._thread.wait()
        self._errands.close()
        if self._trials is not None:
            self._trials.close()

    # The pages.

    def _show_progress_page(self) -> None:
        page, layout = self._new_page("progress")
        name = self._source.name.encode("utf-8", "replace").decode("utf-8")
        layout.addWidget(_heading(f"Importing {name}"))
        self.bar = QProgressBar()
        self.bar.setRange(0, _PARTS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the import")
        layout.addWidget(self.bar)
        self.step = QLabel("Reading the file …")
        layout.addWidget(self.step)
        layout.addWidget(SecondaryLabel(_UNHURRIED))
        layout.addStretch(1)
        self._show_page(page, QDialogButtonBox.StandardButton.Cancel)
        self.setMinimumWidth(60 * GRID)

    def _show_questions_page(self, draft: Draft, questions: Sequence[Question]) -> None:
        page, layout = self._new_page("questions")
        layout.addWidget(_heading(f"{draft.source_name} can be used"))
        layout.addWidget(SecondaryLabel(_told_of(draft)))
        if draft.facts.free_size:
            layout.addWidget(_Size(draft.facts.width, draft.facts.height, self._convert_again))
        columns = QHBoxLayout()
        columns.setSpacing(4 * GRID)
        self.questions = Questions(questions)
        self.name = QLineEdit(draft.name)
        self.name.setMaxLength(60)
        self.name.setAccessibleName("Name of the model")
        left = QWidget()
        form = QVBoxLayout(left)
        form.setContentsMargins(0, 0, GRID, 0)
        label = QLabel("&Name")
        label.setBuddy(self.name)
        form.addWidget(label)
        form.addWidget(self.name)
        form.addWidget(self.questions, 1)
        columns.addWidget(_scrolling(left), 3)
        self.photos = TrialPhotos(self._photos or dict.fromkeys(trial_photos(), ""), _YOURS if self._photos else _OURS)
        self.photos.failed.connect(self.failed)
        columns.addWidget(_scrolling(self.photos), 2)
        layout.addLayout(columns, 1)
        self.limits = SecondaryLabel()
        layout.addWidget(self.limits)
        self._show_page(page, QDialogButtonBox.StandardButton.Cancel)
        use = self._buttons.addButton("&Use this model", QDialogButtonBox.ButtonRole.AcceptRole)
        use.setDefault(True)
        use.setFocus()
        self.name.textChanged.connect(lambda text: use.setEnabled(bool(text.strip())))
        grow(self, 116 * GRID, 84 * GRID)

    def _show_problem_page(self, error: Exception) -> None:
        page, layout = self._new_page("problem")
        layout.addWidget(_heading("The model was not imported"))
        words = QLabel(str(error))
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout.addWidget(_scrolling(words), 1)
        if isinstance(error, NoTensorFlowError):
            for command in error.commands:
                layout.addWidget(_Command(command))
        self._show_page(page, QDialogButtonBox.StandardButton.Close)
        grow(self, max(self.width(), 76 * GRID), max(self.height(), 36 * GRID))

    def _new_page(self, name: str) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        page.setObjectName(name)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        return page, layout

    def _show_page(self, page: QWidget, button: QDialogButtonBox.StandardButton) -> None:
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        self._buttons.clear()
        end = self._buttons.addButton(button)
        end.setIcon(QIcon())  # Qt's own is black, in the dark too
        end.setFocus()

    # What happens.

    def _start(self, size: tuple[int, int] | None) -> None:
        """Begin to convert, to photos of `size` if the model takes any."""
        self._show_progress_page()
        self._thread = ImportThread(self._source, size, self)
        self._thread.progressed.connect(self._on_progress)
        self._thread.asked.connect(self._on_asked)
        self._thread.installed.connect(self._on_installed)
        self._thread.refused.connect(self._on_refused)
        self._thread.failed.connect(self._on_error)
        self._thread.finished.connect(self._on_thread_end)
        self._thread_ended = False
        self._thread.start()

    def _convert_again(self, size: tuple[int, int]) -> None:
        if self._trials is not None:
            self._trials.stop()
        self._start(size)

    def _on_progress(self, progress: Progress) -> None:
        self.bar.setValue(round(progress.part * _PARTS))
        self.step.setText(f"{progress.words} …")

    def _on_asked(self, draft: Draft, questions: Sequence[Question]) -> None:
        if not self.isVisible():
            return
        self._draft = draft
        self._show_questions_page(draft, questions)
        self._trials = Trials(draft, [line.path for line in self.photos.lines], self)
        self._trials.judged.connect(self._on_judged)
        self._trials.failed.connect(self.failed)
        self.questions.changed.connect(self._try)
        self._try()

    def _try(self) -> None:
        """Let the photos be judged under the answers as they are now."""
        assert self._trials is not None
        self.photos.wait_again()
        self._trials.show(self.questions.answers)

    def _on_judged(self, trial: Trial) -> None:
        model = trial.model
        if model is not None:
            self.limits.setText(model.answers.limits)
        self.photos.show_trial(trial, model.thresholds if model is not None else Thresholds())

    def _keep(self) -> None:
        """Install the model as it is described now."""
        assert self._draft is not None
        self._buttons.setEnabled(False)
        self._errands.run(
            partial(_install, self._draft, self.questions.answers, self.name.text().strip()), self._on_installed
        )

    def _on_installed(self, answer: ModelFile | ModelImportError) -> None:
        if not self.isVisible():
            return
        self._buttons.setEnabled(True)
        if isinstance(answer, ModelImportError):
            self._show_problem_page(answer)
            return
        self.imported.emit(answer)
        self.accept()

    def _on_refused(self, error: Exception) -> None:
        if self.isVisible():
            self._show_problem_page(error)

    def _on_error(self, error: Exception) -> None:
        """Nobody expected it: the window shows it."""
        self.failed.emit(error)
        self.reject()

    def _stop(self) -> None:
        if self._thread is not None:
            self._thread.cancel()
        self._errands.clear()
        if self._trials is not None:
            self.photos.finish()
            self._trials.stop()
        self._closed = True
        self._delete_if_over()

    def _on_thread_end(self) -> None:
        if self.sender() is self._thread:  # not one that was converted again meanwhile
            self._thread_ended = True
            self._delete_if_over()

    def _delete_if_over(self) -> None:
        """Let go of the dialog once it is closed: a thread, which hears of that within 0.1 s, goes first.

        Not by asking whether it runs: it may end between the question and the answer.
        """
        if self._closed and self._thread_ended:
            if self._thread is not None:
                self._thread.wait()  # what it does after it told of its end takes microseconds
            self.deleteLater()


class _Size(QWidget):
    """The size of photos, for a model that takes any."""

    def __init__(self, width: int, height: int, then: Callable[[tuple[int, int]], None]) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        label = QLabel("&Size that it was trained with")
        boxes = []
        for name, edge in (("Width", width), ("Height", height)):
            box = QSpinBox()
            box.setRange(16, MAX_EDGE)
            box.setValue(edge)
            box.setSuffix(" px")
            box.setAccessibleName(f"{name} of photos for the model")
            boxes.append(box)
        label.setBuddy(boxes[0])
        again = QPushButton("Convert &again")
        again.setAutoDefault(False)
        again.setToolTip("Convert the model for photos of this size")
        again.clicked.connect(lambda: then((boxes[0].value(), boxes[1].value())))
        for part in (label, boxes[0], QLabel("×"), boxes[1], again):
            layout.addWidget(part)
        layout.addStretch(1)


class _Command(QWidget):
    """A command to be typed elsewhere, with a button that copies it."""

    def __init__(self, command: str) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        line = QLineEdit(command)
        line.setReadOnly(True)
        line.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        line.setCursorPosition(0)
        line.setAccessibleName("Command")
        copy = QPushButton("Copy")
        copy.setAutoDefault(False)
        copy.setAccessibleName(f"Copy {command}")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(command))
        layout.addWidget(line, 1)
        layout.addWidget(copy)


def _install(draft: Draft, answers: dict[str, str], title: str) -> ModelFile | ModelImportError:
    try:
        return draft.install(answers, title)
    except ModelImportError as error:
        return error


def _told_of(draft: Draft) -> str:
    """Return what is known of the model, in sentences."""
    facts = draft.facts
    size = f"{facts.width} × {facts.height} pixels"
    parts = [f"It takes photos of any size; {size} were chosen." if facts.free_size else f"It takes photos of {size}."]
    if facts.loaded_by and facts.difference is not None:
        parts.append(f"It was opened by {facts.loaded_by}, and gives the same numbers here as there.")
    return " ".join([*parts, *facts.notes])


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 1.2)
    label.setFont(font)
    return label


def _scrolling(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # Wide enough for the longest option, also when the scroll bar comes.
    bar = area.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
    area.setMinimumWidth(widget.minimumSizeHint().width() + bar + GRID)
    return area
