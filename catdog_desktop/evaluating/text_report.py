"""Describe an evaluation as lines of text: figures, confusion, sources, and changes since a saved one."""

from collections.abc import Iterator, Sequence
from typing import Final

from catdog_desktop.decoding.problem_text import problem_text
from catdog_desktop.evaluating.by_source import SourceFigures, changes_by_source, figures_by_source
from catdog_desktop.evaluating.evaluation import TRUTHS, Evaluation, Proportion, figures_of
from catdog_desktop.evaluating.saved_evaluation import Change, Comparison, SavedEvaluation
from catdog_desktop.formatting import encodable, padded
from catdog_desktop.languages.formats import format_list, format_number, format_share
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_text import verdict_word

TITLES: Final = {
    "forced_accuracy": N_("larger score is the right animal"),
    "forced_accuracy_cat": N_("of cats"),
    "forced_accuracy_dog": N_("of dogs"),
    "right_verdicts": N_("right verdicts"),
    "wrong_verdicts": N_("wrong verdicts"),
    "pets_called_neither": N_("cats and dogs called neither"),
    "neither_called_a_pet": N_("neither called a pet"),
    "both_found": N_("both found"),
    "unsure_of_pets": N_("unsure of cats and dogs"),
    "unsure_of_all": N_("unsure of all photos"),
    "log_loss_cat": N_("of the cat output"),
    "log_loss_dog": N_("of the dog output"),
    "log_loss": N_("log-loss, mean of both outputs"),
    "calibration_error_cat": N_("of the cat output"),
    "calibration_error_dog": N_("of the dog output"),
    "calibration_error": N_("calibration error, mean of both"),
}
_INDENTED: Final = ("_cat", "_dog")
"""Ends of the names of figures that belong to the figure before them."""
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
NO_SOURCE: Final = N_("(no source)")


def describe(evaluation: Evaluation, before: SavedEvaluation | None = None) -> Iterator[str]:
    """Yield figures and confusion as lines of text, with the figures of `before` beside them."""
    yield f"{evaluation.model_name} {evaluation.model_version} (sha256 {evaluation.model_sha256[:12]})"
    counts = [(truth, sum(photo.truth == truth for photo in evaluation.photos)) for truth in TRUTHS]
    found = format_list(
        _("{count} {verdict}").format(count=format_number(count), verdict=verdict_word(Verdict(truth)))
        for truth, count in counts
        if count
    )
    yield _("Photos: {counts}").format(counts=found)
    yield from _list(
        _("could not be read"),
        [_("{name} {problem}").format(name=path, problem=problem_text(error)) for path, error in evaluation.unreadable],
    )
    yield ""
    if before is not None:
        was = before.evaluation
        model = f"{was.model_name} {was.model_version}, sha256 {was.model_sha256[:12]}"
        yield f"{'':<36}{_('now'):>10}   {_('before ({model})').format(model=model)}"
    for title, value, detail, name in figure_rows(evaluation):
        if before is not None:
            old = before.figures.get(name)
            detail = "-" if old is None else format_figure(name, old)
            yield f"{padded(title, 36)}{value:>10}{detail:>12}"
        else:
            yield f"{padded(title, 36)}{value:>10}   {detail}".rstrip()
    yield ""
    yield padded(_("truth, and verdicts"), 20) + "".join(f"{verdict_word(verdict):>9}" for verdict in Verdict)
    for truth, row in evaluation.confusion().items():
        yield padded(verdict_word(Verdict(truth)), 20) + "".join(
            f"{format_number(row[verdict]):>9}" for verdict in Verdict
        )
    yield from describe_sources(figures_by_source(evaluation))


