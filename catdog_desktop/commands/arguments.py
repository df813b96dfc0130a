"""Arguments that several commands take."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.terminal import say

if TYPE_CHECKING:
    from catdog_desktop.inference.model_file import ModelFile


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`."""
    parser.add_argument(
        "--model",
        metavar="NAME",
        type=Path,
        help="another model than the app's own: its name (see catdog models) or folder",
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add `--jobs`."""
    parser.add_argument("--jobs", type=_jobs, metavar="N", help="photos worked on at once (default: one for each core)")


def _jobs(text: str) -> int:
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if not 1 <= jobs <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number between 1 and 256")
    return jobs


def load_model(named: Path | None) -> ModelFile:
    """Return the model in the folder `named`, the installed one of that name, or the app's own.

    Tells on standard error what such a model cannot say. Raises `ModelError`.
    """
    from catdog_desktop.inference.model_file import load_model_file

    model = load_model_file(model_folder(named))
    if model.answers.limits:
        say(model.answers.limits)
    return model


def model_folder(named: Path | None) -> Path:
    """Return the folder of a model that is named by its folder or by its name; None is the app's own.

    Raises `ModelError` for a name that no model has.
    """
    from catdog_desktop.places import default_model

    if named is None:
        return default_model()
    if len(named.parts) > 1 or (named / "model.json").exists():
        return named
    from catdog_desktop.inference.installed_models import find_model
    from catdog_desktop.inference.model_file import ModelError

    try:
        return find_model(str(named))
    except ModelError:
        if named.is_dir():  # what is missing in it is told when it is loaded
            return named
        raise
