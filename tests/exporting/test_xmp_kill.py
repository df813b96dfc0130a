"""A keyword export and its undo, killed at random moments: undo still restores every sidecar."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fork_server import ForkServer
from PIL import Image
from xmp_samples import ADOBE, DARKTABLE

from catdog_desktop.exporting.xmp_export import list_xmp_exports, undo_keywords

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals as on POSIX")
PHOTOS = 90
MANY = int(os.environ.get("CATDOG_KILLS", "40"))
PROGRAM = """
import os
from pathlib import Path
from catdog_desktop.verdict import Result, Scores, Thresholds
from catdog_desktop.exporting.xmp_export import list_xmp_exports, undo_keywords, write_keywords

def run(folder, what):
    os.write(1, b"ready\\n")
    if what == "export":
        photos = sorted(Path(folder).glob("*.jpg"))
        write_keywords([Result(path, Scores(0.99, 0.01)) for path in photos], Thresholds())
    else:
        undo_keywords(list_xmp_exports()[0].id)
"""


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mode) for path in folder.iterdir()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pets")
    for number in range(PHOTOS):
        Image.new("RGB", (8, 8)).save(folder / f"{number:03}.jpg")
        if number % 3:
            (folder / f"{number:03}.jpg.xmp").write_bytes(ADOBE if number % 3 == 1 else DARKTABLE)
    return folder


@pytest.fixture
def server() -> Iterator[ForkServer]:
    server = ForkServer(PROGRAM)
    yield server
    server.close()


def run(server: ForkServer, folder: Path, what: str, kill_after: float | None) -> int:
    """Return the exit status."""
    server.start(str(folder), what)
    assert server.readline() == "ready"
    if kill_after is not None:
        time.sleep(kill_after)  # The random moment is what is tested.
        server.kill()
    _lines, status = server.rest()
    return status


def duration(server: ForkServer, folder: Path, what: str) -> float:
    begin = time.monotonic()
    assert run(server, folder, what, None) == 0
    return time.monotonic() - begin


@pytest.mark.parametrize(
    ("what", "moments"),
    [
        ("export", 2),
        pytest.param("export", MANY, marks=pytest.mark.slow),
        pytest.param("undo", MANY, marks=pytest.mark.slow),
    ],
)
def test_export_killed_at_random_moment_can_be_undone(what: str, moments: int, tree: Path, server: ForkServer) -> None:
    before = snapshot(tree)
    seconds = duration(server, tree, "export")
    if what == "undo":
        seconds = duration(server, tree, "undo")
    else:
        undo_keywords(list_xmp_exports()[0].id)
    assert snapshot(tree) == before
    chance = random.Random(7)
    states = set()
    killed = tries = 0
    while killed < moments:
        tries += 1
        assert tries < 10 * moments, "it ends before it is killed"
        if what == "undo":
            assert run(server, tree, "export", None) == 0
        killed += run(server, tree, what, chance.uniform(0, seconds)) == -signal.SIGKILL
        states.add(sum(name.endswith(".xmp") for name in os.listdir(tree)))
        for info in list_xmp_exports():
            undo_keywords(info.id)
        assert snapshot(tree) == before
        assert list_xmp_exports() == []
    print(f"{what}: killed {killed} times, {len(states)} different states, all brought back")
