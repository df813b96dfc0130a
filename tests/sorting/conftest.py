"""Fixtures of the tests of sorting."""

import os
import sys
from pathlib import Path

import pytest
from sort_trees import write


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Photos with equal and unusual names, companions, and unrelated files."""
    top = tmp_path / "photos"
    for name in ("a/IMG_1.jpg", "b/IMG_1.jpg", "b/img_1.JPG", "c/x.heic", "c/d/-rf.jpg"):
        write(top / name)
    write(top / "a/IMG_1.xmp")
    write(top / "b/IMG_1.jpg.xmp")
    write(top / "c/x.mov", mode=0o444)
    write(top / "notes.txt")
    if os.name == "posix":
        write(top / "odd\nname \U0001f408.jpg")
        write(top / ("é" * 125 + "x.jpg"))
        write(top / "e" / ("é" * 125 + "x.jpg"), mode=0o400)
    if sys.platform == "linux":
        write(Path(os.fsdecode(os.fsencode(top) + b"/\xff\xfe.jpg")))
    return top
