"""The contact sheet: one self-contained file that is safe for any file name."""

import base64
import io
import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.exporting.contact_sheet import LEAST_FOR_CHARTS, PICTURE_EDGE, contact_sheet
from catdog_desktop.languages.choice import use_language
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)
NOW = datetime(2026, 11, 24)


def jpeg(width: int = 320, height: int = 200) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "orange").save(buffer, "JPEG")
    return buffer.getvalue()


def sheet(results: list[Result], place: Path = Path("/nowhere")) -> str:
    return "".join(contact_sheet(results, THRESHOLDS, lambda result: result.thumbnail, place, now=NOW))


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


PHOTOS = [
    Result(Path("/pets/a.jpg"), Scores(0.99, 0.01), info=PhotoInfo(date=datetime(2024, 5, 12)), thumbnail=jpeg()),
    Result(Path("/pets/b.jpg"), Scores(0.01, 0.99), thumbnail=jpeg()),
    Result(Path("/pets/c.jpg"), Scores(0.01, 0.99), thumbnail=jpeg(), correction=Verdict.CAT),
    Result(Path("/pets/notes.jpg"), error="is not a photo (it holds text)"),
]


def test_sheet_groups_photos_by_verdict() -> None:
    page = Page(sheet(PHOTOS))
    text = " ".join(page.texts)
    assert "4 photos · 24 November 2026" in text
    assert re.search(r"Cats \(2\).* a\.jpg .*cat.* c\.jpg .*cat \(your verdict\).*Dogs \(1\).* b\.jpg ", text)
    assert "Could not be read (1)" in text
    assert "This file is not a photo (it holds text)." in text
    assert "cat 99% · dog 1%" in text
    assert "12 May 2024" in text
    assert [image["alt"] for image in page.all("img")] == ["a.jpg: cat", "c.jpg: cat", "b.jpg: dog"]
    anchors = {link["href"] for link in page.all("a")}
    assert anchors == {"#cat", "#dog", "#problem"}
    assert {heading["id"] for heading in page.all("h2")} == {"cat", "dog", "problem"}


def test_sheet_loads_nothing_and_embeds_small_pictures() -> None:
    source = sheet(PHOTOS)
    page = Page(source)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|<script|<link", source)
    for image in page.all("img"):
        kind, _, data = str(image["src"]).partition(",")
        assert kind == "data:image/jpeg;base64"
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            assert max(picture.size) <= PICTURE_EDGE


def test_sheet_has_light_dark_and_print_styles() -> None:
    source = sheet(PHOTOS)
    assert "color-scheme: light dark" in source
    assert "@media (prefers-color-scheme: dark)" in source
    assert "@media print" in source


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.jpg",
        '"><img src=x onerror=alert(1)>.jpg',
        "' onload='alert(1).jpg",
        "&lt;b&gt;.jpg",
        "</title></style><h1>.jpg",
        "javascript:alert(1).jpg",
        "byte\udcff.jpg",
        "猫🐈.jpg",
    ],
)
def test_sheet_hostile_names_are_only_text(name: str) -> None:
    plain = Page(sheet([Result(Path("/p/x.jpg"), Scores(0.99, 0.01), thumbnail=jpeg())], Path("/p")))
    place = Path("/p")
    source = sheet([Result(place / name.replace("/", ":"), Scores(0.99, 0.01), thumbnail=jpeg())], place)
    source.encode("utf-8")
    page = Page(source)
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert [set(attributes) for _, attributes in page.elements] == [set(a) for _, a in plain.elements]
    (link,) = page.all("a")
    assert str(link["href"]).isascii()
    assert ":" not in str(link["href"])


def test_sheet_links_only_photos_in_or_below_its_folder() -> None:
    photos = [Result(Path(path), Scores(0.99, 0.01)) for path in ("/pets/2024/a b.jpg", "/other/c.jpg")]
    assert [link["href"] for link in Page(sheet(photos, Path("/pets"))).all("a")] == ["2024/a%20b.jpg"]


