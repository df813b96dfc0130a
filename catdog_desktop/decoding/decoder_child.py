"""Task of a decoder process: open photos that the app passes, and send back what it needs of them.

A request is a line of JSON on standard input. `open` opens the photo in the shared file; the reply has its size and
metadata. `load` decodes the photo that is open. Replies are lines of JSON on standard output, the one to `load`
followed by the pixels.
"""

import base64
import contextlib
import gc
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, Final

from PIL import ExifTags, Image, ImageFile

# Imported at the start, since an import during a request would count against its time and memory.
from catdog_desktop.decoding import odd_bmp, odd_tiff  # noqa: F401
from catdog_desktop.decoding.errors import PhotoError, Unreadable, decoding_error
from catdog_desktop.decoding.exif import iptc_keywords, read_exif
from catdog_desktop.decoding.formats import HEAD_BYTES, open_in_this_process
from catdog_desktop.decoding.pixels import load_pixels, to_rgb, to_thumbnail, upright
from catdog_desktop.sandbox.child import Channel, is_out_of_memory
from catdog_desktop.sandbox.lifetime import cancel_end_after, end_after
from catdog_desktop.sandbox.shared_file import open_shared_file

LONGEST_METADATA: Final = 4 * 2**20
"""Bytes of EXIF or XMP that are passed on; larger ones are ignored."""
LONGEST_VALUE: Final = 64 * 2**10
_DIRECTORIES: Final = frozenset(ExifTags.IFD)
BASE_MEMORY: Final = 300 * 2**20
SPENT_BYTES: Final = 200 * 2**20
"""A process that holds more than this after a photo is replaced; after usual photos it holds 25 to 90 MB."""
MOST_ALLOCATED: Final = 2**30
"""A process that has more than this after an error is replaced: a quarter of what its confinement allows."""
MEMORY_PER_PIXEL: Final = 16
"""Bytes: decoded pixels with alpha, a copy in another mode, and what a decoder needs beside."""


def serve(request: Mapping[str, Any], channel: Channel) -> dict[str, Any]:
    """Answer requests until standard input ends."""
    opened: ImageFile.ImageFile | None = None
    requests = os.fdopen(0, "rb", closefd=False)
    while line := requests.readline():
        message = json.loads(line)
        # The app kills a process that takes too long. This is for one whose app is gone.
        end_after(message["seconds"])
        try:
            if message["do"] == "open":
                opened = None
                gc.collect(0)
                opened = _open(message)
                channel.send(**_header(opened))
            elif opened is not None:
                _send_pixels(opened, message, channel)
                opened = None
        except PhotoError as error:
            _send_error(error, channel)
        except Exception as error:  # noqa: BLE001  Pillow's plugins raise nearly everything for damaged files.
            memory = MemoryError() if is_out_of_memory(error) else error
            _send_error(decoding_error(memory), channel)
        finally:
            cancel_end_after()
    return {}


def _send_error(error: PhotoError, channel: Channel) -> None:
    if sys.platform == "linux":
        allocated, in_use = memory_of_process()
        spent = in_use > SPENT_BYTES or allocated > MOST_ALLOCATED
    else:
        spent = error.reason is Unreadable.TOO_LARGE
    channel.send(error=[error.reason.name, str(error)], spent=spent)


def _open(message: Mapping[str, Any]) -> ImageFile.ImageFile:
    _limit_memory(0)
    file = open_shared_file(message)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return open_in_this_process(file, head)


def _header(opened: ImageFile.ImageFile) -> dict[str, Any]:
    header = {"mode": opened.mode, "size": opened.size, "format": opened.format, "exif": _encoded(_exif(opened))}
    keywords = [_encoded(keyword) for keyword in iptc_keywords(opened)]
    others = {name: _encoded(opened.info.get(name)) for name in ("xmp", "icc_profile")}
    return {**header, **others, "keywords": keywords}


def _exif(opened: ImageFile.ImageFile) -> bytes | None:
    """Return the EXIF data, for TIFFs those of its tags that are numbers or texts."""
    stored = opened.info.get("exif")
    if isinstance(stored, bytes):
        return stored
    clean = Image.Exif()
    with contextlib.suppress(Exception):  # broken metadata raises anything, and the photo may decode all the same
        found = read_exif(opened)
        # Without the offsets of further directories, which are not copied or end up elsewhere.
        clean.update({tag: value for tag, value in found.items() if _is_plain(value) and tag not in _DIRECTORIES})
        for folder in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            inner = {tag: value for tag, value in found.get_ifd(folder).items() if _is_plain(value)}
            if inner:
                clean[folder] = inner
        return clean.tobytes() if len(clean) else None
    return None


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= LONGEST_VALUE)


def _send_pixels(opened: ImageFile.ImageFile, message: Mapping[str, Any], channel: Channel) -> None:
    """Decode, and send the pixels.

    `wanted`: RGB not much larger than that, or the pixels as they are stored if it is None. `input`: two small upright
    images instead, one for the model and one for the gallery.
    """
    _limit_memory(opened.width * opened.height)
    wanted, for_model = message["wanted"], message["input"]
    if wanted is not None:
        opened.draft(opened.mode, (wanted[0], wanted[1]))  # of the JPEG in a raw file
    damaged = load_pixels(opened)
    image: Image.Image = opened
    if wanted is not None:
        image = to_rgb(opened, (min(wanted[0], opened.width), min(wanted[1], opened.height)))
    small = None
    if for_model is not None:
        image = upright(image, for_model["orientation"])
        small = to_thumbnail(image) if for_model["thumbnail"] else None
        image = image.resize(tuple(for_model["size"]), Image.Resampling[for_model["resampling"]])
    pixels = [image.tobytes(), b"" if small is None else small.tobytes()]
    reply: dict[str, Any] = {"mode": image.mode, "size": image.size, "damaged": damaged}
    reply["thumbnail"] = None if small is None else small.size
    if image.mode in ("P", "PA"):
        palette = image.palette
        assert palette is not None
        reply["palette"] = [palette.mode, _encoded(image.im.getpalette(palette.mode, palette.mode))]
    transparency = image.info.get("transparency")
    if isinstance(transparency, bytes):
        reply["transparency"] = _encoded(transparency)
    elif isinstance(transparency, int):
        reply["transparent index"] = transparency
    size = sum(map(len, pixels))
    channel.send(**reply, bytes=size, spent=memory_of_process()[1] - size > SPENT_BYTES)
    for part in pixels:
        channel.write(part)


def _encoded(content: object) -> str | None:
    if not isinstance(content, bytes) or len(content) > LONGEST_METADATA:
        return None
    return base64.b64encode(content).decode("ascii")


def memory_of_process() -> tuple[int, int]:
    """Return how many bytes this process has allocated, and how many of them are in use; zeros but on Linux."""
    try:
        # Python's layers of files take 0.2 ms, three times for each photo.
        descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return 0, 0
    try:
        numbers = os.read(descriptor, 200).split()
    finally:
        os.close(descriptor)
    size = os.sysconf("SC_PAGE_SIZE")
    return int(numbers[5]) * size, int(numbers[1]) * size


def _limit_memory(pixels: int) -> None:
    """Limit this process's memory to what a photo of so many pixels needs, within the limit of its confinement.

    It counts from what the process has: threads of earlier photos leave stacks and heaps that are hardly in use.
    """
    if sys.platform == "win32":
        return  # its job limits it as a whole
    import resource

    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = memory_of_process()[0] + BASE_MEMORY + MEMORY_PER_PIXEL * pixels
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(
            resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )
