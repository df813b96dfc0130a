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
from catdog_desktop.decoding.problem_text import problem_sentence, problem_text
from catdog_desktop.evaluating.by_source import figures_by_source
from catdog_desktop.evaluating.evaluation import CalibrationBin, Evaluation, JudgedPhoto
from catdog_desktop.evaluating.saved_evaluation import Change, Comparison
from catdog_desktop.evaluating.text_report import NO_SOURCE, describe_change, figure_rows
from catdog_desktop.formatting import format_photos, html_language, report_text
from catdog_desktop.languages.formats import format_number, format_share
from catdog_desktop.messages import _, ngettext, pgettext
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_text import verdict_word

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
    count = len(evaluation.photos)
    title = ngettext("{model} on {count} photo", "{model} on {count} photos", count).format(
        model=f"{evaluation.model_name} {evaluation.model_version}", count=format_number(count)
    )
    yield (
        f'<!doctype html>\n<html {html_language()}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{report_text(title)}</title><style>{_STYLE}</style></head><body>\n<h1>{report_text(title)}</h1>\n"
    )
    yield (f'<p class="note">{report_text(_describe_origin(evaluation))}</p>\n')
    yield from _figures(evaluation)
    yield from _confusion(evaluation)
    yield from _sources(evaluation, folder)
    yield from _reliability(evaluation)
    if comparison is not None:
        yield from _changes(_("Better than before"), comparison.better)
        yield from _changes(_("Worse than before"), comparison.worse)
    yield from _unreadable(evaluation.unreadable)
    yield from _worst(evaluation, folder, worst)
    yield "</body></html>\n"


def _describe_origin(evaluation: Evaluation) -> str:
    limits = evaluation.thresholds
    return _(
        "CatDog {version}, model sha256 {sha256}. Thresholds: cat {cat}, dog {dog}, unsure within {unsure} of them. "
        "An unsure verdict is neither right nor wrong."
    ).format(
        version=__version__,
        sha256=evaluation.model_sha256[:12],
        cat=format_number(limits.cat, 2),
        dog=format_number(limits.dog, 2),
        unsure=format_number(limits.unsure, 2),
    )


def _head(*titles: str) -> str:
    return "<tr>" + "".join(f"<th>{report_text(title)}</th>" for title in titles) + "</tr>\n"


def _figures(evaluation: Evaluation) -> Iterator[str]:
    interval = _("{percent} interval, count").format(percent=format_share(0.95))
    yield f"<h2>{report_text(_('Figures'))}</h2>\n<table>{_head(_('figure'), _('value'), interval)}"
    for title, value, detail, _name in figure_rows(evaluation):
        kind = ' class="sub"' if title.startswith(" ") else ""
        yield f"<tr><td{kind}>{report_text(title.strip())}</td><td>{value}</td><td>{detail}</td></tr>\n"
    yield "</table>\n"


def _confusion(evaluation: Evaluation) -> Iterator[str]:
    yield f"<h2>{report_text(_('Truth and verdict'))}</h2>\n<table><tr><th>{report_text(_('truth'))}</th>"
    yield "".join(f"<th>{report_text(verdict_word(verdict))}</th>" for verdict in Verdict) + "</tr>\n"
    for truth, row in evaluation.confusion().items():
        yield f"<tr><td>{report_text(verdict_word(Verdict(truth)))}</td>"
        for verdict in Verdict:
            kind = "right" if verdict == truth else "wrong" if verdict is not Verdict.UNSURE and row[verdict] else ""
            yield f'<td class="{kind}">{format_number(row[verdict])}</td>'
        yield "</tr>\n"
    yield "</table>\n"


def _sources(evaluation: Evaluation, folder: Path) -> Iterator[str]:
    sources = figures_by_source(evaluation)
    if len(sources) < 2:
        return
    yield (
        f"<h2>{report_text(_('By source, the worst first'))}</h2>\n<table>"
        + _head(
            _("source"), _("photos"), _("right"), _("unsure"), _("wrong"), _("pets missed"), _("neither called a pet")
        )
    )
    for figures in sources:
        shares = (
            figures.right_share,
            figures.unsure_share,
            figures.wrong_share,
            figures.missed,
            figures.called_a_pet,
        )
        texts = [report_text(figures.source or _(NO_SOURCE)), format_number(len(figures.photos))]
        texts += ["-" if share is None else format_share(share.value, 1) for share in shares]
        yield "<tr>" + "".join(f"<td>{text}</td>" for text in texts) + "</tr>\n"
    yield "</table>\n"
    for figures in [figures for figures in sources if figures.wrong][:_SOURCES_SHOWN]:
        count = len(figures.wrong)
        title = ngettext("{source}: {count} wrong", "{source}: {count} wrong", count).format(
            source=figures.source or _(NO_SOURCE), count=format_number(count)
        )
        yield f'<h3>{report_text(title)}</h3>\n<ul class="photos">\n'
        for photo in figures.wrong[:_PHOTOS_OF_SOURCE]:
            yield _card(evaluation, folder, photo)
        yield "</ul>\n"


