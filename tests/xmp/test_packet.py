"""XMP packets: keywords are added beside existing content, and hostile packets are rejected."""

import pytest
from xmp_samples import ADOBE, DARKTABLE, DIGIKAM, DIGIKAM_OWN, FLAT, LIGHTROOM, bag, facts, rdf, read

from catdog_desktop.languages.choice import LANGUAGES, use_language
from catdog_desktop.verdict import Verdict
from catdog_desktop.xmp.keyword_words import ENGLISH, KeywordWords, translated_words
from catdog_desktop.xmp.packet import (
    MAX_BYTES,
    XmpError,
    keywords_in,
    merge_keywords,
    rating_in,
    sidecar_for,
)


def merged(packet: bytes, *keywords: str, embedded: list[str] | None = None) -> bytes:
    result = merge_keywords(packet, keywords, embedded or [])
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("verdict", "keywords"),
    [
        (Verdict.CAT, ("cat",)),
        (Verdict.DOG, ("dog",)),
        (Verdict.BOTH, ("cat", "dog")),
        (Verdict.NEITHER, ()),
        (Verdict.UNSURE, ()),
        (None, ()),
    ],
)
def test_keywords_of_each_verdict(verdict: Verdict | None, keywords: tuple[str, ...]) -> None:
    assert ENGLISH.of(verdict) == keywords


def test_merge_translated_keywords_below_translated_parent() -> None:
    words = KeywordWords("Katze", "Hund", "Tiere")
    new = merge_keywords(b"", words.of(Verdict.BOTH), ["Urlaub"], parent=words.animals)
    assert new is not None
    assert read(new, FLAT) == ["Urlaub", "Katze", "Hund"]
    assert read(new, DIGIKAM) == ["Urlaub", "Tiere/Katze", "Tiere/Hund"]
    assert merge_keywords(new, words.of(Verdict.BOTH), parent=words.animals) is None
    assert merge_keywords(merged(b"", "KATZE"), words.of(Verdict.CAT), parent=words.animals) is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_translated_keywords_have_no_separator(code: str) -> None:
    use_language(code)
    words = translated_words()
    use_language("en")
    assert len({words.cat, words.dog, words.animals}) == 3
    assert not set("".join((words.cat, words.dog, words.animals))) & set("/|,;")
    assert KeywordWords.from_settings(words.as_settings()) == words


@pytest.mark.parametrize("packet", [b"", b"  \n"])
def test_merge_new_packet_has_three_lists(packet: bytes) -> None:
    new = merged(packet, "cat", "dog")
    assert read(new, FLAT) == ["cat", "dog"]
    assert read(new, DIGIKAM) == ["animals/cat", "animals/dog"]
    assert read(new, LIGHTROOM) == ["animals|cat", "animals|dog"]
    assert new.startswith(b"<?xml ")
    assert merge_keywords(new, ("cat", "dog")) is None


def test_merge_new_packet_repeats_embedded_keywords() -> None:
    new = merged(b"", "cat", embedded=["Holiday", "Tom & Jerry \ud800 \x07", "Cat"])
    assert read(new, FLAT) == ["Holiday", "Tom & Jerry", "cat"] or read(new, FLAT) == [
        "Holiday",
        "Tom & Jerry  ",
        "cat",
    ]
    assert "Holiday" in read(new, DIGIKAM)
    assert "Holiday" in read(new, LIGHTROOM)


@pytest.mark.parametrize("packet", [ADOBE, DARKTABLE, DIGIKAM_OWN], ids=["adobe", "darktable", "digikam"])
def test_merge_keeps_existing_content(packet: bytes) -> None:
    before = facts(packet)
    after = facts(merged(packet, "cat", "dog"))
    for fact in before:
        assert fact in after
        after.remove(fact)
    lists = {value for _, value in after}
    assert lists <= {"dog", "cat", "animals/cat", "animals/dog", "animals|cat", "animals|dog"} | {
        value.replace("/", "|").replace("|", separator) for _, value in before for separator in "|/"
    }


def test_merge_copies_adobe_hierarchy_to_digikam_list() -> None:
    """digiKam reads its own list first, so it would no longer show the hierarchy of Adobe."""
    new = merged(ADOBE, "dog")
    assert read(new, FLAT) == ["Holiday", "Lake & shore", "dog"]
    assert read(new, LIGHTROOM) == ["Places|Lake & shore", "Holiday", "animals|dog"]
    assert read(new, DIGIKAM) == ["Places/Lake & shore", "Holiday", "animals/dog"]


