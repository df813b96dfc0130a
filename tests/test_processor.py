"""A processor that is too old is answered by a sentence, before numpy and LiteRT are imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from catdog_desktop import cli, processor
from catdog_desktop.__main__ import open_window

MODERN = "fpu sse2 cx16 popcnt pni ssse3 sse4_1 sse4_2 lahf_lm avx avx2"
OLD = "fpu sse2 cx16 pni ssse3 lahf_lm"


@pytest.fixture
def cpuinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made /proc/cpuinfo of an x86 processor under Linux."""
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(processor, "_CPUINFO", path)
    monkeypatch.setattr(processor.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(processor.platform, "system", lambda: "Linux")
    return path


@pytest.mark.parametrize(
    ("flags", "missing"),
    [(MODERN, []), (OLD, ["POPCNT", "SSE4.1", "SSE4.2"]), ("", [])],
    ids=["modern", "of 2006", "nothing listed"],
)
def test_missing_instructions_linux_reads_flags(flags: str, missing: list[str], cpuinfo: Path) -> None:
    cpuinfo.write_text(f"processor\t: 0\nvendor_id\t: X\nflags\t\t: {flags}\n\nprocessor\t: 1\nflags\t\t: {flags}\n")
    assert processor.missing_instructions() == missing


def test_missing_instructions_linux_without_cpuinfo_is_unknown(cpuinfo: Path) -> None:
    assert not cpuinfo.exists()
    assert processor.missing_instructions() == []


def test_missing_instructions_windows_asks_the_system() -> None:
    assert processor._missing_on_windows(lambda feature: feature != 38) == ["SSE4.2"]
    assert processor._missing_on_windows(lambda _: 1) == []


def test_missing_instructions_other_architecture_needs_none(cpuinfo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cpuinfo.write_text(f"flags : {OLD}\n")
    monkeypatch.setattr(processor.platform, "machine", lambda: "aarch64")
    assert processor.missing_instructions() == []


def test_missing_instructions_of_this_computer_are_none() -> None:
    assert processor.missing_instructions() == []


def test_command_line_old_processor_reports_sentence(cpuinfo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cpuinfo.write_text(f"flags : {OLD}\n")
    assert cli.main(["doctor"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "lacks the instructions POPCNT, SSE4.1, SSE4.2" in captured.err


def test_window_old_processor_reports_sentence(cpuinfo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cpuinfo.write_text(f"flags : {OLD}\n")
    assert open_window([]) == 1
    assert "cannot run on this processor" in capsys.readouterr().err


@pytest.mark.parametrize("start", ["from catdog_desktop.cli import main", "from catdog_desktop.__main__ import main"])
def test_check_runs_before_numpy_is_imported(start: str, tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"flags : {OLD}\n")
    program = f"""
import sys
from pathlib import Path
from catdog_desktop import processor
processor._CPUINFO = Path(sys.argv[1])
processor.platform.machine = lambda: "x86_64"
{start}
status = main(["classify", "a.jpg"])
print(status, "numpy" in sys.modules, "ai_edge_litert" in sys.modules, "PySide6" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", program, str(cpuinfo)], capture_output=True, text=True, check=True)
    assert run.stdout == "1 False False False\n"
