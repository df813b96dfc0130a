"""Errors of the system become problems with a sentence that says what to do."""

import errno
import os
from pathlib import Path

import pytest

from catdog_desktop.sorting.transfer_errors import (
    DestinationGoneError,
    KeepReason,
    KeptError,
    Problem,
    TransferError,
    from_oserror,
)

ERRORS = [
    (errno.ENOSPC, Problem.DISK_FULL, True),
    (errno.EDQUOT, Problem.DISK_FULL, True),
    (errno.EIO, Problem.DISK_NOT_RESPONDING, True),
    (errno.ENODEV, Problem.DISK_NOT_RESPONDING, True),
    (errno.ESTALE, Problem.DISK_NOT_RESPONDING, True),
    (errno.EFBIG, Problem.FILE_TOO_LARGE, False),
    (errno.EACCES, Problem.PROTECTED, False),
    (errno.EPERM, Problem.PROTECTED, False),
    (errno.EROFS, Problem.PROTECTED, False),
    (errno.EXDEV, Problem.OTHER_DISK, False),
    (errno.ENOENT, Problem.NOT_FOUND, False),
    (errno.ENOTDIR, Problem.NOT_FOUND, False),
    (errno.ENAMETOOLONG, Problem.OTHER, False),
]


@pytest.mark.parametrize(("number", "problem", "ends_run"), ERRORS, ids=[errno.errorcode[row[0]] for row in ERRORS])
def test_from_oserror_maps_errno_to_problem(number: int, problem: Problem, ends_run: bool) -> None:
    error = from_oserror(OSError(number, os.strerror(number), "/disk/cats/a.jpg"), Path("/home/ada/a.jpg"))
    assert (error.problem, error.ends_run) == (problem, ends_run)


@pytest.mark.parametrize("problem", Problem)
def test_str_of_each_problem_is_a_filled_in_sentence(problem: Problem) -> None:
    sentence = str(TransferError(problem, Path("/disk/cats"), "no reason"))
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert "None" not in sentence


@pytest.mark.parametrize("reason", KeepReason)
def test_str_of_each_keep_reason_is_a_sentence(reason: KeepReason) -> None:
    assert str(KeptError(reason)).endswith(".")


@pytest.mark.parametrize(
    ("error", "folder"),
    [
        (OSError(errno.EACCES, "no", "/in/a.jpg", None, "/out/a.jpg"), "/out"),
        (OSError(errno.EACCES, "no", b"/in/\xff.jpg"), "/in"),
        (OSError(errno.EACCES, "no"), "/planned"),
    ],
    ids=["two names", "a name of bytes", "no name"],
)
def test_from_oserror_protected_names_the_folder(error: OSError, folder: str) -> None:
    found = from_oserror(error, Path("/planned/a.jpg"))
    assert found.path == Path(folder)
    assert f"“{folder}”" in str(found)


def test_from_oserror_without_errno_keeps_its_text() -> None:
    error = from_oserror(OSError("the cable is cut"), Path("a.jpg"))
    assert (error.problem, error.detail, error.ends_run) == (Problem.OTHER, "the cable is cut", False)
    assert "the cable is cut" in str(error)


def test_destination_gone_ends_the_run() -> None:
    assert DestinationGoneError().ends_run
