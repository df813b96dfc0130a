"""Memory that was freed goes back to the system, whatever was allocated and freed before."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from catdog_desktop import freed_memory
from catdog_desktop.freed_memory import IdleReturn

needs_glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="as with glibc 2.33 or later"
)
MEMORY = """
import ctypes
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]
library = ctypes.CDLL(None)
library.mallinfo2.restype = Info
def memory(): return library.mallinfo2()
"""


def printed(program: str, *arguments: object) -> list[int]:
    result = subprocess.run(
        [sys.executable, "-c", MEMORY + program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [int(word) for word in result.stdout.split()]


@needs_glibc
def test_weights_of_each_model_are_apart_from_small_blocks_and_are_returned(model_folder: Path) -> None:
    with_models = printed(
        "import sys\n"
        "from pathlib import Path\n"
        "from catdog_desktop.inference.model_file import load_model_file\n"
        "from catdog_desktop.pipeline import Pipeline\n"
        "model = load_model_file(Path(sys.argv[1]))\n"
        "for _ in range(4):\n"
        "    with Pipeline(model, jobs=1):\n"
        "        loaded = memory().hblkhd\n"
        "    print(loaded, memory().hblkhd)\n",
        model_folder,
    )
    loaded, closed = with_models[::2], with_models[1::2]
    assert all(size - left > 10 * 2**20 for size, left in zip(loaded, closed, strict=True)), with_models
    assert max(closed) < 10 * 2**20, with_models


@needs_glibc
def test_threads_share_one_heap(tmp_path: Path) -> None:
    (heaps,) = printed(
        "import sys, threading\n"
        "from pathlib import Path\n"
        "from catdog_desktop.freed_memory import limit_kept_memory\n"
        "limit_kept_memory()\n"
        "library.malloc.restype = library.fopen.restype = ctypes.c_void_p\n"
        "barrier = threading.Barrier(40)\n"
        "def allocate():\n"
        "    library.malloc(ctypes.c_size_t(5000))\n"
        "    barrier.wait(60)\n"
        "threads = [threading.Thread(target=allocate) for _ in range(40)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "file = ctypes.c_void_p(library.fopen(sys.argv[1].encode(), b'w'))\n"
        "library.malloc_info(0, file)\n"
        "library.fclose(file)\n"
        "print(Path(sys.argv[1]).read_text().count('<heap '))\n",
        tmp_path / "heaps.xml",
    )
    assert heaps == 1


@needs_glibc
def test_return_freed_memory_gives_back_pages_between_blocks_in_use() -> None:
    before, after = printed(
        "import numpy as np\n"
        "from pathlib import Path\n"
        "from catdog_desktop.freed_memory import return_freed_memory\n"
        "def resident(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4096\n"
        "blocks = [np.ones(100_000, np.uint8) for _ in range(400)]\n"
        "kept = blocks[::20]\n"
        "del blocks\n"
        "before = resident()\n"
        "return_freed_memory()\n"
        "print(before, resident())\n"
    )
    assert before - after > 20 * 2**20


def test_idle_return_returns_once_after_work_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now, returned = 1000.0, []
    monkeypatch.setattr(freed_memory, "RETURN_SECONDS", 60.0)
    monkeypatch.setattr(freed_memory, "LONGEST_SECONDS", 300.0)
    monkeypatch.setattr(freed_memory.time, "monotonic", lambda: now)
    monkeypatch.setattr(freed_memory, "return_freed_memory", lambda: returned.append(now))
    idle = IdleReturn()
    now += 100
    idle.return_if_due()
    assert (idle.seconds_left, returned) == (None, [])
    idle.note_work()
    assert idle.seconds_left == 0
    idle.return_if_due()
    idle.return_if_due()
    assert (idle.seconds_left, returned) == (None, [1100])
    now += 20
    idle.note_work()
    assert idle.seconds_left == 40
    idle.return_if_due()
    now += 40
    idle.return_if_due()
    assert returned == [1100, 1160]


def test_memory_is_returned_amid_work_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now, returned = 1000.0, []
    monkeypatch.setattr(freed_memory.time, "monotonic", lambda: now)
    monkeypatch.setattr(freed_memory, "return_freed_memory", lambda: returned.append(now))
    idle = IdleReturn()
    for _ in range(150):
        now += 1
        idle.note_work()
    assert returned == [1060, 1120]
