"""Lists of classes beside and inside models, and zips as teaching sites give them."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from tiny_models import tiny_flatbuffer

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.model_import.conversion.bundled_files import (
    names_for,
    trained_on_middles,
    unwrap_zip,
    zip_has_model,
)
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.conversion.source_copy import copy_source
from catdog_desktop.model_import.errors import ModelImportError, RefusedModelError
from catdog_desktop.model_import.inspection.inspect_model import inspect_model
from catdog_desktop.model_import.proposals.draft import ModelDraft

LABELS = b"0 Dog\r\n1 Cat\r\n"


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return path


def proposed(draft: ModelDraft) -> dict[str, str]:
    return {question.key: question.proposed for question in draft.questions()}


def test_list_beside_model_gives_order(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(tiny_flatbuffer(2, "softmax"))
    assert proposed(Conversion(tmp_path / "model.tflite").run())["labels"] == "cat,dog"
    (tmp_path / "labels.txt").write_bytes(LABELS)
    draft = Conversion(tmp_path / "model.tflite").run()
    assert draft.facts.class_names == ("Dog", "Cat")
    assert proposed(draft)["labels"] == "dog,cat"
    [question] = [question for question in draft.questions() if question.key == "labels"]
    assert question.reason == "The list of its classes says: Dog, Cat."


def test_list_inside_flatbuffer_gives_order(tmp_path: Path) -> None:
    appended = io.BytesIO()
    with zipfile.ZipFile(appended, "w") as archive:
        archive.writestr("labels.txt", "dog\ncat\n")
    path = tmp_path / "packed.tflite"
    path.write_bytes(tiny_flatbuffer(2, "softmax") + appended.getvalue())
    assert proposed(Conversion(path).run())["labels"] == "dog,cat"


@pytest.mark.parametrize("name", ["model__tflite", "model_unquant__tflite", "folder/model__tflite"])
def test_zip_of_teachable_machine_is_imported(name: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "converted_tflite.zip", **{name: tiny_flatbuffer(2, "softmax"), "labels__txt": LABELS})
    assert zip_has_model(path)
    draft = Conversion(path).run()
    assert (draft.name, draft.facts.class_names) == ("converted_tflite", ("Dog", "Cat"))
    assert proposed(draft)["labels"] == "dog,cat"
    assert proposed(draft)["fit"] == "crop"


def test_middles_are_proposed_for_their_makers_only(tmp_path: Path) -> None:
    path = tmp_path / "model_unquant.tflite"
    path.write_bytes(tiny_flatbuffer(2, "softmax"))
    assert not trained_on_middles(path)
    (tmp_path / "labels.txt").write_text("Dog\nCat\n", encoding="utf-8")
    assert not trained_on_middles(path)
    (tmp_path / "labels.txt").write_bytes(LABELS)
    assert trained_on_middles(path)
    assert proposed(Conversion(path).run())["fit"] == "crop"
    assert not trained_on_middles(tmp_path / "other.tflite")
    assert not trained_on_middles(zipped(tmp_path / "other.zip", cats__tflite=b"", labels__txt=LABELS))
    assert not trained_on_middles(tmp_path / "nothing")
    (tmp_path / "lobe").mkdir()
    (tmp_path / "lobe" / "signature.json").write_text('{"classes": {"Label": ["Cat", "Dog"]}}', encoding="utf-8")
    assert trained_on_middles(tmp_path / "lobe")


def test_several_classes_are_proposed_by_name(tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(tiny_flatbuffer(4, "softmax"))
    (tmp_path / "m_labels.txt").write_text("pug\nbird\ntabby cat\nSiamese cat\n", encoding="utf-8")
    draft = Conversion(tmp_path / "m.tflite").run()
    answers = proposed(draft)
    assert (answers["cat_classes"], answers["dog_classes"]) == ("2,3", "0")
    model = draft.model_file(answers)
    assert model.labels == ("dog", "neither", "cat", "cat")
    with pytest.raises(ModelImportError, match="Class 0 cannot be both cat and dog"):
        draft.model_file(answers | {"cat_classes": "0"})
    with pytest.raises(ModelImportError, match="no class 4"):
        draft.model_file(answers | {"cat_classes": "4"})
    with pytest.raises(ModelImportError, match=r"The model has 4 classes\. Say which of them are cats"):
        draft.model_file(answers | {"cat_classes": "", "dog_classes": ""})


def test_two_classes_of_which_one_is_neither_are_asked(tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(tiny_flatbuffer(2, "softmax"))
    (tmp_path / "labels.txt").write_text("no cat\ncat\n", encoding="utf-8")
    answers = proposed(Conversion(tmp_path / "m.tflite").run())
    assert (answers["cat_classes"], answers["dog_classes"]) == ("1", "")


@pytest.mark.parametrize(
    "data",
    [b"", b"cat", b"\xff\xfe\0\0", b"cat\n\ndog\n", b"[" * 100_000],
    ids=["empty", "one line", "not text", "blank line", "much"],
)
def test_other_text_is_no_list(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(b"")
    (tmp_path / "labels.txt").write_bytes(data)
    (tmp_path / "signature.json").write_bytes(data)
    assert names_for(tmp_path / "m.tflite", 2) == ()


def test_signature_of_lobe_gives_names_and_is_not_copied(tmp_path: Path) -> None:
    folder = tmp_path / "lobe"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"")
    (folder / "signature.json").write_text(json.dumps({"classes": {"Label": ["Cat", "Dog"]}}), encoding="utf-8")
    (folder / "labels.txt").write_text("Cat\nDog\n", encoding="utf-8")
    assert names_for(folder, 2) == ("Cat", "Dog")
    (folder / "labels.txt").unlink()
    assert names_for(folder, 2) == ("Cat", "Dog")
    assert names_for(folder, 3) == ()
    copy_source(folder, tmp_path / "copy", CancelToken())
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["saved_model.pb", "variables"]


def test_zip_with_two_models_or_none_is_left_as_it_is(tmp_path: Path) -> None:
    two = zipped(tmp_path / "two.zip", a__h5=b"", b__h5=b"")
    none = zipped(tmp_path / "none.zip", a__jpg=b"")
    assert unwrap_zip(two, tmp_path) is None
    assert unwrap_zip(none, tmp_path) is None
    assert not zip_has_model(none)
    assert not zip_has_model(tmp_path)
    assert not zip_has_model(tmp_path / "nothing.zip")


def test_unsafe_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedModelError, match="leads out of the archive"):
        Conversion(zipped(tmp_path / "bad.zip", **{"../model__tflite": tiny_flatbuffer()})).run()


def test_onnx_is_refused_with_the_way(tmp_path: Path) -> None:
    (tmp_path / "cats.onnx").write_bytes(b"\x08\x08\x12\x07pytorch" * 10)
    with pytest.raises(RefusedModelError, match=r"it is an ONNX model .* onnx2tf -i model\.onnx -o model"):
        inspect_model(tmp_path / "cats.onnx")
