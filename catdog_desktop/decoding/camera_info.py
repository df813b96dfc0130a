"""Camera, lens and exposure of a photo, from its EXIF data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import ExifTags

from catdog_desktop.decoding.decode import read_photo
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.decoding.exif import read_exif

_MOST_CHARACTERS: Final = 80
"""A longer name is damaged data."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """What the camera wrote about the exposure. Empty or None where it wrote nothing valid."""

    camera: str = ""
    """Maker and model: "Canon EOS 80D"."""
    lens: str = ""
    exposure_seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    """In millimetres, as it is: not converted to 35 mm film."""


def read_camera_info(path: Path) -> CameraInfo:
    """Return the camera data of the photo at `path`; empty if it has none or cannot be read. Decodes no pixels."""
    try:
        return read_photo(path, lambda image, _status: _from_exif(read_exif(image)))
    except PhotoError:  # the viewer shows the error already
        return CameraInfo()


def _from_exif(exif: Any) -> CameraInfo:
    try:
        inner = exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # noqa: BLE001  Broken EXIF raises anything.
        inner = {}
    maker, model = _text(exif, ExifTags.Base.Make), _text(exif, ExifTags.Base.Model)
    # "Canon" and "Canon EOS 80D": the maker is not repeated.
    camera = model if maker and model.casefold().startswith(maker.split()[0].casefold()) else f"{maker} {model}".strip()
    iso = _number(inner, ExifTags.Base.ISOSpeedRatings)
    return CameraInfo(
        camera,
        _text(inner, ExifTags.Base.LensModel),
        _number(inner, ExifTags.Base.ExposureTime),
        _number(inner, ExifTags.Base.FNumber),
        None if iso is None else round(iso),
        _number(inner, ExifTags.Base.FocalLength),
    )


def _text(tags: Mapping[int, Any], tag: int) -> str:
    try:
        value = tags.get(tag)
    except Exception:  # noqa: BLE001  As above.
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    readable = "".join(character for character in value if character.isprintable())
    return " ".join(readable.split())[:_MOST_CHARACTERS]


def _number(tags: Mapping[int, Any], tag: int) -> float | None:
    try:
        value = tags.get(tag)
        number = float(value[0] if isinstance(value, tuple) else value)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001  As above; and a fraction with the denominator 0.
        return None
    return number if 0 < number < 1e7 else None
