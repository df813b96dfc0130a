"""Whether a window can be opened at all, asked before Qt, whose only answer would be to abort. Imports no Qt."""

import ctypes
import os
import sys
from collections.abc import Mapping

NO_DISPLAY = (
    "CatDog found no display to open its window on: classify photos here with `catdog classify PHOTO...`, "
    "or let `make demo` draw the window without a screen and save the pictures."
)


def display_problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return one sentence that says why no window can be opened and what to do; None if it can."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return None
    wanted = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    if wanted and wanted not in ("xcb", "wayland"):
        return None
    if environment.get("WAYLAND_DISPLAY") and wanted != "xcb":
        return None
    if not environment.get("DISPLAY"):
        return NO_DISPLAY
    if not _x_server_answers(environment["DISPLAY"]):
        return f"{NO_DISPLAY} (The X server {environment['DISPLAY']} does not answer.)"
    # The frozen app brings its own.
    if not hasattr(sys, "frozen") and _load("libxcb-cursor.so.0") is None:
        return (
            "CatDog needs the system library libxcb-cursor0 to open its window: "
            "`sudo apt-get install libxcb-cursor0` (Debian, Ubuntu) or your system's package of that name."
        )
    return None


def _x_server_answers(display: str) -> bool:
    """Ask libxcb itself, which knows of sockets, cookies and remote displays; without it, let Qt find out."""
    xcb = _load("libxcb.so.1")
    if xcb is None:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)


def _load(library: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(library)
    except OSError:
        return None
