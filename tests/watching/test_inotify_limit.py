"""A real limit of inotify watches, in a user namespace: photos in folders without a watch are found, and it is said."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop.watching.inotify_limit import inotify_is_exhausted, inotify_limit

PROGRAM = """
import io, json, sys, time
from pathlib import Path
from PIL import Image
from catdog_desktop.watching import folder_watch
from catdog_desktop.watching.arrivals import Arrivals

folder_watch._NETWORK_SECONDS, folder_watch._ROOTS_SECONDS, folder_watch.TICK_SECONDS = 0.3, 0.1, 0.02
top, later = Path(sys.argv[1]), int(sys.argv[2])
buffer = io.BytesIO()
Image.new("RGB", (64, 48)).save(buffer, "JPEG")
watch = folder_watch.FolderWatch([top], arrivals=Arrivals(settle_seconds=0.05))
photos, sentences = [], []

def until(condition):
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        news = watch.take(0.1)
        photos.extend(str(photo.relative_to(top)) for photo in news.photos)
        sentences.extend(news.sentences)

until(lambda: bool(watch.folders))
for number in range(later):
    (top / f"new {number}").mkdir()
until(lambda: bool(sentences))
polls = watch.polls
wanted = [top / "0" / "a.jpg", top / "19" / "deep" / "b.jpg"]
wanted += [top / f"new {number}" / "c.jpg" for number in range(later)]
for path in wanted:
    path.write_bytes(buffer.getvalue())
until(lambda: len(photos) >= len(wanted))
(top / "20").mkdir()
watch.take(1.0)
watch.close()
print(json.dumps({"photos": sorted(photos), "sentences": sentences, "polls": polls}))
"""


def run_with_limit(watches: int, program: str, *arguments: object) -> Any:
    """Run a program in a user namespace that may have so many inotify watches; return what it prints as JSON."""
    # That of the namespace: fs.inotify.max_user_watches would change it for the whole computer.
    script = 'echo "$0" > /proc/sys/user/max_inotify_watches && exec "$@"'
    command = ["unshare", "-Ur", "sh", "-c", script, str(watches), sys.executable, "-c", program]
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, timeout=170)
    if "unshare" in done.stderr or "max_inotify_watches" in done.stderr:
        pytest.skip(f"no user namespace with a limit of its own: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is of Linux")


def test_inotify_limit_is_read_and_not_reached_here(tmp_path: Path) -> None:
    assert (inotify_limit() or 0) > 1000
    assert not inotify_is_exhausted(tmp_path)


@pytest.mark.parametrize(("watches", "later"), [(5, 0), (45, 6)], ids=["at the start", "by new folders"])
def test_watch_beyond_inotify_limit_finds_photos_and_reports_it_once(tmp_path: Path, watches: int, later: int) -> None:
    for number in range(20):
        (tmp_path / str(number) / "deep").mkdir(parents=True)
    found = run_with_limit(watches, PROGRAM, tmp_path, later)
    assert found["photos"] == sorted(["0/a.jpg", "19/deep/b.jpg", *(f"new {number}/c.jpg" for number in range(later))])
    assert found["polls"]
    (sentence,) = found["sentences"]
    assert f"than the system can watch ({watches})" in sentence
    assert "sudo sysctl fs.inotify.max_user_watches=524288" in sentence


def test_watch_within_inotify_limit_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    program = """
import json, sys
from pathlib import Path
from catdog_desktop.watching.folder_watch import FolderWatch
with FolderWatch([Path(sys.argv[1])]) as watch:
    news = watch.take(0.5)
    print(json.dumps([watch.polls, news.sentences]))
"""
    assert run_with_limit(5, program, tmp_path) == [False, []]
