"""The window in the pseudo-locale: no text that is seen or heard is outside of the brackets."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import catalogs
import pytest
from bare_words import bare_words
from driving import App
from further_states import LABELS
from shown_texts import shown_texts
from window_states import states

from catdog_desktop.languages.choice import LANGUAGES
from catdog_desktop.messages import use_catalog
from catdog_desktop.sorting.options import DEFAULT_FOLDERS

NAMES = (
    *LANGUAGES.values(), "CatDog", "python", "Python", "Qt", "PySide6", "LiteRT", "NumPy", "Pillow", "made by a test",
    "ValueError", "English", "gitignore", "Linux", "macOS", "Windows",
)  # fmt: skip
"""Names that no language translates."""


@pytest.fixture
def pseudo_app(open_app: Callable[..., App], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    path = tmp_path_factory.mktemp("pseudo") / "catdog.mo"
    catalogs.write_pseudo(path)
    use_catalog(path)
    opened = open_app()
    opened.wait_for(lambda: opened.window.session.model is not None)
    yield opened
    use_catalog(None)


def test_no_text_of_window_is_untranslated(
    pseudo_app: App, folder: Path, make_photos: Callable[..., list[Path]]
) -> None:
    photos = make_photos(4)
    names = [*NAMES, str(folder), folder.name, *(path.name for path in photos), "copy.jpg", "note.jpg", "Thumbs.db"]
    names += [folder.name.replace("&", "&&"), f"{date.today():%b}", "Wheel", "numpy", "ai-edge-litert", "pi-heif"]
    names += [*LABELS, *DEFAULT_FOLDERS.values(), "cat, dog", "IMG_3 (2).jpg"]
    names += [html.escape(name) for name in names]
    found: dict[str, str] = {}
    for state, widget in states(pseudo_app, folder, photos):
        if state == "help":  # Its pages are in English, and it says so.
            continue
        for place, text in shown_texts(widget):
            plain = text
            for name in sorted(names, key=len, reverse=True):
                plain = plain.replace(name, " ")
            plain = re.sub(r"(<p>|<br>)[^–<]*  –  ", " ", plain)  # what can be typed into the search, and its meaning
            plain = html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", plain, flags=re.DOTALL))
            words = bare_words(re.sub(r"&(?=\w)", "", plain))
            if words:
                found.setdefault(f"{place}: {text[:150]!r} {words}", state)
    assert not found, "\n".join(f"{state}: {text}" for text, state in found.items())
