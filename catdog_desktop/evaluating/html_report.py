"""Render an evaluation as one HTML file: figures, confusion, sources, calibration, and the worst photos."""

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from catdog_desktop import __version__
from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.evaluating.by_source import figures_by_source
from catdog_desktop.evaluating.evaluation import CalibrationBin, Evaluation, JudgedPhoto
from catdog_desktop.evaluating.saved_evaluation import Change, Comparison
from catdog_desktop.evaluating.text_report import NO_SOURCE, describe_change, figure_rows
from catdog_desktop.formatting import report_text
from catdog_desktop.verdict import Verdict

_THUMBNAIL_EDGE: Final = 200
_SOURCES_SHOWN: Final = 10
_PHOTOS_OF_SOURCE: Final = 6
_LISTED_CHANGES: Final = 60
_PLOT: Final = 280
"""Edge of the reliability diagram's square, in SVG units."""
_MARGIN: Final = 48

_STYLE: Final = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1c1c1e; --faint: #6b6b70; --line: #d9d9de; --card: #f5f5f7;
  --cat: #c8640a; --dog: #2468b4; --wrong: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #1c1c1e; --ink: #f2f2f7; --faint: #a0a0a8; --line: #3a3a3e;
  --card: #2a2a2d; --cat: #f4a259; --dog: #7ab0f2; --wrong: #ff8a80; } }
body { background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 70rem; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
p.note { color: var(--faint); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem; text-align: right; }
th:first-child, td:first-child { text-align: left; } td.sub { padding-left: 2rem; color: var(--faint); }
td.right { font-weight: 600; } td.wrong { color: var(--wrong); }
svg text { fill: var(--faint); font: 12px system-ui, sans-serif; }
.cat { color: var(--cat); } .dog { color: var(--dog); }
.photos { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); padding: 0; }
.photos li { background: var(--card); border-radius: 8px; list-style: none; overflow: hidden; padding: .5rem; }
.photos img, .photos .gone { border-radius: 4px; display: block; height: 160px; object-fit: contain; width: 100%; }
.photos .gone { color: var(--faint); font-size: .85rem; } .name { display: block; font-size: .8rem;
  overflow-wrap: anywhere; color: var(--faint); }
