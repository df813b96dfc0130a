"""No label, button or box of the window shows less than its whole text, in any language.

With CATDOG_SCREENSHOTS=FOLDER in the environment, a picture of each state in each language is saved there.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import catalogs
import pytest
from driving import App
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QWidget,
)
from window_states import states

from catdog_desktop.gui.language import apply_language
from catdog_desktop.languages.choice import LANGUAGES, use_language
from catdog_desktop.messages import use_catalog

SMALLEST = QSize(1366, 768)
"""The smallest usual screen."""
SCALED = QSize(960, 540)
"""The points of a screen of 1920 x 1080 pixels, as that of the tests, at 200 %."""

QUICK = ("de", "ar", "pseudo")


@pytest.fixture
def in_language(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], None]]:
    def change(code: str) -> None:
        if code == "pseudo":
            path = tmp_path_factory.mktemp("pseudo") / "catdog.mo"
            catalogs.write_pseudo(path)
            use_catalog(path)
        else:
            assert use_language(code) == code
        apply_language(qapp)

    yield change
    use_language("en")
    apply_language(qapp)


def clipped(root: QWidget) -> Iterator[str]:
    """Yield the visible texts in `root` that need more than they have, with both sizes in points."""
    if isinstance(root, QFileDialog):  # Qt's own
        return
    for widget in root.findChildren(QWidget):
        if widget.isVisible():
            yield from _clipped_choices(widget)
        if not widget.isVisible() or not isinstance(widget, QLabel | QAbstractButton | QGroupBox):
            continue
        if widget.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored or _is_elided(widget):
            continue
        text = widget.title() if isinstance(widget, QGroupBox) else widget.text()
        if not text:
            continue
        needed = widget.minimumSizeHint()
        if isinstance(widget, QLabel) and widget.wordWrap():
            high = widget.heightForWidth(widget.width())
            if high > widget.height() + 1:
                yield f"{type(widget).__name__} {text[:60]!r} needs {high} of height, has {widget.height()}"
        elif needed.width() > widget.width() + 1:
            yield f"{type(widget).__name__} {text[:60]!r} needs {needed.width()}, has {widget.width()}"


def _clipped_choices(widget: QWidget) -> Iterator[str]:
    """Yield what is cut in a drop-down, the headings of a table, tabs and the hint in an empty field.

    The list of a drop-down is as wide as its longest choice.
    """
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, widget
        )
        needed = widget.fontMetrics().horizontalAdvance(widget.currentText())
        if needed > field.width() and not _is_path(widget.currentText()):
            yield f"QComboBox {widget.currentText()[:60]!r} needs {needed}, has {field.width()}"
    elif isinstance(widget, QHeaderView) and widget.model() is not None:
        for section in range(widget.count()):
            if widget.isSectionHidden(section):
                continue
            vertical = widget.orientation() is Qt.Orientation.Vertical
            needed = widget.sectionSizeHint(section) if not vertical else widget.sizeHint().width()
            given = widget.sectionSize(section) if not vertical else widget.width()
            if needed > given + 1:
                text = widget.model().headerData(section, widget.orientation())
                yield f"heading {text!r} needs {needed}, has {given}"
    elif isinstance(widget, QTabBar):
        for number in range(widget.count()):
            needed, given = widget.fontMetrics().horizontalAdvance(widget.tabText(number)), widget.tabRect(number)
            if needed > given.width():
                yield f"tab {widget.tabText(number)!r} needs {needed}, has {given.width()}"
    elif isinstance(widget, QLineEdit) and not widget.text() and widget.placeholderText():
        needed = widget.fontMetrics().horizontalAdvance(widget.placeholderText())
        if needed > widget.contentsRect().width():
            yield f"hint {widget.placeholderText()!r} needs {needed}, has {widget.contentsRect().width()}"


def _is_path(text: str) -> bool:
    return "/" in text


def _is_elided(widget: QWidget) -> bool:
    """Whether the widget shortens its text itself, with "…" and the whole text in a tool tip."""
    return "Elided" in type(widget).__name__ or ("…" in getattr(widget, "text", str)() and bool(widget.toolTip()))


def languages() -> Iterator[object]:
    """Yield all languages. Those with the longest texts and the other direction are tried in each run."""
    for code in (*LANGUAGES, "pseudo"):
        yield code if code in QUICK else pytest.param(code, marks=pytest.mark.slow)


@pytest.mark.parametrize("code", languages())
def test_no_text_is_clipped(
    code: str, in_language: Callable[[str], None], open_app: Callable[..., App], folder: Path,
    make_photos: Callable[..., list[Path]],
) -> None:  # fmt: skip
    in_language(code)
    app = open_app()
    screen = app.window.screen()
    size = SMALLEST.boundedTo(screen.size())
    if "QT_SCALE_FACTOR" in os.environ:  # by the test below
        assert (screen.devicePixelRatio(), size) == (2.0, SCALED)
    app.window.resize(size)
    app.wait_for(lambda: app.window.session.model is not None)
    found: list[str] = []
    for state, widget in states(app, folder, make_photos(4)):
        QApplication.processEvents()
        if pictures := os.environ.get("CATDOG_SCREENSHOTS"):
            Path(pictures).mkdir(parents=True, exist_ok=True)
            widget.grab().save(str(Path(pictures, f"{code} {state}.png")))
        found += [f"{state}: {what}" for what in clipped(widget)]
        least = widget.minimumSizeHint()
        if least.expandedTo(size) != size:
            found.append(f"{state}: {least.width()} x {least.height()} does not fit the screen")
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.mark.slow
@pytest.mark.parametrize("code", QUICK)
def test_no_text_is_clipped_at_200_percent(code: str) -> None:
    """In a process of its own: Qt reads the scale when it starts."""
    program = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"{__file__}::test_no_text_is_clipped[{code}]",
    ]
    done = subprocess.run(
        program, env={**os.environ, "QT_SCALE_FACTOR": "2"}, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "1 passed" in done.stdout
