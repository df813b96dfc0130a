"""Paths of bundled files and of the user's files, in the source tree, the wheel and the frozen app."""

import os
from pathlib import Path
from typing import Final

import platformdirs

_APP: Final = "CatDog"
_PACKAGE: Final = Path(__file__).resolve().parent


def shipped(*names: str) -> Path:
    """Return the path of a bundled file or folder below `models`, `resources` or `docs`: `shipped("models", "catdog")`.

    The wheel and the frozen app contain these folders inside the package, the source tree beside it.
    """
    inside = _PACKAGE.joinpath(*names)
    return inside if inside.exists() else _PACKAGE.parent.joinpath(*names)


def default_model() -> Path:
    """Return the folder of the app's own model."""
    return shipped("models", "catdog")


def settings_file() -> Path:
    """Return the path of the settings file."""
    return _user_folder("config") / "settings.json"


def data_folder() -> Path:
    """Return the folder of the user's data: store, journals, imported models, pasted images."""
    return _user_folder("data")


def journals_folder() -> Path:
    """Return the folder of the journals of sorts."""
    return data_folder() / "journals"


def last_session_file() -> Path:
    """Return the path of the file with the last session and the recent folders."""
    return data_folder() / "session.json"


def pasted_folder() -> Path:
    """Return the folder of images that were pasted without a file."""
    return data_folder() / "pasted"


def log_file() -> Path:
    """Return the path of the log file."""
    return _user_folder("log") / "catdog.log"


def _user_folder(kind: str) -> Path:
    """Return the user's folder for config, data or log; below `CATDOG_HOME` if set (a portable installation)."""
    home = os.environ.get("CATDOG_HOME")
    if home:
        return Path(home) / kind
    # Without appauthor=False, Windows would get two nested folders of the same name.
    folders = platformdirs.PlatformDirs(_APP, appauthor=False)
    return {"config": folders.user_config_path, "data": folders.user_data_path, "log": folders.user_log_path}[kind]
