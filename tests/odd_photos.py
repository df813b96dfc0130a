"""TIFFs, BMPs and colour profiles that Pillow does not write: wide samples, planes, tiles, bit masks, wide gamuts."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from raw_files import LONG, SHORT, Tiff, Value


def tiff(
    samples: NDArray[np.generic],
    *,
    big_endian: bool = False,
    planar: bool = False,
    compression: int = 1,
    predictor: int = 1,
    tile: int = 0,
    white_is_zero: bool = False,
    orientation: int = 1,
) -> bytes:
    """Encode (height, width, samples)."""
    height, width, count = samples.shape
    kind = {"u": 1, "i": 2, "f": 3}[samples.dtype.kind]
    file = Tiff(b"MM\0*" if big_endian else b"II*\0")
    stored = samples.astype(samples.dtype.newbyteorder(">" if big_endian else "<"))
    planes = [stored[:, :, [number]] for number in range(count)] if planar else [stored]
    pieces: list[NDArray[np.generic]] = []
    for plane in planes:
        if tile:
            padded = np.pad(plane, ((0, -height % tile), (0, -width % tile), (0, 0)))
            pieces += [
                padded[top : top + tile, left : left + tile]
                for top in range(0, padded.shape[0], tile)
                for left in range(0, padded.shape[1], tile)
            ]
        else:
            pieces += [plane[top : top + 64] for top in range(0, height, 64)]
    contents = []
    for piece in pieces:
        if predictor == 2:
            native = piece.astype(piece.dtype.newbyteorder("="))
            native[:, 1:] = native[:, 1:] - native[:, :-1]
            piece = native.astype(piece.dtype)
        contents.append(zlib.compress(piece.tobytes()) if compression == 8 else piece.tobytes())
    places = [file.blob(content) for content in contents]
    entries: dict[int, Value] = {
        256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [samples.itemsize * 8] * count),
        259: (SHORT, [compression]), 262: (SHORT, [2 if count >= 3 else 0 if white_is_zero else 1]),
        274: (SHORT, [orientation]), 277: (SHORT, [count]), 284: (SHORT, [2 if planar else 1]),
        317: (SHORT, [predictor]), 339: (SHORT, [kind] * count),
        (324 if tile else 273): (LONG, places), (325 if tile else 279): (LONG, [len(c) for c in contents]),
    }  # fmt: skip
    entries |= {322: (LONG, [tile]), 323: (LONG, [tile])} if tile else {278: (LONG, [64])}
    return file.file(file.directory(entries))


def wide(photo: Image.Image, dtype: str) -> NDArray[np.generic]:
    """Return the photo in samples of another type: floating point in 0..1, others over their whole range."""
    values = np.asarray(photo, np.float64) / 255
    values = values if values.ndim == 3 else values[..., np.newaxis]
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    return (values * float(np.iinfo(dtype).max)).astype(dtype)


def bmp(photo: Image.Image, bits: int, masks: tuple[int, int, int], *, top_down: bool = False) -> bytes:
    pixels = np.asarray(photo).astype(np.uint64)
    values = np.zeros(pixels.shape[:2], np.uint64)
    for channel, mask in enumerate(masks):
        lowest = (mask & -mask).bit_length() - 1
        values |= (pixels[..., channel] * (mask >> lowest) // 255) << np.uint64(lowest)
    rows = values.astype(f"<u{bits // 8}")
    rows = rows if top_down else rows[::-1]
    body = b"".join(row.tobytes() + bytes(-row.nbytes % 4) for row in rows)
    height = -photo.height if top_down else photo.height
    header = struct.pack("<IiiHHIIiiII", 40, photo.width, height, 1, bits, 3, len(body), 2835, 2835, 0, 0)
    header += struct.pack("<III", *masks)
    return b"BM" + struct.pack("<IHHI", 14 + len(header) + len(body), 0, 0, 14 + len(header)) + header + body


def profile(columns: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    """Return a matrix profile: red, green and blue in XYZ (D50), and the tag of their curve."""

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65536) for value in values))

    tags = [(name, xyz(column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)]
    tags += [(name, curve.ljust((len(curve) + 3) // 4 * 4, b"\0")) for name in (b"rTRC", b"gTRC", b"bTRC")]
    tags.append((b"wtpt", xyz((0.9642, 1.0, 0.8249))))
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags:
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content
    whole = struct.pack(">I", len(tags)) + table + body
    head = struct.pack(">I4sI", 128 + len(whole), b"none", 0x02400000) + b"mntrRGB XYZ "
    return head.ljust(36, b"\0") + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061) + bytes(48) + whole


GAMMA_2_2 = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256))
SRGB_CURVE = b"para\0\0\0\0" + struct.pack(
    ">HHiiiii", 3, 0, *(round(value * 65536) for value in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)
SAMPLED = b"curv\0\0\0\0" + struct.pack(">I", 1024) + (np.linspace(0, 1, 1024) ** 1.8 * 65535).astype(">u2").tobytes()
PROFILES = {
    "Display P3": profile(((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)), SRGB_CURVE),
    "Adobe RGB": profile(((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)), GAMMA_2_2),
    "ProPhoto": profile(((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)), SAMPLED),
}
