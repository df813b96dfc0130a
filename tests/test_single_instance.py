"""The window that is open takes requests of later starts, and only of the same user."""

import json
import os
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Client
from pathlib import Path
from queue import Queue

import pytest

from catdog_desktop import single_instance
from catdog_desktop.single_instance import OpenRequest, RequestListener, claim_window

WAIT = 60
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "window"


@pytest.fixture
def listener(folder: Path) -> Iterator[RequestListener]:
    claim = claim_window(OpenRequest(), folder)
    assert claim.listener is not None
    yield claim.listener
    claim.listener.close()


def address(folder: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads((folder / "address.json").read_text())
    return content


def test_request_reaches_the_window(listener: RequestListener, folder: Path) -> None:
    taken: Queue[OpenRequest] = Queue()
    listener.subscribe(taken.put)
    request = OpenRequest((Path("/a/Bär 猫.jpg"), Path(os.fsdecode(b"/a/\xff.jpg"))), "token")
    assert claim_window(request, folder).handed_over
    assert taken.get(timeout=WAIT) == request


def test_requests_before_subscribe_are_kept(listener: RequestListener, folder: Path) -> None:
    for number in range(3):
        assert claim_window(OpenRequest((Path(f"/{number}"),)), folder).handed_over
    taken: list[OpenRequest] = []
    listener.subscribe(taken.append)
    assert [request.paths[0].name for request in taken] == ["0", "1", "2"]


def test_many_paths_are_taken(listener: RequestListener, folder: Path) -> None:
    taken: Queue[OpenRequest] = Queue()
    listener.subscribe(taken.put)
    paths = tuple(Path(f"/a/folder of photos/IMG_{number:06}.jpg") for number in range(100_000))
    assert claim_window(OpenRequest(paths), folder).handed_over
    assert taken.get(timeout=WAIT).paths == paths


def test_closing_window_refuses_and_the_next_start_listens(listener: RequestListener, folder: Path) -> None:
    listener.refuse()
    claim = claim_window(OpenRequest(), folder)
    assert not claim.handed_over
    assert claim.listener is not None
    listener.close()
    try:
        assert claim_window(OpenRequest(), folder).handed_over, "the first has not removed the address of the second"
    finally:
        claim.listener.close()


def test_files_are_private_and_removed(listener: RequestListener, folder: Path) -> None:
    place = Path(address(folder)["place"])
    assert stat.S_IMODE((folder / "address.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    listener.close()
    assert not place.parent.exists()
    assert not (folder / "address.json").exists()


def test_client_without_the_key_gets_nothing(listener: RequestListener, folder: Path) -> None:
    taken: list[OpenRequest] = []
    listener.subscribe(taken.append)
    with Client(address(folder)["place"], family="AF_UNIX") as connection:
        connection.send_bytes(b"n" * 32)
        assert len(connection.recv_bytes()) == 64
        connection.send_bytes(b"p" * 32 + b'{"paths": ["/a"], "activation_token": ""}')
        with pytest.raises(EOFError):
            connection.recv_bytes()
    assert taken == []


def test_window_without_the_key_is_sent_no_path(listener: RequestListener, folder: Path) -> None:
    content = address(folder) | {"key": "00" * 32}
    (folder / "address.json").write_text(json.dumps(content))
    taken: list[OpenRequest] = []
    listener.subscribe(taken.append)
    claim = claim_window(OpenRequest((Path("/a"),)), folder)
    assert not claim.handed_over
    assert claim.listener is not None
    claim.listener.close()
    assert taken == []


def test_silent_client_does_not_block_others(listener: RequestListener, folder: Path) -> None:
    with Client(address(folder)["place"], family="AF_UNIX"):
        assert claim_window(OpenRequest(), folder).handed_over


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"protocol": 2}', '{"protocol": 1, "place": "/x", "key": "g"}'])
def test_damaged_address_file_opens_a_window(folder: Path, content: str) -> None:
    folder.mkdir()
    (folder / "address.json").write_text(content)
    claim = claim_window(OpenRequest(), folder)
    assert claim.listener is not None
    claim.listener.close()


def test_left_socket_of_killed_window_is_removed(folder: Path) -> None:
    left = Path(tempfile.mkdtemp(prefix="catdog-"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(left / "window"))
    folder.mkdir()
    content = {"protocol": 1, "place": str(left / "window"), "key": "00" * 32}
    (folder / "address.json").write_text(json.dumps(content))
    claim = claim_window(OpenRequest(), folder)
    assert claim.listener is not None
    assert not left.exists()
    claim.listener.close()


def socket_folder(parent: Path, name: str, *, age: float = 3600, listens: bool = False) -> socket.socket:
    """Make a folder with a socket as windows have, of this age in seconds; return the socket."""
    folder = parent / name
    folder.mkdir(mode=0o700)
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(folder / "window"))
    if listens:
        made.listen()
    when = time.time() - age
    os.utime(folder / "window", (when, when))
    return made


def test_start_removes_sockets_of_aborted_windows_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt aborts the process if there is no display, after the socket was made."""
    with tempfile.TemporaryDirectory(prefix="cd-") as name:
        parent = Path(name)
        monkeypatch.setattr(single_instance, "_socket_parents", lambda: [name])
        alive = [
            socket_folder(parent, "catdog-living00", listens=True),
            socket_folder(parent, "catdog-starting", age=5),
            socket_folder(parent, "another-aborted0"),
        ]
        for aborted in ("catdog-aborted0", "catdog-aborted1", "catdog-notalone"):
            socket_folder(parent, aborted).close()
        (parent / "catdog-notalone" / "more").touch()
        (parent / "catdog-photos00").mkdir(mode=0o700)
        claim = claim_window(OpenRequest(), folder)
        assert claim.listener is not None
        claim.listener.close()  # ends the thread, which removes them first
        kept = {"catdog-living00", "catdog-starting", "another-aborted0", "catdog-notalone", "catdog-photos00"}
        assert {path.name for path in parent.iterdir()} == kept
        for each in alive:
            each.close()


def test_unusable_folder_opens_a_window_that_does_not_listen(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    claim = claim_window(OpenRequest(), tmp_path / "file" / "window")
    assert not claim.handed_over
    assert claim.listener is None


def test_socket_folder_with_long_runtime_path_is_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    claim = claim_window(OpenRequest(), folder)
    assert claim.listener is not None
    assert not list(long.iterdir())
    claim.listener.close()


def test_runtime_folder_open_to_others_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert not single_instance._is_private(tmp_path)
    tmp_path.chmod(0o700)
    assert single_instance._is_private(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    assert not single_instance._is_private(tmp_path / "link")
