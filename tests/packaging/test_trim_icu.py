"""ICU's data without what Qt does not ask for: the format, and texts that are compared as before."""

import functools
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import trim_icu

SORT = """
import functools
from PySide6.QtCore import QCollator, QLocale
words = ["Zebra", "ähnlich", "Apfel", "10", "9", "ñu", "nz", "ö", "猫", "犬", "いぬ", "étage", "etage", "straße"]
for name in ("en", "de", "sv", "ja", "zh", "es", "fr", "tr"):
    collator = QCollator(QLocale(name))
    collator.setNumericMode(True)
    print(sorted(words, key=functools.cmp_to_key(collator.compare)), QLocale(name).toUpper("straße iı"))
print([line.split()[-1] for line in open("/proc/self/maps") if "libicudata" in line][0])
"""


def common_data(items: dict[str, bytes]) -> bytes:
    """Return ICU's common data with these items, in the format that its own tools write."""
    header = bytearray(32)
    struct.pack_into("<HBBHHBBBB4s", header, 0, 32, 0xDA, 0x27, 20, 0, 0, 0, 2, 0, b"CmnD")
    names = b"".join(name.encode() + b"\0" for name in items)
    start = 4 + 8 * len(items)
    place = start + len(names)
    place += -(32 + place) % 16
    toc, body, at = struct.pack("<I", len(items)), b"", start
    for name, item in items.items():
        toc += struct.pack("<II", at, place + len(body))
        at += len(name) + 1
        body += item + bytes(-len(item) % 16)
    front = bytes(header) + toc + names
    return front + bytes(32 + place - len(front)) + body


ITEMS = {
    "icudt73l/coll/de.res": b"order" * 9,
    "icudt73l/curr/de.res": b"Euro" * 100,
    "icudt73l/de.res": b"formats" * 50,
    "icudt73l/ibm-37_P100-1995.cnv": b"encoding" * 40,
    "icudt73l/root.res": b"root",
    "icudt73l/zoneinfo64.res": b"zones" * 5,
}


def test_reduced_data_keeps_order_and_contents() -> None:
    data = common_data(ITEMS)
    assert {name: item[: len(ITEMS[name])] for name, item in trim_icu.items_of(data)} == ITEMS
    kept = {name: item[: len(ITEMS[name])] for name, item in trim_icu.items_of(trim_icu.reduced(data))}
    assert list(kept) == ["icudt73l/coll/de.res", "icudt73l/root.res", "icudt73l/zoneinfo64.res"]
    assert kept == {name: ITEMS[name] for name in kept}
    assert trim_icu.reduced(data) == common_data(kept)


def test_other_data_is_refused() -> None:
    with pytest.raises(ValueError, match="common data"):
        list(trim_icu.items_of(bytes(64)))


@functools.cache
def icu_library() -> Path | None:
    import PySide6

    found = sorted(Path(PySide6.__file__).parent.joinpath("Qt", "lib").glob("libicudata.so.*"))
    return found[0] if found else None


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or any(shutil.which(name) is None for name in ("ld", "objcopy", "objdump")),
    reason="Linux with binutils only",
)
def test_trimmed_library_compares_texts_as_before(tmp_path: Path) -> None:
    original = icu_library()
    if original is None:
        pytest.skip("this PySide6 brings no ICU")
    library = tmp_path / original.name
    shutil.copyfile(original, library)
    trim_icu.trim(library)
    assert library.stat().st_size < original.stat().st_size / 4

    def sort(**more: str) -> list[str]:
        done = subprocess.run([sys.executable, "-c", SORT], env=os.environ | more, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    *before, used_before = sort()
    *after, used_after = sort(LD_PRELOAD=str(library))
    assert (used_before, used_after) == (str(original), str(library))
    assert after == before
