"""Run `catdog evaluate`: print the figures, and save, compare and report on request."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import Skipped
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.evaluating.by_source import compile_pattern
from catdog_desktop.evaluating.evaluation import (
    Evaluation,
    EvaluationError,
    evaluate_model,
    labelled_folders,
)
from catdog_desktop.evaluating.html_report import render_report
from catdog_desktop.evaluating.saved_evaluation import (
    compare,
    load_evaluation,
    save_evaluation,
    write_text,
)
from catdog_desktop.evaluating.text_report import describe, describe_comparison
from catdog_desktop.formatting import printable_path
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.messages import N_, _
from catdog_desktop.progress_bar import ProgressBar

WORST_PHOTOS: Final = 60


def evaluate(
    folder: Path,
    model: ModelFile,
    *,
    jobs: int | None,
    save: Path | None,
    compare_with: Path | None,
    report: Path | None,
    source_pattern: str = "",
    write: Callable[[str], None],
) -> Evaluation:
    """Measure `model` on `folder` and pass the text to `write`. Raises `EvaluationError` and `ModelError`."""
    # Invalid options are reported now, not after minutes of classifying.
    present = labelled_folders(folder)
    compile_pattern(source_pattern)
    before = load_evaluation(compare_with) if compare_with is not None else None
    for target in (save, report):
        if target is not None and not os.path.isdir(target.absolute().parent):  # noqa: PTH112  As for the folder.
            raise EvaluationError(
                N_("{path} cannot be written: there is no folder {folder}."),
                path=target,
                folder=target.absolute().parent,
            )
    with ProgressBar(sys.stderr) as bar:
        if bar.shown:
            bar.total = sum(not isinstance(photo, Skipped) for photo in find_photos(present))
        evaluation = evaluate_model(folder, model, jobs=jobs, source_pattern=source_pattern, on_photo=bar.update)
    write("".join(f"{printable_path(line)}\n" for line in describe(evaluation, before)))
    comparison = None
    if before is not None:
        comparison = compare(before.evaluation, evaluation)
        write("".join(f"{printable_path(line)}\n" for line in describe_comparison(comparison, source_pattern)))
    if save is not None:
        save_evaluation(save, evaluation)
        write(_("Saved to {path}.").format(path=printable_path(save)) + "\n")
    if report is not None:
        write_text(report, render_report(evaluation, folder, worst=WORST_PHOTOS, comparison=comparison))
        write(_("The report is {path}.").format(path=printable_path(report)) + "\n")
    return evaluation
