"""A stranger's flatbuffer runs for the first time in the child, whatever it does there."""

import ast
import hashlib
import json
import math
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hostile_flatbuffers import EDGE, HARMFUL, heavy
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.inference.answers import Answers
from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER, load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.errors import ImportCancelledError, ModelImportError
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.proposals import first_run as module
from catdog_desktop.model_import.proposals.first_run import Numbers, first_run, numbers_from_json
from catdog_desktop.model_import.proposals.trial_photos import photo_pixels, trial_photos
from catdog_desktop.sandbox.process import child_command

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals as on Linux")


def described(flatbuffer: bytes, **more: Any) -> dict[str, Any]:
    return tiny_description(**{"sha256": hashlib.sha256(flatbuffer).hexdigest(), **more})


def run(flatbuffer: bytes, scalings: tuple[str, ...] = ("0..1",), **more: Any) -> Numbers:
    return first_run(described(flatbuffer, **more), flatbuffer, scalings)


@pytest.mark.parametrize("kind", [{}, {"quantized": True}, {"channels": 1}, {"outputs": 2, "activation": ""}], ids=str)
def test_it_brings_back_what_the_model_says(kind: dict[str, Any], tmp_path: Path) -> None:
    """The same numbers as here, under each scaling."""
    flatbuffer = tiny_flatbuffer(**kind)
    answers = {"kind": "softmax" if kind.get("outputs") else "sigmoid", "logits": True}
    description = described(flatbuffer, answers=answers, colour="grey" if kind.get("channels") else "rgb")
    numbers = first_run(description, flatbuffer, ["0..1", "-1..1"])
    (tmp_path / DESCRIPTION).write_text(json.dumps(description))
    (tmp_path / FLATBUFFER).write_bytes(flatbuffer)
    model = load_model_file(tmp_path)
    assert list(numbers) == ["0..1", "-1..1"]
    for scaling, views in numbers.items():
        for view, mirrored in zip(views, (False, True), strict=True):
            cat = photo_pixels(trial_photos()[0], model.input_size, model.channels, mirrored=mirrored)
            assert view == pytest.approx(Classifier(model).numbers(cat, scaling).tolist())
    assert numbers["0..1"] != numbers["-1..1"]


def test_a_model_of_any_size_is_tried_at_the_size_that_was_chosen() -> None:
    assert run(tiny_flatbuffer(free=True), width=40, height=24)


SAYS = {
    "endless": "gave no answer within 60 seconds, and was stopped",
    "bottomless": r"broke down \(it was ended by SIG(SEGV|BUS)\)",
    "huge": "wanted more than the 2 GB of memory that it may use",
    "huge later": "wanted more than the 2 GB of memory that it may use",
    "no numbers": "its answers are no numbers",
}


@linux
@pytest.mark.parametrize("name", HARMFUL)
def test_what_does_harm_does_it_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "harmful.tflite"
    path.write_bytes(HARMFUL[name]())
    assert inspect_flatbuffer(path).outputs == 1, "nothing in the file tells of it"
    if name == "endless":
        monkeypatch.setattr(module, "SECONDS", 2)
    begun = time.monotonic()
    with pytest.raises(ModelImportError, match=f"was tried on a photo of a cat,.*{SAYS[name]}") as failed:
        run(path.read_bytes(), width=EDGE, height=EDGE)
    assert time.monotonic() - begun < 30
    assert str(failed.value).endswith((". Use a smaller model.", "or use another one.", ". Use another model."))


@pytest.mark.slow
@linux
def test_a_loop_is_given_a_minute() -> None:
    begun = time.monotonic()
    with pytest.raises(ModelImportError, match="within 60 seconds"):
        run(HARMFUL["endless"](), width=EDGE, height=EDGE)
    assert 60 <= time.monotonic() - begun < 75


