"""Light, dark or as the system has it; and the few colours that are ours: orange for cats, blue for dogs."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle

GRID: Final = 8
"""Every distance is a multiple of it, in points."""
RADIUS: Final = 8
BAR_ANIMATION_MS: Final = 150
"""How long a bar grows."""


@dataclass(frozen=True, slots=True)
class Colours:
    """What is painted by hand. All text colours have at least 4.5:1 against the palette's window and base colour."""

    cat: QColor
    dog: QColor
    neutral: QColor
    """The verdicts that are neither cat nor dog."""
    warning: QColor
    track: QColor
    """The empty part of a bar."""
    ground: QColor
    """Behind a photo that does not fill its frame."""
    hint: QColor
    """Text of second rank."""
    line: QColor
    field: QColor
    """What Qt darkens into the outline of a field that is typed into, so that it has 3:1 against what is around."""


_LIGHT: Final = Colours(
    cat=QColor("#AF5008"),
    dog=QColor("#2468B4"),
    neutral=QColor("#5A5F66"),
    warning=QColor("#B3261E"),
    track=QColor(0, 0, 0, 24),
    ground=QColor(0, 0, 0, 12),
    hint=QColor("#5F646B"),
    line=QColor(0, 0, 0, 32),
    field=QColor("#C4C6CA"),
)
_DARK: Final = Colours(
    cat=QColor("#F4A259"),
    dog=QColor("#7AB0F2"),
    neutral=QColor("#B4B9C0"),
    warning=QColor("#FF8A80"),
    track=QColor(255, 255, 255, 36),
    ground=QColor(255, 255, 255, 14),
    hint=QColor("#A9AEB5"),
    line=QColor(255, 255, 255, 40),
    field=QColor("#A0A6AE"),
)


def is_dark(palette: QPalette) -> bool:
    """Whether `palette` has light text on dark ground."""
    return (
        palette.color(QPalette.ColorRole.Window).lightness() < palette.color(QPalette.ColorRole.WindowText).lightness()
    )


def colours(palette: QPalette) -> Colours:
    """Return the colours that fit `palette`."""
    return _DARK if is_dark(palette) else _LIGHT


def apply_theme(theme: str) -> None:
    """Make the whole app "light", "dark" or as the "system" has it, at once."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.property("theme")
    if before == theme:
        return  # setting it again would repaint every widget
    app.setProperty("theme", theme)
    if before is None:
        # The system may turn dark in the evening. Its palette comes after this signal, and takes the outlines away.
        QGuiApplication.styleHints().colorSchemeChanged.connect(_show_outlines, Qt.ConnectionType.QueuedConnection)
    _set_palette(app, theme)
    _show_outlines()


def _set_palette(app: QApplication, theme: str) -> None:
    scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(theme, Qt.ColorScheme.Unknown)
    hints = QGuiApplication.styleHints()
    if scheme == Qt.ColorScheme.Unknown:
        hints.unsetColorScheme()
        # Where the platform has no idea of dark (a bare X server) the palette set below must be taken back by hand.
        app.setPalette(QPalette())
        return
    hints.setColorScheme(scheme)
    app.setPalette(QPalette())
    if is_dark(app.palette()) != (theme == "dark"):
        app.setPalette(_palette(dark=theme == "dark"))


def _show_outlines() -> None:
    """Let the outlines of boxes, dots and fields be seen, in the dark too, and those of boxes in menus.

    Qt draws them a little darker than what it takes for the window, which in the dark nobody sees.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return  # it has come to its end since
    palette = app.palette()
    ours = colours(palette)
    for kind, colour in (
        ("QCheckBox", ours.neutral),
        ("QRadioButton", ours.neutral),
        ("QMenu", ours.neutral),
        ("QLineEdit", ours.field),
        ("QSpinBox", ours.field),
        ("QSlider", ours.field),
    ):
        palette.setColor(QPalette.ColorRole.Window, colour)
        app.setPalette(palette, kind)  # type: ignore[arg-type]  # the stubs say bytes, which it does not take


def tabular_font(font: QFont) -> QFont:
    """Return `font` with figures of equal width, so that columns of percentages stand still."""
    fixed = QFont(font)
    fixed.setFeature(QFont.Tag("tnum"), 1)
    return fixed


def animations_enabled(style: QStyle) -> bool:
    """Whether the system wants things to move; if not, bars have their length at once."""
    return style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def _palette(*, dark: bool) -> QPalette:
    """Return a calm palette for platforms that do not bring one of the kind wanted."""
    window, base, text, button = (
        ("#1F2124", "#17191B", "#ECEDEE", "#2C2F33") if dark else ("#F6F6F5", "#FFFFFF", "#1B1D1F", "#FBFBFA")
    )
    roles = {
        QPalette.ColorRole.Window: window,
        QPalette.ColorRole.Base: base,
        QPalette.ColorRole.AlternateBase: "#222528" if dark else "#F1F1EF",
        QPalette.ColorRole.WindowText: text,
        QPalette.ColorRole.Text: text,
        QPalette.ColorRole.ButtonText: text,
        QPalette.ColorRole.Button: button,
        QPalette.ColorRole.ToolTipBase: button,
        QPalette.ColorRole.ToolTipText: text,
        QPalette.ColorRole.Highlight: "#3F7FBF" if dark else "#2F6FB3",
        QPalette.ColorRole.HighlightedText: "#FFFFFF",
        QPalette.ColorRole.Link: "#7AB0F2" if dark else "#2468B4",
        QPalette.ColorRole.PlaceholderText: "#9096A0" if dark else "#6A6F76",
        QPalette.ColorRole.Light: "#3A3E43" if dark else "#FFFFFF",
        QPalette.ColorRole.Midlight: "#33373B" if dark else "#EDEDEB",
        QPalette.ColorRole.Mid: "#4A4F55" if dark else "#C4C5C6",
        QPalette.ColorRole.Dark: "#101214" if dark else "#A3A5A7",
        QPalette.ColorRole.Shadow: "#000000" if dark else "#7A7C7E",
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#6B7077" if dark else "#9A9DA1"))
    return palette
