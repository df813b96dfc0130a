"""Copy of a model for the child: the same bytes, nothing behind links, a sentence for every error."""

import hashlib
import os
from pathlib import Path

import pytest

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.model_import.conversion import source_copy
from catdog_desktop.model_import.conversion.source_copy import copy_source
from catdog_desktop.model_import.errors import ModelImportError

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes as on POSIX")


def test_copy_of_a_file_returns_its_hash(tmp_path: Path) -> None:
    content = os.urandom(5_000_000)
    (tmp_path / "model.h5").write_bytes(content)
    assert copy_source(tmp_path / "model.h5", tmp_path / "copy", CancelToken()) == hashlib.sha256(content).hexdigest()
    assert (tmp_path / "copy").read_bytes() == content


def saved_model(folder: Path) -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    return folder


def test_copy_of_a_folder_returns_a_hash_of_names_and_content(tmp_path: Path) -> None:
    source = saved_model(tmp_path / "model")
    first = copy_source(source, tmp_path / "one", CancelToken())
    assert first == copy_source(saved_model(tmp_path / "elsewhere"), tmp_path / "two", CancelToken())
    assert (tmp_path / "one" / "variables" / "variables.index").read_bytes() == b"index"
    assert (tmp_path / "one" / "assets").is_dir()
    (source / "variables" / "variables.index").write_bytes(b"other")
    second = copy_source(source, tmp_path / "three", CancelToken())
    (source / "variables" / "variables.index").rename(source / "variables" / "renamed")
    assert len({first, second, copy_source(source, tmp_path / "four", CancelToken())}) == 3


@posix
def test_copy_of_a_folder_does_not_follow_links(tmp_path: Path) -> None:
    source = saved_model(tmp_path / "model")
    (tmp_path / "secret").write_text("secret")
    (source / "fingerprint.pb").symlink_to(tmp_path / "secret")
    copy_source(source, tmp_path / "copy", CancelToken())
    assert (tmp_path / "copy" / "fingerprint.pb").is_symlink()  # for the inspection to refuse


@posix
def test_copy_of_a_link_copies_its_target(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"model")
    (tmp_path / "link.h5").symlink_to("real")
    copy_source(tmp_path / "link.h5", tmp_path / "copy", CancelToken())
    assert not (tmp_path / "copy").is_symlink()


def nothing(folder: Path) -> Path:
    return folder / "nothing.h5"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.h5")
    return folder / "pipe.h5"


def pipe_inside(folder: Path) -> Path:
    os.mkfifo(saved_model(folder / "model") / "pipe")
    return folder / "model"


def deep(folder: Path) -> Path:
    (folder / "model" / "a" / "b" / "c" / "d" / "e").mkdir(parents=True)
    return folder / "model"


def many(folder: Path) -> Path:
    (folder / "model").mkdir()
    for number in range(source_copy.MAX_FILES + 1):
        (folder / "model" / str(number)).touch()
    return folder / "model"


@posix
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (nothing, "does not exist"),
        (pipe, "neither a file nor a folder"),
        (pipe_inside, "neither a file nor a folder"),
        (deep, "several levels of folders"),
        (many, "more than 1,000 files"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_copy_of_another_kind_of_file_raises(make: object, words: str, tmp_path: Path) -> None:
    source = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(ModelImportError, match=words):
        copy_source(source, tmp_path / "copy", CancelToken())


def test_copy_of_a_too_large_file_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_copy, "MAX_FILE_BYTES", 2**30)
    (tmp_path / "model.h5").write_bytes(bytes(1000))
    copy_source(tmp_path / "model.h5", tmp_path / "one", CancelToken())
    monkeypatch.setattr(source_copy, "MAX_FILE_BYTES", 999)
    with pytest.raises(ModelImportError, match="larger than"):
        copy_source(tmp_path / "model.h5", tmp_path / "two", CancelToken())


def test_copy_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "model.h5").write_bytes(b"model")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        copy_source(tmp_path / "model.h5", tmp_path / "copy", cancel)
