"""`catdog import-model` and `catdog models`."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hostile_flatbuffers import HARMFUL
from PIL import Image
from sandbox_probe import is_running
from test_shared_photos import SOURCE, all_names, unpacked
from tiny_models import tiny_flatbuffer

from catdog_desktop.cli import main
from catdog_desktop.inference.installed_models import find_model, models_folder
from catdog_desktop.inference.model_file import ModelFile, load_model_file
from catdog_desktop.model_import.conversion import conversion

DATA = Path(__file__).resolve().parents[1] / "data"
TINY = DATA / "tiny_0to1.tflite"
Capture = pytest.CaptureFixture[str]
Found = TypeVar("Found")


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def imported(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[ModelFile, str]:
    """Import a model; return it, found by the printed name, and the text on standard error."""
    assert run("import-model", *arguments) == 0
    said = capsys.readouterr()
    return load_model_file(find_model(said.out.strip())), said.err


def test_import_model_is_listed_and_used(capsys: Capture, photo_dir: Path) -> None:
    model, said = imported(capsys, TINY)
    assert model.folder == models_folder() / "tiny_0to1"
    assert "tiny_0to1.tflite is now the model tiny_0to1, for photos of 8 x 8 pixels." in said
    assert "Divided by 255: 0 to 1. For a photo of a cat it then says: cat 98%, dog 2%. [--scaling]" in said
    assert "never neither or both" in said
    assert run("models") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["catdog", "tiny_0to1"]
    for named in ("tiny_0to1", model.folder):
        assert run("classify", "--format", "jsonl", "--model", named, photo_dir / "chelsea.jpg") == 0
        assert json.loads(capsys.readouterr().out)["verdict"] == "cat"
    assert run("doctor", "--model", "tiny_0to1") == 0
    assert "tiny_0to1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ([], ("0..1", "rgb", "nearest", "as stored", ("cat", "dog"), "sigmoid", False)),
        (["--scaling", "none"], ("in graph", "rgb", "nearest", "as stored", ("cat", "dog"), "sigmoid", False)),
        (["--scaling", "-1..1"], ("-1..1", "rgb", "nearest", "as stored", ("cat", "dog"), "sigmoid", False)),
        (["--colour", "bgr"], ("0..1", "bgr", "nearest", "as stored", ("cat", "dog"), "sigmoid", False)),
        (["--resample", "bilinear"], ("0..1", "rgb", "bilinear", "as stored", ("cat", "dog"), "sigmoid", False)),
        (["--upright"], ("0..1", "rgb", "nearest", "upright", ("cat", "dog"), "sigmoid", False)),
        (["--positive", "cat"], ("0..1", "rgb", "nearest", "as stored", ("dog", "cat"), "sigmoid", False)),
        (["--labels", "dog,cat"], ("0..1", "rgb", "nearest", "as stored", ("dog", "cat"), "sigmoid", False)),
    ],
    ids=str,
)
def test_import_options_override_proposals(options: list[str], wanted: tuple[object, ...], capsys: Capture) -> None:
    model, said = imported(capsys, TINY, *options)
    found = (model.scaling, model.colour, model.resampling, model.decoding, model.labels)
    assert (*found, model.answers.kind, model.answers.logits) == wanted
    assert ("As given: " in said) == bool(options)


def test_import_several_classes_by_option(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "four.tflite"
    path.write_bytes(tiny_flatbuffer(4, "softmax"))
    assert run("import-model", path) == 2
    said = capsys.readouterr().err
    assert "The model has 4 classes. Say which of them are cats and which are dogs: 0, 1, 2, 3." in said
    assert "Use --cat-class, --dog-class." in said
    model, said = imported(capsys, path, "--cat-class", "2", "--dog-class", "0", "--dog-class", "1")
    assert model.labels == ("dog", "dog", "cat", "neither")
    assert "Which of its classes are dogs? As given: 0, 1." in said
    (tmp_path / "labels.txt").write_text("pug\nbird\ntabby cat\nlion\n", encoding="utf-8")
    model, said = imported(capsys, path)
    assert model.labels == ("dog", "neither", "cat", "neither")
    assert "Which of its classes are cats? 2: tabby cat. By the names of its classes." in said
    model, _ = imported(capsys, path, "--cat-class", "LION")
    assert model.labels == ("dog", "neither", "neither", "cat")
    assert run("import-model", path, "--cat-class", "tiger") == 2
    assert "The model has no class named 'tiger'." in capsys.readouterr().err


def test_import_crop_option_cuts_middle(capsys: Capture, tmp_path: Path) -> None:
    """The middle of the photo is red, its ends are blue."""
    path = tmp_path / "m.tflite"
    path.write_bytes(tiny_flatbuffer())
    photo = Image.new("RGB", (160, 40), "blue")
    photo.paste("red", (60, 0, 100, 40))
    photo.save(tmp_path / "photo.png")
    scores = {}
    for fit in ("squash", "crop"):
        model, said = imported(capsys, path, "--resize", fit, "--name", fit, "--scaling", "0..1")
        assert run("classify", "--format", "jsonl", "--model", model.folder, tmp_path / "photo.png") == 0
        scores[fit] = json.loads(capsys.readouterr().out)["dog"]
        assert "As given:" in said
    assert scores["squash"] < 0.2
    assert scores["crop"] > 0.95


def test_import_logits_option_sets_logits(capsys: Capture) -> None:
    model, _ = imported(capsys, DATA / "tiny_logit.tflite", "--answers", "sigmoid-logits")
    assert model.answers.logits


def test_import_exported_model_is_identical(capsys: Capture, tmp_path: Path) -> None:
    archive = tmp_path / "mine.catdog"
    first, _ = imported(capsys, TINY, "--name", "My Cats", "--export", archive)
    assert (first.folder.name, first.title) == ("my-cats", "My Cats")
    shutil.rmtree(models_folder())
    again, said = imported(capsys, archive)
    assert again.identity == first.identity
    assert again.title == "My Cats"
    assert "mine.catdog is now the model my-cats." in said


def test_import_with_other_answers_gets_numbered_name(capsys: Capture) -> None:
    assert imported(capsys, TINY)[0].folder.name == "tiny_0to1"
    assert imported(capsys, TINY, "--positive", "cat")[0].folder.name == "tiny_0to1-2"
    assert imported(capsys, TINY)[0].folder.name == "tiny_0to1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.h5"], "nothing.h5 does not exist"),
        ([DATA / "README.md"], "it is not a model that CatDog knows (found in README.md)"),
        ([DATA], "the folder has no saved_model.pb"),
        ([TINY, "--answers", "softmax"], "it can be sigmoid"),
        ([TINY, "--colour", "grey"], "it can be rgb, bgr"),
        ([TINY, "--size", "9"], "8 by 8 pixels; 9 by 9 is not possible"),
        ([TINY, "--export", "/nothing/there/x.catdog"], "could not be written"),
        ([TINY, "--export", __file__], "must end in .catdog"),
        (["x.catdog", "--positive", "cat"], "these options do not apply"),
        (["x.catdog"], "x.catdog"),
    ],
    ids=str,
)
def test_import_invalid_arguments_report_reason(arguments: list[object], said: str, capsys: Capture) -> None:
    assert run("import-model", *arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.splitlines()[-1].startswith("catdog: ")
    assert captured.out == ""


@pytest.mark.parametrize(
    "options",
    [["--size", "0"], ["--size", "axb"], ["--timeout", "soon"], ["--labels", "cat"], ["--positive", "hen"]],
    ids=str,
)
def test_import_invalid_option_is_wrong_usage(options: list[str], capsys: Capture) -> None:
    assert run("import-model", TINY, *options) == 2
    assert "usage: catdog import-model" in capsys.readouterr().err


@pytest.mark.parametrize("here", [".", "inner/.."])
def test_import_current_folder_is_named(
    here: str, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cats" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "cats")
    assert run("import-model", here) == 2
    assert "(found in cats)" in capsys.readouterr().err


def test_import_truncated_flatbuffer_is_called_damaged(capsys: Capture, tmp_path: Path) -> None:
    half = tmp_path / "half.tflite"
    half.write_bytes(TINY.read_bytes()[:900])
    assert run("import-model", half) == 2
    assert capsys.readouterr().err == (
        "catdog: The model was not opened: it is damaged or incomplete (found in half.tflite). "
        "Copy it again from where it comes, or convert the model again.\n"
    )


def test_import_keras_model_without_tensorflow_shows_commands(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "has_tensorflow", lambda: False)
    assert run("import-model", DATA / "tiny.keras") == 2
    said = capsys.readouterr().err
    assert "pip install 'catdog-desktop[train]'" in said
    assert "catdog import-model tiny.keras --export tiny.catdog" in said


@pytest.mark.skipif(sys.platform != "linux", reason="processes and limits as on Linux")
def test_import_harmful_flatbuffer_reports_reason(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "cats.tflite"
    path.write_bytes(HARMFUL["bottomless"]())
    assert run("import-model", path) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("catdog: The model was tried on a photo of a cat, and broke down (it was ended by")
    assert captured.out == ""
    assert not models_folder().exists()


@pytest.mark.tensorflow
@pytest.mark.skipif(sys.platform != "linux", reason="processes as on Linux")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=str)
def test_import_stopped_or_killed_ends_child(end: signal.Signals, tmp_path: Path) -> None:
    """The child runs a model that never ends."""
    path = tmp_path / "cats.tflite"
    path.write_bytes(HARMFUL["endless"]())
    command = [sys.executable, "-m", "catdog_desktop", "import-model", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as catdog:
        child = wait_for(lambda: busy_child_of(catdog.pid))
        catdog.send_signal(end)
        assert catdog.wait(timeout=30) == (130 if end is signal.SIGINT else -end)
        assert catdog.stderr is not None
        assert catdog.stderr.read() == ("Stopped.\n" if end is signal.SIGINT else "")
    assert wait_for(lambda: not is_running(child))


def busy_child_of(pid: int) -> int:
    """Return the child of `pid` once it has used half a second of processor time, so runs the model; else 0."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a helper child may end while it is looked at
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if is_running(int(child)) and processor_seconds(int(child)) > 0.5:
                return int(child)
    return 0


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(found: Callable[[], Found]) -> Found:
    """Poll `found` until it returns a true value, for at most 30 s; return that value."""
    end = time.monotonic() + 30
    while not (answer := found()):
        assert time.monotonic() < end
    return answer


