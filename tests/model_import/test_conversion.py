"""The import as the app does it: a child that works, and children that crash, hang, lie and flood."""

import os
import shutil
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from hostile_flatbuffers import huge

from catdog_desktop.model_import.conversion import conversion as conversion_module
from catdog_desktop.model_import.conversion.conversion import Conversion, ImportLimits
from catdog_desktop.model_import.conversion.facts import Facts
from catdog_desktop.model_import.conversion.progress import STEPS, Progress
from catdog_desktop.model_import.errors import ImportCancelledError, ModelImportError, NoTensorFlowError
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.proposals.description import SCALINGS
from catdog_desktop.model_import.proposals.draft import Draft
from catdog_desktop.model_import.proposals.flatbuffer_facts import facts_of_flatbuffer
from catdog_desktop.model_import.refused import RefusedModelError
from catdog_desktop.paths import default_model
from catdog_desktop.sandbox import process as child_process

DATA = Path(__file__).resolve().parents[1] / "data"
TINY = DATA / "tiny.keras"
GOOD = DATA / "tiny_0to1.tflite"

posix = pytest.mark.skipif(os.name != "posix", reason="signals and links as on POSIX")


def facts_of(path: Path, **more: object) -> Facts:
    return facts_of_flatbuffer(path, inspect_flatbuffer(path), **{"kind": "keras3", **more})


def child(body: str) -> list[str]:
    """Return a command for a child that reads its request and then does something else than it should."""
    begin = """
    import json, os, shutil, signal, sys, time
    request = json.loads(sys.stdin.readline())
    def tell(**content): print(json.dumps(content), flush=True)
    """
    return [sys.executable, "-S", "-c", textwrap.dedent(begin) + textwrap.dedent(body)]


def answers(facts: Facts, source: Path = GOOD) -> str:
    return f"""
    shutil.copy({str(source)!r}, os.path.join(request["folder"], "model.tflite"))
    tell(facts={facts.as_json()!r})
    time.sleep(60)
    """


def convert(body: str, *, seconds: float = 30, source: Path = TINY) -> Draft:
    return Conversion(source, command=child(body), limits=ImportLimits(seconds=seconds)).run()


