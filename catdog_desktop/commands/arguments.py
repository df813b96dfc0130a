"""Arguments that several commands take."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catdog_desktop.model_file import ModelFile


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`."""
    parser.add_argument("--model", metavar="DIR", type=Path, help="folder of another model than the built-in")


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


def load_model(folder: Path | None) -> ModelFile:
    """Return the model in `folder`, or the one that the app brings. Raises `ModelError`."""
    from catdog_desktop.model_file import load_model_file
    from catdog_desktop.places import default_model

    return load_model_file(default_model() if folder is None else folder)
