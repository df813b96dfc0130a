"""The pages of the help as messages: how they are cut, what translations must keep, and the words that they use."""

import gzip
import re
from collections import Counter
from pathlib import Path

import catalogs
import help_catalogs
import pytest

from catdog_desktop.languages import help_pages
from catdog_desktop.languages.choice import LANGUAGES
from catdog_desktop.languages.help_pages import CODE, Block, blocks, messages, page_paths, read_part, translated
from catdog_desktop.messages import use_catalog

DOCUMENTS = sorted((Path(__file__).parents[2] / "docs").glob("*.md"))
MAX_WORDS = 8000
"""In all pages without code. Each word is translated into eight languages."""

PAGE = """\
# A title

A paragraph with `code`,
on two lines.

- One item
  on two lines.
- Another [link](other.md#here).

1. First.

| key | action |
|---|---|
| Ctrl+C | copy |
| `--yes` | |

![A picture](a.png)

```sh
# not translated
```
"""


def named(text: str) -> list[str]:
    found = help_catalogs.emphasised(text)
    assert found is not None, text
    return found[0]


def test_page_is_cut_into_blocks() -> None:
    assert [(block.kind, block.text) for block in messages(PAGE)] == [
        ("heading", "A title"),
        ("paragraph", "A paragraph with `code`, on two lines."),
        ("item", "One item on two lines."),
        ("item", "Another [link](other.md#here)."),
        ("item", "First."),
        ("row", "key | action"),
        ("row", "Ctrl+C | copy"),
    ]


