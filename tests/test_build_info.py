"""Version, commit and date of a build."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import build_stamp
import pytest

from catdog_desktop import __version__, build_info
from catdog_desktop.build_info import BuildInfo, read_build_info, version_text

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of a known time."""
    root = tmp_path / "repository"
    root.mkdir()
    git = ["git", "-C", str(root), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    dates = {"GIT_COMMITTER_DATE": "2026-02-03T04:05:06Z", "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z"}
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], env=os.environ | dates, check=True)
    return root


def test_stamp_in_repository_has_commit_and_its_date(repository: Path, tmp_path: Path) -> None:
    path = build_stamp.write_build_stamp(tmp_path / "out", repository)
    assert path is not None
    info = read_build_info(path)
    assert info is not None
    assert info.date == "2026-02-03"
    head = subprocess.check_output(["git", "-C", str(repository), "rev-parse", "HEAD"], text=True)
    assert head.startswith(info.commit)


def test_stamp_of_unpacked_source_archive_is_kept(tmp_path: Path) -> None:
    (tmp_path / "catdog_desktop").mkdir()
    stamp = {"commit": "0123456789", "date": "2026-01-02"}
    (tmp_path / "catdog_desktop" / "build.json").write_text(json.dumps(stamp))
    assert build_stamp.build_stamp(tmp_path) == stamp


def test_stamp_without_git_is_not_written(tmp_path: Path) -> None:
    assert build_stamp.write_build_stamp(tmp_path / "out", tmp_path) is None
    assert not (tmp_path / "out").exists()


def test_source_date_epoch_is_time_of_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert build_stamp.source_date_epoch(repository) == 1_770_091_506
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert build_stamp.source_date_epoch(repository) == 1_700_000_000


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"commit": "x; rm", "date": "2026-01-02"}', '{"commit": "0123456", "date": "today"}']
)
def test_read_damaged_build_file_gives_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "build.json"
    path.write_text(content)
    assert read_build_info(path) is None


def test_version_of_source_tree_has_no_commit() -> None:
    build_info.build_info.cache_clear()
    assert version_text() == f"CatDog {__version__}"


def test_version_of_build_names_commit_and_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_info, "build_info", lambda: BuildInfo("0123456789", "2026-01-02"))
    assert version_text() == f"CatDog {__version__} (build 0123456789 of 2026-01-02)"


@pytest.mark.slow
def test_wheel_built_from_git_and_from_sdist_has_the_commit(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    if not (ROOT / ".git").exists():
        pytest.skip("needs the repository")
    build = "import sys; from hatchling import build; print(getattr(build, sys.argv[1])(sys.argv[2]))"

    def run(kind: str, cwd: Path) -> Path:
        done = subprocess.run(
            [sys.executable, "-c", build, kind, str(tmp_path)], cwd=cwd, capture_output=True, text=True, check=True
        )
        return tmp_path / done.stdout.splitlines()[-1]

    wheel = run("build_wheel", ROOT).read_bytes()
    import tarfile

    with tarfile.open(run("build_sdist", ROOT)) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    again = run("build_wheel", unpacked)
    with zipfile.ZipFile(again) as archive:
        stamp = json.loads(archive.read("catdog_desktop/build.json"))
    assert stamp == build_stamp.build_stamp(ROOT)
    assert again.read_bytes() == wheel, "a wheel of the source archive is the wheel of the repository"
