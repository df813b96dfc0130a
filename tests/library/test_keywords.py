"""Keywords and ratings of other programs: read from every notation, and never the app's own export."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cancel_after import CancelAfter
from PIL import Image
from xmp_samples import ADOBE, DARKTABLE, bag, rdf

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.exporting.xmp_export import forget_keywords, undo_keywords, write_keywords
from catdog_desktop.languages.choice import use_language
from catdog_desktop.library.keywords import OwnMarks, read_marks, verdict_of_words, words_to_read
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict
from catdog_desktop.xmp.keyword_words import translated_words

XMP = "xmlns:xmp='http://ns.adobe.com/xap/1.0/'"
DIGIKAM = "xmlns:digiKam='http://www.digikam.org/ns/1.0/'"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(path)
    return path


def marks(photo: Path) -> tuple[Verdict | None, int | None]:
    found = read_marks([photo])
    return (found[0].verdict, found[0].rating) if found else (None, None)


KEYWORDS = {
    "flat": (bag("dc:subject", "Holiday", "cat"), Verdict.CAT),
    "in capitals": (bag("dc:subject", "DOG"), Verdict.DOG),
    "in the plural": (bag("dc:subject", "Dogs", "cats"), Verdict.BOTH),
    "Lightroom": (bag("lr:hierarchicalSubject", "animals|cat"), Verdict.CAT),
    "Lightroom, with a name below": (bag("lr:hierarchicalSubject", "animals|dog|Bello"), Verdict.DOG),
    "digiKam": (
        f"<digiKam:TagsList {DIGIKAM}><rdf:Seq><rdf:li>Animals/Cat</rdf:li></rdf:Seq></digiKam:TagsList>",
        Verdict.CAT,
    ),
    "Windows": (bag("MicrosoftPhoto:LastKeywordXMP", "animals/dog"), Verdict.DOG),
    "others": (bag("dc:subject", "catalogue", "hot dog stand", "Holiday"), None),
    "none": ("", None),
}


@pytest.mark.parametrize("kind", KEYWORDS)
@pytest.mark.parametrize("sidecar", ["a.jpg.xmp", "a.xmp"])
def test_read_marks_keywords_of_sidecar(kind: str, sidecar: str, photo: Path) -> None:
    inside, verdict = KEYWORDS[kind]
    photo.with_name(sidecar).write_bytes(rdf(inside))
    assert marks(photo) == (verdict, None)


@pytest.mark.parametrize(
    ("inside", "rating"),
    [
        (f"<xmp:Rating {XMP}>4</xmp:Rating>", 4),
        (f"<xmp:Rating {XMP}>5.0</xmp:Rating>", 5),
        (f"<xmp:Rating {XMP}>0</xmp:Rating>", None),
        (f"<xmp:Rating {XMP}>-1</xmp:Rating>", None),
        (f"<xmp:Rating {XMP}>many</xmp:Rating>", None),
        (f"<xmp:Rating {XMP}>nan</xmp:Rating>", None),
        ("", None),
    ],
)
def test_read_marks_rating_of_sidecar(inside: str, rating: int | None, photo: Path) -> None:
    photo.with_name("a.jpg.xmp").write_bytes(rdf(inside))
    assert marks(photo) == (None, rating)


def test_read_marks_rating_as_attribute(photo: Path) -> None:
    photo.with_name("a.xmp").write_bytes(ADOBE)
    assert marks(photo) == (None, 4)


def test_read_marks_embedded_metadata(tmp_path: Path) -> None:
    photo = tmp_path / "b.jpg"
    packet = rdf(bag("dc:subject", "dog") + f"<xmp:Rating {XMP}>3</xmp:Rating>")
    Image.new("RGB", (8, 8)).save(photo, xmp=packet)
    assert marks(photo) == (Verdict.DOG, 3)
    (tmp_path / "b.jpg.xmp").write_bytes(rdf(bag("dc:subject", "cat")))
    assert marks(photo) == (Verdict.CAT, None), "a sidecar has priority"


def test_read_marks_sidecar_of_another_file_is_ignored(photo: Path) -> None:
    raw = bag("dc:subject", "cat") + (
        "<photoshop:SidecarForExtension xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'>NEF"
        "</photoshop:SidecarForExtension>"
    )
    photo.with_name("a.xmp").write_bytes(rdf(raw))
    assert marks(photo) == (None, None)


@pytest.mark.parametrize("existing", [None, DARKTABLE, ADOBE])
def test_read_marks_ignores_exported_keywords(existing: bytes | None, photo: Path) -> None:
    """Otherwise verdicts of the model would come back as verdicts of the user."""
    if existing is not None:
        photo.with_name("a.jpg.xmp").write_bytes(existing)
    outcome = write_keywords([Result(photo, scores=Scores(0.99, 0.01))], Thresholds())
    assert read_marks([photo]) == ([OwnMarks(photo, None, 4)] if existing == ADOBE else [])
    assert outcome.journal_id is not None
    undo_keywords(outcome.journal_id)
    assert marks(photo)[0] is None


def test_read_marks_keeps_own_keywords_beside_exported_ones(photo: Path) -> None:
    photo.with_name("a.jpg.xmp").write_bytes(rdf(bag("dc:subject", "dog")))
    write_keywords([Result(photo, scores=Scores(0.99, 0.01))], Thresholds())
    assert marks(photo) == (Verdict.DOG, None)


def test_read_marks_ignores_sidecar_of_a_forgotten_export(photo: Path) -> None:
    outcome = write_keywords([Result(photo, scores=Scores(0.99, 0.01))], Thresholds())
    assert outcome.journal_id is not None
    forget_keywords(outcome.journal_id)
    assert marks(photo) == (None, None)


@pytest.mark.parametrize("content", [b"", b"no XML", b"<svg/>", b"\0" * 50, ADOBE[:200]])
def test_read_marks_unreadable_sidecar_has_none(content: bytes, photo: Path, tmp_path: Path) -> None:
    photo.with_name("a.jpg.xmp").write_bytes(content)
    assert read_marks([photo, tmp_path / "gone.jpg", tmp_path]) == []


def test_read_marks_reports_progress_and_can_be_cancelled(photo: Path) -> None:
    seen: list[Progress] = []
    read_marks([photo] * 3, on_progress=seen.append)
    assert seen == [Progress(number, 3) for number in (1, 2, 3)]
    with pytest.raises(Cancelled):
        read_marks([photo] * 3, cancel_token=CancelAfter(polls=2))


def test_verdict_of_words_needs_whole_words() -> None:
    known = words_to_read({})
    assert verdict_of_words({"cats", "dog"}, known) is Verdict.BOTH
    assert verdict_of_words({"catfish", "dogma"}, known) is None


@pytest.fixture
def german() -> Iterator[None]:
    use_language("de")
    yield
    use_language("en")


def test_read_marks_knows_the_words_of_the_language(german: None, photo: Path) -> None:
    photo.with_name("a.xmp").write_bytes(rdf(bag("dc:subject", "Urlaub", "katze")))
    assert marks(photo) == (Verdict.CAT, None)
    photo.with_name("a.xmp").write_bytes(rdf(bag("dc:subject", "dog")))
    assert marks(photo) == (Verdict.DOG, None)
    use_language("en")
    photo.with_name("a.xmp").write_bytes(rdf(bag("dc:subject", "Katze", "chat")))
    assert marks(photo) == (None, None), "the words of another language are not known"
    kept = words_to_read({"cat": "Katze", "dog": "Hund", "animals": "Tiere"})
    assert read_marks([photo], words=kept)[0].verdict is Verdict.CAT, "those that were chosen are"


def test_read_marks_ignores_exported_translations(german: None, photo: Path) -> None:
    write_keywords([Result(photo, scores=Scores(0.99, 0.01))], Thresholds(), words=translated_words())
    assert "Katze" in photo.with_name("a.jpg.xmp").read_text(encoding="utf-8")
    assert marks(photo) == (None, None)
