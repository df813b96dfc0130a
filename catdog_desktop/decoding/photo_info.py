"""PhotoInfo: what is known about a photo besides its pixels and scores."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DateSource(StrEnum):
    """Where the date of a photo comes from, best first. The values are stored, and written to CSV and JSON."""

    TAKEN = "camera"
    """EXIF DateTimeOriginal."""
    DIGITIZED = "digitized"
    """EXIF DateTimeDigitized."""
    EXIF = "exif"
    """EXIF DateTime, which cameras set and editors change."""
    XMP = "xmp"
    """XMP inside the photo."""
    SIDECAR = "sidecar"
    """An XMP file beside the photo."""
    TAKEOUT = "takeout"
    """The JSON file that Google Takeout writes beside a photo."""
    FILE_NAME = "file name"
    FILE_TIME = "file time"
    """When the file was last modified."""

    @property
    def is_capture(self) -> bool:
        """Whether the date is that on which the photo was taken."""
        return self in _CAPTURE


_CAPTURE = frozenset({DateSource.TAKEN, DateSource.DIGITIZED, DateSource.XMP, DateSource.SIDECAR, DateSource.TAKEOUT})


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """Size, date and condition of one photo. Made once, while the photo is decoded."""

    width: int = 0
    height: int = 0
    """Pixels of the whole photo, upright. Both are 0 if the photo could not be read."""
    date: datetime | None = None
    """The photo's date in local time, as `date_source` says; None if no source has a valid one."""
    file_bytes: int = 0
    """Size of the file in bytes."""
    damaged: bool = False
    """Whether the file ends too early. It was decoded as far as it goes."""
    date_source: DateSource | None = None
    """Where `date` comes from; None if that is unknown."""

    @property
    def taken(self) -> datetime | None:
        """The date on which the photo was taken; None if only another date is known, such as the file time."""
        return self.date if self.date_source is not None and self.date_source.is_capture else None
