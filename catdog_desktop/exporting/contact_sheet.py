"""Results as one HTML file to look at, to print and to pass on: its pictures are inside, nothing is fetched."""

import base64
import html
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from PIL import Image

from catdog_desktop import __version__
from catdog_desktop.formatting import encodable, format_percent
from catdog_desktop.verdict import Result, Thresholds, Verdict

Thumbnail = Callable[[Result], bytes]
"""Gives a JPEG of a photo, empty if there is none."""

PICTURE_EDGE: Final = 240
"""Longest edge in pixels. Ten thousand pictures of this size are some 90 MB, which a browser still opens."""
PICTURE_QUALITY: Final = 70

_TITLES: Final[Mapping[Verdict | None, str]] = {
    Verdict.CAT: "Cats",
    Verdict.DOG: "Dogs",
    Verdict.BOTH: "A cat and a dog",
    Verdict.NEITHER: "Neither",
    Verdict.UNSURE: "Unsure",
    None: "Could not be read",
}
_SIGNS: Final[Mapping[Verdict | None, str]] = {
    Verdict.CAT: "▲",
    Verdict.DOG: "●",
    Verdict.BOTH: "◆",
    Verdict.NEITHER: "○",
    Verdict.UNSURE: "?",
    None: "!",
}
"""A shape for each, beside the word: nobody needs to tell colours apart."""

_STYLE: Final = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c1c1e; --faint: #5f646b; --line: #d9d9de; --card: #f5f5f7;
  --cat: #af5008; --dog: #2468b4; --problem: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #1c1c1e; --ink: #f2f2f7; --faint: #a9aeb5; --line: #3a3a3e;
  --card: #2a2a2d; --cat: #f4a259; --dog: #7ab0f2; --problem: #ff8a80; } }
* { box-sizing: border-box; }
body { background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; margin: 0 auto;
  max-width: 90rem; padding: 1.5rem 1.5rem 3rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
p.note { color: var(--faint); margin: .25rem 0 1rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem; } nav a { border: 1px solid var(--line); border-radius: 99px;
  color: inherit; padding: .2rem .8rem; text-decoration: none; } nav a:hover { background: var(--card); }
.sign { display: inline-block; min-width: 1.1em; } .cat { color: var(--cat); } .dog { color: var(--dog); }
.problem { color: var(--problem); }
ul { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); list-style: none;
  margin: 0; padding: 0; }
li { background: var(--card); border-radius: 8px; break-inside: avoid; overflow: hidden; padding: .6rem; }
li img, li .none { border-radius: 4px; display: block; height: 11rem; margin-bottom: .5rem; object-fit: contain;
  width: 100%; } li .none { align-items: center; color: var(--faint); display: flex; justify-content: center; }
.name { display: block; font-weight: 600; overflow-wrap: anywhere; } .more { color: var(--faint); display: block;
  font-size: .85rem; font-variant-numeric: tabular-nums; }
