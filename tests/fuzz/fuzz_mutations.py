"""Mutations of photo and model files that know the structure of each format.

A mutation takes the bytes of a valid file and returns damaged ones. It finds the fields that decoders trust (box
types, tags, counts, lengths, offsets, sizes of the picture) and changes a few of them; the rest of the file stays
valid, so that the damage reaches the decoder instead of being refused by the first check.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from random import Random
from typing import Final, NamedTuple, overload

BOUNDARY_VALUES: Final = (
    0,
    1,
    2,
    3,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
)
"""Values at which integer arithmetic of decoders goes wrong: zero, signs, overflows."""
_CONTAINERS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"iprp", b"ipco", b"dinf", b"grpl"})
_CONTAINERS_WITH_VERSION: Final = {b"meta": 4, b"iinf": 6, b"iref": 4}
"""ISO boxes that hold boxes after a version, flags and perhaps a count; the value: how many bytes come before them."""


class Field(NamedTuple):
    """A place in a file that a decoder reads as a number or a name."""

    start: int
    size: int
    big_endian: bool = True


class _Grid(Sequence[Field]):
    """Fields at regular places, made when they are asked for: there are thousands of them, and one is needed."""

    def __init__(self, places: Sequence[tuple[int, range]], big_endian: bool) -> None:
        """`places` are pairs of a size and where fields of this size start."""
        self._places = places
        self._big_endian = big_endian

    def __len__(self) -> int:
        return sum(len(starts) for _, starts in self._places)

    @overload
    def __getitem__(self, index: int) -> Field: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Field]: ...
    def __getitem__(self, index: int | slice) -> Field | Sequence[Field]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        for size, starts in self._places:
            if index < len(starts):
                return Field(starts[index], size, self._big_endian)
            index -= len(starts)
        raise IndexError(index)


Mutation = Callable[[bytearray, Random, Sequence[bytes]], bytearray]
"""Takes the file, a source of chance and the other seeds of the format; may change the file in place."""


def mutate(data: bytes, format_name: str, rng: Random, seeds: Sequence[bytes]) -> bytes:
    """Return `data` after one to four mutations. `seeds` are whole files of the same format, for splicing."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        if not changed:
            break
        fields: Sequence[Field] = ()
        if rng.random() < 0.7:
            # Fields of the seed stay where they are as long as the size does; finding them is the slowest part.
            fields = _fields_of_seed(data, format_name)
            if len(changed) != len(data):
                fields = fields_of(bytes(changed), format_name)
        changed = _change_field(changed, rng.choice(fields), rng) if fields else rng.choice(_BLIND)(changed, rng, seeds)
    return bytes(changed)


@cache
def _fields_of_seed(data: bytes, format_name: str) -> Sequence[Field]:
    return fields_of(data, format_name)


