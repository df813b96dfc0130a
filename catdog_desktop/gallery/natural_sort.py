"""Natural sort order of file names: "IMG_9" before "IMG_10"."""

import re
from typing import Final

_DIGITS: Final = re.compile(r"\d+")


def natural_key(name: str) -> str:
    """Return a sort key that orders numbers by value, before letters, and ignores case."""
    return _DIGITS.sub(_number_key, name.casefold())


def _number_key(digits: re.Match[str]) -> str:
    # A longer number is larger, so its length goes first. File names have at most 255 characters.
    number = str(int(digits.group()))
    return f"\1{chr(len(number))}{number}"
