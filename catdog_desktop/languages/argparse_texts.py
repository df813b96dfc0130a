"""The sentences of `argparse` in the language in use.

`argparse` looks its sentences up by `_` and `ngettext` of its own module, which know no language but the system's.
"""

import argparse
from typing import Final

from catdog_desktop import messages
from catdog_desktop.messages import N_, ngettext

_SENTENCES: Final = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("one of the arguments %s is required"),
    N_("not allowed with argument %s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("ignored explicit argument %r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("expected at most one argument"),
)
"""Those that a user can meet. Their keys are `argparse`'s, so they are marked here for translation."""


def translate_argparse() -> None:
    """Let `argparse` write its help and its errors in the language in use from now on."""
    argparse._ = messages._  # type: ignore[attr-defined]
    argparse.ngettext = _plural_of_argparse  # type: ignore[attr-defined]


def _plural_of_argparse(singular: str, plural: str, count: int) -> str:
    if singular == "expected %s argument":
        return ngettext("expected %s argument", "expected %s arguments", count)
    return singular if count == 1 else plural
