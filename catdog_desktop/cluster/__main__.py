"""`catdog-cluster`: classify a listing of photos on many machines, into Parquet files."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_model, load_model
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason, describe_skipped
from catdog_desktop.formatting import printable_path
from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.languages.argparse_texts import translate_argparse
from catdog_desktop.languages.choice import start_language
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import N_, _
from catdog_desktop.pipeline import default_jobs
from catdog_desktop.progress_bar import ProgressBar
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, WRONG_USAGE, is_interrupt, say
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_text import verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distributed import Client

    from catdog_desktop.cluster.listing import Listing
    from catdog_desktop.cluster.output_folder import OutputFolder

MAX_PART_SIZE = 500
"""Photos in one file: ten seconds of work for small photos, a minute for large ones."""
_MIN_PARTS = 32
"""So that even a few photos are distributed among the workers."""
EXAMPLES = N_("""\
LISTING is a text file with one path per line (or NUL-separated), a Parquet file with a column of paths, or a folder,
which is walked first. OUT gets Parquet files with a row for each photo, including those that could not be read.
Run the same command again to continue a job that was stopped.

examples:
  catdog-cluster ~/Pictures results                            on all cores of this machine
  catdog-cluster listing.txt results --workers 8
  find /nas/photos -name '*.jpg' -print0 > listing; catdog-cluster listing /nas/results --scheduler tcp://head:8786
  catdog-cluster listing.parquet /nas/results --scheduler-file /nas/scheduler.json

Every worker must see the photos under the same paths and have the same version of CatDog installed. The model is sent
to the workers. Only the machine that runs this command writes to OUT.

exit status: 0 success, 1 some photo could not be read, 2 wrong usage or no usable model, listing or cluster
""")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    start_language()
    translate_argparse()
    options = _parser().parse_args(arguments)
    try:
        import distributed  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError:
        say(_("catdog-cluster needs Dask and pyarrow. Install them with: pip install 'catdog-desktop[cluster]'"))
        return WRONG_USAGE
    from catdog_desktop.cluster.errors import ClusterError

    try:
        return _run(options)
    except (ClusterError, ModelError) as error:
        say(f"catdog-cluster: {error}")
        return WRONG_USAGE
    except (KeyboardInterrupt, RuntimeError) as error:
        if not is_interrupt(error):
            raise
        say(_("Stopped. Run the same command again to continue."))
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="catdog-cluster",
        description=_("Classify photos on many machines."),
        epilog=_(EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("listing", metavar="LISTING", type=Path, help=_("a list of photos, or a folder"))
    parser.add_argument("out", metavar="OUT", type=Path, help=_("folder for the results"))
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--scheduler", metavar="ADDRESS", help=_("address of a running Dask scheduler: tcp://host:8786"))
    where.add_argument("--scheduler-file", metavar="FILE", type=Path, help=_("the file that the scheduler wrote"))
    where.add_argument(
        "--workers", metavar="N", type=_count, help=_("processes on this machine (default: one per core)")
    )
    parser.add_argument("--column", default="path", help=_("the column of a Parquet listing (default: path)"))
    parser.add_argument(
        "--part",
        metavar="N",
        type=_count,
        help=_("photos in one file (default: {count}, fewer for short listings)").format(count=MAX_PART_SIZE),
    )
    parser.add_argument(
        "--retry", action="store_true", help=_("repeat parts in which a photo could not be read for a temporary reason")
    )
    add_model(parser)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(_("{text} is not a whole number of at least 1").format(text=repr(text)))
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from catdog_desktop.cluster.output_folder import OutputFolder

    model = load_model(options.model)
    with ProgressBar(sys.stderr) as bar:
        listing = _listing(options, bar)
        part_size = options.part or min(MAX_PART_SIZE, -(-listing.photos // _MIN_PARTS))
        output = OutputFolder(options.out, listing, model, part_size, retry=options.retry)
        bar.clear()
        if output.done_before:
            say(
                _("{done} of {total} photos are done already.").format(
                    done=format_number(output.photos_done), total=format_number(output.listing.photos)
                )
            )
        bar.total = output.listing.photos
        known = output.photos_done
        if not output.is_done:
            from catdog_desktop.cluster.job import run_job

            with _cluster(options) as client:
                run_job(client, output, model, lambda _: bar.update(output.photos_done, known=known))
    say(_summary(output))
    return SOME_UNREADABLE if output.tally["error"] else OK


@contextlib.contextmanager
def _cluster(options: argparse.Namespace) -> Iterator[Client]:
    from catdog_desktop.cluster.job import cluster_at, local_cluster

    with contextlib.ExitStack() as opened:
        if options.scheduler or options.scheduler_file:
            yield opened.enter_context(cluster_at(options.scheduler, options.scheduler_file))
        else:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="catdog-cluster-"))
            yield opened.enter_context(local_cluster(options.workers or default_jobs(), Path(folder)))


def _listing(options: argparse.Namespace, bar: ProgressBar) -> Listing:
    """Read the listing, or walk the folder into one; make the output folder. Raises `ClusterError`."""
    from catdog_desktop.cluster.errors import ClusterError, ClusterProblem
    from catdog_desktop.cluster.listing import open_listing, walk_folder
    from catdog_desktop.cluster.output_folder import LISTING_NAME

    source: Path = options.listing
    if not source.exists():
        raise ClusterError(ClusterProblem.SOURCE_MISSING, source)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ClusterError(ClusterProblem.OUTPUT_NOT_CREATED, options.out, error.strerror) from error
    if not source.is_dir():
        return open_listing(source, options.column)
    walked = options.out / LISTING_NAME
    skipped = _Skipped()
    walk_folder(source, walked, skipped.add, bar.update)
    bar.clear()
    skipped.report()
    return open_listing(walked)


class _Skipped:
    """Counts the files and folders that a walk skipped, so that they are reported."""

    def __init__(self) -> None:
        self._counts: Counter[SkipReason] = Counter()

    def add(self, skipped: Skipped) -> None:
        self._counts[skipped.reason] += skipped.count
        if skipped.reason is SkipReason.UNREADABLE:
            path = printable_path(skipped.path)
            say(_("{path} could not be opened ({reason}).").format(path=path, reason=skipped.detail))

    def report(self) -> None:
        if self._counts:
            say(_("Skipped: {counts}.").format(counts=describe_skipped(self._counts)))


def _summary(output: OutputFolder) -> str:
    counts = [
        _("{count} {verdict}").format(count=format_number(output.tally[verdict]), verdict=verdict_word(verdict))
        for verdict in Verdict
        if output.tally[verdict]
    ]
    if output.tally["error"]:
        counts.append(_("{count} could not be read").format(count=format_number(output.tally["error"])))
    return _("{photos} photos in {parts} files in {folder}: {counts}.").format(
        photos=format_number(output.photos_done),
        parts=format_number(output.parts),
        folder=output.folder,
        counts=format_list(counts),
    )


if __name__ == "__main__":
    sys.exit(main())
