"""PhotoInfo: what is known about a photo besides its pixels and scores."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """Size, date and condition of one photo. Made once, while the photo is decoded."""

    width: int = 0
    height: int = 0
    """Pixels of the whole photo, upright. Both are 0 if the photo could not be read."""
    date: datetime | None = None
    """When the camera says the photo was taken, else when the file was last modified; local time."""
    file_bytes: int = 0
    """Size of the file in bytes."""
    damaged: bool = False
    """Whether the file ends too early. It was decoded as far as it goes."""
