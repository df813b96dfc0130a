"""What dropped or pasted data contains: paths, a model, pixels, or the reason why it is refused."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from catdog_desktop.file_kinds import has_model_suffix, has_photo_suffix
from catdog_desktop.messages import _, ngettext


@dataclass(frozen=True, slots=True)
class MimeContent:
    """What `QMimeData` contains. Exactly one of the four fields is set."""

    paths: tuple[Path, ...] = ()
    model: Path | None = None
    """The file of a model to import."""
    pixels: QImage | None = None
    refusal: str = ""
    """A sentence that says why there is nothing to add."""


def parse_mime(mime: QMimeData) -> MimeContent:
    """Return what `mime` contains.

    Files are preferred to pixels because they have a name and a date. A browser that drags an image offers pixels,
    often with a web address, and sometimes only the address.
    """
    paths = _local_paths(mime)
    if len(paths) == 1 and has_model_suffix(paths[0]):
        return MimeContent(model=paths[0])
    if paths:
        return MimeContent(paths=paths)
    if mime.hasImage():
        image = QImage(mime.imageData())
        if not image.isNull():
            return MimeContent(pixels=image)
    if any(url.scheme() in ("http", "https", "ftp") for url in mime.urls()) or _is_web_address(mime.text()):
        return MimeContent(
            refusal=_("That is a web address. CatDog never goes online. Save the photo first, then drop the file here.")
        )
    if mime.hasText() and mime.text().strip():
        return MimeContent(refusal=_("That is text, not a photo. Drop photo files, folders or an image."))
    return MimeContent(refusal=_("That is not a photo. Drop photo files, folders or an image."))


def describe_drop(mime: QMimeData) -> tuple[bool, str]:
    """Return whether `mime` would be accepted, and what a drop would do.

    Only names are examined: the disk may be slow, and this is called at every move of the pointer.
    """
    paths = _local_paths(mime)
    if len(paths) == 1 and has_model_suffix(paths[0]):
        return True, _("Drop to import this model")
    if paths:
        return True, _describe_paths(paths)
    if mime.hasImage():
        return True, _("Drop to add this photo")
    return False, parse_mime(mime).refusal


def _describe_paths(paths: tuple[Path, ...]) -> str:
    count = len(paths)
    if all(has_photo_suffix(path) for path in paths):
        return ngettext("Drop to add {count:,} photo", "Drop to add {count:,} photos", count).format(count=count)
    if not any(path.suffix for path in paths):
        return ngettext("Drop to add {count:,} folder", "Drop to add {count:,} folders", count).format(count=count)
    if count == 1:
        return _("Drop to add this file")
    return _("Drop to add {count:,} files and folders").format(count=count)


def _local_paths(mime: QMimeData) -> tuple[Path, ...]:
    return tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile() and url.toLocalFile())


def _is_web_address(text: str) -> bool:
    return text.strip().lower().startswith(("http://", "https://", "www.", "data:image"))
