"""What is special about the catalogs of the help pages: their messages, and what a translation of one must keep.

`catalogs.py` writes and checks them.
"""

import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from catdog_desktop.languages.help_pages import (  # noqa: E402
    CODE,
    KEYS,
    TARGET,
    Block,
    blocks,
    messages,
    page_paths,
    read_part,
)

NOTES = {
    "heading": "A heading.",
    "item": "An item of a list.",
    "row": "A row of a table. Keep the columns: the signs | between them.",
}
MODIFIERS = {
    "Strg": "Ctrl",
    "Control": "Ctrl",
    "Umschalt": "Shift",
    "Maj": "Shift",
    "Mayús": "Shift",
    "Mayúsculas": "Shift",
    "Maiusc": "Shift",
}
"""Names of the modifier keys on keyboards and in Qt's translations."""

TRANSLATED_KEYS = re.compile(rf"(?<!\w)(?:(?:Alt|Ctrl|Shift|{'|'.join(MODIFIERS)})\+)+(?:[A-Za-zÀ-ÿ0-9]+|[^\s\w])")
NUMBER = re.compile(r"\d[\d.,\u00a0\u202f]*")
STARS = re.compile(r"\*+")
ACCESS_KEY = re.compile(r"\(&\w\)|&(?=\w)(?!\w+;)")
SEPARATOR = " > "


def extract() -> Catalog:
    """Return the texts of the help pages, in their order, with the documents that they are in."""
    template = Catalog(project="CatDog Desktop", charset="utf-8")
    for path in page_paths():
        for block in messages(read_part(path)):
            note = [NOTES[block.kind]] if block.kind in NOTES else []
            template.add(block.text, locations=[(f"docs/{path.name}", 0)], auto_comments=note)
    for message in template:
        message.locations = sorted(set(message.locations))
        message.flags.discard("python-format")
    return template


def blocks_by_text() -> dict[str, Block]:
    """Return the blocks of the pages by their message id."""
    found = [block for path in page_paths() for block in messages(read_part(path))]
    return {block.text: block for block in reversed(found)}


