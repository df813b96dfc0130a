"""Installed models: the shipped one, and those that the user imported, each a folder in the user's data folder."""

import contextlib
import json
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from catdog_desktop import paths
from catdog_desktop.inference.model_file import (
    DESCRIPTION,
    FLATBUFFER,
    ModelError,
    ModelFile,
    check_description,
    load_model_file,
)
from catdog_desktop.languages.formats import format_list
from catdog_desktop.messages import N_, _

SHIPPED: Final = "catdog"
"""Name of the app's own model."""
LONGEST_NAME: Final = 60
_WINDOWS_RESERVED: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)))
)
_UNFINISHED: Final = ".unfinished-"
_REMOVED: Final = ".removed-"


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that can be chosen, or a broken one."""

    name: str
    """`SHIPPED`, or the name of its folder."""
    folder: Path
    title: str
    problem: str = ""
    """A sentence: why it cannot be used. Empty if its description is valid."""

    @property
    def is_shipped(self) -> bool:
        """Whether it is the app's own model, which cannot be removed."""
        return self.name == SHIPPED


def models_folder() -> Path:
    """Return the folder of the user's models. It may not exist."""
    return paths.data_folder() / "models"


def installed_models() -> list[InstalledModel]:
    """Return the shipped model, then the user's by title. Reads descriptions only. Never raises."""
    shipped = InstalledModel(SHIPPED, paths.default_model(), _("CatDog (comes with the app)"))
    return [shipped, *sorted(_users_models(), key=lambda model: (model.title.casefold(), model.name))]


def find_model(name: str) -> Path:
    """Return the folder of the model called `name`. Raises `ModelError` that lists the names of all models."""
    known = {model.name: model for model in installed_models()}
    if name in known:
        return known[name].folder
    raise ModelError(
        N_("There is no model called {name}. There are: {known}."), name=repr(name), known=format_list(known)
    )


def install_model(description: Mapping[str, Any], flatbuffer: bytes) -> ModelFile:
    """Install a model, completely or not at all, and return it loaded.

    Its folder has the description's name, with a number if that is taken. A model that is already installed is not
    installed twice. Raises `ModelError` if the two are no valid model or cannot be written.
    """
    folder = models_folder()
    wish = safe_name(str(description.get("name", "")))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        with _removed_on_exit(unfinished):
            _write(unfinished / FLATBUFFER, flatbuffer)
            _write(unfinished / DESCRIPTION, _as_json({**description, "name": wish}))
            there = _same_model(load_model_file(unfinished))
            if there is not None:
                return there
            unfinished.chmod(0o755)
            return load_model_file(_place(unfinished, folder, description, wish))
    except OSError as error:
        raise ModelError(
            N_("The model could not be kept in {folder} ({reason})."), folder=folder, reason=error.strerror or error
        ) from error


def remove_model(name: str) -> None:
    """Delete the user's model called `name`. Raises `ModelError` if it is the shipped one or cannot be deleted."""
    folder = find_model(name)
    if folder.parent != models_folder():
        raise ModelError(N_("{name} comes with the app and cannot be removed."), name=repr(name))
    try:
        # Renamed first, in one step: a half-deleted folder would be listed as a broken model.
        aside = Path(tempfile.mkdtemp(prefix=_REMOVED, dir=folder.parent))
        folder.rename(aside / "model")
    except OSError as error:
        raise ModelError(
            N_("{folder} could not be removed ({reason})."), folder=folder, reason=error.strerror or error
        ) from error
    shutil.rmtree(aside, ignore_errors=True)


def safe_name(wish: str) -> str:
    """Return a folder name that is valid on every system and close to `wish`: "my-cats" for "My Cats!"."""
    characters = unicodedata.normalize("NFC", wish).lower()
    words = "".join(char if char.isalnum() or char in "._" else "-" for char in characters)
    words = "-".join(part for part in words.split("-") if part).strip("._-")
    while len(words.encode()) > LONGEST_NAME:
        words = words[:-1]
    name = words.rstrip("._-") or "model"
    return f"model-{name}" if name.partition(".")[0] in _WINDOWS_RESERVED or name == SHIPPED else name


def _users_models() -> Iterator[InstalledModel]:
    try:
        folders = [path for path in models_folder().iterdir() if not path.name.startswith(".") and path.is_dir()]
    except OSError:  # no model was imported yet
        return
    for folder in folders:
        title, problem = folder.name, ""
        try:
            title = check_description(folder).title
            if not (folder / FLATBUFFER).is_file():
                problem = f"There is no model in {folder}: {FLATBUFFER} is missing."
        except ModelError as error:
            problem = str(error)
        yield InstalledModel(folder.name, folder, title, problem)


def _same_model(model: ModelFile) -> ModelFile | None:
    """Return the installed model with the same identity and title, if there is one."""
    for other in _users_models():
        with contextlib.suppress(ModelError):
            found = check_description(other.folder)
            if (found.identity, found.title) == (model.identity, model.title):
                return load_model_file(other.folder)
    return None


def _place(unfinished: Path, folder: Path, description: Mapping[str, Any], wish: str) -> Path:
    """Rename the folder to a free name, which is written into its description; return its new path."""
    number = 1
    while True:
        name = wish if number == 1 else f"{wish}-{number}"
        number += 1
        target = folder / name
        if target.exists():
            continue
        _write(unfinished / DESCRIPTION, _as_json({**description, "name": name}))
        try:
            unfinished.rename(target)
        except OSError:
            if not target.exists():  # else another process has just taken the name
                raise
        else:
            return target


def _as_json(description: Mapping[str, Any]) -> bytes:
    return (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _removed_on_exit(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # gone already if the model was installed
