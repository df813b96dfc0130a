"""Reduce ICU's data to what Qt asks for: 31 MB of 213 of the bundle are otherwise names of countries and the like.

Qt uses ICU to compare texts (collation), to change their case, and for time zones. It has its own tables for languages,
numbers, dates, encodings and line breaks. The data is one library with one symbol; the reduced one is linked anew by
binutils, with the same name and symbol. ICU's licence permits changes.
"""

import re
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

REMOVED = re.compile(
    r"""
      (translit|brkitr|curr|lang|region|unit|zone|rbnf)/.*   # transliteration, breaks, names in all languages
    | [^/]+\.cnv | cnvalias\.icu                           # other encodings than Unicode
    | (?!root|pool|supplementalData|likelySubtags|numberingSystems|timezoneTypes|metaZones|zoneinfo64|windowsZones
        |keyTypeData|metadata|genderList|dayPeriods|plurals|pluralRanges|icuver|icustd|res_index|currencyNumericCodes
        |en|grammaticalFeatures|units|langInfo)[^/]+\.res    # formats of languages; those of English stay
    """,
    re.VERBOSE,
)
"""Names of data items below the folder of ICU's version."""
ALIGNMENT = 16


def items_of(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of ICU's common data. Raises `ValueError` for another format."""
    (header,) = struct.unpack_from("<H", data)
    if data[2:4] != b"\xda\x27" or data[12:16] != b"CmnD" or data[8] != 0:
        raise ValueError("not ICU's common data of a little-endian machine")
    (count,) = struct.unpack_from("<I", data, header)
    entries = [struct.unpack_from("<II", data, header + 4 + 8 * number) for number in range(count)]
    ends = [offset for _name, offset in entries[1:]] + [len(data) - header]
    for (name, start), end in zip(entries, ends, strict=True):
        place = header + name
        yield data[place : data.index(b"\0", place)].decode("ascii"), data[header + start : header + end]


def reduced(data: bytes) -> bytes:
    """Return common data without the items that Qt does not ask for."""
    (header,) = struct.unpack_from("<H", data)
    kept = [(name, item) for name, item in items_of(data) if not is_removed(name)]
    names = b""
    name_offsets = []
    start = 4 + 8 * len(kept)
    for name, _item in kept:
        name_offsets.append(start + len(names))
        names += name.encode("ascii") + b"\0"
    body = b""
    table = struct.pack("<I", len(kept))
    place = _aligned(header + start + len(names)) - header
    for (_name, item), name_offset in zip(kept, name_offsets, strict=True):
        table += struct.pack("<II", name_offset, place + len(body))
        body += item + bytes(_aligned(len(item)) - len(item))
    front = data[:header] + table + names
    return front + bytes(header + place - len(front)) + body


def is_removed(name: str) -> bool:
    """Whether an item such as `icudt73l/curr/de.res` is left out."""
    return REMOVED.fullmatch(name.partition("/")[2]) is not None


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def trim(library: Path) -> None:
    """Replace `libicudata.so.N` by one with the reduced data. Raises `ValueError`, or `CalledProcessError`.

    Time zones are then named by their ids ("Etc/UTC"), which the app does not show. Collation is unchanged.
    """
    symbols = subprocess.check_output(["objdump", "-T", str(library)], text=True)
    found = re.search(r"^([0-9a-f]+) .*\s(\.\w+)\s+([0-9a-f]+)\s.*?(icudt\d+_dat)$", symbols, re.MULTILINE)
    if found is None:
        raise ValueError(f"{library.name} has no data")
    address, section, size, symbol = int(found[1], 16), found[2], int(found[3], 16), found[4]
    headers = subprocess.check_output(["objdump", "-h", "-w", str(library)], text=True)
    place = re.search(rf"^\s*\d+ {re.escape(section)}\s+\w+\s+(\w+)\s+\w+\s+(\w+)", headers, re.MULTILINE)
    if place is None:
        raise ValueError(f"{library.name} has no {section}")
    start = address - int(place[1], 16) + int(place[2], 16)
    content = library.read_bytes()
    data = reduced(content[start : start + size])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").write_bytes(data)
        steps = (
            ["ld", "-r", "-b", "binary", "-o", "data.o", "data"],
            ["objcopy", "--redefine-sym", f"_binary_data_start={symbol}", "--strip-symbol", "_binary_data_end",
             "--strip-symbol", "_binary_data_size", "--set-section-alignment", ".rodata=16",
             "--rename-section", ".data=.rodata,alloc,load,readonly,data,contents", "data.o"],
            ["ld", "-shared", "-z", "noexecstack", "--build-id=none", "--hash-style=gnu", "-soname", library.name,
             "-o", "library", "data.o"],
        )  # fmt: skip
        for step in steps:
            subprocess.run(step, cwd=folder, check=True)
        library.write_bytes((Path(folder) / "library").read_bytes())
