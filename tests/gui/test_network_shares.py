"""The window with a network share that does not answer: photos elsewhere are classified, and it says what is wrong."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocked_share import BlockedShare
from driving import App, files

from catdog_desktop.files.drive_calls import drive_is_silent
from catdog_desktop.gallery.photo_row import State
from catdog_desktop.verdict import Verdict

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="network drives by mount points")


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockedShare]:
    made = BlockedShare(tmp_path / "my share", monkeypatch, answer_seconds=2.0)
    yield made
    made.unblock()


def test_silent_share_costs_a_sentence_and_its_photos_can_be_read_later(
    app: App, share: BlockedShare, cat: Path, jpegs: dict[str, bytes]
) -> None:
    photo = share.folder / "there.jpg"
    photo.write_bytes(jpegs["chelsea"])
    share.block()
    app.drop(files([photo, cat]))
    app.wait_for(lambda: app.window.session.gallery.row_of(cat) and app.row(cat).state is State.DONE)
    app.wait_for(lambda: app.window.session.gallery.row_of(photo) and app.row(photo).state is State.FAILED)
    assert "its drive does not answer" in app.heard(photo)
    share.unblock()
    app.wait_for(lambda: not app.window.session.busy)
    # Until a call that waited has returned, the drive is not asked again.
    app.wait_for(lambda: not drive_is_silent(photo))
    app.window.session.rescan(everything=False)
    app.wait_for(lambda: app.row(photo).state is State.DONE)
    assert app.row(photo).verdict is Verdict.CAT
