"""One window for each user: a second start passes its photos to the window that is open already.

The window listens on a Unix socket (on Windows, a named pipe) of a random name. The file `window/address.json` in the
user's data folder, which only the user can read, has the address and a random key. Both sides prove that they know
the key before any path is sent, so nobody else can send or receive paths. Nothing is unpickled. Nothing of this is
reachable over a network. A file that a killed process left behind costs one failed connection.
"""

from __future__ import annotations

import contextlib
import errno
import hmac
import json
import os
import re
import secrets
import shutil
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Final, NamedTuple

from catdog_desktop.paths import data_folder
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.lock import SortRunningError, one_writer

_PROTOCOL: Final = 1
"""Changed with the messages. A window with another number gets nothing, and a new window opens."""
ANSWER_SECONDS: Final = 15.0
"""A window that does not answer for so long is taken for stopped. A background thread answers, so a busy one does."""
_LOCK_SECONDS: Final = 60.0
"""How long a start waits for others that begin at the same time."""
_MAX_BYTES: Final = 64_000_000
"""Of a request: more than a command line can hold on any system."""
_MAX_ADDRESS: Final = 100
"""Longest path of a Unix socket in bytes; macOS allows 104, Linux 108."""
_SOCKET_NAME: Final = "window"
_SOCKET_FOLDER: Final = re.compile("catdog-[a-z0-9_]{8}")
"""As `tempfile.mkdtemp` names it."""
_STARTING_SECONDS: Final = 60.0
_TAKEN: Final = b"taken"
_ANSWERS: Final = 16
"""Connections that the system keeps waiting."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What a second start asks the open window for."""

    paths: tuple[Path, ...] = ()
    """Absolute paths of photos, folders and models. May be empty: the window comes to the front."""
    activation_token: str = ""
    """The desktop's permission to come to the front (Wayland)."""


class Claim(NamedTuple):
    """Outcome of `claim_window`."""

    handed_over: bool
    """Whether the open window has taken the request, so that this process can end."""
    listener: RequestListener | None
    """Listens for later starts; None if that is impossible here or not wanted."""


def claim_window(request: OpenRequest, folder: Path | None = None) -> Claim:
    """Pass `request` to the open window, or become the window that listens. Never raises for the system's state.

    Takes milliseconds; at most `ANSWER_SECONDS` if the open window is stopped, and some more if many start at once.
    """
    folder = folder or data_folder() / "window"
    try:
        with _one_at_a_time(folder):
            if _hand_over(folder, request):
                return Claim(handed_over=True, listener=None)
            return Claim(handed_over=False, listener=RequestListener(folder))
    except (OSError, SortError):  # a full or read-only disk, or a lock that is never released
        return Claim(handed_over=False, listener=None)


