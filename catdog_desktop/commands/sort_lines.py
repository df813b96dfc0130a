"""The lines that `catdog sort` and `catdog undo` write, and how Ctrl+C stops them between two photos."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from catdog_desktop.store_file import StoreError
from catdog_desktop.terminal import OutputError, PipeClosedError, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from catdog_desktop.sort_plan import Step
    from catdog_desktop.sort_run import SortProgress
    from catdog_desktop.store import Store


def line_for(step: Step, format_name: str) -> str:
    """Return a step of a plan as a line."""
    from catdog_desktop.export import printable_path

    if format_name == "jsonl":
        entry: dict[str, Any] = {"source": str(step.source), "target": str(step.target), "verdict": str(step.verdict)}
        if step.companions:
            entry["companions"] = [{"source": str(c.source), "target": str(c.target)} for c in step.companions]
        if step.note:
            entry["note"] = step.note
        return _json_line(entry)
    line = f"{step.verdict:<9}{printable_path(step.source)} -> {printable_path(step.target)}"
    if step.companions:
        line += f" (with {', '.join(companion.source.suffix for companion in step.companions)})"
    return f"{line} ({step.note})\n" if step.note else f"{line}\n"


def left_line(path: Path, reason: str, format_name: str) -> str:
    """Return what stays, and why, as a line."""
    from catdog_desktop.export import printable_path

    if format_name == "jsonl":
        return _json_line({"source": str(path), "left_out": reason})
    return f"{'left out':<9}{printable_path(path)}: {printable_path(reason)}\n"


def progress_line(progress: SortProgress, format_name: str, **details: Any) -> str:
    """Return what became of a photo as a line; `details` are for programs."""
    from catdog_desktop.export import printable_path

    if format_name == "jsonl":
        entry: dict[str, Any] = {"source": str(progress.source)}
        if progress.error:
            entry["error"] = progress.error
        elif progress.target is not None:
            entry["target"] = str(progress.target)
        return _json_line({**entry, **details})
    source = printable_path(progress.source)
    if progress.error:
        return f"{'failed':<9}{source} {progress.error}\n"
    if progress.target is None:
        return f"{'removed':<9}{source}\n"
    return f"{details.get('verdict', 'back'):<9}{source} -> {printable_path(progress.target)}\n"


@contextlib.contextmanager
def stop_on_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl+C stop between two photos; the second interrupts at once, which is safe as well."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped.is_set
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)
        say("Stopping after this photo.")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def told_if_interrupted() -> Iterator[None]:
    """Say how to go on if the work ends in the middle: a second Ctrl+C, or nobody reads the output any more."""
    try:
        yield
    except (KeyboardInterrupt, PipeClosedError, OutputError):
        say("Interrupted; no photo is lost. To go on: catdog undo --finish. To bring everything back: catdog undo")
        raise


def remember_moves(store: Store | None) -> Callable[[Mapping[Path, Path]], None]:
    """Return what tells `store` of files that were moved. If it cannot note it, it will know them by their content."""

    def remember(places: Mapping[Path, Path]) -> None:
        if store is not None:
            with contextlib.suppress(StoreError):
                store.moved(places)

    return remember


def agreed(question: str) -> bool:
    """Ask, and return whether the answer is yes; it is if there is nobody to ask."""
    if sys.stdin is None or not sys.stdin.isatty():
        return True
    if sys.stderr is not None:
        sys.stderr.write(question)
        sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def photos_of(count: int) -> str:
    """Return "1 photo", "2 photos"."""
    return f"{count:,} photo{'' if count == 1 else 's'}"


def format_bytes(count: int) -> str:
    """Return a size as people read it: "12 KB", "3.4 GB"."""
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _json_line(entry: dict[str, Any]) -> str:
    line = json.dumps(entry, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:  # bytes of a name that are no text
        line = json.dumps(entry)
    return line + "\n"
