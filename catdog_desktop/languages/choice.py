"""Choice of the language: the setting, else the languages of the system, else English."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from catdog_desktop.messages import use_catalog
from catdog_desktop.paths import settings_file

LANGUAGES: Final = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt_BR": "Português (Brasil)",
    "it": "Italiano",
    "ja": "日本語",
    "zh_CN": "简体中文",
    "ar": "العربية",
}
"""The languages of the app by code, each by its own name."""
SOURCE_LANGUAGE: Final = "en"
"""The language of the message ids."""
OVERRIDE: Final = "CATDOG_LANGUAGE"
"""Environment variable: a code of `LANGUAGES`, or the path of a compiled catalog, to try a translation."""
LOCALE_FOLDER: Final = Path(__file__).resolve().parent.parent / "locale"
"""The catalogs: `LANG/LC_MESSAGES/catdog.mo`."""
_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_TRADITIONAL_CHINESE: Final = frozenset({"hant", "tw", "hk", "mo"})


def start_language(more: Iterable[str] = ()) -> str:
    """Use the language of `CATDOG_LANGUAGE`, of the settings or of the system, and return its code.

    `more` are languages of the system, best first, for systems that do not name them in the environment.
    """
    wished = os.environ.get(OVERRIDE, "")
    if wished.endswith(".mo"):
        return use_catalog(Path(wished))
    return use_language(wished or saved_language(settings_file()) or system_language(more))


def use_language(code: str) -> str:
    """Use the language `code` from now on, English if it is unknown. Return the code of what is used."""
    if code == SOURCE_LANGUAGE or code not in LANGUAGES:
        return use_catalog(None)
    return use_catalog(catalog_file(code))


def catalog_file(code: str) -> Path:
    """Return the path of the compiled catalog of a language."""
    return LOCALE_FOLDER / code / "LC_MESSAGES" / "catdog.mo"


def saved_language(path: Path) -> str:
    """Return the language in the settings file at `path`, or "" if it names none. Reads nothing else of the file.

    The command line needs no other setting before it runs a command.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    saved = content.get("language") if isinstance(content, dict) else None
    return saved if isinstance(saved, str) and saved in LANGUAGES else ""


def system_language(more: Iterable[str] = ()) -> str:
    """Return the first language of the system that the app has, else English."""
    return best_language([*environment_languages(os.environ), *more, *_windows_languages()])


def environment_languages(environment: Mapping[str, str]) -> list[str]:
    """Return the languages that the environment names, best first, as GNU gettext reads it."""
    for name in _VARIABLES:
        value = environment.get(name, "")
        if value:
            return value.split(":") if name == "LANGUAGE" else [value]
    return []


def best_language(wished: Iterable[str]) -> str:
    """Return the first of the `wished` languages ("de_AT.UTF-8", "zh-Hans-CN", "C") that the app has, else English."""
    for wish in wished:
        code = _known_language(wish)
        if code is not None:
            return code
    return SOURCE_LANGUAGE


def _known_language(wish: str) -> str | None:
    parts = wish.partition(".")[0].partition("@")[0].replace("-", "_").casefold().split("_")
    if parts[0] in ("c", "posix"):
        return SOURCE_LANGUAGE
    if parts[0] == "zh" and _TRADITIONAL_CHINESE & set(parts[1:]):
        return None
    return next((code for code in LANGUAGES if code.partition("_")[0] == parts[0]), None)


def _windows_languages() -> list[str]:
    """Return the language of Windows' own interface, which no environment variable names."""
    if sys.platform == "win32":
        import ctypes
        import locale

        name = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage())
        return [name] if name else []
    return []
