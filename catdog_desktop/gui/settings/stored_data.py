"""What the app stores about photos: shown in the settings, limited, and forgotten on request."""

from collections.abc import Collection
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.formatting import displayable, format_bytes
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel, show_whole_text
from catdog_desktop.gui.worker import ClassifyThread
from catdog_desktop.gui.worker_commands import ForgetPhotos, LimitThumbnails, ReadStoreSummary
from catdog_desktop.languages.formats import format_list, format_number, join_sentences, with_full_stop
from catdog_desktop.messages import _, ngettext
from catdog_desktop.store.store_erasure import Kind, Remembered

MEGABYTE: Final = 10**6
_ONLY_COPIES: Final = frozenset({Kind.VERDICTS, Kind.PASTED})
"""What cannot be made again: not checked initially, and asked about once more."""
_CACHE_SIZES: Final = (100, 250, 500, 1000, 2000, 5000)
"""The sizes of the thumbnail cache that are offered, in megabytes."""


class StoredDataClient(QObject):
    """Asks the worker thread, which owns the store. The answers come by signal."""

    summary_ready = Signal(object)  # Remembered
    forgotten = Signal(object)  # frozenset[Kind]
    failed = Signal(str)  # a sentence
    outdated = Signal()  # photos were classified: the last summary is no longer right

    def __init__(self, worker: ClassifyThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._megabytes = 0
        worker.store_summary.connect(self.summary_ready)
        worker.photos_forgotten.connect(self.forgotten)
        worker.store_failed.connect(self.failed)
        worker.progress_changed.connect(self._on_progress)

    def request_summary(self) -> None:
        """Ask what is stored; `summary_ready` or `failed` answers."""
        self._worker.post(ReadStoreSummary())

    def forget(self, kinds: Collection[Kind]) -> None:
        """Forget data of all photos; `forgotten` or `failed` answers. Photos in the gallery stay there."""
        self._worker.post(ForgetPhotos(frozenset(kinds)))

    def limit_thumbnails(self, megabytes: int) -> None:
        """Limit the thumbnail cache on the disk, from now on."""
        if megabytes != self._megabytes:
            self._megabytes = megabytes
            self._worker.post(LimitThumbnails(megabytes * MEGABYTE))

    def _on_progress(self, progress: JobProgress) -> None:
        if not progress.busy:
            self.outdated.emit()


class StoredDataBox(QGroupBox):
    """The part of the settings about stored data. Changes take effect at once."""

    limit_chosen = Signal(int)  # megabytes

    def __init__(self, client: StoredDataClient, megabytes: int, parent: QWidget | None = None) -> None:
        super().__init__(_("Stored data"), parent)
        self._client = client
        self._opens_dialog = False
        self._has_summary = False
        self.summary = QLabel(_("Loading…"))
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.limit = _WheelProofComboBox()
        self.limit.setToolTip(_("Thumbnails not seen for the longest time are deleted first. They can be made again."))
        for size in sorted({*_CACHE_SIZES, megabytes}):
            self.limit.addItem(format_bytes(size * MEGABYTE).replace(".0 ", " "), size)
        self.limit.setCurrentIndex(self.limit.findData(megabytes))
        self.forget = QPushButton(_("&Forget…"))
        self.forget.setAutoDefault(False)
        self.forget.setEnabled(False)
        self.note = SecondaryLabel()
        self._build()
        self.limit.currentIndexChanged.connect(self._on_limit)
        self.forget.clicked.connect(self._on_forget_clicked)
        client.summary_ready.connect(self._on_summary)
        client.failed.connect(self._on_failed)
        client.forgotten.connect(self._on_forgotten)
        # To a method of this object and not of the client: the connection must end with this object.
        client.outdated.connect(self._on_outdated)
        client.request_summary()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addWidget(self.summary)
        row = QFormLayout()
        row.addRow(_("Thumbnail c&ache"), self.limit)
        layout.addLayout(row)
        layout.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.note)
        for label in (self.summary, self.note):
            # The texts come later: reserve two lines, so that nothing moves.
            label.setMinimumHeight(2 * label.fontMetrics().lineSpacing())
            label.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _on_summary(self, stored: Remembered) -> None:
        self._has_summary = True
        show_whole_text(self.summary, describe_stored(stored))
        self.forget.setEnabled(not stored.nothing)
        if self._opens_dialog:
            self._opens_dialog = False
            self._open_dialog(stored)
        if not self.note.text():
            place = _("Only on this computer, in {folder}").format(folder=displayable(stored.where))
            show_whole_text(self.note, place)

    def _on_outdated(self) -> None:
        self._client.request_summary()

    def _on_limit(self) -> None:
        self.limit_chosen.emit(self.limit.currentData())
        self._client.request_summary()

    def _on_forget_clicked(self) -> None:
        """Get the current numbers, then open the dialog."""
        self._opens_dialog = True
        self._client.request_summary()

    def _open_dialog(self, stored: Remembered) -> None:
        dialog = ForgetDialog(stored, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._forget)
        dialog.open()

    def _forget(self, kinds: frozenset[Kind]) -> None:
        self.forget.setEnabled(False)
        self.note.setText(_("Forgetting…"))
        self._client.forget(kinds)

    def _on_failed(self, sentence: str) -> None:
        self._opens_dialog = False
        if not self._has_summary:
            self.summary.setText(_("The stored data cannot be read."))
        show_whole_text(self.note, displayable(sentence))
        self.forget.setEnabled(True)

    def _on_forgotten(self, kinds: frozenset[Kind]) -> None:
        names = {
            Kind.RESULTS: _("results"),
            Kind.THUMBNAILS: _("thumbnails"),
            Kind.SESSION: _("the last session"),
            Kind.VERDICTS: _("your verdicts"),
            Kind.PASTED: _("pasted images"),
        }
        forgotten = format_list(name for kind, name in names.items() if kind in kinds)
        done = _("Forgotten: {kinds}. The photos in the window stay there.").format(kinds=forgotten)
        show_whole_text(self.note, done)