def describe_sources(sources: Sequence[SourceFigures]) -> Iterator[str]:
    """Yield the figures by source, the worst first, and the worst photos of the first sources.

    Nothing for photos of a single source: its figures are those of the whole.
    """
    if len(sources) < 2:
        return
    yield ""
    titles = (_("right"), _("unsure"), _("wrong"), _("missed"))
    yield (
        f"{padded(_('by source, worst first'), 24)}{_('photos'):>8}"
        + "".join(f"{title:>9}" for title in titles)
        + f"{_('false pet'):>11}"
    )
    for figures in sources:
        yield (
            f"{encodable(figures.source or _(NO_SOURCE)):<24}{format_number(len(figures.photos)):>8}"
            f"{_share(figures.right_share):>9}"
            f"{_share(figures.unsure_share):>9}{_share(figures.wrong_share):>9}{_share(figures.missed):>9}"
            f"{_share(figures.called_a_pet):>11}"
        )
    for figures in [figures for figures in sources if figures.wrong][:_WORST_SOURCES]:
        yield from _list(
            _("wrong in {source}").format(source=figures.source or _(NO_SOURCE)),
            [
                _("{path}: cat {cat}, dog {dog}").format(
                    path=photo.path, cat=format_number(photo.scores.cat, 4), dog=format_number(photo.scores.dog, 4)
                )
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
            detail = _("{low} to {high}, {count} of {total}").format(
                low=format_share(low, 2),
                high=format_share(high, 2),
                count=format_number(figure.count),
                total=format_number(figure.total),
            )
            yield _title(name), format_figure(name, figure.value), detail, name
        elif figure is not None:
            yield _title(name), format_figure(name, figure), "", name


def _title(name: str) -> str:
    return ("  " if name.endswith(_INDENTED) else "") + _(TITLES[name])


def format_figure(name: str, value: float) -> str:
    """Return a figure for display: log-loss as a number, shares and calibration error in percent."""
    return format_number(value, 4) if name.startswith("log_loss") else format_share(value, 2)


def describe_comparison(comparison: Comparison, source_pattern: str = "") -> Iterator[str]:
    """Yield what became better and worse, by source and photo by photo."""
    yield ""
    count = len(comparison.changes)
    text = ngettext("{count} photo is in both evaluations", "{count} photos are in both evaluations", count)
    line = text.format(count=format_number(count))
    if comparison.only_before or comparison.only_after:
        line = _("{photos} ({before} only in the saved one, {after} only in this one)").format(
            photos=line, before=format_number(comparison.only_before), after=format_number(comparison.only_after)
        )
    yield line
    sources = changes_by_source(comparison.changes, source_pattern)
    if len(sources) > 1:
        yield f"{padded(_('by source'), 24)}{_('photos'):>8}{_('better'):>9}{_('worse'):>9}"
        for change in sources:
            name = encodable(change.source or _(NO_SOURCE))
            numbers = map(format_number, (change.photos, change.better, change.worse))
            yield "{:<24}{:>8}{:>9}{:>9}".format(name, *numbers)
    for title, changes in ((_("better"), comparison.better), (_("worse"), comparison.worse)):
        yield from _list(title, [describe_change(change) for change in changes])
    moved = [change for change in comparison.changes if change.size >= 0.00005]  # half of what a file can tell
    yield from _list(_("with other scores"), [describe_change(change) for change in moved])


def describe_change(change: Change) -> str:
    """Return one photo's change: "cat/1.jpg: unsure -> cat, cat 0.4120 -> 0.9712, dog 0.0031 -> 0.0012"."""
    before, after = change.before, change.after
    verdicts = verdict_word(change.verdict_after)
    if change.verdict_before is not change.verdict_after:
        verdicts = f"{verdict_word(change.verdict_before)} -> {verdicts}"
    return _("{path}: {verdicts}, cat {cat_before} -> {cat_after}, dog {dog_before} -> {dog_after}").format(
        path=change.path,
        verdicts=verdicts,
        cat_before=format_number(before.cat, 4),
        cat_after=format_number(after.cat, 4),
        dog_before=format_number(before.dog, 4),
        dog_after=format_number(after.dog, 4),
    )


def _share(share: Proportion | None) -> str:
    return "-" if share is None else format_share(share.value, 1)


def _list(title: str, lines: list[str], *, count: int | None = None) -> Iterator[str]:
    """Yield a title with the number of lines (or `count`), and the first of the lines."""
    if not lines:
        return
    yield f"{format_number(len(lines) if count is None else count)} {title}:"
    for line in lines[:_LISTED]:
        yield f"  {encodable(line)}"
    if len(lines) > _LISTED:
        yield "  " + _("and {count} more").format(count=format_number(len(lines) - _LISTED))
