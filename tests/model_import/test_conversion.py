"""The complete import, with the real child and with children that crash, hang or send nonsense."""

import os
import shutil
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hostile_flatbuffers import huge
from sandbox_probe import is_running

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.model_import.conversion import conversion as conversion_module
from catdog_desktop.model_import.conversion.conversion import STEPS, Conversion, ImportLimits, ImportProgress
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError, RefusedModelError
from catdog_desktop.model_import.inspection.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.facts import ModelFacts
from catdog_desktop.model_import.proposals.flatbuffer_facts import facts_of_flatbuffer
from catdog_desktop.model_import.proposals.questions import SCALINGS
from catdog_desktop.paths import default_model
from catdog_desktop.sandbox import process as child_process

DATA = Path(__file__).resolve().parents[1] / "data"
TINY = DATA / "tiny.keras"
GOOD = DATA / "tiny_0to1.tflite"

posix = pytest.mark.skipif(os.name != "posix", reason="signals and links as on POSIX")


def facts_of(path: Path, **more: object) -> ModelFacts:
    return facts_of_flatbuffer(path, inspect_flatbuffer(path), **{"kind": "keras3", **more})


def child(body: str) -> list[str]:
    """Return a command for another child, which reads its request and then runs `body`."""
    begin = """
    import json, os, shutil, signal, sys, time
    request = json.loads(sys.stdin.readline())
    def send(**content): print(json.dumps(content), flush=True)
    """
    return [sys.executable, "-S", "-c", textwrap.dedent(begin) + textwrap.dedent(body)]


def answer(facts: ModelFacts, source: Path = GOOD) -> str:
    return f"""
    shutil.copy({str(source)!r}, os.path.join(request["folder"], "model.tflite"))
    send(result=dict(facts={facts.as_json()!r}))
    time.sleep(60)
    """


def convert(body: str, *, seconds: float = 30, source: Path = TINY) -> ModelDraft:
    return Conversion(source, command=child(body), limits=ImportLimits(seconds=seconds)).run()


