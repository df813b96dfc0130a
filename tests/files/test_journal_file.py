"""Journal files after crashes, on full disks and with unusual names."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catdog_desktop.files.atomic_write import reason_of
from catdog_desktop.files.journal_file import JournalFile, name_for, newest_first, path_of, read_lines

ODD_NAMES = ["plain", "line\nbreak", "Grüße 🐈", 'quo"te\\', "\udcff\udcfe bytes", ""]


def with_lines(folder: Path, *lines: dict[str, object]) -> JournalFile:
    file = JournalFile.create(folder, "one", [{"head": 1}])
    file.open()
    for line in lines:
        file.append(line, fsync=False)
    file.close()
    return file


def test_append_lines_are_read_back(tmp_path: Path) -> None:
    file = JournalFile.create(tmp_path / "new/folder", "one", [{"head": 1}])
    file.open()
    file.append({"event": 1}, {"event": 2}, fsync=True)
    file.append({"event": 3}, fsync=False)
    assert read_lines(file.path)[0] == [{"head": 1}, {"event": 1}, {"event": 2}, {"event": 3}], (
        "lines are visible at once"
    )
    file.close()
    file.close()
    lines, again = read_lines(file.path)
    again.open()
    again.append({"event": 4}, fsync=False)
    again.close()
    assert read_lines(file.path)[0] == [*lines, {"event": 4}]
    assert again.name == "one"
    assert os.listdir(tmp_path / "new/folder") == ["one.jsonl"], "no other file is left"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_append_any_name_is_stored_as_ascii(tmp_path: Path, name: str) -> None:
    file = with_lines(tmp_path, {"source": name})
    assert file.path.read_bytes().isascii()
    assert file.path.read_bytes().count(b"\n") == 2
    assert read_lines(file.path)[0][1] == {"source": name}


@pytest.mark.parametrize("torn", [b"{", b'{"event": 2}', b"\0\0\0", b"\xff" * 300])
def test_incomplete_line_is_skipped_and_removed(tmp_path: Path, torn: bytes) -> None:
    path = with_lines(tmp_path, {"event": 1}).path
    with path.open("ab") as end:
        end.write(torn)
    lines, file = read_lines(path)
    assert lines == [{"head": 1}, {"event": 1}]
    file.open()
    file.append({"event": 3}, fsync=True)
    file.close()
    assert read_lines(path)[0] == [{"head": 1}, {"event": 1}, {"event": 3}]


@pytest.mark.parametrize("damage", [b"no json\n", b"\xff\xfe\n", b'{"event": \n', b"\n", b"{}{}\n"])
def test_read_lines_invalid_line_raises(tmp_path: Path, damage: bytes) -> None:
    path = with_lines(tmp_path).path
    with path.open("ab") as end:
        end.write(damage)
    with pytest.raises(ValueError, match=r"Expecting|Extra data|codec"):
        read_lines(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_append_full_disk_raises(tmp_path: Path) -> None:
    file = JournalFile.create(tmp_path, "one", [{"head": 1}])
    file.path.unlink()
    file.path.symlink_to("/dev/full")
    file.open()
    with pytest.raises(OSError, match="No space left"):
        file.append({"event": 1}, fsync=True)
    file.close()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the process as on POSIX")
def test_append_truncated_line_is_removed(tmp_path: Path) -> None:
    """A size limit truncates a line. The next line is complete all the same."""
    import resource
    import signal

    file = JournalFile.create(tmp_path, "one", [{"head": 1}])
    file.open()
    file.append({"event": 1}, fsync=False)
    size = file.path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8, hard))
    try:
        with pytest.raises(OSError, match="large"):
            file.append({"event": "a line that is longer than that"}, fsync=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert file.path.stat().st_size == size
    file.append({"event": 2}, fsync=True)
    file.close()
    assert read_lines(file.path)[0] == [{"head": 1}, {"event": 1}, {"event": 2}]


def test_name_for_sorts_by_time(tmp_path: Path) -> None:
    begin = datetime(2026, 12, 31, 23, 59, 59, 999_998, tzinfo=UTC)
    names = [name_for(begin + timedelta(microseconds=later)) for later in range(4)]
    for name in (names[2], names[0], names[3], names[1], f"xmp-{names[0]}"):
        path_of(tmp_path, name).touch()
    for other in ("lock", ".catdog-1.part", "20260101.jsonl.damaged"):
        (tmp_path / other).touch()
    plain = [path.name.removesuffix(".jsonl") for path in newest_first(tmp_path, "20")]
    assert plain == names[::-1]
    assert [path.name for path in newest_first(tmp_path, "xmp-")] == [f"xmp-{names[0]}.jsonl"]
    assert newest_first(tmp_path / "nowhere") == []
    assert newest_first(tmp_path / "lock") == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(28, "No space left on device", "/disk/x"), "No space left on device: /disk/x"),
        (OSError(5, "Input/output error"), "Input/output error: no name"),
        (OSError("timed out"), "timed out: no name"),
    ],
)
def test_reason_of_error_names_the_file(error: OSError, reason: str) -> None:
    assert reason_of(error) == reason
