"""The inputs and the end of `catdog classify`: missing photos, skipped files, Ctrl+C, a closed pipe, a full disk."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from command_line import classify, command, json_lines, make_cats

from catdog_desktop import ordered_results
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result

Capture = pytest.CaptureFixture[str]
posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


def test_classify_missing_photo_gives_error_line(photo_dir: Path, capsys: Capture) -> None:
    assert classify("--format", "jsonl", photo_dir / "nope.jpg", photo_dir / "chelsea.jpg") == 1
    out, err = capsys.readouterr()
    assert json_lines(out)[0] == {"path": str(photo_dir / "nope.jpg"), "error": "does not exist"}
    assert json_lines(out)[1]["verdict"] == "cat"
    assert err == "2 photos: 1 cat; 1 could not be read.\n"


def test_classify_missing_photo_as_text_is_a_sentence(photo_dir: Path, capsys: Capture) -> None:
    assert classify(photo_dir / "nope.jpg") == 1
    assert capsys.readouterr().out.split(maxsplit=1) == ["error", f"{photo_dir / 'nope.jpg'} does not exist\n"]


def test_classify_counts_skipped_files(photo_dir: Path, capsys: Capture) -> None:
    for name in ("Thumbs.db", ".DS_Store", "notes.txt"):
        (photo_dir / name).write_text("x")
    assert classify(photo_dir, photo_dir / "chelsea.jpg") == 0
    err = capsys.readouterr().err
    assert err.startswith("6 photos: ")
    assert err.endswith("; skipped: 1 file that is not a photo, 2 system files, 1 photo already in the list.\n")


def test_classify_folder_without_photos_succeeds(tmp_path: Path, capsys: Capture) -> None:
    assert classify(tmp_path) == 0
    assert capsys.readouterr() == ("", "0 photos.\n")


def test_classify_ctrl_c_says_stopped(photo_dir: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: Pipeline, timeout: float = 0.0) -> list[Result]:
        raise KeyboardInterrupt

    monkeypatch.setattr(ordered_results.Pipeline, "take_results", interrupt)
    assert classify(photo_dir) == 130
    assert capsys.readouterr() == ("", "Stopped.\n")


def test_classify_ctrl_c_while_a_condition_waits_says_stopped(
    photo_dir: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the moment in which a waiting condition does not hold its lock, leaving it raises a RuntimeError."""

    def interrupt(self: Pipeline, timeout: float = 0.0) -> list[Result]:
        condition = threading.Condition()
        with condition:
            condition.release()
            raise KeyboardInterrupt

    monkeypatch.setattr(ordered_results.Pipeline, "take_results", interrupt)
    assert classify(photo_dir) == 130
    assert capsys.readouterr() == ("", "Stopped.\n")


def test_classify_other_runtime_error_is_not_taken_for_ctrl_c(
    photo_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(self: Pipeline, timeout: float = 0.0) -> list[Result]:
        raise RuntimeError("a defect")

    monkeypatch.setattr(ordered_results.Pipeline, "take_results", fail)
    assert classify(photo_dir) == 1
    assert "RuntimeError: a defect" in capsys.readouterr().err


@posix
def test_classify_sigint_after_first_result_stops_process(photo_dir: Path, tmp_path: Path) -> None:
    """The process is interrupted in the middle of many photos, after the first result."""
    make_cats(tmp_path, photo_dir, 400)
    process = subprocess.Popen(
        command("classify", "--format", "jsonl", tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background ignore Ctrl+C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=120)
    assert json.loads(first)["verdict"] == "cat"
    assert len(rest.splitlines()) < 399
    assert (process.returncode, err) == (130, "Stopped.\n")


@posix
def test_classify_closed_pipe_ends_quietly(photo_dir: Path, tmp_path: Path) -> None:
    make_cats(tmp_path, photo_dir, 400)
    process = subprocess.Popen(command("classify", tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=120) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_classify_full_disk_reports_error(photo_dir: Path) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(command("classify", photo_dir), stdout=full, stderr=subprocess.PIPE, text=True)
    assert run.returncode == 1
    assert run.stderr == "catdog: The results could not be written (No space left on device).\n"
