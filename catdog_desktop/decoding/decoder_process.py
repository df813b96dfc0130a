"""Decoder processes: formats with risky native decoders are decoded in sandboxed children, not in the app's process.

These are all formats except JPEG and PNG, HEIC among them; `formats.open_image` decides.
A crash, a hang or a memory bomb costs one photo; the process is replaced. Processes are started on first need, kept for
the next photo, and as many as there are threads that decode at the same time. A photo that is opened this way is a
`RemoteImage`, which the rest of decoding uses like any image of Pillow.
"""

import atexit
import base64
import contextlib
import io
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

from PIL import Image, ImageFile, ImagePalette

from catdog_desktop.decoding.deadline import Deadline
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.decoding.pixels import THUMBNAIL_EDGE
from catdog_desktop.decoding.problem_text import NO_DECODER, TOO_SLOW
from catdog_desktop.messages import N_
from catdog_desktop.sandbox.confinement import child_environment
from catdog_desktop.sandbox.process import child_command, kill, parse_answer
from catdog_desktop.sandbox.shared_file import SharedFile

SECONDS: Final = 20.0
USUAL_MEGAPIXELS: Final = 24
"""A photo may take `SECONDS` up to this size, and one second for each megapixel beyond."""
MEMORY_BYTES: Final = 4 * 2**30
"""Of a process, whatever it decodes; `decoder_child` sets a lower limit for each photo."""
LONGEST_LINE: Final = 16 * 2**20
MAX_IDLE: Final = 4
"""Processes that are kept for later; each takes about 40 MB."""
KEPT_BYTES: Final = 2**25
"""Of memory that a process keeps for the next photo, and the app for its pixels."""
ALLOCATOR: Final = {"MALLOC_TRIM_THRESHOLD_": str(KEPT_BYTES), "MALLOC_MMAP_THRESHOLD_": str(KEPT_BYTES)}
"""Variables of glibc. By default it gives the memory of each photo back, and the kernel has to clear it anew: that took
3 of the 11 ms of a preview of 2 megapixels."""
MODES: Final = {
    "1": 0, "L": 1, "LA": 2, "P": 1, "PA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4, "YCbCr": 3, "LAB": 3, "HSV": 3, "I": 4,
    "F": 4, "I;16": 2, "I;16B": 2, "I;16L": 2, "La": 2, "RGBa": 4, "RGBX": 4,
}  # fmt: skip
"""Modes of Pillow, and the bytes of a pixel; 0: eight pixels a byte."""


_readable: tuple[str, ...] = ()
"""Paths that a process may read beside Python's own; tests add to it."""


class DecoderError(Exception):
    """A decoder process has crashed, hung or sent nonsense, or cannot be started. The message says which."""


class _Decoder:
    """One decoder process."""

    def __init__(self) -> None:
        """Start it. Raises `OSError`."""
        self._folder = tempfile.TemporaryDirectory(prefix="catdog-decoder-", ignore_cleanup_errors=True)
        self._shared = SharedFile(Path(self._folder.name))
        inherited = () if self._shared.descriptor is None else (self._shared.descriptor,)
        try:
            self._process = subprocess.Popen(
                child_command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Native libraries write thousands of lines there for one damaged photo.
                stderr=subprocess.DEVNULL,
                pass_fds=inherited,
                env={**child_environment(Path(self._folder.name)), **ALLOCATOR},
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            self._shared.close()
            self._folder.cleanup()
            raise
        request = {"task": "decode", "folder": self._folder.name, "readable": list(_readable)}
        with contextlib.suppress(OSError):  # a child that has ended already is noticed at the first photo
            self._send({**request, "memory_bytes": MEMORY_BYTES, "cpu_seconds": None})
        self._is_confined = False
        self._timed_out = False
        self._deadline = Deadline(self._time_out)
        self._buffer = bytearray()
        """For the bytes that follow a reply. It is used again."""

    def share(self, file: IO[bytes], part: tuple[int, int] | None) -> dict[str, Any]:
        """Give the process the content of a photo; return what must be in the request. Raises `OSError`."""
        return self._shared.fill(file, part)

    def forget_shared(self) -> None:
        """Free the memory of the photo."""
        self._shared.empty()

    def ask(self, message: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], memoryview]:
        """Send a request and return the reply and the bytes that follow it. Raises `DecoderError`.

        The next call overwrites the bytes.
        """
        self._timed_out = False
        self._deadline.start(seconds)
        try:
            # A little later than the deadline: it ends a process whose app is gone.
            self._send({**message, "seconds": seconds + 5})
            if not self._is_confined:
                self._is_confined = "confined" in self._read_line()
            reply = self._read_line()
            return reply, self._read_bytes(reply)
        except (OSError, EOFError, ValueError) as error:
            raise DecoderError(self._end(seconds)) from error
        finally:
            self._deadline.cancel()

    def close(self) -> None:
        """End the process."""
        self._deadline.close()
        kill(self._process)
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._output.close()
        self._shared.close()
        self._folder.cleanup()

    @property
    def _output(self) -> io.BufferedReader:
        assert isinstance(self._process.stdout, io.BufferedReader)
        return self._process.stdout

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
        self._process.stdin.flush()

    def _read_line(self) -> dict[str, Any]:
        line = self._output.readline(LONGEST_LINE)
        if not line:
            raise EOFError
        reply = parse_answer(line)
        if not isinstance(reply, dict):
            raise ValueError("not an answer")
        return reply

    def _read_bytes(self, reply: Mapping[str, Any]) -> memoryview:
        if "bytes" not in reply:
            return memoryview(b"")
        expected = _size_of_pixels(reply)
        if reply["bytes"] != expected:
            raise ValueError("not the bytes of an image of this size")
        buffer = self._buffer
        if len(buffer) < expected:
            buffer = bytearray(expected)
            if expected <= KEPT_BYTES:
                self._buffer = buffer
        content = memoryview(buffer)[:expected]
        if self._output.readinto(content) != expected:
            raise EOFError
        return content

    def _time_out(self) -> None:
        self._timed_out = True
        self._process.kill()

    def _end(self, seconds: float) -> str:
        kill(self._process)
        if self._timed_out:
            return TOO_SLOW.format(seconds=f"{seconds:.0f}")
        return N_("is damaged: it crashed its decoder")


