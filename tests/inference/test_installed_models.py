"""Installed models: installed completely, listed even if broken, removed at once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop.inference import installed_models as installed_models_module
from catdog_desktop.inference.installed_models import (
    SHIPPED,
    find_model,
    install_model,
    installed_models,
    models_folder,
    remove_model,
    safe_name,
)
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file


@pytest.fixture
def description(model_folder: Path) -> dict[str, Any]:
    content = json.loads((model_folder / "model.json").read_text(encoding="utf-8"))
    return {**content, "name": "My Cats!", "title": "My cats"}


def names() -> list[str]:
    return [model.name for model in installed_models()]


def test_installed_models_without_imports_is_the_shipped_one() -> None:
    [only] = installed_models()
    assert (only.name, only.problem, only.is_shipped) == (SHIPPED, "", True)
    assert load_model_file(only.folder)
    assert find_model(SHIPPED) == only.folder
    assert not models_folder().exists(), "a list makes no folders"


def test_install_model_creates_its_folder(description: dict[str, Any], model: ModelFile) -> None:
    mine = install_model(description, model.flatbuffer)
    assert mine.folder == models_folder() / "my-cats" == find_model("my-cats")
    assert (mine.name, mine.title, mine.flatbuffer) == ("my-cats", "My cats", model.flatbuffer)
    assert names() == [SHIPPED, "my-cats"]
    assert sorted(path.name for path in mine.folder.iterdir()) == ["model.json", "model.tflite"]
    assert [path.name for path in models_folder().iterdir()] == ["my-cats"], "nothing half is left"


def test_install_model_twice_returns_the_first(description: dict[str, Any], model: ModelFile) -> None:
    first = install_model(description, model.flatbuffer)
    assert install_model(description, model.flatbuffer).folder == first.folder
    other = install_model({**description, "answers": {"kind": "softmax"}}, model.flatbuffer)
    third = install_model({**description, "title": "Yours"}, model.flatbuffer)
    assert names() == [SHIPPED, "my-cats", "my-cats-2", "my-cats-3"]
    assert (other.name, third.name) == ("my-cats-2", "my-cats-3"), "as the folder, so that each can be named"


def test_install_model_invalid_leaves_nothing(description: dict[str, Any], model: ModelFile) -> None:
    for wrong, flatbuffer in (
        ({**description, "labels": ["a", "b"]}, model.flatbuffer),
        ({}, model.flatbuffer),
        (description, model.flatbuffer[:-1]),
        (description, b""),
    ):
        with pytest.raises(ModelError):
            install_model(wrong, flatbuffer)
    assert names() == [SHIPPED]
    assert list(models_folder().iterdir()) == []


def test_install_model_disk_error_raises_and_leaves_nothing(
    description: dict[str, Any], model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(installed_models_module.os, "fsync", full)
        with pytest.raises(ModelError, match=r"could not be kept in .*No space left"):
            install_model(description, model.flatbuffer)
    assert list(models_folder().iterdir()) == []
    models_folder().rmdir()
    models_folder().write_text("a file in the way")
    with pytest.raises(ModelError, match="could not be kept"):
        install_model(description, model.flatbuffer)
    assert names() == [SHIPPED]


def test_installed_models_lists_broken_ones_with_the_problem(description: dict[str, Any], model: ModelFile) -> None:
    whole = install_model(description, model.flatbuffer)
    for name in ("empty", "no-flatbuffer", "no-json", "not-json"):
        folder = models_folder() / name
        folder.mkdir()
        if name == "no-flatbuffer":
            shutil.copy(whole.folder / "model.json", folder)
        if name == "not-json":
            (folder / "model.json").write_bytes(b"\xff{")
            (folder / "model.tflite").write_bytes(model.flatbuffer)
    (models_folder() / ".DS_Store").mkdir()
    (models_folder() / "notes.txt").write_text("no folder")
    problems = {found.name: found.problem for found in installed_models()}
    assert problems[SHIPPED] == problems["my-cats"] == ""
    assert set(problems) == {SHIPPED, "my-cats", "empty", "no-flatbuffer", "no-json", "not-json"}
    assert "model.json is missing" in problems["empty"]
    assert "model.tflite is missing" in problems["no-flatbuffer"]
    assert "not valid JSON" in problems["not-json"]
    for name, problem in problems.items():
        if problem:
            assert problem.endswith(".")
            remove_model(name)
    assert names() == [SHIPPED, "my-cats"]


def test_remove_model_deletes_its_folder(description: dict[str, Any], model: ModelFile) -> None:
    install_model(description, model.flatbuffer)
    remove_model("my-cats")
    assert names() == [SHIPPED]
    assert list(models_folder().iterdir()) == []
    with pytest.raises(ModelError, match="comes with the app"):
        remove_model(SHIPPED)
    for name in ("my-cats", "", ".", "..", "../models", "/etc", "a/b"):
        with pytest.raises(ModelError, match="There is no model called"):
            remove_model(name)
    assert load_model_file(find_model(SHIPPED))


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("My Cats!", "my-cats"),
        ("cats_v2.1", "cats_v2.1"),
        ("Größe 猫", "größe-猫"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\models", "c-models"),
        ("a\0b\nc", "a-b-c"),
        ("  ", "model"),
        ("...", "model"),
        ("", "model"),
        ("-rf", "rf"),
        ("NUL", "model-nul"),
        ("com1.keras", "model-com1.keras"),
        ("CatDog", "model-catdog"),
        ("x" * 500, "x" * 60),
        ("猫" * 500, "猫" * 20),
    ],
)
def test_safe_name_is_valid_on_every_system(wish: str, name: str) -> None:
    assert safe_name(wish) == name
    assert safe_name(name) == name
