"""Use the installed window as a user does, under Xvfb in a clean system; called by clean_roots.sh with its own Python.

Checks the window with a drop (the app's self-test), the second start, and *Open with* by `gio launch`.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

HOME = Path.home()
PHOTO = HOME / "cat.jpg"
SECONDS = 120


def wait_for(condition, what):
    """Poll `condition`; fail after some time."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain until {what}")
        time.sleep(0.2)


def windows():
    """Return the ids of the visible windows of the app."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--class", "CatDog"], capture_output=True, text=True, check=False
    )
    return found.stdout.split()


report = HOME / "self-test.json"
report.unlink(missing_ok=True)
subprocess.run(
    ["catdog-desktop", str(PHOTO)], env=os.environ | {"CATDOG_SELF_TEST": str(report)}, check=True, timeout=SECONDS
)
rows = json.loads(report.read_text(encoding="utf-8"))["rows"]
if [row["verdict"] for row in rows] != ["cat"]:
    sys.exit(f"the dropped photo: {rows}")

first = subprocess.Popen(["catdog-desktop"])
try:
    wait_for(windows, "the window is open")
    wait_for((HOME / ".local/share/CatDog/window/address.json").exists, "the window listens")
    subprocess.run(["catdog-desktop", str(PHOTO)], check=True, timeout=SECONDS)
    # By the menu entry, as a file manager does.
    entry = "/usr/share/applications/catdog-desktop.desktop"
    subprocess.run(["gio", "launch", entry, str(PHOTO)], check=True, timeout=SECONDS)
    if first.poll() is not None or len(windows()) != 1:
        sys.exit("a second start opened a window of its own")
finally:
    first.terminate()
    first.wait(timeout=SECONDS)

kind = subprocess.run(
    ["gio", "mime", "image/jpeg"], capture_output=True, text=True, check=False
).stdout  # lists all apps that open it
if "catdog-desktop.desktop" not in kind:
    sys.exit(f"no Open with for photos: {kind}")
