"""Raw files as cameras lay them out, with a JPEG preview and no sensor data worth the name."""

import io
import struct
from collections.abc import Callable, Sequence

from PIL import Image

ASCII, SHORT, LONG, UNDEFINED = 2, 3, 4, 7
SENSOR = (6048, 4024)
PHOTO = (6000, 4000)
TAKEN = "2019:05:12 10:11:12"
Value = tuple[int, bytes | Sequence[int]]


class Tiff:
    """Writes a TIFF: blobs and directories are appended, the first directory is named at the end."""

    def __init__(self, magic: bytes = b"II*\0", more: bytes = b"") -> None:
        self.order = "<" if magic[:1] == b"I" else ">"
        self._data = bytearray(magic + bytes(4) + more)

    def blob(self, content: bytes) -> int:
        """Append bytes; return their offset."""
        self._data += bytes(-len(self._data) % 2)
        self._data += content
        return len(self._data) - len(content)

    def directory(self, entries: dict[int, Value], following: int = 0, base: int = 0) -> int:
        """Append a directory; return its offset. Offsets of long values count from `base`."""
        lines = []
        for tag, (kind, values) in sorted(entries.items()):
            if isinstance(values, bytes):
                content, count = values, len(values)
            else:
                count = len(values)
                content = struct.pack(f"{self.order}{count}{'H' if kind == SHORT else 'I'}", *values)
            if len(content) > 4:
                content = struct.pack(self.order + "I", self.blob(content) - base)
            lines.append(struct.pack(self.order + "HHI", tag, kind, count) + content.ljust(4, b"\0"))
        whole = struct.pack(self.order + "H", len(lines)) + b"".join(lines) + struct.pack(self.order + "I", following)
        return self.blob(whole)

    def file(self, first: int) -> bytes:
        """Return the file, with the offset of its first directory."""
        self._data[4:8] = struct.pack(self.order + "I", first)
        return bytes(self._data)


def jpeg(photo: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=92, **options)
    return buffer.getvalue()


def exif(tiff: Tiff, *, size: tuple[int, int] | None = PHOTO, more: dict[int, Value] | None = None) -> int:
    entries: dict[int, Value] = {0x9003: (ASCII, TAKEN.encode() + b"\0"), 0x9291: (ASCII, b"25\0"), **(more or {})}
    if size is not None:
        entries |= {0xA002: (LONG, size[:1]), 0xA003: (LONG, size[1:])}
    return tiff.directory(entries)


def sensor(tiff: Tiff, compression: int, **more: Value) -> dict[int, Value]:
    """Return the entries of a directory with sensor data, which are noise."""
    noise = bytes(range(256)) * 4
    return {
        0x00FE: (LONG, [0]), 0x0100: (LONG, SENSOR[:1]), 0x0101: (LONG, SENSOR[1:]), 0x0102: (SHORT, [14]),
        0x0103: (SHORT, [compression]), 0x0106: (SHORT, [32803]), 0x0111: (LONG, [tiff.blob(noise)]),
        0x0115: (SHORT, [1]), 0x0116: (LONG, SENSOR[1:]), 0x0117: (LONG, [len(noise)]),
    }  # fmt: skip


def small(photo: Image.Image) -> bytes:
    return jpeg(photo.resize((160, 120)))


def _jpeg_entries(tiff: Tiff, content: bytes) -> dict[int, Value]:
    return {0x0201: (LONG, [tiff.blob(content)]), 0x0202: (LONG, [len(content)]), 0x0103: (SHORT, [6])}


def cr2(photo: Image.Image, orientation: int = 1) -> bytes:
    """Preview in strips of the first directory, thumbnail in the second, raw data as lossless JPEG in the fourth."""
    tiff = Tiff(more=b"CR\2\0\0\0\0\0")
    preview, lossless = jpeg(photo), b"\xff\xd8\xff\xc3\0\x0b\x0e\x0f\xb8\x17\xa0\1\1\x11\0\xff\xda" + bytes(500)
    raw = tiff.directory({0x0103: (SHORT, [6]), 0x0111: (LONG, [tiff.blob(lossless)]), 0x0117: (LONG, [len(lossless)])})
    thumbnail = tiff.directory(_jpeg_entries(tiff, small(photo)), raw)
    first = {
        0x0100: (SHORT, [photo.width]), 0x0101: (SHORT, [photo.height]), 0x0103: (SHORT, [6]),
        0x0111: (LONG, [tiff.blob(preview)]), 0x0112: (SHORT, [orientation]), 0x0117: (LONG, [len(preview)]),
        0x0132: (ASCII, b"2020:01:01 00:00:00\0"), 0x8769: (LONG, [exif(tiff)]),
    }  # fmt: skip
    return tiff.file(tiff.directory(first, thumbnail))


