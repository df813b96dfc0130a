"""The package for Keras models: found beside the frozen app, of the same version, and used for the conversion."""

import json
import sys
from pathlib import Path

import pytest

from catdog_desktop import __version__
from catdog_desktop.model_import.conversion import conversion as conversion_module
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.conversion.keras_package import FOLDER, VERSION_FILE, keras_command
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError
from catdog_desktop.sandbox.process import CHILD_OPTION

KERAS_MODEL = Path(__file__).resolve().parents[1] / "data" / "tiny.keras"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a frozen app, which is this process."""
    folder = tmp_path / "lib" / "catdog-desktop"
    folder.mkdir(parents=True)
    (folder / "CatDog").touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "CatDog"))
    return folder


@pytest.fixture
def package(app: Path) -> Path:
    """The package beside it, whose program writes what it was sent to `seen`, and answers with nonsense."""
    folder = app.parent / FOLDER
    folder.mkdir()
    (folder / VERSION_FILE).write_text(f"{__version__}\n")
    program = folder / "catdog-cli"
    program.write_text(f'#!/bin/sh\nread -r line\nprintf "%s\\n" "$1" "$line" >"{folder}/seen"\necho nonsense\n')
    program.chmod(0o755)
    return folder


def test_command_of_installed_package(package: Path) -> None:
    assert keras_command() == [str(package / "catdog-cli"), CHILD_OPTION]


def test_command_by_link_in_bin(package: Path, app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "catdog-desktop").symlink_to(app / "CatDog")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "catdog-desktop"))
    assert keras_command() == [str(package / "catdog-cli"), CHILD_OPTION]


def test_no_command_without_package(app: Path) -> None:
    assert keras_command() is None


def test_no_command_of_another_version(package: Path) -> None:
    (package / VERSION_FILE).write_text("1.0.0\n")
    assert keras_command() is None


def test_no_command_from_source(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "frozen")
    assert keras_command() is None


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_conversion_without_tensorflow_asks_the_package(
    package: Path, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion_module, "has_tensorflow", lambda: False)
    with pytest.raises(ModelImportError) as caught:
        Conversion(KERAS_MODEL).run()
    assert not isinstance(caught.value, NoTensorFlowError)
    option, request = (package / "seen").read_text().splitlines()
    assert option == CHILD_OPTION
    assert str(app) in json.dumps(json.loads(request)), "links of the package lead to files of the app"


def test_conversion_without_tensorflow_and_package_names_commands(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion_module, "has_tensorflow", lambda: False)
    with pytest.raises(NoTensorFlowError):
        Conversion(KERAS_MODEL).run()
