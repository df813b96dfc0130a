"""`catdog-cluster`: folders and listings, interruption and continuation, a running cluster."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catdog_desktop.cluster.__main__ import main

PATIENCE = 120.0


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "catdog_desktop.cluster", *map(str, arguments)]


def run(*arguments: object) -> tuple[int, str]:
    ended = subprocess.run(command(*arguments), capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


def names(out: Path) -> list[str]:
    return [Path(path).name for path in pq.read_table(out)["path"].to_pylist()]


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "catdog-cluster ~/Pictures results" in text
    assert "exit status: 0" in text


def test_folder_second_run_does_nothing(photo_dir: Path, tmp_path: Path) -> None:
    (photo_dir / "notes.txt").write_text("no photo")
    (photo_dir / "broken.jpg").write_text("no photo either")
    out = tmp_path / "out"
    status, said = run(photo_dir, out, "--workers", 2, "--part", 3)
    assert status == 1
    assert said == (
        f"Skipped: 1 file that is not a photo.\n7 photos in 3 files in {out}: 1 cat, 5 neither, 1 could not be read.\n"
    )
    assert sorted(names(out)) == sorted(path.name for path in photo_dir.glob("*.jpg"))
    status, said = run(photo_dir, out, "--workers", 2)
    assert status == 1
    assert said.splitlines()[0] == "7 of 7 photos are done already."
    (photo_dir / "broken.jpg").unlink()  # Damage is not temporary, so no part is repeated.
    assert run(photo_dir, out, "--retry")[1].splitlines()[0] == "7 of 7 photos are done already."


WRONG = {
    "no such listing": (["{tmp}/nothing", "{tmp}/out"], "catdog-cluster: {tmp}/nothing does not exist."),
    "a photo": (["{photo}", "{tmp}/out"], "is not a listing"),
    "an output that is a file": (["{list}", "{photo}"], "cannot be created (File exists)"),
    "no model": (["{list}", "{tmp}/out", "--model", "{tmp}"], "There is no model in {tmp}"),
    "no scheduler": (["{list}", "{tmp}/out", "--scheduler", "tcp://127.0.0.1:9"], "There is no Dask scheduler at"),
    "no address": (
        ["{list}", "{tmp}/out", "--scheduler", "nonsense://x"],
        "There is no Dask scheduler at nonsense://x",
    ),
    "no scheduler file": (["{list}", "{tmp}/out", "--scheduler-file", "{tmp}/s.json"], "There is no Dask scheduler at"),
}


@pytest.mark.parametrize("what", WRONG)
def test_main_wrong_usage_reports_error(
    what: str,
    photo_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("catdog_desktop.cluster.job.CONNECT_SECONDS", 0.3)
    (tmp_path / "list").write_text(str(photo_dir / "chelsea.jpg"))
    places = {"tmp": tmp_path, "photo": photo_dir / "chelsea.jpg", "list": tmp_path / "list"}
    arguments, sentence = WRONG[what]
    assert main([argument.format(**places) for argument in arguments]) == 2
    assert sentence.format(**places) in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--workers", "0"], ["--part", "x"], ["--workers", "2", "--scheduler", "tcp://x"]]
)
def test_main_wrong_options_exit_2(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["listing", "out", *arguments])
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_main_without_dask_names_the_extra(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["listing", "out"]) == 2
    assert capsys.readouterr().err == (
        "catdog-cluster needs Dask and pyarrow. Install them with: pip install 'catdog-desktop[cluster]'\n"
    )


def wait_for(condition: object, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        assert process.poll() is None, "ended too early"
        assert time.monotonic() < end
        time.sleep(0.01)  # Another process, so there is no signal to wait for.


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_main_interrupted_continues(how: signal.Signals, photo_dir: Path, tmp_path: Path) -> None:
    listing, out = tmp_path / "listing", tmp_path / "out"
    photos = sorted(photo_dir.iterdir()) * 40
    listing.write_text("\n".join(map(str, photos)))
    process = subprocess.Popen(
        command(listing, out, "--workers", 2, "--part", 4), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(lambda: len(list(out.glob("part-*.parquet"))) >= 3, process)
    process.send_signal(how)
    _, said = process.communicate(timeout=PATIENCE)
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert said.endswith("Stopped. Run the same command again to continue.\n")
    done = {path: path.stat().st_mtime_ns for path in out.glob("part-*.parquet")}
    assert 3 <= len(done) < 60
    status, said = run(listing, out, "--workers", 2)
    assert status == 0
    assert said.splitlines()[0] == f"{4 * len(done):,} of 240 photos are done already."
    assert names(out) == [photo.name for photo in photos]
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert not list(out.glob("*.tmp"))


@pytest.fixture
def cluster_that_runs(tmp_path: Path) -> Iterator[Path]:
    """A scheduler and two workers as separate processes, which find each other through a file."""
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    here, where = ["--host", "127.0.0.1"], ["--scheduler-file", str(file)]
    scratch = ["--local-directory", str(tmp_path / "scratch")]
    programs = [
        [*dask, "scheduler", *here, "--port", "0", "--no-dashboard", *where],
        [*dask, "worker", *here, "--nworkers", "2", "--nthreads", "1", "--no-dashboard", *scratch, *where],
    ]
    running = []
    try:
        for program in programs:
            running.append(subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True))
            wait_for(file.exists, running[0])
        yield file
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(PATIENCE)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("dask") is None and not Path(sys.prefix, "bin", "dask").exists(), reason="no dask")
def test_main_on_running_cluster(cluster_that_runs: Path, photo_dir: Path, tmp_path: Path) -> None:
    listing = tmp_path / "listing"
    photos = sorted(photo_dir.iterdir()) * 4
    listing.write_bytes(b"\0".join(map(os.fsencode, photos)))
    for out in ("one", "two"):  # A second job on the same cluster.
        status, said = run(listing, tmp_path / out, "--scheduler-file", cluster_that_runs)
        assert (status, said) == (0, f"24 photos in 24 files in {tmp_path / out}: 4 cat, 20 neither.\n")
        assert names(tmp_path / out) == [photo.name for photo in photos]