class _DecoderPool:
    """Decoder processes that wait for the next photo."""

    def __init__(self) -> None:
        self._idle: list[_Decoder] = []
        self._lock = threading.Lock()
        self._owner = 0

    def take(self) -> _Decoder:
        """Return a process that no other thread uses. Raises `OSError` if none can be started."""
        with self._lock:
            if self._owner != os.getpid():  # a fork has copied the list, not the processes
                self._owner, self._idle = os.getpid(), []
                atexit.register(self.close)
            if self._idle:
                return self._idle.pop()
        return _Decoder()

    def give_back(self, decoder: _Decoder) -> None:
        """Keep a process that works for later."""
        with self._lock:
            if len(self._idle) < MAX_IDLE:
                self._idle.append(decoder)
                return
        decoder.close()

    def close(self) -> None:
        """End all processes that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for decoder in idle:
            decoder.close()


_pool = _DecoderPool()


class RemoteImage(ImageFile.ImageFile):
    """A photo that is open in a decoder process. `release` must be called in the end."""

    def __init__(self, file: io.BufferedReader, part: tuple[int, int] | None = None) -> None:
        """Open the photo in `file`, or in the `part` of it with this offset and length. Raises `PhotoError`."""
        Image.Image.__init__(self)
        self.tile = []
        self.fp = None
        self.is_damaged = False
        self.is_reduced = False
        """It is RGB of the wanted size, as `to_rgb` makes it."""
        self.raw_size: tuple[int, int] | None = None
        """Width and height of the photo, if this is only the preview of a raw file."""
        self.raw_exif: Image.Exif | None = None
        """EXIF data of the raw file, if this is only its preview."""
        self.resized: Image.Image | None = None
        """The input of a model, once it is loaded; see `resize_in_process`."""
        self._wanted: tuple[int, int] | None = None
        self._input: dict[str, Any] | None = None
        self._is_spent = False
        """The process holds so much memory that it is not used again."""
        self._decoder: _Decoder | None = None
        try:
            self._decoder = _pool.take()
        except OSError as error:
            raise PhotoError(Unreadable.NOT_ALLOWED, NO_DECODER, reason=error.strerror or error) from error
        try:
            shared = self._decoder.share(file, part)
        except OSError:
            self.release()
            raise
        reply, _pixels = self._ask({"do": "open", **shared}, SECONDS)
        try:
            self._mode, self._size = str(reply["mode"]), _size(reply["size"])
            self.format = str(reply["format"])
            for name in ("exif", "xmp", "icc_profile"):
                if reply[name] is not None:
                    self.info[name] = base64.b64decode(reply[name])
            self.info["iptc_keywords"] = [base64.b64decode(keyword) for keyword in reply["keywords"] if keyword]
        except (KeyError, TypeError, ValueError) as error:
            raise self._crashed() from error

    def _open(self) -> None:
        """Do nothing: `__init__` opens the photo."""

    def getexif(self) -> Image.Exif:
        """Return the EXIF data: of the raw file, if this is only its preview."""
        return super().getexif() if self.raw_exif is None else self.raw_exif

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> None:
        """Let `load` give RGB not much larger than `size`."""
        self._wanted = size

    def resize_in_process(self, size: tuple[int, int], resampling: str, orientation: int, *, thumbnail: bool) -> None:
        """Let `load` also turn the photo upright and resize it to the `size` of a model's input, which is `resized`.

        The image itself is then the thumbnail, or the input too. Needs `draft` before.
        """
        self._input = {
            "size": size,
            "resampling": resampling.upper(),
            "orientation": orientation,
            "thumbnail": thumbnail,
        }

    def load(self) -> Any:
        """Decode the pixels, once. Raises `PhotoError`."""
        if self._decoder is None:
            return Image.Image.load(self)
        request = {"do": "load", "wanted": self._wanted, "input": self._input}
        reply, pixels = self._ask(request, seconds_allowed(self.width * self.height))
        try:
            image = self.resized = _image(reply, pixels)
            if self._input is None:
                self.resized = None
            elif image.size != self._input["size"] or image.mode != "RGB":
                raise ValueError("not what was wanted")
            elif self._input["thumbnail"]:
                image = _thumbnail(reply, pixels)
            self.is_damaged, self._is_spent = bool(reply["damaged"]), bool(reply["spent"])
            self.is_reduced = self._wanted is not None
            if self.is_reduced and image.mode != "RGB":
                raise ValueError("not what was wanted")
        except (KeyError, TypeError, ValueError) as error:
            raise self._crashed() from error
        self.im, self.palette, self._mode, self._size = image.im, image.palette, image.mode, image.size
        self.info.update(image.info)
        self.release()
        return Image.Image.load(self)

    def release(self) -> None:
        """Let other photos use the process."""
        if self._decoder is not None and self._is_spent:
            self._discard()
        elif self._decoder is not None:
            self._decoder.forget_shared()
            _pool.give_back(self._decoder)
            self._decoder = None

    def _ask(self, message: dict[str, Any], seconds: float) -> tuple[dict[str, Any], memoryview]:
        assert self._decoder is not None
        try:
            reply, content = self._decoder.ask(message, seconds)
        except DecoderError as error:
            self._discard()
            raise PhotoError(Unreadable.DAMAGED, str(error)) from error
        match reply:
            case {"error": [str(reason), str(sentence)]} if reason in Unreadable.__members__:
                # What it has taken of its memory would be missing for the next photo.
                self._is_spent = reply.get("spent") is not False
                self.release()
                raise PhotoError(Unreadable[reason], sentence[:300])
        return reply, content

    def _crashed(self) -> PhotoError:
        """Return the error for a process that sent nonsense, which may be under a photo's control."""
        self._discard()
        return PhotoError(Unreadable.DAMAGED, N_("is damaged: it crashed its decoder"))

    def _discard(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None


def seconds_allowed(pixels: int) -> float:
    """Return how long a photo of so many pixels may take to decode."""
    return SECONDS + max(0.0, pixels / 1e6 - USUAL_MEGAPIXELS)


def close_decoders() -> None:
    """End the processes that wait for photos; the next photo starts one again."""
    _pool.close()


def _size(content: Any) -> tuple[int, int]:
    width, height = content
    if type(width) is not int or type(height) is not int or not 0 < width < 2**31 or not 0 < height < 2**31:
        raise ValueError("not a size")
    return width, height


def _size_of_pixels(reply: Mapping[str, Any]) -> int:
    try:
        (width, height), each = _size(reply["size"]), MODES[reply["mode"]]
    except (KeyError, TypeError) as error:
        raise ValueError("not an image") from error
    pixels = width * height * each if each else (width + 7) // 8 * height
    return pixels + _thumbnail_bytes(reply)


def _thumbnail_bytes(reply: Mapping[str, Any]) -> int:
    if reply.get("thumbnail") is None:
        return 0
    width, height = _size(reply["thumbnail"])
    if max(width, height) > THUMBNAIL_EDGE:
        raise ValueError("not a thumbnail")
    return width * height * 3


def _thumbnail(reply: Mapping[str, Any], pixels: memoryview) -> Image.Image:
    """Return the thumbnail, which stands behind the other pixels."""
    image = Image.new("RGB", _size(reply["thumbnail"]), None)
    image.frombytes(pixels[len(pixels) - _thumbnail_bytes(reply) :])
    return image


def _image(reply: Mapping[str, Any], pixels: memoryview) -> Image.Image:
    # Not `Image.frombytes`, which fills the image with a colour first.
    image = Image.new(reply["mode"], _size(reply["size"]), None)
    image.frombytes(pixels[: len(pixels) - _thumbnail_bytes(reply)])
    if image.mode in ("P", "PA"):
        mode, colours = reply["palette"]
        if mode not in ("RGB", "RGBA"):
            raise ValueError("not a palette")
        image.putpalette(ImagePalette.ImagePalette(mode, base64.b64decode(colours)))
    if "transparency" in reply:
        image.info["transparency"] = base64.b64decode(reply["transparency"])
    elif "transparent index" in reply:
        image.info["transparency"] = int(reply["transparent index"])
    return image
