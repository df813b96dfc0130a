"""First run of an untrusted flatbuffer in the child, whatever it does there."""

import ast
import contextlib
import hashlib
import json
import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hostile_flatbuffers import EDGE, HARMFUL, heavy
from sandbox_probe import children_of, task_states
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.inference.answers import Answers
from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER, ModelError, load_model_file
from catdog_desktop.inference.runtime import Classifier, ModelTooLargeError
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.proposals import trial_run as module
from catdog_desktop.model_import.proposals.trial_run import (
    RawOutputs,
    outputs_from_json,
    photo_pixels,
    raw_outputs,
    trial_photos,
    trial_run,
)
from catdog_desktop.sandbox.process import child_command

CAT = trial_photos()[0].resolve()
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals as on Linux")


def described(flatbuffer: bytes, **more: Any) -> dict[str, Any]:
    return tiny_description(**{"sha256": hashlib.sha256(flatbuffer).hexdigest(), **more})


def run(flatbuffer: bytes, scalings: tuple[str, ...] = ("0..1",), **more: Any) -> RawOutputs:
    return trial_run(described(flatbuffer, **more), flatbuffer, scalings)


@pytest.mark.parametrize("kind", [{}, {"quantized": True}, {"channels": 1}, {"outputs": 2, "activation": ""}], ids=str)
def test_trial_run_returns_the_same_outputs_as_here(kind: dict[str, Any], tmp_path: Path) -> None:
    flatbuffer = tiny_flatbuffer(**kind)
    answers = {"kind": "softmax" if kind.get("outputs") else "sigmoid", "logits": True}
    description = described(flatbuffer, answers=answers, colour="grey" if kind.get("channels") else "rgb")
    outputs = trial_run(description, flatbuffer, ["0..1", "-1..1"])
    (tmp_path / DESCRIPTION).write_text(json.dumps(description))
    (tmp_path / FLATBUFFER).write_bytes(flatbuffer)
    model = load_model_file(tmp_path)
    assert list(outputs) == ["0..1", "-1..1"]
    for scaling, views in outputs.items():
        for view, mirrored in zip(views, (False, True), strict=True):
            cat = photo_pixels(trial_photos()[0], model.input_size, model.channels, mirrored=mirrored)
            assert view == pytest.approx(Classifier(model).numbers(cat, scaling).tolist())
    assert outputs["0..1"] != outputs["-1..1"]


def test_trial_run_model_of_any_size_uses_the_chosen_size() -> None:
    assert run(tiny_flatbuffer(free=True), width=40, height=24)


WORDS = {
    "endless": r"gave no answer within \d+ seconds, and was stopped",
    "bottomless": r"broke down \(it was ended by SIG(SEGV|BUS)\)",
    "huge": "needed more than the 2 GB of memory that it may use",
    "huge later": "needed more than the 2 GB of memory that it may use",
    "no numbers": "its answers are not numbers",
}


