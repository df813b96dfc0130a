"""Where things lie: what we ship, and what belongs to the user, in the source tree, the wheel and the frozen app."""

import os
from pathlib import Path
from typing import Final

import platformdirs

_APP: Final = "CatDog"
_PACKAGE: Final = Path(__file__).resolve().parent


def shipped(*names: str) -> Path:
    """Return the path of something we ship below `models` or `resources`: `shipped("models", "catdog")`.

    The wheel and the frozen app hold both folders inside the package, the source tree beside it.
    """
    inside = _PACKAGE.joinpath(*names)
    return inside if inside.exists() else _PACKAGE.parent.joinpath(*names)


def default_model() -> Path:
    """Return the folder of the model that the app brings."""
    return shipped("models", "catdog")


def settings_file() -> Path:
    """Return where the user's choices are kept."""
    return _users("config") / "settings.json"


def data_folder() -> Path:
    """Return where the user's data is kept: the store, journals, own models, photos pasted as pixels."""
    return _users("data")


def journals_folder() -> Path:
    """Return where the journals of sorts are kept."""
    return data_folder() / "journals"


def log_file() -> Path:
    """Return where errors are written."""
    return _users("log") / "catdog.log"


def _users(kind: str) -> Path:
    """Return the user's folder of a kind; everything below `CATDOG_HOME` if that is set (a portable installation)."""
    home = os.environ.get("CATDOG_HOME")
    if home:
        return Path(home) / kind
    # appauthor=False: on Windows no second folder of the same name around it.
    folders = platformdirs.PlatformDirs(_APP, appauthor=False)
    return {"config": folders.user_config_path, "data": folders.user_data_path, "log": folders.user_log_path}[kind]
