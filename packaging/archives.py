"""Archives whose bytes depend on nothing but the names, contents and modes of the files."""

import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

_AR_START = b"!<arch>\n"


def files_below(folder: Path) -> list[Path]:
    """Return all files, links and folders below `folder`, sorted by their path as bytes."""
    return sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix().encode())


def steady_modes(folder: Path) -> None:
    """Give folders and programs the mode 0755 and other files 0644, whatever the umask of the builder is."""
    for path in [folder, *files_below(folder)]:
        if not path.is_symlink():
            is_program = path.stat().st_mode & 0o100 and ".so" not in path.suffixes  # libraries are not run
            path.chmod(0o755 if path.is_dir() or is_program else 0o644)


def write_tar_xz(folder: Path, target: Path, seconds: int) -> None:
    """Pack `folder` under its own name; all files get the time `seconds` and belong to root."""
    tar = target.with_suffix("")

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.mtime = seconds
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        return info

    with tarfile.open(tar, "w", format=tarfile.GNU_FORMAT) as archive:
        for path in [folder, *files_below(folder)]:
            archive.add(path, Path(folder.name, path.relative_to(folder)).as_posix(), recursive=False, filter=plain)
    compress_xz(tar)


def compress_xz(path: Path) -> Path:
    """Replace a file by its compressed form; return the path of that."""
    # Always in blocks: the bytes then do not depend on the number of cores.
    subprocess.run(["xz", "--force", "--threads=2", "--block-size=64MiB", "-6", str(path)], check=True)
    return path.with_name(f"{path.name}.xz")


def compress_deb(path: Path) -> None:
    """Compress the data of a Debian package by xz, in minutes less and smaller than nfpm does."""
    members = dict(_ar_members(path.read_bytes()))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        data = Path(folder, "data.tar")
        data.write_bytes(members.pop("data.tar"))
        members["data.tar.xz"] = compress_xz(data).read_bytes()
    with path.open("wb") as file:
        file.write(_AR_START)
        for name, content in members.items():
            header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
            file.write(header.encode("ascii") + content + b"\n" * (len(content) % 2))


def _ar_members(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of an ar archive. Raises `ValueError`."""
    if not archive.startswith(_AR_START):
        raise ValueError("not an ar archive")
    place = len(_AR_START)
    while place < len(archive):
        header = archive[place : place + 60].decode("ascii")
        size = int(header[48:58])
        yield header[:16].strip().rstrip("/"), archive[place + 60 : place + 60 + size]
        place += 60 + size + size % 2


def write_zip(folder: Path, target: Path, date: tuple[int, int, int]) -> None:
    """Pack `folder` under its own name; all files get midnight of `date` (year, month, day)."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files_below(folder):
            if path.is_file():
                info = zipfile.ZipInfo(Path(folder.name, path.relative_to(folder)).as_posix(), (*date, 0, 0, 0))
                info.external_attr = (0o100755 if path.stat().st_mode & 0o100 else 0o100644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, archive.open(info, "w") as packed:
                    shutil.copyfileobj(source, packed)
