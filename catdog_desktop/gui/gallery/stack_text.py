"""What a card says about a stack of photos that are alike."""

from dataclasses import dataclass

from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext


@dataclass(frozen=True, slots=True)
class StackMark:
    """What a card shows of a stack."""

    count: int
    """Photos of the stack that pass the filters, at least 2."""
    place: int | None = None
    """In an open stack: the place of this photo, 1 for the best. None: the card stands for the whole stack."""


def stack_word(mark: StackMark) -> str:
    """Return what stands on the card: "5 alike", or "best of 5" and "2 of 5" in an open stack."""
    if mark.place is None:
        return ngettext("{count} alike", "{count} alike", mark.count).format(count=format_number(mark.count))
    if mark.place == 1:
        return _("best of {count}").format(count=format_number(mark.count))
    return _("{place} of {count}").format(place=format_number(mark.place), count=format_number(mark.count))


def describe_stack(mark: StackMark | None) -> str:
    """Return what follows the description of a photo, for screen readers: "; 5 alike on this card"."""
    if mark is None:
        return ""
    if mark.place is None:
        text = ngettext("; {count} alike on this card", "; {count} alike on this card", mark.count)
        return text.format(count=format_number(mark.count))
    return _("; in an open stack, {word}").format(word=stack_word(mark))
