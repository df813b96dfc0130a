"""Every byte is compared before a duplicate may be removed."""

import os
from pathlib import Path

import pytest

from catdog_desktop.files.same_content import KeptFileError, verify_copies

CONTENT = bytes(range(256)) * 9000
"""More than two chunks."""


def write(path: Path, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_copies_with_the_same_bytes_are_the_same(tmp_path: Path) -> None:
    keep, one, other = (write(tmp_path / name) for name in ("a.jpg", "b.jpg", "below/c.jpg"))
    found = verify_copies(keep, [one, other])
    assert found.same == (one, other)
    assert found.different == ()


@pytest.mark.parametrize("place", [0, len(CONTENT) // 2, len(CONTENT) - 1])
def test_one_other_byte_makes_a_copy_different(tmp_path: Path, place: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] ^= 1
    keep, other = write(tmp_path / "a.jpg"), write(tmp_path / "b.jpg", bytes(changed))
    found = verify_copies(keep, [other])
    assert found.same == ()
    assert found.different == ((other, "has other content than the kept file"),)


def test_shorter_file_is_different(tmp_path: Path) -> None:
    keep, other = write(tmp_path / "a.jpg"), write(tmp_path / "b.jpg", CONTENT[:-1])
    assert verify_copies(keep, [other]).different == ((other, "has another size than the kept file"),)


def test_missing_copy_is_different(tmp_path: Path) -> None:
    keep, gone = write(tmp_path / "a.jpg"), tmp_path / "gone.jpg"
    ((path, reason),) = verify_copies(keep, [gone]).different
    assert path == gone
    assert reason.startswith("cannot be read")


def test_missing_kept_file_raises(tmp_path: Path) -> None:
    other = write(tmp_path / "b.jpg")
    with pytest.raises(KeptFileError, match="is not there any more"):
        verify_copies(tmp_path / "gone.jpg", [other])


def test_kept_link_raises(tmp_path: Path) -> None:
    other = write(tmp_path / "b.jpg")
    link = tmp_path / "a.jpg"
    link.symlink_to(other)
    with pytest.raises(KeptFileError, match="is not a regular file"):
        verify_copies(link, [other])


def test_other_names_of_the_kept_file_are_different(tmp_path: Path) -> None:
    """Removing the kept file through a linked folder would lose the only copy."""
    keep = write(tmp_path / "real" / "a.jpg")
    (tmp_path / "linked").symlink_to(tmp_path / "real", target_is_directory=True)
    hard = tmp_path / "hard.jpg"
    os.link(keep, hard)
    soft = tmp_path / "soft.jpg"
    soft.symlink_to(keep)
    found = verify_copies(keep, [tmp_path / "linked" / "a.jpg", hard, soft, keep])
    assert found.same == ()
    assert [reason for _path, reason in found.different] == [
        "is another name of the kept file",
        "is another name of the kept file",
        "is not a regular file",
        "is another name of the kept file",
    ]


def test_cancelled_comparison_leaves_the_rest_different(tmp_path: Path) -> None:
    keep, one, other = (write(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg"))
    answers = iter([False, True])
    found = verify_copies(keep, [one, other], is_cancelled=lambda: next(answers))
    assert found.same == (one,)
    assert found.different == ((other, "was not compared"),)


def test_kept_file_that_vanishes_meanwhile_raises(tmp_path: Path) -> None:
    keep, one, other = (write(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg"))

    def vanish() -> bool:
        if compared:
            keep.unlink(missing_ok=True)
        compared.append(True)
        return len(compared) > 1

    compared: list[bool] = []
    with pytest.raises(KeptFileError, match="was changed while it was compared"):
        verify_copies(keep, [one, other], is_cancelled=vanish)
