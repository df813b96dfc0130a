"""Files that a sandboxed program drops or copies: the portal of the desktop hands them over for a key."""

from pathlib import Path

from catdog_desktop.gui.desktop.notifications import has_bus
from catdog_desktop.messages import _


def files_of_key(key: str) -> tuple[Path, ...]:
    """Return the files that the portal has for `key`; none if there is no portal, or if the key is unknown to it.

    Blocks for at most two seconds. See org.freedesktop.portal.FileTransfer.
    """
    if not has_bus():
        return ()
    from catdog_desktop.gui.desktop.session_bus import SessionBus

    bus = SessionBus("file portal")
    try:
        answer = bus.ask(
            "org.freedesktop.portal.Documents",
            "/org/freedesktop/portal/documents",
            "org.freedesktop.portal.FileTransfer",
            "RetrieveFiles",
            key,
            {},
        )
    finally:
        bus.close()
    names = answer[0] if answer and isinstance(answer[0], list) else []
    return tuple(Path(name) for name in names if isinstance(name, str) and name.startswith("/"))


def portal_refusal() -> str:
    """Return the sentence for files that the portal did not hand over."""
    return _("The other program did not hand over its files. Use File > Open photos… instead.")
