"""Animations are switched off where the system says so; the desktops are faked at the bus."""

from pathlib import Path

import pytest
from driving import App
from PySide6.QtDBus import QDBusVariant
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui import main_window
from catdog_desktop.gui.desktop import reduced_motion
from catdog_desktop.gui.desktop.session_bus import SessionBus
from catdog_desktop.gui.theme import animations_enabled, set_reduced_motion

ANSWERS = {
    "GNOME without animations": ({"enable-animations": False}, True),
    "GNOME with animations": ({"enable-animations": True}, False),
    "KDE without animations": ({"AnimationDurationFactor": "0"}, True),
    "KDE with animations": ({"AnimationDurationFactor": "1"}, False),
    "portal asks for reduced motion": ({"reduced-motion": 1}, True),
    "portal has no preference": ({"reduced-motion": 0}, False),
    "no answer": ({}, False),
}


@pytest.mark.parametrize(("settings", "reduced"), ANSWERS.values(), ids=ANSWERS)
def test_setting_of_the_desktop_is_read(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], reduced: bool
) -> None:
    def ask(_bus: SessionBus, *call: object) -> list[object] | None:
        key = str(call[-1])
        return [QDBusVariant(QDBusVariant(settings[key]))] if key in settings else None

    monkeypatch.setattr(SessionBus, "ask", ask)
    assert reduced_motion._linux(SessionBus("test")) is reduced


def test_bars_do_not_grow_with_reduced_motion(app: App, cat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main_window.prefers_reduced_motion is reduced_motion.prefers_reduced_motion
    try:
        set_reduced_motion(True)
        assert not animations_enabled(QApplication.style())
        app.add(cat)
        bar = app.window.preview.cat_bar
        bar.set_score(0.25, animate=True)
        assert bar.filled == 0.25, "at once"
    finally:
        set_reduced_motion(False)
