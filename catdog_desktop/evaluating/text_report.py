"""Describe an evaluation as lines of text: figures, confusion, sources, and changes since a saved one."""

from collections.abc import Iterator, Sequence
from typing import Final

from catdog_desktop.evaluating.by_source import SourceFigures, changes_by_source, figures_by_source
from catdog_desktop.evaluating.evaluation import TRUTHS, Evaluation, Proportion, figures_of
from catdog_desktop.evaluating.saved_evaluation import Change, Comparison, SavedEvaluation
from catdog_desktop.formatting import encodable
from catdog_desktop.languages.formats import format_list, format_share
from catdog_desktop.verdict import Verdict

TITLES: Final = {
    "forced_accuracy": "larger score is the right animal",
    "forced_accuracy_cat": "  of cats",
    "forced_accuracy_dog": "  of dogs",
    "right_verdicts": "right verdicts",
    "wrong_verdicts": "wrong verdicts",
    "pets_called_neither": "cats and dogs called neither",
    "neither_called_a_pet": "neither called a pet",
    "both_found": "both found",
    "unsure_of_pets": "unsure of cats and dogs",
    "unsure_of_all": "unsure of all photos",
    "log_loss_cat": "  of the cat output",
    "log_loss_dog": "  of the dog output",
    "log_loss": "log-loss, mean of both outputs",
    "calibration_error_cat": "  of the cat output",
    "calibration_error_dog": "  of the dog output",
    "calibration_error": "calibration error, mean of both",
}
_ORDER: Final = (
    *[name for name in TITLES if not name.startswith(("log_loss", "calibration"))],
    *("log_loss", "log_loss_cat", "log_loss_dog"),
    *("calibration_error", "calibration_error_cat", "calibration_error_dog"),
)
_LISTED: Final = 20
"""Photos that a list in the terminal names; files name them all."""
_WORST_SOURCES: Final = 5
"""Sources whose wrong photos are listed."""
_WORST_OF_SOURCE: Final = 5
NO_SOURCE: Final = "(no source)"


def describe(evaluation: Evaluation, before: SavedEvaluation | None = None) -> Iterator[str]:
    """Yield figures and confusion as lines of text, with the figures of `before` beside them."""
    yield f"{evaluation.model_name} {evaluation.model_version} (sha256 {evaluation.model_sha256[:12]})"
    counts = [(truth, sum(photo.truth == truth for photo in evaluation.photos)) for truth in TRUTHS]
    yield "Photos: " + format_list(f"{count:,} {truth}" for truth, count in counts if count)
    yield from _list("could not be read", [f"{path} {error}" for path, error in evaluation.unreadable])
    yield ""
    if before is not None:
        was = before.evaluation
        yield f"{'':<36}{'now':>10}   before ({was.model_name} {was.model_version}, sha256 {was.model_sha256[:12]})"
    for title, value, detail, name in figure_rows(evaluation):
        if before is not None:
            old = before.figures.get(name)
            detail = "-" if old is None else format_figure(name, old)
            yield f"{title:<36}{value:>10}{detail:>12}"
        else:
            yield f"{title:<36}{value:>10}   {detail}".rstrip()
    yield ""
    yield f"{'truth, and verdicts':<20}" + "".join(f"{verdict:>9}" for verdict in Verdict)
    for truth, row in evaluation.confusion().items():
        yield f"{truth:<20}" + "".join(f"{row[verdict]:>9,}" for verdict in Verdict)
    yield from describe_sources(figures_by_source(evaluation))


def describe_sources(sources: Sequence[SourceFigures]) -> Iterator[str]:
    """Yield the figures by source, the worst first, and the worst photos of the first sources.

    Nothing for photos of a single source: its figures are those of the whole.
    """
    if len(sources) < 2:
        return
    yield ""
    titles = ("right", "unsure", "wrong", "missed")
    yield (
        f"{'by source, worst first':<24}{'photos':>8}"
        + "".join(f"{title:>9}" for title in titles)
        + f"{'false pet':>11}"
    )
    for figures in sources:
        yield (
            f"{encodable(figures.source or NO_SOURCE):<24}{len(figures.photos):>8,}{_share(figures.right_share):>9}"
            f"{_share(figures.unsure_share):>9}{_share(figures.wrong_share):>9}{_share(figures.missed):>9}"
            f"{_share(figures.called_a_pet):>11}"
        )
    for figures in [figures for figures in sources if figures.wrong][:_WORST_SOURCES]:
        yield from _list(
            f"wrong in {figures.source or NO_SOURCE}",
            [
                f"{photo.path}: cat {photo.scores.cat:.4f}, dog {photo.scores.dog:.4f}"
                for photo in figures.wrong[:_WORST_OF_SOURCE]
            ],
            count=len(figures.wrong),
        )


def figure_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str, str]]:
    """Yield title, value, interval with count, and key of every figure, in reading order."""
    figures = dict(figures_of(evaluation))
    for name in _ORDER:
        figure = figures.get(name)
        if isinstance(figure, Proportion):
            low, high = figure.interval
            detail = f"{low:.2%} to {high:.2%}, {figure.count:,} of {figure.total:,}"
            yield TITLES[name], format_figure(name, figure.value), detail, name
        elif figure is not None:
            yield TITLES[name], format_figure(name, figure), "", name


def format_figure(name: str, value: float) -> str:
    """Return a figure for display: log-loss as a number, shares and calibration error in percent."""
    return f"{value:.4f}" if name.startswith("log_loss") else format_share(value, 2)


def describe_comparison(comparison: Comparison, source_pattern: str = "") -> Iterator[str]:
    """Yield what became better and worse, by source and photo by photo."""
    yield ""
    yield f"{len(comparison.changes):,} photos are in both evaluations" + (
        f" ({comparison.only_before:,} only in the saved one, {comparison.only_after:,} only in this one)"
        if comparison.only_before or comparison.only_after
        else ""
    )
    sources = changes_by_source(comparison.changes, source_pattern)
    if len(sources) > 1:
        yield f"{'by source':<24}{'photos':>8}{'better':>9}{'worse':>9}"
        for change in sources:
            name = encodable(change.source or NO_SOURCE)
            yield f"{name:<24}{change.photos:>8,}{change.better:>9,}{change.worse:>9,}"
    for title, changes in (("better", comparison.better), ("worse", comparison.worse)):
        yield from _list(title, [describe_change(change) for change in changes])
    moved = [change for change in comparison.changes if change.size >= 0.00005]  # half of what a file can tell
    yield from _list("with other scores", [describe_change(change) for change in moved])


def describe_change(change: Change) -> str:
    """Return one photo's change: "cat/1.jpg: unsure -> cat, cat 0.4120 -> 0.9712, dog 0.0031 -> 0.0012"."""
    before, after = change.before, change.after
    verdicts = str(change.verdict_after)
    if change.verdict_before is not change.verdict_after:
        verdicts = f"{change.verdict_before} -> {verdicts}"
    return (
        f"{change.path}: {verdicts}, cat {before.cat:.4f} -> {after.cat:.4f}, dog {before.dog:.4f} -> {after.dog:.4f}"
    )


def _share(share: Proportion | None) -> str:
    return "-" if share is None else format_share(share.value, 1)


def _list(title: str, lines: list[str], *, count: int | None = None) -> Iterator[str]:
    """Yield a title with the number of lines (or `count`), and the first of the lines."""
    if not lines:
        return
    yield f"{len(lines) if count is None else count:,} {title}:"
    for line in lines[:_LISTED]:
        yield f"  {encodable(line)}"
    if len(lines) > _LISTED:
        yield f"  and {len(lines) - _LISTED:,} more"
