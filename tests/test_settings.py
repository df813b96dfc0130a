"""Loading and saving settings: broken files, invalid values, failed writes."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from catdog_desktop.settings import Settings, load_settings, save_settings
from catdog_desktop.verdict import Thresholds

CHOSEN = Settings(
    theme="dark",
    view="list",
    card_width=160,
    sort_key="cat",
    sort_descending=True,
    cat_threshold=0.6,
    jobs=3,
    thumbnail_megabytes=2000,
    export_to="/photos",
    export_as="html",
    watch=True,
    sort_into="/photos/sorted",
    sort_layout="year-month",
    sort_folders={"cat": "Katzen", "unsure": ""},
)


def test_load_saved_settings_returns_them(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "settings.json"
    save_settings(path, CHOSEN)
    assert load_settings(path) == (CHOSEN, None)
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]


def test_load_missing_file_gives_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.json") == (Settings(), None)


BROKEN = {
    "empty": b"",
    "text": b"hello",
    "cut": b'{"theme": "da',
    "list": b"[1, 2]",
    "null": b"null",
    "no UTF-8": b'{"theme": "\xff"}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_load_broken_file_is_renamed(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings, sentence = load_settings(path)
    assert settings == Settings()
    assert sentence is not None
    assert sentence.startswith("The settings")
    assert sentence.endswith(".")
    assert not path.exists()
    assert (tmp_path / "settings.json.broken").read_bytes() == content


NONSENSE = {
    "theme": "purple",
    "view": 7,
    "card_width": 5000,
    "sort_key": None,
    "sort_descending": "yes",
    "cat_threshold": 1.5,
    "dog_threshold": True,
    "unsure_band": "wide",
    "jobs": 0,
    "thumbnail_megabytes": 99,
    "last_folder": 12,
    "sort_into": None,
    "sort_layout": "spiral",
    "sort_folders": {"cat": 1},
    "window": [1],
}


@pytest.mark.parametrize("field", NONSENSE)
def test_load_invalid_setting_keeps_the_others(field: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(asdict(CHOSEN) | {field: NONSENSE[field], "of_a_newer_version": 1}))
    settings, sentence = load_settings(path)
    assert settings == replace(CHOSEN, **{field: getattr(Settings(), field)})
    assert sentence is not None
    assert (tmp_path / "settings.json.broken").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [], {}, "x" * 10])
@pytest.mark.parametrize(
    "field", ["cat_threshold", "unsure_band", "card_width", "jobs", "theme", "thumbnail_megabytes"]
)
def test_load_invalid_value_gives_defaults(field: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({field: value}))
    settings, sentence = load_settings(path)
    assert settings == Settings()
    assert sentence


def test_load_unknown_setting_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "light", "of_a_newer_version": 1}')
    assert load_settings(path) == (Settings(theme="light"), None)
    assert path.exists()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_save_failure_keeps_old_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    save_settings(path, CHOSEN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space"):
        save_settings(path, Settings())
    monkeypatch.undo()
    assert load_settings(path) == (CHOSEN, None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.json"], "a half-written file was left"


def test_load_folder_in_place_of_file_gives_defaults(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.mkdir()
    settings, sentence = load_settings(path)
    assert settings == Settings()
    assert sentence


def test_thresholds_of_user_override_those_of_model(tmp_path: Path) -> None:
    of_model = Thresholds(0.4, 0.6, 0.1)
    assert Settings().thresholds(of_model) == of_model
    assert Settings(cat_threshold=0.7, unsure_band=0.0).thresholds(of_model) == Thresholds(0.7, 0.6, 0.0)