def nef(photo: Image.Image, orientation: int = 1, magic: bytes = b"MM\0*", compression: int = 34713) -> bytes:
    """Nikon, Samsung (SRW) and others: an uncompressed thumbnail first; preview and raw data in sub-directories."""
    tiff = Tiff(magic)
    thumbnail = photo.resize((16, 12)).tobytes()
    preview = tiff.directory({0x00FE: (LONG, [1]), **_jpeg_entries(tiff, jpeg(photo))})
    raw = tiff.directory(sensor(tiff, compression))
    first = {
        0x00FE: (LONG, [1]), 0x0100: (LONG, [16]), 0x0101: (LONG, [12]), 0x0102: (SHORT, [8, 8, 8]),
        0x0103: (SHORT, [1]), 0x0106: (SHORT, [2]), 0x0111: (LONG, [tiff.blob(thumbnail)]),
        0x0112: (SHORT, [orientation]), 0x0115: (SHORT, [3]), 0x0116: (LONG, [12]), 0x0117: (LONG, [len(thumbnail)]),
        0x014A: (LONG, [preview, raw]), 0x8769: (LONG, [exif(tiff, size=None)]),
    }  # fmt: skip
    return tiff.file(tiff.directory(first))


def arw(photo: Image.Image, orientation: int = 1) -> bytes:
    """Sony: the preview belongs to the first directory, raw data to a sub-directory."""
    tiff = Tiff()
    raw = tiff.directory(sensor(tiff, 32767))
    thumbnail = tiff.directory(_jpeg_entries(tiff, small(photo)))
    first = {
        0x00FE: (LONG, [1]), **_jpeg_entries(tiff, jpeg(photo)), 0x0112: (SHORT, [orientation]),
        0x014A: (LONG, [raw]), 0x8769: (LONG, [exif(tiff)]),
    }  # fmt: skip
    return tiff.file(tiff.directory(first, thumbnail))


def dng(photo: Image.Image, orientation: int = 1, *, with_preview: bool = True) -> bytes:
    """Adobe: previews as JPEG in strips; the size of the photo is DefaultCropSize."""
    tiff = Tiff()
    raw = tiff.directory({**sensor(tiff, 7), 0xC620: (LONG, PHOTO)})
    preview = jpeg(photo)
    below = [raw]
    if with_preview:
        strip = {0x0111: (LONG, [tiff.blob(preview)]), 0x0117: (LONG, [len(preview)])}
        below.append(tiff.directory({0x00FE: (LONG, [1]), 0x0103: (SHORT, [7]), 0x0106: (SHORT, [6]), **strip}))
    first = {
        0x00FE: (LONG, [1]), 0x0112: (SHORT, [orientation]), 0x014A: (LONG, below),
        0x8769: (LONG, [exif(tiff, size=None)]), 0xC612: (1, b"\1\4\0\0"),
    }  # fmt: skip
    return tiff.file(tiff.directory(first))


def pef(photo: Image.Image, orientation: int = 1) -> bytes:
    """Pentax: raw data in the first directory, thumbnail and preview in those that follow."""
    tiff = Tiff(b"MM\0*")
    preview = tiff.directory(_jpeg_entries(tiff, jpeg(photo)))
    thumbnail = tiff.directory(_jpeg_entries(tiff, small(photo)), preview)
    first = {**sensor(tiff, 65535), 0x0112: (SHORT, [orientation]), 0x8769: (LONG, [exif(tiff, size=None)])}
    return tiff.file(tiff.directory(first, thumbnail))


