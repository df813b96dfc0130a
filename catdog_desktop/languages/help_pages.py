"""The pages of the help: parts of `docs/`, cut into blocks that are translated one by one.

A block is a heading, a paragraph, a list item or a table row. Its text, on one line, is the message id in the catalog
`help.mo.gz` beside `catdog.mo`. Code, pictures and comments are never translated. A block without translation stays
English.

mdpo, po4a and the Translate Toolkit do the same for other projects, but they write translated pages, newly wrapped,
into files. Here gettext translates a page when it is shown, and the rest of the page is the same to the byte.
"""

import gettext
import gzip
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catdog_desktop.messages import RIGHT_TO_LEFT, catalog_path, language
from catdog_desktop.paths import shipped

PAGES: Final = (
    "window",
    "sorting",
    "models",
    "privacy",
    "troubleshooting",
    "command-line",
    "learning",
    "formats",
    "install",
    "cluster",
)
"""The documents that users need, in the order of the help window."""
END_OF_HELP: Final = "<!-- The help ends here. -->"
"""What follows this line of a document is for developers."""
CATALOG: Final = "help.mo.gz"

CODE: Final = re.compile(r"`[^`]+`")
TARGET: Final = re.compile(r"(?<=\])\([^)\s]*\)")
"""Where a link leads, in parentheses."""
KEYS: Final = re.compile(r"\b(?:(?:Ctrl|Alt|Shift)\+)+(?:\w+|[^\s\w])")
"""A key with modifiers, such as Ctrl+Shift+F1 or "Ctrl+."."""

_FENCE: Final = re.compile(r"\s*(```|~~~)")
_VERBATIM: Final = re.compile(r"\s*(?:$|!\[[^\]]*\]\([^)]*\)\s*$|<!--|\|[\s|:-]*\|\s*$)")
"""An empty line, a picture, a comment, or a table row without text."""
_PICTURE: Final = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n+", re.MULTILINE)
_HEADING: Final = re.compile(r"#+ ")
_ROW: Final = re.compile(r"\s*\|")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d+\.) +")
_LETTER: Final = re.compile(r"[^\W\d_]")
_CELL: Final = re.compile(r"(?<=\|)(?:`[^`]*`|[^|`])*(?=\|)")
_LEFT_TO_RIGHT, _END = "\u2066", "\u2069"


@dataclass(frozen=True)
class Block:
    """A part of a page: `source` as it is in the file, and its text without the Markdown around it.

    `text` is empty if there is nothing to translate. `kind` is "heading", "paragraph", "item", "row" or "verbatim".
    """

    source: str
    kind: str = "verbatim"
    start: str = ""
    text: str = ""
    end: str = ""

    def with_text(self, text: str) -> str:
        """Return the Markdown of the block with another text."""
        return f"{self.start}{text}{self.end}"


@dataclass(frozen=True)
class HelpPage:
    """A page as it is shown."""

    path: Path
    title: str
    markdown: str
    """In the user's language, without pictures."""
    anchors: tuple[str, ...]
    """The link names of its headings in order, the same in all languages."""
    is_translated: bool
    """Whether no block had to stay English."""


def page_paths() -> list[Path]:
    """Return the files of the pages, in the order of the help; empty if they were not installed."""
    paths = [shipped("docs", f"{name}.md").resolve() for name in PAGES]
    return [path for path in paths if path.exists()]


def help_pages() -> list[HelpPage]:
    """Return the pages in the user's language. Reads the files and the catalog anew."""
    translate = _catalog()
    return [_help_page(path, translate) for path in page_paths()]


def read_part(path: Path) -> str:
    """Return the part of a document that belongs to the help, as it is in the file."""
    return path.read_text(encoding="utf-8").partition(END_OF_HELP)[0]


def blocks(page: str) -> Iterator[Block]:
    """Cut a page into blocks. Their sources, joined, are the page."""
    lines = page.splitlines(keepends=True)
    number = 0
    while number < len(lines):
        end = _end_of_block(lines, number)
        yield _block(lines[number:end])
        number = end


