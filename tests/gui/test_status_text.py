"""Texts of the status line."""

from pathlib import Path

import pytest

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.formatting import displayable
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.status_text import (
    describe_job_end,
    describe_progress,
    describe_skipped,
)
from catdog_desktop.progress import Progress


@pytest.mark.parametrize(
    ("progress", "finding", "text"),
    [
        (Progress(1204, 3000, 58), False, "1,204 of 3,000 · 58 photos/s · 31 s left"),
        (Progress(5, 3000), False, "5 of 3,000"),
        (Progress(5, 3000, 20), True, "5 of 3,000 so far · 20 photos/s"),
        (Progress(0, 3000, 0.3), False, "0 of 3,000 · 0.3 photos/s · 2 h 47 min left"),
        (Progress(0, 3000, 2), False, "0 of 3,000 · 2.0 photos/s · 25 min left"),
        (Progress(2999, 3000, 58), False, "2,999 of 3,000 · 58 photos/s"),
    ],
)
def test_describe_progress_names_photos_rate_and_time(progress: Progress, finding: bool, text: str) -> None:
    assert describe_progress(progress, finding=finding) == text


def test_describe_skipped_counts_by_reason() -> None:
    path = Path("/photos/x")
    skipped = [Skipped(path, SkipReason.SYSTEM_FILE)] * 2 + [Skipped(path, SkipReason.NOT_A_PHOTO)]
    assert describe_skipped(skipped) == "Skipped: 2 system files, 1 file that is not a photo."
    assert describe_skipped([]) == ""
    for reason in SkipReason:
        assert describe_skipped([Skipped(path, reason)]).startswith("Skipped: 1 ")


def test_texts_do_not_call_score_accuracy_or_confidence() -> None:
    source = Path(__file__).resolve().parents[2] / "catdog_desktop" / "gui"
    for name in (
        "status_text.py",
        "photo_text.py",
        "gallery/card.py",
        "widgets/score_bars.py",
        "viewer/preview.py",
        "filters/filter_bar.py",
    ):
        text = (source / name).read_text(encoding="utf-8").lower()
        assert "accuracy" not in text
        assert "confidence" not in text


def test_displayable_replaces_invalid_bytes() -> None:
    assert displayable("a\udcff.jpg") == "a?.jpg"


@pytest.mark.parametrize(
    ("done", "known", "words"),
    [
        (1204, 0, "1,204 photos classified."),
        (1204, 1200, "4 photos classified. 1,200 were classified before."),
        (1204, 1204, "1,204 photos, all classified before."),
        (1, 1, "1 photo, classified before."),
    ],
)
def test_describe_job_end_counts_new_and_known_photos(done: int, known: int, words: str) -> None:
    ended = JobProgress(Progress(done, done), known=known, busy=False)
    assert describe_job_end(ended, [], 0) == (words, {})
