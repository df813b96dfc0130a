"""Earlier sorts: list them, find the one to undo, find those that were interrupted."""

import os
from pathlib import Path

from catdog_desktop.files.journal_file import path_of
from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.errors import SortError, SortProblem, reraise_as
from catdog_desktop.sorting.journal import find_journal, last_state, list_journals, read_journal
from catdog_desktop.sorting.journal_items import JournalInfo, JournalState
from catdog_desktop.sorting.lock import is_running, one_writer


def list_sorts(journal_folder: Path | None = None) -> list[JournalInfo]:
    """Return all sorts with a readable journal, the newest first. `damaged_sorts` returns the others."""
    return _read(journal_folder)[0]


def damaged_sorts(journal_folder: Path | None = None) -> dict[str, str]:
    """Return the ids of sorts whose journals cannot be read, each with a sentence that says why."""
    return _read(journal_folder)[1]


def unfinished_sorts(journal_folder: Path | None = None) -> list[JournalInfo]:
    """Return the sorts and undos that were interrupted, the newest first; empty while a sort is running."""
    return open_sorts(journal_folder)[0]


def open_sorts(journal_folder: Path | None = None) -> tuple[list[JournalInfo], dict[str, str]]:
    """Return what the user should decide about: `unfinished_sorts`, and `damaged_sorts` among the possible ones.

    Fast for any number of journals: those that end in a final state are not read.
    """
    folder = journal_folder or journals_folder()
    if not list_journals(folder) or is_running(folder):
        return [], {}
    infos, damaged = [], {}
    for path in list_journals(folder):
        if last_state(path) not in (None, JournalState.UNFINISHED, JournalState.UNDOING):
            continue
        try:
            journal = read_journal(path)
        except SortError as error:
            damaged[path.stem] = str(error)
        else:
            if journal.is_unfinished:
                infos.append(journal.info())
    return infos, damaged


def last_sort(journal_folder: Path | None = None) -> JournalInfo | None:
    """Return the newest sort that placed photos and is neither undone nor forgotten. Raises `SortError`."""
    for path in list_journals(journal_folder or journals_folder()):
        if last_state(path) in (JournalState.UNDONE, JournalState.FORGOTTEN):
            continue
        journal = read_journal(path)
        if journal.state in (JournalState.UNDONE, JournalState.FORGOTTEN):
            continue
        if journal.is_unfinished or any(item.placed for item in journal.items):
            return journal.info()
    return None


def forget_sort(journal_id: str, journal_folder: Path | None = None) -> None:
    """Never offer to finish or undo this sort again, for example because its disk is lost. Changes no photo.

    A damaged journal is renamed, so that it is no longer found. Raises `SortError`.
    """
    folder = journal_folder or journals_folder()
    with one_writer(folder):
        if journal_id in damaged_sorts(folder):
            path = path_of(folder, journal_id)
            with reraise_as(SortProblem.JOURNAL_NOT_RENAMED):
                os.replace(path, path.with_name(path.name + ".damaged"))  # noqa: PTH105
            return
        with find_journal(folder, journal_id) as journal:
            journal.set_state(JournalState.FORGOTTEN)


def _read(journal_folder: Path | None) -> tuple[list[JournalInfo], dict[str, str]]:
    infos, damaged = [], {}
    for path in list_journals(journal_folder or journals_folder()):
        try:
            infos.append(read_journal(path).info())
        except SortError as error:
            damaged[path.stem] = str(error)
    return infos, damaged
