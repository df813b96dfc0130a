"""A process that classifies is killed at any moment: all that it told is known the next time, but what was in flight.

Decoding and inference are stood for by a few milliseconds of waiting; pipeline, store and thumbnails are the real ones.
"""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.places import data_folder
from catdog_desktop.storing.store import Store
from catdog_desktop.verdict import Scores

JOBS = 2
IN_FLIGHT = JOBS + 6
"""Those in the workers, and those that came while the transaction before was written."""
PATIENCE = 30.0

_CLASSIFIER = f"""
import os, sys, time
from pathlib import Path
from catdog_desktop import pipeline
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.storing.store import Store
from catdog_desktop.verdict import Result, Scores

class Waits:
    def __init__(self, model): pass

def classify_photo(path, classifier, model, thumbnail):
    time.sleep(0.004)
    score = int(path.stem) / 10_000
    return Result(path, scores=Scores(score, 1 - score), thumbnail=os.urandom(9_000))

pipeline.Classifier, pipeline.classify_photo = Waits, classify_photo
photos = sorted(Path(sys.argv[2]).iterdir())
with Store.open() as store, pipeline.Pipeline(load_model_file(Path(sys.argv[1])), store=store, jobs={JOBS}) as working:
    working.add(photos)
    while not working.idle:
        for result in working.take_results(0.05):
            os.write(1, os.fsencode(result.path.name) + b"\\n")
"""


def killed_after(seconds: float, model: ModelFile, folder: Path) -> set[str]:
    """Start to classify `folder`, kill the process some time after its first word; return what it has told."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CLASSIFIER, str(model.folder), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)  # any moment will do: there is nothing to wait for
    process.kill()
    told = {first.strip(), *process.stdout.read().splitlines()}
    assert process.wait(PATIENCE) == -9, "it came to its end"
    return told - {""}


def kill_again_and_again(times: int, model: ModelFile, folder: Path) -> None:
    chance = random.Random(1)
    for number in range(600):
        (folder / f"{number:04}.jpg").write_bytes(number.to_bytes(8, "big"))
    photos = sorted(folder.iterdir())
    told: set[str] = set()
    for _ in range(times):
        told |= killed_after(chance.uniform(0.0, 0.3), model, folder)
        with Store.open() as store:
            assert store.complaint is None
            known = store.known(photos, model.identity, thumbnails=True)
            lost = told - {path.name for path in known}
            assert len(lost) <= IN_FLIGHT, sorted(lost)
            for path, result in known.items():
                score = int(path.stem) / 10_000
                assert result.scores == Scores(score, 1 - score)
                assert len(result.thumbnail) == 9_000
        if len(known) > 500:
            for file in data_folder().glob("*.sqlite*"):
                file.unlink()
            told.clear()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a matter of POSIX")
def test_a_kill_costs_at_most_what_was_in_flight(model: ModelFile, tmp_path: Path) -> None:
    kill_again_and_again(3, model, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a matter of POSIX")
def test_so_do_forty(model: ModelFile, tmp_path: Path) -> None:
    kill_again_and_again(40, model, tmp_path)
