"""Verdicts in words. Files for other programs have the values of `Verdict` instead, which are never translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catdog_desktop.messages import _, pgettext

if TYPE_CHECKING:  # NumPy comes with it, and the command line starts without.
    from catdog_desktop.verdict import Verdict


def verdict_word(verdict: Verdict) -> str:
    """Return one word for a verdict, as on a card: "cat"."""
    return {
        "cat": pgettext("verdict", "cat"),
        "dog": pgettext("verdict", "dog"),
        "both": pgettext("verdict", "both"),
        "neither": pgettext("verdict", "neither"),
        "unsure": pgettext("verdict", "unsure"),
    }[verdict]


def verdict_phrase(verdict: Verdict) -> str:
    """Return a phrase for a verdict, to stand within a sentence: "a cat and a dog"."""
    return {
        "cat": _("a cat"),
        "dog": _("a dog"),
        "both": _("a cat and a dog"),
        "neither": _("neither a cat nor a dog"),
        "unsure": _("not sure"),
    }[verdict]