@pytest.mark.tensorflow
def test_import_keras_model_is_converted_in_a_confined_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real child, with TensorFlow; started in a folder with modules that must not be imported."""
    for name in ("json", "numpy", "tensorflow", "catdog_desktop", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    tensorflow_was_here = "tensorflow" in sys.modules
    steps: list[ImportProgress] = []
    conversion = Conversion(TINY)
    draft = conversion.run(steps.append)
    assert [step.step for step in steps] == list(STEPS)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(set(fractions))
    assert (fractions[0], len({step.text for step in steps})) == (0.0, len(steps))
    assert draft.facts.kind == "keras3"
    assert (draft.facts.width, draft.facts.height, draft.facts.channels, draft.facts.outputs) == (8, 8, 3, 1)
    assert draft.facts.loaded_by.startswith("Keras 3.")
    assert draft.facts.difference is not None
    assert draft.facts.difference < 1e-4
    assert (draft.name, draft.source_name) == ("tiny", "tiny.keras")
    if sys.platform == "linux":
        assert {"empty environment", "empty folder", "memory", "system calls"} <= set(conversion.confinement.kinds)
    model = draft.install({question.key: question.proposed for question in draft.questions()})
    assert model.folder.name == "tiny"
    assert model.source["file"] == "tiny.keras"
    assert ("tensorflow" in sys.modules) == tensorflow_was_here  # other tests may have imported it
    assert not (tmp_path / "marker").exists()


def test_import_result_of_the_child_is_used() -> None:
    facts = facts_of(GOOD)
    assert convert(answer(facts)).facts == facts


def test_import_flatbuffer_is_tried_without_conversion() -> None:
    steps: list[str] = []
    draft = Conversion(GOOD, command=["nothing that could be started"]).run(
        lambda progress: steps.append(progress.step)
    )
    assert draft.flatbuffer == GOOD.read_bytes()
    assert draft.facts.kind == "tflite"
    assert steps == ["copying", "inspecting", "trying"]
    assert set(draft.outputs) == set(SCALINGS)


def test_import_converted_model_is_tried(tmp_path: Path) -> None:
    """The child that converts is not trusted."""
    path = tmp_path / "hostile.tflite"
    path.write_bytes(huge())
    with pytest.raises(ModelImportError, match="needed more than the 2 GB of memory"):
        convert(answer(facts_of(path), path))


@posix
@pytest.mark.parametrize(
    ("body", "words"),
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
        ("send(result={'facts': {'kind': 'keras3'}})", "makes no sense"),
        ("send(result={'facts': None})", "makes no sense"),
        ("send(result={})", "makes no sense"),
        ("send(result={'refused': ['it']})", "makes no sense"),
        ("send(result={'refused': 'abc'})", "makes no sense"),
        ("send(result={'failed': 5})", "makes no sense"),
        ("send(confined=5)", "makes no sense"),
        ("send(more='words')", "makes no sense"),
        ("send(exception=['ValueError', 'no'])", r"broke down \(ValueError: no\)"),
        ("send(result={'failed': 'No Keras here can open it.'})", "No Keras here can open it."),
        ("send(result={'failed': 'That\\x1b[2J cannot\\nbe.'})", r"^That \[2J cannot be\.$"),
        (f"send(result=dict(facts={facts_of(GOOD).as_json()!r}))", "there is no converted model"),
        (answer(facts_of(GOOD), default_model() / "model.tflite"), "not the one that was described"),
        (answer(facts_of(GOOD), DATA / "chelsea.heic"), "not a TensorFlow Lite model"),
        (
            "os.symlink('/etc/passwd', os.path.join(request['folder'], 'model.tflite'));"
            f"send(result=dict(facts={facts_of(GOOD).as_json()!r}))",
            "there is no converted model",
        ),
    ],
)
def test_import_failing_child_gives_a_sentence(body: str, words: str) -> None:
    with pytest.raises(ModelImportError, match=words) as failed:
        convert(body)
    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 1000


def test_import_refusal_of_the_child_is_raised() -> None:
    with pytest.raises(RefusedModelError) as refused:
        convert("send(result={'refused': ['it has a Lambda layer', 'tiny.keras, evil', 'Take it out.']})")
    assert (refused.value.what, refused.value.advice) == ("it has a Lambda layer", "Take it out.")


@pytest.mark.parametrize(
    "body", ["time.sleep(60)", "while True: send(step='opening')", "os.close(1); time.sleep(60)"], ids=str
)
def test_import_hanging_child_is_ended(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_LAST_SECONDS", 0.3)
    begun = time.monotonic()
    with pytest.raises(ModelImportError, match=r"was stopped|stopped answering"):
        convert(body, seconds=0.5)
    assert time.monotonic() - begun < 10


@posix
def test_import_cancelled_ends_the_child_and_its_processes(tmp_path: Path) -> None:
    cancel = CancelToken()
    body = f"""
    child = os.fork()
    if child: open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child}} {{request['folder']}}")
    if child: send(step="opening")
    time.sleep(60)
    """

    def stop(progress: ImportProgress) -> None:
        if progress.step == "opening":
            cancel.cancel()

    with pytest.raises(Cancelled):
        Conversion(TINY, command=child(body)).run(stop, cancel)
    first, second, folder = (tmp_path / "pids").read_text().split()
    for pid in (int(first), int(second)):
        end = time.monotonic() + 30
        while is_running(pid):
            assert time.monotonic() < end
    assert not Path(folder).exists()


def test_import_cancelled_before_it_began_raises() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        Conversion(TINY, command=child("")).run(cancel=cancel)


def test_import_file_that_changes_meanwhile_is_read_once(tmp_path: Path) -> None:
    """The child gets a copy."""
    source = Path(shutil.copy(TINY, tmp_path / "model.keras"))
    body = f"""
    open({str(source)!r}, "w").write("something else")
    copy = open(os.path.join(request["folder"], request["name"]), "rb").read()
    send(result=dict(failed=f"It holds {{len(copy)}} bytes."))
    """
    with pytest.raises(ModelImportError, match=f"It holds {TINY.stat().st_size} bytes"):
        convert(body, source=source)


def test_import_without_tensorflow_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion_module, "has_tensorflow", lambda: False)
    with pytest.raises(NoTensorFlowError, match=r"catdog import-model tiny\.keras --export tiny\.catdog"):
        Conversion(TINY).run()
    assert Conversion(GOOD).run().facts.outputs == 1
    with pytest.raises(RefusedModelError, match="not a model"):
        Conversion(DATA / "README.md").run()


def test_import_child_that_cannot_be_started_raises() -> None:
    with pytest.raises(ModelImportError, match="could not be carried out"):
        Conversion(TINY, command=["/nothing/here"]).run()


@pytest.mark.parametrize("size", [(9, 9), (8, 9)], ids=str)
def test_import_other_size_than_the_models_raises(size: tuple[int, int]) -> None:
    with pytest.raises(ModelImportError, match="8 by 8"):
        Conversion(GOOD, size=size).run()
    assert Conversion(GOOD, size=(8, 8)).run().facts.width == 8


def test_import_long_name_is_shortened_for_the_copy(tmp_path: Path) -> None:
    source = Path(shutil.copy(TINY, tmp_path / ("x" * 200 + ": ü.keras")))
    with pytest.raises(ModelImportError, match="as expected"):
        convert("assert len(os.listdir(request['folder'])) == 1; send(result={'failed': 'as expected'})", source=source)


def test_install_answers_that_give_no_probabilities_raises() -> None:
    draft = Conversion(DATA / "tiny_logit.tflite").run()
    with pytest.raises(ModelImportError, match=r"^The model answers .* which are no probabilities\.$"):
        draft.install({"answers": "sigmoid", "scaling": "0..1"})


@pytest.mark.parametrize(
    ("file", "name"),
    [("cats.h5", "cats"), ("my.cats.keras", "my.cats"), ("model_1.0", "model_1.0"), ("cats", "cats"), (".h5", ".h5")],
)
def test_draft_is_named_after_its_file(file: str, name: str) -> None:
    assert ModelDraft(facts_of(GOOD), b"", file, "").name == name


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits as on Linux")
def test_import_beyond_the_memory_limit_raises() -> None:
    with pytest.raises(ModelImportError, match="memory"):
        Conversion(TINY, limits=ImportLimits(memory_bytes=200 * 2**20)).run()


def endless_heap(path: Path) -> Path:
    """Write an HDF5 model whose heap of texts has free space of no bytes: its reader does not get past it."""
    import hostile_models as make

    make.legacy(path, make.old_sequential(make.dense()))
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL") + 16
    first = int.from_bytes(content[heap + 8 : heap + 16], "little")
    second = heap + 16 + (first + 7) // 8 * 8
    content[second : second + 16] = bytes(16)
    path.write_bytes(content)
    return path


@pytest.mark.slow
@pytest.mark.tensorflow
def test_inspection_that_does_not_end_is_stopped_with_a_sentence(tmp_path: Path) -> None:
    source = endless_heap(tmp_path / "model.h5")
    with pytest.raises(
        ModelImportError, match=r"inspecting it took longer than 3 seconds\. The file is probably damag"
    ):
        Conversion(source, limits=ImportLimits(step_seconds={"inspecting": 3.0})).run()


def test_slow_step_is_stopped_at_its_own_limit_and_other_steps_are_not() -> None:
    body = "send(step='inspecting'); time.sleep(0.5); send(step='starting'); time.sleep(3); send(step='converting'); "
    limits = ImportLimits(seconds=30, step_seconds={"inspecting": 2.0, "converting": 0.2})
    with pytest.raises(ModelImportError, match="The import took longer than 30 seconds"):
        Conversion(TINY, command=child(body + "time.sleep(60)"), limits=limits).run()
