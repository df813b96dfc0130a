"""`catdog models`: list the installed models."""

from __future__ import annotations

import argparse
import json

from catdog_desktop.commands.arguments import add_format
from catdog_desktop.messages import N_
from catdog_desktop.terminal import OK, SOME_UNREADABLE, say, write

NAME = "models"
SUMMARY = N_("list the models, the app's own and yours")
EXAMPLES = N_("""\
The first column is the name for --model.

examples:
  catdog models
  catdog models --format jsonl

exit status: 0 success, 1 some model cannot be used
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `models`."""
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write a line for each model; return the exit status."""
    from catdog_desktop.inference.installed_models import installed_models

    models = installed_models()
    width = max(len(model.name) for model in models)
    for model in models:
        if arguments.format == "jsonl":
            problem = {"problem": model.problem} if model.problem else {}
            content = {"name": model.name, "title": model.title, "folder": str(model.folder), **problem}
            write(json.dumps(content, ensure_ascii=False) + "\n")
        else:
            write(f"{model.name:<{width}}  {model.title}\n")
        if model.problem:
            say(f"{model.name}: {model.problem}")
    return SOME_UNREADABLE if any(model.problem for model in models) else OK
