"""EXIF data and IPTC keywords of an opened photo."""

from typing import Final

from PIL import ExifTags, Image, ImageFile

IPTC_KEYWORDS: Final = (2, 25)
"""Record and data set of keywords (IPTC-IIM 4.2)."""


def read_exif(image: Image.Image) -> Image.Exif:
    """Return the EXIF data of `image`; empty if there is no valid one."""
    try:
        return image.getexif()
    except Exception:  # noqa: BLE001  Broken EXIF raises anything, and a photo that decodes must survive it.
        return Image.Exif()


def exif_orientation(image: Image.Image, exif: Image.Exif) -> int:
    """Return the orientation (1..8, EXIF 2.32 tag 0x0112) in which the pixels of `image` are stored; 1 if invalid."""
    try:
        orientation = exif.get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001  As above.
        return 1
    # Pillow turns TIFFs itself while it loads them, and reports the upright size before.
    if image.format == "TIFF" or not isinstance(orientation, int) or not 1 <= orientation <= 8:
        return 1
    return orientation


def iptc_keywords(image: ImageFile.ImageFile) -> list[bytes]:
    """Return the keywords in the IPTC record of `image`; empty if there is no valid one."""
    from PIL import IptcImagePlugin

    if isinstance(found := image.info.get("iptc_keywords"), list):  # of a `RemoteImage`
        return found
    try:
        keywords = (IptcImagePlugin.getiptcinfo(image) or {}).get(IPTC_KEYWORDS, [])
    except Exception:  # noqa: BLE001  As above.
        return []
    return keywords if isinstance(keywords, list) else [keywords]
