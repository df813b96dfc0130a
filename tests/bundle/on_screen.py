"""Screenshots of an X screen, and key presses for it."""

import subprocess
import time
from collections.abc import Callable

from frozen import program
from PIL import Image, ImageGrab, ImageStat

SECONDS = 120


def xdotool(screen: str, *command: str) -> str:
    """Run xdotool; return its output. Its exit status is ignored, since finding no window is an error for it."""
    words = [program("xdotool"), *command]
    return subprocess.run(words, env={"DISPLAY": screen}, capture_output=True, text=True, check=False).stdout


def mapped_windows(screen: str, name: str = "") -> list[str]:
    """Return the ids of the visible windows of the app, or of those whose title contains `name`.

    By class, since xdotool finds no title that has other letters than those of Latin-1.
    """
    by = ("--name", name) if name else ("--class", "CatDog")
    return xdotool(screen, "search", "--onlyvisible", *by).split()


def window_name(screen: str) -> str:
    """Return the title of the app's first window."""
    return xdotool(screen, "getwindowname", mapped_windows(screen)[0])


def press(screen: str, window: str, *keys: str) -> None:
    """Focus a window, since no window manager does, and press keys."""
    xdotool(screen, "windowfocus", "--sync", window, "key", *keys)


def write(screen: str, window: str, text: str) -> None:
    """Type `text` into a window."""
    xdotool(screen, "windowfocus", "--sync", window, "type", text)


def grab(screen: str) -> Image.Image:
    """Return a screenshot."""
    return ImageGrab.grab(xdisplay=screen).convert("RGB")


def shows_a_picture(screen: str, colours: int = 1000) -> bool:
    """Whether a photo is shown: many colours (a photo has about 10,000), both light and dark."""
    shot = grab(screen)
    seen = shot.getcolors(maxcolors=2**20) or ()
    return len(seen) > colours and max(ImageStat.Stat(shot).stddev) > 10


def wait_for(condition: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Poll `condition` every 50 ms; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)
