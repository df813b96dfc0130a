"""Write the data of a user of version 1.0, with the code of version 1.0 (commit 45e53a1). For tests/test_upgrade.py.

    git worktree add OLD 45e53a1
    cd OLD && PYTHONPATH=$PWD python ../tests/data/version_1/make_home.py ../tests/data/version_1

Sorts the four photos that the app ships, which moves them, writes keywords, corrects a verdict, changes settings and
imports a model. All paths are below /tmp/photos-of-1.0.
"""

import os
import shutil
import sys
from pathlib import Path

TARGET = Path(sys.argv[1]).resolve()
PHOTOS = Path("/tmp/photos-of-1.0")
os.environ["CATDOG_HOME"] = str(TARGET / "home")
shutil.rmtree(TARGET / "home", ignore_errors=True)
shutil.rmtree(PHOTOS, ignore_errors=True)
shutil.copytree("resources/photos", PHOTOS / "in")

from catdog_desktop.places import settings_file  # noqa: E402
from catdog_desktop.storing.store import Store  # noqa: E402

from catdog_desktop import __version__  # noqa: E402  after the home is set
from catdog_desktop.cli import main  # noqa: E402
from catdog_desktop.settings import Settings, save_settings  # noqa: E402
from catdog_desktop.verdict import Verdict  # noqa: E402

assert __version__ == "1.0.0"
model = Path(__file__).resolve().parent.parent / "tiny_0to1.tflite"
for command in (
    ["classify", str(PHOTOS / "in")],
    ["sort", str(PHOTOS / "in"), str(PHOTOS / "sorted"), "--move", "--yes"],
    ["export", str(PHOTOS / "sorted" / "cats"), "--as", "xmp"],
    ["import-model", str(model), "--positive", "dog", "--scaling", "0..1"],
):
    assert main(command) == 0, command
with Store.open() as store:
    store.correct({PHOTOS / "sorted" / "neither" / "cup.jpg": Verdict.DOG})
settings_file().parent.mkdir(parents=True, exist_ok=True)
save_settings(
    settings_file(),
    Settings(theme="dark", view="list", cat_threshold=0.3, sort_folders={"cat": "Katzen"}, thumbnail_megabytes=300),
)
shutil.copy(PHOTOS / "sorted" / "cats" / "cat.jpg.xmp", TARGET)
shutil.rmtree(PHOTOS)
for lock in (TARGET / "home").rglob("lock"):
    lock.unlink()
