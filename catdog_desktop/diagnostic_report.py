"""One text file for a bug report: the check of the installation, settings, counts of stored data, and the log.

It contains no name of a photo or folder unless asked for: of the log only what is known to hold none is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from catdog_desktop import paths
from catdog_desktop.doctor import check_installation
from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.formatting import printable_lines
from catdog_desktop.messages import _
from catdog_desktop.privacy import kept_journals, remembered
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.store.store import Store, StoreError

HIDDEN: Final = "…"
"""Replaces what may name a photo or a folder."""
_FREE_TEXT: Final = frozenset({"last_folder", "sort_into", "export_to", "exclude", "sort_folders", "model"})
"""Settings that the user typed, or that name folders."""
_LOG_BYTES: Final = 200_000
"""Only the end of a long log is in the report."""
_RECORD: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ )(unexpected error)?")
_FRAME: Final = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+)(?P<function>, in [\w<>.]+)?')
_SOURCE_LINE: Final = re.compile(r" {4}.*")
"""Of a traceback. Not kept: the message of an error may have lines that look like it."""
_PROGRAM_FILE: Final = re.compile(r"[\w./<> +-]+(\.pyx?|>)")
_ERROR: Final = re.compile(r"(?P<kind>(?:\w+\.)*[A-Z]\w*)(?::.*)?")
_CHAIN: Final = (
    "Traceback (most recent call last):",
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)


class Report(NamedTuple):
    """A diagnostic report."""

    text: str
    works: bool
    """Whether the check found no problem."""


def diagnostic_report(model_folder: Path | None = None, *, with_names: bool = False) -> Report:
    """Check the installation and return the report. Takes a few seconds.

    `with_names` keeps the log and the settings as they are, so with names of photos and folders.
    """
    lines = list(check_installation(model_folder))
    created = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    sections = (
        (_("CatDog diagnostic report of {time}").format(time=created), _scope(with_names=with_names)),
        (_("Check"), "\n".join(printable_lines(_in_home(line)) for line, _is_good in lines)),
        (_("Settings that differ from the defaults"), _settings(with_names=with_names)),
        (_("Stored data"), "\n".join(_counts())),
        (_("Log"), _log(with_names=with_names)),
    )
    text = "\n\n".join(f"{title}\n{'-' * len(title)}\n{body}" for title, body in sections)
    return Report(f"{text}\n", all(is_good for _line, is_good in lines))


def write_report(path: Path, report: Report, *, replace: bool) -> None:
    """Write the report as UTF-8. Raises `OSError`; `FileExistsError` if `path` exists and `replace` is unset."""
    with atomic_write(path, replace=replace) as file:
        file.write(report.text.encode("utf-8", "replace"))


def _scope(*, with_names: bool) -> str:
    if with_names:
        return _("Names of photos and their folders are included, as you asked.")
    return _("Names of photos and their folders are left out. {mark} stands for what was left out.").format(mark=HIDDEN)


def _in_home(line: str) -> str:
    """Replace the home folder, which names the user, by `~`."""
    home = str(Path.home())
    return line.replace(home, "~") if len(home) > 1 else line


def _settings(*, with_names: bool) -> str:
    settings, warning = load_settings(paths.settings_file())
    usual = asdict(Settings())
    shown = {}
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value != usual[field.name] and field.name != "window":
            shown[field.name] = value if with_names or field.name not in _FREE_TEXT else HIDDEN
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    return text if warning is None else f"{text}\n{_('The file of the settings was damaged.')}"


def _counts() -> Iterator[str]:
    """Yield the counts of what is stored. The store is opened as usual, and nothing is changed."""
    try:
        with Store.open() as store:
            stored = remembered(store)
            complaint = store.complaint
    except StoreError as error:
        yield _("The store cannot be used: {kind}").format(kind=type(error).__name__)
        return
    for label, value in (
        (_("photos"), stored.photos),
        (_("thumbnails"), stored.thumbnails),
        (_("own verdicts"), stored.verdicts),
        (_("models that have learnt"), stored.learnt),
        (_("bytes of the store"), stored.file_bytes),
        (_("damaged stores set aside"), len(stored.set_aside)),
        (_("pasted images"), stored.pasted),
        (_("journals that can be undone"), kept_journals()),
    ):
        yield f"{label}: {value}"
    if complaint:
        yield _("The store cannot be used at the moment.")


def _log(*, with_names: bool) -> str:
    text = ""
    for path in (paths.log_file().with_name(f"{paths.log_file().name}.1"), paths.log_file()):
        try:
            text += path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    if not text:
        return _("The log is empty.")
    lines = text[-_LOG_BYTES:].splitlines()
    if not with_names:
        lines = [without_names(line) for line in lines if not _SOURCE_LINE.fullmatch(line)]
    return "\n".join(lines)


def without_names(line: str) -> str:
    """Return a line of the log without what may name a photo: messages of errors, and paths outside the program.

    Lines are kept by an allow-list. A line of an unknown form becomes `…`.
    """
    if line in _CHAIN or not line:
        return line
    record = _RECORD.match(line)
    if record is not None:
        return f"{record[1]}{record[2] or HIDDEN}"
    frame = _FRAME.fullmatch(line)
    if frame is not None:
        return f'  File "{_program_path(frame["file"])}", line {frame["line"]}{frame["function"] or ""}'
    error = _ERROR.fullmatch(line)
    return f"{error['kind']}: {HIDDEN}" if error is not None and _is_exception(error["kind"]) else HIDDEN


def _is_exception(kind: str) -> bool:
    """Whether a word is the class of an exception by its ending; a line of a message may begin with any word."""
    return kind.endswith(("Error", "Exception", "Warning", "Interrupt", "Exit", "Cancelled"))


def _program_path(path: str) -> str:
    """Return the part of a source file's path from its package on."""
    if not _PROGRAM_FILE.fullmatch(path.replace("\\", "/").removeprefix(path[:2] if path[1:2] == ":" else "")):
        return HIDDEN
    parts = path.replace("\\", "/").split("/")
    for number, part in enumerate(parts):
        if part == "site-packages" or re.fullmatch(r"python3\.\d+", part):
            return "/".join(parts[number + 1 :])
    if "catdog_desktop" in parts:
        return "/".join(parts[len(parts) - 1 - parts[::-1].index("catdog_desktop") :])
    return HIDDEN
