"""A clock that jumps: the soak sets an offset in a file, and the programs that it runs add it to the time."""

import mmap
import struct
import time
from pathlib import Path

_FORMAT = "d"
SIZE = struct.calcsize(_FORMAT)


def set_offset(file: Path, seconds: float) -> None:
    with file.open("r+b" if file.exists() else "wb") as opened:
        opened.write(struct.pack(_FORMAT, seconds))


def install(file: Path) -> None:
    """Let `time.time` and `time.time_ns` of this process follow the offset in `file`. Monotonic time never jumps."""
    with file.open("rb") as opened:
        memory = mmap.mmap(opened.fileno(), SIZE, access=mmap.ACCESS_READ)
    real_time, real_time_ns = time.time, time.time_ns

    def offset() -> float:
        return float(struct.unpack(_FORMAT, memory[:SIZE])[0])

    time.time = lambda: real_time() + offset()
    time.time_ns = lambda: real_time_ns() + int(offset() * 10**9)
