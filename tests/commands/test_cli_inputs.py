"""Inputs of commands: found, skipped, missing and counted photos; numbers in arguments."""

import argparse
import contextlib
import io
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from catdog_desktop.commands.arguments import number_between
from catdog_desktop.commands.cli_inputs import count_in_background, expand_patterns, find_inputs, open_store
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason, SkipRules
from catdog_desktop.progress_bar import ProgressBar
from catdog_desktop.verdict import Result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "deep/b.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def described(found: Iterable[Path | Skipped | Result]) -> list[tuple[str, str]]:
    """Return the name of each input with its kind, skip reason or error."""
    lines = []
    for photo in found:
        if isinstance(photo, Skipped):
            lines.append((photo.path.name, str(photo.reason.name)))
        elif isinstance(photo, Result):
            lines.append((photo.path.name, photo.error or ""))
        else:
            lines.append((photo.name, "photo"))
    return lines


def test_find_inputs_searches_folders_and_reports_missing(folder: Path) -> None:
    assert described(find_inputs([folder, folder / "gone.jpg"])) == [
        ("a.jpg", "photo"),
        ("notes.txt", "NOT_A_PHOTO"),
        ("b.png", "photo"),
        ("gone.jpg", "does not exist"),
    ]


@pytest.mark.parametrize("name", ["gone", "n" * 300, "a.jpg/below"])
def test_find_inputs_impossible_name_does_not_exist(folder: Path, name: str) -> None:
    assert [line for _, line in described(find_inputs([folder / name]))] == ["does not exist"]


def test_find_inputs_dangling_link_exists(folder: Path) -> None:
    link = folder / "link.jpg"
    link.symlink_to(folder / "nowhere.jpg")
    assert ("link.jpg", "does not exist") not in described(find_inputs([link]))


def test_find_inputs_filter_can_skip_photos(folder: Path) -> None:
    def leaving(found: Iterable[Path | Skipped]) -> Iterator[Path | Skipped]:
        for photo in found:
            is_deep = isinstance(photo, Path) and photo.parent.name == "deep"
            yield Skipped(photo, SkipReason.REPEATED) if is_deep and isinstance(photo, Path) else photo

    assert ("b.png", "REPEATED") in described(find_inputs([folder], filter_found=leaving))
    assert described(find_inputs([folder / "gone"], filter_found=leaving)) == [("gone", "does not exist")]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_count_in_background_counts_only_for_visible_bar(folder: Path) -> None:
    bar = ProgressBar(_Terminal())
    count_in_background([folder, folder / "gone.jpg"], SkipRules(), bar)
    for thread in _counting():
        thread.join()
    assert bar.total == 3, "the missing photo counts"
    silent = ProgressBar(io.StringIO())
    count_in_background([folder], SkipRules(), silent)
    assert (list(_counting()), silent.total) == ([], None)


def _counting() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name == "count")


def test_open_store_no_store_creates_no_file(home: Path) -> None:
    with contextlib.ExitStack() as opened:
        assert open_store(argparse.Namespace(no_store=True), opened) is None
    assert list(home.rglob("*")) == []
    with contextlib.ExitStack() as opened:
        assert open_store(argparse.Namespace(no_store=False), opened) is not None
    assert list(home.rglob("*")) != []


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [(int, "1", 1), (int, "256", 256), (int, " 7 ", 7), (float, "1.5", 1.5), (float, "256", 256.0)],
)
def test_number_between_valid_text_is_read(read: Callable[[str], float], text: str, value: float) -> None:
    assert number_between(read, 1, 256, "{text} is not a number")(text) == value  # type: ignore[type-var]


@pytest.mark.parametrize("read", [int, float])
@pytest.mark.parametrize("text", ["0", "257", "-1", "", "many", "1,5", "nan", "inf", "0.99", "1e9", "٣٣٣٣"])
def test_number_between_invalid_text_raises(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as error:
        number_between(read, 1, 256, "{text} is not a number between {least} and {most}")(text)  # type: ignore[type-var]
    assert str(error.value) == f"{text!r} is not a number between 1 and 256"


def test_expand_patterns_replaces_patterns_of_no_file(photo_dir: Path) -> None:
    star, none, plain = photo_dir / "c*.jpg", photo_dir / "z*.jpg", photo_dir / "rocket.jpg"
    named = ["chelsea.jpg", "china.jpg", "coffee.jpg"]
    assert expand_patterns([star, none, plain]) == [*(photo_dir / name for name in named), none, plain]
    (photo_dir / "c*.jpg").write_bytes(b"a file of that name")
    assert expand_patterns([star]) == [star]
