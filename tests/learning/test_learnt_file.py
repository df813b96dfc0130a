"""The file of a learnt head: kept by model, exported, imported, rejected when damaged, removed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.learning.head import Head
from catdog_desktop.learning.learnt_file import (
    LearntFileError,
    LearntHead,
    export_head,
    import_head,
    learnt_file,
    learnt_files,
    load_head,
    model_key,
    new_learnt_head,
    remove_head,
    save_head,
)
from catdog_desktop.paths import data_folder


@pytest.fixture
def learnt(model: ModelFile) -> LearntHead:
    kernel = np.random.default_rng(1).normal(size=(128, 2)).astype(np.float32)
    return new_learnt_head(Head(kernel), model_key(model), checked=14, corrected=9)


def test_saved_head_is_loaded_again(model: ModelFile, learnt: LearntHead) -> None:
    assert load_head(model) is None
    save_head(learnt)
    found = load_head(model)
    assert found is not None
    assert found.head.kernel.tobytes() == learnt.head.kernel.tobytes()
    assert (found.checked, found.corrected, found.date) == (14, 9, learnt.date)


def test_head_is_used_with_thorough_and_without(model: ModelFile, learnt: LearntHead) -> None:
    save_head(learnt)
    assert load_head(replace(model, thorough=True)) is not None


def test_head_of_another_version_is_not_used(model: ModelFile, learnt: LearntHead) -> None:
    save_head(learnt)
    assert load_head(replace(model, sha256="0" * 64)) is None


def test_model_without_features_has_no_head(model: ModelFile, learnt: LearntHead) -> None:
    save_head(learnt)
    assert load_head(replace(model, features_output=None)) is None


def test_exported_head_is_imported(model: ModelFile, learnt: LearntHead, tmp_path: Path) -> None:
    path = tmp_path / "pets.learnt.json"
    export_head(learnt, path)
    assert path.stat().st_size < 4_000
    assert import_head(path, model).head.kernel.tobytes() == learnt.head.kernel.tobytes()
    assert load_head(model) is None, "importing alone puts nothing into use"
    with pytest.raises(LearntFileError, match="exists already"):
        export_head(learnt, path)


def test_head_of_another_model_is_not_imported(model: ModelFile, learnt: LearntHead, tmp_path: Path) -> None:
    path = tmp_path / "pets.learnt.json"
    export_head(replace(learnt, model_key="f" * 64), path)
    with pytest.raises(LearntFileError, match="another model or another version"):
        import_head(path, model)


@pytest.mark.parametrize(
    "change",
    [
        {"kernel": "AAAA"},
        {"kernel": "not base64!"},
        {"size": 0},
        {"size": 100_000},
        {"format": 2},
        {"kind": "something else"},
        {"date": "yesterday"},
        {"checked": None},
        {"kernel": None},
    ],
    ids=str,
)
def test_damaged_head_is_rejected(
    model: ModelFile, learnt: LearntHead, tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "pets.learnt.json"
    export_head(learnt, path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(LearntFileError, match="is not a learnt head"):
        import_head(path, model)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e9])
def test_head_with_absurd_numbers_is_rejected(
    model: ModelFile, learnt: LearntHead, tmp_path: Path, value: float
) -> None:
    path = tmp_path / "pets.learnt.json"
    kernel = learnt.head.kernel.copy()
    kernel[3, 1] = value
    export_head(replace(learnt, head=Head(kernel)), path)
    with pytest.raises(LearntFileError, match="is not a learnt head"):
        import_head(path, model)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{}", b"[" * 20_000, b"0" * 100_000])
def test_file_that_is_no_head_is_rejected(model: ModelFile, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(LearntFileError, match="is not a learnt head"):
        import_head(path, model)


def test_damaged_file_in_use_is_reported(model: ModelFile, learnt: LearntHead) -> None:
    save_head(learnt)
    learnt_file(learnt.model_key).write_text("{", encoding="utf-8")
    with pytest.raises(LearntFileError, match="damaged"):
        load_head(model)


def test_removed_head_is_gone(model: ModelFile, learnt: LearntHead) -> None:
    save_head(learnt)
    assert remove_head(model)
    assert load_head(model) is None
    assert not remove_head(model)


def test_files_of_all_models_are_listed(model: ModelFile, learnt: LearntHead) -> None:
    save_head(learnt)
    save_head(replace(learnt, model_key="e" * 64))
    assert len(learnt_files(data_folder())) == 2