class RequestListener:
    """Takes requests of later starts in background threads. Requests before `subscribe` are kept."""

    def __init__(self, folder: Path) -> None:
        """Begin to listen. Raises `OSError`."""
        self._folder = folder
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._waiting: list[OpenRequest] = []
        self._callback: Callable[[OpenRequest], None] | None = None
        self._is_open = True
        _remove_left_socket(folder)
        self._socket_folder = _private_folder() if sys.platform != "win32" else None
        try:
            self._listener = Listener(self._new_address(), family=_family(), backlog=_ANSWERS)
            self._address = _Address(str(self._listener.address), self._key)
            self._address.write(folder)
        except OSError:
            self._remove_socket_folder()
            raise
        self._thread = threading.Thread(target=self._listen, name="requests", daemon=True)
        self._thread.start()

    def subscribe(self, callback: Callable[[OpenRequest], None]) -> None:
        """Pass all requests to `callback`, which is called in a background thread."""
        with self._lock:
            self._callback = callback
            waiting, self._waiting = self._waiting, []
        for request in waiting:
            callback(request)

    def refuse(self) -> None:
        """Take no more requests: the window closes, and a start from now on opens its own. Returns at once."""
        with self._lock:
            self._is_open = False

    def close(self) -> None:
        """Stop listening and remove the files. Idempotent."""
        self.refuse()
        if self._thread.is_alive():
            # Wakes the thread, which waits for a connection. Without a socket it waits on until the process ends.
            with contextlib.suppress(OSError):
                Client(self._address.place, family=_family()).close()
                self._thread.join(ANSWER_SECONDS)
        with contextlib.suppress(OSError):
            self._listener.close()
        self._remove_socket_folder()
        # Under the lock, since another start may have written its own address. If it is held, that happens now.
        with contextlib.suppress(OSError, SortError), one_writer(self._folder):
            if _Address.read(self._folder) == self._address:
                _Address.file(self._folder).unlink()

    def _new_address(self) -> str:
        if self._socket_folder is None:
            return rf"\\.\pipe\catdog-{secrets.token_hex(16)}"
        return str(self._socket_folder / _SOCKET_NAME)

    def _remove_socket_folder(self) -> None:
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)

    def _listen(self) -> None:
        if sys.platform != "win32":
            _remove_stale_sockets()  # here, where it delays no window
        while self._is_open:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                # One client that broke off; if the listener itself is broken, the next calls fail, too.
                time.sleep(0.05)
                continue
            # A thread each: a client that was stopped in the middle must not block the others.
            threading.Thread(target=self._answer, args=(connection,), name="request", daemon=True).start()

    def _answer(self, connection: Any) -> None:
        with connection, contextlib.suppress(OSError, EOFError, ValueError, _ProofError):
            their_nonce = _receive(connection, 32)
            own_nonce = secrets.token_bytes(32)
            connection.send_bytes(_proof(self._key, b"window", their_nonce) + own_nonce)
            message = _receive(connection, _MAX_BYTES)
            if not hmac.compare_digest(message[:32], _proof(self._key, b"start", own_nonce + message[32:])):
                raise _ProofError
            if self._take(_decoded(message[32:])):
                connection.send_bytes(_TAKEN)

    def _take(self, request: OpenRequest) -> bool:
        with self._lock:
            if not self._is_open:
                return False
            if self._callback is None:
                self._waiting.append(request)
                return True
            callback = self._callback
        callback(request)
        return True


class _ProofError(Exception):
    """The other side does not know the key."""


