"""The tool for translations: what it extracts, how it updates, and what its check finds."""

from pathlib import Path

import catalogs
import pytest

from catdog_desktop.languages.choice import LANGUAGES


def test_extracted_messages_have_notes_contexts_and_plurals() -> None:
    template = catalogs.extract()
    plural = template.get("{count} photo")
    assert plural is not None
    assert tuple(plural.id) == ("{count} photo", "{count} photos")
    assert plural.locations == [("catdog_desktop/formatting.py", 0)]
    cat = template.get("cat", "verdict")
    assert cat is not None
    assert cat.context == "verdict"


def test_update_keeps_translations_and_adds_new_messages_empty(tmp_path: Path) -> None:
    path = tmp_path / "de" / "LC_MESSAGES" / "catdog.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Kept"\nmsgstr "Behalten"\n\n#, fuzzy\nmsgid "Guessed"\nmsgstr "Geraten"\n\n'
        'msgid "Gone"\nmsgstr "Weg"\n',
        encoding="utf-8",
    )
    template = catalogs.Catalog()
    for text in ("Kept", "Guessed", "New"):
        template.add(text, locations=[("catdog_desktop/a.py", 0)])
    new = catalogs.updated(path, template)
    assert {message.id: message.string for message in new if message.id} == {
        "Kept": "Behalten",
        "Guessed": None,
        "New": None,
    }
    text = catalogs.po_text(new)
    assert "Date" not in text
    path.write_text(text, encoding="utf-8")
    assert catalogs.po_text(catalogs.updated(path, template)) == text


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        (("Marked {name}.",), "Markiert."),
        (("Marked {name}.",), "{nam} markiert."),
        (("<b>Cats</b>",), "<b>Katzen"),
        (("Use --yes.",), "Nehmen Sie --ja."),
        (("&File",), "Datei"),
        (("File",), "&Datei"),
        (("Yes ",), "Ja"),
        (("a\n",), "a"),
        (("{count} photo", "{count} photos"), "Fotos"),
    ],
)
def test_check_finds_difference(english: tuple[str, ...], translated: str) -> None:
    assert list(catalogs.differences(english, translated)) != []


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        (("Marked {name} as {verdict}.",), "{verdict}: {name}."),
        (("{count} photo", "{count} photos"), "{count} Fotos"),
        (("Cats & dogs &lt;",), "Katzen & Hunde &lt;"),
        (("&File",), "文件(&F)"),
        (("<b>{a}</b>",), "<b>{a}</b>!"),
    ],
)
def test_check_accepts_translation(english: tuple[str, ...], translated: str) -> None:
    assert list(catalogs.differences(english, translated)) == []


def test_form_of_single_number_may_leave_number_out() -> None:
    ids = ("{count} photo", "{count} photos")
    assert list(catalogs.differences(ids, "صورة واحدة", may_drop_fields=True)) == []
    assert catalogs.single_number_forms("ar") == {0, 1, 2}
    assert catalogs.single_number_forms("de") == {0}
    assert catalogs.single_number_forms("fr") == set()  # its singular is for 0 and 1
    assert catalogs.single_number_forms("ja") == set()


def test_pseudo_text_is_longer_and_keeps_placeholders() -> None:
    text = catalogs.pseudo("Marked <b>{name}</b> as a dog with --yes.\n")
    assert text.startswith("⟦Mårkéd <b>{name}</b> ås å dög wîth --yes.")
    assert text.endswith("⟧\n")
    english = "Thresholds with the fewest wrong verdicts"
    assert 1.35 * len(english) <= len(catalogs.pseudo(english)) <= 1.5 * len(english)


@pytest.fixture(scope="module")
def template() -> catalogs.Catalog:
    return catalogs.extract()


def test_there_is_a_catalog_and_a_glossary_for_every_language() -> None:
    assert set(catalogs.po_files()) == set(LANGUAGES) - {"en"}
    for path in catalogs.po_files().values():
        assert "machine" in (path.parent.parent / "GLOSSARY.md").read_text(encoding="utf-8")
        assert "Made by a machine" in path.read_text(encoding="utf-8")[:300]


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_catalog_is_complete_and_right(language: str, template: catalogs.Catalog) -> None:
    found = list(catalogs.problems(catalogs.po_files()[language], template))
    assert not found, "\n".join(found[:40])
