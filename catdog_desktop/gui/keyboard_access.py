"""Keys that reach a part of the window: the letters after "&" in a menu, for Alt, and the order of the Tab key."""

import re
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtWidgets import QWidget

_KEY = re.compile(r"&(\w)")
_OWN_PLACE = re.compile(r"\s*\(&\w\)")
"""An access key of its own, as Chinese and Japanese have it: "文件(&F)"."""


def unique_access_keys(texts: Sequence[str]) -> list[str]:
    """Return the texts of a menu with one access key each, and no key twice, whatever the language.

    A key stays where the translation has it, unless an earlier entry has it. An entry without a key of its own gets the
    first free letter of its words, best at the start of a word. One without a free letter has none.
    """
    keys = [_key(text) for text in texts]
    taken: set[str] = set()
    kept = []
    for key in keys:
        kept.append(key if key and key not in taken else "")
        taken.add(key)
    taken = set(filter(None, kept))
    chosen = []
    for text, key in zip(texts, kept, strict=True):
        if key:
            chosen.append(text)
            continue
        plain = without_access_key(text)
        place = _free_place(plain, taken)
        if place is None:
            chosen.append(plain)
        else:
            taken.add(plain[place].casefold())
            chosen.append(f"{plain[:place]}&{plain[place:]}")
    return chosen


def without_access_key(text: str) -> str:
    """Return a text of a menu without its access key; "&&" stays."""
    return _KEY.sub(r"\1", _OWN_PLACE.sub("", text).replace("&&", "\0")).replace("\0", "&&")


def set_tab_order(*parts: QWidget) -> None:
    """Let Tab visit `parts` in this order, and within each part its widgets in the order of their making.

    By default Tab follows the order of making alone, in which the gallery comes after the preview.
    """
    widgets = [widget for part in parts for widget in (part, *part.findChildren(QWidget))]
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


def _key(text: str) -> str:
    found = _KEY.search(text.replace("&&", ""))
    return found[1].casefold() if found else ""


def _free_place(plain: str, taken: set[str]) -> int | None:
    """Return the place of the letter to use, None without a free one. Signs of Chinese and Japanese are on no key."""
    letters = [place for place, sign in enumerate(plain) if sign.isalnum() and ord(sign) < 0x2E80]
    starts = [place for place in letters if place == 0 or plain[place - 1].isspace()]
    return next((place for place in [*starts, *letters] if plain[place].casefold() not in taken), None)
