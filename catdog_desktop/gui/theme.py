"""Colours, light and dark theme, and measures that all widgets share."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QStyle, QWidget

GRID: Final = 8
"""Unit of all distances, in points."""
RADIUS: Final = 8
"""Radius of rounded corners, in points."""
BAR_ANIMATION_MS: Final = 150
"""Duration of the growth of a score bar."""
_LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3, for text of normal size."""
_REDUCED_MOTION: Final = "reduced_motion"
"""Property of the application: whether the user has switched off animations."""
_OWN_PALETTE: Final = "own_palette"
"""Property of the application: whether `_palette` is in use instead of the system's."""


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours of custom-painted parts.

    All text colours have a contrast of at least 4.5:1 against the window and the base colour of the palette.
    """

    cat: QColor
    """Bars and icons; at least 3:1 against their background, as WCAG asks of graphics."""
    cat_text: QColor
    dog: QColor
    """Bars, icons and text."""
    neutral: QColor
    """Verdicts other than cat and dog; outlines of check boxes."""
    warning: QColor
    track: QColor
    """The empty part of a bar."""
    backdrop: QColor
    """Behind a photo that does not fill its frame."""
    hint: QColor
    """Secondary text."""
    disabled: QColor
    """Text of disabled widgets and menu items, where the palette's own is too faint."""
    border: QColor
    input_outline: QColor
    """Base of the outline of input fields: Fusion darkens it, to at least 3:1 against the surroundings."""


_LIGHT: Final = Colours(
    cat=QColor("#C8640A"),
    cat_text=QColor("#AF5008"),
    dog=QColor("#2468B4"),
    neutral=QColor("#5A5F66"),
    warning=QColor("#B3261E"),
    track=QColor(0, 0, 0, 24),
    backdrop=QColor(0, 0, 0, 12),
    hint=QColor("#5F646B"),
    disabled=QColor("#666A70"),
    border=QColor(0, 0, 0, 32),
    input_outline=QColor("#C4C6CA"),
)
_DARK: Final = Colours(
    cat=QColor("#F4A259"),
    cat_text=QColor("#F4A35B"),
    dog=QColor("#7AB0F2"),
    neutral=QColor("#B4B9C0"),
    warning=QColor("#FF8A80"),
    track=QColor(255, 255, 255, 36),
    backdrop=QColor(255, 255, 255, 14),
    hint=QColor("#A9AEB5"),
    disabled=QColor("#A0A5AC"),
    border=QColor(255, 255, 255, 40),
    input_outline=QColor("#A0A6AE"),
)
_LIGHT_HIGH: Final = replace(
    _LIGHT,
    cat=QColor("#8A4200"),
    cat_text=QColor("#7A3A00"),
    dog=QColor("#0B3F80"),
    neutral=QColor("#26292D"),
    warning=QColor("#8C0F0A"),
    track=QColor(0, 0, 0, 64),
    hint=QColor("#26292D"),
    disabled=QColor("#44484D"),
    border=QColor("#000000"),
    input_outline=QColor("#606060"),
)
_DARK_HIGH: Final = replace(
    _DARK,
    cat=QColor("#FFC48A"),
    cat_text=QColor("#FFC48A"),
    dog=QColor("#B5D6FF"),
    neutral=QColor("#F0F2F4"),
    warning=QColor("#FFB8B2"),
    track=QColor(255, 255, 255, 90),
    hint=QColor("#F0F2F4"),
    disabled=QColor("#C8CDD3"),
    border=QColor("#FFFFFF"),
    input_outline=QColor("#D8DCE0"),
)
"""With high contrast: text of at least 7:1 (WCAG 2.2, 1.4.6), and lines as clear as text."""


def is_dark(palette: QPalette) -> bool:
    """Return whether `palette` has light text on a dark background.

    Compares the colours of input fields: `_adjust_palettes` changes the window colour of some classes.
    """
    return palette.color(QPalette.ColorRole.Base).lightness() < palette.color(QPalette.ColorRole.Text).lightness()


def prefers_contrast() -> bool:
    """Return whether the user has asked the system for high contrast. Qt knows it from version 6.10 on."""
    hints = getattr(QGuiApplication.styleHints(), "accessibility", None)
    return hints is not None and hints().contrastPreference() == Qt.ContrastPreference.HighContrast


def colours(palette: QPalette) -> Colours:
    """Return the colours that fit `palette`, and the contrast that the system asks for."""
    if prefers_contrast():
        return _DARK_HIGH if is_dark(palette) else _LIGHT_HIGH
    return _DARK if is_dark(palette) else _LIGHT


def paint_bar(bar: QWidget) -> None:
    """Paint the background of a bar below the gallery, and the line above it."""
    ours = colours(bar.palette())
    with QPainter(bar) as painter:
        painter.fillRect(bar.rect(), ours.backdrop)
        painter.fillRect(0, 0, bar.width(), 1, ours.border)


def contrast(first: QColor, second: QColor) -> float:
    """Return the contrast ratio of two opaque colours, 1..21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def apply_theme(theme: str) -> None:
    """Switch the whole app to "light", "dark" or the "system" theme."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.property("theme")
    if before == theme:
        return  # setting a palette repaints every widget
    app.setProperty("theme", theme)
    if before is None:
        # The system may turn dark in the evening. Queued: its palette arrives after this signal and replaces ours.
        QGuiApplication.styleHints().colorSchemeChanged.connect(_adjust_palettes, Qt.ConnectionType.QueuedConnection)
    _set_palette(app, theme)
    _adjust_palettes()


