"""The user's settings: a small JSON file. It is written atomically, and a damaged file never prevents a start."""

import contextlib
import json
import os
import re
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from catdog_desktop.discovery.skip_rules import parse_patterns
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.gallery.groups import GROUPINGS
from catdog_desktop.languages.choice import LANGUAGES
from catdog_desktop.languages.formats import format_clauses
from catdog_desktop.messages import _
from catdog_desktop.sorting.options import Layout
from catdog_desktop.verdict import Thresholds, Verdict
from catdog_desktop.xmp.keyword_words import ENGLISH
from catdog_desktop.xmp.sidecars import SidecarNames

MARK_KEYS: Final = "CDBN"
"""The letters that mark photos at first. Users of speech input may need others, or none (WCAG 2.1.4)."""
OTHER_LETTERS: Final = "HIWZ"
"""Letters that do something else with a photo, so that they cannot mark it."""
THEMES: Final = ("system", "light", "dark")
VIEWS: Final = ("grid", "list")
EXPORTS: Final = ("csv", "jsonl", "html", "xmp")
THUMBNAIL_MEGABYTES: Final = (100, 5000)
"""Limits of the setting for the thumbnail cache, in 1,000,000 bytes."""
SORT_KEYS: Final = ("added", "name", "folder", "date", "size", "cat", "dog", "verdict", "certainty", "rating")
LIST_COLUMNS: Final = ("name", "verdict", "cat", "dog", "date", "folder", "size", "rating")
"""The columns that the list can show."""
DEFAULT_COLUMNS: Final = LIST_COLUMNS[:-1]
"""Those that it shows at first, from left to right."""
CARD_WIDTHS: Final = (140, 400)
"""Limits of the width of a card that the window offers, in points."""
_WIDTHS: Final = (24, 4000)
"""Limits of the width of a column, in points."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's settings. None means the default of the model or of the system."""

    language: str = ""
    """A code of `LANGUAGES`; empty for the language of the system."""
    theme: str = "system"
    view: str = "grid"
    card_width: int = 200
    """Width of a gallery card in points."""
    single_keys: bool = False
    """Whether single-key shortcuts (C, D, 1 to 9, H) work in the whole gallery, where letters search by name else."""
    mark_keys: str = MARK_KEYS
    """The letters that mark a photo as cat, dog, both and neither; empty: no letter does."""
    sort_key: str = "added"
    sort_descending: bool = False
    grouping: str = "none"
    """How the gallery is grouped: one of `GROUPINGS`."""
    stacks: bool = False
    """Whether photos that are alike are shown as one card."""
    list_columns: list[str] = field(default_factory=lambda: list(DEFAULT_COLUMNS))
    """The columns that the list shows, from left to right."""
    list_widths: dict[str, int] = field(default_factory=dict)
    """Widths of columns that the user has changed, in points."""
    cat_threshold: float | None = None
    dog_threshold: float | None = None
    unsure_band: float | None = None
    jobs: int | None = None
    """Photos classified in parallel; None means one per core."""
    thorough: bool = False
    """Whether parts of every photo without a sure pet are classified too."""
    thumbnail_megabytes: int = 500
    """Size limit of the thumbnail cache, in 1,000,000 bytes."""
    low_priority: bool = False
    """Whether other programs get the processor first, and on the battery only half of the cores are used."""
    tour_seen: bool = False
    """Whether the first steps were skipped or seen to the end."""
    continue_session: bool = True
    """Whether the start page offers to continue with the last session."""
    last_folder: str = ""
    """The folder that the file dialog shows first."""
    sort_into: str = ""
    """The destination of the last sort."""
    sort_layout: str = Layout.FLAT.value
    sort_folders: dict[str, str] = field(default_factory=dict)
    """Folder names by verdict; photos whose verdict has an empty name stay in place."""
    export_to: str = ""
    """The folder of the last export."""
    export_as: str = "csv"
    sidecar_names: str = SidecarNames.AS_FOUND.value
    """How new sidecars are named."""
    keywords: dict[str, str] = field(default_factory=dict)
    """The words that are written as keywords, by those of `xmp.keyword_words.ENGLISH`; empty for English."""
    watch: bool = False
    """Whether opened folders are watched for new photos."""
    join_raw: bool = True
    """Whether a raw file and its JPEG of the same name are one photo."""
    exclude: str = ""
    """Patterns of files and folders to skip, in the syntax of gitignore, one per line."""
    model: str = ""
    """Name of an imported model; empty for the app's own model."""
    window: str = ""
    """Size, position and columns of the window as saved by Qt, in base64."""

    def thresholds(self, defaults: Thresholds) -> Thresholds:
        """Return the thresholds of the model, `defaults`, replaced by those that the user has set."""
        return Thresholds(
            defaults.cat if self.cat_threshold is None else self.cat_threshold,
            defaults.dog if self.dog_threshold is None else self.dog_threshold,
            defaults.unsure if self.unsure_band is None else self.unsure_band,
            defaults.exclusive,
        )

    def check(self) -> None:
        """Raise `ValueError` that names the first field with an invalid value."""
        self._check_words()
        self._check_list()
        if type(self.card_width) is not int or not 120 <= self.card_width <= 480:
            raise ValueError(f"card_width is {self.card_width!r}, not a whole number between 120 and 480")
        for name in (
            "continue_session",
            "join_raw",
            "low_priority",
            "tour_seen",
            "single_keys",
            "sort_descending",
            "stacks",
            "thorough",
            "watch",
        ):
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
        if not isinstance(self.keywords, dict) or not all(
            name in asdict(ENGLISH) and isinstance(word, str) for name, word in self.keywords.items()
        ):
            raise ValueError(f"keywords is {self.keywords!r}, not words by keyword")
        check_mark_keys(self.mark_keys)
        for name in ("cat_threshold", "dog_threshold", "unsure_band"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                raise ValueError(f"{name} is {value!r}, not a number")
        if self.exclude:
            parse_patterns(self.exclude)
        self.thresholds(Thresholds())

    def _check_list(self) -> None:
        columns, widths = self.list_columns, self.list_widths
        if not isinstance(columns, list) or not columns or not set(map(str, columns)) <= set(LIST_COLUMNS):
            raise ValueError(f"list_columns is {columns!r} (known: {', '.join(LIST_COLUMNS)})")
        if len(set(columns)) < len(columns):
            raise ValueError(f"list_columns is {columns!r}, with a column twice")
        least, most = _WIDTHS
        if not isinstance(widths, dict) or not all(
            name in LIST_COLUMNS and type(width) is int and least <= width <= most for name, width in widths.items()
        ):
            raise ValueError(f"list_widths is {widths!r}, not widths by column")

    def _check_words(self) -> None:
        for name, known in (
            ("language", ("", *LANGUAGES)),
            ("theme", THEMES),
            ("view", VIEWS),
            ("sort_key", SORT_KEYS),
            ("grouping", GROUPINGS),
            ("export_as", EXPORTS),
            ("sidecar_names", tuple(SidecarNames)),
        ):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r} (known: {', '.join(known)})")
        for name in ("exclude", "export_to", "last_folder", "model", "sort_into", "window"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is {getattr(self, name)!r}, not text")


def check_mark_keys(keys: object) -> None:
    """Raise `ValueError` unless `keys` are four different capital letters without another meaning, or empty."""
    if not isinstance(keys, str) or (keys and not re.fullmatch(r"[A-Z]{4}", keys)):
        raise ValueError(f"mark_keys is {keys!r}, not four capital letters")
    if len(set(keys)) < len(keys) or set(keys) & set(OTHER_LETTERS):
        raise ValueError(f"mark_keys is {keys!r}, with a letter that has two meanings")


def without_folders(settings: Settings) -> Settings:
    """Return `settings` without the folders that dialogs remember."""
    return replace(settings, last_folder="", sort_into="", export_to="")


def load_settings(path: Path) -> tuple[Settings, str | None]:
    """Read the settings at `path`; return them, and a sentence for the user if the file was damaged.

    Valid fields of a damaged file are used. The file is renamed to `settings.json.broken` before it can be
    overwritten. Never raises for the content of the disk.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), None
    except (OSError, UnicodeDecodeError) as error:
        _rename_damaged(path)
        return Settings(), _("The settings could not be read ({reason}). The defaults are used.").format(reason=error)
    try:
        content = json.loads(text)
        if not isinstance(content, dict):
            raise ValueError("it is not a JSON object")
    except (ValueError, RecursionError) as error:
        _rename_damaged(path)
        return Settings(), _(
            "The settings file was damaged ({reason}). It was renamed, and the defaults are used."
        ).format(reason=error)
    settings, invalid = _keep_valid(content)
    if not invalid:
        return settings, None
    _rename_damaged(path)
    return settings, _("Invalid settings were reset: {settings}.").format(settings=format_clauses(invalid))


def save_settings(path: Path, settings: Settings) -> None:
    """Write `settings` to `path` atomically: a crash leaves the old file or the new one. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomically(path, json.dumps(asdict(settings), indent=2) + "\n")


def _keep_valid(content: dict[str, Any]) -> tuple[Settings, list[str]]:
    """Return settings with the valid fields of `content`, and the errors. Ignores unknown fields of newer versions."""
    settings, invalid = Settings(), []
    for known in fields(Settings):
        if known.name not in content:
            continue
        candidate = replace(settings, **{known.name: content[known.name]})
        try:
            candidate.check()
        except (ValueError, TypeError) as error:
            invalid.append(str(error))
        else:
            settings = candidate
    return settings, invalid


def _rename_damaged(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.replace(path, path.with_name(path.name + ".broken"))  # noqa: PTH105
