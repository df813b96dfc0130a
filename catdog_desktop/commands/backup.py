"""`catdog backup`: write everything that is the user's own to one file."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, WRONG_USAGE, say, stop_on

NAME = "backup"
SUMMARY = N_("write your verdicts, ratings, settings and what was learnt to one file")
EXAMPLES = N_("""\
The file holds what only you can make: your verdicts and ratings, the settings, what the app has learnt from you, and
with --models the models that you imported. It names no photos: verdicts belong to the content of photos, so they hold
on every computer that has the photos, wherever they are there. The settings name the folders that you used last.

Results and thumbnails are not in it: photos are classified again in the background. Undo records are not in it, either.

examples:
  catdog backup pets.catdog-backup
  catdog backup pets.catdog-backup --models --overwrite
  catdog restore pets.catdog-backup           on another computer, or after an accident

exit status: 0 success, 1 the store could not be read, 2 wrong usage or not written, 130 interrupted
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `backup`."""
    parser.add_argument("file", metavar="FILE", type=Path, help=_("the file to write"))
    parser.add_argument("--models", action="store_true", help=_("include the models that you imported"))
    parser.add_argument("--overwrite", action="store_true", help=_("replace FILE if it exists"))


def run(arguments: argparse.Namespace) -> int:
    """Write the backup; return the exit status."""
    from catdog_desktop.library.backup import BackupError, describe_content, write_backup
    from catdog_desktop.store.store import Store, StoreError

    with Store.open() as store, stop_on(signal.SIGINT) as token:
        try:
            content = write_backup(
                arguments.file,
                store,
                with_models=arguments.models,
                replace=arguments.overwrite,
                cancel_token=token,
            )
        except BackupError as error:
            say(f"catdog: {error}")
            return WRONG_USAGE
        except StoreError as error:
            say(f"catdog: {error}")
            return SOME_UNREADABLE
        except Cancelled:
            say(_("Stopped. Nothing was written."))
            return INTERRUPTED
    say(_("Written: {data}.").format(data=describe_content(content)))
    return OK
