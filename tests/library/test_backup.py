"""Backups: everything of the user's comes back, what exists is kept, and damaged or hostile files are refused."""

import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.inference.installed_models import install_model, installed_models, models_folder
from catdog_desktop.learning.head import Head
from catdog_desktop.learning.learnt_file import LearntHead, learnt_file, save_head
from catdog_desktop.library.backup import BackupError, BackupProblem, read_backup, restore_backup, write_backup
from catdog_desktop.paths import data_folder, settings_file
from catdog_desktop.settings import Settings, load_settings, save_settings
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

KEY = "c" * 64
HEAD = LearntHead(Head(np.full((8, 2), 0.25, np.float32)), KEY, 12, 3, "2026-05-03")


def has(problem: BackupProblem):  # type: ignore[no-untyped-def]
    return lambda error: error.problem is problem


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 8), (number * 50, 0, 0)).save(path)
    return paths


@pytest.fixture
def backup(photos: list[Path], tmp_path: Path, store: Store) -> Path:
    """A backup with two verdicts, a rating, settings and a learnt head."""
    store.correct({photos[0]: Verdict.CAT, photos[1]: Verdict.NEITHER})
    store.rate({photos[1]: 4})
    save_settings(settings_file(), Settings(theme="dark", cat_threshold=0.6))
    save_head(HEAD)
    path = tmp_path / "pets.catdog-backup"
    content = write_backup(path, store)
    assert (content.verdicts, content.ratings, content.has_settings, content.learnt, content.models) == (
        2,
        1,
        True,
        1,
        (),
    )
    return path


def forget_everything(store: Store, photos: list[Path]) -> None:
    store.correct(dict.fromkeys(photos))
    store.rate(dict.fromkeys(photos))
    settings_file().unlink()
    learnt_file(KEY).unlink()


def test_restore_brings_everything_back(backup: Path, photos: list[Path], store: Store) -> None:
    forget_everything(store, photos)
    assert store.own_marks() == ({}, {})
    restored = restore_backup(backup, store)
    assert (restored.verdicts, restored.ratings, restored.has_settings, restored.learnt) == (2, 1, True, 1)
    assert store.corrections(photos) == {photos[0]: Verdict.CAT, photos[1]: Verdict.NEITHER}
    assert list(store.own_marks()[1].values()) == [4]
    assert load_settings(settings_file()) == (Settings(theme="dark", cat_threshold=0.6), None)
    assert learnt_file(KEY).exists()


def test_restore_on_another_computer_finds_photos_elsewhere(backup: Path, photos: list[Path], tmp_path: Path) -> None:
    moved = Path(shutil.copy(photos[0], tmp_path / "elsewhere.png"))
    with Store.open(tmp_path / "other" / "store.sqlite") as other:
        restore_backup(backup, other)
        assert other.corrections([moved]) == {moved: Verdict.CAT}


def test_restore_keeps_what_exists(backup: Path, photos: list[Path], store: Store) -> None:
    store.correct({photos[0]: Verdict.DOG, photos[2]: Verdict.BOTH})
    save_settings(settings_file(), Settings(theme="light"))
    restored = restore_backup(backup, store)
    assert (restored.verdicts, restored.ratings, restored.has_settings, restored.learnt) == (0, 0, False, 0)
    assert store.corrections(photos) == {photos[0]: Verdict.DOG, photos[1]: Verdict.NEITHER, photos[2]: Verdict.BOTH}
    assert load_settings(settings_file())[0].theme == "light"


def test_restore_replace_lets_the_backup_count(backup: Path, photos: list[Path], store: Store) -> None:
    store.correct({photos[0]: Verdict.DOG, photos[2]: Verdict.BOTH})
    save_settings(settings_file(), Settings(theme="light"))
    restored = restore_backup(backup, store, replace=True)
    assert (restored.verdicts, restored.has_settings, restored.learnt) == (1, True, 1)
    assert store.corrections(photos) == {photos[0]: Verdict.CAT, photos[1]: Verdict.NEITHER, photos[2]: Verdict.BOTH}
    assert load_settings(settings_file())[0].theme == "dark"


def test_backup_with_models_restores_them(tmp_path: Path, store: Store) -> None:
    flatbuffer = tiny_flatbuffer()

    model = install_model(tiny_description(hashlib.sha256(flatbuffer).hexdigest()), flatbuffer)
    path = tmp_path / "pets.catdog-backup"
    assert write_backup(path, store).models == ()
    assert write_backup(path, store, with_models=True, replace=True).models == (model.folder.name,)
    assert read_backup(path).models == (model.folder.name,)
    shutil.rmtree(models_folder())
    assert restore_backup(path, store).models == (model.folder.name,)
    assert [installed.name for installed in installed_models()][1:] == [model.folder.name]