def mutate_member(data: bytes, rng: Random) -> bytes:
    """Return a zip file with one member mutated and all checksums right, so that the damage reaches its reader.

    Text is mutated where JSON has signs, other members anywhere.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = rng.choice([name for name, content in members.items() if content])
    kind = "text" if chosen.endswith((".json", ".txt")) else "h5" if chosen.endswith(".h5") else "binary"
    members[chosen] = mutate(members[chosen], kind, rng, [members[chosen]])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def fields_of(data: bytes, format_name: str) -> Sequence[Field]:
    """Return the fields of a file up to where its structure ends; empty for a format without a finder."""
    finder = _FINDERS.get(format_name)
    if finder is None:
        return ()
    found = finder(data)
    return found if isinstance(found, _Grid) else tuple(found)


def _change_field(data: bytearray, field: Field, rng: Random) -> bytearray:
    end = field.start + field.size
    if end > len(data):
        return data
    order = "big" if field.big_endian else "little"
    old = int.from_bytes(data[field.start : end], order)  # type: ignore[arg-type]
    top = 1 << (8 * field.size)
    kind = rng.randrange(5)
    if kind == 0:
        new = rng.choice(BOUNDARY_VALUES)
    elif kind == 1:
        new = old + rng.choice((-2, -1, 1, 2, -16, 16, 255, 4096))
    elif kind == 2:
        new = old ^ (1 << rng.randrange(8 * field.size))
    elif kind == 3:
        new = rng.randrange(top)
    else:
        # Bytes that are not UTF-8: names of boxes, tags and types end up in text.
        new = int.from_bytes(bytes(rng.choice((0x80, 0xC3, 0xFE, 0xFF)) for _ in range(field.size)), order)  # type: ignore[arg-type]
    data[field.start : end] = (new % top).to_bytes(field.size, order)  # type: ignore[arg-type]
    return data


# Mutations that know nothing of the structure.


def _flip_bits(data: bytearray, rng: Random, _seeds: Sequence[bytes]) -> bytearray:
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _truncate(data: bytearray, rng: Random, _seeds: Sequence[bytes]) -> bytearray:
    return data[: rng.randrange(len(data) + 1)]


def _remove(data: bytearray, rng: Random, _seeds: Sequence[bytes]) -> bytearray:
    start = rng.randrange(len(data))
    del data[start : start + rng.choice((1, 2, 4, 16, 256))]
    return data


def _repeat(data: bytearray, rng: Random, _seeds: Sequence[bytes]) -> bytearray:
    start, size = rng.randrange(len(data)), rng.choice((1, 4, 16, 256, 4096))
    at = rng.randrange(len(data) + 1)
    data[at:at] = data[start : start + size]
    return data


def _splice(data: bytearray, rng: Random, seeds: Sequence[bytes]) -> bytearray:
    other = rng.choice(seeds)
    at = rng.randrange(len(other) + 1)
    return data[: rng.randrange(len(data) + 1)] + bytearray(other[at:])


def _fill(data: bytearray, rng: Random, _seeds: Sequence[bytes]) -> bytearray:
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice((4, 32, 512)))
    data[start:end] = bytes([rng.choice((0, 0xFF, 0x41))]) * (end - start)
    return data


def _garbage_before(data: bytearray, rng: Random, _seeds: Sequence[bytes]) -> bytearray:
    return bytearray(rng.randbytes(rng.choice((1, 3, 64)))) + data


_BLIND: Final[tuple[Mutation, ...]] = (
    _flip_bits,
    _flip_bits,
    _truncate,
    _remove,
    _repeat,
    _splice,
    _fill,
    _garbage_before,
)


# Finders of fields, one for each kind of structure.


def _jpeg_fields(data: bytes) -> Iterator[Field]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        yield Field(at + 1, 1)
        yield Field(at + 2, 2)
        for place in range(at + 4, min(at + 2 + length, at + 24)):
            yield Field(place, 1)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            yield Field(at + 5, 2)  # height
            yield Field(at + 7, 2)  # width
        if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            yield from (
                Field(at + 10 + f.start, f.size, f.big_endian) for f in _tiff_fields(data[at + 10 : at + 2 + length])
            )
        if marker == 0xDA:  # the scan: entropy-coded from here on
            yield from (Field(place, 1) for place in range(at + 2 + length, len(data), max(1, len(data) // 64)))
            return
        at += 2 + max(2, length)


def _png_fields(data: bytes) -> Iterator[Field]:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield Field(at, 4)
        yield Field(at + 4, 4)
        for place in range(at + 8, min(at + 8 + length, at + 8 + 32, len(data))):
            yield Field(place, 1)
        if data[at + 4 : at + 8] == b"IHDR":
            yield Field(at + 8, 4)
            yield Field(at + 12, 4)
        yield Field(at + 8 + length, 4)  # checksum
        at += 12 + length


def _tiff_fields(data: bytes) -> Iterator[Field]:
    big = data[:2] == b"MM"
    order = ">" if big else "<"
    if data[:2] not in (b"II", b"MM") or len(data) < 8:
        return
    yield Field(4, 4, big)
    pending, seen = [struct.unpack_from(order + "I", data, 4)[0]], set()
    while pending:
        at = pending.pop()
        if at in seen or at + 2 > len(data):
            continue
        seen.add(at)
        count = struct.unpack_from(order + "H", data, at)[0]
        yield Field(at, 2, big)
        for number in range(min(count, 200)):
            entry = at + 2 + 12 * number
            if entry + 12 > len(data):
                return
            tag = struct.unpack_from(order + "H", data, entry)[0]
            yield Field(entry, 2, big)  # tag
            yield Field(entry + 2, 2, big)  # type
            yield Field(entry + 4, 4, big)  # count
            yield Field(entry + 8, 4, big)  # value or offset
            if tag in (0x8769, 0x8825, 0x014A):  # Exif, GPS, sub-directories
                pending.append(struct.unpack_from(order + "I", data, entry + 8)[0])
        following = at + 2 + 12 * count
        if following + 4 <= len(data):
            yield Field(following, 4, big)
            pending.append(struct.unpack_from(order + "I", data, following)[0])


def _iso_fields(data: bytes) -> Iterator[Field]:
    yield from _boxes(data, 0, len(data), 0)


def _boxes(data: bytes, at: int, end: int, depth: int) -> Iterator[Field]:
    while at + 8 <= end and depth < 8:
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        yield Field(at, 4)
        yield Field(at + 4, 4)
        size = end - at if size == 0 or at + size > end else size
        if size < 8:
            return
        if kind in _CONTAINERS:
            yield from _boxes(data, at + 8, at + size, depth + 1)
        elif kind in _CONTAINERS_WITH_VERSION:
            before = _CONTAINERS_WITH_VERSION[kind]
            yield from (Field(at + 8 + place, 1) for place in range(before))
            yield from _boxes(data, at + 8 + before, at + size, depth + 1)
        elif kind != b"mdat":
            for place in range(at + 8, min(at + size, at + 8 + 96)):
                yield Field(place, 1)
            for place in range(at + 8, min(at + size - 4, at + 8 + 96), 4):
                yield Field(place, 4)
        else:
            yield from (Field(place, 1) for place in range(at + 8, at + size, max(1, size // 64)))
        at += size


def _raw_fields(data: bytes) -> Iterator[Field]:
    if data[4:8] == b"ftyp":
        yield from _iso_fields(data)
    elif data[:2] in (b"II", b"MM"):
        yield from _tiff_fields(data)
    else:  # RAF: places in the header, and the table at the end
        yield from _header_fields(160, True)(data)
        for place in range(max(0, len(data) - 20), len(data)):
            yield Field(place, 1)


def _gif_fields(data: bytes) -> Iterator[Field]:
    yield from (Field(place, 2, False) for place in (6, 8))
    yield from (Field(place, 1) for place in range(10, 13))
    at = 13 + (3 << ((data[10] & 7) + 1) if len(data) > 10 and data[10] & 0x80 else 0)
    for place in range(at, min(len(data), at + 64)):
        yield Field(place, 1)
    for place in range(at, min(len(data), at + 16), 2):
        yield Field(place, 2, False)


def _header_fields(size: int, big: bool = False) -> Callable[[bytes], _Grid]:
    """Return a finder for formats whose numbers stand in the first `size` bytes."""

    def find(data: bytes) -> _Grid:
        end = min(size, len(data))
        return _Grid([(width, range(0, end - width, width)) for width in (1, 2, 4)], big)

    return find


def _riff_fields(data: bytes) -> Iterator[Field]:
    yield Field(4, 4, False)
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield Field(at, 4)
        yield Field(at + 4, 4, False)
        yield from (Field(place, 1) for place in range(at + 8, min(at + 8 + size, at + 40, len(data))))
        at += 8 + size + size % 2


def _text_fields(data: bytes) -> Iterator[Field]:
    """Every sign that has a meaning in XML, JSON or a line of a journal."""
    for place, byte in enumerate(data[:65536]):
        if byte in b"<>/=\"'{}[]:,&;#\n\\0123456789":
            yield Field(place, 1)


_FINDERS: Final[dict[str, Callable[[bytes], Iterable[Field]]]] = {
    "JPEG": _jpeg_fields,
    "PNG": _png_fields,
    "TIFF": _tiff_fields,
    "HEIF": _iso_fields,
    "AVIF": _iso_fields,
    "RAW": _raw_fields,
    "GIF": _gif_fields,
    "BMP": _header_fields(138),
    "WEBP": _riff_fields,
    "tflite": _header_fields(4096),
    "keras": _header_fields(512),
    "h5": _header_fields(2048),
    "text": _text_fields,
}