def differences(block: Block, text: str, names: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield in what the translation `text` of a block differs from it where it must not.

    `names` are the names of menus, buttons and settings (`interface_names`).
    """
    english = block.text
    for what, pattern in (("code", CODE), ("link targets", TARGET)):
        if Counter(pattern.findall(text)) != Counter(pattern.findall(english)):
            yield f"other {what} than {sorted(pattern.findall(english))}"
    if _columns(text) != _columns(english) and block.kind == "row":
        yield f"{_columns(text)} columns and not {_columns(english)}"
    if _structure(block, text) != _structure(block, english):
        yield f"is no {block.kind} any more: it starts as another one does, or has line breaks or spaces at its ends"
    if _keys(text) != _keys(english):
        yield f"other keys than {[match[0] for match in KEYS.finditer(CODE.sub('', english))]}"
    if missing := _numbers(english) - _numbers(text):
        yield f"without the numbers {sorted(missing)}"
    yield from _emphasis_differences(english, text, names)


def _emphasis_differences(english: str, text: str, names: Mapping[str, set[str]]) -> Iterator[str]:
    wanted, found = emphasised(english), emphasised(text)
    if found is None or wanted is None:
        yield "a * that begins or ends nothing: it needs a letter inside, and a space or punctuation mark outside"
        return
    if len(wanted[1]) != len(found[1]):
        yield f"other **strong** words than {wanted[1]}"
    if len(wanted[0]) != len(found[0]):
        yield f"other *names* than {wanted[0]}"
    for name in wanted[0]:
        allowed = translations_of(name, names)
        if not any(plain_name(each) in allowed for each in found[0]):
            yield f"{name!r} is called {' or '.join(sorted(allowed))} in the window"


def interface_names(catalog: Catalog) -> dict[str, set[str]]:
    """Return how the window calls menus, buttons and settings in a language, by their English names."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for message in catalog:
        for english, text in zip(_texts(message.id), _texts(message.string), strict=False):
            if english and text:
                names[plain_name(english)].add(plain_name(text))
    return names


def translations_of(name: str, names: Mapping[str, set[str]]) -> set[str]:
    """Return the translations of an emphasised name such as "File > Export…". What the window has not stays English."""
    whole = {""}
    for part in name.split(SEPARATOR):
        known = names.get(plain_name(part)) or {plain_name(part)}
        whole = {f"{start}{SEPARATOR if start else ''}{each}" for start in whole for each in known}
    return whole


def plain_name(text: str) -> str:
    """Return a name without access keys, and without the dots or the colon at its end."""
    return ACCESS_KEY.sub("", text).rstrip("…:： \u00a0\u202f")


def pseudo(text: str, pseudo_word: Callable[[str], str]) -> str:
    """Return a text in the pseudo-locale, each column by itself, with the same code, links, keys and stars."""
    kept = re.compile(rf"{CODE.pattern}|{TARGET.pattern}|{KEYS.pattern}|[\[\]*|<>]+|&\w+;")
    parts, end = [], 0
    for match in kept.finditer(text):
        parts += [_pseudo_part(text[end : match.start()], pseudo_word), match[0]]
        end = match.end()
    parts.append(_pseudo_part(text[end:], pseudo_word))
    return "".join(parts)


def _pseudo_part(text: str, pseudo_word: Callable[[str], str]) -> str:
    return pseudo_word(text) if re.search(r"[^\W\d_]", text) else text


def listed_names(catalog: Catalog) -> dict[str, set[str]]:
    """Return the translations of all emphasised names of the pages, in their order."""
    names = interface_names(catalog)
    found = (emphasised(block.text) for path in page_paths() for block in messages(read_part(path)))
    return {name: translations_of(name, names) for each in found if each for name in each[0]}


def emphasised(text: str) -> tuple[list[str], list[str]] | None:
    """Return the texts between single and between double stars, by the rules of CommonMark; None if a star is left."""
    hidden = CODE.sub(lambda code: "x" * len(code[0]), text)
    found: dict[int, list[str]] = {1: [], 2: []}
    opened: re.Match[str] | None = None
    for star in STARS.finditer(hidden):
        before, after = hidden[: star.start()][-1:] or " ", hidden[star.end() :][:1] or " "
        opens = not after.isspace() and (not _is_mark(after) or before.isspace() or _is_mark(before))
        closes = not before.isspace() and (not _is_mark(before) or after.isspace() or _is_mark(after))
        if opened is None and opens and len(star[0]) in found:
            opened = star
        elif opened is not None and closes and star[0] == opened[0]:
            found[len(star[0])].append(text[opened.end() : star.start()])
            opened = None
        else:
            return None
    return (found[1], found[2]) if opened is None else None


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith(("P", "S"))


def _structure(block: Block, text: str) -> list[tuple[str, bool]]:
    """Return the kinds of the blocks that a block with this text is. A list in a list item counts, too."""
    inner = [(part.kind, False) for part in blocks(text)] if block.kind == "item" else []
    return [*((part.kind, part.text == text) for part in blocks(block.with_text(text))), *inner]


def _columns(text: str) -> int:
    return CODE.sub("", text).count("|") + 1


def _keys(text: str) -> Counter[str]:
    """Count the keys with modifiers. Keys with names, such as Enter, are counted without them: keyboards differ."""
    found: Counter[str] = Counter()
    for match in TRANSLATED_KEYS.finditer(CODE.sub("", text)):
        *modifiers, key = match[0].split("+") if not match[0].endswith("+") else [*match[0][:-2].split("+"), "+"]
        modifiers = [MODIFIERS.get(each, each) for each in modifiers]
        found["+".join([*modifiers, key if len(key) == 1 or re.fullmatch(r"F\d+", key) else "key"])] += 1
    return found


def _numbers(text: str) -> set[str]:
    digits = (re.sub(r"\D", "", number) for number in NUMBER.findall(CODE.sub("", TARGET.sub("", text))))
    return {number for number in digits if len(number) > 1}


def _texts(texts: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (texts or "",) if isinstance(texts, str | None) else tuple(texts)
