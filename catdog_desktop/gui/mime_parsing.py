"""What dropped or pasted data contains: paths, models, an image, or the reason why it is refused."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from catdog_desktop.file_kinds import has_model_suffix, has_photo_suffix
from catdog_desktop.gui.dropped_addresses import (
    IMAGE_SUFFIXES,
    Addresses,
    EncodedImage,
    addresses_in,
    decode_image,
    plain_text,
)
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext

PORTAL_FORMATS: Final = ("application/vnd.portal.filetransfer", "application/vnd.portal.files")
"""A key with which a sandboxed program asks the desktop's portal for the files."""
_LISTS: Final = ("text/uri-list", "application/x-kde4-urilist")
_URL_AND_TITLE: Final = ("text/x-moz-url", "text/x-moz-url-data", "_NETSCAPE_URL")
_PROMISES: Final = ("xdnddirectsave", "file-promise", "filegroupdescriptor", "promised-file")
"""Parts of the formats of files that do not exist yet: archive managers and mail programs write them on request."""


@dataclass(frozen=True, slots=True)
class MimeContent:
    """What `QMimeData` contains. Only paths and models come together."""

    paths: tuple[Path, ...] = ()
    """Photos and folders."""
    models: tuple[Path, ...] = ()
    """The files of models to import."""
    image: EncodedImage | None = None
    """The file of an image without a name."""
    pixels: QImage | None = None
    portal_key: str = ""
    """The key of files that the portal of the desktop hands over."""
    refusal: str = ""
    """A sentence that says why there is nothing to add."""


def content_of(paths: tuple[Path, ...]) -> MimeContent:
    """Return paths as photos and models."""
    models = tuple(path for path in paths if has_model_suffix(path))
    return MimeContent(paths=tuple(path for path in paths if path not in models), models=models)


def parse_mime(mime: QMimeData) -> MimeContent:
    """Return what `mime` contains.

    Files are preferred to images because they have a name and a date. A browser that drags an image offers pixels,
    often with a web address, and sometimes only the address.
    """
    found = _addresses(mime)
    key = _portal_key(mime)
    if key and (is_sandboxed() or not found.paths):
        return MimeContent(portal_key=key)
    if found.paths:
        return content_of(found.paths)
    if found.image:
        image = decode_image(found.image)
        return MimeContent(image=image) if image else MimeContent(refusal=_damaged_image())
    if mime.hasImage():
        pixels = QImage(mime.imageData())
        if not pixels.isNull():
            return MimeContent(pixels=pixels)
    for name in mime.formats():
        if name in IMAGE_SUFFIXES and (data := bytes(mime.data(name).data())):
            return MimeContent(image=EncodedImage(data, IMAGE_SUFFIXES[name]))
    return MimeContent(refusal=_refusal(mime, found))


def describe_drop(mime: QMimeData) -> tuple[bool, str]:
    """Return whether `mime` would be accepted, and what a drop would do.

    Only names are examined: the disk may be slow, and this is called at every move of the pointer.
    """
    found = _addresses(mime)
    if found.paths:
        return True, _describe_content(content_of(found.paths))
    if _portal_key(mime):
        return True, _("Drop to add these files")
    if found.image or mime.hasImage() or any(name in IMAGE_SUFFIXES for name in mime.formats()):
        return True, _("Drop to add this photo")
    return False, _refusal(mime, found)


def is_sandboxed() -> bool:
    """Whether the app runs in a Flatpak or a Snap, where paths of other programs need not exist."""
    return os.path.exists("/.flatpak-info") or bool(os.environ.get("SNAP"))  # noqa: PTH110  Path.exists may raise.


def _refusal(mime: QMimeData, found: Addresses) -> str:
    if found.is_web:
        return _("That is a web address. CatDog never goes online. Save the photo first, then drop the file here.")
    if found.remote:
        return _(
            "That file is not in a folder of this computer ({place}). Copy it to this computer first, then drop the "
            "copy here."
        ).format(place=found.remote)
    if any(promise in name.lower() for name in mime.formats() for promise in _PROMISES):
        return _(
            "That program writes its files only into a folder. Drop them on a folder or save them first, then drop the "
            "saved files here."
        )
    if mime.hasText() and mime.text().strip():
        return _("That is text, not a photo. Drop photo files, folders or an image.")
    return _("That is not a photo. Drop photo files, folders or an image.")


def _damaged_image() -> str:
    return _("That image is damaged and cannot be read. Save the photo first, then drop the file here.")


def _describe_content(content: MimeContent) -> str:
    count = len(content.models)
    if count and content.paths:
        return _("Drop to import models and add the other files")
    if count == 1:
        return _("Drop to import this model")
    if count:
        return ngettext("Drop to import {count} model", "Drop to import {count} models", count).format(
            count=format_number(count)
        )
    return _describe_paths(content.paths)


def _describe_paths(paths: tuple[Path, ...]) -> str:
    count = len(paths)
    if all(has_photo_suffix(path) for path in paths):
        return ngettext("Drop to add {count} photo", "Drop to add {count} photos", count).format(
            count=format_number(count)
        )
    if not any(path.suffix for path in paths):
        return ngettext("Drop to add {count} folder", "Drop to add {count} folders", count).format(
            count=format_number(count)
        )
    if count == 1:
        return _("Drop to add this file")
    return _("Drop to add {count} files and folders").format(count=format_number(count))


def _addresses(mime: QMimeData) -> Addresses:
    """Return the addresses of the first format that names files, else those of the first that names anything."""
    best = Addresses()
    for found in _read_formats(mime):
        if found.paths:
            return found
        if found.image or best == Addresses():
            best = found
    return best


def _read_formats(mime: QMimeData) -> Iterator[Addresses]:
    names = mime.formats()
    # The bytes and not `mime.urls()`: a `QUrl` replaces what is not UTF-8 in the name of a file.
    for name in (*_LISTS, *(name for name in names if name.startswith("x-special/"))):
        if name in names:
            yield addresses_in(bytes(mime.data(name).data()))
    for name in _URL_AND_TITLE:
        if name in names:
            first_line = plain_text(bytes(mime.data(name).data())).partition(b"\n")[0]
            yield addresses_in(first_line)
    for name in names:
        if name.startswith("text/plain"):
            yield addresses_in(plain_text(bytes(mime.data(name).data())), is_text=True)
    if mime.hasText():
        yield addresses_in(mime.text().encode("utf-8", "surrogateescape"), is_text=True)


def _portal_key(mime: QMimeData) -> str:
    for name in PORTAL_FORMATS:
        if mime.hasFormat(name):
            return bytes(mime.data(name).data()).decode("ascii", "replace").strip("\0\r\n ")
    return ""
