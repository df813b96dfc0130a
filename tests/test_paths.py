"""Folders of the app's own files and of the user's files."""

from pathlib import Path

import pytest

from catdog_desktop import paths


def test_paths_with_catdog_home_lie_below_it(home: Path) -> None:
    assert paths.settings_file() == home / "config" / "settings.json"
    assert paths.data_folder() == home / "data"
    assert paths.log_file() == home / "log" / "catdog.log"


def test_paths_without_catdog_home_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATDOG_HOME")
    for path in (paths.settings_file(), paths.data_folder(), paths.log_file()):
        assert path.is_absolute()
        assert "CatDog" in path.parts
        assert path.parts.count("CatDog") == 1


def test_paths_empty_catdog_home_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATDOG_HOME", "")
    assert paths.settings_file().is_absolute()


def test_default_model_prefers_folder_in_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "catdog_desktop"
    monkeypatch.setattr(paths, "_PACKAGE", package)
    (tmp_path / "models" / "catdog").mkdir(parents=True)
    assert paths.default_model() == tmp_path / "models" / "catdog"
    (package / "models" / "catdog").mkdir(parents=True)
    assert paths.default_model() == package / "models" / "catdog"
