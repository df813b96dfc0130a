"""What the user chose: a small JSON file, written whole or not at all, and never a reason not to start."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.sorting.options import Layout
from catdog_desktop.verdict import Thresholds, Verdict

THEMES: Final = ("system", "light", "dark")
VIEWS: Final = ("grid", "list")
EXPORTS: Final = ("csv", "jsonl", "html", "xmp")
THUMBNAIL_MEGABYTES: Final = (100, 5000)
"""The least and the most that thumbnails may be allowed to take."""
SORT_KEYS: Final = ("added", "name", "date", "cat", "dog")


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's choices; a field that is None means "as the model or the system has it"."""

    theme: str = "system"
    view: str = "grid"
    card_width: int = 200
    """Width of a gallery card in points."""
    sort_key: str = "added"
    sort_descending: bool = False
    cat_threshold: float | None = None
    dog_threshold: float | None = None
    unsure_band: float | None = None
    jobs: int | None = None
    """Photos worked on at once; None: one per core."""
    thorough: bool = False
    """Whether parts of every photo without a sure pet are classified too."""
    thumbnail_megabytes: int = 500
    """How much the thumbnails on the disk may take, in 1,000,000 bytes."""
    last_folder: str = ""
    """Where the file picker opens."""
    sort_into: str = ""
    """The folder that the last sort filled."""
    sort_layout: str = Layout.FLAT.value
    sort_folders: dict[str, str] = field(default_factory=dict)
    """The user's own names of the folders, by verdict; an empty one: such photos stay where they are."""
    export_to: str = ""
    """The folder that the last export went to."""
    export_as: str = "csv"
    watch: bool = False
    """Whether the folders that are given are watched for new photos."""
    model: str = ""
    """The name of one of the user's own models; empty: the one that the app brings."""
    window: str = ""
    """Qt's own note of the window's size, place and columns, in base64."""

    def thresholds(self, of_model: Thresholds) -> Thresholds:
        """Return the model's thresholds with the user's own in their place."""
        return Thresholds(
            of_model.cat if self.cat_threshold is None else self.cat_threshold,
            of_model.dog if self.dog_threshold is None else self.dog_threshold,
            of_model.unsure if self.unsure_band is None else self.unsure_band,
            of_model.exclusive,
        )

    def check(self) -> None:
        """Raise `ValueError` that names the first field whose value makes no sense."""
        self._check_words()
        if type(self.card_width) is not int or not 120 <= self.card_width <= 480:
            raise ValueError(f"card_width is {self.card_width!r}, not a whole number between 120 and 480")
        for name in ("sort_descending", "thorough", "watch"):
            if type(getattr(self, name)) is not bool:
                raise ValueError(f"{name} is {getattr(self, name)!r}, not true or false")
        if self.jobs is not None and (type(self.jobs) is not int or not 1 <= self.jobs <= 256):
            raise ValueError(f"jobs is {self.jobs!r}, not a whole number between 1 and 256")
        least, most = THUMBNAIL_MEGABYTES
        if type(self.thumbnail_megabytes) is not int or not least <= self.thumbnail_megabytes <= most:
            raise ValueError(
                f"thumbnail_megabytes is {self.thumbnail_megabytes!r}, not a whole number between {least} and {most}"
            )
        if self.sort_layout not in list(Layout):
            raise ValueError(f"sort_layout is {self.sort_layout!r} (known: {', '.join(Layout)})")
        if not isinstance(self.sort_folders, dict) or not all(
            verdict in list(Verdict) and isinstance(name, str) for verdict, name in self.sort_folders.items()
        ):
            raise ValueError(f"sort_folders is {self.sort_folders!r}, not names by verdict")
        for name in ("cat_threshold", "dog_threshold", "unsure_band"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise ValueError(f"{name} is {value!r}, not a number")
        self.thresholds(Thresholds())

    def _check_words(self) -> None:
        for name, known in (("theme", THEMES), ("view", VIEWS), ("sort_key", SORT_KEYS), ("export_as", EXPORTS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r} (known: {', '.join(known)})")
        for name in ("export_to", "last_folder", "model", "sort_into", "window"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is {getattr(self, name)!r}, not a text")


def load_settings(path: Path) -> tuple[Settings, str | None]:
    """Read the settings at `path`; return them and a sentence for the user if something was wrong with the file.

    What can be kept of a broken file is kept; the file itself is set aside as `settings.json.broken` before
    anything is written over it. Never raises for what lies on the disk.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), None
    except (OSError, UnicodeDecodeError) as error:
        _set_aside(path)
        return Settings(), f"The settings could not be read ({error}); the usual ones are used."
    try:
        content = json.loads(text)
        if not isinstance(content, dict):
            raise ValueError("it is no JSON object")
    except (ValueError, RecursionError) as error:
        _set_aside(path)
        return Settings(), f"The settings file was broken ({error}); it was set aside and the usual ones are used."
    settings, wrong = _keep_valid(content)
    if not wrong:
        return settings, None
    _set_aside(path)
    return settings, f"A setting made no sense and was put back: {'; '.join(wrong)}."


def save_settings(path: Path, settings: Settings) -> None:
    """Write `settings` to `path` in one step, so that a crash leaves the old file or the new. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomically(path, json.dumps(asdict(settings), indent=2) + "\n")


def _keep_valid(content: dict[str, Any]) -> tuple[Settings, list[str]]:
    """Take over each known field that makes sense; unknown ones, of a newer version say, are passed over."""
    settings, wrong = Settings(), []
    for known in fields(Settings):
        if known.name not in content:
            continue
        candidate = replace(settings, **{known.name: content[known.name]})
        try:
            candidate.check()
        except (ValueError, TypeError) as error:
            wrong.append(str(error))
        else:
            settings = candidate
    return settings, wrong


def _set_aside(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.replace(path, path.with_name(path.name + ".broken"))  # noqa: PTH105