def test_translated_page_keeps_markdown() -> None:
    page = translated(PAGE, lambda text: "" if text == "First." else text.upper())
    assert page.startswith("# A TITLE\n\nA PARAGRAPH WITH `CODE`, ON TWO LINES.\n\n- ONE ITEM ON TWO LINES.\n- ANOTHER")
    assert "\n1. First.\n\n| KEY | ACTION |\n|---|---|\n| CTRL+C | COPY |\n| `--yes` | |\n" in page
    assert page.endswith("```sh\n# not translated\n```\n")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_blocks_joined_are_the_document(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    assert "".join(block.source for block in blocks(document)) == document
    assert translated(document, lambda _text: "") == document


@pytest.mark.parametrize("path", page_paths(), ids=lambda path: path.stem)
def test_text_of_block_on_one_line_is_the_same_block(path: Path) -> None:
    for block in messages(read_part(path)):
        (again,) = blocks(block.with_text(block.text))
        assert (again.kind, again.text) == (block.kind, block.text)


def test_pseudo_catalog_translates_every_block(pseudo_catalog: Path) -> None:
    use_catalog(pseudo_catalog)
    pages = help_pages.help_pages()
    assert len(pages) == len(help_pages.PAGES)
    for page in pages:
        assert page.is_translated
        assert page.title.startswith("⟦")
        english = list(messages(read_part(page.path)))
        shown = list(messages(page.markdown))
        assert len(shown) == len(english)
        for block, translation in zip(english, shown, strict=True):
            assert "⟦" in translation.text
            assert not list(help_catalogs.differences(block, translation.text, accept_all(block.text)))


def accept_all(text: str) -> dict[str, set[str]]:
    parts = [part for name in named(text) for part in name.split(help_catalogs.SEPARATOR)]
    return {help_catalogs.plain_name(part): {help_catalogs.plain_name(catalogs.pseudo(part))} for part in parts}


def test_without_catalog_pages_are_english() -> None:
    use_catalog(None)
    page = help_pages.help_pages()[0]
    assert not page.is_translated
    assert page.title == "The window"
    assert page.anchors[:2] == ("the-window", "add-photos")


# With names, since gzip writes the time: the processes that share the tests would not agree on them.
@pytest.mark.parametrize(
    "damaged",
    [b"no catalog", gzip.compress(b"no catalog"), gzip.compress(b"no catalog")[:-9], gzip.compress(b""), b""],
    ids=["not packed", "packed", "cut", "packed nothing", "nothing"],
)
def test_damaged_catalog_leaves_pages_english(pseudo_catalog: Path, tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "catdog.mo").write_bytes(pseudo_catalog.read_bytes())
    (tmp_path / help_pages.CATALOG).write_bytes(damaged)
    use_catalog(tmp_path / "catdog.mo")
    assert help_pages.help_pages()[0].title == "The window"


def block_of(kind: str, text: str) -> Block:
    (block,) = blocks({"paragraph": "{}\n", "item": "- {}\n", "row": "| {} |\n"}[kind].format(text))
    assert (block.kind, block.text) == (kind, text)
    return block


NAMES = {"File": {"Datei"}, "Export": {"Exportieren"}}


@pytest.mark.parametrize(
    ("kind", "english", "translation"),
    [
        ("paragraph", "Use `--yes`.", "Nehmen Sie --yes."),
        ("paragraph", "Use `--yes`.", "Nehmen Sie `--ja`."),
        ("paragraph", "See [here](a.md#b).", "Siehe [hier](a.md#c)."),
        ("paragraph", "See [here](a.md#b).", "Siehe hier."),
        ("row", "a | b", "a, b"),
        ("row", "a | b", "a | b | c"),
        ("paragraph", "A month", "1. Monat"),
        ("paragraph", "A month", "Ein\nMonat"),
        ("paragraph", "A month", "Monat "),
        ("item", "A month", "- Monat"),
        ("paragraph", "Press Ctrl+C.", "Drücken Sie Strg+V."),
        ("paragraph", "Press Ctrl+C.", "Drücken Sie Umschalt+C."),
        ("paragraph", "Press Ctrl++.", "Drücken Sie Strg+-."),
        ("paragraph", "Takes 500 MB.", "Braucht 50 MB."),
        ("paragraph", "*File > Export…* writes.", "*Datei > Ausgeben…* schreibt."),
        ("paragraph", "*File > Export…* writes.", "Datei > Exportieren schreibt."),
        ("paragraph", "*File > Export…* writes.", "*Datei > Exportieren…*schreibt."),
        ("paragraph", "**Never** do it.", "Niemals."),
    ],
)
def test_check_finds_difference(kind: str, english: str, translation: str) -> None:
    assert list(help_catalogs.differences(block_of(kind, english), translation, NAMES)) != []


@pytest.mark.parametrize(
    ("kind", "english", "translation"),
    [
        ("paragraph", "Use `--yes` or `--no`.", "Nehmen Sie `--no` oder `--yes`."),
        ("paragraph", "Press Ctrl+Shift+C, Ctrl++ or Ctrl+Enter.", "Strg+Umschalt+C, Strg++ oder Strg+Eingabetaste."),
        ("paragraph", "Takes 1,462 MB.", "Braucht 1.462 MB."),
        ("paragraph", "*File > Export…* writes.", "Mit *Datei > Exportieren…* schreibt."),
        ("paragraph", "*Other* writes.", "「*Other*」を"),
        ("row", "ab | cd", "äb | öd"),
    ],
)
def test_check_accepts_translation(kind: str, english: str, translation: str) -> None:
    assert list(help_catalogs.differences(block_of(kind, english), translation, NAMES)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("*One* and **two**", (["One"], ["two"])),
        ("`part-*.parquet` *x*", (["x"], [])),
        ("「*開く…*」を", (["開く…"], [])),
        ("*開く…*を", None),
        ("2 * 3", None),
        ("*open", None),
    ],
)
def test_stars_are_read_as_markdown_does(text: str, found: tuple[list[str], list[str]] | None) -> None:
    assert help_catalogs.emphasised(text) == found


def test_pages_call_things_as_the_window_does() -> None:
    """Text between single stars is a name in the window."""
    names = {
        help_catalogs.plain_name(text)
        for message in catalogs.extract()
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    }
    used = Counter(
        part
        for path in page_paths()
        for block in messages(read_part(path))
        for name in named(block.text)
        for part in name.split(help_catalogs.SEPARATOR)
    )
    assert sorted(part for part in used if help_catalogs.plain_name(part) not in names) == []
    assert used["File"] > 5


def test_pages_are_short() -> None:
    texts = [CODE.sub("", block.text) for path in page_paths() for block in messages(read_part(path))]
    assert 5000 < sum(len(re.findall(r"[A-Za-z][\w'-]*", text)) for text in texts) <= MAX_WORDS


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_help_of_language_is_complete_and_right(language: str) -> None:
    path = catalogs.po_files("help")[language]
    check = catalogs.differences_of_help(language)
    found = list(catalogs.problems(path, help_catalogs.extract(), check))
    assert not found, "\n".join(found[:40])