def _reliability(evaluation: Evaluation) -> Iterator[str]:
    edge = _PLOT + 2 * _MARGIN
    calibration = report_text(_("Calibration"))
    note = _(
        "On the line, a score means what it says: of the photos with a score of {score}, {percent} have that animal. "
        "The area of a dot is its number of photos."
    ).format(score=format_number(0.7, 1), percent=format_share(0.7))
    cat, dog = (report_text(word) for word in (pgettext("verdict", "cat"), pgettext("verdict", "dog")))
    yield f"<h2>{calibration}</h2>\n"
    yield (
        f'<p class="note">{report_text(note)} <span class="cat">● {cat}</span> <span class="dog">■ {dog}</span></p>\n'
    )
    yield f'<svg viewBox="0 0 {edge} {edge}" width="{edge}" height="{edge}" role="img" aria-label="{calibration}">\n'
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _at(tick, 0.0)
        yield f'<text x="{x:.1f}" y="{y + 24:.1f}" text-anchor="middle">{tick:g}</text>'
        x, y = _at(0.0, tick)
        yield f'<text x="{x - 14:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
    yield (
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_PLOT}" height="{_PLOT}" fill="none" stroke="var(--line)"/>'
        f'<path d="M{_MARGIN} {_MARGIN + _PLOT}L{_MARGIN + _PLOT} {_MARGIN}" stroke="var(--faint)" '
        f'stroke-dasharray="4 4"/>'
        f'<text x="{edge / 2}" y="{edge - 4}" text-anchor="middle">{report_text(_("score"))}</text>'
        f'<text x="{_MARGIN}" y="{_MARGIN - 12}">{report_text(_("share with that animal"))}</text>\n'
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
        text = _("{animal}: {photos}, score {score}, share {share}").format(
            animal=pgettext("verdict", "cat") if animal == "cat" else pgettext("verdict", "dog"),
            photos=format_photos(bin_.count),
            score=format_number(bin_.mean_score, 3),
            share=format_number(bin_.share, 3),
        )
        tip = f"<title>{report_text(text)}</title>"
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
    yield f"<h2>{report_text(title)}: {format_number(len(changes))}</h2>\n<ul>\n"
    for change in changes[:_LISTED_CHANGES]:
        yield f"<li>{report_text(describe_change(change))}</li>\n"
    if len(changes) > _LISTED_CHANGES:
        more = _("and {count} more").format(count=format_number(len(changes) - _LISTED_CHANGES))
        yield f"<li>{report_text(more)}</li>\n"
    yield "</ul>\n"


def _unreadable(unreadable: Iterable[tuple[str, str]]) -> Iterator[str]:
    lines = [
        f"<li>{report_text(_('{name} {problem}').format(name=path, problem=problem_text(error)))}</li>\n"
        for path, error in unreadable
    ]
    if lines:
        title = _("Could not be read: {count}").format(count=format_number(len(lines)))
        yield f"<h2>{report_text(title)}</h2>\n<ul>\n{''.join(lines)}</ul>\n"


def _worst(evaluation: Evaluation, folder: Path, count: int) -> Iterator[str]:
    photos = evaluation.worst(count)
    title = ngettext(
        "The photo furthest from the truth", "The {count} photos furthest from the truth", len(photos)
    ).format(count=format_number(len(photos)))
    yield f'<h2>{report_text(title)}</h2>\n<ul class="photos">\n'
    for photo in photos:
        yield _card(evaluation, folder, photo)
    yield "</ul>\n"


def _card(evaluation: Evaluation, folder: Path, photo: JudgedPhoto) -> str:
    called = report_text(_("{truth}, called {verdict}")).format(
        truth=f"<strong>{report_text(verdict_word(Verdict(photo.truth)))}</strong>",
        verdict=report_text(verdict_word(evaluation.verdict(photo))),
    )
    cat, dog = (format_number(score, 4) for score in (photo.scores.cat, photo.scores.dog))
    return (
        f"<li>{_thumbnail(folder, photo)}{called}<br>"
        f'<span class="cat">{report_text(_("cat {score}").format(score=cat))}</span> '
        f'<span class="dog">{report_text(_("dog {score}").format(score=dog))}</span>'
        f'<span class="name">{report_text(photo.path)}</span></li>\n'
    )


def _thumbnail(folder: Path, photo: JudgedPhoto) -> str:
    try:
        pixels = decode_for_view(folder / photo.path, _THUMBNAIL_EDGE)
    except PhotoError as error:
        return f'<span class="gone">{report_text(problem_sentence(str(error)))}</span>'
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels)).save(buffer, "JPEG", quality=75)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="{report_text(photo.path)}" src="data:image/jpeg;base64,{data}">'