@pytest.mark.slow
@linux
def test_a_model_with_many_weights_has_room_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 300 MB in three fifths of the memory: as the largest that is let in, 500 MB, in all of it."""
    flatbuffer = heavy(8_900)
    assert len(flatbuffer) > 300 * 2**20
    monkeypatch.setattr(module, "MEMORY_BYTES", module.MEMORY_BYTES * 3 // 5)
    assert run(flatbuffer, width=EDGE, height=EDGE)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"width": 9}, r"^The model takes float32 of shape \(1, 16, 16, 3\), but model\.json says"),
        ({"answers": {"kind": "softmax"}}, "cannot be read as softmax"),
        ({"outputs": {"scores": "scores"}}, r"^The model has no output 'scores' \(it has answer\)\."),
        ({"outputs": {"scores": "answer", "maps": "answer"}}, "expected"),
        ({"sha256": "0" * 64}, "^The model is damaged or is not the file"),
        ({"width": 0}, "The model cannot be used so"),
    ],
    ids=str,
)
def test_what_is_not_as_described_is_said(more: dict[str, Any], said: str) -> None:
    flatbuffer = tiny_flatbuffer()
    with pytest.raises(ModelImportError, match=said) as failed:
        run(flatbuffer, **more)
    assert "catdog-first-run" not in str(failed.value)


def test_cancelling_ends_it() -> None:
    cancelled = threading.Event()
    flatbuffer = HARMFUL["endless"]()
    threading.Timer(0.5, cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(ImportCancelledError):
        first_run(described(flatbuffer, width=EDGE, height=EDGE), flatbuffer, ["0..1"], cancelled)
    assert time.monotonic() - begun < 10


def answered(content: str) -> Numbers:
    """Let another child answer, `content` being Python."""
    program = f"import json, sys, time\nsys.stdin.readline()\nprint(json.dumps({content}), flush=True)\ntime.sleep(60)"
    flatbuffer = tiny_flatbuffer()
    return first_run(described(flatbuffer), flatbuffer, ["0..1"], command=[sys.executable, "-S", "-c", program])


def test_a_child_that_answers_well_is_believed() -> None:
    assert answered("{'numbers': {'0..1': [[0.25], [0.5]]}}") == {"0..1": ((0.25,), (0.5,))}


@pytest.mark.parametrize(
    "content",
    [
        "{'facts': {}}",
        "{'numbers': None}",
        "{'numbers': []}",
        "{'numbers': {}}",
        "{'numbers': {'-1..1': [[0.1], [0.2]]}}",
        "{'numbers': {'0..1': [[0.1], [0.2]], 'more': []}}",
        "{'numbers': {'0..1': [[0.1]]}}",
        "{'numbers': {'0..1': [[0.1], []]}}",
        "{'numbers': {'0..1': [[0.1, 0.2], [0.1, 0.2]]}}",
        "{'numbers': {'0..1': [['0.1'], [0.2]]}}",
        "{'numbers': {'0..1': [[True], [0.2]]}}",
        "{'numbers': {'0..1': [0.1, 0.2]}}",
        "{'numbers': {'0..1': 'no'}}",
        "{'numbers': {'0..1': [[0.1] * 10_000] * 2}}",
    ],
)
def test_a_child_that_answers_nonsense_is_not(content: str) -> None:
    with pytest.raises(ModelImportError, match="its answer makes no sense"):
        answered(content)


def test_nonsense_under_one_scaling_may_be_sense_under_another() -> None:
    content = {"0..1": [[math.nan], [math.inf]], "-1..1": [[0.5], [0.5]]}
    assert numbers_from_json(content, ["0..1", "-1..1"], Answers("sigmoid"))["-1..1"] == ((0.5,), (0.5,))


def test_what_cannot_be_started_is_a_sentence() -> None:
    flatbuffer = tiny_flatbuffer()
    with pytest.raises(ModelImportError, match="could not be tried"):
        first_run(described(flatbuffer), flatbuffer, ["0..1"], command=["/nothing/here"])


def test_the_child_is_shut_in_and_knows_no_tensorflow(tmp_path: Path) -> None:
    flatbuffer = tiny_flatbuffer()
    (tmp_path / DESCRIPTION).write_text(json.dumps(described(flatbuffer)))
    (tmp_path / FLATBUFFER).write_bytes(flatbuffer)
    request = {"do": "try", "folder": str(tmp_path), "scalings": ["0..1"], "memory_bytes": 2**31}
    request |= {"cpu_seconds": 60, "seconds": 60}
    *begin, code = child_command()
    then = "print(sorted(set(sys.modules)), file=sys.stderr)"
    program = code.replace("sys.exit(child.main())", f"child.main(); {then}")
    pipe = subprocess.PIPE
    with subprocess.Popen([*begin, program], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        print(json.dumps(request), file=child.stdin, flush=True)  # and not closed: the child would end with it
        held, answer = (json.loads(child.stdout.readline()) for _ in range(2))
        modules = set(ast.literal_eval(child.stderr.read().splitlines()[-1]))
    if sys.platform == "linux":
        assert {"empty environment", "empty folder", "memory", "cpu time", "system calls"} <= set(held["held"])
    assert set(answer) == {"numbers"}
    assert "ai_edge_litert.interpreter" in modules
    assert not modules & {"tensorflow", "keras", "tf_keras", "h5py", "PySide6"}