def test_merge_keyword_anywhere_in_hierarchy_is_found() -> None:
    assert read(merged(DIGIKAM_OWN, "cat"), DIGIKAM) == ["Family/Pets/Cat", "猫"]
    new = merged(DIGIKAM_OWN, "cat", "dog")
    assert read(new, FLAT) == ["Cat", "猫", "dog"]
    assert read(new, DIGIKAM) == ["Family/Pets/Cat", "猫", "animals/dog"]
    assert read(new, LIGHTROOM) == ["Family|Pets|Cat", "猫", "animals|dog"]


def test_merge_flat_keyword_gets_parent_in_hierarchy() -> None:
    new = merged(rdf(bag("dc:subject", "Cat", "Holiday")), "cat")
    assert read(new, FLAT) == ["Cat", "Holiday"]
    assert read(new, DIGIKAM) == ["Holiday", "animals/cat"]


def test_merge_keeps_comments_and_processing_instructions() -> None:
    new = merged(DIGIKAM_OWN, "dog")
    for piece in ("<!-- written twice, as some do -->", '<?xpacket begin="\ufeff"', '<?xpacket end="w"?>', "猫"):
        assert piece.encode() in new


FORMS = {
    "no list": ("", "", ["cat"]),
    "an empty list": ("<dc:subject><rdf:Bag/></dc:subject>", "", ["cat"]),
    "an empty element": ("<dc:subject/>", "", ["cat"]),
    "a sequence": ("<dc:subject><rdf:Seq><rdf:li>x</rdf:li></rdf:Seq></dc:subject>", "", ["x", "cat"]),
    "a plain value": ("<dc:subject>x</dc:subject>", "", ["x", "cat"]),
    "an attribute": ("", " dc:subject='x'", ["x", "cat"]),
    "of Windows": (bag("MicrosoftPhoto:LastKeywordXMP", "pets/x"), "", ["cat"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_merge_reads_every_notation(form: str) -> None:
    inside, attribute, keywords = FORMS[form]
    new = merged(rdf(inside, about=f"rdf:about=''{attribute}"), "cat")
    assert read(new, FLAT) == keywords
    assert read(new, DIGIKAM)[-1] == "animals/cat"
    assert keywords_in(new) == keywords
    if form == "of Windows":
        assert read(new, DIGIKAM) == ["pets/x", "animals/cat"]


@pytest.mark.parametrize(
    "packet",
    [
        b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        b"<x:xapmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"
        b"</x:xapmeta>",
        rdf(""),
    ],
    ids=["bare", "old", "without lists"],
)
def test_merge_nearly_empty_packet(packet: bytes) -> None:
    assert read(merged(packet, "dog"), FLAT) == ["dog"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1"])
def test_merge_keeps_encoding(encoding: str) -> None:
    declared = {"utf-8-sig": "UTF-8", "utf-16-le": "UTF-16"}.get(encoding, encoding.upper())
    text = f"<?xml version='1.0' encoding='{declared}'?>" + rdf(bag("dc:subject", "Gärten")).decode()
    raw = (("\ufeff" if encoding == "utf-16-le" else "") + text).encode(encoding)
    new = merged(raw, "cat")
    assert new[:2] == raw[:2]
    assert keywords_in(new) == ["Gärten", "cat"]
    assert read(new, FLAT) == ["Gärten", "cat"]


def test_sidecar_for_reads_extension() -> None:
    head = "xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' "
    assert sidecar_for(rdf("", about=f"{head} photoshop:SidecarForExtension='CR2'")) == "CR2"
    inside = f"<photoshop:SidecarForExtension {head}>NEF</photoshop:SidecarForExtension>"
    assert sidecar_for(rdf(inside)) == "NEF"
    assert sidecar_for(ADOBE) is None


BOMB = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
HOSTILE = {
    "a bomb of entities": b"<!DOCTYPE x [<!ENTITY l0 'ha'>" + BOMB + b"]>" + rdf(bag("dc:subject", "&l9;")),
    "a file of the disk": b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + rdf(bag("dc:subject", "&f;")),
    "a document type elsewhere": b"<!DOCTYPE x SYSTEM 'http://localhost:9/x.dtd'>" + rdf(""),
    "a document type in UTF-16": ("\ufeff<!DOCTYPE x [<!ENTITY a 'b'>]>" + rdf("").decode()).encode("utf-16-le"),
    "an unknown entity": rdf(bag("dc:subject", "&who;")),
    "other XML": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "XMP without RDF": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
    "HTML": b"<!doctype html><p>hello",
    "text": b"keywords: cat",
    "zeros": b"\0" * 100,
    "half a file": ADOBE[: len(ADOBE) // 2],
    "two roots": ADOBE + ADOBE,
    "a wrong byte": ADOBE.replace(b"Holiday", b"Hol\xffday"),
    "too deep": rdf("<a>" * 100_000 + "</a>" * 100_000),
    "too large": rdf("<a>" + "x" * MAX_BYTES + "</a>"),
    "keywords as a structure": rdf("<dc:subject rdf:parseType='Resource'><a/></dc:subject>"),
    "keywords elsewhere": rdf("<dc:subject rdf:resource='http://localhost/'/>"),
    "two lists in one": rdf("<dc:subject><rdf:Bag/><rdf:Bag/></dc:subject>"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_merge_unusable_packet_raises(what: str) -> None:
    with pytest.raises(XmpError, match=r"skipped$"):
        merge_keywords(HOSTILE[what], ("cat",))


ROOTS = {
    "another name in the same namespace": b'<x:xml_doc xmlns:x="adobe:ns:meta/">%s</x:xml_doc>',
    "another namespace": b'<meta xmlns="http://localhost/">%s</meta>',
    "no namespace": b"<xmp>%s</xmp>",
    "two levels": b"<a><b>%s</b></a>",
    "no element": b"%s",
}
_RDF_ONLY = ADOBE[ADOBE.index(b"<rdf:RDF") : ADOBE.index(b"</x:xmpmeta>")].strip()


@pytest.mark.parametrize("root", ROOTS)
def test_merge_keeps_root_element_of_any_name(root: str) -> None:
    packet = ROOTS[root] % _RDF_ONLY
    merged = merge_keywords(packet, ("cat",))
    assert merged is not None
    assert read(merged, FLAT) == ["Holiday", "Lake & shore", "cat"]
    assert merged[:8] == packet[:8], "the root element is the same"
    assert merge_keywords(merged, ("cat",)) is None


@pytest.mark.parametrize("padding", [b"\0", b"\0" * 2000, b"\n\0\0 \0", b" \r\n" * 100])
def test_merge_ignores_padding_after_the_packet(padding: bytes) -> None:
    merged = merge_keywords(ADOBE + padding, ("cat",))
    assert merged == merge_keywords(ADOBE, ("cat",))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_merge_ignores_padding_in_utf_16(encoding: str) -> None:
    packet = ("\ufeff" + ADOBE.decode()).encode(encoding)
    assert merge_keywords(packet + b"\0\0" * 50, ("cat",)) == merge_keywords(packet, ("cat",))


def test_merge_several_rdf_elements_raises() -> None:
    with pytest.raises(XmpError, match="other XML"):
        merge_keywords(b"<a>" + _RDF_ONLY * 2 + b"</a>", ("cat",))


@pytest.mark.parametrize(("extension", "named"), [(".NEF", "NEF"), (".jpg", "JPG"), ("", None), ('."', None)])
def test_merge_new_packet_names_extension_of_its_photo(extension: str, named: str | None) -> None:
    merged = merge_keywords(b"", ("cat",), extension=extension)
    assert merged is not None
    assert sidecar_for(merged) == named
    assert read(merged, FLAT) == ["cat"]


def test_rating_is_added_changed_and_left_alone() -> None:
    first = merge_keywords(b"", ("cat",), rating=4)
    assert first is not None
    assert rating_in(first) == 4
    assert b"xmp:Rating" in first
    assert merge_keywords(first, ("cat",), rating=4) is None
    assert merge_keywords(first, ("cat",)) is None, "no rating of the app's keeps that of the packet"
    second = merge_keywords(first, ("cat",), rating=2)
    assert second is not None
    assert rating_in(second) == 2
    assert second.count(b"Rating") == first.count(b"Rating")


def test_rating_as_an_attribute_is_changed_in_place() -> None:
    packet = merge_keywords(b"", ("cat",))
    assert packet is not None
    packet = packet.replace(b'rdf:about=""', b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" rdf:about="" xmp:Rating="1"', 1)
    changed = merge_keywords(packet, (), rating=5)
    assert changed is not None
    assert changed == packet.replace(b'xmp:Rating="1"', b'xmp:Rating="5"')
