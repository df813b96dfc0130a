"""The sentences: short, plain, and the same wherever they are said."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from driving import scored

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.status_text import (
    describe_job_end,
    describe_nothing,
    describe_progress,
    describe_row,
    describe_skipped,
    size_and_date,
    state_word,
    tooltip,
)
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Result, Thresholds, Verdict


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


def test_left_out_is_counted_by_kind() -> None:
    path = Path("/photos/x")
    given = [Skipped(path, SkipReason.SYSTEM_FILE)] * 2 + [Skipped(path, SkipReason.NOT_A_PHOTO)]
    assert describe_skipped(given) == "Skipped: 2 system files, 1 file that is not a photo."
    assert describe_skipped([]) == ""
    for reason in SkipReason:
        assert describe_skipped([Skipped(path, reason)]).startswith("Skipped: 1 ")


def test_a_row_in_words() -> None:
    row = Row(Path("/photos/a.jpg"), 0)
    assert describe_row(row) == "a.jpg: waiting"
    row.apply_result(scored(row.path, 0.997, 0.002, day=12), Thresholds(0.5, 0.5, 0.1), 0)
    assert describe_row(row) == "a.jpg: a cat (cat >99%, dog <1%)"
    assert tooltip(row) == "/photos/a.jpg\nCat 99.70%, dog 0.20%: cat\n640 × 480 · 12 May 2024"
    row.apply_result(Result(row.path, error="is no longer there"), Thresholds(), 0)
    assert describe_row(row) == "a.jpg is no longer there."


@pytest.mark.parametrize(
    ("cat", "dog", "word"),
    [(0.9, 0.1, "cat"), (0.1, 0.9, "dog"), (0.9, 0.9, "both"), (0.1, 0.1, "neither"), (0.5, 0.1, "unsure")],
)
def test_the_one_word_on_a_card(cat: float, dog: float, word: str) -> None:
    row = Row(Path("/photos/a.jpg"), 0)
    assert state_word(row) == "waiting"
    row.state = State.STOPPED
    assert state_word(row) == "stopped"
    row.apply_result(scored(row.path, cat, dog), Thresholds(0.5, 0.5, 0.1), 0)
    assert state_word(row) == word
    row.apply_result(Result(row.path, error="is no longer there"), Thresholds(), 0)
    assert state_word(row) == "problem"


def test_a_score_is_never_called_accuracy_or_confidence() -> None:
    source = Path(__file__).resolve().parents[2] / "catdog_desktop" / "gui"
    for name in (
        "status_text.py",
        "gallery/card.py",
        "widgets/score_bars.py",
        "viewer/preview.py",
        "filters/filter_bar.py",
    ):
        text = (source / name).read_text(encoding="utf-8").lower()
        assert "accuracy" not in text
        assert "confidence" not in text


def test_size_and_date() -> None:
    assert size_and_date(3024, 4032, datetime(2024, 5, 12)) == "3024 × 4032 · 12 May 2024"
    assert size_and_date(3024, 4032, None) == "3024 × 4032"


def test_what_the_user_said_stands_first() -> None:
    row = Row(Path("/photos/a.jpg"), 0)
    row.apply_result(replace(scored(row.path, 0.9, 0.1), correction=Verdict.DOG), Thresholds(), 0.0)
    assert describe_row(row) == "a.jpg: a dog, you say (cat 90%, dog 10%)"
    assert tooltip(row).endswith("The verdict is your own; Backspace takes it back.")
    row.apply_result(Result(row.path, error="is no longer there", correction=Verdict.CAT), Thresholds(), 0.0)
    assert describe_row(row) == "a.jpg is no longer there: a cat, you say."
    assert state_word(row) == "cat"


def test_equal_photos_are_named() -> None:
    row = Row(Path("/photos/a.jpg"), 0)
    row.apply_result(scored(row.path, 0.9, 0.1), Thresholds(), 0.0)
    row.duplicate_group = 1
    assert describe_row(row).endswith("; there is an equal photo")
    others = [Path("/photos/b.jpg"), Path("/old/c.jpg")]
    assert tooltip(row, others[:1]).endswith("Same photo as b.jpg.")
    assert tooltip(row, others).endswith("Same photo as b.jpg and 1 more.")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(search="x"), "No photo passes search and filters. Ctrl+0 shows all again."),
        (Query(Filter.TO_CHECK, secondary=SecondaryFilter(Path("/a"))), "No photo passes search and filters."),
        (Query(Filter.TO_CHECK), "Nothing is left to check."),
        (Query(Filter.BOTH), "There is none of these."),
    ],
)
def test_a_gallery_without_photos_says_what_to_do(query: Query, words: str) -> None:
    assert describe_nothing(query).startswith(words)


def test_names_that_are_no_text_can_be_shown() -> None:
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
def test_a_job_ends_with_what_was_new(done: int, known: int, words: str) -> None:
    ended = JobProgress(Progress(done, done), known=known, busy=False)
    assert describe_job_end(ended, [], 0) == (words, {})
