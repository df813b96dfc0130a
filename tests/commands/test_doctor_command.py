"""`catdog doctor`."""

from pathlib import Path

import pytest
from command_line import catdog

from catdog_desktop import __version__

Capture = pytest.CaptureFixture[str]


def test_doctor_working_app_reports_everything(capsys: Capture, home: Path, model_folder: Path) -> None:
    assert catdog("doctor") == 0
    out, err = capsys.readouterr()
    assert err == ""
    for word in (__version__, "Pillow", "numpy", "LiteRT", "PySide6", "HEIC", "AVIF", "WebP", "thresholds", "sha256"):
        assert word in out
    assert str(home / "config" / "settings.json") in out
    assert str(model_folder) in out
    assert "a generated photo was classified" in out
    assert out.endswith("\nEverything works.\n")
    assert "!!" not in out


def test_doctor_marks_problems(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.features.check", lambda feature: feature != "avif")
    assert catdog("doctor", "--model", tmp_path) == 1
    out = capsys.readouterr().out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("!!")] == ["AVIF", "model"]
    assert "Everything works" not in out


def test_doctor_without_package_metadata_says_unknown(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    def unknown(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", unknown)
    assert catdog("doctor") == 0
    assert capsys.readouterr().out.count("version unknown") == 4


def test_doctor_report_is_written_once(capsys: Capture, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    assert catdog("doctor", "--report", path) == 0
    assert __version__ in path.read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""
    path.write_text("mine")
    assert catdog("doctor", "--report", path) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert catdog("doctor", "--report", path, "--overwrite") == 0
    assert path.read_text() != "mine"


def test_doctor_report_into_missing_folder_reports_error(capsys: Capture, home: Path, tmp_path: Path) -> None:
    assert catdog("doctor", "--report", tmp_path / "missing" / "report.txt") == 2
    assert "could not be written" in capsys.readouterr().err