@linux
@pytest.mark.parametrize("name", HARMFUL)
def test_trial_run_harmful_model_harms_only_the_child(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "harmful.tflite"
    path.write_bytes(HARMFUL[name]())
    assert inspect_flatbuffer(path).outputs == 1, "the inspection cannot find it"
    if name == "endless":
        monkeypatch.setattr(module, "SECONDS", 2)
    begun = time.monotonic()
    with pytest.raises(ModelImportError, match=f"was tried on a photo of a cat,.*{WORDS[name]}") as failed:
        run(path.read_bytes(), width=EDGE, height=EDGE)
    assert time.monotonic() - begun < 30
    assert str(failed.value).endswith((". Use a smaller model.", "or use another one.", ". Use another model."))


@pytest.mark.slow
@linux
def test_trial_run_endless_loop_ends_after_a_minute() -> None:
    begun = time.monotonic()
    with pytest.raises(ModelImportError, match="within 60 seconds"):
        run(HARMFUL["endless"](), width=EDGE, height=EDGE)
    assert 60 <= time.monotonic() - begun < 75


@pytest.mark.slow
@linux
def test_trial_run_large_model_fits_into_the_memory_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 MB in three fifths of the memory: as 500 MB, the largest that is accepted, in all of it."""
    flatbuffer = heavy(8_900)
    assert len(flatbuffer) > 300 * 2**20
    monkeypatch.setattr(module, "MEMORY_BYTES", module.MEMORY_BYTES * 3 // 5)
    assert run(flatbuffer, width=EDGE, height=EDGE)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"width": 9}, r"^The model takes float32 of shape \(1, 16, 16, 3\), but model\.json says"),
        ({"answers": {"kind": "softmax"}}, "cannot be read as softmax"),
        ({"outputs": {"scores": "scores"}}, r"^The model has no output 'scores' \(it has answer\)\."),
        ({"outputs": {"scores": "answer", "maps": "answer"}}, "expected"),
        ({"sha256": "0" * 64}, "^The model is damaged or is not the file"),
        ({"width": 0}, "cannot be used with this description: model.json is not a valid"),
    ],
    ids=str,
)
def test_trial_run_model_unlike_its_description_raises(more: dict[str, Any], words: str) -> None:
    flatbuffer = tiny_flatbuffer()
    with pytest.raises(ModelImportError, match=words) as failed:
        run(flatbuffer, **more)
    assert "catdog-trial-run" not in str(failed.value), "a temporary folder means nothing to the user"


def test_trial_run_cancelled_ends_soon() -> None:
    cancel = CancelToken()
    flatbuffer = HARMFUL["endless"]()
    threading.Timer(0.5, cancel.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        trial_run(described(flatbuffer, width=EDGE, height=EDGE), flatbuffer, ["0..1"], cancel)
    assert time.monotonic() - begun < 10


def answered(content: str) -> RawOutputs:
    """Run another child, which sends `content`, an expression of Python, as its result."""
    send = f"print(json.dumps(dict(result={content})), flush=True)"
    program = f"import json, sys, time\nsys.stdin.readline()\n{send}\ntime.sleep(60)"
    flatbuffer = tiny_flatbuffer()
    return trial_run(described(flatbuffer), flatbuffer, ["0..1"], command=[sys.executable, "-S", "-c", program])


def test_trial_run_result_of_the_child_is_used() -> None:
    assert answered("{'outputs': {'0..1': [[0.25], [0.5]]}}") == {"0..1": ((0.25,), (0.5,))}


@pytest.mark.parametrize(
    "content",
    [
        "{'facts': {}}",
        "{'outputs': None}",
        "{'outputs': []}",
        "{'outputs': {}}",
        "{'outputs': {'-1..1': [[0.1], [0.2]]}}",
        "{'outputs': {'0..1': [[0.1], [0.2]], 'more': []}}",
        "{'outputs': {'0..1': [[0.1]]}}",
        "{'outputs': {'0..1': [[0.1], []]}}",
        "{'outputs': {'0..1': [[0.1, 0.2], [0.1, 0.2]]}}",
        "{'outputs': {'0..1': [['0.1'], [0.2]]}}",
        "{'outputs': {'0..1': [[True], [0.2]]}}",
        "{'outputs': {'0..1': [0.1, 0.2]}}",
        "{'outputs': {'0..1': 'no'}}",
        "{'outputs': {'0..1': [[0.1] * 10_000] * 2}}",
    ],
)
def test_trial_run_nonsense_of_the_child_raises(content: str) -> None:
    with pytest.raises(ModelImportError, match="its answer makes no sense"):
        answered(content)


def test_outputs_may_be_nan_for_one_scaling() -> None:
    content = {"0..1": [[math.nan], [math.inf]], "-1..1": [[0.5], [0.5]]}
    assert outputs_from_json(content, ["0..1", "-1..1"], Answers("sigmoid"))["-1..1"] == ((0.5,), (0.5,))


def test_trial_run_child_that_cannot_be_started_raises() -> None:
    flatbuffer = tiny_flatbuffer()
    with pytest.raises(ModelImportError, match="could not be tried"):
        trial_run(described(flatbuffer), flatbuffer, ["0..1"], command=["/nothing/here"])


def test_trial_run_child_is_confined_and_imports_no_tensorflow(tmp_path: Path) -> None:
    flatbuffer = tiny_flatbuffer()
    (tmp_path / DESCRIPTION).write_text(json.dumps(described(flatbuffer)))
    (tmp_path / FLATBUFFER).write_bytes(flatbuffer)
    cat = str(CAT)
    request: dict[str, object] = {
        "task": "try",
        "folder": str(tmp_path),
        "readable": [cat],
        "photo": cat,
        "scalings": ["0..1"],
    }
    request |= {"memory_bytes": 2**31, "cpu_seconds": 60, "seconds": 60}
    *begin, code = child_command()
    then = "print(sorted(set(sys.modules)), file=sys.stderr)"
    program = code.replace("sys.exit(child.main())", f"child.main(); {then}")
    pipe = subprocess.PIPE
    with subprocess.Popen([*begin, program], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        print(json.dumps(request), file=child.stdin, flush=True)  # and not closed: the child would end with it
        confined, answer = (json.loads(child.stdout.readline()) for _ in range(2))
        modules = set(ast.literal_eval(child.stderr.read().splitlines()[-1]))
    if sys.platform == "linux":
        assert {"empty environment", "empty folder", "memory", "cpu time", "system calls"} <= set(
            confined["confined"]["kinds"]
        )
    assert set(answer["result"]) == {"outputs"}
    assert "ai_edge_litert.interpreter" in modules
    assert not modules & {"tensorflow", "keras", "tf_keras", "h5py", "PySide6"}


# The child's part, in this process.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path, **more: Any) -> Path:
    flatbuffer = tiny_flatbuffer()
    (folder / FLATBUFFER).write_bytes(flatbuffer)
    (folder / DESCRIPTION).write_text(json.dumps(described(flatbuffer, **more)))
    return folder


def test_raw_outputs_for_both_views_and_each_scaling(folder: Path) -> None:
    outputs = raw_outputs(folder, ["0..1", "in graph"], CAT)
    assert list(outputs) == ["0..1", "in graph"]
    [[as_it_is], [mirrored]] = outputs["0..1"]
    assert as_it_is == pytest.approx(mirrored, abs=0.05), "the model judges by colours alone"
    assert 0.5 < as_it_is < 1.0, "the cat is red"
    assert outputs["in graph"][0][0] == pytest.approx(1.0), "a logit that is 255 times as large"
    json.dumps(outputs)


def test_raw_outputs_without_photo_raises(folder: Path) -> None:
    with pytest.raises(OSError, match="none"):
        raw_outputs(folder, ["0..1"], folder / "none.jpg")


@pytest.mark.parametrize(
    "more", [{"width": 9}, {"outputs": {"scores": "none"}}, {"answers": {"kind": "softmax"}}], ids=str
)
def test_raw_outputs_error_names_the_problem_without_the_folder(more: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelError) as failed:
        raw_outputs(written(tmp_path, **more), ["0..1"], CAT)
    assert failed.value.path == tmp_path
    assert str(tmp_path) not in failed.value.problem


def test_raw_outputs_out_of_memory_raises_memory_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise ModelTooLargeError("too large")

    monkeypatch.setattr("catdog_desktop.inference.runtime.Classifier", refuse)
    with pytest.raises(MemoryError, match="too large"):
        raw_outputs(folder, ["0..1"], CAT)


@linux
def test_trial_child_threads_are_all_confined(tmp_path: Path) -> None:
    """The real child, while LiteRT runs an endless model in it: asked of the kernel from outside."""
    flatbuffer = HARMFUL["endless"]()
    cancel = CancelToken()
    states: list[dict[str, str]] = []

    def watch() -> None:
        end = time.monotonic() + 60
        while not states and time.monotonic() < end:
            for process in children_of(os.getpid()):
                place = Path(f"/proc/{process}")
                with contextlib.suppress(OSError):
                    # Until it has replaced this program by its own, a child has the maps of its parent.
                    is_child = b"child.main" in (place / "cmdline").read_bytes()
                    if is_child and "ai_edge_litert" in (place / "maps").read_text():
                        states.extend(task_states(process))
        cancel.cancel()

    watcher = threading.Thread(target=watch)
    watcher.start()
    with pytest.raises(Cancelled):
        trial_run(described(flatbuffer, width=EDGE, height=EDGE), flatbuffer, ["0..1"], cancel)
    watcher.join()
    mine = task_states(os.getpid())[0]
    assert len(states) > 1
    for state in states:
        assert (state["Seccomp"], state["NoNewPrivs"]) == ("2", "1")
        assert state["net"] != mine["net"]
