"""Light and dark theme; colours that are readable and distinguishable with any colour vision."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pytest
from driving import App
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLineEdit,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from catdog_desktop.gui import theme as theme_module
from catdog_desktop.gui.theme import Colours, apply_theme, colours, is_dark
from catdog_desktop.gui.widgets.filter_chip import RadioChip
from catdog_desktop.gui.widgets.icons import Icon
from catdog_desktop.gui.widgets.labels import ErrorLabel, LinkLabel, SecondaryLabel

TEXT_COLOURS = ("cat_text", "dog", "neutral", "warning", "hint", "disabled")
"""Fields of `Colours` that text is painted in; the others are backgrounds, bars and lines."""

# Colour vision deficiencies at full severity, as matrices on linear RGB: G. M. Machado, M. M. Oliveira,
# L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE Transactions on
# Visualization and Computer Graphics 15 (6), 2009, table 1.
MACHADO = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def _linear(colour: QColor) -> NDArray[np.float64]:
    """Return linear RGB, 0..1, of an sRGB colour (IEC 61966-2-1)."""
    coded = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def _contrast(first: QColor, second: QColor) -> float:
    """Return the contrast of two colours by WCAG 2.2, 1..21."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    light, dark = sorted((float(weights @ _linear(colour)) for colour in (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _lab(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return CIE 1976 L*a*b* of linear RGB under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = [np.cbrt(t) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture(params=["light", "dark"])
def ours(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Colours]:
    apply_theme(request.param)
    QApplication.processEvents()
    assert is_dark(QApplication.palette()) is (request.param == "dark")
    yield colours(QApplication.palette())
    apply_theme("system")


def test_contrast_of_known_pairs_is_that_of_wcag() -> None:
    assert _contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert _contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", TEXT_COLOURS)
@pytest.mark.parametrize("role", ["Window", "Base"])
def test_text_colour_on_palette_is_readable(ours: Colours, name: str, role: str) -> None:
    ground = QApplication.palette().color(QPalette.ColorRole[role])
    assert _contrast(getattr(ours, name), ground) >= 4.5


@pytest.mark.parametrize("role", ["WindowText", "Text", "ButtonText", "Link", "PlaceholderText", "HighlightedText"])
def test_palette_text_is_readable(ours: Colours, role: str) -> None:
    palette = QApplication.palette()
    ground = {"ButtonText": "Button", "Text": "Base", "PlaceholderText": "Base", "HighlightedText": "Highlight"}.get(
        role, "Window"
    )
    text = palette.color(QPalette.ColorRole[role])
    behind = palette.color(QPalette.ColorRole[ground])
    assert _contrast(_over(text, behind), behind) >= 4.5


@pytest.mark.parametrize("role", ["WindowText", "Text", "ButtonText"])
def test_disabled_palette_text_is_readable(ours: Colours, role: str) -> None:
    palette, disabled = QApplication.palette(), QPalette.ColorGroup.Disabled
    ground = {"ButtonText": "Button", "Text": "Base"}.get(role, "Window")
    text, behind = (palette.color(disabled, QPalette.ColorRole[name]) for name in (role, ground))
    assert _contrast(_over(text, behind), behind) >= 4.5


def _over(colour: QColor, ground: QColor) -> QColor:
    """Return the colour seen where `colour`, with its alpha, is painted on `ground`."""
    share = colour.alphaF()
    return QColor.fromRgbF(
        *(share * a + (1 - share) * b for a, b in zip(colour.getRgbF()[:3], ground.getRgbF()[:3], strict=True))
    )


def test_bar_on_its_track_is_visible(ours: Colours) -> None:
    """WCAG 2.2, 1.4.11: graphics need 3:1 against adjacent colours."""
    base = QApplication.palette().color(QPalette.ColorRole.Base)
    track = _over(ours.track, base)
    assert _contrast(ours.cat, track) >= 3
    assert _contrast(ours.dog, track) >= 3


@pytest.mark.parametrize("deficiency", MACHADO)
def test_cat_and_dog_colours_are_distinct_with_any_colour_vision(ours: Colours, deficiency: str) -> None:
    """The just noticeable difference is 2.3 (Mahy et al. 1994)."""
    cat, dog = (_lab(MACHADO[deficiency] @ _linear(colour)) for colour in (ours.cat, ours.dog))
    assert float(np.linalg.norm(cat - dog)) >= 40


def test_light_and_dark_differ_in_every_colour(qapp: QApplication) -> None:
    found = []
    for theme in ("light", "dark"):
        apply_theme(theme)
        found.append(colours(QApplication.palette()))
    for field in fields(Colours):
        assert getattr(found[0], field.name) != getattr(found[1], field.name), field.name


def test_theme_menu_changes_palette_and_settings(app: App, home: object) -> None:
    window = app.window
    as_started = QApplication.palette().color(QPalette.ColorRole.Window)
    grounds = {}
    for theme in ("dark", "light", "system"):
        app.run(f"view.theme.{theme}")
        QApplication.processEvents()
        assert window.settings.theme == theme
        assert app.action(f"view.theme.{theme}").isChecked()
        grounds[theme] = window.palette().color(QPalette.ColorRole.Window)
    assert grounds["dark"].lightness() < 80
    assert grounds["light"].lightness() > 200
    assert grounds["system"] == as_started


def test_dark_theme_darkens_the_whole_window(app: App, cat: object) -> None:
    app.add(cat)
    bright = _lightness(app)
    app.run("view.theme.dark")
    app.wait_for(lambda: _lightness(app) < 80)
    assert bright > 180
    app.run("view.theme.light")
    app.wait_for(lambda: _lightness(app) > 180)