@pytest.mark.tensorflow
def test_a_keras_model_becomes_a_draft_in_a_child_that_is_shut_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real child, with TensorFlow; started in a folder with modules that nobody asked for."""
    for name in ("json", "numpy", "tensorflow", "catdog_desktop", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    tensorflow_was_here = "tensorflow" in sys.modules
    steps: list[Progress] = []
    conversion = Conversion(TINY)
    draft = conversion.run(steps.append)
    assert [step.step for step in steps] == list(STEPS)
    assert [step.part for step in steps] == sorted(step.part for step in steps)
    assert draft.facts.kind == "keras3"
    assert (draft.facts.width, draft.facts.height, draft.facts.channels, draft.facts.outputs) == (8, 8, 3, 1)
    assert draft.facts.loaded_by.startswith("Keras 3.")
    assert draft.facts.difference is not None
    assert draft.facts.difference < 1e-4
    assert (draft.name, draft.source_name) == ("tiny", "tiny.keras")
    if sys.platform == "linux":
        assert {"empty environment", "empty folder", "memory", "system calls"} <= set(conversion.held)
    model = draft.install({question.key: question.proposed for question in draft.questions()})
    assert model.folder.name == "tiny"
    assert model.source["file"] == "tiny.keras"
    assert ("tensorflow" in sys.modules) == tensorflow_was_here  # other tests may have brought it
    assert not (tmp_path / "marker").exists()


def test_a_child_that_answers_well_is_believed() -> None:
    facts = facts_of(GOOD)
    assert convert(answers(facts)).facts == facts


def test_a_flatbuffer_is_not_converted_and_only_tried() -> None:
    steps: list[str] = []
    draft = Conversion(GOOD, command=["nothing that could be started"]).run(
        lambda progress: steps.append(progress.step)
    )
    assert draft.flatbuffer == GOOD.read_bytes()
    assert draft.facts.kind == "tflite"
    assert steps == ["copying", "inspecting", "trying"]
    assert set(draft.numbers) == set(SCALINGS)


def test_what_conversion_brings_back_is_tried(tmp_path: Path) -> None:
    """The child that converts is believed no more than any stranger."""
    path = tmp_path / "hostile.tflite"
    path.write_bytes(huge())
    with pytest.raises(ModelImportError, match="wanted more than the 2 GB of memory"):
        convert(answers(facts_of(path), path))


@posix
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"SIGSEGV.*may be damaged"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "ran out of memory"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "took longer than 30 seconds"),
        ("sys.stderr.write('std::bad_alloc'); sys.stderr.flush(); os.abort()", "ran out of memory"),
        ("sys.exit(5)", "status 5"),
        ("sys.exit('Something is amiss.')", "Its last words: Something is amiss"),
        ("", "status 0"),
        ("print('Segmentation fault')", "makes no sense"),
        ("print('[1, 2]')", "makes no sense"),
        ("print('{}')", "makes no sense"),
        ("print('[' * 100_000)", "makes no sense"),
        ("print('x' * 5_000_000)", "makes no sense"),
        ("sys.stdout.buffer.write(bytes(range(256)))", "makes no sense"),
        ("tell(facts={'kind': 'keras3'})", "makes no sense"),
        ("tell(facts=None)", "makes no sense"),
        ("tell(refused=['it'])", "makes no sense"),
        ("tell(held=5)", "makes no sense"),
        ("tell(more='words')", "makes no sense"),
        ("tell(failed='No Keras here can open it.')", "No Keras here can open it."),
        (f"tell(facts={facts_of(GOOD).as_json()!r})", "there is no converted model"),
        (answers(facts_of(GOOD), default_model() / "model.tflite"), "not the one that was described"),
        (answers(facts_of(GOOD), DATA / "chelsea.heic"), "not a TensorFlow Lite model"),
        (
            "os.symlink('/etc/passwd', os.path.join(request['folder'], 'model.tflite'));"
            f"tell(facts={facts_of(GOOD).as_json()!r})",
            "there is no converted model",
        ),
    ],
)
def test_a_child_that_breaks_down_or_lies_is_a_sentence(body: str, said: str) -> None:
    with pytest.raises(ModelImportError, match=said) as failed:
        convert(body)
    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 1000


def test_a_refusal_comes_through_whole() -> None:
    with pytest.raises(RefusedModelError) as refused:
        convert("tell(refused=['it has a Lambda layer', 'tiny.keras, evil', 'Take it out.'])")
    assert (refused.value.what, refused.value.advice) == ("it has a Lambda layer", "Take it out.")


@pytest.mark.parametrize(
    "body", ["time.sleep(60)", "while True: tell(step='opening')", "os.close(1); time.sleep(60)"], ids=str
)
def test_a_child_that_hangs_is_ended(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_LAST_SECONDS", 0.3)
    begun = time.monotonic()
    with pytest.raises(ModelImportError, match=r"was stopped|fell silent"):
        convert(body, seconds=0.5)
    assert time.monotonic() - begun < 10


@posix
def test_cancelling_ends_the_child_and_what_it_has_started(tmp_path: Path) -> None:
    cancelled = threading.Event()
    body = f"""
    child = os.fork()
    if child: open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child}} {{request['folder']}}")
    if child: tell(step="opening")
    time.sleep(60)
    """

    def stop(progress: Progress) -> None:
        if progress.step == "opening":
            cancelled.set()

    with pytest.raises(ImportCancelledError):
        Conversion(TINY, command=child(body)).run(stop, cancelled)
    first, second, folder = (tmp_path / "pids").read_text().split()
    for pid in (int(first), int(second)):
        end = time.monotonic() + 5
        while Path(f"/proc/{pid}/stat").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
            assert time.monotonic() < end
    assert not Path(folder).exists()


def test_cancelled_before_it_began(tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(ImportCancelledError):
        Conversion(TINY, command=child("")).run(cancelled=cancelled)


def test_what_is_inspected_is_what_is_opened(tmp_path: Path) -> None:
    """The child gets a copy: the file may change while it works."""
    source = Path(shutil.copy(TINY, tmp_path / "model.keras"))
    body = f"""
    open({str(source)!r}, "w").write("something else")
    copy = open(os.path.join(request["folder"], request["name"]), "rb").read()
    tell(failed=f"It holds {{len(copy)}} bytes.")
    """
    with pytest.raises(ModelImportError, match=f"It holds {TINY.stat().st_size} bytes"):
        convert(body, source=source)


def test_without_tensorflow_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion_module, "has_tensorflow", lambda: False)
    with pytest.raises(NoTensorFlowError, match=r"catdog import-model tiny\.keras --export tiny\.catdog"):
        Conversion(TINY).run()
    assert Conversion(GOOD).run().facts.outputs == 1
    with pytest.raises(RefusedModelError, match="not a model"):
        Conversion(DATA / "README.md").run()


def test_what_cannot_be_started_is_a_sentence() -> None:
    with pytest.raises(ModelImportError, match="could not be carried out"):
        Conversion(TINY, command=["/nothing/here"]).run()


@pytest.mark.parametrize("size", [(9, 9), (8, 9)], ids=str)
def test_a_model_of_one_size_takes_no_other(size: tuple[int, int]) -> None:
    with pytest.raises(ModelImportError, match="8 by 8"):
        Conversion(GOOD, size=size).run()
    assert Conversion(GOOD, size=(8, 8)).run().facts.width == 8


def test_a_name_that_no_file_system_takes(tmp_path: Path) -> None:
    source = Path(shutil.copy(TINY, tmp_path / ("x" * 200 + ": ü.keras")))
    with pytest.raises(ModelImportError, match="said"):
        convert("assert len(os.listdir(request['folder'])) == 1; tell(failed='said')", source=source)


def test_what_is_no_probability_is_not_kept() -> None:
    draft = Conversion(DATA / "tiny_logit.tflite").run()
    with pytest.raises(ModelImportError, match=r"^The model answers .* which are no probabilities\.$"):
        draft.install({"answers": "sigmoid", "scaling": "0..1"})


@pytest.mark.parametrize(
    ("file", "name"),
    [("cats.h5", "cats"), ("my.cats.keras", "my.cats"), ("model_1.0", "model_1.0"), ("cats", "cats"), (".h5", ".h5")],
)
def test_a_draft_is_called_as_its_file(file: str, name: str) -> None:
    assert Draft(facts_of(GOOD), b"", file, "").name == name


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits as on Linux")
def test_a_model_that_needs_more_memory_than_is_allowed_is_a_sentence() -> None:
    with pytest.raises(ModelImportError, match="memory"):
        Conversion(TINY, limits=ImportLimits(memory_bytes=200 * 2**20)).run()
