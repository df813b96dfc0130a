"""Fitting the second look to photos set apart: which photos are used, and the command."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.inference.model_file import check_description
from catdog_desktop.inference.second_look import SecondLook
from catdog_desktop.training import second_look_fit
from catdog_desktop.training.photo_folder import read_folder
from catdog_desktop.training.second_look_fit import main, records_of

KINDS = {
    "small pets",
    "small things",
    "panoramas with a pet",
    "panoramas without",
    "pets",
    "other photos",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of noise, enough that each part has some of each label."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(2)
    for label in ("cat", "dog", "neither"):
        (folder / label).mkdir()
        for number in range(40):
            pixels = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{label}.{number}.png")
    return folder


@pytest.mark.parametrize("part", ["set apart", "held out"])
def test_records_of_composes_photos_of_one_part(part, data, model, monkeypatch):
    photos = read_folder(data, faults=[])
    given = []

    def collected(_model, pets, things, scenes, _folder, *, count):
        given.extend([*(path for path, _ in pets), *things, *scenes])
        assert count == 3
        return []

    monkeypatch.setattr(second_look_fit, "collect", collected)
    assert records_of(photos, part, model, 3) == []
    assert set(given) == {photo.path for photo in photos if photo.part == part}


@pytest.mark.slow
def test_main_fits_writes_and_measures_a_rule(data, tmp_path, model_folder, capsys):
    shutil.copytree(model_folder, tmp_path / "model")
    assert main([str(data), "--model", str(tmp_path / "model"), "--count", "2"]) == 0
    printed = capsys.readouterr().out
    rule, end = json.JSONDecoder().raw_decode(printed)
    look = SecondLook.from_description(rule["second_look"])
    assert check_description(tmp_path / "model").second_look == look
    assert {kind for kind in KINDS if f"\n{kind} " in printed[end:]} == KINDS
    assert main([str(data), "--model", str(tmp_path / "model"), "--count", "2", "--no-fit"]) == 0
    assert json.JSONDecoder().raw_decode(capsys.readouterr().out)[0] == rule


def test_main_without_photos_reports_it(tmp_path, model_folder, capsys):
    assert main([str(tmp_path), "--model", str(model_folder)]) == 2
    assert "cat/, dog/ and neither/" in capsys.readouterr().err
