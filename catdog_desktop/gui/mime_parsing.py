"""What somebody dropped or pasted: files, pixels, or something that has to be refused kindly."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from catdog_desktop.file_kinds import has_model_suffix, has_photo_suffix
from catdog_desktop.gui.status_text import OFFLINE_SENTENCE, plural


@dataclass(frozen=True, slots=True)
class Dropped:
    """What came with a drop; exactly one of the four is there."""

    paths: tuple[Path, ...] = ()
    model: Path | None = None
    """A file of somebody's own model, to be imported."""
    pixels: QImage | None = None
    refusal: str = ""


def read_dropped(mime: QMimeData) -> Dropped:
    """Return what `mime` holds for us.

    Files win over pixels, since they have a name and a date; a browser that drags an image gives pixels, often a
    web address beside them, and sometimes the address alone.
    """
    paths = _local_paths(mime)
    if len(paths) == 1 and has_model_suffix(paths[0]):
        return Dropped(model=paths[0])
    if paths:
        return Dropped(paths=paths)
    if mime.hasImage():
        image = QImage(mime.imageData())
        if not image.isNull():
            return Dropped(pixels=image)
    if any(url.scheme() in ("http", "https", "ftp") for url in mime.urls()) or _is_web_address(mime.text()):
        return Dropped(refusal=f"That is a web address. {OFFLINE_SENTENCE}")
    if mime.hasText() and mime.text().strip():
        return Dropped(refusal="That is text, not a photo. Drop photo files, folders or an image.")
    return Dropped(refusal="There is no photo in it. Drop photo files, folders or an image.")


def describe_drop(mime: QMimeData) -> tuple[bool, str]:
    """Return whether `mime` would be taken, and what to say while it is held over the window.

    Looks at names only: the disk may be slow, and this is asked at every move of the pointer.
    """
    paths = _local_paths(mime)
    if len(paths) == 1 and has_model_suffix(paths[0]):
        return True, "Drop to import this model"
    if paths:
        photos = sum(has_photo_suffix(path) for path in paths)
        folders = sum(not path.suffix for path in paths)
        if photos == len(paths):
            return True, f"Drop to add {plural(photos, 'photo', 'photos')}"
        if folders == len(paths):
            return True, f"Drop to add {plural(folders, 'folder', 'folders')}"
        return True, f"Drop to add {len(paths):,} files and folders" if len(paths) > 1 else "Drop to add it"
    if mime.hasImage():
        return True, "Drop to add this photo"
    return False, read_dropped(mime).refusal


def _local_paths(mime: QMimeData) -> tuple[Path, ...]:
    return tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile() and url.toLocalFile())


def _is_web_address(text: str) -> bool:
    return text.strip().lower().startswith(("http://", "https://", "www.", "data:image"))
