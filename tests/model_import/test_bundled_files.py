"""Lists of classes beside and inside models, and zips as teaching sites give them."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from tiny_models import tiny_flatbuffer

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.model_import.conversion.bundled_files import (
    maker_of,
    model_in,
    names_for,
    zip_has_model,
)
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.conversion.source_copy import copy_source
from catdog_desktop.model_import.errors import ModelImportError, RefusedModelError
from catdog_desktop.model_import.inspection.inspect_model import inspect_model
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.facts import LOBE, TEACHABLE_MACHINE

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
    answers = proposed(draft)
    assert (answers["labels"], answers["fit"]) == ("dog,cat", "crop")
    assert (answers["scaling"], answers["resampling"]) == ("-1..1", "lanczos")
    [question] = [question for question in draft.questions() if question.key == "scaling"]
    assert question.reason == "The program that made the model does so."


def test_integers_count_more_than_the_program_that_made_the_model(tmp_path: Path) -> None:
    quantized = tiny_flatbuffer(2, "softmax", quantized=True)
    path = zipped(tmp_path / "converted_tflite_quantized.zip", model__tflite=quantized, labels__txt=LABELS)
    answers = proposed(Conversion(path).run())
    assert (answers["scaling"], answers["fit"]) == ("0..1", "crop")


def test_middles_are_proposed_for_their_makers_only(tmp_path: Path) -> None:
    path = tmp_path / "model_unquant.tflite"
    path.write_bytes(tiny_flatbuffer(2, "softmax"))
    assert not maker_of(path)
    (tmp_path / "labels.txt").write_text("Dog\nCat\n", encoding="utf-8")
    assert not maker_of(path)
    (tmp_path / "labels.txt").write_bytes(LABELS)
    assert maker_of(path) == TEACHABLE_MACHINE
    assert proposed(Conversion(path).run())["fit"] == "crop"
    assert not maker_of(tmp_path / "other.tflite")
    assert not maker_of(zipped(tmp_path / "other.zip", cats__tflite=b"", labels__txt=LABELS))
    assert not maker_of(tmp_path / "nothing")
    (tmp_path / "lobe").mkdir()
    (tmp_path / "lobe" / "signature.json").write_text('{"classes": {"Label": ["Cat", "Dog"]}}', encoding="utf-8")
    assert maker_of(tmp_path / "lobe") == LOBE


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


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a__h5": b"", "sub/b__tflite": b""}, r"several models \(found in m\.zip, a\.h5, sub/b\.tflite\)"),
        ({"a/saved_model__pb": b"", "b/saved_model__pb": b""}, "several models"),
        (
            {"model__json": b"", "metadata__json": b"", "weights__bin": b""},
            r"TensorFlow\.js .* Export Model, TensorFlow",
        ),
        ({"a__jpg": b""}, "not a model that CatDog knows"),
        ({"inner__zip": b""}, "not a model that CatDog knows"),
    ],
    ids=["two files", "two folders", "for the browser", "photo", "zip"],
)
def test_zip_without_one_model_gives_a_sentence(members: dict[str, bytes], words: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedModelError, match=words):
        Conversion(zipped(tmp_path / "m.zip", **members)).run()


def test_zip_for_the_browser_goes_to_the_import_and_a_zip_of_photos_does_not(tmp_path: Path) -> None:
    assert zip_has_model(zipped(tmp_path / "tm.zip", model__json=b"", metadata__json=b"", weights__bin=b""))
    assert not zip_has_model(zipped(tmp_path / "none.zip", a__jpg=b""))
    assert not zip_has_model(tmp_path)
    assert not zip_has_model(tmp_path / "nothing.zip")


def test_unsafe_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedModelError, match="leads out of the archive"):
        Conversion(zipped(tmp_path / "bad.zip", **{"../model__tflite": tiny_flatbuffer()})).run()


def test_onnx_is_refused_with_the_way(tmp_path: Path) -> None:
    (tmp_path / "cats.onnx").write_bytes(b"\x08\x08\x12\x07pytorch" * 10)
    with pytest.raises(RefusedModelError, match=r"it is an ONNX model .* onnx2tf -i model\.onnx -o model"):
        inspect_model(tmp_path / "cats.onnx")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("labels.txt", "\ufeff0 Dog\r\n1 Cat\r\n".encode()),
        ("labels.txt", "0 Dog\r\n1 Cat\r\n".encode("utf-16")),
        ("labels.txt", b"\xfe\xff" + "Dog\nCat\n".encode("utf-16-be")),
        ("labels.txt", b"Dog\rCat\r"),
        ("labels.txt", b"0. Dog\n1. Cat\n\n"),
        ("labels.txt", b"00\tDog\n01\tCat\n"),
        ("labels.txt", b'"Dog",\n"Cat"\n'),
        ("labels.json", b'["Dog", "Cat"]'),
        ("class_names.json", b'{"0": "Dog", "1": "Cat"}'),
        ("class_indices.json", b'{"Cat": 1, "Dog": 0}'),
    ],
    ids=["mark", "UTF-16", "UTF-16 big-endian", "old Mac", "dots", "zeros", "quotes", "list", "numbers", "indices"],
)
def test_lists_of_other_programs_are_read(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(b"")
    (tmp_path / name).write_bytes(data)
    assert names_for(tmp_path / "m.tflite", 2) == ("Dog", "Cat")


def test_list_of_old_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(b"")
    (tmp_path / "labels.txt").write_bytes("Chien mâle\r\nChat\r\n".encode("cp1252"))
    assert names_for(tmp_path / "m.tflite", 2) == ("Chien mâle", "Chat")


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"0": "Dog", "2": "Cat"}',
        b'{"Dog": 0, "Cat": 0}',
        b'{"0": 1, "1": 2}',
        b'{"a": "Dog", "b": "Cat"}',
        b"2",
    ],
    ids=lambda data: data.decode(),
)
def test_other_json_is_no_list(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(b"")
    (tmp_path / "labels.json").write_bytes(data)
    assert names_for(tmp_path / "m.tflite", 2) == ()


def test_folder_of_an_unpacked_zip_is_imported(tmp_path: Path) -> None:
    place = tmp_path / "Meine Tiere" / "converted tflite 猫"
    place.mkdir(parents=True)
    (place / "model_unquant.tflite").write_bytes(tiny_flatbuffer(2, "softmax"))
    (place / "labels.txt").write_bytes(LABELS)
    (place / "._model_unquant.tflite").write_bytes(b"\0\5\x16\7")
    (tmp_path / "Meine Tiere" / "__MACOSX").mkdir()
    (tmp_path / "Meine Tiere" / "__MACOSX" / "model.tflite").write_bytes(b"")
    draft = Conversion(tmp_path / "Meine Tiere").run()
    assert (draft.name, draft.facts.class_names, draft.facts.maker) == (
        "Meine Tiere",
        ("Dog", "Cat"),
        TEACHABLE_MACHINE,
    )


def test_folder_without_one_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    assert model_in(tmp_path / "m") is None
    (tmp_path / "outside.tflite").write_bytes(b"")
    (tmp_path / "m" / "link.tflite").symlink_to(tmp_path / "outside.tflite")
    assert model_in(tmp_path / "m") is None
    (tmp_path / "m" / "a.tflite").write_bytes(b"")
    assert model_in(tmp_path / "m") == tmp_path / "m" / "a.tflite"
    (tmp_path / "m" / "b.h5").write_bytes(b"")
    assert model_in(tmp_path / "m") is None
    with pytest.raises(RefusedModelError, match=r"has no saved_model\.pb"):
        Conversion(tmp_path / "m").run()


@pytest.mark.parametrize("folder", ["", "Tiere/", "a/b/"], ids=["top", "in a folder", "deeper"])
def test_zip_made_by_macos_is_imported(folder: str, tmp_path: Path) -> None:
    members = {
        f"__MACOSX/{folder}._model__tflite": b"\0\5\x16\7",
        f"{folder}__DS_Store": b"Bud1",
        f"{folder}model__tflite": tiny_flatbuffer(2, "softmax"),
        f"__MACOSX/{folder}._labels__txt": b"\0\5\x16\7",
        f"{folder}labels__txt": LABELS,
    }
    draft = Conversion(zipped(tmp_path / "Tiere 猫.zip", **members)).run()
    assert (draft.name, draft.facts.class_names, draft.facts.maker) == ("Tiere 猫", ("Dog", "Cat"), TEACHABLE_MACHINE)


def test_list_inside_the_flatbuffer_in_a_zip_is_read(tmp_path: Path) -> None:
    appended = io.BytesIO()
    with zipfile.ZipFile(appended, "w") as archive:
        archive.writestr("labels.txt", "dog\ncat\n")
    path = zipped(tmp_path / "m.zip", m__tflite=tiny_flatbuffer(2, "softmax") + appended.getvalue())
    assert Conversion(path).run().facts.class_names == ("dog", "cat")


def test_lobe_is_known_by_its_signature_in_a_zip_and_beside_a_flatbuffer(tmp_path: Path) -> None:
    signature = json.dumps({"classes": {"Label": ["Cat", "Dog"]}}).encode()
    flatbuffer = tiny_flatbuffer(2, "softmax")
    path = zipped(
        tmp_path / "lobe.zip", **{"export/saved_model__tflite": flatbuffer, "export/signature__json": signature}
    )
    assert maker_of(path) == LOBE
    (tmp_path / "saved_model.tflite").write_bytes(flatbuffer)
    (tmp_path / "signature.json").write_bytes(signature)
    answers = proposed(Conversion(tmp_path / "saved_model.tflite").run())
    assert (answers["labels"], answers["fit"], answers["resampling"]) == ("cat,dog", "crop", "nearest")
