"""Kill a classifying process at any moment: its reported results are stored, except those in flight.

In flight is what came during one transaction, which the next one writes; how many photos that are is a matter of the
disk's speed and no promise. Decoding and inference are stood for by a few milliseconds of waiting; pipeline, store and
thumbnails are the real ones.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fork_server import ForkServer

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.paths import data_folder
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Scores

PHOTOS = 900
ENOUGH_KNOWN = 400
KEPT = "kept"
MANY = int(os.environ.get("CATDOG_KILLS", "40"))

_CLASSIFIER = f"""
import os, time
from pathlib import Path
from catdog_desktop import pipeline
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Scores

class Waits:
    def __init__(self, model): pass

def classify_photo(path, classifier, model, thumbnail):
    time.sleep(0.004)
    score = int(path.stem) / 10_000
    return Result(path, scores=Scores(score, 1 - score), thumbnail=os.urandom(9_000))

class ReportingStore(Store):
    def keep(self, *given):
        super().keep(*given)
        os.write(1, b"{KEPT}\\n")

pipeline.Classifier, pipeline.classify_photo = Waits, classify_photo

def run(model_folder, folder):
    photos = sorted(Path(folder).iterdir())
    model = load_model_file(Path(model_folder))
    with ReportingStore.open() as store, pipeline.Pipeline(model, store=store, jobs=2) as working:
        working.add(photos)
        while not working.idle:
            for result in working.take_results(0.05):
                os.write(1, os.fsencode(result.path.name) + b"\\n")
"""


def killed(server: ForkServer, chance: random.Random, model: ModelFile, folder: Path) -> list[str]:
    """Classify `folder` in a process and kill it some time after its first report; return its reports."""
    server.start(str(model.folder), str(folder))
    lines: list[str] = []
    least = chance.randint(1, 200)
    while len(lines) < least or not promised(lines):
        lines.append(server.readline())
        assert not lines[-1].startswith("end "), "it came to its end"
    time.sleep(chance.uniform(0.0, 0.02))  # any moment will do: there is nothing to wait for
    server.kill()
    rest, status = server.rest()
    assert status == -9, "it came to its end"
    return lines + rest


def promised(lines: list[str]) -> set[str]:
    """Return the results that must be stored: those reported before a transaction ended are in the next one."""
    ends = [number for number, line in enumerate(lines) if line == KEPT]
    return set(lines[: ends[-2]]) - {KEPT} if len(ends) > 1 else set()


@pytest.fixture
def server() -> Iterator[ForkServer]:
    server = ForkServer(_CLASSIFIER)
    yield server
    server.close()


def kill_again_and_again(server: ForkServer, times: int, model: ModelFile, folder: Path) -> None:
    chance = random.Random(1)
    for number in range(PHOTOS):
        (folder / f"{number:04}.jpg").write_bytes(number.to_bytes(8, "big"))
    photos = sorted(folder.iterdir())
    expected: set[str] = set()
    for _ in range(times):
        expected |= promised(killed(server, chance, model, folder))
        with Store.open() as store:
            assert store.complaint is None
            known = store.known(photos, model.identity, thumbnails=True)
            assert expected <= {path.name for path in known}
            for path, result in known.items():
                score = int(path.stem) / 10_000
                assert result.scores == Scores(score, 1 - score)
                assert len(result.thumbnail) == 9_000
        if len(known) > ENOUGH_KNOWN:
            for file in data_folder().glob("*.sqlite*"):
                file.unlink()
            expected.clear()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a matter of POSIX")
def test_kill_loses_at_most_results_in_flight(server: ForkServer, model: ModelFile, tmp_path: Path) -> None:
    kill_again_and_again(server, 3, model, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a matter of POSIX")
def test_hundreds_of_kills_lose_at_most_results_in_flight(server: ForkServer, model: ModelFile, tmp_path: Path) -> None:
    kill_again_and_again(server, MANY, model, tmp_path)