class ForgetDialog(QDialog):
    """Asks what to forget. Checked initially is what can be made again, and the last session."""

    chosen = Signal(object)  # frozenset[Kind]

    def __init__(self, stored: Remembered, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Forget stored data"))
        self._stored = stored
        self.boxes = {kind: QCheckBox(text) for kind, text in _describe_kinds(stored).items()}
        in_store = {
            Kind.RESULTS: stored.photos,
            Kind.THUMBNAILS: stored.thumbnails,
            Kind.VERDICTS: stored.verdicts + stored.learnt,
        }
        beside = {Kind.SESSION: stored.has_session, Kind.PASTED: stored.pasted}
        for kind, box in self.boxes.items():
            is_damaged = kind in in_store and bool(stored.set_aside)
            box.setEnabled(bool({**in_store, **beside}[kind]) or is_damaged)
            box.setChecked(box.isEnabled() and kind not in _ONLY_COPIES)
            box.toggled.connect(lambda _checked: self._update_button())
        self._buttons = QDialogButtonBox()
        self._buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.forget = self._buttons.addButton(_("&Forget"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.rejected.connect(self.reject)
        self._buttons.accepted.connect(self._on_accepted)
        self._build()
        self._update_button()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(QLabel(_("What should be forgotten?")))
        for box in self.boxes.values():
            layout.addWidget(box)
        note = SecondaryLabel(
            _(
                "No photo in your folders is changed, and the photos in the window stay there. Undo records are kept; "
                "they contain file names."
            )
        )
        note.setMinimumWidth(48 * GRID)
        layout.addWidget(note)
        layout.addSpacing(GRID)
        layout.addWidget(self._buttons)

    def _update_button(self) -> None:
        self.forget.setEnabled(bool(self._checked_kinds()))

    def _checked_kinds(self) -> frozenset[Kind]:
        return frozenset(kind for kind, box in self.boxes.items() if box.isChecked())

    def _on_accepted(self) -> None:
        if self._checked_kinds() & _ONLY_COPIES:
            self._confirm()
        else:
            self._forget()

    def _confirm(self) -> None:
        """Ask once more: the user's verdicts and pasted images cannot be made again."""
        kinds, count = self._checked_kinds(), self._stored.verdicts
        sentences = []
        if count and Kind.VERDICTS in kinds:
            sentences.append(
                ngettext("Forget your verdict?", "Forget your {count} verdicts?", count).format(
                    count=format_number(count)
                )
            )
        if self._stored.set_aside and Kind.VERDICTS in kinds:
            sentences.append(_("Forget the damaged files, which may contain verdicts of yours?"))
        if Kind.PASTED in kinds:
            images = self._stored.pasted
            text = ngettext("Delete the pasted image?", "Delete {count} pasted images?", images)
            sentences.append(text.format(count=format_number(images)))
        sentences.append(_("This cannot be undone."))
        question = QMessageBox(
            QMessageBox.Icon.Warning, _("Forget stored data"), join_sentences(sentences), parent=self
        )
        keep = question.addButton(_("&Keep"), QMessageBox.ButtonRole.RejectRole)
        forget = question.addButton(_("&Forget"), QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(keep)
        question.setEscapeButton(keep)
        forget.clicked.connect(self._forget)
        question.open()

    def _forget(self) -> None:
        self.chosen.emit(self._checked_kinds())
        self.accept()


def describe_stored(stored: Remembered) -> str:
    """Return one sentence with the numbers: "Results of 3 photos, 3 thumbnails (12 kB), your verdicts (2)."."""
    if stored.nothing:
        return _("No data about photos is stored.")
    parts = []
    if stored.photos:
        text = ngettext("results of {count} photo", "results of {count} photos", stored.photos)
        parts.append(text.format(count=format_number(stored.photos)))
    if stored.thumbnails:
        text = ngettext("{count} thumbnail ({size})", "{count} thumbnails ({size})", stored.thumbnails)
        parts.append(text.format(count=format_number(stored.thumbnails), size=format_bytes(stored.thumbnail_bytes)))
    if stored.verdicts:
        parts.append(_("your verdicts ({count})").format(count=format_number(stored.verdicts)))
    if stored.learnt:
        parts.append(_("what was learnt from your verdicts"))
    if stored.set_aside:
        count = len(stored.set_aside)
        parts.append(ngettext("{count} damaged file", "{count} damaged files", count).format(count=count))
    if stored.has_session:
        parts.append(_("the last session"))
    if stored.pasted:
        parts.append(_describe_pasted(stored))
    sentence = with_full_stop(format_list(parts))
    return sentence[0].upper() + sentence[1:]


def _describe_kinds(stored: Remembered) -> dict[Kind, str]:
    """Return the text of each check box."""
    results = ngettext(
        "&Results of {count} photo: names, locations, scores",
        "&Results of {count} photos: names, locations, scores",
        stored.photos,
    )
    thumbnails = ngettext("{count} &thumbnail ({size})", "{count} &thumbnails ({size})", stored.thumbnails)
    verdicts = _("Your &verdicts ({count})").format(count=format_number(stored.verdicts))
    if stored.set_aside:
        verdicts = _("{verdicts} and damaged files, which may contain some").format(verdicts=verdicts)
    return {
        Kind.RESULTS: results.format(count=format_number(stored.photos)),
        Kind.THUMBNAILS: thumbnails.format(
            count=format_number(stored.thumbnails), size=format_bytes(stored.thumbnail_bytes)
        ),
        Kind.SESSION: _("The last &session, recent folders, and the folders of dialogs"),
        Kind.VERDICTS: verdicts,
        Kind.PASTED: _("&Delete {images}").format(images=_describe_pasted(stored)),
    }


def _describe_pasted(stored: Remembered) -> str:
    text = ngettext("{count} pasted image ({size})", "{count} pasted images ({size})", stored.pasted)
    return text.format(count=format_number(stored.pasted), size=format_bytes(stored.pasted_bytes))


@safe_overrides
class _WheelProofComboBox(QComboBox):
    """Ignores the wheel: a smaller limit deletes thumbnails, so it must not be chosen by scrolling past."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
