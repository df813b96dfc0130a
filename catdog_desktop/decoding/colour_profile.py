"""Convert pixels with an ICC profile such as Display P3 or Adobe RGB to sRGB.

Done here rather than by LittleCMS: profiles come from untrusted files, and a colour library in C would parse them in
the app's process. Cameras and phones embed matrix profiles, which take a few lines; others (tables, as printers have)
are left as they are. ICC.1:2022: header 7.2, tags 9.2, curves 10.6 and 10.18.
"""

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_PROFILE: Final = 2**20
_MOST_TAGS: Final = 100
_SRGB: Final = ((0.4361, 0.3851, 0.1431), (0.2225, 0.7169, 0.0606), (0.0139, 0.0971, 0.7141))
"""Red, green and blue of sRGB in the profile connection space XYZ (D50): the columns, IEC 61966-2-1 adapted."""
_CLOSE: Final = 0.003
"""Profiles that differ from sRGB by less in each number are sRGB."""
_CURVE_PARAMETERS: Final = (1, 3, 4, 5, 7)


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return an RGB `image` in sRGB; `image` itself if its ICC `profile` is missing, sRGB, damaged or not a matrix."""
    if not isinstance(profile, bytes) or not 128 < len(profile) <= LONGEST_PROFILE or image.mode != "RGB":
        return image
    conversion = _conversion(profile)
    if conversion is None:
        return image
    import numpy as np

    curves, matrix = conversion
    pixels = np.asarray(image)
    linear = np.stack([curves[channel][pixels[..., channel]] for channel in range(3)], axis=-1)
    converted = np.clip(linear @ matrix.T, 0.0, 1.0)
    return Image.fromarray(_encode_table()[(converted * 4095.0 + 0.5).astype(np.uint16)])


@lru_cache(maxsize=8)
def _conversion(profile: bytes) -> "tuple[list[NDArray[np.float32]], NDArray[np.float32]] | None":
    """Return a table from byte to linear light for each channel, and the matrix from linear light to that of sRGB."""
    import numpy as np

    if profile[12:20] not in (b"mntrRGB ", b"scnrRGB ", b"spacRGB ") or profile[20:24] != b"XYZ ":
        return None
    try:
        tags = _tags(profile)
        columns = [_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        curves = [_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")]
    except (KeyError, struct.error, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return None
    theirs, ours = np.array(columns, np.float64).T, np.array(_SRGB, np.float64)
    encoded = _srgb_curve()
    if np.abs(theirs - ours).max() < _CLOSE and all(np.abs(curve - encoded).max() < _CLOSE for curve in curves):
        return None
    if not np.isfinite(theirs).all() or not all(np.isfinite(curve).all() for curve in curves):
        return None
    matrix = np.linalg.inv(ours) @ theirs
    return [curve.astype(np.float32) for curve in curves], matrix.astype(np.float32)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    tags = {}
    for number in range(min(count, _MOST_TAGS)):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        tags[name] = profile[offset : offset + size]
    return tags


def _xyz(tag: bytes) -> tuple[float, float, float]:
    if tag[:4] != b"XYZ ":
        raise ValueError("not a colour")
    x, y, z = struct.unpack_from(">iii", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve(tag: bytes) -> "NDArray[np.float64]":
    """Return linear light for each of 256 stored values."""
    import numpy as np

    stored = np.linspace(0.0, 1.0, 256)
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return stored
        if count == 1:
            return np.asarray(stored ** (struct.unpack_from(">H", tag, 12)[0] / 256))
        points = np.frombuffer(tag, ">u2", count, 12) / 65535.0
        return np.interp(stored, np.linspace(0.0, 1.0, count), points)
    if tag[:4] != b"para":
        raise ValueError("not a curve")
    (kind,) = struct.unpack_from(">H", tag, 8)
    length = _CURVE_PARAMETERS[kind]
    given = [number / 65536 for number in struct.unpack_from(f">{length}i", tag, 12)]
    g, a, b, c, d, e, f = (given + [0.0] * 7)[:7]
    if kind == 0:
        a = 1.0
    if kind == 1:
        d = -b / a
    if kind == 2:
        e = f = c
        c, d = 0.0, -b / a
    return np.asarray(np.where(stored >= d, np.maximum(a * stored + b, 0.0) ** g + e, c * stored + f))


def _srgb_curve() -> "NDArray[np.float64]":
    import numpy as np

    stored = np.linspace(0.0, 1.0, 256)
    return np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=1)
def _encode_table() -> "NDArray[np.uint8]":
    """Return sRGB bytes for 4096 steps of linear light."""
    import numpy as np

    linear = np.linspace(0.0, 1.0, 4096)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (np.clip(encoded, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)
