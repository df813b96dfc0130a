"""Where the date of a photo is read: EXIF first, then the time at which the file was last modified."""

import os
from datetime import datetime

from PIL import ExifTags, Image


def photo_date(exif: Image.Exif, status: os.stat_result) -> datetime | None:
    """Return when the photo was taken, else when its file was last modified; local time."""
    return exif_date(exif) or modified_date(status.st_mtime_ns)


def exif_date(exif: Image.Exif) -> datetime | None:
    """Return when the camera says that the photo was taken; None if it does not say, or says something invalid."""
    try:
        text = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    except Exception:  # noqa: BLE001  Broken EXIF raises anything, and a photo that decodes must survive it.
        return None
    return _parse_exif_date(text)


def modified_date(mtime_ns: int) -> datetime | None:
    """Return a file's modification time (nanoseconds since 1970) in local time; None if no date can show it."""
    try:
        # Dividing nanoseconds, as the store does, avoids a difference of a microsecond from `st_mtime`.
        return datetime.fromtimestamp(max(0.0, mtime_ns / 1e9))
    except (OverflowError, ValueError, OSError):  # network drives have files from the year 30828
        return None


def _parse_exif_date(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.strptime(text.strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # EXIF has local time
    except ValueError:
        return None
