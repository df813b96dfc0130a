"""Trees of files for the tests of sorting, results without a model, and snapshots to compare."""

# Names that are not valid UTF-8, and raw results of the system:
# ruff: noqa: PTH115, PTH118, PTH119, PTH123

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from catdog_desktop.sorting.plan import Action, Layout, SortOptions, SortPlan, make_plan
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict

THRESHOLDS = Thresholds()
SCORES = {
    Verdict.CAT: Scores(0.99, 0.01),
    Verdict.DOG: Scores(0.01, 0.99),
    Verdict.BOTH: Scores(0.99, 0.99),
    Verdict.NEITHER: Scores(0.01, 0.01),
    Verdict.UNSURE: Scores(0.5, 0.01),
}
Snapshot = dict[bytes, tuple[str, int, int, str]]


def write(path: Path, content: str | bytes = "", *, mode: int = 0o644, modified: int = 1_600_000_000) -> Path:
    """Write a file with the given content (default: its path), time and permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else (content or str(path)).encode(errors="surrogateescape"))
    path.chmod(mode)
    os.utime(path, ns=(modified * 10**9, modified * 10**9 + 123_456_789))
    return path


def result(path: Path, verdict: Verdict = Verdict.CAT) -> Result:
    return Result(path, scores=SCORES[verdict])


def results(paths: Iterable[Path]) -> list[Result]:
    """Return results for `paths` with all verdicts in turn."""
    verdicts = list(Verdict)
    return [result(path, verdicts[number % len(verdicts)]) for number, path in enumerate(paths)]


def plan_for(
    given: list[Result],
    destination: Path,
    action: Action = Action.COPY,
    layout: Layout = Layout.FLAT,
    sources: tuple[Path, ...] = (),
) -> SortPlan:
    return make_plan(given, SortOptions(destination, action, layout=layout, sources=sources), THRESHOLDS)


def photos_below(top: Path) -> list[Path]:
    """Return all JPEG and HEIC photos below `top`."""
    return sorted(path for path in top.rglob("*") if path.suffix.lower() in (".jpg", ".heic"))


def plan_tree(tree: Path, destination: Path, action: Action, layout: Layout = Layout.FLAT) -> SortPlan:
    """Plan a sort of all JPEG and HEIC photos below `tree`, with all verdicts in turn."""
    return plan_for(results(photos_below(tree)), destination, action, layout, (tree,))


def snapshot(*tops: Path) -> Snapshot:
    """Return kind, permissions, modification time (of files) and content of everything below `tops`, by name."""
    found: Snapshot = {}
    for top in tops:
        if top.exists():
            found[os.fsencode(top)] = _entry(os.fsencode(top))
        for folder, folders, files in os.walk(os.fsencode(top)):
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                found[path] = _entry(path)
    return found


def contents(*tops: Path) -> list[str]:
    """Return the sorted content of all regular files below `tops`. A sort by moving must not change it."""
    return sorted(content for kind, _, _, content in snapshot(*tops).values() if kind == "file")


def leftovers(*tops: Path) -> list[bytes]:
    return [path for path in snapshot(*tops) if os.path.basename(path).startswith(b".catdog-")]


def _entry(path: bytes) -> tuple[str, int, int, str]:
    found = os.lstat(path)
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISDIR(found.st_mode):
        return ("folder", mode, 0, "")
    if stat.S_ISLNK(found.st_mode):
        return ("link", 0, 0, os.fsdecode(os.readlink(path)))
    with open(path, "rb") as file:
        return ("file", mode, found.st_mtime_ns, hashlib.sha256(file.read()).hexdigest())
