"""Progress bar for a terminal: number of photos, photos per second, time left."""

import shutil
import time
from types import TracebackType
from typing import Final, Self, TextIO

from catdog_desktop.formatting import format_duration
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _

_REDRAW_SECONDS: Final = 0.1
_CELLS: Final = 22


class ProgressBar:
    """Draws on `stream` if it is a terminal, else does nothing. Leaving the `with` block removes the bar."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream if stream is not None and stream.isatty() else None
        self._full, self._empty = ("▇", "░") if self._can_write("▇░·") else ("#", ".")
        self._dot = "·" if self._full == "▇" else "-"
        self._start = time.monotonic()
        self._drawn = 0.0
        self._width = 0
        self.total: int | None = None
        """Number of photos; None while it is unknown."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    @property
    def shown(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream is not None

    def update(self, done: int, *, known: int = 0) -> None:
        """Redraw, at most ten times a second. The speed excludes `known` photos, which came from the store."""
        now = time.monotonic()
        if self._stream is None or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        line = self._line(done, now - self._start, known)[: shutil.get_terminal_size().columns - 1]
        self._stream.write("\r" + line.ljust(self._width))
        self._stream.flush()
        self._width = len(line)

    def clear(self) -> None:
        """Remove the bar, so that other lines can be written."""
        if self._stream is not None and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0
            self._drawn = 0.0

    def _line(self, done: int, seconds: float, known: int) -> str:
        rate = ((done - known) or done) / max(seconds, 1e-6)
        speed = _("{rate} photos/s").format(rate=format_number(rate, 0 if rate >= 10 else 1))
        if known:
            speed += f" {self._dot} " + _("{count} classified before").format(count=format_number(known))
        if self.total is None:
            return f"{format_number(done)} {self._dot} {speed}"
        cells = min(_CELLS, _CELLS * done // max(1, self.total))
        duration = format_duration((self.total - done) / rate) if rate > 0 else "?"
        bar = self._full * cells + self._empty * (_CELLS - cells)
        count = _("{done} of {total}").format(done=format_number(done), total=format_number(self.total))
        left = _("{duration} left").format(duration=duration)
        return f"{bar}  {count} {self._dot} {speed} {self._dot} {left}"

    def _can_write(self, text: str) -> bool:
        try:
            text.encode(getattr(self._stream, "encoding", None) or "ascii")
        except (UnicodeEncodeError, LookupError):
            return False
        return True
