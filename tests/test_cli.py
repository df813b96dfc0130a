"""The command line as its users meet it: in every format, with every kind of path, to its exit status."""

import csv
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop import __main__ as start
from catdog_desktop import __version__, cli, ordered_results
from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.commands.cli_inputs import expand_patterns
from catdog_desktop.inference.installed_models import install_model
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.paths import settings_file
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.settings import Settings, save_settings
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Scores

posix = pytest.mark.skipif(os.name != "posix", reason="signals and names as on POSIX")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _shipped_model(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catdog_desktop.paths.default_model", lambda: model_folder)


def classify(*arguments: object) -> int:
    return cli.main(["classify", *map(str, arguments)])


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "catdog_desktop", *map(str, arguments)]


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def make_cats(folder: Path, photo_dir: Path, count: int) -> None:
    """Make photos that are not equal but for what they show: equal ones would be known after the first."""
    cat = (photo_dir / "chelsea.jpg").read_bytes()
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(cat + str(number).encode())


# --- what comes out ---


def test_classify_text_aligns_columns(photo_dir: Path, capsys: Capture) -> None:
    assert classify(photo_dir) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split()[-1] for line in lines] == [str(path) for path in sorted(photo_dir.iterdir())]
    assert len({line.index(str(photo_dir)) for line in lines}) == 1, "columns"
    chelsea = next(line for line in lines if line.endswith("chelsea.jpg"))
    assert re.match(r"cat      cat >99%  dog  <1%  ", chelsea)
    assert re.fullmatch(r"6 photos: 1 cat, [0-9a-z ,]+\.\n", err)


