"""The files in a bundle, and their size."""

from pathlib import Path


def files_of(folder: Path) -> list[str]:
    """Return all files below `folder`, as POSIX paths from there."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def megabytes(folder: Path) -> float:
    """Return the size of all files below `folder` in units of 10^6 bytes; links do not count."""
    real = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in real) / 1e6
