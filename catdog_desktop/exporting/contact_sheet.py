"""The contact sheet: results as one HTML file to view, print and share. Images are embedded; nothing is loaded."""

import base64
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from PIL import Image

from catdog_desktop import __version__
from catdog_desktop.decoding.pixels import open_thumbnail
from catdog_desktop.decoding.problem_text import problem_sentence
from catdog_desktop.exporting.sheet_charts import CHART_STYLE, charts
from catdog_desktop.formatting import format_percent, format_photos, html_language, report_text
from catdog_desktop.gallery.statistics import statistics_of_results
from catdog_desktop.languages.formats import format_day, format_long_day, format_number
from catdog_desktop.messages import _
from catdog_desktop.verdict import Result, Thresholds, Verdict
from catdog_desktop.verdict_text import verdict_word

Thumbnail = Callable[[Result], bytes]
"""Returns a JPEG of a photo; empty if it has no thumbnail."""

PICTURE_EDGE: Final = 240
"""Longest edge in pixels. A sheet of 10,000 such pictures is about 90 MB, which browsers still open."""
PICTURE_QUALITY: Final = 70
LEAST_FOR_CHARTS: Final = 10
"""Photos from which on the sheet has statistics."""

_SYMBOLS: Final[Mapping[Verdict | None, str]] = {
    Verdict.CAT: "▲",
    Verdict.DOG: "●",
    Verdict.BOTH: "◆",
    Verdict.NEITHER: "○",
    Verdict.UNSURE: "?",
    None: "!",
}
"""A shape for each verdict beside the word, so that the sheet does not depend on colours."""

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
.symbol { display: inline-block; min-width: 1.1em; } .cat { color: var(--cat); } .dog { color: var(--dog); }
.problem { color: var(--problem); }
ul { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); list-style: none;
  margin: 0; padding: 0; }
li { background: var(--card); border-radius: 8px; break-inside: avoid; overflow: hidden; padding: .6rem; }
li img, li .none { border-radius: 4px; display: block; height: 11rem; margin-bottom: .5rem; object-fit: contain;
  width: 100%; } li .none { align-items: center; color: var(--faint); display: flex; justify-content: center; }
.name { -webkit-box-orient: vertical; -webkit-line-clamp: 2; display: -webkit-box; font-weight: 600; overflow: hidden;
  overflow-wrap: anywhere; } .score { white-space: nowrap; } .more { color: var(--faint); display: block;
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
    folder: Path,
    *,
    title: str = "",
    now: datetime | None = None,
) -> Iterator[str]:
    """Yield the sheet in pieces, one photo at a time. Photos in or below `folder`, the sheet's folder, get links."""
    groups: dict[Verdict | None, list[Result]] = {verdict: [] for verdict in (*Verdict, None)}
    for result in results:
        groups[result.verdict(thresholds)].append(result)
    filled = {verdict: group for verdict, group in groups.items() if group}
    total = sum(map(len, filled.values()))
    yield _head(title or _("Cats and dogs"), total, now or datetime.now())
    if len(filled) > 1:
        yield "<nav>" + "".join(_link_to(verdict, len(group)) for verdict, group in filled.items()) + "</nav>\n"
    if total >= LEAST_FOR_CHARTS:
        yield charts(statistics_of_results([result for group in filled.values() for result in group], thresholds))
    for verdict, group in filled.items():
        heading = f"{_heading(verdict)} ({format_number(len(group))})"
        yield f'<h2 id="{_key(verdict)}">{_symbol(verdict)} {heading}</h2>\n<ul>\n'
        for result in group:
            yield _card(result, verdict, thumbnail, folder)
        yield "</ul>\n"
    footer = _(
        "Made by CatDog {version} on this computer. A score is the probability that the animal is in the photo."
    ).format(version=__version__)
    yield f"<footer>{report_text(footer)}</footer>\n</body></html>\n"


def _head(title: str, total: int, now: datetime) -> str:
    return (
        f'<!doctype html>\n<html {html_language()}><head><meta charset="utf-8">'
        # Nothing is loaded and no script runs, whatever a file name contains.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{report_text(title)}</title><style>{_STYLE}{CHART_STYLE}</style></head><body>\n<h1>{report_text(title)}</h1>\n"
        f'<p class="note">{format_photos(total)} · {format_long_day(now)}</p>\n'
    )


def _link_to(verdict: Verdict | None, count: int) -> str:
    return f'<a href="#{_key(verdict)}">{_symbol(verdict)} {_heading(verdict)} {format_number(count)}</a>'


def _card(result: Result, verdict: Verdict | None, thumbnail: Thumbnail, folder: Path) -> str:
    name = report_text(result.path.name)
    word = _("could not be read") if verdict is None else verdict_word(verdict)
    jpeg = _picture(thumbnail(result)) if result.error is None else b""
    if jpeg:
        encoded = base64.b64encode(jpeg).decode("ascii")
        picture = f'<img loading="lazy" alt="{name}: {report_text(word)}" src="data:image/jpeg;base64,{encoded}">'
    else:
        picture = f'<span class="none">{report_text(_("no picture"))}</span>'
    address = _relative_address(result.path, folder)
    linked = f'<a href="{address}">{picture}</a>' if address else picture
    lines = [f'<span class="more">{_symbol(verdict)} {report_text(word)}{_correction(result)}</span>']
    if result.scores is not None:
        scores = (
            _("cat {score}").format(score=format_percent(result.scores.cat)),
            _("dog {score}").format(score=format_percent(result.scores.dog)),
        )
        shown = " · ".join(f'<span class="score">{report_text(score)}</span>' for score in scores)
        lines.append(f'<span class="more">{shown}</span>')
    if result.error is not None:
        error = report_text(problem_sentence(result.error))
        lines.append(f'<span class="more">{error}</span>')
    elif result.info.date is not None:
        lines.append(f'<span class="more">{format_day(result.info.date)}</span>')
    return f'<li>{linked}<span class="name" title="{name}">{name}</span>{"".join(lines)}</li>\n'


def _correction(result: Result) -> str:
    return " " + report_text(_("(your verdict)")) if result.correction is not None else ""


def _picture(jpeg: bytes) -> bytes:
    """Return `jpeg` reduced to `PICTURE_EDGE`; empty if it cannot be decoded."""
    if not jpeg:
        return b""
    try:
        with open_thumbnail(jpeg) as image:
            image.draft("RGB", (PICTURE_EDGE, PICTURE_EDGE))
            image.thumbnail((PICTURE_EDGE, PICTURE_EDGE), Image.Resampling.BILINEAR)
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=PICTURE_QUALITY)
    except (OSError, ValueError, SyntaxError):
        return b""
    return buffer.getvalue()


def _relative_address(path: Path, folder: Path) -> str:
    """Return the link from a page in `folder` to `path`; empty if `path` is elsewhere, as sheets may be shared."""
    try:
        below = path.absolute().relative_to(folder.absolute())
    except ValueError:
        return ""
    return quote(b"/".join(os.fsencode(part) for part in below.parts))


def _key(verdict: Verdict | None) -> str:
    return "problem" if verdict is None else verdict.value


def _heading(verdict: Verdict | None) -> str:
    return {
        Verdict.CAT: _("Cats"),
        Verdict.DOG: _("Dogs"),
        Verdict.BOTH: _("A cat and a dog"),
        Verdict.NEITHER: _("Neither"),
        Verdict.UNSURE: _("Unsure"),
        None: _("Could not be read"),
    }[verdict]


def _symbol(verdict: Verdict | None) -> str:
    return f'<span class="symbol {_key(verdict)}" aria-hidden="true">{_SYMBOLS[verdict]}</span>'