footer { border-top: 1px solid var(--line); color: var(--faint); margin-top: 3rem; padding-top: .75rem; }
@media print { :root { --ground: #fff; --ink: #000; --faint: #444; --line: #999; --card: #fff; --cat: #af5008;
  --dog: #2468b4; --problem: #b3261e; } body { font-size: 9pt; max-width: none; padding: 0; } nav { display: none; }
  ul { grid-template-columns: repeat(4, 1fr); gap: 3mm; } li { border: 1px solid var(--line); padding: 2mm; }
  li img, li .none { height: 36mm; } h2 { break-after: avoid; } @page { margin: 12mm; } }
"""


def contact_sheet(
    results: Iterable[Result],
    thresholds: Thresholds,
    thumbnail: Thumbnail,
    place: Path,
    *,
    title: str = "Cats and dogs",
    now: datetime | None = None,
) -> Iterator[str]:
    """Yield the sheet in pieces, a photo at a time. Photos at or below `place`, the sheet's folder, are linked to."""
    groups: dict[Verdict | None, list[Result]] = {verdict: [] for verdict in (*Verdict, None)}
    for result in results:
        groups[result.verdict(thresholds)].append(result)
    filled = {verdict: group for verdict, group in groups.items() if group}
    total = sum(map(len, filled.values()))
    yield _head(title, total, now or datetime.now())
    if len(filled) > 1:
        yield "<nav>" + "".join(_link_to(verdict, len(group)) for verdict, group in filled.items()) + "</nav>\n"
    for verdict, group in filled.items():
        yield f'<h2 id="{_key(verdict)}">{_sign(verdict)} {_TITLES[verdict]} ({len(group):,})</h2>\n<ul>\n'
        for result in group:
            yield _card(result, verdict, thumbnail, place)
        yield "</ul>\n"
    yield (
        f"<footer>Made by CatDog {__version__}, on this computer alone. Scores are probabilities that the animal is in "
        "the photo, not facts.</footer>\n</body></html>\n"
    )


def _head(title: str, total: int, now: datetime) -> str:
    photos = "1 photo" if total == 1 else f"{total:,} photos"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        # Whatever a file's name may hold: nothing is fetched, nothing runs.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>\n<h1>{_text(title)}</h1>\n"
        f'<p class="note">{photos} · {now.day} {now:%B %Y}</p>\n'
    )


def _link_to(verdict: Verdict | None, count: int) -> str:
    return f'<a href="#{_key(verdict)}">{_sign(verdict)} {_TITLES[verdict]} {count:,}</a>'


def _card(result: Result, verdict: Verdict | None, thumbnail: Thumbnail, place: Path) -> str:
    name = _text(result.path.name)
    word = "could not be read" if verdict is None else str(verdict)
    jpeg = _picture(thumbnail(result)) if result.error is None else b""
    if jpeg:
        encoded = base64.b64encode(jpeg).decode("ascii")
        picture = f'<img loading="lazy" alt="{name}: {word}" src="data:image/jpeg;base64,{encoded}">'
    else:
        picture = '<span class="none">no picture</span>'
    address = _relative_address(result.path, place)
    linked = f'<a href="{address}">{picture}</a>' if address else picture
    lines = [f'<span class="more">{_sign(verdict)} {word}{_own(result)}</span>']
    if result.scores is not None:
        scores = f"cat {format_percent(result.scores.cat)} · dog {format_percent(result.scores.dog)}"
        lines.append(f'<span class="more">{_text(scores)}</span>')
    if result.error is not None:
        lines.append(f'<span class="more">It {_text(result.error)}.</span>')
    elif result.info.date is not None:
        lines.append(f'<span class="more">{result.info.date.day} {result.info.date:%b %Y}</span>')
    return f'<li>{linked}<span class="name">{name}</span>{"".join(lines)}</li>\n'


def _own(result: Result) -> str:
    return " (you said so)" if result.correction is not None else ""


def _picture(jpeg: bytes) -> bytes:
    """Return `jpeg` made small enough for a sheet of thousands; empty if it is none."""
    if not jpeg:
        return b""
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            image.draft("RGB", (PICTURE_EDGE, PICTURE_EDGE))
            image.thumbnail((PICTURE_EDGE, PICTURE_EDGE), Image.Resampling.BILINEAR)
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=PICTURE_QUALITY)
    except (OSError, ValueError, SyntaxError):
        return b""
    return buffer.getvalue()


def _relative_address(path: Path, place: Path) -> str:
    """Return how a page in `place` reaches `path`; empty for what lies elsewhere: the sheet may be passed on."""
    try:
        below = path.absolute().relative_to(place.absolute())
    except ValueError:
        return ""
    return quote(b"/".join(os.fsencode(part) for part in below.parts))


def _key(verdict: Verdict | None) -> str:
    return "problem" if verdict is None else verdict.value


def _sign(verdict: Verdict | None) -> str:
    return f'<span class="sign {_key(verdict)}" aria-hidden="true">{_SIGNS[verdict]}</span>'


def _text(text: str) -> str:
    return html.escape(encodable(text))
