"""What we ship is found in a source tree and in a package; what is the user's lies where the user says."""

from pathlib import Path

import pytest

from catdog_desktop import places


def test_home_of_a_portable_installation(home: Path) -> None:
    assert places.settings_file() == home / "config" / "settings.json"
    assert places.data_folder() == home / "data"
    assert places.log_file() == home / "log" / "catdog.log"


def test_the_systems_own_places_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATDOG_HOME")
    for path in (places.settings_file(), places.data_folder(), places.log_file()):
        assert path.is_absolute()
        assert "CatDog" in path.parts
        assert path.parts.count("CatDog") == 1


def test_an_empty_home_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATDOG_HOME", "")
    assert places.settings_file().is_absolute()


def test_shipped_inside_the_package_comes_before_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "catdog_desktop"
    monkeypatch.setattr(places, "_PACKAGE", package)
    (tmp_path / "models" / "catdog").mkdir(parents=True)
    assert places.default_model() == tmp_path / "models" / "catdog"
    (package / "models" / "catdog").mkdir(parents=True)
    assert places.default_model() == package / "models" / "catdog"