def test_models_broken_model_is_listed_with_problem(capsys: Capture) -> None:
    model, _ = imported(capsys, TINY)
    (model.folder / "model.json").write_text("{}")
    assert run("models", "--format", "jsonl") == 1
    captured = capsys.readouterr()
    [_, broken] = map(json.loads, captured.out.splitlines())
    assert broken["name"] == "tiny_0to1"
    assert broken["problem"] in captured.err


def test_commands_missing_model_is_reported(capsys: Capture, tmp_path: Path) -> None:
    for command in (["classify", tmp_path], ["doctor"], ["sort", tmp_path, tmp_path / "to"]):
        assert run(*command, "--model", "unheard-of") == 2
        assert "There is no model called 'unheard-of'" in capsys.readouterr().err


@pytest.mark.slow
def test_import_notebook_model_gives_scores_of_tensorflow_2_4(capsys: Capture, tmp_path: Path) -> None:
    """TensorFlow 2.4 wrote the file and computed the expected scores."""
    if not SOURCE.exists():
        pytest.skip(f"{SOURCE} does not exist: its photos may not be distributed")
    expected = json.loads((DATA / "seed_notebook_tf24.expected.json").read_text())
    photos = unpacked([name for name in all_names() if Path(name).name in expected], tmp_path)
    assert len(photos) == len(expected) == 20
    model, said = imported(capsys, DATA / "seed_notebook_tf24.h5", "--name", "seed")
    assert model.source["keras_version"] == "2.4.0"
    assert "Opened by tf_keras" in said
    assert run("classify", "--format", "jsonl", "--model", "seed", *photos) == 0
    found = {}
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        found[Path(line["path"]).name] = line["dog"]
        assert line["cat"] == pytest.approx(1 - line["dog"], abs=1e-3)
    assert found == pytest.approx(expected, abs=1e-3)
