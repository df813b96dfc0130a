"""Names compared as people do: natural sort order ("IMG_9" before "IMG_10"), and search without regard to case."""

import re
import unicodedata
from typing import Final

_DIGITS: Final = re.compile(r"\d+")


def search_key(text: str) -> str:
    """Return `text` in the form in which it is searched: case folded, and accents composed as keyboards do."""
    # macOS stores names with decomposed accents.
    folded = text.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def natural_key(name: str) -> str:
    """Return a sort key that orders numbers by value, before letters, and ignores case."""
    return _DIGITS.sub(_number_key, name.casefold())


def _number_key(digits: re.Match[str]) -> str:
    # A longer number is larger, so its length goes first. File names have at most 255 characters.
    number = str(int(digits.group()))
    return f"\1{chr(len(number))}{number}"
