"""The words that are written as keywords: English ones, or those of the user's language if the user takes them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from catdog_desktop.messages import pgettext
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_text import verdict_word


@dataclass(frozen=True, slots=True)
class KeywordWords:
    """The keywords of a cat and of a dog, and their parent in lists with a hierarchy."""

    cat: str = "cat"
    dog: str = "dog"
    animals: str = "animals"

    def of(self, verdict: Verdict | None) -> tuple[str, ...]:
        """Return the keywords of a verdict; empty for neither, unsure and None."""
        match verdict:
            case Verdict.CAT:
                return (self.cat,)
            case Verdict.DOG:
                return (self.dog,)
            case Verdict.BOTH:
                return (self.cat, self.dog)
        return ()

    @classmethod
    def from_settings(cls, kept: Mapping[str, str]) -> "KeywordWords":
        """Return the words that `Settings.keywords` holds; the English ones where it holds none."""
        return cls(**{name: kept[name] for name in asdict(ENGLISH) if kept.get(name)})

    def as_settings(self) -> dict[str, str]:
        """Return the words for `Settings.keywords`: as they are, since another language must not change them."""
        return {} if self == ENGLISH else asdict(self)


ENGLISH: Final = KeywordWords()


def translated_words() -> KeywordWords:
    """Return the words of the language in use. They are written only if the user asks for them."""
    return KeywordWords(
        verdict_word(Verdict.CAT),
        verdict_word(Verdict.DOG),
        # Translators: the keyword above "cat" and "dog" in the hierarchies of digiKam and Lightroom.
        pgettext("keyword", "animals"),
    )