def outline_check_boxes(menu: QMenu) -> None:
    """Make the check boxes of `menu` visible in the dark theme, too.

    The palette is set on the menu itself. One for the class `QMenu` would also be used by the drop-down lists of combo
    boxes: Fusion fills them with its `Window` colour, which made their text unreadable.
    """
    menu.aboutToShow.connect(partial(_outline_check_boxes, menu))


def tabular_font(font: QFont) -> QFont:
    """Return `font` with digits of equal width, so that columns of percentages are aligned."""
    fixed = QFont(font)
    fixed.setFeature(QFont.Tag("tnum"), 1)
    return fixed


def set_reduced_motion(reduced: bool) -> None:
    """Note whether the user has switched off animations in the settings of the system."""
    app = QApplication.instance()
    if app is not None:
        app.setProperty(_REDUCED_MOTION, reduced)


def animations_enabled(style: QStyle) -> bool:
    """Return whether the system and the user allow animations."""
    app = QApplication.instance()
    if app is not None and app.property(_REDUCED_MOTION):
        return False
    return style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def viewer_palette() -> QPalette:
    """Return the palette of the viewer: dark in every theme, so that nothing outshines the photo."""
    palette = _palette(dark=True)
    palette.setColor(QPalette.ColorRole.Window, QColor("#121315"))
    return palette


def _set_palette(app: QApplication, theme: str) -> None:
    scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(theme, Qt.ColorScheme.Unknown)
    hints = QGuiApplication.styleHints()
    if scheme == Qt.ColorScheme.Unknown:
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(scheme)
    app.setPalette(QPalette())
    # Platforms without colour schemes, such as a bare X server, ignore the one set above.
    is_ignored = scheme != Qt.ColorScheme.Unknown and is_dark(app.palette()) != (theme == "dark")
    app.setProperty(_OWN_PALETTE, is_ignored)
    if is_ignored:
        app.setPalette(_palette(dark=theme == "dark"))


def _adjust_palettes() -> None:
    """Make faint text readable and faint outlines visible."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return  # the queued call came after the end of the app
    if not app.property(_OWN_PALETTE):
        app.setPalette(QPalette())  # without the overrides for the palette that the system had before
        app.setPalette(_readable_overrides(app.palette()))
    palette = app.palette()
    ours = colours(palette)
    # Fusion paints outlines a little darker than the window colour, which is invisible in the dark theme.
    for class_name, colour in (
        ("QCheckBox", ours.neutral),
        ("QRadioButton", ours.neutral),
        ("QLineEdit", ours.input_outline),
        ("QSpinBox", ours.input_outline),
        ("QSlider", ours.input_outline),
    ):
        palette.setColor(QPalette.ColorRole.Window, colour)
        app.setPalette(palette, class_name)  # type: ignore[arg-type]  # The stubs say bytes, which is rejected.


def _readable_overrides(palette: QPalette) -> QPalette:
    """Return a palette with replacements for the text colours of `palette` below 4.5:1, and nothing else set.

    The roles that are not set keep following the system.
    """
    ours = colours(palette)
    overrides = QPalette()
    disabled, role = QPalette.ColorGroup.Disabled, QPalette.ColorRole
    for text, background in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.ButtonText, role.Button),
    ):
        if not _is_readable(palette.color(disabled, text), palette.color(disabled, background)):
            overrides.setColor(disabled, text, ours.disabled)
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        if not _is_readable(palette.color(group, role.PlaceholderText), palette.color(group, role.Base)):
            overrides.setColor(group, role.PlaceholderText, ours.hint)
        highlight, highlighted = palette.color(group, role.Highlight), palette.color(group, role.HighlightedText)
        if not _is_readable(highlighted, highlight):
            overrides.setColor(group, role.Highlight, _DARK_HIGHLIGHT if is_dark(palette) else _LIGHT_HIGHLIGHT)
            overrides.setColor(group, role.HighlightedText, QColor("#FFFFFF"))
    return overrides


def _is_readable(text: QColor, background: QColor) -> bool:
    share = text.alphaF()
    seen = QColor.fromRgbF(
        *(share * a + (1 - share) * b for a, b in zip(_channels(text), _channels(background), strict=True))
    )
    return contrast(seen, background) >= _LEAST_CONTRAST


def _luminance(colour: QColor) -> float:
    """Return the relative luminance of an sRGB colour, 0..1 (WCAG 2.2)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def _outline_check_boxes(menu: QMenu) -> None:
    palette = QApplication.palette()
    palette.setColor(QPalette.ColorRole.Window, colours(palette).neutral)
    menu.setPalette(palette)


_LIGHT_HIGHLIGHT: Final = QColor("#2F6FB3")
_DARK_HIGHLIGHT: Final = QColor("#376FA8")


def _palette(*, dark: bool) -> QPalette:
    """Return the palette for platforms that have none for the chosen theme."""
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
        QPalette.ColorRole.Highlight: _DARK_HIGHLIGHT if dark else _LIGHT_HIGHLIGHT,
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
        palette.setColor(QPalette.ColorGroup.Disabled, role, (_DARK if dark else _LIGHT).disabled)
    return palette
