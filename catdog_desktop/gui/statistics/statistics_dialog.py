"""The statistics page: verdicts over the years and by folder, and how certain they are."""

from itertools import pairwise

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from catdog_desktop.formatting import displayable, format_photos
from catdog_desktop.gallery.statistics import CERTAINTY_STEP, Statistics, short_folder_names
from catdog_desktop.gui.statistics.charts import Histogram, Legend, StackedBar, StackedBars
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.gui.widgets.scroll_area import VerticalScrollArea
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.languages.formats import format_number, join_sentences
from catdog_desktop.messages import _, ngettext


class StatisticsDialog(QDialog):
    """Shows the statistics of the photos that the gallery shows."""

    def __init__(self, statistics: Statistics, *, are_all: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Statistics"))
        self.summary = QLabel(_summary(statistics, are_all=are_all))
        self.summary.setWordWrap(True)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setSpacing(GRID)
        self._column.addWidget(self.summary)
        self._column.addWidget(Legend())
        self._add_bars(_("Verdicts by year"), _year_bars(statistics))
        self._add_bars(_("Verdicts by folder"), _folder_bars(statistics))
        self._add_certainty(statistics)
        self._column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.addWidget(VerticalScrollArea(content), 1)
        buttons = QDialogButtonBox()
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        wanted = content.sizeHint()
        wanted.setWidth(96 * GRID)
        wanted.setHeight(wanted.height() + 12 * GRID)
        self.resize(size_within_screen(self, wanted))

    def _add_bars(self, title: str, bars: list[StackedBar]) -> None:
        if bars:
            self._add_heading(title)
            self._column.addWidget(StackedBars(title, bars))

    def _add_certainty(self, statistics: Statistics) -> None:
        if not sum(statistics.certainty):
            return
        title = _("Certainty")
        self._add_heading(title)
        self._column.addWidget(
            SecondaryLabel(_("How many points the score that is nearer to its threshold is away from it."))
        )
        points = [round(number * CERTAINTY_STEP * 100) for number in range(len(statistics.certainty))]
        labels = [*(f"{low}–{high}" for low, high in pairwise(points)), f"≥{points[-1]}"]
        self._column.addWidget(Histogram(title, list(zip(labels, statistics.certainty, strict=True))))

    def _add_heading(self, text: str) -> None:
        label = QLabel(text)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        label.setContentsMargins(0, 2 * GRID, 0, 0)
        self._column.addWidget(label)


def open_statistics(context: WindowContext) -> StatisticsDialog:
    """Open the page for the photos that the gallery shows."""
    gallery = context.session.gallery
    dialog = StatisticsDialog(gallery.statistics(), are_all=gallery.rowCount() == gallery.total, parent=context.window)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _summary(statistics: Statistics, *, are_all: bool) -> str:
    photos = format_photos(statistics.photos)
    first = _("{photos} in the gallery.") if are_all else _("{photos} shown by the filters.")
    sentences = [first.format(photos=photos)]
    missing = statistics.photos - statistics.judged
    if missing:
        sentences.append(
            ngettext("{count} has no verdict.", "{count} have no verdict.", missing).format(
                count=format_number(missing)
            )
        )
    return join_sentences(sentences)


def _year_bars(statistics: Statistics) -> list[StackedBar]:
    return [StackedBar(bar.name or _("Without a date"), bar.counts) for bar in statistics.years]


def _folder_bars(statistics: Statistics) -> list[StackedBar]:
    others = ngettext("{count} other folder", "{count} other folders", statistics.other_folders).format(
        count=format_number(statistics.other_folders)
    )
    names = short_folder_names(statistics.folders)
    return [
        StackedBar(displayable(names[bar.name]) if bar.name in names else others, bar.counts)
        for bar in statistics.folders
    ]
