"""`catdog restore`: bring back what `catdog backup` has written."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.languages.formats import format_moment
from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import (
    INTERRUPTED,
    OK,
    SOME_UNREADABLE,
    WRONG_USAGE,
    confirm,
    is_interactive,
    say,
    stop_on,
)

NAME = "restore"
SUMMARY = N_("bring back verdicts, ratings, settings and models from a backup")
EXAMPLES = N_("""\
What exists already is kept: your verdicts and ratings of the same photos, the settings, and what was learnt. With
--replace the backup counts; then it asks first, and needs --yes where there is no terminal to ask on. Models are added.

The file may come from anywhere: everything in it is checked, and models are tried in the sandbox. Close the window
before you restore settings.

examples:
  catdog restore pets.catdog-backup
  catdog restore pets.catdog-backup --dry-run       show what is in it
  catdog restore pets.catdog-backup --replace

exit status: 0 success, 1 not everything could be restored, 2 wrong usage or not a backup, 130 interrupted
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `restore`."""
    parser.add_argument("file", metavar="FILE", type=Path, help=_("a file that catdog backup has written"))
    parser.add_argument("--replace", action="store_true", help=_("replace verdicts, ratings and settings that exist"))
    parser.add_argument("--dry-run", action="store_true", help=_("show what is in the file and change nothing"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask for confirmation"))


def run(arguments: argparse.Namespace) -> int:
    """Show what is in the backup, ask if anything would be replaced, and restore; return the exit status."""
    from catdog_desktop.library.backup import (
        BackupError,
        BackupProblem,
        describe_content,
        read_backup,
        restore_backup,
    )
    from catdog_desktop.store.store import Store, StoreError

    try:
        content = read_backup(arguments.file)
        say(
            _("Backup of {date}: {data}.").format(
                date=format_moment(content.created.astimezone()), data=describe_content(content)
            )
        )
        if arguments.dry_run:
            return OK
        if arguments.replace and not arguments.yes:
            if not is_interactive():
                say("catdog: " + _("Nobody can confirm without a terminal. Add --yes to replace, or omit --replace."))
                return WRONG_USAGE
            if not confirm(_("Replace what exists by it? [y/N] ")):
                say(_("Nothing was changed."))
                return OK
        with Store.open() as store, stop_on(signal.SIGINT) as token:
            restored = restore_backup(arguments.file, store, replace=arguments.replace, cancel_token=token)
    except BackupError as error:
        say(f"catdog: {error}")
        return SOME_UNREADABLE if error.problem is BackupProblem.NOT_RESTORED else WRONG_USAGE
    except StoreError as error:
        say(f"catdog: {error}")
        return SOME_UNREADABLE
    except Cancelled:
        say(_("Stopped. What was restored before stays."))
        return INTERRUPTED
    say(_("Restored: {data}.").format(data=describe_content(restored)))
    return OK
