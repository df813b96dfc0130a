"""A `.catdog` file gives the same model elsewhere; one that was changed raises an error."""

import hashlib
import io
import json
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import open_package_photo
from hostile_flatbuffers import EDGE as HARMFUL_EDGE
from hostile_flatbuffers import HARMFUL
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.inference.installed_models import install_model, installed_models, models_folder
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.conversion.conversion import ImportProgress
from catdog_desktop.model_import.inspection import zip_members
from catdog_desktop.model_import.model_archive import export_model, open_archive


@pytest.fixture
def here() -> ModelFile:
    """An installed model: blue is a dog, red is a cat."""
    flatbuffer = tiny_flatbuffer()
    digest = hashlib.sha256(flatbuffer).hexdigest()
    return install_model(tiny_description(digest, name="mine", title="Mine", labels=["dog", "cat"]), flatbuffer)


def test_exported_model_opens_the_same(here: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_model(here.folder, tmp_path / "mine.catdog")
    again = tmp_path / "again.catdog"
    export_model(here.folder, again)
    assert again.read_bytes() == (tmp_path / "mine.catdog").read_bytes(), "the same model gives the same file"
    pixels = np.asarray(open_package_photo("coffee").resize(here.input_size))
    scores = Classifier(here).classify(pixels).scores
    monkeypatch.setenv("CATDOG_HOME", str(tmp_path / "another computer"))
    assert len(installed_models()) == 1
    there = open_archive(tmp_path / "mine.catdog")
    assert there.folder != here.folder
    assert there.folder.parent == models_folder()
    assert (there.identity, there.title, there.thresholds) == (here.identity, here.title, here.thresholds)
    assert Classifier(there).classify(pixels).scores == scores
    assert scores.cat > 0.6, "a brown table; the labels came along, turned as they were"
    assert open_archive(tmp_path / "mine.catdog").folder == there.folder, "opened twice, there once"


def test_export_shipped_model_opens(model_folder: Path, tmp_path: Path) -> None:
    export_model(model_folder, tmp_path / "shipped.catdog")
    assert open_archive(tmp_path / "shipped.catdog").name == "model-catdog"


@pytest.mark.parametrize("name", ["photo.jpg", "there.catdog"])
def test_export_overwrites_only_if_asked(name: str, here: ModelFile, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"somebody's")
    with pytest.raises(ModelError, match="must end in" if name == "photo.jpg" else "exists already"):
        export_model(here.folder, tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"somebody's"
    export_model(here.folder, tmp_path / name, replace=True)
    assert (tmp_path / name).read_bytes() != b"somebody's"


def test_export_to_unwritable_target_raises(here: ModelFile, tmp_path: Path) -> None:
    (tmp_path / "folder.catdog").mkdir()
    (tmp_path / "folder.catdog" / "x").touch()
    for target in (tmp_path / "none" / "x.catdog", tmp_path / "folder.catdog"):
        with pytest.raises(ModelError, match="could not be written"):
            export_model(here.folder, target, replace=True)
    with pytest.raises(ModelError, match="There is no model"):
        export_model(tmp_path, tmp_path / "x.catdog")
    assert not (tmp_path / "x.catdog").exists()


def packed(members: list[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(name, content, method)
    return buffer.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def described(description: dict[str, Any], flatbuffer: bytes, **more: Any) -> bytes:
    digest = hashlib.sha256(flatbuffer).hexdigest()
    return json.dumps({**description, "sha256": digest, **more}).encode()


def custom_operator(flatbuffer: bytes) -> bytes:
    """Return the flatbuffer with a custom operator."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(flatbuffer), 0))
    tree.operatorCodes[0].builtinCode = tree.operatorCodes[0].deprecatedBuiltinCode = 32
    tree.operatorCodes[0].customCode = b"RunAnything"
    builder = flatbuffers.Builder(1024)
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


Make = Callable[[dict[str, Any], bytes], bytes]
BAD: dict[str, tuple[Make, str]] = {
    "empty file": (lambda d, f: b"", "not a whole zip"),
    "text": (lambda d, f: b"this is no zip", "not a whole zip"),
    "cut in half": (lambda d, f: (w := packed([("model.json", b"{}"), ("model.tflite", f)]))[: len(w) // 2], "zip"),
    "no members": (lambda d, f: packed([]), "this one has nothing"),
    "one member": (lambda d, f: packed([("model.tflite", f)]), "this one has model.tflite"),
    "one member more": (
        lambda d, f: packed([("model.json", described(d, f)), ("model.tflite", f), ("setup.py", b"")]),
        "has the members",
    ),
    "a folder more": (
        lambda d, f: packed([("model.json", described(d, f)), ("model.tflite", f), ("x/", b"")]),
        "has the members",
    ),
    "in a folder": (
        lambda d, f: packed([("m/model.json", described(d, f)), ("m/model.tflite", f)]),
        "has the members",
    ),
    "out of the folder": (
        lambda d, f: packed([("../model.json", described(d, f)), ("model.tflite", f)]),
        "leads out of the archive",
    ),
    "from the root": (lambda d, f: packed([("/model.json", b"{}"), ("model.tflite", f)]), "leads out"),
    "of a drive": (lambda d, f: packed([("C:model.json", b"{}"), ("model.tflite", f)]), "leads out"),
    "twice, once in capitals": (
        lambda d, f: packed([("model.json", b"{}"), ("MODEL.JSON", b"{}"), ("model.tflite", f)]),
        "two members with the same name",
    ),
    "a link": (lambda d, f: packed([(link("model.json"), b"/etc/passwd"), ("model.tflite", f)]), "a link"),
    "a bomb": (
        lambda d, f: packed([("model.json", described(d, f)), ("model.tflite", bytes(17 * 2**20))]),
        "would unpack",
    ),
    "a long description": (
        lambda d, f: packed([("model.json", b" " * (2**20 + 1)), ("model.tflite", f)]),
        "larger than 1 MB",
    ),
    "packed otherwise": (
        lambda d, f: packed([("model.json", b"{}"), ("model.tflite", f[:9])], zipfile.ZIP_LZMA),
        "packed in a way",
    ),
    "no flatbuffer": (
        lambda d, f: packed([("model.json", described(d, b"x" * 50)), ("model.tflite", b"x" * 50)]),
        "not a TensorFlow Lite model",
    ),
    "another flatbuffer": (
        lambda d, f: packed([("model.json", json.dumps(d).encode()), ("model.tflite", f + b"\0")]),
        "is damaged or is not the file",
    ),
    "half a flatbuffer": (
        lambda d, f: packed([("model.json", described(d, f[:500])), ("model.tflite", f[:500])]),
        "it is damaged",
    ),
    "a custom operator": (
        lambda d, f: packed([("model.json", described(d, c := custom_operator(f))), ("model.tflite", c)]),
        "custom operator 'RunAnything'",
    ),
    "no description": (
        lambda d, f: packed([("model.json", b"[]"), ("model.tflite", f)]),
        "no model description|is not",
    ),
    "deep description": (lambda d, f: packed([("model.json", b"[" * 10**5), ("model.tflite", f)]), "not valid JSON"),
    "description of another model": (
        lambda d, f: packed([("model.json", described(d, f, input={**d["input"], "width": 99})), ("model.tflite", f)]),
        "model.json says",
    ),
    "answers that it does not give": (
        lambda d, f: packed([("model.json", described(d, f, answers={"kind": "softmax"})), ("model.tflite", f)]),
        "cannot be read as softmax",
    ),
}


@pytest.mark.parametrize(("make", "says"), BAD.values(), ids=BAD)
def test_open_bad_archive_raises(make: Make, says: str, tmp_path: Path) -> None:
    flatbuffer = tiny_flatbuffer()
    path = tmp_path / "given.catdog"
    path.write_bytes(make(tiny_description(hashlib.sha256(flatbuffer).hexdigest()), flatbuffer))
    with pytest.raises(ModelError, match=says) as caught:
        open_archive(path)
    assert "given.catdog" in str(caught.value)
    assert "catdog-model-" not in str(caught.value), "a temporary folder is nothing that the user knows"
    assert str(caught.value).endswith(".")
    assert len(installed_models()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["given.catdog"]


def harmful_archive(folder: Path, name: str) -> Path:
    """Return an archive of a model that does harm when it is run."""
    flatbuffer = HARMFUL[name]()
    digest = hashlib.sha256(flatbuffer).hexdigest()
    description = tiny_description(digest, width=HARMFUL_EDGE, height=HARMFUL_EDGE)
    path = folder / "given.catdog"
    path.write_bytes(packed([("model.json", json.dumps(description).encode()), ("model.tflite", flatbuffer)]))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="limits and signals as on Linux")
@pytest.mark.parametrize(
    ("name", "says"),
    [("bottomless", "broke down"), ("huge later", "more than the 2 GB of memory"), ("no numbers", "not numbers")],
)
def test_open_harmful_model_harms_only_the_child(name: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"^given\.catdog was not opened\. The model was tried .*{says}"):
        open_archive(harmful_archive(tmp_path, name))
    assert len(installed_models()) == 1


def test_open_cancelled_during_the_trial_raises(tmp_path: Path) -> None:
    cancel = CancelToken()
    steps: list[str] = []

    def cancel_when_tried(progress: ImportProgress) -> None:
        steps.append(progress.step)
        if progress.step == "trying":
            cancel.cancel()

    with pytest.raises(Cancelled):
        open_archive(harmful_archive(tmp_path, "endless"), cancel_when_tried, cancel)
    assert steps == ["inspecting", "trying"]
    assert len(installed_models()) == 1


def test_open_missing_file_raises(tmp_path: Path) -> None:
    for path in (tmp_path / "none.catdog", tmp_path):
        with pytest.raises(ModelError, match="cannot be read"):
            open_archive(path)


def test_open_member_with_wrong_size_stops_at_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a member claims is small, what it unpacks to is not: unpacking stops at the claim."""
    whole = packed([("model.json", b"{}"), ("model.tflite", bytes(2**20))])
    true, small = (2**20).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert whole.count(true) >= 2
    (tmp_path / "liar.catdog").write_bytes(whole.replace(true, small))
    written: list[int] = []
    copy = zip_members.shutil.copyfileobj

    def counted(source: Any, target: Any, length: int) -> None:
        try:
            copy(source, target, length)
        finally:
            written.append(target.tell())

    monkeypatch.setattr(zip_members.shutil, "copyfileobj", counted)
    with pytest.raises(ModelError, match="damaged"):
        open_archive(tmp_path / "liar.catdog")
    assert max(written) < 10_000