def orf(photo: Image.Image, orientation: int = 1) -> bytes:
    """Olympus: the maker note names the preview; its offsets count from the note itself."""
    tiff, preview = Tiff(b"IIRO"), jpeg(photo)
    # The note holds its directory, the directory of the camera settings, and the preview.
    note = b"OLYMPUS\0II\3\0" + struct.pack("<HHHIII", 1, 0x2020, 13, 1, 30, 0)
    settings = struct.pack("<HHHIIHHIII", 2, 0x0101, LONG, 1, 60, 0x0102, LONG, 1, len(preview), 0)
    note = (note + settings).ljust(60, b"\0") + preview
    below = exif(tiff, more={0x927C: (UNDEFINED, note)})
    first = {
        0x0100: (LONG, SENSOR[:1]), 0x0101: (LONG, SENSOR[1:]), 0x0112: (SHORT, [orientation]), 0x8769: (LONG, [below]),
    }  # fmt: skip
    return tiff.file(tiff.directory(first))


def rw2(photo: Image.Image, orientation: int = 1) -> bytes:
    """Panasonic: tags of its own in the first directory, with the borders of the photo and a whole JPEG."""
    info = Image.Exif()
    info[0x0112] = orientation
    info.get_ifd(0x8769)[0x9003] = TAKEN
    info.get_ifd(0x8769)[0x9291] = "25"
    tiff = Tiff(b"IIU\0")
    first = {
        2: (SHORT, SENSOR[:1]), 3: (SHORT, SENSOR[1:]), 4: (SHORT, [12]), 5: (SHORT, [24]),
        6: (SHORT, [12 + PHOTO[1]]), 7: (SHORT, [24 + PHOTO[0]]), 0x002E: (UNDEFINED, jpeg(photo, exif=info)),
        0x0112: (SHORT, [orientation]),
    }  # fmt: skip
    return tiff.file(tiff.directory(first))


def raf(photo: Image.Image, orientation: int = 1) -> bytes:
    """Fujifilm: a header with the places of a JPEG, with EXIF data, and of a table with the sizes."""
    info = Image.Exif()
    info[0x0112] = orientation
    info.get_ifd(0x8769)[0x9003] = TAKEN
    info.get_ifd(0x8769)[0x9291] = "25"
    preview = jpeg(photo, exif=info)
    table = struct.pack(">IHHHHHHHH", 2, 0x0100, 4, *SENSOR[::-1], 0x0111, 4, *PHOTO[::-1])
    start = 160
    places = struct.pack(">IIII", start, len(preview), start + len(preview), len(table))
    return b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0") + places + bytes(start - 100) + preview + table


def box(kind: bytes, *content: bytes) -> bytes:
    joined = b"".join(content)
    return struct.pack(">I", 8 + len(joined)) + kind + joined


def cr3(photo: Image.Image, orientation: int = 1) -> bytes:
    """Canon: metadata as TIFF blocks in boxes, a preview in a box, and the whole JPEG as the first track."""
    first, inner = Tiff(), Tiff()
    first = first.file(first.directory({0x0112: (SHORT, [orientation]), 0x0132: (ASCII, b"2020:01:01 00:00:00\0")}))
    inner = inner.file(exif(inner))
    thumbnail = small(photo)
    whole, middle = jpeg(photo), jpeg(photo.resize((200, 150)))
    metadata = box(
        b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"), box(b"CMT1", first), box(b"CMT2", inner),
        box(b"THMB", bytes(16), thumbnail),
    )  # fmt: skip

    def tables(offset: int) -> bytes:
        sizes = box(b"stsz", struct.pack(">IIII", 0, 0, 1, len(whole)))
        places = box(b"co64", struct.pack(">IIQ", 0, 1, offset))
        return box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", sizes, places))))

    preview = box(b"uuid", bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16"), bytes(8), box(b"PRVW", bytes(16), middle))
    head = box(b"ftyp", b"crx \0\0\0\1crx isom")
    before = len(head) + len(box(b"moov", metadata, tables(0))) + len(preview)
    return head + box(b"moov", metadata, tables(before + 8)) + preview + box(b"mdat", whole)


RAW_MAKERS: dict[str, Callable[[Image.Image, int], bytes]] = {
    "CR2": cr2, "CR3": cr3, "NEF": nef, "NRW": lambda photo, turn: nef(photo, turn, b"II*\0"), "ARW": arw, "DNG": dng,
    "PEF": pef, "SRW": lambda photo, turn: nef(photo, turn, b"II*\0", 32770), "ORF": orf, "RW2": rw2, "RAF": raf,
}  # fmt: skip
"""By ending: what makes such a file of a photo and an EXIF orientation."""
