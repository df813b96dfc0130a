"""Commands report a name that no file system can store."""

import sys
from pathlib import Path

import pytest
from command_line import catdog

from catdog_desktop.paths import journals_folder

LONG = "n" * 300
COMMANDS = {
    "undo a sort": (["undo", LONG, "--yes"], 2),
    "undo keywords": (["undo", f"xmp-{LONG}", "--yes"], 2),
    "a model": (["classify", "--model", LONG, "."], 2),
    "a model's folder": (["classify", "--model", f"./{LONG}", "."], 2),
    "doctor": (["doctor", "--model", LONG], 2),
    "photos": (["classify", LONG], 1),
    "labelled photos": (["evaluate", LONG], 2),
    "a report": (["evaluate", "labelled", "--report", f"{LONG}/report.html"], 2),
    "sort from": (["sort", LONG, "sorted"], 1),
    "export to": (["export", ".", "--to", f"{LONG}.csv"], 2),
    "watch": (["watch", LONG], 2),
    "import": (["import-model", f"{LONG}.h5"], 2),
    "forget": (["forget", "--dry-run", LONG], 0),
}


@pytest.mark.skipif(sys.platform == "win32", reason="lengths as on POSIX")
@pytest.mark.parametrize("what", COMMANDS)
def test_command_with_impossible_name_reports_it(
    what: str, tmp_path: Path, photo_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chelsea.jpg").write_bytes((photo_dir / "chelsea.jpg").read_bytes())
    (tmp_path / "labelled" / "cat").mkdir(parents=True)
    journals_folder().mkdir(parents=True)
    (journals_folder().parent / "xmp-journals").mkdir()
    monkeypatch.chdir(tmp_path)
    arguments, status = COMMANDS[what]
    assert catdog(*arguments) == status
    written = capsys.readouterr()
    assert "Traceback" not in written.err
    assert LONG in written.err + written.out or "too long" in written.err + written.out