def test_classify_jsonl_has_documented_keys(photo_dir: Path, capsys: Capture) -> None:
    (photo_dir / "notes.jpg").write_text("hello")
    whole = (photo_dir / "coffee.jpg").read_bytes()
    (photo_dir / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    assert classify("--format", "jsonl", photo_dir) == 1
    entries = {Path(entry["path"]).name: entry for entry in json_lines(capsys.readouterr().out)}
    assert list(entries) == sorted(entries)
    assert list(entries["chelsea.jpg"]) == ["path", "verdict", "cat", "dog"]
    assert entries["chelsea.jpg"]["verdict"] == "cat"
    assert 0.95 < entries["chelsea.jpg"]["cat"] <= 1
    assert entries["chelsea.jpg"]["cat"] == round(entries["chelsea.jpg"]["cat"], 4)
    assert entries["notes.jpg"] == {
        "path": str(photo_dir / "notes.jpg"),
        "error": "is not a photo (it holds text)",
    }
    assert entries["cut.jpg"]["damaged"] is True
    assert "verdict" in entries["cut.jpg"]


def test_classify_csv_has_documented_columns(photo_dir: Path, capsys: Capture) -> None:
    (photo_dir / 'odd, "name"\n.jpg').write_text("hello")
    assert classify("--format", "csv", photo_dir) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
    assert list(rows[0]) == ["path", "verdict", "corrected", "cat", "dog", "damaged", "error"]
    by_name = {Path(row["path"]).name: row for row in rows}
    assert len(by_name) == 7
    assert by_name["chelsea.jpg"]["verdict"] == "cat"
    assert re.fullmatch(r"[01]\.\d{4}", by_name["chelsea.jpg"]["dog"])
    assert by_name['odd, "name"\n.jpg']["error"] == "is not a photo (it holds text)"
    assert by_name['odd, "name"\n.jpg']["verdict"] == ""


@posix
@pytest.mark.parametrize("format_name", ["text", "jsonl", "csv"])
@pytest.mark.parametrize("environment", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_classify_odd_names_are_valid_utf_8(
    format_name: str, environment: dict[str, str], photo_dir: Path, tmp_path: Path
) -> None:
    names = ["bad-\udcff.jpg", "\N{CAT FACE}.jpg", "line\nbreak.jpg", "\x1b[31mred.jpg", "ü.jpg"]
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes((photo_dir / "chelsea.jpg").read_bytes())
    (folder / "no photo \udcfe.jpg").write_text("hello")
    run = subprocess.run(
        command("classify", "--format", format_name, folder), capture_output=True, env=os.environ | environment
    )
    assert run.returncode == 1, run.stderr
    assert b"Traceback" not in run.stderr
    assert b"\x1b" not in run.stdout or format_name == "csv"
    out = run.stdout.decode("utf-8")  # whatever the name: valid UTF-8
    if format_name == "jsonl":
        read = {Path(entry["path"]).name for entry in json_lines(out)}
        assert read == {*names, "no photo \udcfe.jpg"}
    elif format_name == "csv":
        assert len(list(csv.DictReader(io.StringIO(out, newline="")))) == 6
        assert "bad-\\xff.jpg" in out
    else:
        assert len(out.splitlines()) == 6
        assert "line\\nbreak.jpg" in out
        assert "\\x1b[31mred.jpg" in out
        assert "bad-\\xff.jpg" in out


def test_classify_keeps_the_order_of_input(photo_dir: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    last_is_done = threading.Event()
    given = [photo_dir / f"{name}.jpg" for name in ("rocket", "gone", "astronaut", "chelsea")]

    def classify_photo(path: Path, *_: object, **__: object) -> Result:
        if path.stem == "rocket":
            assert last_is_done.wait(20)
        if path.stem == "chelsea":
            last_is_done.set()
        return Result(path, scores=Scores(0.0, 1.0))

    monkeypatch.setattr(pipeline_module, "classify_photo", classify_photo)
    assert classify("--format", "jsonl", "--jobs", "2", *given) == 1
    entries = json_lines(capsys.readouterr().out)
    assert [entry["path"] for entry in entries] == [str(path) for path in given]


def test_classify_flushes_each_line(photo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads along sees a result before the next photo is done."""
    seen: list[int] = []

    class Reader(io.StringIO):
        def flush(self) -> None:
            seen.append(self.getvalue().count("\n"))

    monkeypatch.setattr(sys, "stdout", Reader())
    assert classify(photo_dir) == 0
    assert seen == [1, 2, 3, 4, 5, 6]


# --- what is given ---


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


def test_main_wrong_usage_exits_2(photo_dir: Path, capsys: Capture) -> None:
    for arguments in (
        [],
        ["classify"],
        ["classify", "--format", "xml", str(photo_dir)],
        ["classify", "--jobs", "0", str(photo_dir)],
        ["classify", "--jobs", "many", str(photo_dir)],
        ["clasify", str(photo_dir)],
        ["evaluate"],
        ["doctor", "too much"],
    ):
        assert cli.main(arguments) == 2, arguments
        out, err = capsys.readouterr()
        assert out == ""
        assert "usage: catdog" in err


def test_main_invalid_model_exits_2(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    for name in ("classify", "evaluate"):
        assert cli.main([name, str(photo_dir), "--model", str(tmp_path)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err == f"catdog: There is no model in {tmp_path}: model.json is missing.\n"


def test_main_help_and_version_exit_0(capsys: Capture) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"CatDog {__version__}\n"
    for arguments in (["--help"], ["classify", "--help"], ["evaluate", "--help"], ["doctor", "-h"]):
        assert cli.main(arguments) == 0
        assert "usage: catdog" in capsys.readouterr().out


def test_expand_patterns_replaces_patterns_of_no_file(photo_dir: Path) -> None:
    star, none, plain = photo_dir / "c*.jpg", photo_dir / "z*.jpg", photo_dir / "rocket.jpg"
    named = ["chelsea.jpg", "china.jpg", "coffee.jpg"]
    assert expand_patterns([star, none, plain]) == [*(photo_dir / name for name in named), none, plain]
    (photo_dir / "c*.jpg").write_bytes(b"a file of that name")
    assert expand_patterns([star]) == [star]


def test_classify_warnings_of_pillow_are_hidden(tmp_path: Path) -> None:
    """Pillow warns of this one."""
    (tmp_path / "a.tif").write_bytes(b"II*\0\x08\0\0\0")
    run = subprocess.run(command("classify", tmp_path), capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (1, "1 photo; 1 could not be read.\n")


# --- how it ends ---


def test_classify_ctrl_c_says_stopped(photo_dir: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: Pipeline, timeout: float = 0.0) -> list[Result]:
        raise KeyboardInterrupt

    monkeypatch.setattr(ordered_results.Pipeline, "take_results", interrupt)
    assert classify(photo_dir) == 130
    assert capsys.readouterr() == ("", "Stopped.\n")


@posix
def test_classify_sigint_after_first_result_stops_process(photo_dir: Path, tmp_path: Path) -> None:
    """Interrupted in the middle of many photos, after the first result came."""
    make_cats(tmp_path, photo_dir, 400)
    process = subprocess.Popen(
        command("classify", "--format", "jsonl", tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whatever runs the tests in the background has Ctrl+C ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=20)
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
    assert process.wait(timeout=20) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_classify_full_disk_reports_error(photo_dir: Path) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(command("classify", photo_dir), stdout=full, stderr=subprocess.PIPE, text=True)
    assert run.returncode == 1
    assert run.stderr == "catdog: The results could not be written (No space left on device).\n"


def test_classify_on_terminal_draws_and_removes_progress(photo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    assert classify(photo_dir) == 0
    assert "photos/s" in screen.getvalue()
    *lines, end = screen.getvalue().split("\n")
    visible = [line.rpartition("\r")[2] for line in lines]
    assert (len(visible), end) == (7, "")
    assert not any("photos/s" in line for line in visible)
    assert all(line.endswith(".jpg") for line in visible[:6])


# --- what is remembered ---


def verdicts(capsys: Capture, *arguments: object) -> dict[str, str]:
    """Return the verdicts by the names of photos, as `catdog classify` says them."""
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
    assert verdicts(capsys, "--settings", blue) == {"blue": "cat"}, "that model takes blue for a cat"
    assert verdicts(capsys, "--settings", "--model", model_folder, blue) == {"blue": "neither"}, "what is named counts"


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
    assert classify(photo_dir) == 1, "whether an error is known or new"


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
def test_classify_killed_run_is_continued(photo_dir: Path, tmp_path: Path, capsys: Capture, model: ModelFile) -> None:
    """Killed twice in the middle: what was kept by then is not classified again, and nothing is missing or changed."""
    make_cats(tmp_path / "cats", photo_dir, 450)
    photos = list((tmp_path / "cats").iterdir())
    told: dict[str, float] = {}
    known = 0
    for _ in range(2):
        process = subprocess.Popen(
            command("classify", "--format", "jsonl", tmp_path / "cats"), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        with Store.open() as store:
            for number, line in enumerate(process.stdout):
                entry = json.loads(line)
                assert told.setdefault(entry["path"], entry["cat"]) == entry["cat"]
                if number % 20 == 0 and len(store.known(photos, model.identity)) > known:
                    process.kill()
                    break
        assert process.wait(timeout=20) == -signal.SIGKILL, "it came to its end"
        process.stdout.close()
        with Store.open() as store:
            assert store.complaint is None
            known = len(store.known(photos, model.identity))
    entries, err = outcome(capsys, tmp_path / "cats")
    assert {entry["path"] for entry in entries} == {str(photo) for photo in photos}
    assert len(entries) == 450
    assert all(told.get(entry["path"], entry["cat"]) == entry["cat"] for entry in entries)
    assert err == f"450 photos: 450 cat; {known} were classified before.\n"


# --- doctor ---


def test_doctor_working_app_reports_everything(capsys: Capture, home: Path, model_folder: Path) -> None:
    assert cli.main(["doctor"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for word in (__version__, "Pillow", "numpy", "LiteRT", "PySide6", "HEIC", "AVIF", "WebP", "thresholds", "sha256"):
        assert word in out
    assert str(home / "config" / "settings.json") in out
    assert str(model_folder) in out
    assert "a generated photo was classified" in out
    assert out.endswith("\nEverything works.\n")
    assert "!!" not in out


def test_doctor_marks_problems(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.features.check", lambda feature: feature != "avif")
    assert cli.main(["doctor", "--model", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("!!")] == ["AVIF", "model"]
    assert "Everything works" not in out


def test_doctor_without_package_metadata_says_unknown(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    def unknown(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", unknown)
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out.count("version unknown") == 4


# --- python -m catdog_desktop ---


@pytest.mark.parametrize("arguments", [["doctor"], ["classify", "x"], ["--help"], ["-h"], ["--version"], ["evaluate"]])
def test_start_with_subcommand_runs_command_line(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda argv: seen.append(argv) or 7)
    monkeypatch.setattr(start, "open_window", lambda argv: pytest.fail("a window"))
    assert start.main(arguments) == 7
    assert seen == [arguments]


@pytest.mark.parametrize("arguments", [[], ["cat.jpg"], ["./classify"], ["holiday", "doctor"]])
def test_start_with_other_arguments_opens_window(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(start, "open_window", lambda argv: seen.append(argv) or 0)
    assert start.main(arguments) == 0
    assert seen == [arguments]
