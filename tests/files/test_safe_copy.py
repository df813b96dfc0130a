"""Safe copies: content is verified, and nothing is overwritten."""

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from catdog_desktop.files import safe_copy
from catdog_desktop.files.safe_copy import (
    EMPTY,
    Content,
    CopyError,
    FileStat,
    content_of,
    copy_verified,
    has_other_name,
    is_same_file,
    remove,
    rename_exclusively,
    rename_without_replacing,
)

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and links as on POSIX")
MB = 1 << 20


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(os.urandom(2 * MB + 7))
    path.chmod(0o640)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_500_000_000_123_456_789))
    return path


# --- copying ---


def test_copy_verified_keeps_content_times_and_permissions(photo: Path, tmp_path: Path) -> None:
    content, source_stat = copy_verified(photo, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == photo.read_bytes()
    assert content == content_of(photo)
    assert source_stat == FileStat.of(photo)
    made = FileStat.of(tmp_path / "copy")
    assert (made.size, made.modified_ns, made.mode) == (source_stat.size, source_stat.modified_ns, source_stat.mode)


def test_copy_verified_sets_given_stat(photo: Path, tmp_path: Path) -> None:
    wanted = FileStat(size=0, modified_ns=1_400_000_000_987_654_321, inode=0, mode=0o604)
    copy_verified(photo, tmp_path / "copy", wanted)
    made = FileStat.of(tmp_path / "copy")
    assert (made.modified_ns, made.mode) == (wanted.modified_ns, wanted.mode)


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes are kept on Linux only")
def test_copy_verified_keeps_extended_attributes(photo: Path, tmp_path: Path) -> None:
    try:
        os.setxattr(photo, "user.rating", b"5")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    copy_verified(photo, tmp_path / "copy")
    assert os.getxattr(tmp_path / "copy", "user.rating") == b"5"


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * MB, b"y" * (MB + 1)], ids=["empty", "byte", "MB", "MB+1"])
def test_copy_verified_files_of_any_size(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    copied, _ = copy_verified(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content
    assert copied.size == len(content)
    assert (copied == EMPTY) == (not content)


def test_copy_verified_existing_target_raises(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("mine")
    with pytest.raises(FileExistsError):
        copy_verified(photo, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "mine"


def _truncated(path: Path) -> None:
    os.truncate(path, MB)


def _longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _touched(path: Path) -> None:
    os.utime(path)


@pytest.mark.parametrize("change", [_truncated, _longer, _touched])
def test_copy_verified_source_changed_raises(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    real, calls = os.read, []

    def read(handle: int, size: int) -> bytes:
        calls.append(handle)
        if len(calls) == 2:
            change(photo)
        return real(handle, size)

    monkeypatch.setattr(os, "read", read)
    with pytest.raises(CopyError, match="was changed while it was read"):
        copy_verified(photo, tmp_path / "copy")


def test_copy_verified_faulty_disk_raises(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, b"\0" * len(data)))
    with pytest.raises(CopyError, match="the disk or its cable may be faulty"):
        copy_verified(photo, tmp_path / "copy")


def test_copy_verified_missing_source_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy_verified(tmp_path / "gone", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


# --- rename ---


def _by_the_system(_monkeypatch: pytest.MonkeyPatch) -> None:
    pass


def _by_hard_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_copy, "rename_exclusively", lambda source, target: False)


def _by_placeholder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Like FAT, which has no hard links."""
    _by_hard_link(monkeypatch)

    def no_links(*_args: object, **_more: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)


WAYS = [_by_the_system, pytest.param(_by_hard_link, marks=posix), pytest.param(_by_placeholder, marks=posix)]


@pytest.mark.parametrize("way", WAYS)
class TestRename:
    def test_rename_to_free_name(
        self, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Callable[[pytest.MonkeyPatch], None]
    ) -> None:
        before, called = (photo.read_bytes(), FileStat.of(photo)), []
        way(monkeypatch)
        rename_without_replacing(photo, tmp_path / "b.jpg", lambda: called.append("placeholder"))
        assert ((tmp_path / "b.jpg").read_bytes(), FileStat.of(tmp_path / "b.jpg")) == before
        assert os.listdir(tmp_path) == ["b.jpg"]
        assert called == (["placeholder"] if way is _by_placeholder else [])

    @pytest.mark.parametrize("taken_by", ["file", "folder", "link"])
    def test_rename_to_taken_name_raises(
        self,
        photo: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        way: Callable[[pytest.MonkeyPatch], None],
        taken_by: str,
    ) -> None:
        target = tmp_path / "b.jpg"
        if taken_by == "file":
            target.write_text("mine")
        elif taken_by == "folder":
            target.mkdir()
        else:
            target.symlink_to(tmp_path / "nowhere")
        before = photo.read_bytes(), stat.S_IFMT(os.lstat(target).st_mode)
        way(monkeypatch)
        with pytest.raises(FileExistsError):
            rename_without_replacing(photo, target, lambda: pytest.fail("nothing is to be put there"))
        assert (photo.read_bytes(), stat.S_IFMT(os.lstat(target).st_mode)) == before

    def test_rename_missing_source_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Callable[[pytest.MonkeyPatch], None]
    ) -> None:
        way(monkeypatch)
        with pytest.raises(FileNotFoundError):
            rename_without_replacing(tmp_path / "gone", tmp_path / "b.jpg", lambda: None)
        assert os.listdir(tmp_path) == []


@posix
def test_rename_name_taken_meanwhile_calls_back(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, called = tmp_path / "b.jpg", []

    def take() -> None:
        target.write_text("mine")

    _by_placeholder(monkeypatch)
    with pytest.raises(FileExistsError):
        rename_without_replacing(photo, target, take, lambda: called.append("not ours"))
    assert (target.read_text(), called) == ("mine", ["not ours"])
    assert photo.exists()


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="there is no such call")
def test_rename_exclusively_never_replaces(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_text("mine")
    with contextlib.suppress(FileExistsError):
        assert not rename_exclusively(photo, tmp_path / "b.jpg"), "this file system does not support it"
    assert photo.exists()
    assert (tmp_path / "b.jpg").read_text() == "mine"


# --- content and names of files ---


def _same_size(path: Path) -> None:
    path.write_bytes(b"CAT")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link_to_it(path: Path) -> None:
    path.rename(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        (lambda path: None, True),
        (_touched, True),
        (_same_size, False),
        (_longer, False),
        (_folder, False),
        (Path.unlink, False),
        pytest.param(_link_to_it, False, marks=posix),
    ],
    ids=["as it was", "touched", "same size", "longer", "a folder", "gone", "a link"],
)
def test_content_is_in_changed_file(tmp_path: Path, change: Callable[[Path], None], holds: bool) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"cat")
    content = content_of(path)
    assert content == Content(3, content.digest)
    change(path)
    assert content.is_in(path) is holds
    assert not content.is_in(tmp_path / "a/b"), "below a file"


def test_content_of_can_be_cancelled(photo: Path) -> None:
    class _EnoughError(Exception):
        pass

    seen: list[int] = []

    def enough() -> None:
        seen.append(1)
        if len(seen) == 2:
            raise _EnoughError

    with pytest.raises(_EnoughError):
        content_of(photo, enough)
    assert len(seen) == 2, "once for each MiB"


@posix
def test_is_same_file_and_hard_links(tmp_path: Path) -> None:
    one, other, copy, link = (tmp_path / name for name in ("one", "other", "copy", "link"))
    one.write_text("cat")
    copy.write_text("cat")
    assert not has_other_name(one)
    os.link(one, other)
    link.symlink_to(one)
    assert has_other_name(one)
    assert is_same_file(one, other)
    assert not is_same_file(one, copy)
    assert not is_same_file(one, link), "a symbolic link is another file"
    assert not is_same_file(one, tmp_path / "gone")
    assert not is_same_file(tmp_path / "gone", tmp_path / "gone")


@pytest.mark.parametrize("name", ["file", "gone", "file/below", "link"])
def test_remove_missing_file_is_fine(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    remove(tmp_path / name)
    assert not os.path.lexists(tmp_path / name)
    assert (tmp_path / "file").exists() == (name != "file")


def test_remove_folder_raises(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"directory|permitted|denied"):
        remove(tmp_path / "folder")
    assert (tmp_path / "folder").is_dir()
