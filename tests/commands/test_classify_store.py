"""Stored results and settings in `catdog classify`."""

import hashlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import classify, command, json_lines, make_cats
from PIL import Image
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.inference.installed_models import install_model
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings, save_settings
from catdog_desktop.store.store import Store

Capture = pytest.CaptureFixture[str]
posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


def verdicts(capsys: Capture, *arguments: object) -> dict[str, str]:
    """Return the verdicts of `catdog classify` by the names of photos."""
    assert classify("--format", "jsonl", "--no-store", *arguments) == 0
    return {Path(line["path"]).stem: line["verdict"] for line in json_lines(capsys.readouterr().out)}


def test_classify_uses_window_settings_only_with_option(
    photo_dir: Path, tmp_path: Path, model_folder: Path, capsys: Capture
) -> None:
    cat, blue = photo_dir / "chelsea.jpg", tmp_path / "blue.png"
    Image.new("RGB", (64, 64), "blue").save(blue)
    save_settings(settings_file(), Settings(unsure_band=0.49))
    assert verdicts(capsys, cat) == {"chelsea": "cat"}
    assert verdicts(capsys, "--settings", cat) == {"chelsea": "unsure"}
    flatbuffer = tiny_flatbuffer()
    install_model(tiny_description(hashlib.sha256(flatbuffer).hexdigest()), flatbuffer)
    save_settings(settings_file(), Settings(model="tiny"))
    assert verdicts(capsys, blue) == {"blue": "neither"}
    assert verdicts(capsys, "--settings", blue) == {"blue": "cat"}, "for the tiny model, blue is a cat"
    assert verdicts(capsys, "--settings", "--model", model_folder, blue) == {"blue": "neither"}, "--model has priority"


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"{", 0, "The settings file was damaged"),
        (b'{"model": "gone"}', 2, "There is no model called 'gone'"),
        (b'{"model": "../../etc"}', 2, "There is no model called '../../etc'"),
        (None, 0, ""),
    ],
)
def test_classify_invalid_settings_are_reported(
    photo_dir: Path, capsys: Capture, content: bytes | None, status: int, said: str
) -> None:
    if content is not None:
        settings_file().parent.mkdir(parents=True)
        settings_file().write_bytes(content)
    assert classify("--no-store", "--settings", photo_dir / "rocket.jpg") == status
    assert said in capsys.readouterr().err


def outcome(capsys: Capture, *arguments: object) -> tuple[list[dict[str, Any]], str]:
    classify("--format", "jsonl", *arguments)
    out, err = capsys.readouterr()
    return json_lines(out), err


def test_classify_again_uses_stored_results(photo_dir: Path, capsys: Capture) -> None:
    (photo_dir / "notes.jpg").write_text("hello")
    first, err = outcome(capsys, photo_dir)
    assert "known" not in err
    again, err = outcome(capsys, photo_dir)
    assert again == first
    assert err.endswith("; 7 were classified before; 1 could not be read.\n")
    assert classify(photo_dir) == 1, "a stored error counts as well"


def test_classify_rescan_and_no_store_use_no_stored_results(photo_dir: Path, home: Path, capsys: Capture) -> None:
    first, _ = outcome(capsys, "--no-store", photo_dir)
    assert not (home / "data").exists()
    _, err = outcome(capsys, photo_dir)
    assert "known" not in err
    for option in ("--rescan", "--no-store"):
        again, err = outcome(capsys, option, photo_dir)
        assert again == first
        assert "known" not in err


def test_classify_unusable_store_is_reported_once(photo_dir: Path, home: Path, capsys: Capture) -> None:
    (home / "data").write_text("in the way")
    assert classify(photo_dir) == 0
    err = capsys.readouterr().err
    assert err.startswith("Nothing is remembered for the next time: ")
    assert len(err.splitlines()) == 2


def test_classify_disk_that_fills_up_goes_on(photo_dir: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    make_cats(tmp_path / "cats", photo_dir, 40)
    limit = (60_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    run = subprocess.run(
        command("classify", "--format", "jsonl", tmp_path / "cats"),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    assert run.returncode == 0
    assert all(entry["verdict"] == "cat" for entry in json_lines(run.stdout))
    complaint, count = run.stderr.splitlines()
    assert complaint.startswith("Not all results can be stored for the next time: ")
    assert count == "40 photos: 40 cat."


@posix
@pytest.mark.slow
def test_classify_killed_run_is_continued(photo_dir: Path, tmp_path: Path, capsys: Capture, model: ModelFile) -> None:
    """Two runs are killed. The third classifies only the rest, and no result is missing or changed."""
    make_cats(tmp_path / "cats", photo_dir, 450)
    photos = list((tmp_path / "cats").iterdir())
    reported: dict[str, float] = {}
    known = 0
    for _ in range(2):
        process = subprocess.Popen(
            command("classify", "--format", "jsonl", tmp_path / "cats"), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        with Store.open() as store:
            for number, line in enumerate(process.stdout):
                entry = json.loads(line)
                assert reported.setdefault(entry["path"], entry["cat"]) == entry["cat"]
                if number % 20 == 0 and len(store.known(photos, model.identity)) > known:
                    process.kill()
                    break
        assert process.wait(timeout=120) == -signal.SIGKILL, "the run was complete before it was killed"
        process.stdout.close()
        with Store.open() as store:
            assert store.complaint is None
            known = len(store.known(photos, model.identity))
    entries, err = outcome(capsys, tmp_path / "cats")
    assert {entry["path"] for entry in entries} == {str(photo) for photo in photos}
    assert len(entries) == 450
    assert all(reported.get(entry["path"], entry["cat"]) == entry["cat"] for entry in entries)
    assert err == f"450 photos: 450 cat; {known} were classified before.\n"
