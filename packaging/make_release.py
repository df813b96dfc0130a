"""Make a release for Linux: wheel, source archive, bundle, packages, list of software, checksums.

    python packaging/make_release.py TARGET           into the folder TARGET
    python packaging/make_release.py --check TARGET   twice, the second time from a clone in another folder, and compare

Builds from the last commit and refuses a tree with changes, since the packages name the commit. Equal commits give
equal bytes on equal systems: all files get the time of the commit, names are sorted, no path of the machine is kept.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SUMS = "SHA256SUMS"


def main() -> int:
    """Make the release; return the exit status."""
    parser = argparse.ArgumentParser(description="Make a release for Linux.")
    parser.add_argument("--check", action="store_true", help="make it twice and compare")
    parser.add_argument("--dirty", action="store_true", help="allow changes that are not committed, to try things out")
    parser.add_argument("target", type=Path, metavar="TARGET")
    arguments = parser.parse_args()
    target = arguments.target.resolve()
    if not arguments.dirty and _git(ROOT, "status", "--porcelain", "--untracked-files=no"):
        sys.stderr.write("make_release: commit your changes first, or use --dirty\n")
        return 2
    make(ROOT, target)
    sys.stdout.write((target / SUMS).read_text())
    return compare(target) if arguments.check else 0


def make(root: Path, target: Path) -> None:
    """Build the tree at `root` into `target`. Raises `CalledProcessError`."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": _git(root, "show", "-s", "--format=%ct", "HEAD"),
        "PYTHONHASHSEED": "0",  # the order of sets in compiled modules
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    environment.pop("CATDOG_BUNDLE", None)
    with tempfile.TemporaryDirectory(prefix="catdog-release-") as folder:
        work = Path(folder)

        def run(*words: object, path: str = "") -> None:
            places = os.pathsep.join(filter(None, (path, str(root), str(root / "packaging"))))
            command = [sys.executable, *map(str, words)]
            subprocess.run(command, cwd=root, env=environment | {"PYTHONPATH": places}, check=True)

        build = "import sys; from hatchling import build; getattr(build, sys.argv[1])(sys.argv[2])"
        for kind in ("build_wheel", "build_sdist"):
            run("-c", build, kind, target)
        run("-m", "twine", "check", "--strict", *sorted(target.iterdir()))
        # The bundle takes the app's metadata from this wheel, not from what the environment has installed.
        (wheel,) = target.glob("*.whl")
        run("-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", work / "own", wheel)
        run(
            "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", "--workpath", work / "build",
            "--distpath", work / "dist", root / "build.spec", path=str(work / "own"),
        )  # fmt: skip
        bundle = work / "dist" / "CatDog"
        run(root / "packaging" / "linux_packages.py", bundle, target)
        run(root / "packaging" / "software_list.py", bundle, target / "catdog-desktop.cdx.json")
    _write_sums(target)


def _write_sums(target: Path) -> None:
    lines = []
    for path in sorted(target.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (target / SUMS).write_text("".join(lines))


def compare(target: Path) -> int:
    """Make the release again from a clone in another folder; report files that differ and return the exit status."""
    with tempfile.TemporaryDirectory(prefix="catdog-again-with-a-longer-name-") as folder:
        clone = Path(folder, "another", "place")
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        subprocess.run(["git", "-C", str(clone), "checkout", "-q", _git(ROOT, "rev-parse", "HEAD")], check=True)
        make(clone, Path(folder, "release"))
        first, second = ({name: sum_ for sum_, name in _pairs(place)} for place in (target, Path(folder, "release")))
    different = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
    sys.stdout.write(f"differ: {', '.join(different)}\n" if different else f"{len(first)} files, all equal\n")
    return 1 if different else 0


def _pairs(target: Path) -> list[list[str]]:
    return [line.split("  ", 1) for line in (target / SUMS).read_text().splitlines()]


def _git(root: Path, *words: str) -> str:
    return subprocess.check_output(["git", "-C", str(root), *words], text=True).strip()


if __name__ == "__main__":
    sys.exit(main())
