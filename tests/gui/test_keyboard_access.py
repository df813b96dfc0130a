"""Access keys: one for each entry of a menu, and none twice, in every language."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from driving import App
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.keyboard_access import unique_access_keys, without_access_key
from catdog_desktop.gui.language import apply_language
from catdog_desktop.languages.choice import LANGUAGES, use_language


@pytest.fixture
def in_language(qapp: QApplication) -> Iterator[Callable[[str], None]]:
    def change(code: str) -> None:
        assert use_language(code) == code
        apply_language(qapp)

    yield change
    change("en")


@pytest.mark.parametrize(
    ("texts", "unique"),
    [
        (["&Datei", "&Drucken"], ["&Datei", "D&rucken"]),
        (["Öffnen", "Neues &Öl"], ["Ö&ffnen", "Neues &Öl"]),
        (["a && b", "&b"], ["&a && b", "&b"]),
        (["文件(&F)", "分类(&F)", "视图(&V)"], ["文件(&F)", "分类", "视图(&V)"]),
        (["&a", "a"], ["&a", "a"]),
        (["&1 a.jpg", "&2 b.jpg"], ["&1 a.jpg", "&2 b.jpg"]),
        ([], []),
    ],
)
def test_keys_become_unique(texts: list[str], unique: list[str]) -> None:
    assert unique_access_keys(texts) == unique


def test_text_without_key_keeps_its_ampersands() -> None:
    assert without_access_key("R&&B and &soul") == "R&&B and soul"
    assert without_access_key("文件(&F)…") == "文件…"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_menu_of_window_has_unique_keys(
    code: str, in_language: Callable[[str], None], open_app: Callable[..., App]
) -> None:
    in_language(code)
    window = open_app().window
    widgets = {"menu bar": window.menuBar(), **{menu.value: window.action_table.menu(menu) for menu in Menu}}
    menus = {
        name: [action.text() for action in widget.actions() if not action.isSeparator()]
        for name, widget in widgets.items()
    }
    for name, texts in menus.items():
        keys = Counter(text.replace("&&", "").partition("&")[2][:1].casefold() for text in texts if "&" in text)
        keys.pop("", None)
        assert all(count == 1 for count in keys.values()), (name, texts)
        for text in texts:
            letters = {sign.casefold() for sign in text if sign.isalnum() and ord(sign) < 0x2E80}
            assert "&" in text or letters <= set(keys), f"{name}: {text!r} could have a key"
