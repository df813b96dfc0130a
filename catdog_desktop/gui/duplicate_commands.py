"""*Select all but one of each duplicate*: a dialog that asks in which folder to keep photos, and the selection."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from catdog_desktop.formatting import displayable, format_bytes, format_photos
from catdog_desktop.gallery.duplicate_choice import KeptPhoto, all_but_one
from catdog_desktop.gallery.folder_tree import folder_tree
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext


class DuplicateCommands(QObject):
    """Binds the action. What is selected is removed or moved to the trash by the usual actions."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._preferred: Path | None = None
        """The folder of the last choice, until the app is closed."""
        context.actions.bind(
            "edit.select_duplicates", self.open_dialog, enabled=lambda: context.session.gallery.total > 0
        )

    def open_dialog(self) -> None:
        """Show the duplicates, and ask which ones to keep."""
        self._context.actions.run("view.show.duplicates")
        rows = self._context.session.gallery.rows_shown()
        if not all_but_one(rows):
            self._context.say(_("There are no duplicates among these photos."))
            return
        dialog = DuplicatesDialog(rows, tuple(self._context.session.sources), self._preferred, self._context.window)
        dialog.accepted.connect(lambda: self._select(dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _select(self, dialog: "DuplicatesDialog") -> None:
        self._preferred = dialog.preferred
        chosen = dialog.chosen
        others = [row for group in chosen for row in group.others]
        text = ngettext(
            "Selected {count} duplicate. One photo of each group stays.",
            "Selected {count} duplicates. One photo of each group stays.",
            len(others),
        )
        self._context.select_and_say(others, text)


class DuplicatesDialog(QDialog):
    """Asks in which folder photos are kept, and says what will be selected."""

    def __init__(
        self, rows: Sequence[Row], sources: Sequence[Path], preferred: Path | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Duplicates"))
        self._rows = rows
        self.chosen: list[KeptPhoto] = []
        """The groups, by the present preference."""
        text = QLabel(
            _(
                "One photo of each group is kept: in the folder that you prefer, then one whose name is not that of a "
                "copy, then the oldest. The others are selected. Nothing is removed yet."
            )
        )
        text.setWordWrap(True)
        text.setMinimumWidth(46 * GRID)
        self.folder = QComboBox()
        self.folder.setAccessibleName(_("Keep photos in"))
        self.folder.setMinimumContentsLength(24)
        self.folder.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.folder.addItem(_("Any folder"), None)
        counts: dict[str, int] = {}
        for row in rows:
            counts[str(row.path.parent)] = counts.get(str(row.path.parent), 0) + 1
        for folder in folder_tree(counts, sources):
            name = displayable(folder.path.name or str(folder.path))
            self.folder.addItem(f"{'    ' * folder.depth}{name}  ({format_number(folder.photos)})", folder.path)
            if folder.path == preferred:
                self.folder.setCurrentIndex(self.folder.count() - 1)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        buttons = QDialogButtonBox()
        buttons.addButton(_("Select"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(text)
        form = QFormLayout()
        form.addRow(_("&Keep photos in:"), self.folder)
        layout.addLayout(form)
        layout.addWidget(self.summary)
        layout.addWidget(buttons)
        self.folder.currentIndexChanged.connect(lambda _index: self._choose())
        self._choose()

    @property
    def preferred(self) -> Path | None:
        """The folder in which photos are kept; None for any."""
        path: Path | None = self.folder.currentData()
        return path

    def _choose(self) -> None:
        self.chosen = all_but_one(self._rows, self.preferred)
        others = [row for group in self.chosen for row in group.others]
        size = sum(row.result.info.file_bytes for row in others if row.result is not None)
        self.summary.setText(
            _("Keeps {kept}, selects {selected} ({size}).").format(
                kept=format_photos(len(self.chosen)), selected=format_photos(len(others)), size=format_bytes(size)
            )
        )
