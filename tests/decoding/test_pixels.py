"""Thumbnails of the cache: opened only if they are as small as the app writes them."""

import io

import pytest
from PIL import Image

from catdog_desktop.decoding.pixels import MAX_THUMBNAIL_EDGE, THUMBNAIL_EDGE, encode_thumbnail, open_thumbnail


def jpeg_claiming(width: int, height: int) -> bytes:
    """Return a small JPEG whose header claims another size."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


def test_open_thumbnail_own_thumbnail_opens() -> None:
    jpeg = encode_thumbnail(Image.new("RGB", (4000, 3000), (200, 100, 50)))
    with open_thumbnail(jpeg) as image:
        assert max(image.size) == THUMBNAIL_EDGE
        assert image.getpixel((5, 5)) == pytest.approx((200, 100, 50), abs=4)


@pytest.mark.parametrize("size", [(65_500, 65_500), (MAX_THUMBNAIL_EDGE + 1, 1), (1, MAX_THUMBNAIL_EDGE + 1)])
def test_open_thumbnail_huge_size_in_header_is_rejected(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"{size[0]} x {size[1]}"):
        open_thumbnail(jpeg_claiming(*size))


@pytest.mark.parametrize("data", [b"", b"text", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_open_thumbnail_other_data_raises_a_known_error(data: bytes) -> None:
    with pytest.raises((OSError, SyntaxError)):
        open_thumbnail(data)
