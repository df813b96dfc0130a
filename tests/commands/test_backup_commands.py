"""`catdog backup` and `catdog restore`."""

import io
import sys
from pathlib import Path

import pytest
from command_line import catdog

from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings, load_settings, save_settings
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def backup(photo_dir: Path, tmp_path: Path, capsys: Capture) -> Path:
    with Store.open() as store:
        store.correct({photo_dir / "rocket.jpg": Verdict.DOG, photo_dir / "coffee.jpg": Verdict.CAT})
        store.rate({photo_dir / "rocket.jpg": 5})
    save_settings(settings_file(), Settings(theme="dark"))
    path = tmp_path / "pets.catdog-backup"
    assert catdog("backup", path) == 0
    assert capsys.readouterr().err == "Written: 2 verdicts, 1 rating, the settings.\n"
    return path


def verdicts(photo_dir: Path) -> dict[str, Verdict]:
    with Store.open() as store:
        return {path.stem: verdict for path, verdict in store.corrections(photo_dir.iterdir()).items()}


def test_restore_after_forgetting_everything(backup: Path, photo_dir: Path, capsys: Capture) -> None:
    assert catdog("forget", "--everything", "--yes") == 0
    settings_file().unlink()
    capsys.readouterr()
    assert catdog("restore", backup) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "Restored: 2 verdicts, 1 rating, the settings."
    assert verdicts(photo_dir) == {"rocket": Verdict.DOG, "coffee": Verdict.CAT}
    assert load_settings(settings_file())[0].theme == "dark"


def test_restore_dry_run_changes_nothing(backup: Path, photo_dir: Path, capsys: Capture) -> None:
    assert catdog("forget", "--everything", "--yes") == 0
    capsys.readouterr()
    assert catdog("restore", backup, "--dry-run") == 0
    assert "2 verdicts, 1 rating, the settings" in capsys.readouterr().err
    assert verdicts(photo_dir) == {}


@pytest.mark.parametrize(
    ("options", "answer", "status", "verdict"),
    [
        ([], None, 0, Verdict.CAT),
        (["--replace"], None, 2, Verdict.CAT),
        (["--replace", "--yes"], None, 0, Verdict.DOG),
        (["--replace"], "y\n", 0, Verdict.DOG),
        (["--replace"], "\n", 0, Verdict.CAT),
    ],
)
def test_restore_replaces_only_after_confirmation(
    options: list[str],
    answer: str | None,
    status: int,
    verdict: Verdict,
    backup: Path,
    photo_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Store.open() as store:
        store.correct({photo_dir / "rocket.jpg": Verdict.CAT})
    if answer is not None:
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert catdog("restore", backup, *options) == status
    assert verdicts(photo_dir)["rocket"] is verdict


def test_backup_existing_file_needs_overwrite(backup: Path, capsys: Capture) -> None:
    before = backup.read_bytes()
    assert catdog("backup", backup) == 2
    assert "exists already" in capsys.readouterr().err
    assert backup.read_bytes() == before
    assert catdog("backup", backup, "--overwrite") == 0


def test_restore_other_file_reports_reason(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.zip").write_text("no backup")
    assert catdog("restore", tmp_path / "a.zip") == 2
    assert "is not a backup of CatDog" in capsys.readouterr().err
    assert catdog("restore", tmp_path / "gone") == 2
