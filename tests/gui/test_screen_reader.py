"""The story of the README through the real AT-SPI tree: what a screen reader hears and does, on a real X server."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from x_server import x_server

from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.language import apply_language
from catdog_desktop.languages.choice import use_language
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_text import verdict_phrase

STORY = Path(__file__).with_name("screen_reader_story.py")
SECONDS = 600
_CHECK = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="AT-SPI is for Linux"),
]


def _need(found: object, what: str) -> None:
    """Skip if something is missing; fail in CI where `set_up.sh` can install it."""
    if not found:
        message = f"{what} is missing; `sh packaging/set_up.sh test` installs it as root"
        if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture
def reader_python() -> str:
    """Return a Python that can speak AT-SPI: the system's, since PyGObject is a package of the system."""
    for name in ("/usr/bin/python3", "python3"):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", _CHECK], capture_output=True, check=False).returncode == 0:
            return path
    _need(None, "Python with gir1.2-atspi-2.0")
    raise AssertionError


@pytest.fixture
def display() -> Iterator[str]:
    """Start an X server; yield its DISPLAY."""
    _need(shutil.which("Xvfb"), "Xvfb")
    with x_server() as name:
        yield name


def words_of(code: str, app: QApplication, target: Path) -> dict[str, str]:
    """Return what the story looks for, in a language: our messages and those of Qt's file dialog."""
    assert use_language(code) == code
    apply_language(app)

    def qt(text: str) -> str:
        return QCoreApplication.translate("QFileDialog", text).replace("&", "")

    try:
        chip = _("{filter}: {count}")
        return {
            "open folder": plain_label(_("Open &folder…")),
            "directory": qt("Directory:"),
            "choose": qt("&Choose"),
            "photos": _("Photos"),
            "two neither": ngettext("{count} neither", "{count} neither", 2).format(count=format_number(2)),
            "skip": _("Skip"),
            "cats": chip.format(filter=_("Cats"), count="").strip(),
            "all": chip.format(filter=_("All"), count="").strip(),
            "mark as a dog": _("Mark as a dog"),
            "a dog": verdict_phrase(Verdict.DOG),
            "a cat": verdict_phrase(Verdict.CAT),
            "neither": verdict_phrase(Verdict.NEITHER),
            "file": plain_label(_("&File")),
            "sort": plain_label(_("&Sort into folders…")),
            "into": plain_label(_("&Into")),
            "preview": plain_label(_("Pre&view…")),
            "start": plain_label(_("&Start")),
            "undo": plain_label(_("Undo")),
            "three copied": ngettext(
                "{count} photo copied to “{folder}”", "{count} photos copied to “{folder}”", 3
            ).format(count=format_number(3), folder=target),
            "three removed": ngettext("{count} copy removed.", "{count} copies removed.", 3).format(
                count=format_number(3)
            ),
        }
    finally:
        use_language("en")
        apply_language(app)


@pytest.mark.parametrize("code", ["en", "de", "ar"])
def test_screen_reader_opens_hears_filters_corrects_sorts_and_undoes(
    code: str, qapp: QApplication, display: str, reader_python: str, jpegs: dict[str, bytes], tmp_path: Path
) -> None:
    _need(shutil.which("dbus-run-session"), "dbus-run-session")
    photos, target, home = tmp_path / "Holiday", tmp_path / "Sorted", tmp_path / "home"
    for folder in (photos, home, target):
        folder.mkdir()
    for name, jpeg in jpegs.items():
        (photos / f"{name}.jpg").write_bytes(jpeg)
    words, file = words_of(code, qapp, target), tmp_path / "words.json"
    file.write_text(json.dumps(words), encoding="utf-8")
    environment = {
        "CATDOG_LANGUAGE": code,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DISPLAY": display,
        "HOME": str(home),
        "CATDOG_HOME": str(home / "catdog"),
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "LANG": "C.UTF-8",
    }
    script = (
        f'"{sys.executable}" -m catdog_desktop & app=$!; '
        f'PYTHONPATH= PYTHONWARNINGS=ignore "{reader_python}" "{STORY}" "{photos}" "{target}" "{file}"; story=$?; '
        "kill $app; exit $story"
    )
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    heard = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert f"chelsea.jpg: {words['a cat']} (" in heard["verdicts"]
    assert f"coffee.jpg: {words['neither']}" in heard["verdicts"]
    assert "chelsea.jpg" in heard["cats"]
    assert f"coffee.jpg: {words['a dog']}" in heard["corrected"]
    assert "coffee.jpg" in heard["announced"]
    assert "cats/chelsea.jpg" in heard["sorted"]
    assert "dogs/coffee.jpg" in heard["sorted"], "by the corrected verdict"
    assert ".jpg" not in heard["undone"], "nothing is left in the target"
