"""Fixtures of the tests of the packages."""

import stat
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small_bundle(tmp_path: Path) -> Path:
    """A folder laid out as a bundle, with a script in place of each program."""
    bundle = tmp_path / "dist" / "CatDog"
    (bundle / "_internal").mkdir(parents=True)
    (bundle / "licences").mkdir()
    (bundle / "licences" / "LGPL-3.0.txt").write_text("LGPL\n")
    (bundle / "LICENSE.txt").write_text("Apache\n")
    (bundle / "NOTICE.txt").write_text("NOTICE\n")
    (bundle / "_internal" / "libsmall.so.1").write_bytes(b"\x7fELF")
    for name in ("CatDog", "catdog-cli"):
        program = bundle / name
        program.write_text(f'#!/bin/sh\necho "{name} $*"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return bundle
