"""The headline figures of a model: means over sources of photos that it was not trained on.

Photos set apart from a model's own sources flatter it. So a description may give, under `figures.unseen_sources`, what
was measured by leaving each source out of training once: shares 0..1, each the mean over the sources.
"""

from collections.abc import Mapping
from typing import Any, Final

from catdog_desktop.languages.formats import format_share
from catdog_desktop.messages import _

UNSEEN_SOURCES: Final = "unseen_sources"


def unseen_source_figures(figures: Mapping[str, Any]) -> dict[str, float]:
    """Return the shares of `figures.unseen_sources` by name; empty if a model brings none."""
    found = figures.get(UNSEEN_SOURCES)
    if not isinstance(found, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    }


def describe_unseen_sources(figures: Mapping[str, Any]) -> list[str]:
    """Return the headline figures in words, a line each; empty if a model brings none."""
    words = {
        "called_pet": _("{share} of photos without a pet are called a pet"),
        "unsure_of_neither": _("{share} of photos without a pet are unsure"),
        "pets_right": _("{share} of pets are right"),
        "pets_missed": _("{share} of pets are missed"),
        "pets_wrong": _("{share} of pets get a wrong verdict"),
        "unsure_of_pets": _("{share} of pets are unsure"),
    }
    found = unseen_source_figures(figures)
    return [text.format(share=format_share(found[name], 1)) for name, text in words.items() if name in found]
