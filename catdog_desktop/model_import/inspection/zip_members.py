"""Check the members of a zip before any is unpacked: names, links, duplicates, sizes (zip bombs)."""

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Final

from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name

MAX_MEMBERS: Final = 2_000
MAX_UNPACKED_BYTES: Final = 4 * 2**30
BOMB_FLOOR_BYTES: Final = 16 * 2**20
MAX_EXPANSION: Final = 200
"""Weights compress little; deflate reaches 1,032 to 1."""
AGAIN: Final = N_("Make the file again where the model comes from.")
_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def checked_members(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    """Return the files in `archive`, without its folders.

    Raises `RefusedModelError` if a name leaves the archive or comes twice, a member is a link, a device or encrypted,
    or if sizes exceed the limits. Sizes are those that the archive states: `copy_member` enforces them.
    """
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise RefusedModelError(
            _("it has more than {members} members").format(members=format_number(MAX_MEMBERS)), where, AGAIN
        )
    names: set[str] = set()
    total = 0
    for info in infos:
        here = f"{where}, {printable_name(info.filename)}"
        _check_name(info.filename, here)
        _check_kind(info, here)
        folded = info.filename.rstrip("/").casefold()
        if folded in names:
            raise RefusedModelError(_("it has two members with the same name"), here, AGAIN)
        names.add(folded)
        total += info.file_size
        if info.file_size > BOMB_FLOOR_BYTES and info.file_size > MAX_EXPANSION * info.compress_size:
            raise RefusedModelError(
                _("it would unpack {compress_size} bytes to {file_size}").format(
                    compress_size=format_number(info.compress_size), file_size=format_number(info.file_size)
                ),
                here,
                AGAIN,
            )
        if total > MAX_UNPACKED_BYTES:
            raise RefusedModelError(
                _("it unpacks to more than {gigabytes} GB").format(gigabytes=MAX_UNPACKED_BYTES // 2**30),
                where,
                AGAIN,
            )
    return [info for info in infos if not info.is_dir()]


def is_system_file(name: str) -> bool:
    """Whether a member was put into the zip by a system: the resource forks of macOS, lists of thumbnails."""
    *folders, last = PurePosixPath(name).parts or ("",)
    return "__MACOSX" in folders or last.startswith("._") or last.lower() in (".ds_store", "thumbs.db", "desktop.ini")


def _check_name(name: str, here: str) -> None:
    parts = PurePosixPath(name).parts
    # On Windows a colon names a drive or a stream, and a backslash is a slash.
    if not parts or name.startswith("/") or ".." in parts or any(sign in name for sign in "\\:\0"):
        raise RefusedModelError(_("it has a member whose name leads out of the archive"), here, AGAIN)


def _check_kind(info: zipfile.ZipInfo, here: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedModelError(_("it has a member that is a link or a device"), here, AGAIN)
    if info.flag_bits & _ENCRYPTED:
        raise RefusedModelError(_("it has an encrypted member"), here, AGAIN)
    if info.compress_type not in _METHODS:
        raise RefusedModelError(_("it has a member packed in a way that Keras does not use"), here, AGAIN)


def copy_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: IO[bytes], where: str) -> None:
    """Unpack one checked member into an open file. `zipfile` itself stops at the stated size and checks the CRC.

    Raises `RefusedModelError` if the member is damaged.
    """
    try:
        with archive.open(info) as source:
            shutil.copyfileobj(source, target, 2**20)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError, zlib.error) as error:
        here = f"{where}, {printable_name(info.filename)}"
        raise RefusedModelError(
            _("it has a damaged member ({reason})").format(reason=printable_name(str(error))), here, AGAIN
        ) from error


def unpack_safely(path: Path, into: Path) -> None:
    """Unpack the zip at `path` into the empty folder `into`, after `checked_members` has accepted all of it.

    Raises `RefusedModelError` if it is not a zip or is refused, and `OSError` if it cannot be written.
    """
    where = printable_name(path.name)
    with open_zip(path) as archive:
        for info in checked_members(archive, where):
            target = into.joinpath(*PurePosixPath(info.filename).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                copy_member(archive, info, file, where)


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip for reading. Raises `RefusedModelError` if it is not one."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise RefusedModelError(
            _("it is not a whole zip file ({reason})").format(reason=printable_name(str(error))),
            printable_name(path.name),
            AGAIN,
        ) from error
