"""The branches for Windows and macOS, with the edges of these systems faked: their calls, modules and file systems.

A module sees another `sys.platform` by its own name `sys`, since a change of the real one breaks the standard library.
"""

import ctypes
import errno
import fcntl
import ntpath
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from catdog_desktop import __main__ as program
from catdog_desktop import paths, power, single_instance
from catdog_desktop.commands import cli_inputs
from catdog_desktop.discovery import walk
from catdog_desktop.discovery.skip_rules import Skipped
from catdog_desktop.files import drive_calls, safe_copy
from catdog_desktop.languages import choice
from catdog_desktop.sandbox import process as sandbox_process
from catdog_desktop.sorting import lock, transfer_errors

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fakes the others on Linux")
Patch = pytest.MonkeyPatch


class Kernel32:
    """Functions of Windows' kernel32.dll; records the calls."""

    def __init__(self, **answers: Any) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self.calls.append((name, *arguments))
            answer = self._answers[name]
            return answer(*arguments) if callable(answer) else answer

        return call


def on(monkeypatch: Patch, module: ModuleType, platform: str) -> None:
    """Let `module` see this platform."""
    monkeypatch.setattr(module, "sys", SimpleNamespace(platform=platform), raising=True)


def windows(monkeypatch: Patch, module: ModuleType, **answers: Any) -> Kernel32:
    """Let `module` see Windows, with a kernel32 that gives these answers."""
    kernel32 = Kernel32(**answers)
    on(monkeypatch, module, "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel32, user32=kernel32), raising=False)
    return kernel32


# Locks.


def test_lock_on_windows_excludes_a_second_writer(monkeypatch: Patch, tmp_path: Path) -> None:
    def locking(handle: int, mode: int, size: int) -> None:
        """Windows locks bytes of a handle; Linux has that as locks of open file descriptions."""
        assert (mode, size, os.lseek(handle, 0, os.SEEK_CUR)) == (2, 1, 0)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    on(monkeypatch, lock, "win32")
    with lock.one_writer(tmp_path):
        with pytest.raises(lock.SortRunningError) as caught, lock.one_writer(tmp_path):
            pass
        assert caught.value.pid == os.getpid()
    with lock.one_writer(tmp_path):
        assert (tmp_path / "lock").read_bytes()[1:] == str(os.getpid()).encode(), "a locked byte cannot be read"


# Renaming, copying, removing.


def test_rename_on_windows_never_replaces(monkeypatch: Patch, tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("a")
    target.write_text("b")
    real = os.rename

    def rename(old: Path, new: Path) -> None:
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, "exists", os.fspath(old), 183, os.fspath(new))
        real(old, new)

    on(monkeypatch, safe_copy, "win32")
    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(FileExistsError):
        safe_copy.rename_without_replacing(source, target, lambda: None)
    assert (source.read_text(), target.read_text()) == ("a", "b")
    safe_copy.rename_without_replacing(source, tmp_path / "c", lambda: None)
    assert (tmp_path / "c").read_text() == "a"


@pytest.mark.parametrize(("number", "is_done"), [(0, True), (errno.ENOTSUP, False)])
def test_rename_on_macos_uses_its_own_call(monkeypatch: Patch, tmp_path: Path, number: int, is_done: bool) -> None:
    called = []

    def renamex_np(source: bytes, target: bytes, flags: int) -> int:
        called.append((source, target, flags))
        return -1 if number else 0

    on(monkeypatch, safe_copy, "darwin")
    monkeypatch.setattr(safe_copy, "_libc", lambda: SimpleNamespace(renamex_np=renamex_np))
    monkeypatch.setattr(safe_copy, "_last_error", lambda: number)
    assert safe_copy.rename_exclusively(tmp_path / "a", tmp_path / "b") is is_done
    assert called == [(os.fsencode(tmp_path / "a"), os.fsencode(tmp_path / "b"), 4)]


def test_rename_on_macos_reports_taken_name(monkeypatch: Patch, tmp_path: Path) -> None:
    on(monkeypatch, safe_copy, "darwin")
    monkeypatch.setattr(safe_copy, "_libc", lambda: SimpleNamespace(renamex_np=lambda *_arguments: -1))
    monkeypatch.setattr(safe_copy, "_last_error", lambda: errno.EEXIST)
    with pytest.raises(FileExistsError):
        safe_copy.rename_exclusively(tmp_path / "a", tmp_path / "b")


def test_remove_on_windows_takes_read_only_files(monkeypatch: Patch, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a")
    path.chmod(0o444)
    real = os.unlink

    def unlink(name: Path) -> None:
        if not name.stat().st_mode & 0o200:
            raise PermissionError(errno.EACCES, "read-only", os.fspath(name))
        real(name)

    with monkeypatch.context() as faked:
        faked.setattr(os, "unlink", unlink)
        with pytest.raises(PermissionError):
            safe_copy.remove(path)
        faked.setattr(os, "name", "nt")
        safe_copy.remove(path)
    assert not path.exists()


def test_fsync_on_macos_flushes_the_cache_of_the_disk(monkeypatch: Patch, tmp_path: Path) -> None:
    called = []
    on(monkeypatch, safe_copy, "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda handle, command: called.append(command))
    with (tmp_path / "a").open("wb") as file:
        safe_copy.fsync_file(file.fileno())
    assert called == [51]


def test_fsync_on_macos_falls_back_where_the_disk_refuses(monkeypatch: Patch, tmp_path: Path) -> None:
    called = []

    def refuse(_handle: int, _command: int) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    on(monkeypatch, safe_copy, "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", refuse)
    monkeypatch.setattr(os, "fsync", called.append)
    with (tmp_path / "a").open("wb") as file:
        safe_copy.fsync_file(file.fileno())
        assert called == [file.fileno()]


def test_fsync_of_folder_on_windows_opens_nothing(monkeypatch: Patch, tmp_path: Path) -> None:
    on(monkeypatch, safe_copy, "win32")
    monkeypatch.setattr(os, "open", lambda *_arguments: pytest.fail("Windows opens no folders"))
    safe_copy.fsync_folder(tmp_path)


def test_symbolic_link_without_the_right_on_windows_is_explained(monkeypatch: Patch) -> None:
    class PrivilegeError(OSError):
        winerror = 1314

    on(monkeypatch, transfer_errors, "win32")
    error = transfer_errors.from_oserror(PrivilegeError(errno.EINVAL, "privilege"), Path("a.jpg"))
    assert error.problem is transfer_errors.Problem.LINKS_NOT_ALLOWED


# Drives.


@pytest.mark.parametrize(
    ("path", "kind", "drive"),
    [("C:\\Users\\ada\\a.jpg", 3, ""), ("Z:\\a.jpg", 4, "Z:"), ("\\\\server\\share\\a.jpg", 3, "\\\\server\\share")],
)
def test_network_drive_on_windows(monkeypatch: Patch, path: str, kind: int, drive: str) -> None:
    kernel32 = windows(monkeypatch, drive_calls, GetDriveTypeW=kind)
    monkeypatch.setattr(drive_calls, "os", SimpleNamespace(path=ntpath, listdir=os.listdir))
    assert drive_calls.network_drive(path) == drive  # type: ignore[arg-type]
    if not path.startswith("\\\\"):
        assert kernel32.calls == [("GetDriveTypeW", f"{path[:2]}\\")]


def test_drives_on_macos_are_those_below_volumes(monkeypatch: Patch) -> None:
    on(monkeypatch, drive_calls, "darwin")
    monkeypatch.setattr(os, "listdir", lambda folder: {"/Volumes": ["Photo Share", "NAS"]}[folder])
    points = drive_calls.mount_points(drive_calls.mount_table())
    assert sorted(points) == [("/Volumes/NAS", "smbfs"), ("/Volumes/Photo Share", "smbfs")]
    monkeypatch.setattr(drive_calls, "_mounts", drive_calls._Mounts())
    assert drive_calls.network_drive(Path("/Volumes/Photo Share/2019/a.jpg")) == "/Volumes/Photo Share"
    assert drive_calls.network_drive(Path("/Users/ada/a.jpg")) == ""


def test_watched_network_drive_on_windows_is_polled(monkeypatch: Patch, tmp_path: Path) -> None:
    on(monkeypatch, drive_calls, "win32")
    monkeypatch.setattr(drive_calls, "network_drive", lambda folder: "Z:" if folder.name == "share" else "")
    assert drive_calls.reports_no_changes(tmp_path / "share")
    assert not drive_calls.reports_no_changes(tmp_path / "own")


# Names.


def test_same_photo_by_other_case_on_windows_is_one(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(os.path, "normcase", str.casefold)
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"\xff\xd8\xff")
    found = list(walk.find_photos([photo, Path(str(tmp_path / "A.JPG"))]))
    assert [isinstance(each, Skipped) for each in found] == [False, True]


def test_patterns_on_windows_are_expanded(monkeypatch: Patch, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.png"):
        (tmp_path / name).touch()
    pattern = tmp_path / "*.jpg"
    assert cli_inputs.typed_paths([pattern]) == [pattern], "elsewhere the shell does it"
    with monkeypatch.context() as faked:
        faked.setattr(cli_inputs, "os", SimpleNamespace(name="nt", path=os.path))
        assert cli_inputs.typed_paths([pattern]) == [tmp_path / "a.jpg", tmp_path / "b.jpg"]


@pytest.mark.parametrize(
    ("system", "folders"),
    [
        ("windows.Windows", {"settings": "Local/CatDog/settings.json", "log": "Local/CatDog/Logs/catdog.log"}),
        (
            "macos.MacOS",
            {
                "settings": "Library/Application Support/CatDog/settings.json",
                "log": "Library/Logs/CatDog/catdog.log",
            },
        ),
    ],
)
def test_folders_of_each_system(monkeypatch: Patch, tmp_path: Path, system: str, folders: dict[str, str]) -> None:
    import importlib

    import platformdirs

    module, name = system.split(".")
    monkeypatch.delenv("CATDOG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    kind = getattr(importlib.import_module(f"platformdirs.{module}"), name)
    monkeypatch.setattr(platformdirs, "PlatformDirs", kind)
    if module == "windows":
        monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _name: str(tmp_path / "Local"))
    assert paths.settings_file() == tmp_path / folders["settings"]
    assert paths.log_file() == tmp_path / folders["log"]


# Processes and threads.


def test_child_on_windows_opens_no_console_and_no_session(monkeypatch: Patch) -> None:
    given: dict[str, Any] = {}

    class StartedError(Exception):
        pass

    def popen(_command: list[str], **options: Any) -> None:
        given.update(options)
        raise StartedError

    with monkeypatch.context() as faked:
        faked.setattr(subprocess, "CREATE_NO_WINDOW", 0x08000000, raising=False)
        faked.setattr(subprocess, "Popen", popen)
        faked.setattr(sandbox_process, "os", SimpleNamespace(name="nt", read=os.read))
        with pytest.raises(StartedError):
            sandbox_process._Child(["child"], {}, {})  # type: ignore[call-arg]
    assert (given["start_new_session"], given["creationflags"]) == (False, 0x08000000)


def test_low_priority_on_windows(monkeypatch: Patch) -> None:
    kernel32 = windows(monkeypatch, power, GetCurrentThread=-2, SetThreadPriority=1)
    power.lower_thread_priority()
    assert kernel32.calls[-1] == ("SetThreadPriority", -2, -2)


@pytest.mark.parametrize(("line", "is_on_battery"), [(0, True), (1, False), (255, False)])
def test_battery_on_windows(monkeypatch: Patch, line: int, is_on_battery: bool) -> None:
    def status(buffer: Any) -> int:
        buffer[0] = line
        return 1

    windows(monkeypatch, power, GetSystemPowerStatus=status)
    assert power.is_on_battery() is is_on_battery


@pytest.mark.parametrize(("seconds", "is_on_battery"), [(-2.0, False), (-1.0, True), (3600.0, True)])
def test_battery_on_macos(monkeypatch: Patch, seconds: float, is_on_battery: bool) -> None:
    class Estimate:
        restype: Any = None

        def __call__(self) -> float:
            return seconds

    on(monkeypatch, power, "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(IOPSGetTimeRemainingEstimate=Estimate()))
    assert power.is_on_battery() is is_on_battery


def test_low_priority_on_macos(monkeypatch: Patch) -> None:
    called = []
    library = SimpleNamespace(pthread_set_qos_class_self_np=lambda *arguments: called.append(arguments))
    on(monkeypatch, power, "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    power.lower_thread_priority()
    assert called == [(9, 0)]


# The start.


def test_sentence_without_qt_on_windows_is_a_message_box(monkeypatch: Patch) -> None:
    user32 = windows(monkeypatch, program, MessageBoxW=1)
    program._show_without_qt("The processor is too old.")
    assert user32.calls == [("MessageBoxW", None, "The processor is too old.", "CatDog", 0x10)]


def test_language_of_windows(monkeypatch: Patch) -> None:
    windows(monkeypatch, choice, GetUserDefaultUILanguage=0x0407)
    assert choice._windows_languages() == ["de_DE"]


def test_open_window_on_windows_listens_on_a_pipe(monkeypatch: Patch) -> None:
    on(monkeypatch, single_instance, "win32")
    listener = single_instance.RequestListener.__new__(single_instance.RequestListener)
    listener._socket_folder = None
    first, second = listener._new_address(), listener._new_address()
    assert single_instance._family() == "AF_PIPE"
    assert first.startswith("\\\\.\\pipe\\catdog-")
    assert first != second, "nobody can take a name in advance"
