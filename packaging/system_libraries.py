"""Which of the system's libraries are missing: those that Qt loads and that no Python package brings.

    python packaging/system_libraries.py          one missing Debian package a line; nothing if all is there
    python packaging/system_libraries.py tools    the same for the programs that `make bundle-test` needs
    python packaging/system_libraries.py reader   the same for what the test with a screen reader needs

Runs with any Python and imports nothing but the standard library, since it runs before anything is installed.
"""

import ctypes
import shutil
import sys
from pathlib import Path

# What the xcb and offscreen platforms of Qt 6 link to (by `ldd`), and the Debian and Ubuntu package of each.
QT_LIBRARIES = {
    "libstdc++.so.6": "libstdc++6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libzstd.so.1": "libzstd1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", str(Path.home() / ".fonts"))
BUNDLE_TEST_PROGRAMS = {"strace": "strace", "Xvfb": "xvfb", "xdotool": "xdotool", "unshare": "util-linux"}

READER_FILES = {
    "/usr/bin/dbus-run-session": "dbus",
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
    "/usr/lib/*/girepository-1.0/Atspi-2.0.typelib": "gir1.2-atspi-2.0",
    "/usr/lib/python3/dist-packages/gi/__init__.py": "python3-gi",
}
"""What a screen reader in Python uses, and the Debian and Ubuntu package of each file."""


def missing_reader_files() -> list[str]:
    """Return the packages of the files that the test with a screen reader needs and that are not there."""
    return [package for pattern, package in READER_FILES.items() if not any(Path("/").glob(pattern[1:]))]


def missing_libraries() -> list[str]:
    """Return the packages whose library the loader does not find, and a font's if there is no font at all."""
    missing = [package for library, package in QT_LIBRARIES.items() if not _loads(library)]
    if not _has_font():
        missing.append(FONT_PACKAGE)
    return missing


def missing_programs() -> list[str]:
    """Return the packages of the programs that testing the bundle needs and that are not there."""
    return [package for program, package in BUNDLE_TEST_PROGRAMS.items() if shutil.which(program) is None]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    endings = (".ttf", ".otf", ".ttc")
    return any(
        path.suffix.lower() in endings
        for folder in FONT_FOLDERS
        if Path(folder).is_dir()
        for path in Path(folder).rglob("*")
    )


if __name__ == "__main__":
    if not sys.platform.startswith("linux"):
        sys.exit(0)  # Qt's packages for Windows and macOS bring all they need.
    chosen = {"tools": missing_programs, "reader": missing_reader_files}.get("".join(sys.argv[1:]), missing_libraries)
    packages = chosen()
    sys.stdout.write("".join(f"{package}\n" for package in packages))