@pytest.mark.parametrize("thumbnail", [b"", b"no jpeg", jpeg()[:200]])
def test_sheet_invalid_thumbnail_shows_no_picture(thumbnail: bytes) -> None:
    source = sheet([Result(Path("/p/x.jpg"), Scores(0.99, 0.01), thumbnail=thumbnail)])
    assert "no picture" in source
    assert Page(source).all("img") == []


def test_sheet_scores_do_not_wrap_and_long_names_are_clamped() -> None:
    name = "x" * 200 + ".jpg"
    source = sheet([Result(Path("/p") / name, Scores(0.99, 0.004), thumbnail=jpeg())])
    page = Page(source)
    spans = page.all("span")
    assert [span["title"] for span in spans if span["class"] == "name"] == [name]
    assert sum(span["class"] == "score" for span in spans) == 2
    assert "<1%" in page.texts[-2]
    assert re.search(r"\.score \{[^}]*white-space: nowrap", source)
    assert re.search(r"\.name \{[^}]*-webkit-line-clamp: 2", source)


def test_sheet_without_photos_is_a_page() -> None:
    assert "0 photos" in " ".join(Page(sheet([])).texts)


def many(folder: str = "holiday") -> list[Result]:
    scores = [(0.99, 0.01), (0.01, 0.99), (0.97, 0.98), (0.02, 0.03), (0.5, 0.01)]
    return [
        Result(
            Path("/pets") / (folder if number % 2 else "home") / f"{number}.jpg",
            Scores(*scores[number % 5]),
            info=PhotoInfo(date=datetime(2018 + number % 3, 5, 12)),
            thumbnail=jpeg(),
        )
        for number in range(LEAST_FOR_CHARTS)
    ]


def test_sheet_with_many_photos_has_statistics_as_svg() -> None:
    source = sheet(many())
    page = Page(source)
    drawings = [svg["aria-label"] for svg in page.all("svg") if "aria-label" in svg]
    assert drawings[0] == "cat, dog, both, neither, unsure"
    assert drawings[1].startswith("2018: 1 cat, 1 dog, 1 neither, 1 unsure; 2019: ")
    assert drawings[2].startswith("holiday: 1 cat, 1 dog, 1 both, 1 neither, 1 unsure; home: ")
    assert drawings[3].startswith("0–5: 2; ")
    assert {"Statistics", "Verdicts by year", "2018", "holiday"} <= set(page.texts)
    assert set(re.findall(r"url\(([^)]*)\)", source)) == {"#lines", "#cross", "#dots"}, "nothing is loaded"
    assert len(page.all("details")) == 1
    assert "open" not in page.all("details")[0], "the photos come first"


def test_charts_of_sheet_are_mirrored_in_arabic() -> None:
    """What is at a distance from the left edge is at the same distance from the right edge."""
    english = sheet(many())
    use_language("ar")
    arabic = sheet(many())
    use_language("en")
    for kind, width in (("rect class", r' width="([\d.]+)"'), ("text", "()")):
        bars = [
            [(float(x), float(w or 0)) for x, w in re.findall(rf'<{kind}[^>]*? x="([\d.]+)"[^>]*?{width}', page)]
            for page in (english, arabic)
        ]
        assert len(bars[0]) > 5
        assert [(round(640 - x - w, 1), w) for x, w in bars[0]] == bars[1]


def test_sheet_with_few_photos_has_no_statistics() -> None:
    assert Page(sheet(many()[:-1])).all("svg") == []


def test_sheet_statistics_escape_hostile_folder_names() -> None:
    hostile = '"><script>alert(1)<\\script>'
    assert [tag for tag, _ in Page(sheet(many(hostile))).elements].count("script") == 0
    assert len(Page(sheet(many(hostile))).elements) == len(Page(sheet(many("x" * len(hostile)))).elements)
