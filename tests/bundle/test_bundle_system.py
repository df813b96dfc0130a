"""What the bundle needs of a Linux system, and what it says about itself."""

import re
import shutil
import subprocess
import sys

import pytest
from frozen import ROOT, FrozenApp
from linux_packages import OLDEST_GLIBC, RPM_DEPENDS
from on_screen import wait_for
from software_list import libraries_of

from catdog_desktop import __version__

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("objdump") is None, reason="Linux with binutils only"
)
OF_DESKTOPS = {
    "libgtk-3.so.0", "libgdk-3.so.0", "libgdk_pixbuf-2.0.so.0", "libpango-1.0.so.0", "libpangocairo-1.0.so.0",
    "libcairo.so.2", "libcairo-gobject.so.2", "libatk-1.0.so.0", "libharfbuzz.so.0", "libgio-2.0.so.0",
    "libgobject-2.0.so.0", "libgthread-2.0.so.0", "libwayland-client.so.0", "libwayland-cursor.so.0",
}  # fmt: skip
"""Needed by plugins that Qt loads where the desktop has these: GTK's theme, Wayland."""
OF_GLIBC = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "ld-linux-x86-64.so.2"}


def dumped(app: FrozenApp, option: str) -> str:
    """Return what objdump says about all programs and libraries."""
    files = [path for path in app.folder.rglob("*.so*") if path.is_file()]
    command = ["objdump", option, *map(str, [app.window, app.command_line, *files])]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def test_bundle_needs_no_newer_glibc_than_packages_say(app: FrozenApp) -> None:
    needed = {version(found) for found in re.findall(r"\bGLIBC_(\d+\.[\d.]+)", dumped(app, "-T"))}
    assert max(needed) <= version(OLDEST_GLIBC)
    # The system of the build decides, which for a release is Debian 12.
    assert max(needed) >= version("2.28")


def test_bundle_needs_no_library_that_packages_do_not_name(app: FrozenApp) -> None:
    own = {path.name for path in app.folder.rglob("*.so*")}
    needed = set(re.findall(r"NEEDED +(\S+)", dumped(app, "-p"))) - own - OF_DESKTOPS - OF_GLIBC
    named = {dependency.partition("(")[0] for dependency in RPM_DEPENDS}
    assert needed <= named
    assert named - {"libc.so.6"} <= needed, "named, but not needed"


def test_every_library_is_in_the_list_of_software(app: FrozenApp) -> None:
    assert {"Qt", "ICU", "OpenBLAS", "libjpeg-turbo", "libheif", "Python"} <= set(libraries_of(app.folder))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="built without git")
def test_version_names_commit_and_date(app: FrozenApp) -> None:
    ended = app.run(app.command_line, "--version")
    assert re.fullmatch(rf"CatDog {re.escape(__version__)} \(build [0-9a-f]+ of \d{{4}}-\d\d-\d\d\)\n", ended.stdout)


def test_bundle_has_menu_entry_types_and_completions(app: FrozenApp) -> None:
    for place in (
        "applications/catdog-desktop.desktop",
        "mime/packages/catdog-desktop.xml",
        "man/man1/catdog.1",
        "bash-completion/completions/catdog",
    ):
        assert (app.folder / "share" / place).is_file(), place


def test_second_start_hands_over_and_ends(app: FrozenApp) -> None:
    """Both are real programs; the first is killed at the end."""
    first = subprocess.Popen(
        [app.window], env=app.environment(QT_QPA_PLATFORM="offscreen"), cwd=app.home, stderr=subprocess.DEVNULL
    )
    try:
        wait_for((app.home / "own" / "data" / "window" / "address.json").exists, "the window listens")
        photo = ROOT / "resources" / "photos" / "cat.jpg"
        assert app.run(app.window, photo, QT_QPA_PLATFORM="offscreen").returncode == 0
        assert first.poll() is None
    finally:
        first.kill()
        first.wait(timeout=30)
