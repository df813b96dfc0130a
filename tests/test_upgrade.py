"""Data of version 1.0 opens in this version: store, settings, journals, models (`data/version_1/make_home.py`)."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import catdog

from catdog_desktop import paths
from catdog_desktop.inference.installed_models import find_model
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_file import STORE
from catdog_desktop.verdict import Verdict

VERSION_1 = Path(__file__).parent / "data" / "version_1"
SHIPPED = Path(__file__).resolve().parents[1] / "resources" / "photos"
OLD_PLACE = "/tmp/photos-of-1.0"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photos(tmp_path: Path, home: Path) -> Path:
    """The home of a user of version 1.0, and the folder with the photos that version 1.0 has sorted."""
    folder = tmp_path / "photos"
    shutil.copytree(VERSION_1 / "home", home, dirs_exist_ok=True)
    for path in home.rglob("*.jsonl"):
        path.write_text(path.read_text().replace(OLD_PLACE, str(folder)))
    (journal,) = paths.journals_folder().glob("*.jsonl")
    for line in journal.read_text().splitlines():
        step = json.loads(line)
        if "looks" in step:
            target = Path(step["target"])
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(SHIPPED / target.name, target)
            os.utime(target, ns=(step["looks"][1], step["looks"][1]))
    shutil.copy(VERSION_1 / "cat.jpg.xmp", folder / "sorted" / "cats")
    (folder / "in").mkdir()
    return folder


def test_settings_are_kept(photos: Path) -> None:
    settings, warning = load_settings(paths.settings_file())
    assert warning is None
    changed = Settings(
        theme="dark", view="list", cat_threshold=0.3, sort_folders={"cat": "Katzen"}, thumbnail_megabytes=300
    )
    assert settings == changed, "what is new has its default"


def test_corrections_are_kept(photos: Path) -> None:
    cup, cat = photos / "sorted" / "neither" / "cup.jpg", photos / "sorted" / "cats" / "cat.jpg"
    with Store.open() as store:
        assert store.complaint is None
        assert store.corrections([cup, cat]) == {cup: Verdict.DOG}


def test_results_are_kept_for_their_model(photos: Path) -> None:
    with Store.open() as store:
        assert store.remembered().photos == 4
    with closing(sqlite3.connect(paths.data_folder() / "store.sqlite")) as db:
        (sha256,) = db.execute("SELECT sha256 FROM model").fetchone()
        assert db.execute("PRAGMA user_version").fetchone() == (STORE.version,)
    cat = photos / "sorted" / "cats" / "cat.jpg"
    with Store.open() as store:
        known = store.known([cat], sha256, features=False)
        assert known[cat].scores is not None
        assert known[cat].scores.cat > 0.9
        assert store.thumbnail(cat)[:2] == b"\xff\xd8"


def test_store_takes_new_data_after_the_upgrade(photos: Path) -> None:
    cat = photos / "sorted" / "cats" / "cat.jpg"
    with Store.open() as store:
        store.rate({cat: 4})
        store.correct({cat: Verdict.CAT})
    with Store.open() as store:
        assert store.corrections([cat]) == {cat: Verdict.CAT}


def test_keywords_and_sort_can_be_undone(photos: Path, capsys: Capture) -> None:
    sidecar = photos / "sorted" / "cats" / "cat.jpg.xmp"
    assert catdog("undo", "--list") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert catdog("undo", "--yes") == 0  # the last: keywords
    assert not sidecar.exists()
    assert catdog("undo", "--yes") == 0
    assert sorted(path.name for path in (photos / "in").iterdir()) == ["cat.jpg", "cup.jpg", "person.jpg", "rocket.jpg"]
    assert not (photos / "sorted").exists()


def test_imported_model_classifies(photos: Path, capsys: Capture) -> None:
    model = load_model_file(find_model("tiny_0to1"))
    assert (model.input_width, model.input_height) == (8, 8)
    assert catdog("classify", "--model", "tiny_0to1", "--format", "jsonl", SHIPPED / "cat.jpg") == 0
    row = json.loads(capsys.readouterr().out)
    assert row["cat"] + row["dog"] == pytest.approx(1, abs=1e-3)


def test_doctor_finds_no_problem(photos: Path) -> None:
    assert catdog("doctor") == 0


@pytest.mark.parametrize("name", ["store.sqlite", "thumbnails.sqlite"])
def test_data_of_a_newer_version_is_refused_and_left_alone(photos: Path, name: str) -> None:
    path = paths.data_folder() / name
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.commit()
    before = path.read_bytes()
    with Store.open() as store:
        if name == "store.sqlite":
            assert store.complaint is not None
            assert "newer version of this app" in store.complaint
        assert store.corrections([photos / "sorted" / "neither" / "cup.jpg"]) == (
            {} if name == "store.sqlite" else {photos / "sorted" / "neither" / "cup.jpg": Verdict.DOG}
        )
    assert path.read_bytes() == before


def test_journal_of_a_newer_version_is_refused(photos: Path, capsys: Capture) -> None:
    (journal,) = paths.journals_folder().glob("*.jsonl")
    first, *rest = journal.read_text().splitlines()
    journal.write_text("\n".join([json.dumps(json.loads(first) | {"journal": 99}), *rest]) + "\n")
    assert catdog("undo", "--yes", journal.stem) != 0
    assert "newer" in capsys.readouterr().err
    assert (photos / "sorted" / "cats" / "cat.jpg").exists()
