"""Addresses in dropped or pasted data: lists of URLs, lists of file managers, and plain text. Qt-free.

Only names are examined, never the disk. Everything is read as bytes, because names of files need not be valid UTF-8.
"""

import base64
import binascii
import os
import platform
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

_SCHEME: Final = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]+):")
"""At least two letters: one is a drive of Windows."""
WEB_SCHEMES: Final = frozenset({"http", "https", "ftp", "ftps", "blob"})
_WORDS: Final = frozenset({b"copy", b"cut", b"x-special/nautilus-clipboard"})
"""Lines of file managers that are not addresses. They may also stand in plain text (Nautilus)."""
IMAGE_SUFFIXES: Final = {
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/png": ".png",
    "image/apng": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/x-ms-bmp": ".bmp",
    "image/tiff": ".tif",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
}
"""Suffix for each media type of a photo."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """What the lines of a text name."""

    paths: tuple[Path, ...] = ()
    image: bytes = b""
    """The first `data:` address of an image, not decoded."""
    is_web: bool = False
    remote: str = ""
    """Scheme or host of the first file that is in no folder of this computer: `smb`, `trash`."""


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """The bytes of an image file without a name."""

    data: bytes
    suffix: str


def addresses_in(lines: bytes, *, is_text: bool = False) -> Addresses:
    """Return what `lines` name. With `is_text`, paths are accepted too, and every line must be an address."""
    paths: list[Path] = []
    image, is_web, remote = b"", False, ""
    for line in _lines(lines):
        match = _SCHEME.match(line)
        scheme = match[1].decode("ascii").lower() if match else ""
        if scheme == "file":
            host, path = _file(line)
            if path is not None:
                paths.append(path)
            else:
                remote = remote or host
        elif scheme == "data":
            image = image or (line if _media_type(line) in IMAGE_SUFFIXES else b"")
        elif scheme in WEB_SCHEMES or line[:4].lower() == b"www.":
            is_web = True
        elif is_text and (found := _paths_as_text(line)):
            paths += found
        elif is_text and not (match and line[match.end() :].startswith(b"/")):
            return Addresses()
        else:
            remote = remote or scheme
    return Addresses(tuple(paths), image, is_web, remote)


def decode_image(address: bytes) -> EncodedImage | None:
    """Return the image in a `data:` address; None if it is damaged or of a kind that is not a photo."""
    head, _comma, data = address.partition(b",")
    suffix = IMAGE_SUFFIXES.get(_media_type(address))
    content = unquote_to_bytes(data)
    if head.lower().endswith(b";base64"):
        content = b"".join(content.split())
        try:
            content = base64.b64decode(content + b"=" * (-len(content) % 4), validate=True)
        except binascii.Error:
            return None
    return EncodedImage(content, suffix) if suffix and content else None


def plain_text(data: bytes) -> bytes:
    """Return text in UTF-8: browsers give some of their formats in UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode()
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", "replace").encode()
    return data


def _lines(text: bytes) -> Iterator[bytes]:
    for line in text.replace(b"\0", b"\n").splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith(b"#") and stripped not in _WORDS:
            yield stripped


def _file(line: bytes) -> tuple[str, Path | None]:
    """Return the host and the path of a `file:` address; None for the path on another computer."""
    rest = line[len("file:") :]
    host = ""
    if rest.startswith(b"//"):
        authority, slash, path = rest[2:].partition(b"/")
        host, rest = unquote_to_bytes(authority).decode("utf-8", "replace"), slash + path
    # Neither `?` nor `#` ends a path: programs that do not encode a name leave them in it.
    name = unquote_to_bytes(rest)
    if os.name == "nt":
        text = name.decode("utf-8", "replace").lstrip("/")
        return host, Path(text if _is_own(host) else f"//{host}/{text}") if text else None
    return host, Path(os.fsdecode(name)) if name.startswith(b"/") and _is_own(host) else None


def _is_own(host: str) -> bool:
    """Whether `host` is this computer. No name service is asked."""
    name, own = host.lower(), platform.node().lower()
    return name in ("", "localhost", "localhost.localdomain", "127.0.0.1", "[::1]", own, own.partition(".")[0])


def _paths_as_text(line: bytes) -> list[Path]:
    """Return the paths in a line of text: one as it is, or some with quotes or backslashes, as terminals write them."""
    text = os.fsdecode(line)
    words = [text]
    if text[0] in "'\"" or (os.name != "nt" and "\\ " in text):
        try:
            words = shlex.split(text)
        except ValueError:
            return []
    paths = [Path(os.path.expanduser(word)) for word in words]  # noqa: PTH111  Path.expanduser raises.
    return paths if all(path.is_absolute() for path in paths) else []


def _media_type(address: bytes) -> str:
    return re.split(rb"[;,]", address[len("data:") : 60], maxsplit=1)[0].decode("ascii", "replace").strip().lower()
