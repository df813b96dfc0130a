"""What the system says of a file that cannot be brought to its place, in words that say what to do."""

import errno
import os
from pathlib import Path

import pytest

from catdog_desktop.sorting.transfer_errors import DestinationGoneError, TransferError, in_words

WORDS = [
    (errno.ENOSPC, "the disk is full. Make room there", True),
    (errno.EDQUOT, "the disk is full. Make room there", True),
    (errno.EIO, "the disk does not answer", True),
    (errno.ENODEV, "the disk does not answer", True),
    (errno.ESTALE, "the disk does not answer", True),
    (errno.EFBIG, "too large for the file system", False),
    (errno.EACCES, "is protected: “/disk/cats” or the file", False),
    (errno.EPERM, "is protected: “/disk/cats” or the file", False),
    (errno.EROFS, "is protected: “/disk/cats” or the file", False),
    (errno.EXDEV, "lies on another disk", False),
    (errno.ENOENT, "the file or the folder is gone", False),
    (errno.ENOTDIR, "the file or the folder is gone", False),
    (errno.ENAMETOOLONG, f"could not be brought there ({os.strerror(errno.ENAMETOOLONG)})", False),
]


@pytest.mark.parametrize(("number", "words", "ends_run"), WORDS, ids=[errno.errorcode[row[0]] for row in WORDS])
def test_each_reason_has_its_sentence(number: int, words: str, ends_run: bool) -> None:
    told = in_words(OSError(number, os.strerror(number), "/disk/cats/a.jpg"), Path("/home/ada/a.jpg"))
    assert words in str(told)
    assert str(told).endswith(".")
    assert told.ends_run is ends_run


@pytest.mark.parametrize(
    ("error", "where"),
    [
        (OSError(errno.EACCES, "no", "/in/a.jpg", None, "/out/a.jpg"), "/out"),
        (OSError(errno.EACCES, "no", b"/in/\xff.jpg"), "/in"),
        (OSError(errno.EACCES, "no"), "/planned"),
    ],
    ids=["two names", "a name of bytes", "no name"],
)
def test_the_protected_folder_is_named(error: OSError, where: str) -> None:
    assert f"“{where}”" in str(in_words(error, Path("/planned/a.jpg")))


def test_an_error_without_a_number_is_told_all_the_same() -> None:
    told = in_words(OSError("the cable is cut"), Path("a.jpg"))
    assert str(told) == "could not be brought there (the cable is cut)."
    assert not told.ends_run


def test_a_destination_that_is_gone_ends_the_run() -> None:
    gone = DestinationGoneError()
    assert isinstance(gone, TransferError)
    assert gone.ends_run
    assert "Connect the disk again" in str(gone)
