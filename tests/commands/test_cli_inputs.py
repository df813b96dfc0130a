"""The photos that a command was given: found, left out, missing, counted; and numbers in arguments."""

import argparse
import contextlib
import io
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from catdog_desktop.commands.arguments import number_between
from catdog_desktop.commands.cli_inputs import count_in_background, find_inputs, open_store
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason, SkipRules
from catdog_desktop.progress_bar import ProgressBar
from catdog_desktop.verdict import Result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "deep/b.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def told(found: Iterable[Path | Skipped | Result]) -> list[tuple[str, str]]:
    """Return name and what it is, for each."""
    lines = []
    for photo in found:
        if isinstance(photo, Skipped):
            lines.append((photo.path.name, str(photo.reason.name)))
        elif isinstance(photo, Result):
            lines.append((photo.path.name, photo.error or ""))
        else:
            lines.append((photo.name, "photo"))
    return lines


def test_folders_are_searched_and_what_does_not_exist_is_a_result(folder: Path) -> None:
    assert told(find_inputs([folder, folder / "gone.jpg"])) == [
        ("a.jpg", "photo"),
        ("notes.txt", "NOT_A_PHOTO"),
        ("b.png", "photo"),
        ("gone.jpg", "does not exist"),
    ]


@pytest.mark.parametrize("name", ["gone", "n" * 300, "a.jpg/below"])
def test_names_that_cannot_be_are_missing_too(folder: Path, name: str) -> None:
    assert [line for _, line in told(find_inputs([folder / name]))] == ["does not exist"]


def test_a_link_to_nowhere_does_exist(folder: Path) -> None:
    link = folder / "link.jpg"
    link.symlink_to(folder / "nowhere.jpg")
    assert ("link.jpg", "does not exist") not in told(find_inputs([link]))


def test_the_command_may_leave_some_of_them(folder: Path) -> None:
    def leaving(found: Iterable[Path | Skipped]) -> Iterator[Path | Skipped]:
        for photo in found:
            is_deep = isinstance(photo, Path) and photo.parent.name == "deep"
            yield Skipped(photo, SkipReason.REPEATED) if is_deep and isinstance(photo, Path) else photo

    assert ("b.png", "REPEATED") in told(find_inputs([folder], filter_found=leaving))
    assert told(find_inputs([folder / "gone"], filter_found=leaving)) == [("gone", "does not exist")]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_photos_are_counted_only_where_somebody_sees_it(folder: Path) -> None:
    bar = ProgressBar(_Terminal())
    count_in_background([folder, folder / "gone.jpg"], SkipRules(), bar)
    for thread in _counting():
        thread.join()
    assert bar.total == 3, "the missing one is counted, too"
    silent = ProgressBar(io.StringIO())
    count_in_background([folder], SkipRules(), silent)
    assert (list(_counting()), silent.total) == ([], None)


def _counting() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name == "count")


def test_without_a_store_nothing_is_made(home: Path) -> None:
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
def test_numbers_within_their_bounds(read: Callable[[str], float], text: str, value: float) -> None:
    assert number_between(read, 1, 256, "{text} is not a number")(text) == value  # type: ignore[type-var]


@pytest.mark.parametrize("read", [int, float])
@pytest.mark.parametrize("text", ["0", "257", "-1", "", "many", "1,5", "nan", "inf", "0.99", "1e9", "٣٣٣٣"])
def test_other_numbers_are_told(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as error:
        number_between(read, 1, 256, "{text} is not a number between {least} and {most}")(text)  # type: ignore[type-var]
    assert str(error.value) == f"{text!r} is not a number between 1 and 256"
