"""What dragged or copied data would do in the window."""

import pytest
from PySide6.QtCore import QMimeData, QUrl

from catdog_desktop.gui.mime_parsing import describe_drop, parse_mime


@pytest.mark.parametrize(
    ("urls", "text", "accepted", "fragment"),
    [
        (["file:///a/1.jpg", "file:///a/2.HEIC"], "", True, "Drop to add 2 photos"),
        (["file:///a/Holiday"], "", True, "Drop to add 1 folder"),
        (["file:///a/Holiday", "file:///a/1.jpg"], "", True, "Drop to add 2 files and folders"),
        (["https://example.org/cat.jpg"], "", False, "never goes online"),
        ([], "https://example.org/cat.jpg", False, "never goes online"),
        ([], "my cat", False, "text, not a photo"),
        ([], "", False, "not a photo"),
    ],
)
def test_drop_is_described_and_accepted_or_refused(urls: list[str], text: str, accepted: bool, fragment: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    if text:
        mime.setText(text)
    assert describe_drop(mime)[0] is accepted
    assert fragment in describe_drop(mime)[1]
    assert bool(parse_mime(mime).refusal) is not accepted
