"""Atomic writes: the old file or the new one, never a part."""

import errno
import os
from pathlib import Path

import pytest

from catdog_desktop.files.atomic_write import atomic_write, write_text_atomically


def test_write_text_replaces_old_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text("old")
    write_text_atomically(path, "new\n猫")
    assert path.read_bytes() == "new\n猫".encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_write_text_full_disk_keeps_old_file(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "notes.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space"):
        write_text_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path], "no temporary file is left"


def test_atomic_write_without_replace_keeps_existing_file(tmp_path: Path) -> None:
    path = tmp_path / "pets.csv"
    with atomic_write(path, replace=False) as file:
        file.write(b"first")
    with pytest.raises(FileExistsError), atomic_write(path, replace=False) as file:
        file.write(b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def write_and_fail(path: Path) -> None:
    with atomic_write(path) as file:
        file.write(b"half")
        raise RuntimeError


def test_atomic_write_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write_and_fail(tmp_path / "pets.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_atomic_write_mode_defaults_to_0644(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "a"):
        pass
    with atomic_write(tmp_path / "b", mode=0o600):
        pass
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in "ab"] == [0o644, 0o600]
