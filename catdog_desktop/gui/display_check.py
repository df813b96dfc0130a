"""Check for a display before Qt is loaded: without one, Qt aborts the process. Imports no Qt."""

import ctypes
import os
import sys
from collections.abc import Mapping

from catdog_desktop.messages import _


def no_display_text() -> str:
    """Return the sentence for a system without a display, with two alternatives."""
    return _(
        "There is no display to open a window on. Classify photos with `catdog classify PHOTO...`, or run `make demo` "
        "to save screenshots of the window."
    )


def display_problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return why no window can be opened and what to do, or None if it can."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return None
    wanted = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    if wanted and wanted not in ("xcb", "wayland"):
        return None
    if environment.get("WAYLAND_DISPLAY") and wanted != "xcb":
        return None
    if not environment.get("DISPLAY"):
        return no_display_text()
    if not _x_server_answers(environment["DISPLAY"]):
        server = _("The X server {display} does not answer.").format(display=environment["DISPLAY"])
        return f"{server} {no_display_text()}"
    # The frozen app contains the library.
    if not hasattr(sys, "frozen") and _load("libxcb-cursor.so.0") is None:
        return _(
            "The window needs the system library libxcb-cursor0. Install it with "
            "`sudo apt-get install libxcb-cursor0` (Debian, Ubuntu) or the package manager of your system."
        )
    return None


def _x_server_answers(display: str) -> bool:
    """Connect by libxcb, which handles sockets, cookies and remote displays. True if libxcb is missing."""
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
