"""Arguments that several commands share, and loading of the model they name."""

from __future__ import annotations

import argparse
import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from catdog_desktop.discovery.skip_rules import SkipRules
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.settings import Settings

_Number = TypeVar("_Number", int, float)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`."""
    parser.add_argument(
        "--model",
        metavar="NAME",
        type=Path,
        help=_("name (see catdog models) or folder of the model to use (default: the app's own model)"),
    )


def add_discovery(parser: argparse.ArgumentParser) -> None:
    """Add `--include-system-folders` and `--exclude`."""
    parser.add_argument(
        "--include-system-folders",
        action="store_true",
        help=_("also search trash folders, caches, libraries of other programs, partial files and backups"),
    )
    parser.add_argument(
        "--exclude",
        metavar="PATTERN",
        action="append",
        default=[],
        type=_pattern,
        help=_("skip files and folders that match PATTERN (gitignore syntax); can be repeated"),
    )

    parser.add_argument(
        "--separate-raw",
        action="store_true",
        help=_("classify raw files by themselves too if their JPEG is beside them"),
    )


def _pattern(text: str) -> str:
    from catdog_desktop.discovery.skip_rules import parse_patterns

    try:
        parse_patterns(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def skip_rules(arguments: argparse.Namespace) -> SkipRules:
    """Return the rules for searching folders; with `--settings` they include the patterns set in the window."""
    from catdog_desktop.discovery.skip_rules import SkipRules, parse_patterns

    patterns = list(arguments.exclude)
    if getattr(arguments, "settings", False):
        patterns += parse_patterns(_settings_of_window().exclude)
    return SkipRules(
        include_system_folders=arguments.include_system_folders,
        exclude=tuple(patterns),
        join_raw=not arguments.separate_raw,
    )


def add_classifying(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of all commands that classify photos."""
    parser.add_argument(
        "--rescan", action="store_true", help=_("classify photos again, even if they were classified before")
    )
    add_discovery(parser)
    add_no_store(parser)
    add_jobs(parser)
    add_thorough(parser)
    add_model(parser)
    add_settings(parser)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add `--format` of the commands that print text or JSON lines."""
    parser.add_argument(
        "--format", choices=("text", "jsonl"), default="text", help=_("format of the output (default: text)")
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add `--settings`."""
    parser.add_argument(
        "--settings",
        action="store_true",
        help=_(
            "use the model and the thresholds chosen in the window (default: the app's own model and its thresholds)"
        ),
    )


def add_no_store(parser: argparse.ArgumentParser) -> None:
    """Add `--no-store`."""
    parser.add_argument("--no-store", action="store_true", help=_("neither read nor store results"))


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add `--jobs`."""
    jobs = number_between(int, 1, 256, N_("{text} is not a whole number between {least} and {most}"))
    parser.add_argument(
        "--jobs", type=jobs, metavar="N", help=_("photos classified in parallel (default: one per core)")
    )


def add_thorough(parser: argparse.ArgumentParser) -> None:
    """Add `--thorough`."""
    parser.add_argument(
        "--thorough",
        action="store_true",
        help=_("look closer at parts of every photo: finds more small pets, takes about five times as long"),
    )


def number_between(read: Callable[[str], _Number], least: int, most: int, message: str) -> Callable[[str], _Number]:
    """Return a parser for an argument that is a number from `least` to `most`.

    `message`, marked with `N_()`, is the error for anything else, with the placeholders {text}, {least} and {most}.
    """

    def number(text: str) -> _Number:
        with contextlib.suppress(ValueError):
            value = read(text)
            if least <= value <= most:
                return value
        raise argparse.ArgumentTypeError(_(message).format(text=repr(text), least=least, most=most))

    return number


def load_model(named: Path | None, *, as_in_window: bool = False, thorough: bool = False) -> ModelFile:
    """Return the model in the folder `named`, the installed model of that name, or the app's own model.

    With `as_in_window` and no name, it is the model chosen in the window. `as_in_window` also applies the thresholds
    chosen there. Writes the limits of the model, if it has any, to standard error. Raises `ModelError`.
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
    """Return the folder of the model `named` by its folder or its name; None is the app's own model.

    Raises `ModelError` for an unknown name.
    """
    from catdog_desktop.paths import default_model

    if named is None:
        return default_model()
    # Path.exists() raises for folders without permission and for invalid names.
    if len(named.parts) > 1 or os.path.exists(named / "model.json"):  # noqa: PTH110
        return named
    from catdog_desktop.inference.installed_models import find_model
    from catdog_desktop.inference.model_file import ModelError

    try:
        return find_model(str(named))
    except ModelError:
        if os.path.isdir(named):  # noqa: PTH112  Loading it reports what is missing in it.
            return named
        raise
