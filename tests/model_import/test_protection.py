"""Users are warned where an import is not fully protected."""

import pytest

from catdog_desktop import doctor
from catdog_desktop.model_import.protection import warning_for
from catdog_desktop.sandbox import process
from catdog_desktop.sandbox.confinement import Confinement

REASON = "the kernel does not have it"


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ((), "your files and the network"),
        (("memory",), "your files and the network"),
        (("files",), "can reach the network"),
        (("network",), "can reach your files."),
        (("system calls",), "can reach your files."),
    ],
)
def test_warning_names_what_is_not_protected(kinds: tuple[str, ...], words: str) -> None:
    warning = warning_for(Confinement(kinds))
    assert words in warning
    assert warning.endswith("from sources that you trust.")


def test_warning_where_all_is_protected_is_empty() -> None:
    assert warning_for(Confinement(("files", "network"))) == ""
    assert warning_for(Confinement(("files", "system calls"))) == ""


def test_doctor_reports_what_confines_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Confinement(("memory", "network"), (("files", REASON),))
    monkeypatch.setattr(process, "available_confinement", lambda: found)
    line, is_good = next(pair for pair in doctor.check_installation() if "sandbox" in pair[0])
    assert f"memory, network; not files ({REASON})" in line
    assert is_good


def test_doctor_without_child_processes_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "available_confinement", lambda: Confinement((), (("child process", "no memory"),)))
    line, is_good = next(pair for pair in doctor.check_installation() if "sandbox" in pair[0])
    assert line.startswith("!!")
    assert "child process (no memory)" in line
    assert not is_good
