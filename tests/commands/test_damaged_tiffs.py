"""Damaged TIFFs: the library that reads them writes thousands of lines. The user sees none of them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import command
from PIL import Image

COMPRESSIONS = ("group3", "group4", "tiff_lzw", "tiff_deflate", "packbits", "tiff_adobe_deflate")


@pytest.fixture
def damaged(tmp_path: Path) -> list[Path]:
    """Write TIFFs of each compression with wrong codes in the middle, and with wrong tags."""
    random = np.random.default_rng(5)
    paths = []
    for compression in COMPRESSIONS:
        mode = "1" if compression.startswith("group") else "L"
        pixels = Image.fromarray(random.integers(0, 256, (300, 400), np.uint8)).convert(mode)
        for kind in ("codes", "tags"):
            path = tmp_path / f"{compression} {kind}.tif"
            pixels.save(path, compression=compression)
            content = bytearray(path.read_bytes())
            begin = int.from_bytes(content[4:8], "little")
            if kind == "codes":
                middle = len(content) // 2
                content[middle : middle + 2000] = random.integers(0, 256, 2000, np.uint8).tobytes()
            else:
                content[begin + 14 : begin + 18] = b"\xff\xff\xff\x7f"
            path.write_bytes(bytes(content))
            paths.append(path)
    return paths


def test_library_alone_would_write_its_own_lines(damaged: list[Path]) -> None:
    """These files are such that the other test can fail."""
    program = (
        "import contextlib, sys\nfrom PIL import Image\n"
        "for name in sys.argv[1:]:\n    with contextlib.suppress(Exception):\n        Image.open(name).load()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *map(str, damaged)], capture_output=True, text=True, check=False
    )
    assert "Fax" in run.stderr


def test_damaged_tiffs_write_only_our_own_lines(damaged: list[Path]) -> None:
    run = subprocess.run(
        command("classify", "--no-store", *map(str, damaged)), capture_output=True, text=True, check=False
    )
    lines = run.stderr.splitlines()
    names = [path.name for path in damaged]
    for line in lines:
        assert any(name in line for name in names) or line.startswith(("catdog", f"{len(damaged)} ")), line
    assert len(lines) <= len(damaged) + 3
