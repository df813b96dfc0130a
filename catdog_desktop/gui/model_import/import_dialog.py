"""The dialog that imports a model: progress of the conversion, then questions with live results of example photos."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.jobs import Job
from catdog_desktop.gui.model_import.example_photos import ExamplePhotos
from catdog_desktop.gui.model_import.example_results import ExampleClassifier, ExampleResult
from catdog_desktop.gui.model_import.import_job import ConvertedModel, import_work
from catdog_desktop.gui.model_import.question_form import Questions
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.gui.widgets.scroll_area import VerticalScrollArea
from catdog_desktop.gui.window_geometry import resize_within_screen
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.languages.formats import join_sentences
from catdog_desktop.messages import _
from catdog_desktop.model_import.conversion.conversion import ImportProgress
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.facts import MAX_EDGE
from catdog_desktop.model_import.proposals.questions import Question
from catdog_desktop.model_import.proposals.trial_run import trial_photos
from catdog_desktop.model_import.protection import import_warning
from catdog_desktop.verdict import Thresholds

MAX_PHOTOS: Final = 4
_BAR_STEPS: Final = 100


class ImportDialog(QDialog):
    """Turns a file or folder into an installed model. Closing it stops what is under way; then nothing is changed."""

    imported = Signal(object)  # ModelFile
    failed = Signal(object)  # an unexpected exception

    def __init__(self, source: Path, photos: Mapping[Path, str], parent: QWidget | None = None) -> None:
        """`photos` are the user's, to try the model on: each with the verdict of the current model in words."""
        super().__init__(parent)
        self.setWindowTitle(_("Import a model"))
        self._source = source
        self._photos = dict(itertools.islice(photos.items(), MAX_PHOTOS))
        self._draft: ModelDraft | None = None
        self._examples: ExampleClassifier | None = None
        self._tasks = TaskQueue(self._on_error, self)
        self._jobs: list[Job] = []
        """The job that converts, and one before "Convert again" that has not ended yet."""
        self._closed = False
        self._pages = QStackedWidget()
        self._buttons = QDialogButtonBox()
        self._buttons.accepted.connect(self._install)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._buttons)
        self.finished.connect(self._stop)
        self._show_progress_page()
        self._tasks.run(import_warning, self._on_protection_known)

    @property
    def page(self) -> str:
        """Which page is shown: "warning", "progress", "questions" or "problem"."""
        shown = self._pages.currentWidget()
        return "" if shown is None else shown.objectName()

    @property
    def has_results(self) -> bool:
        """Whether the questions and the results of all example photos are shown."""
        return self.page == "questions" and self.photos.is_complete

    def wait(self) -> None:
        """Wait until nothing of it runs in the background any more; call `reject` first."""
        for job in self._jobs:
            job.wait()
        self._tasks.close()

    # The pages.

    def _show_progress_page(self) -> None:
        page, layout = self._new_page("progress")
        layout.addWidget(_heading(_("Importing {name}").format(name=displayable(self._source.name))))
        self.bar = QProgressBar()
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress of the import"))
        layout.addWidget(self.bar)
        self.step = QLabel(_("Reading the file…"))
        layout.addWidget(self.step)
        layout.addWidget(
            SecondaryLabel(_("Nothing in the file is run before it is checked. Nothing leaves this computer."))
        )
        layout.addStretch(1)
        self._show_page(page, QDialogButtonBox.StandardButton.Cancel)
        self.setMinimumWidth(60 * GRID)

    def _show_warning_page(self, warning: str) -> None:
        page, layout = self._new_page("warning")
        layout.addWidget(_heading(_("Import {name}?").format(name=displayable(self._source.name))))
        text = QLabel(warning)
        text.setWordWrap(True)
        layout.addWidget(text)
        layout.addStretch(1)
        self._show_page(page, QDialogButtonBox.StandardButton.Cancel)
        go_on = self._buttons.addButton(_("Import &anyway"), QDialogButtonBox.ButtonRole.ActionRole)
        go_on.clicked.connect(lambda: self._start(None))

    def _show_questions_page(self, draft: ModelDraft, questions: Sequence[Question]) -> None:
        page, layout = self._new_page("questions")
        layout.addWidget(_heading(_("{name} can be used").format(name=draft.source_name)))
        layout.addWidget(SecondaryLabel(_describe(draft)))
        if draft.facts.free_size:
            layout.addWidget(_SizeBox(draft.facts.width, draft.facts.height, self._start))
        columns = QHBoxLayout()
        columns.setSpacing(4 * GRID)
        self.questions = Questions(questions)
        self.name = QLineEdit(draft.name)
        self.name.setMaxLength(60)
        self.name.setAccessibleName(_("Name of the model"))
        left = QWidget()
        form = QVBoxLayout(left)
        form.setContentsMargins(0, 0, GRID, 0)
        label = QLabel(_("&Name"))
        label.setBuddy(self.name)
        form.addWidget(label)
        form.addWidget(self.name)
        form.addWidget(self.questions, 1)
        columns.addWidget(VerticalScrollArea(left), 3)
        photos = self._photos or dict.fromkeys(trial_photos(), "")
        self.photos = ExamplePhotos(photos, self._photos_heading(), self._tasks)
        columns.addWidget(VerticalScrollArea(self.photos), 2)
        layout.addLayout(columns, 1)
        self.limits = SecondaryLabel()
        layout.addWidget(self.limits)
        self._show_page(page, QDialogButtonBox.StandardButton.Cancel)
        use = self._buttons.addButton(_("&Use this model"), QDialogButtonBox.ButtonRole.AcceptRole)
        use.setDefault(True)
        if self.questions.is_complete:
            use.setFocus()

        def enable() -> None:
            use.setEnabled(bool(self.name.text().strip()) and self.questions.is_complete)

        self.name.textChanged.connect(enable)
        self.questions.changed.connect(enable)
        enable()
        resize_within_screen(self, QSize(116 * GRID, 84 * GRID))

    def _photos_heading(self) -> str:
        if self._photos:
            return _("Results for some of your photos. Change an answer and they follow at once.")
        return _("Results for a cat and for photos of neither. With photos in the gallery, those would be used.")

    def _show_problem_page(self, error: Exception) -> None:
        page, layout = self._new_page("problem")
        layout.addWidget(_heading(_("The model was not imported")))
        text = QLabel(str(error))
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout.addWidget(VerticalScrollArea(text), 1)
        if isinstance(error, NoTensorFlowError):
            for command in error.commands:
                layout.addWidget(_Command(command))
        self._show_page(page, QDialogButtonBox.StandardButton.Close)
        resize_within_screen(self, self.size().expandedTo(QSize(76 * GRID, 36 * GRID)))

    def _new_page(self, name: str) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        page.setObjectName(name)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        return page, layout

    def _show_page(self, page: QWidget, button: QDialogButtonBox.StandardButton) -> None:
        """Show `page` instead of the current one, which is deleted."""
        replaced = self._pages.currentWidget()
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        if replaced is not None:
            self._pages.removeWidget(replaced)
            replaced.deleteLater()
        self._buttons.clear()
        end = self._buttons.addButton(button)
        end.setIcon(QIcon())  # Qt's own is black in the dark theme too
        end.setFocus()

    # What happens.

    def _on_protection_known(self, warning: str) -> None:
        if self._closed:
            return
        if warning:
            self._show_warning_page(warning)
        else:
            self._start(None)

    def _start(self, size: tuple[int, int] | None) -> None:
        """Begin to convert; `size` (width, height) is for a model that takes photos of any size."""
        if self._examples is not None:
            self._examples.stop()
            self._examples.deleteLater()
            self._examples = None
        self._show_progress_page()
        # Every step is reported: the last of several in a moment may take minutes.
        job = Job(
            import_work(self._source, size),
            name="import",
            expected=(ModelImportError, ModelError),
            report_seconds=0,
            parent=self,
        )
        job.advanced.connect(self._on_progress)
        job.ended.connect(self._on_ended)
        job.refused.connect(self._on_refused)
        job.failed.connect(self._on_error)
        job.finished.connect(partial(self._on_finished, job))
        self._jobs.append(job)
        job.start()

    def _on_progress(self, progress: ImportProgress) -> None:
        self.bar.setValue(round(progress.fraction * _BAR_STEPS))
        self.step.setText(f"{progress.text}…")

    def _on_ended(self, outcome: ConvertedModel | ModelFile) -> None:
        if not self.isVisible():
            return
        if isinstance(outcome, ModelFile):
            self._on_installed(outcome)
            return
        self._draft = outcome.draft
        self._show_questions_page(outcome.draft, outcome.questions)
        self._examples = ExampleClassifier(outcome.draft, [line.path for line in self.photos.lines], self._tasks, self)
        self._examples.classified.connect(self._on_classified)
        self.questions.changed.connect(self._classify_examples)
        self._classify_examples()

    def _classify_examples(self) -> None:
        """Classify the example photos under the answers chosen now."""
        if self._examples is not None:
            self.photos.show_waiting()
            self._examples.classify(self.questions.answers)

    def _on_classified(self, example: ExampleResult) -> None:
        model = example.model
        if model is not None:
            self.limits.setText(model.answers.limits)
        self.photos.show_result(example, model.thresholds if model is not None else Thresholds())

    def _install(self) -> None:
        """Install the model under the answers chosen now."""
        assert self._draft is not None
        self._buttons.setEnabled(False)
        self._tasks.run(
            partial(_install_model, self._draft, self.questions.answers, self.name.text().strip()), self._on_installed
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
        """Let the window show an unexpected error."""
        self.failed.emit(error)
        self.reject()

    def _stop(self) -> None:
        for job in self._jobs:
            job.cancel()
        self._tasks.clear()
        if self._examples is not None:
            self._examples.stop()
        self._closed = True
        self._delete_if_ended()

    def _on_finished(self, job: Job) -> None:
        job.wait()  # microseconds: the thread has emitted its last signal
        self._jobs.remove(job)
        job.deleteLater()
        self._delete_if_ended()

    def _delete_if_ended(self) -> None:
        """Delete the dialog once it is closed and its jobs have ended, at most 0.1 s later."""
        if self._closed and not self._jobs:
            self.deleteLater()


class _SizeBox(QWidget):
    """The size of photos, for a model that takes photos of any size."""

    def __init__(self, width: int, height: int, convert: Callable[[tuple[int, int]], None]) -> None:
        """`convert` takes (width, height) in pixels when the user presses *Convert again*."""
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        label = QLabel(_("&Size that it was trained with"))
        boxes = []
        for name, edge in ((_("Width of photos for the model"), width), (_("Height of photos for the model"), height)):
            box = QSpinBox()
            box.setRange(16, MAX_EDGE)
            box.setValue(edge)
            box.setSuffix(_(" px"))
            box.setAccessibleName(name)
            boxes.append(box)
        label.setBuddy(boxes[0])
        again = QPushButton(_("Convert &again"))
        again.setAutoDefault(False)
        again.setToolTip(_("Convert the model for photos of this size"))
        again.clicked.connect(lambda: convert((boxes[0].value(), boxes[1].value())))
        for part in (label, boxes[0], QLabel("×"), boxes[1], again):
            layout.addWidget(part)
        layout.addStretch(1)


class _Command(QWidget):
    """A command to run in a terminal, with a button that copies it."""

    def __init__(self, command: str) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        line = QLineEdit(command)
        line.setReadOnly(True)
        line.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        line.setCursorPosition(0)
        line.setAccessibleName(_("Command"))
        copy = QPushButton(_("Copy"))
        copy.setAutoDefault(False)
        copy.setAccessibleName(_("Copy {command}").format(command=command))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(command))
        layout.addWidget(line, 1)
        layout.addWidget(copy)


def _install_model(draft: ModelDraft, answers: dict[str, str], title: str) -> ModelFile | ModelImportError:
    try:
        return draft.install(answers, title)
    except ModelImportError as error:
        return error


def _describe(draft: ModelDraft) -> str:
    """Return what is known of the model, in sentences."""
    facts = draft.facts
    size = _("{width} × {height} pixels").format(width=facts.width, height=facts.height)
    if facts.free_size:
        sentences = [_("It takes photos of any size; {size} were chosen.").format(size=size)]
    else:
        sentences = [_("It takes photos of {size}.").format(size=size)]
    if facts.loaded_by and facts.difference is not None:
        sentences.append(
            _("It was opened with {program} and gives the same numbers here as there.").format(program=facts.loaded_by)
        )
    return join_sentences([*sentences, *facts.notes])


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 1.2)
    label.setFont(font)
    return label
