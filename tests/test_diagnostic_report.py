"""The diagnostic report: what it contains, and that it names no photo."""

from pathlib import Path

import pytest

from catdog_desktop import __version__, paths
from catdog_desktop.diagnostic_report import HIDDEN, diagnostic_report, without_names
from catdog_desktop.settings import Settings, save_settings
from catdog_desktop.store.store import Store

LOG = """2026-11-28 01:02:03,456 ERROR unexpected error
Traceback (most recent call last):
  File "/home/ada/.venv/lib/python3.11/site-packages/catdog_desktop/gui/worker.py", line 12, in run
    read("/home/ada/Pictures/Minka on the sofa.jpg")
    ~~~~^^^^^^^
  File "/home/ada/Pictures/Minka on the sofa.py", line 1, in <module>
OSError: [Errno 5] Input/output error: '/home/ada/Pictures/Minka on the sofa.jpg'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "C:\\Users\\Ada\\CatDog\\_internal\\catdog_desktop\\gui\\app.py", line 3, in main
catdog_desktop.store.errors.StoreError: Minka
Minka on the
    sofa.jpg
Minka: on the sofa
"""


@pytest.fixture
def written_log(home: Path) -> Path:
    path = paths.log_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LOG, encoding="utf-8")
    return path


def test_report_has_versions_settings_counts_and_log(home: Path, written_log: Path, model_folder: Path) -> None:
    save_settings(paths.settings_file(), Settings(theme="dark"))
    report = diagnostic_report(model_folder)
    assert report.works
    for text in (f"CatDog       {__version__}", '"theme": "dark"', "photos: 0", "unexpected error", "Pillow"):
        assert text in report.text


def test_report_names_no_photo(home: Path, written_log: Path, model_folder: Path) -> None:
    with Store.open() as store:
        assert store.complaint is None
    save_settings(
        paths.settings_file(),
        Settings(last_folder="/Minka", sort_into="/Minka", exclude="Minka*", sort_folders={"cat": "Minka"}),
    )
    text = diagnostic_report(model_folder).text
    assert "Minka" not in text
    assert "sofa" not in text
    assert "Ada" not in text
    assert "catdog_desktop/gui/worker.py" in text
    assert f"OSError: {HIDDEN}" in text
    assert f"catdog_desktop.store.errors.StoreError: {HIDDEN}" in text


def test_report_with_names_keeps_log_and_settings(home: Path, written_log: Path, model_folder: Path) -> None:
    save_settings(paths.settings_file(), Settings(last_folder="/photos/Minka"))
    text = diagnostic_report(model_folder, with_names=True).text
    assert LOG.strip() in text
    assert '"last_folder": "/photos/Minka"' in text


def test_report_without_log_says_so(home: Path, model_folder: Path) -> None:
    assert "The log is empty." in diagnostic_report(model_folder).text


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("2026-11-28 01:02:03,456 WARNING cat.jpg is bad", f"2026-11-28 01:02:03,456 WARNING {HIDDEN}"),
        ('  File "/usr/lib/python3.11/threading.py", line 5, in run', '  File "threading.py", line 5, in run'),
        ("KeyError: 'cat.jpg'", f"KeyError: {HIDDEN}"),
        ("cat.jpg", HIDDEN),
        ("", ""),
    ],
)
def test_log_line_keeps_only_known_parts(line: str, kept: str) -> None:
    assert without_names(line) == kept
