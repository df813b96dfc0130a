"""Kinds of files, by name or by first bytes: photos, raw files, models, system files, and others."""

import codecs
import os
from pathlib import Path
from typing import Final

from catdog_desktop.messages import N_

PHOTO_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}
    | {".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff"}
    | {".avif", ".avifs", ".heic", ".heics", ".heif", ".heifs", ".hif"}
)
RAW_SUFFIXES: Final = frozenset(
    {".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw"}
)
"""Raw files, which cameras write beside a JPEG with the same stem."""
PAIRED_SUFFIXES: Final = (".jpg", ".jpeg", ".jpe", ".heic", ".heif", ".hif")
"""Photos that cameras write together with a raw file of the same stem."""
MODEL_SUFFIXES: Final = frozenset({".h5", ".hdf5", ".keras", ".tflite", ".catdog", ".onnx"})
"""Files that may contain the user's own model. A SavedModel is a folder; ONNX files get advice."""
SYSTEM_FILES: Final = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".directory", ".picasa.ini", ".nomedia"}
)
"""Files that operating systems and viewers create in photo folders; lower case."""

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", N_("it is a PDF document")),
    (b"PK\x03\x04", N_("it is a ZIP archive or an office document")),
    (b"PK\x05\x06", N_("it is an empty ZIP archive")),
    (b"\x1f\x8b", N_("it is a gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", N_("it is a 7z archive")),
    (b"Rar!", N_("it is a RAR archive")),
    (b"\x7fELF", N_("it is a program")),
    (b"MZ", N_("it is a program")),
    (b"8BPS", N_("it is a Photoshop document; save it as JPEG or PNG first")),
    (b"ID3", N_("it is a sound file")),
    (b"OggS", N_("it is a sound or video file")),
    (b"fLaC", N_("it is a sound file")),
    (b"\x1aE\xdf\xa3", N_("it is a video")),
    (b"FLV\x01", N_("it is a video")),
    (b"\x00\x00\x01\xba", N_("it is a video")),
    (b"\x00\x00\x01\xb3", N_("it is a video")),
    (b"\x00\x00\x01\x00", N_("it is an icon")),
    (b"\x00\x00\x00\x0cjP  ", N_("it is a JPEG 2000 image; save it as JPEG or PNG first")),
    (b"\xff\x4f\xff\x51", N_("it is a JPEG 2000 image; save it as JPEG or PNG first")),
    (b"\xff\x0a", N_("it is a JPEG XL image; save it as JPEG or PNG first")),
    (b"\x00\x00\x00\x0cJXL ", N_("it is a JPEG XL image; save it as JPEG or PNG first")),
    (b"SQLite format 3", N_("it is a database")),
)
_PHOTO_SIGNATURES: Final = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
)
_RAW_SIGNATURES: Final = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\x00")
"""RAF, ORF and RW2. Other raw files begin like TIFF."""
_HEIF_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})


def suffix_of(name: str) -> str:
    """Return the suffix of a file name, in lower case: that of `Path.suffix`, in a fifth of the time."""
    dot = name.rfind(".")
    return name[dot:].lower() if 0 < dot < len(name) - 1 else ""


def has_photo_suffix(path: Path) -> bool:
    """Whether the suffix is that of a photo."""
    return path.suffix.lower() in PHOTO_SUFFIXES


def is_raw(path: Path) -> bool:
    """Whether the suffix is that of a raw file."""
    return path.suffix.lower() in RAW_SUFFIXES


def pair_key(name: str) -> str | None:
    """Return the stem, in lower case, that a raw file shares with its photo; None if `name` is neither of them."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  A name, for each file of a folder.
    return stem.casefold() if suffix.lower() in RAW_SUFFIXES or suffix.lower() in PAIRED_SUFFIXES else None


def has_model_suffix(path: Path) -> bool:
    """Whether the suffix is that of a model."""
    return path.suffix.lower() in MODEL_SUFFIXES


def is_system_file(name: str) -> bool:
    """Whether `name` is that of a file that a system creates: `Thumbs.db`, `.DS_Store`, `._IMG_1.jpg` and similar.

    This includes `.catdog-...`, the incomplete copy of a sort that was interrupted.
    """
    return name.lower() in SYSTEM_FILES or name.startswith(("._", ".catdog-"))


def is_heif(head: bytes) -> bool:
    """Whether a file that begins with `head` is HEIC or HEIF (ISO/IEC 23008-12, brands in the `ftyp` box)."""
    return head[4:8] == b"ftyp" and bool(_brands(head) & _HEIF_BRANDS) and head[8:12] not in _AVIF_BRANDS


def begins_like_raw(head: bytes) -> bool:
    """Whether a file that begins with `head` is a raw file with a container of its own: RAF, ORF, RW2 or CR3."""
    return head.startswith(_RAW_SIGNATURES) or head[4:12] == b"ftypcrx "


def may_be_raw(head: bytes) -> bool:
    """Whether a file that begins with `head` may be a raw file: most have the first bytes of TIFF."""
    return head.startswith((b"II*\0", b"MM\0*")) or begins_like_raw(head)


def looks_like_photo(head: bytes) -> bool:
    """Whether a file that begins with `head` has the signature of a format the app reads."""
    if head.startswith(_PHOTO_SIGNATURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or begins_like_raw(head):
        return True
    return head[4:8] == b"ftyp" and bool(_brands(head) & (_HEIF_BRANDS | _AVIF_BRANDS))


def describe_content(head: bytes) -> str | None:
    """Describe a file that is not a photo ("it holds text"); None if it begins like a photo, and so must be damaged."""
    if looks_like_photo(head):
        return None
    if head[:4] == b"RIFF":
        return {b"WAVE": N_("it is a sound file"), b"AVI ": N_("it is a video")}.get(
            head[8:12], N_("it holds other data")
        )
    if head[4:8] == b"ftyp":
        return N_("it is a video")
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return N_("it is an SVG drawing")
    if text.startswith((b"<!doctype html", b"<html")):
        return N_("it is a web page")
    return N_("it holds text") if _is_text(head) else N_("it holds other data")


def _brands(head: bytes) -> set[bytes]:
    """Return the major and the compatible brands of an ISO base media file."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12]} | {head[start : start + 4] for start in range(16, size, 4)}


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head:
        return False
    try:
        # An incremental decoder accepts that the last character may be cut.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
