"""Calls on the D-Bus session bus of a Linux desktop, by Qt. Nothing goes to the network: the bus is a local socket."""

import os
from pathlib import Path
from typing import Final

from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage

_TIMEOUT_MS: Final = 2000


class SessionBus:
    """A connection of its own, so that services drop what they hold for it when it is closed. For any thread."""

    def __init__(self, name: str) -> None:
        """`name` identifies the connection within the app."""
        self._name = name
        self._connection: QDBusConnection | None = None

    def call(self, service: str, path: str, interface: str, method: str, *arguments: object) -> bool:
        """Call a method and wait for the answer, at most two seconds; return whether it succeeded."""
        return self.ask(service, path, interface, method, *arguments) is not None

    def ask(self, service: str, path: str, interface: str, method: str, *arguments: object) -> list[object] | None:
        """Call a method and return its answer, after at most two seconds; None if it failed."""
        connection = self._connect()
        if connection is None:
            return None
        message = QDBusMessage.createMethodCall(service, path, interface, method)
        message.setArguments(list(arguments))
        reply = connection.call(message, QDBus.CallMode.Block, _TIMEOUT_MS)
        return list(reply.arguments()) if reply.type() is QDBusMessage.MessageType.ReplyMessage else None

    def emit(self, path: str, interface: str, signal: str, *arguments: object) -> bool:
        """Send a signal; return whether there is a bus."""
        connection = self._connect()
        if connection is None:
            return False
        message = QDBusMessage.createSignal(path, interface, signal)
        message.setArguments(list(arguments))
        return bool(connection.send(message))

    def close(self) -> None:
        """Close the connection. Idempotent; the next call opens it again."""
        if self._connection is not None:
            self._connection = None
            QDBusConnection.disconnectFromBus(self._name)

    def _connect(self) -> QDBusConnection | None:
        if self._connection is None and _bus_exists():
            connection = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, self._name)
            self._connection = connection if connection.isConnected() else None
        return self._connection


def _bus_exists() -> bool:
    """Whether there is a bus. Without this check, Qt would start one."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or (bool(runtime) and Path(runtime, "bus").exists())
