"""The order in which the Tab key visits the parts of the window."""

from itertools import pairwise

from PySide6.QtWidgets import QWidget


def set_tab_order(*parts: QWidget) -> None:
    """Let Tab visit `parts` in this order, and within each part its widgets in the order of their making.

    By default Tab follows the order of making alone, in which the gallery comes after the preview.
    """
    widgets = [widget for part in parts for widget in (part, *part.findChildren(QWidget))]
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)
