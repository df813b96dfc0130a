"""The letters after "&", which choose an entry of a menu with Alt: each once in a menu, in every language."""

import re
from collections.abc import Sequence

_KEY = re.compile(r"&(\w)")
_OWN_PLACE = re.compile(r"\s*\(&\w\)")
"""An access key of its own, as Chinese and Japanese have it: "文件(&F)"."""


def unique_access_keys(texts: Sequence[str]) -> list[str]:
    """Return the texts of a menu with one access key each, and no key twice.

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


def _key(text: str) -> str:
    found = _KEY.search(text.replace("&&", ""))
    return found[1].casefold() if found else ""


def _free_place(plain: str, taken: set[str]) -> int | None:
    """Return the place of the letter to use, None without a free one. Signs of Chinese and Japanese are on no key."""
    letters = [place for place, sign in enumerate(plain) if sign.isalnum() and ord(sign) < 0x2E80]
    starts = [place for place in letters if place == 0 or plain[place - 1].isspace()]
    return next((place for place in [*starts, *letters] if plain[place].casefold() not in taken), None)