def messages(page: str) -> Iterator[Block]:
    """Yield the blocks of a page that have a text to translate."""
    return (block for block in blocks(page) if block.text)


def translated(page: str, translate: Callable[[str], str]) -> str:
    """Return a page with the texts that `translate` returns for those of its blocks; "" leaves a block as it is."""
    parts = []
    for block in blocks(page):
        text = translate(block.text) if block.text else ""
        parts.append(block.with_text(text) if text else block.source)
    return "".join(parts)


def link_name(heading: str) -> str:
    """Return the name by which links of a Markdown file refer to a heading: "Find photos" is `find-photos`."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page: str) -> tuple[str, ...]:
    """Return the link names of the headings of an English page, in order."""
    return tuple(link_name(block.source.lstrip("# ").strip()) for block in blocks(page) if _HEADING.match(block.source))


def _help_page(path: Path, translate: Callable[[str], str]) -> HelpPage:
    page = _PICTURE.sub("", read_part(path))
    shown = translated(page, translate)
    if language() in RIGHT_TO_LEFT:
        shown = "".join(_right_to_left(block) for block in blocks(shown))
    title = shown.partition("\n")[0].lstrip("# ").strip()
    is_translated = all(translate(block.text) for block in messages(page))
    return HelpPage(path, title, shown, anchors(page), is_translated)


def _right_to_left(block: Block) -> str:
    """Return the Markdown of a block as languages that are written from right to left need it.

    Code and keys are shown from left to right, whatever is around them. The columns of tables are in reverse order,
    since Qt has no other way to mirror a table.
    """
    isolated = re.sub(rf"{CODE.pattern}|{KEYS.pattern}", rf"{_LEFT_TO_RIGHT}\g<0>{_END}", block.text)
    shown = block.with_text(isolated) if block.text else block.source
    if _ROW.match(shown):
        cells = _CELL.findall(shown.strip())
        return f"|{'|'.join(reversed(cells))}|\n"
    return shown


class _Missing(gettext.NullTranslations):
    """Answers for messages without translation."""

    def gettext(self, message: str) -> str:
        del message
        return ""


def _catalog() -> Callable[[str], str]:
    """Return the function that translates a block, or returns "" if it has no translation."""
    used = catalog_path()
    if used is None:
        return _Missing().gettext
    try:
        with gzip.open(used.with_name(CATALOG)) as file:
            translations = gettext.GNUTranslations(file)
    except (OSError, EOFError, ValueError, struct.error, zlib.error):
        return _Missing().gettext
    translations.add_fallback(_Missing())
    return translations.gettext


def _end_of_block(lines: list[str], start: int) -> int:
    """Return the number of the line after the block that starts at line `start`."""
    fence = _FENCE.match(lines[start])
    if fence:
        ends = (number for number in range(start + 1, len(lines)) if lines[number].strip() == fence[1])
        return next(ends, len(lines) - 1) + 1
    end = start + 1
    if _VERBATIM.match(lines[start]) or _HEADING.match(lines[start]) or _ROW.match(lines[start]):
        return end
    while end < len(lines) and not any(begin.match(lines[end]) for begin in (_FENCE, _VERBATIM, _HEADING, _ROW, _ITEM)):
        end += 1
    return end


def _block(lines: list[str]) -> Block:
    source, first = "".join(lines), lines[0]
    if _FENCE.match(first) or _VERBATIM.match(first):
        return Block(source)
    text = " ".join(line.strip() for line in lines)
    newline = "\n" if source.endswith("\n") else ""
    if heading := _HEADING.match(first):
        block = Block(source, "heading", heading[0], text[len(heading[0]) :], newline)
    elif _ROW.match(first):
        block = Block(source, "row", "| ", text.strip("|").strip(), f" |{newline}")
    else:
        item = _ITEM.match(first)
        start = item[0] if item else ""
        block = Block(source, "item" if item else "paragraph", start, text[len(start.lstrip()) :], newline)
    return block if _LETTER.search(TARGET.sub("", CODE.sub("", block.text))) else Block(source)