def test_theme_button_toggles_light_and_dark(app: App, cat: object) -> None:
    app.add(cat)
    (moon,) = [b for b in app.window.header.findChildren(QToolButton) if b.accessibleName() == "Theme"]
    app.run("view.theme.light")
    app.wait_for(lambda: not is_dark(app.window.palette()))
    for theme in ("dark", "light", "dark"):
        app.click(moon)
        assert app.window.settings.theme == theme
        app.wait_for(lambda dark=theme == "dark": is_dark(app.window.palette()) is dark)


@pytest.fixture(params=[QCheckBox, QRadioButton, QLineEdit])
def empty_widget(request: pytest.FixtureRequest, qtbot: QtBot) -> QWidget:
    """Return an unchecked or empty widget that was made before the theme is set, as in an open dialog."""
    widget: QWidget = request.param()
    qtbot.addWidget(widget)
    return widget


def test_outline_of_empty_widget_is_visible(empty_widget: QWidget, ours: Colours) -> None:
    assert _contrast_of_outline(empty_widget) >= 3, "WCAG 2.2, 1.4.11"


def test_outline_after_system_turned_dark_is_visible(empty_widget: QWidget, ours: Colours, qtbot: QtBot) -> None:
    turned = QPalette(QColor("#303236" if not is_dark(QApplication.palette()) else "#F0F0F0"))
    QApplication.setPalette(turned)  # drops the palettes of single classes
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
    qtbot.waitUntil(lambda: _contrast_of_outline(empty_widget) >= 3)


def _contrast_of_outline(widget: QWidget) -> float:
    """Return the contrast of the left edge of a check box, radio button or field to its inside."""
    image = widget.grab().toImage()
    ground = widget.palette().color(QPalette.ColorRole.Base)
    row = [image.pixelColor(x, image.height() // 2) for x in range(6)]
    return max(_contrast(pixel, ground) for pixel in row)


@pytest.mark.parametrize("enabled", [True, False])
def test_chip_text_is_readable(qtbot: QtBot, ours: Colours, enabled: bool) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(120, 60)
    chip = RadioChip(Icon.DOG, "Dog", parent)
    chip.resize(chip.sizeHint())
    chip.setEnabled(enabled)
    parent.show()
    image = parent.grab(chip.geometry()).toImage()
    ground = image.pixelColor(4, image.height() // 2)
    text = [image.pixelColor(x, y) for x in range(image.width() // 2, image.width() - 8) for y in range(image.height())]
    assert max(_contrast(pixel, ground) for pixel in text) >= 4.5


def test_link_label_after_theme_change_has_new_link_colour(qtbot: QtBot, ours: Colours) -> None:
    line = LinkLabel()
    line.show_html("2 photos could not be read. <a href='problems'>Show them</a>")
    qtbot.addWidget(line)
    line.show()
    apply_theme("light" if is_dark(QApplication.palette()) else "dark")
    QApplication.processEvents()
    image = line.grab().toImage()
    wanted = QApplication.palette().color(QPalette.ColorRole.Link)
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    assert any(image.pixelColor(*place) == wanted for place in places)
    assert line.text().endswith("Show them</a>")


def test_link_label_without_link_takes_no_tab_focus(qtbot: QtBot) -> None:
    line = LinkLabel()
    qtbot.addWidget(line)
    assert line.focusPolicy() is Qt.FocusPolicy.NoFocus
    for words, stops in (("1 photo <b>", False), ("2 problems. <a href='p'>Show them</a>", True), ("Done.", False)):
        line.show_html(words)
        assert bool(line.focusPolicy() & Qt.FocusPolicy.TabFocus) is stops


def test_secondary_and_error_labels_follow_the_theme(qtbot: QtBot) -> None:
    form = QWidget()
    qtbot.addWidget(form)
    layout, secondary, error = QVBoxLayout(form), SecondaryLabel("3 photos"), ErrorLabel()
    layout.addWidget(secondary)
    layout.addWidget(error)
    form.show()
    assert not error.isVisible()
    error.say("Name a folder\n<b>now</b>.")
    assert error.isVisible()
    assert error.text() == "Name a folder <b>now</b>."
    assert error.textFormat() == Qt.TextFormat.PlainText
    for theme in ("dark", "light", "dark"):
        apply_theme(theme)
        QApplication.processEvents()
        wanted = colours(form.palette())
        shown = [label.palette().color(QPalette.ColorRole.WindowText) for label in (secondary, error)]
        assert shown == [wanted.hint, wanted.warning]
    error.say("")
    assert not error.isVisible()


def _lightness(app: App) -> float:
    """Return the median lightness of the window, 0..255."""
    image = app.window.grab().toImage()
    points = [(x, y) for x in range(0, image.width(), 16) for y in range(0, image.height(), 16)]
    return float(np.median([image.pixelColor(x, y).lightness() for x, y in points]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_high_contrast_of_the_system_is_followed(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    palette = theme_module._palette(dark=scheme == "dark")
    usual = colours(palette)
    monkeypatch.setattr(theme_module, "prefers_contrast", lambda: True)
    high = colours(palette)
    for background in (palette.window().color(), palette.base().color()):
        assert theme_module.contrast(high.border, background) >= 7
        assert theme_module.contrast(high.cat, background) > theme_module.contrast(usual.cat, background)
        for name in TEXT_COLOURS:
            assert theme_module.contrast(getattr(high, name), background) >= 7, name
