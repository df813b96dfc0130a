"""`catdog learn` from end to end: preview, learn, use, undo, export, import, forget."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from command_line import catdog, entries
from photo_kinds import Kind

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.learning.learnt_file import learnt_files, load_head
from catdog_desktop.paths import data_folder
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

WAIT_SECONDS = 120
"""After this time a process is killed. A passing test ends long before."""


def verdicts(capsys: pytest.CaptureFixture[str], photos: Sequence[Path], *options: str) -> dict[str, str]:
    """Classify photos, which comes from the store, and return their verdicts by name."""
    capsys.readouterr()
    assert catdog("classify", "--format", "jsonl", *options, *photos) == 0
    return {Path(entry["path"]).name: entry["verdict"] for entry in entries(capsys)}


def test_preview_lists_changes_and_changes_nothing(
    sheep: Sequence[Path], model: ModelFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert catdog("learn", "--preview", "--format", "jsonl") == 0
    out, err = capsys.readouterr()
    changes = [json.loads(line) for line in out.splitlines()]
    assert {change["path"] for change in changes} == {str(path) for path in sheep[14:]}
    assert {(change["before"], change["after"]) for change in changes} == {("dog", "neither")}
    assert "Of the 14 photos that you checked, right: 0 now, 14 after learning." in err
    assert "0 unsure photos become sure. 26 other verdicts change." in err
    assert err.endswith("Nothing was changed.\n")
    assert load_head(model) is None


def test_learnt_head_is_used_announced_and_undone(sheep: Sequence[Path], capsys: pytest.CaptureFixture[str]) -> None:
    before = verdicts(capsys, sheep)
    assert list(before.values()) == ["neither"] * 14 + ["dog"] * 26
    assert catdog("learn", "--yes") == 0
    capsys.readouterr()
    assert catdog("classify", "--format", "jsonl", *sheep) == 0
    out, err = capsys.readouterr()
    assert "What was learnt from 14 verdicts of yours on" in err
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["verdict"] for line in lines} == {"neither"}
    assert all(line["learnt"] for line in lines)
    assert catdog("learn", "--undo") == 0
    assert verdicts(capsys, sheep) == before


@pytest.mark.parametrize(
    "command",
    [("sort", "{photos}", "{photos}/sorted", "--dry-run"), ("export", "{photos}", "--to", "{photos}/found.csv")],
    ids=["sort", "export"],
)
def test_commands_say_that_a_learnt_head_is_in_use(
    sheep: Sequence[Path], capsys: pytest.CaptureFixture[str], command: Sequence[str]
) -> None:
    arguments = [word.format(photos=sheep[0].parent) for word in command]
    assert catdog(*arguments) == 0
    assert "What was learnt" not in capsys.readouterr().err
    assert catdog("learn", "--yes") == 0
    capsys.readouterr()
    assert catdog(*(word.replace("found.csv", "again.csv") for word in arguments)) == 0
    assert "What was learnt from 14 verdicts of yours on" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_watch_says_that_a_learnt_head_is_in_use(sheep: Sequence[Path]) -> None:
    assert catdog("learn", "--yes") == 0
    with subprocess.Popen(
        [sys.executable, "-m", "catdog_desktop", "watch", str(sheep[0].parent)], stderr=subprocess.PIPE, text=True
    ) as watching:
        guard = threading.Timer(WAIT_SECONDS, watching.kill)
        guard.start()
        assert watching.stderr is not None
        said = [watching.stderr.readline(), watching.stderr.readline()]
        watching.send_signal(signal.SIGINT)
        watching.communicate()
        guard.cancel()
    assert any(line.startswith("What was learnt from 14 verdicts of yours on") for line in said), said


def test_corrected_photos_keep_the_users_verdict(
    sheep: Sequence[Path],
    keep_photos: Callable[..., Sequence[Path]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    odd = keep_photos(Kind(1, 0.01, 0.8), "real-dog", 1, Verdict.DOG, checked=1)
    assert catdog("learn", "--yes") == 0
    assert verdicts(capsys, odd) == {"real-dog-0.jpg": "dog"}


def test_learn_without_terminal_needs_yes(
    sheep: Sequence[Path], model: ModelFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert catdog("learn") == 2
    assert "Add --yes to learn, or --preview." in capsys.readouterr().err
    assert load_head(model) is None


def test_learn_without_verdicts_reports_it(
    keep_photos: Callable[..., Sequence[Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    keep_photos(Kind(1, 0.01, 0.8), "sheep", 3)
    assert catdog("learn", "--yes") == 2
    assert "You have not corrected or confirmed any photo" in capsys.readouterr().err


def test_exported_head_is_used_on_another_computer(
    sheep: Sequence[Path],
    tmp_path: Path,
    model: ModelFile,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "pets.learnt.json"
    assert catdog("learn", "--export", file) == 2, "nothing was learnt yet"
    assert catdog("learn", "--yes") == 0
    assert catdog("learn", "--export", file) == 0
    text = file.read_text(encoding="utf-8")
    assert "sheep" not in text
    assert str(tmp_path) not in text
    monkeypatch.setenv("CATDOG_HOME", str(tmp_path / "other computer"))
    assert load_head(model) is None
    assert catdog("learn", "--import", file) == 0
    assert load_head(model) is not None
    capsys.readouterr()
    file.write_text("{}", encoding="utf-8")
    assert catdog("learn", "--import", file) == 1
    assert "is not a learnt head" in capsys.readouterr().err


def test_forgetting_verdicts_forgets_what_was_learnt(sheep: Sequence[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert catdog("learn", "--yes") == 0
    assert catdog("forget", "--yes") == 0
    assert len(learnt_files(data_folder())) == 1, "results and thumbnails alone"
    capsys.readouterr()
    assert catdog("forget", "--dry-run", "--verdicts") == 0
    assert "what was learnt from your verdicts" in capsys.readouterr().out
    assert catdog("forget", "--verdicts", "--yes") == 0
    assert learnt_files(data_folder()) == []


def test_output_without_learning_is_the_same_to_the_byte(
    photo_dir: Path, sheep: Sequence[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = []
    for verdict in (None, Verdict.CAT):
        with Store.open() as store:  # verdicts alone change no other photo: nothing is learnt unless the user asks
            store.correct(dict.fromkeys(sheep, verdict))
        assert catdog("classify", "--rescan", "--format", "jsonl", photo_dir) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    assert '"learnt"' not in outputs[0]


def test_damaged_head_is_reported_and_ignored(
    sheep: Sequence[Path], model: ModelFile, capsys: pytest.CaptureFixture[str]
) -> None:
    before = verdicts(capsys, sheep)
    assert catdog("learn", "--yes") == 0
    learnt_files(data_folder())[0].write_text("{", encoding="utf-8")
    capsys.readouterr()
    assert catdog("classify", *sheep) == 0
    assert "is not a learnt head, or it is damaged" in capsys.readouterr().err
    assert verdicts(capsys, sheep) == before