"""


def render_report(
    evaluation: Evaluation, folder: Path, *, worst: int = 60, comparison: Comparison | None = None
) -> str:
    """Return the report as one self-contained HTML page. The photos are read again from below `folder`."""
    return "".join(_page(evaluation, folder, worst, comparison))


def _page(evaluation: Evaluation, folder: Path, worst: int, comparison: Comparison | None) -> Iterator[str]:
    title = f"{evaluation.model_name} {evaluation.model_version} on {len(evaluation.photos):,} photos"
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{report_text(title)}</title><style>{_STYLE}</style></head><body>\n<h1>{report_text(title)}</h1>\n"
    )
    yield (
        f'<p class="note">CatDog {__version__}, model sha256 {report_text(evaluation.model_sha256[:12])}. Thresholds: '
        f"cat {evaluation.thresholds.cat:g}, dog {evaluation.thresholds.dog:g}, unsure within "
        f"{evaluation.thresholds.unsure:g} of them. An unsure verdict is neither right nor wrong.</p>\n"
    )
    yield from _figures(evaluation)
    yield from _confusion(evaluation)
    yield from _sources(evaluation, folder)
    yield from _reliability(evaluation)
    if comparison is not None:
        yield from _changes("Better than before", comparison.better)
        yield from _changes("Worse than before", comparison.worse)
    yield from _unreadable(evaluation.unreadable)
    yield from _worst(evaluation, folder, worst)
    yield "</body></html>\n"


def _figures(evaluation: Evaluation) -> Iterator[str]:
    yield "<h2>Figures</h2>\n<table><tr><th>figure</th><th>value</th><th>95 % interval, count</th></tr>\n"
    for title, value, detail, _ in figure_rows(evaluation):
        kind = ' class="sub"' if title.startswith(" ") else ""
        yield f"<tr><td{kind}>{report_text(title.strip())}</td><td>{value}</td><td>{detail}</td></tr>\n"
    yield "</table>\n"


def _confusion(evaluation: Evaluation) -> Iterator[str]:
    yield "<h2>Truth and verdict</h2>\n<table><tr><th>truth</th>"
    yield "".join(f"<th>{verdict}</th>" for verdict in Verdict) + "</tr>\n"
    for truth, row in evaluation.confusion().items():
        yield f"<tr><td>{truth}</td>"
        for verdict in Verdict:
            kind = "right" if verdict == truth else "wrong" if verdict is not Verdict.UNSURE and row[verdict] else ""
            yield f'<td class="{kind}">{row[verdict]:,}</td>'
        yield "</tr>\n"
    yield "</table>\n"


def _sources(evaluation: Evaluation, folder: Path) -> Iterator[str]:
    sources = figures_by_source(evaluation)
    if len(sources) < 2:
        return
    yield (
        "<h2>By source, the worst first</h2>\n<table><tr><th>source</th><th>photos</th><th>right</th><th>unsure</th>"
        "<th>wrong</th><th>pets missed</th><th>neither called a pet</th></tr>\n"
    )
    for figures in sources:
        shares = (
            figures.right_share,
            figures.unsure_share,
            figures.wrong_share,
            figures.missed,
            figures.called_a_pet,
        )
        cells = "".join(f"<td>{'-' if share is None else f'{share.value:.1%}'}</td>" for share in shares)
        yield f"<tr><td>{report_text(figures.source or NO_SOURCE)}</td><td>{len(figures.photos):,}</td>{cells}</tr>\n"
    yield "</table>\n"
    for figures in [figures for figures in sources if figures.wrong][:_SOURCES_SHOWN]:
        name = report_text(figures.source or NO_SOURCE)
        yield f'<h3>{name}: {len(figures.wrong):,} wrong</h3>\n<ul class="photos">\n'
        for photo in figures.wrong[:_PHOTOS_OF_SOURCE]:
            yield _card(evaluation, folder, photo)
        yield "</ul>\n"


def _reliability(evaluation: Evaluation) -> Iterator[str]:
    edge = _PLOT + 2 * _MARGIN
    yield "<h2>Calibration</h2>\n"
    yield (
        '<p class="note">On the line, a score means what it says: of the photos with a score of 0.7, 70 % have that '
        'animal. The area of a dot is its number of photos. <span class="cat">● cat</span> '
        '<span class="dog">■ dog</span></p>\n'
    )
    yield f'<svg viewBox="0 0 {edge} {edge}" width="{edge}" height="{edge}" role="img" aria-label="Calibration">\n'
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _at(tick, 0.0)
        yield f'<text x="{x:.1f}" y="{y + 24:.1f}" text-anchor="middle">{tick:g}</text>'
        x, y = _at(0.0, tick)
        yield f'<text x="{x - 14:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
    yield (
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_PLOT}" height="{_PLOT}" fill="none" stroke="var(--line)"/>'
        f'<path d="M{_MARGIN} {_MARGIN + _PLOT}L{_MARGIN + _PLOT} {_MARGIN}" stroke="var(--faint)" '
        f'stroke-dasharray="4 4"/>'
        f'<text x="{edge / 2}" y="{edge - 4}" text-anchor="middle">score</text>'
        f'<text x="{_MARGIN}" y="{_MARGIN - 12}">share with that animal</text>\n'
    )
    for animal in ("cat", "dog"):
        yield from _curve(evaluation.reliability(animal), animal)
    yield "</svg>\n"


def _curve(bins: Sequence[CalibrationBin], animal: str) -> Iterator[str]:
    points = [_at(bin_.mean_score, bin_.share) for bin_ in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{line}" fill="none" stroke="var(--{animal})" stroke-width="1.5"/>\n'
    most = max((bin_.count for bin_ in bins), default=1)
    for (x, y), bin_ in zip(points, bins, strict=True):
        radius = 2 + 9 * (bin_.count / most) ** 0.5
        tip = f"<title>{animal}: {bin_.count:,} photos, score {bin_.mean_score:.3f}, share {bin_.share:.3f}</title>"
        style = f'fill="var(--{animal})" fill-opacity="0.75"'
        if animal == "cat":
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {style}>{tip}</circle>\n'
        else:
            half = radius * 0.886  # a square of the circle's area
            yield (
                f'<rect x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half:.1f}" height="{2 * half:.1f}" '
                f"{style}>{tip}</rect>\n"
            )


def _at(score: float, share: float) -> tuple[float, float]:
    return _MARGIN + score * _PLOT, _MARGIN + (1 - share) * _PLOT


def _changes(title: str, changes: Sequence[Change]) -> Iterator[str]:
    yield f"<h2>{title}: {len(changes):,}</h2>\n<ul>\n"
    for change in changes[:_LISTED_CHANGES]:
        yield f"<li>{report_text(describe_change(change))}</li>\n"
    if len(changes) > _LISTED_CHANGES:
        yield f"<li>and {len(changes) - _LISTED_CHANGES:,} more</li>\n"
    yield "</ul>\n"


def _unreadable(unreadable: Iterable[tuple[str, str]]) -> Iterator[str]:
    lines = [f"<li>{report_text(f'{path} {error}')}</li>\n" for path, error in unreadable]
    if lines:
        yield f"<h2>Could not be read: {len(lines):,}</h2>\n<ul>\n{''.join(lines)}</ul>\n"


def _worst(evaluation: Evaluation, folder: Path, count: int) -> Iterator[str]:
    photos = evaluation.worst(count)
    yield f'<h2>The {len(photos)} photos furthest from the truth</h2>\n<ul class="photos">\n'
    for photo in photos:
        yield _card(evaluation, folder, photo)
    yield "</ul>\n"


def _card(evaluation: Evaluation, folder: Path, photo: JudgedPhoto) -> str:
    return (
        f"<li>{_thumbnail(folder, photo)}<strong>{photo.truth}</strong>, called {evaluation.verdict(photo)}<br>"
        f'<span class="cat">cat {photo.scores.cat:.4f}</span> <span class="dog">dog {photo.scores.dog:.4f}</span>'
        f'<span class="name">{report_text(photo.path)}</span></li>\n'
    )


def _thumbnail(folder: Path, photo: JudgedPhoto) -> str:
    try:
        pixels = decode_for_view(folder / photo.path, _THUMBNAIL_EDGE)
    except PhotoError as error:
        return f'<span class="gone">The photo {report_text(str(error))}.</span>'
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels)).save(buffer, "JPEG", quality=75)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="{report_text(photo.path)}" src="data:image/jpeg;base64,{data}">'
