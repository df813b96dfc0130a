"""The folders that earlier sorts filled. The copies and links in them are skipped as photos."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.files.drive_calls import DriveTimeoutError, call_drive
from catdog_desktop.messages import _
from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.journal import list_journals, read_outputs
from catdog_desktop.sorting.options import Action


def already_sorted() -> str:
    """Return why a photo in one of these folders is skipped, to be read after its name."""
    return _("is in a folder that a sort has filled")


def own_output_folders(
    sources: Iterable[Path], outputs: Iterable[Path] = (), journal_folder: Path | None = None
) -> tuple[Path, ...]:
    """Return the folders to skip below `sources`: `outputs`, and those that earlier sorts filled with copies or links.

    The folders of an earlier sort are not skipped if a source is its destination or below it: then the user asked for
    these photos. Folders with moved photos are not skipped either, since moved photos are no copies.
    """
    own = [_real(folder) for folder in outputs]
    real_sources = [_real(source) for source in sources]
    for path in list_journals(journal_folder or journals_folder()):
        head = read_outputs(path)
        if head is None or head[0] is Action.MOVE:
            continue
        destination = _real(head[1])
        if not any(source.is_relative_to(destination) for source in real_sources):
            own += [_real(output) for output in head[2]]
    return tuple(dict.fromkeys(own))


def skip_sorted(
    found: Iterable[Path | Skipped], sources: Sequence[Path], outputs: Iterable[Path] = ()
) -> Iterator[Path | Skipped]:
    """Yield what was `found` below `sources`, with photos in `own_output_folders` replaced by a `Skipped`."""
    own = own_output_folders(sources, outputs)
    if not own:
        yield from found
        return
    within: dict[Path, bool] = {}
    for photo in found:
        if not isinstance(photo, Skipped):
            folder = photo.parent
            if folder not in within:
                real = _real(folder)
                within[folder] = any(real.is_relative_to(output) for output in own)
            if within[folder]:
                yield Skipped(photo, SkipReason.REPEATED, already_sorted())
                continue
        yield photo


def _real(path: Path) -> Path:
    try:
        return Path(call_drive(path, os.path.realpath, path))
    except DriveTimeoutError:  # Reading the photos says so.
        return path.absolute()
