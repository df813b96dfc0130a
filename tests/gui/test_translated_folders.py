"""Folders of a sort have English names in every language, unless the user takes the translated ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import catalogs
import pytest
from driving import App

from catdog_desktop.gui.sorting.sort_choices import translated_folders
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.languages.choice import LANGUAGES, use_language
from catdog_desktop.messages import use_catalog
from catdog_desktop.sorting.options import DEFAULT_FOLDERS, check_folder_name
from catdog_desktop.verdict import Verdict


@pytest.fixture
def english_again() -> Iterator[None]:
    yield
    use_catalog(None)


def open_dialog(app: App, cat: Path) -> SortDialog:
    app.wait_for(lambda: app.window.session.model is not None)
    app.add(cat)
    app.wait_done(1)
    app.run("file.sort")
    dialog = app.dialog(SortDialog)
    assert isinstance(dialog, SortDialog)
    return dialog


def test_names_are_english_until_translation_is_chosen(
    english_again: None, open_app: Callable[..., App], cat: Path, tmp_path: Path
) -> None:
    catalog = tmp_path / "catdog.mo"
    catalogs.write_pseudo(catalog)
    use_catalog(catalog)
    choices = open_dialog(open_app(), cat).choices
    assert {verdict: name.text() for verdict, name in choices.names.items()} == DEFAULT_FOLDERS
    assert choices.translate.isVisible()
    choices.names[Verdict.DOG].setText("Rex")
    choices.translate.click()
    assert choices.names[Verdict.CAT].text() == translated_folders()[Verdict.CAT] != "cats"
    assert choices.names[Verdict.DOG].text() == "Rex"


def test_nothing_is_offered_in_english(open_app: Callable[..., App], cat: Path) -> None:
    assert not open_dialog(open_app(), cat).choices.translate.isVisible()


@pytest.mark.parametrize("code", LANGUAGES)
def test_translated_names_are_valid_folder_names(code: str, english_again: None) -> None:
    use_language(code)
    names = translated_folders()
    for name in names.values():
        check_folder_name(name)
    assert len(set(names.values())) == len(names)
