"""The one exception of decoding, and the reasons it gives."""

from enum import Enum
from typing import Final

from catdog_desktop.messages import N_

NO_LONGER_THERE: Final = N_("is no longer there")
"""What is said of a file that was deleted, moved or renamed."""


class Unreadable(Enum):
    """Why a photo cannot be read."""

    NOT_A_PHOTO = "not a photo"
    DAMAGED = "damaged"
    TOO_LARGE = "too large"
    NOT_ALLOWED = "not readable"
    VANISHED = "vanished"


class PhotoError(Exception):
    """A photo cannot be read. `str` is a clause that follows the file's name: "is a folder, not a photo".

    It is English, since it is stored; `problem_text` translates it.
    """

    def __init__(self, reason: Unreadable, template: str, /, **fields: object) -> None:
        """`template` is marked with `N_()`. `fields` are the values of its placeholders."""
        super().__init__(reason, template)
        self.reason = reason
        self.template = template
        self.fields = fields

    def __str__(self) -> str:
        texts = {name: f"{value:,}" if isinstance(value, int) else str(value) for name, value in self.fields.items()}
        return self.template.format(**texts) if texts else self.template


def decoding_error(error: BaseException) -> PhotoError:
    """Return what to raise for `error`, raised while pixels were decoded: too little memory, or damage."""
    if isinstance(error, MemoryError):
        return PhotoError(Unreadable.TOO_LARGE, N_("is too large for this computer's memory"))
    return PhotoError(Unreadable.DAMAGED, N_("is damaged and cannot be decoded"))
