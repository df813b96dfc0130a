"""The statistics of the contact sheet as inline SVG: nothing is loaded, and each verdict has a pattern of its own."""

from collections.abc import Sequence
from typing import Final

from catdog_desktop.formatting import report_text
from catdog_desktop.gallery.statistics import CERTAINTY_STEP, Bar, Statistics, short_folder_names
from catdog_desktop.languages.formats import format_clauses, format_list, format_number
from catdog_desktop.messages import RIGHT_TO_LEFT, _, language, ngettext
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_arrays import CODES
from catdog_desktop.verdict_text import verdict_word

_WIDTH: Final = 640
"""In units of the drawing; the page scales it."""
_LABEL: Final = 190
_NUMBER: Final = 60
_LINE: Final = 24
_LONGEST_LABEL: Final = 28

CHART_STYLE: Final = """
.charts { margin: 1.5rem 0 0; } .charts summary { cursor: pointer; font-weight: 600; } .charts h3 { font-size: 1rem;
  margin: 1.25rem 0 .25rem; } .charts svg { display: block;
  height: auto; max-width: 42rem; width: 100%; }
.charts text { fill: var(--ink); font: 13px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.fill-cat { fill: var(--cat); } .fill-dog { fill: var(--dog); } .fill-both, .fill-unsure,
.fill-bin { fill: var(--faint); }
.fill-neither { fill: none; stroke: var(--faint); } .hatch { stroke: var(--ground); stroke-width: 1.5; }
.dots { fill: var(--ground); }
"""
_PATTERNS: Final = (
    '<svg width="0" height="0" aria-hidden="true"><defs>'
    '<pattern id="lines" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="6"></line></pattern>'
    '<pattern id="cross" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="6"></line><line class="hatch" x1="0" y1="0" x2="6" y2="0"></line>'
    "</pattern>"
    '<pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<circle class="dots" cx="2" cy="2" r="1"></circle></pattern></defs></svg>'
)
_PATTERN_OF: Final = {Verdict.DOG: "lines", Verdict.BOTH: "cross", Verdict.UNSURE: "dots"}


def charts(statistics: Statistics) -> str:
    """Return the charts as one folded section of the page."""
    parts = [f'<details class="charts"><summary>{report_text(_("Statistics"))}</summary>{_PATTERNS}', _legend()]
    if statistics.years:
        years = [(bar.name or _("Without a date"), bar) for bar in statistics.years]
        parts.append(_section(_("Verdicts by year"), _stacked_bars(years)))
    if len(statistics.folders) > 1:
        parts.append(_section(_("Verdicts by folder"), _stacked_bars(_folders(statistics))))
    if sum(statistics.certainty):
        title = _("Certainty: points between the nearer score and its threshold")
        parts.append(_section(title, _histogram(statistics.certainty)))
    return "".join([*parts, "</details>\n"])


def _section(title: str, drawing: str) -> str:
    return f"<h3>{report_text(title)}</h3>{drawing}"


def _folders(statistics: Statistics) -> list[tuple[str, Bar]]:
    count = statistics.other_folders
    others = ngettext("{count} other folder", "{count} other folders", count).format(count=format_number(count))
    names = short_folder_names(statistics.folders)
    return [(names.get(bar.name, others), bar) for bar in statistics.folders]


def _legend() -> str:
    pieces, left = [], 0
    for number, verdict in enumerate(CODES):
        counts = [int(number == at) for at in range(len(CODES))]
        pieces.append(_stack(counts, left, 4, 24))
        pieces.append(_label(left + 30, 16, verdict_word(verdict)))
        left += 110
    return _drawing(_LINE, format_list(map(verdict_word, CODES)), pieces)


def _stacked_bars(bars: Sequence[tuple[str, Bar]]) -> str:
    most = max((bar.total for _name, bar in bars), default=0) or 1
    pieces, described = [], []
    for number, (name, bar) in enumerate(bars):
        top = number * _LINE
        short = name if len(name) <= _LONGEST_LABEL else f"…{name[1 - _LONGEST_LABEL :]}"
        width = (_WIDTH - _LABEL - _NUMBER) * bar.total / most
        pieces.append(_label(_LABEL - 8, top + 16, short, anchor="end", title=name))
        pieces.append(_stack(bar.counts, _LABEL, top + 4, width))
        pieces.append(_label(_LABEL + width + 6, top + 16, format_number(bar.total)))
        words = format_list(
            _("{count} {verdict}").format(count=format_number(count), verdict=verdict_word(verdict))
            for verdict, count in zip(CODES, bar.counts, strict=True)
            if count
        )
        described.append(f"{name}: {words}")
    return _drawing(len(bars) * _LINE, format_clauses(described), pieces)


def _histogram(counts: Sequence[int]) -> str:
    height, width, most = 140, _WIDTH / len(counts), max(counts)
    pieces, described = [], []
    for number, count in enumerate(counts):
        points = round(number * CERTAINTY_STEP * 100)
        is_last = number == len(counts) - 1
        name = f"≥{points}" if is_last else f"{points}–{points + round(CERTAINTY_STEP * 100)}"
        tall = (height - 50) * count / most
        left, top = number * width, height - 24 - tall
        pieces.append(_rect("fill-bin", left + width * 0.1, top, width * 0.8, tall))
        pieces.append(_label(left + width / 2, top - 6, format_number(count), anchor="middle"))
        pieces.append(_label(left + width / 2, height - 6, name, anchor="middle"))
        described.append(f"{name}: {format_number(count)}")
    return _drawing(height, format_clauses(described), pieces)


def _stack(counts: Sequence[int], left: float, top: float, width: float) -> str:
    pieces, total = [], sum(counts) or 1
    for verdict, count in zip(CODES, counts, strict=True):
        if count:
            part = width * count / total
            pieces.append(_rect(f"fill-{verdict}", left, top, part, 16))
            if verdict in _PATTERN_OF:
                pieces.append(_rect("", left, top, part, 16, fill=f"url(#{_PATTERN_OF[verdict]})"))
            left += part
    return "".join(pieces)


def _rect(kind: str, left: float, top: float, width: float, height: float, fill: str = "") -> str:
    look = f'fill="{fill}"' if fill else f'class="{kind}"'
    return f'<rect {look} x="{_x(left, width):.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"></rect>'


def _x(left: float, width: float = 0) -> float:
    """Return the left edge of what is planned from left to right, for the direction of the language."""
    return _WIDTH - left - width if language() in RIGHT_TO_LEFT else left


def _label(left: float, base: float, text: str, *, anchor: str = "start", title: str = "") -> str:
    tip = f"<title>{report_text(title)}</title>" if title and title != text else ""
    # Where a text starts and ends follows the direction of the page.
    return f'<text x="{_x(left):.1f}" y="{base:.1f}" text-anchor="{anchor}">{report_text(text)}{tip}</text>'


def _drawing(height: float, description: str, pieces: Sequence[str]) -> str:
    label = report_text(description)
    return f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{label}">{"".join(pieces)}</svg>'
