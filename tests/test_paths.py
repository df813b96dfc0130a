"""What we ship is found in a source tree and in a package; what is the user's lies where the user says."""

from pathlib import Path

import pytest

from catdog_desktop import paths


def test_home_of_a_portable_installation(home: Path) -> None:
    assert paths.settings_file() == home / "config" / "settings.json"
    assert paths.data_folder() == home / "data"
    assert paths.log_file() == home / "log" / "catdog.log"


def test_the_systems_own_places_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATDOG_HOME")
    for path in (paths.settings_file(), paths.data_folder(), paths.log_file()):
        assert path.is_absolute()
        assert "CatDog" in path.parts
        assert path.parts.count("CatDog") == 1


def test_an_empty_home_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATDOG_HOME", "")
    assert paths.settings_file().is_absolute()


def test_shipped_inside_the_package_comes_before_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "catdog_desktop"
    monkeypatch.setattr(paths, "_PACKAGE", package)
    (tmp_path / "models" / "catdog").mkdir(parents=True)
    assert paths.default_model() == tmp_path / "models" / "catdog"
    (package / "models" / "catdog").mkdir(parents=True)
    assert paths.default_model() == package / "models" / "catdog"
