"""The flatbuffer of the app's own model is mapped from its file; other models are copied into memory."""

import hashlib
import mmap
import pickle
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catdog_desktop.inference.mapped_file import MappedFile
from catdog_desktop.inference.model_file import ModelError, load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.paths import default_model

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files are mapped on Linux alone")

CONTENT = bytes(range(256)) * 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ä file.bin"
    path.write_bytes(CONTENT)
    return path


def resident_kb(inode: int) -> int:
    """Return how much of the mappings of a file is in the memory of this process."""
    total, is_ours = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words[0].endswith(":"):
            is_ours = words[4] == str(inode)
        elif is_ours and words[0] == "Rss:":
            total += int(words[1])
    return total


def test_mapped_file_has_the_content_of_the_file(path: Path) -> None:
    mapped = MappedFile(path)
    assert mapped.size == len(CONTENT)
    assert mapped.read() == CONTENT
    assert mapped.read(8) == CONTENT[:8]
    assert mapped.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert Path(mapped.path).read_bytes() == CONTENT


def test_mapped_file_that_is_replaced_keeps_its_content(path: Path) -> None:
    mapped = MappedFile(path)
    other = path.with_name("other")
    other.write_bytes(b"another version")
    other.replace(path)
    assert mapped.read() == CONTENT
    assert Path(mapped.path).read_bytes() == CONTENT


def test_empty_file_is_read_as_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert MappedFile(tmp_path / "empty").read(8) == b""


def test_pickled_file_is_its_content(path: Path) -> None:
    assert pickle.loads(pickle.dumps(MappedFile(path))) == CONTENT


def test_release_takes_the_pages_out_of_memory_and_loses_nothing(path: Path) -> None:
    mapped = MappedFile(path)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapping:
        assert mapping[:] == CONTENT
        assert resident_kb(path.stat().st_ino) == len(CONTENT) // 1024
        mapped.release()
        assert resident_kb(path.stat().st_ino) == 0
        assert mapping[:] == CONTENT


def test_own_model_is_mapped_and_others_are_copied(tmp_path: Path) -> None:
    own = load_model_file(default_model())
    assert isinstance(own.content, MappedFile)
    copied = load_model_file(Path(shutil.copytree(default_model(), tmp_path / "copy")))
    assert isinstance(copied.content, bytes)
    assert own.flatbuffer == copied.content
    assert own.identity == copied.identity


def test_mapped_model_gives_the_same_numbers_as_its_copy() -> None:
    own = load_model_file(default_model())
    pixels = np.random.default_rng(0).integers(0, 256, (own.input_height, own.input_width, 3), np.uint8)
    mapped = Classifier(own).classify(pixels)
    copied = Classifier(replace(own, content=own.flatbuffer)).classify(pixels)
    assert mapped.scores == copied.scores
    assert mapped.features is not None
    assert copied.features is not None
    assert mapped.features.tobytes() == copied.features.tobytes()
    assert mapped.heat_maps is not None
    assert copied.heat_maps is not None
    assert mapped.heat_maps.tobytes() == copied.heat_maps.tobytes()


def test_weights_of_own_model_are_not_resident_once_it_is_loaded() -> None:
    own = load_model_file(default_model())
    classifier = Classifier(own)
    inode = (default_model() / "model.tflite").stat().st_ino
    assert resident_kb(inode) < 1024
    classifier.classify(np.zeros((own.input_height, own.input_width, 3), np.uint8))
    assert resident_kb(inode) < 1024


@pytest.mark.parametrize("content", [b"", b"abc", b"????TFL3 and more"])
def test_own_model_that_is_damaged_raises_model_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    folder = Path(shutil.copytree(default_model(), tmp_path / "copy"))
    (folder / "model.tflite").write_bytes(content)
    monkeypatch.setattr("catdog_desktop.inference.model_file.default_model", lambda: folder)
    with pytest.raises(ModelError, match=r"model\.tflite"):
        load_model_file(folder)
