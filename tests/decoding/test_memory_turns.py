"""Photos that take much memory are decoded in turns; all others do not wait."""

import io
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.decoding.memory_turns import MemoryTurns, decoding_bytes

MEGABYTE = 2**20


class Meeting:
    """Records how much is held at the same time."""

    def __init__(self, turns: MemoryTurns) -> None:
        self._turns = turns
        self._lock = threading.Lock()
        self._held = self.most = 0

    def hold(self, size: int) -> None:
        with self._turns.hold(size):
            with self._lock:
                self._held += size
                self.most = max(self.most, self._held)
            threading.Event().wait(0.01)  # so that others would meet it if they could
            with self._lock:
                self._held -= size


@pytest.mark.parametrize(("sizes", "most"), [([60] * 8, 60), ([30] * 8, 90), ([300] * 3, 300)])
def test_hold_never_exceeds_limit_unless_alone(sizes: list[int], most: int) -> None:
    meeting = Meeting(MemoryTurns(together_bytes=100, usual_bytes=10))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(meeting.hold, sizes))
    assert meeting.most <= most


def test_hold_usual_size_does_not_wait() -> None:
    turns = MemoryTurns(together_bytes=100, usual_bytes=10)
    with turns.hold(1000), turns.hold(10), turns.hold(10):
        pass


def test_hold_large_photo_is_not_overtaken() -> None:
    """Else small ones that keep coming would let it wait for ever."""
    turns, order = MemoryTurns(together_bytes=100, usual_bytes=10), []
    first_holds, go_on = threading.Event(), threading.Event()

    def hold(name: str, size: int) -> None:
        with turns.hold(size):
            order.append(name)
            if name == "first":
                first_holds.set()
                assert go_on.wait(20)

    threads = [threading.Thread(target=hold, args=args) for args in (("first", 50), ("large", 90), ("small", 20))]
    threads[0].start()
    assert first_holds.wait(20)
    for number, thread in enumerate(threads[1:], 1):
        thread.start()
        while len(turns._queue) < number:
            threading.Event().wait(0.001)
    go_on.set()
    for thread in threads:
        thread.join()
    assert order == ["first", "large", "small"]


def test_hold_error_inside_frees_memory() -> None:
    turns = MemoryTurns(together_bytes=100, usual_bytes=10)
    with pytest.raises(ValueError, match="damaged"), turns.hold(100):
        raise ValueError("damaged")
    with turns.hold(100):
        pass


def opened(size: tuple[int, int], format_name: str = "JPEG", mode: str = "RGB", **options: object) -> Image.Image:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, format_name, **options)
    buffer.seek(0)
    return Image.open(buffer)


@pytest.mark.parametrize(("subsampling", "samples"), [(0, 3.0), (1, 2.0), (2, 1.5)], ids=["444", "422", "420"])
def test_decoding_bytes_of_progressive_jpeg_counts_coefficients(subsampling: int, samples: float) -> None:
    image = opened((800, 600), progressive=True, subsampling=subsampling)
    image.draft("RGB", (100, 75))
    assert image.size == (100, 75)
    assert decoding_bytes(image, (800, 600)) == 100 * 75 * 4 + 800 * 600 * samples * 2  # type: ignore[arg-type]


def test_decoding_bytes_of_baseline_jpeg_is_its_reduced_size() -> None:
    image = opened((800, 600))
    image.draft("RGB", (100, 75))
    assert decoding_bytes(image, (800, 600)) == 100 * 75 * 4  # type: ignore[arg-type]


def test_decoding_bytes_of_sequential_jpeg_with_several_scans_counts_coefficients() -> None:
    """libjpeg buffers it like a progressive one. Pillow writes none, so the header of the scan is changed."""
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600)).save(buffer, "JPEG", subsampling=0)
    content = buffer.getvalue()
    start = content.index(b"\xff\xda\x00\x0c\x03")
    one_component = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    image = Image.open(io.BytesIO(content[:start] + one_component + content[start + 14 :]))
    assert decoding_bytes(image, image.size) == 800 * 600 * (4 + 6)  # type: ignore[arg-type]
    assert image.fp is not None
    assert image.fp.tell() == start + len(one_component), "the file is where Pillow has left it"


@pytest.mark.parametrize(
    ("format_name", "mode", "least"), [("PNG", "RGB", 4), ("PNG", "RGBA", 8), ("PNG", "I;16", 10), ("WEBP", "RGB", 8)]
)
def test_decoding_bytes_of_other_formats(format_name: str, mode: str, least: int) -> None:
    image = opened((100, 50), format_name, mode)
    assert 100 * 50 * least <= decoding_bytes(image, (100, 50)) <= 100 * 50 * 16  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of a process with wait4")
def test_large_progressive_jpegs_with_eight_jobs_stay_under_600_mb(tmp_path: Path, model_folder: Path) -> None:
    """Eight of 96 megapixels; together they would take 2.4 GB."""
    photos = [tmp_path / f"{number}.jpg" for number in range(8)]
    make = "import sys; from PIL import Image; Image.new('RGB', (12000, 8000)).save(sys.argv[1], progressive=True)"
    subprocess.run([sys.executable, "-c", make, str(photos[0])], check=True)
    for photo in photos[1:]:
        os.link(photos[0], photo)
    # A small process between: the peak of a process includes the memory of its parent at the fork.
    between = (
        "import os, subprocess, sys\n"
        "process = subprocess.Popen(sys.argv[1:])\n"
        "_, status, usage = os.wait4(process.pid, 0)\n"
        "print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)\n"
    )
    options = ["--jobs", "8", "--no-store", "--model", str(model_folder)]
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            between,
            sys.executable,
            "-m",
            "catdog_desktop",
            "classify",
            *options,
            *map(str, photos),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    *lines, end = run.stdout.splitlines()
    status, peak_kb = map(int, end.split())
    assert (status, len(lines)) == (0, 8)
    print(f"peak {peak_kb / 1024:.0f} MB")
    assert peak_kb * 1024 < 600 * MEGABYTE
