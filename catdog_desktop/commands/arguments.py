"""Arguments that several commands take."""

from __future__ import annotations

import argparse
import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from catdog_desktop.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.settings import Settings

_Number = TypeVar("_Number", int, float)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`."""
    parser.add_argument(
        "--model",
        metavar="NAME",
        type=Path,
        help="another model than the app's own: its name (see catdog models) or folder",
    )


def add_classifying(parser: argparse.ArgumentParser) -> None:
    """Add what all commands take that classify photos."""
    parser.add_argument("--rescan", action="store_true", help="classify photos again that are known already")
    add_no_store(parser)
    add_jobs(parser)
    add_thorough(parser)
    add_model(parser)
    add_settings(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add `--settings`."""
    parser.add_argument(
        "--settings",
        action="store_true",
        help="use the model and the thresholds chosen in the window (default: the app's own model, and what it brings)",
    )


def add_no_store(parser: argparse.ArgumentParser) -> None:
    """Add `--no-store`."""
    parser.add_argument(
        "--no-store", action="store_true", help="neither look up what is known nor remember what is found"
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add `--jobs`."""
    jobs = number_between(int, 1, 256, "a whole number")
    parser.add_argument("--jobs", type=jobs, metavar="N", help="photos worked on at once (default: one for each core)")


def add_thorough(parser: argparse.ArgumentParser) -> None:
    """Add `--thorough`."""
    parser.add_argument(
        "--thorough",
        action="store_true",
        help="look closer at parts of every photo: finds more small pets, takes about five times as long",
    )


def number_between(read: Callable[[str], _Number], least: int, most: int, words: str) -> Callable[[str], _Number]:
    """Return what reads a number of an argument and refuses others; `words` say what kind of number it is."""

    def number(text: str) -> _Number:
        with contextlib.suppress(ValueError):
            value = read(text)
            if least <= value <= most:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not {words} between {least} and {most}")

    return number


def load_model(named: Path | None, *, as_in_window: bool = False, thorough: bool = False) -> ModelFile:
    """Return the model in the folder `named`, the installed one of that name, or the app's own.

    With `as_in_window` it is the one chosen in the window if none is named, and has the thresholds chosen there.
    Tells on standard error what such a model cannot say. Raises `ModelError`.
    """
    from catdog_desktop.inference.model_file import load_model_file

    settings = _settings_of_window() if as_in_window else None
    if settings is not None and settings.model and named is None:
        from catdog_desktop.inference.installed_models import find_model

        model = load_model_file(find_model(settings.model))
    else:
        model = load_model_file(model_folder(named))
    if settings is not None:
        model = replace(model, thresholds=settings.thresholds(model.thresholds))
        thorough = thorough or settings.thorough
    model = replace(model, thorough=thorough)
    if model.answers.limits:
        say(model.answers.limits)
    return model


def _settings_of_window() -> Settings:
    from catdog_desktop.paths import settings_file
    from catdog_desktop.settings import load_settings

    settings, complaint = load_settings(settings_file())
    if complaint is not None:
        say(complaint)
    return settings


def model_folder(named: Path | None) -> Path:
    """Return the folder of a model that is named by its folder or by its name; None is the app's own.

    Raises `ModelError` for a name that no model has.
    """
    from catdog_desktop.paths import default_model

    if named is None:
        return default_model()
    # Not Path's own, which raise where they may not look, and for a name that cannot be.
    if len(named.parts) > 1 or os.path.exists(named / "model.json"):  # noqa: PTH110
        return named
    from catdog_desktop.inference.installed_models import find_model
    from catdog_desktop.inference.model_file import ModelError

    try:
        return find_model(str(named))
    except ModelError:
        if os.path.isdir(named):  # noqa: PTH112  What is missing in it is told when it is loaded.
            return named
        raise
