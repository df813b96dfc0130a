"""Use the installed window as a user does, under Xvfb in a clean system; called by clean_roots.sh with its own Python.

Checks the window with a drop (the app's self-test), the second start, and *Open with* by `gio launch`.
"""

import json
import os
import sqlite3
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


def is_classified(name):
    """Whether the store has a photo of this name."""
    store = HOME / ".local/share/CatDog/store.sqlite"
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT path FROM file").fetchall()
    except sqlite3.OperationalError:  # being written
        return False
    return any(name in (row[0].decode() if isinstance(row[0], bytes) else row[0]) for row in rows)


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
    # By the command, and by the menu entry as a file manager does.
    entry = "/usr/share/applications/catdog-desktop.desktop"
    for name, command in (("second.jpg", ["catdog-desktop"]), ("opened.jpg", ["gio", "launch", entry])):
        photo = HOME / name
        photo.write_bytes(PHOTO.read_bytes() + name.encode())  # another fingerprint
        subprocess.run([*command, str(photo)], check=True, timeout=SECONDS)
        wait_for(lambda name=name: is_classified(name), f"the open window has classified {name}")
    if first.poll() is not None or len(windows()) != 1:
        sys.exit("a second start opened a window of its own")
    subprocess.run(["xdotool", "windowfocus", "--sync", windows()[0], "key", "ctrl+q"], check=True, timeout=SECONDS)
    if first.wait(timeout=SECONDS) != 0:
        sys.exit(f"the window ended with {first.returncode}")
finally:
    first.kill()

kind = subprocess.run(
    ["gio", "mime", "image/jpeg"], capture_output=True, text=True, check=False
).stdout  # lists all apps that open it
if "catdog-desktop.desktop" not in kind:
    sys.exit(f"no Open with for photos: {kind}")