@dataclass(frozen=True, slots=True)
class _Address:
    """Where the open window listens."""

    place: str
    key: bytes = field(repr=False)

    @staticmethod
    def file(folder: Path) -> Path:
        return folder / "address.json"

    @classmethod
    def read(cls, folder: Path) -> _Address | None:
        """Return the address; None if there is no usable one."""
        try:
            content = json.loads(cls.file(folder).read_text(encoding="utf-8"))
            if content["protocol"] != _PROTOCOL:
                return None
            return cls(str(content["place"]), bytes.fromhex(content["key"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Write the address for the user alone, under the lock. Not fsynced: it means nothing after a power cut."""
        content = {"protocol": _PROTOCOL, "place": self.place, "key": self.key.hex()}
        temporary = self.file(folder).with_suffix(".part")
        temporary.unlink(missing_ok=True)  # of a process that was killed
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(content).encode())
        temporary.replace(self.file(folder))


def _family() -> str:
    return "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the lock of the folder. Raises `SortError` if it is not free in time or cannot be created."""
    deadline = time.monotonic() + _LOCK_SECONDS
    with contextlib.ExitStack() as stack:
        while True:
            try:
                stack.enter_context(one_writer(folder))
                break
            except SortRunningError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        yield


def _hand_over(folder: Path, request: OpenRequest) -> bool:
    """Send the request to the open window; return whether it was taken."""
    address = _Address.read(folder)
    if address is None:
        return False
    taken = threading.Event()

    def send() -> None:
        with (
            contextlib.suppress(OSError, EOFError, ValueError, _ProofError),
            Client(address.place, family=_family()) as connection,
        ):
            nonce = secrets.token_bytes(32)
            connection.send_bytes(nonce)
            answer = _receive(connection, 64)
            if not hmac.compare_digest(answer[:32], _proof(address.key, b"window", nonce)):
                raise _ProofError
            message = _encoded(request)
            connection.send_bytes(_proof(address.key, b"start", answer[32:] + message) + message)
            if _receive(connection, len(_TAKEN)) == _TAKEN:
                taken.set()

    # A thread, since to connect to a stopped process may block for ever.
    sender = threading.Thread(target=send, name="hand over", daemon=True)
    sender.start()
    sender.join(ANSWER_SECONDS)
    return taken.is_set()


def _receive(connection: Connection[Any, Any], max_bytes: int) -> bytes:
    """Return the next message. Raises `EOFError` if none comes in time, `OSError` if it is longer."""
    if not connection.poll(ANSWER_SECONDS):
        raise EOFError
    return connection.recv_bytes(max_bytes)


def _proof(key: bytes, role: bytes, text: bytes) -> bytes:
    """Return a code that only somebody with the key can give, and that one side cannot send back to the other."""
    return hmac.digest(key, role + b":" + text, "sha256")


def _encoded(request: OpenRequest) -> bytes:
    # ASCII JSON keeps names that are not UTF-8 (as lone surrogates).
    content = {"paths": [os.fspath(path) for path in request.paths], "activation_token": request.activation_token}
    return json.dumps(content).encode("ascii")


def _decoded(message: bytes) -> OpenRequest:
    """Return the request. Raises `ValueError`."""
    content = json.loads(message)
    try:
        return OpenRequest(tuple(Path(text) for text in content["paths"]), str(content["activation_token"]))
    except (KeyError, TypeError) as error:
        raise ValueError("not a request") from error


def _private_folder() -> Path:
    """Make a folder for the socket that nobody else can enter, with a short path. Raises `OSError`."""
    for parent in _socket_parents():
        if len(os.fsencode(parent)) + len("/catdog-12345678/window") <= _MAX_ADDRESS:
            with contextlib.suppress(OSError):
                return Path(tempfile.mkdtemp(prefix="catdog-", dir=parent))
    raise OSError("no folder for the socket")


def _socket_parents() -> list[str]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    private = [runtime] if runtime and _is_private(Path(runtime)) else []
    return [*private, tempfile.gettempdir(), "/tmp"]  # noqa: S108  new folders of mode 0700 in it


def _remove_stale_sockets() -> None:
    """Remove the sockets of the user's windows that were killed or that Qt has aborted, whatever their data folder."""
    for parent in set(_socket_parents()):
        with contextlib.suppress(OSError), os.scandir(parent) as entries:
            for entry in entries:
                if _SOCKET_FOLDER.fullmatch(entry.name):
                    with contextlib.suppress(OSError):
                        _remove_if_stale(Path(entry.path))


def _remove_if_stale(folder: Path) -> None:
    """Remove a folder that has only a socket that nobody listens to. Raises `OSError`."""
    if not _is_private(folder) or os.listdir(folder) != [_SOCKET_NAME]:
        return
    place = folder / _SOCKET_NAME
    info = place.lstat()
    # A process that is just starting has made its socket and does not listen yet.
    if not stat.S_ISSOCK(info.st_mode) or time.time() - info.st_mtime < _STARTING_SECONDS:
        return
    with socket.socket(socket.AF_UNIX) as client:
        client.setblocking(False)
        if client.connect_ex(os.fspath(place)) == errno.ECONNREFUSED:
            place.unlink()
            folder.rmdir()


def _is_private(folder: Path) -> bool:
    """Whether a folder is the user's own and closed to others."""
    try:
        info = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid() and not info.st_mode & 0o077


def _remove_left_socket(folder: Path) -> None:
    """Remove the socket that the process of the last address has left, if it was killed."""
    address = _Address.read(folder)
    if address is None or sys.platform == "win32":
        return
    socket_folder = Path(address.place).parent
    with contextlib.suppress(OSError):
        if socket_folder.name.startswith("catdog-") and stat.S_ISSOCK(Path(address.place).lstat().st_mode):
            Path(address.place).unlink()
            socket_folder.rmdir()
