"""The console executable: importing models, sorting, exporting and watching."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from frozen import ROOT, FrozenApp
from hostile_flatbuffers import HARMFUL
from PIL import Image
from tiny_models import tiny_flatbuffer

from catdog_desktop.model_import.model_archive import export_model
from catdog_desktop.paths import default_model
from catdog_desktop.sandbox.process import CHILD_OPTION, ChildLimits, ChildTask, child_command

SECONDS = 120


@pytest.fixture
def own_cat(photos: dict[str, Path], tmp_path: Path) -> Path:
    """A photo of a cat in a folder of its own, which may be changed."""
    folder = tmp_path / "photos"
    folder.mkdir()
    return Path(shutil.copy(photos["chelsea"], folder / "chelsea.jpg"))


def test_import_keras_model_without_tensorflow_shows_commands(app: FrozenApp) -> None:
    ended = app.run(app.command_line, "import-model", ROOT / "tests" / "data" / "seed_notebook_tf24.h5")
    assert ended.returncode == 2
    for words in ("TensorFlow", "pip install 'catdog-desktop[train]'", "seed_notebook_tf24.catdog"):
        assert words in ended.stderr


def test_import_flatbuffer_classifies_photo(app: FrozenApp, tmp_path: Path) -> None:
    model, red = tmp_path / "red.tflite", tmp_path / "red.png"
    model.write_bytes(tiny_flatbuffer())
    Image.new("RGB", (60, 40), (255, 0, 0)).save(red)
    ended = app.run(app.command_line, "import-model", model, "--positive", "dog", "--scaling", "0..1")
    assert ended.returncode == 0, ended.stderr
    assert app.scores(red, "--model", ended.stdout.strip())["verdict"] == "dog"


@pytest.mark.skipif(sys.platform != "linux", reason="limits and signals as on Linux")
@pytest.mark.parametrize(("name", "says"), [("bottomless", "broke down"), ("huge", "more than the 2 GB of memory")])
def test_import_harmful_flatbuffer_ends_only_the_child(app: FrozenApp, tmp_path: Path, name: str, says: str) -> None:
    model = tmp_path / "harmful.tflite"
    model.write_bytes(HARMFUL[name]())
    ended = app.run(app.command_line, "import-model", model)
    assert ended.returncode == 2
    assert says in ended.stderr


def test_child_is_confined_as_from_source(app: FrozenApp, tmp_path: Path) -> None:
    """The child reports its confinement first, and then that its folder contains no model."""
    confined = []
    for command in ([str(app.command_line), CHILD_OPTION], child_command()):
        arguments = {"scalings": ["0..1"], "photo": str(tmp_path / "none.jpg")}
        task = ChildTask("try", tmp_path, arguments, ChildLimits(SECONDS, 2**31), command=command)
        assert "There is no model" in task.run()["failed"]
        confined.append(task.confinement)
    assert confined[0] == confined[1]
    assert "empty environment" in confined[0].kinds


def test_import_exported_model_classifies_photo(app: FrozenApp, own_cat: Path, tmp_path: Path) -> None:
    archive = tmp_path / "passed on.catdog"
    export_model(default_model(), archive)
    ended = app.run(app.command_line, "import-model", archive)
    assert ended.returncode == 0, ended.stderr
    assert app.scores(own_cat, "--model", ended.stdout.strip())["verdict"] == "cat"


def test_sort_then_undo_restores_photo(app: FrozenApp, own_cat: Path, tmp_path: Path) -> None:
    content = own_cat.read_bytes()
    ended = app.run(app.command_line, "sort", "--move", "--yes", own_cat.parent, tmp_path / "sorted")
    assert ended.returncode == 0, ended.stderr
    assert not own_cat.exists()
    assert (tmp_path / "sorted" / "cats" / own_cat.name).read_bytes() == content
    assert app.run(app.command_line, "undo", "--yes").returncode == 0
    assert own_cat.read_bytes() == content


@pytest.mark.parametrize("ending", ["csv", "html"])
def test_export_file_names_photo(app: FrozenApp, own_cat: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"pets.{ending}"
    ended = app.run(app.command_line, "export", own_cat.parent, "--to", target)
    assert ended.returncode == 0, ended.stderr
    assert own_cat.name in target.read_text(encoding="utf-8-sig")


def test_export_keywords_then_undo_removes_sidecar(app: FrozenApp, own_cat: Path) -> None:
    sidecar = own_cat.with_name(f"{own_cat.name}.xmp")
    ended = app.run(app.command_line, "export", own_cat.parent, "--as", "xmp")
    assert ended.returncode == 0, ended.stderr
    assert "<rdf:li>cat</rdf:li>" in sidecar.read_text(encoding="utf-8")
    assert app.run(app.command_line, "undo", "--yes").returncode == 0
    assert not sidecar.exists()


def test_watch_arriving_photo_is_classified(app: FrozenApp, photos: dict[str, Path], tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    watch = subprocess.Popen(
        [app.command_line, "watch", "--format", "jsonl", inbox],
        env=app.environment(),
        cwd=app.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert watch.stdout is not None
    assert watch.stderr is not None
    alarm = threading.Timer(SECONDS, watch.kill)
    alarm.start()
    try:
        assert "Watching 1 folder" in watch.stderr.readline()
        shutil.copy(photos["chelsea"], inbox / "arrived.jpg")
        row = json.loads(watch.stdout.readline())
        watch.terminate()
        assert watch.wait() == 0
    finally:
        alarm.cancel()
        watch.kill()
        watch.communicate()
    assert (Path(row["path"]).name, row["verdict"]) == ("arrived.jpg", "cat")