def test_read_backup_changes_nothing(backup: Path, photos: list[Path], store: Store) -> None:
    forget_everything(store, photos)
    content = read_backup(backup)
    assert (content.verdicts, content.ratings, content.has_settings, content.learnt) == (2, 1, True, 1)
    assert store.own_marks() == ({}, {})
    assert not settings_file().exists()


def test_backup_names_no_photo(backup: Path, photos: list[Path]) -> None:
    with zipfile.ZipFile(backup) as archive:
        raw = b"".join(archive.read(name) for name in archive.namelist())
    assert not any(photo.name.encode() in raw for photo in photos)
    assert os.name != "posix" or backup.stat().st_mode & 0o777 == 0o600, "only the user may read it"


def test_write_backup_existing_file_is_kept(backup: Path, tmp_path: Path, store: Store) -> None:
    before = backup.read_bytes()
    with pytest.raises(BackupError, check=has(BackupProblem.EXISTS)):
        write_backup(backup, store)
    assert backup.read_bytes() == before
    with pytest.raises(BackupError, check=has(BackupProblem.NOT_WRITTEN)):
        write_backup(tmp_path / "nowhere" / "a.catdog-backup", store)


def test_write_backup_cancelled_leaves_nothing(tmp_path: Path, store: Store) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        write_backup(tmp_path / "a.catdog-backup", store, cancel_token=token)
    assert list(tmp_path.iterdir()) == []


def changed(backup: Path, **members: bytes | None) -> Path:
    """Return a copy of a backup with members replaced, added or left out (None); `__` in a name stands for a dot."""
    replaced = {name.replace("__", "."): content for name, content in members.items()}
    target = backup.with_name("changed.catdog-backup")
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            if name not in replaced:
                archive.writestr(name, source.read(name))
        for name, content in replaced.items():
            if content is not None:
                archive.writestr(name, content)
    return target


MARK = {"photo": "aa" * 16, "verdict": "cat"}
HOSTILE = {
    "no head": {"backup__json": None},
    "another head": {"backup__json": b'{"catdog_backup": "one"}'},
    "a list as head": {"backup__json": b"[]"},
    "no marks": {"marks__jsonl": None},
    "an unknown verdict": {"marks__jsonl": json.dumps(MARK | {"verdict": "hen"}).encode()},
    "a key that is no key": {"marks__jsonl": json.dumps(MARK | {"photo": "xyz"}).encode()},
    "a rating of 9": {"marks__jsonl": json.dumps(MARK | {"rating": 9}).encode()},
    "a rating of true": {"marks__jsonl": json.dumps(MARK | {"rating": True}).encode()},
    "other marks": {"marks__jsonl": b"\xff\xfe"},
    "a name that leads out": {"../evil": b"x"},
    "a large head": {"backup__json": b" " * 2**17},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_restore_hostile_backup_raises_and_changes_nothing(
    what: str, backup: Path, photos: list[Path], store: Store
) -> None:
    path = changed(backup, **HOSTILE[what])
    forget_everything(store, photos)
    for use in (lambda: read_backup(path), lambda: restore_backup(path, store)):
        with pytest.raises(BackupError, check=has(BackupProblem.NOT_A_BACKUP)):
            use()
    assert store.own_marks() == ({}, {})
    assert not settings_file().exists()


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 100])
def test_read_other_file_raises(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(BackupError, check=has(BackupProblem.NOT_A_BACKUP)):
        read_backup(tmp_path / "a.zip")
    with pytest.raises(BackupError, check=has(BackupProblem.NOT_READ)):
        read_backup(tmp_path / "gone.zip")


def test_read_backup_cut_anywhere_is_read_or_refused(backup: Path) -> None:
    whole = backup.read_bytes()
    for end in range(0, len(whole), 97):
        backup.write_bytes(whole[:end])
        with pytest.raises(BackupError):
            read_backup(backup)


def test_read_backup_of_newer_version_raises(backup: Path) -> None:
    newer = changed(backup, backup__json=b'{"catdog_backup": 2, "app": "9.0", "created": "2030-01-01T00:00:00+00:00"}')
    with pytest.raises(BackupError, match=r"9\.0", check=has(BackupProblem.NEWER)):
        read_backup(newer)


def test_restore_damaged_settings_restores_the_rest(backup: Path, photos: list[Path], store: Store) -> None:
    path = changed(backup, settings__json=b"{")
    forget_everything(store, photos)
    with pytest.raises(BackupError, check=has(BackupProblem.NOT_RESTORED)):
        restore_backup(path, store)
    assert len(store.own_marks()[0]) == 2
    assert not settings_file().exists()
    assert not list(data_folder().glob("*.broken"))


@pytest.mark.parametrize("problem", BackupProblem)
def test_str_of_each_problem_is_a_filled_in_sentence(problem: BackupProblem) -> None:
    text = str(BackupError(problem, Path("/a.catdog-backup"), "some reason"))
    assert not set("{}") & set(text)
    assert text.endswith(".")
