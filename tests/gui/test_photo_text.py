"""Text about one photo: verdict, description, tooltip."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from driving import scored

from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.photo_text import describe_row, row_phrase, row_word, size_and_date, tooltip
from catdog_desktop.verdict import Result, Thresholds, Verdict

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)


@pytest.fixture
def row() -> Row:
    return Row(Path("/photos/a.jpg"), 0)


def test_describe_row_has_name_verdict_and_scores(row: Row) -> None:
    assert describe_row(row) == "a.jpg: waiting"
    row.apply_result(scored(row.path, 0.997, 0.002), THRESHOLDS, 0)
    assert describe_row(row) == "a.jpg: a cat (cat >99%, dog <1%)"
    row.apply_result(Result(row.path, error="is no longer there"), Thresholds(), 0)
    assert describe_row(row) == "a.jpg: This file is no longer there."


def test_tooltip_has_path_all_digits_size_and_date(row: Row) -> None:
    row.apply_result(scored(row.path, 0.997, 0.002, day=12), THRESHOLDS, 0)
    assert tooltip(row) == "/photos/a.jpg\nCat 99.70%, dog 0.20%: a cat\n640 × 480 · 12 May 2024"


@pytest.mark.parametrize(
    ("cat", "dog", "word", "phrase"),
    [
        (0.9, 0.1, "cat", "a cat"),
        (0.1, 0.9, "dog", "a dog"),
        (0.9, 0.9, "both", "a cat and a dog"),
        (0.1, 0.1, "neither", "neither a cat nor a dog"),
        (0.99, 0.45, "cat?", "a cat, maybe a dog too"),
        (0.45, 0.99, "dog?", "a dog, maybe a cat too"),
        (0.5, 0.1, "cat?", "maybe a cat"),
        (0.1, 0.5, "dog?", "maybe a dog"),
        (0.5, 0.5, "unsure", "maybe a cat, maybe a dog"),
    ],
)
def test_verdict_of_scores_in_words(row: Row, cat: float, dog: float, word: str, phrase: str) -> None:
    row.apply_result(scored(row.path, cat, dog), THRESHOLDS, 0)
    assert (row_word(row), row_phrase(row)) == (word, phrase)


def test_unsure_verdict_of_exclusive_model_names_both_animals(row: Row) -> None:
    row.apply_result(scored(row.path, 0.3, 0.3), Thresholds(0.5, 0.5, 0.1, exclusive=True), 0)
    assert row.verdict is Verdict.UNSURE
    assert (row_word(row), row_phrase(row)) == ("unsure", "a cat or a dog")


def test_unsure_words_follow_other_thresholds(row: Row) -> None:
    row.apply_result(scored(row.path, 0.99, 0.45), THRESHOLDS, 0)
    row.judge(Thresholds(0.95, 0.45, 0.1))
    assert row_phrase(row) == "maybe a cat, maybe a dog"


def test_row_word_without_verdict_is_the_state(row: Row) -> None:
    assert row_word(row) == "waiting"
    row.state = State.STOPPED
    assert row_word(row) == "stopped"
    row.apply_result(Result(row.path, error="is no longer there"), Thresholds(), 0)
    assert row_word(row) == "problem"


def test_correction_comes_before_the_scores(row: Row) -> None:
    row.apply_result(replace(scored(row.path, 0.5, 0.1), correction=Verdict.DOG), THRESHOLDS, 0.0)
    assert (row_word(row), row_phrase(row)) == ("dog", "a dog")
    assert describe_row(row) == "a.jpg: a dog, yours (cat 50%, dog 10%)"
    assert tooltip(row).endswith("The verdict is yours. Backspace clears it.")
    row.apply_result(Result(row.path, error="is no longer there", correction=Verdict.CAT), Thresholds(), 0.0)
    assert describe_row(row) == "a.jpg: This file is no longer there. The verdict is yours: a cat."
    assert row_word(row) == "cat"


def test_duplicates_are_named(row: Row) -> None:
    row.apply_result(scored(row.path, 0.9, 0.1), Thresholds(), 0.0)
    row.duplicate_group = 1
    assert describe_row(row).endswith("; has duplicates")
    others = [Path("/photos/b.jpg"), Path("/old/c.jpg")]
    assert tooltip(row, others[:1]).endswith("Duplicate of b.jpg.")
    assert tooltip(row, others).endswith("Duplicate of b.jpg and 1 more.")


def test_size_and_date() -> None:
    info = PhotoInfo(3024, 4032, datetime(2024, 5, 12), date_source=DateSource.FILE_NAME)
    assert size_and_date(info) == "3024 × 4032 · 12 May 2024, from the file name"
    assert size_and_date(replace(info, date_source=DateSource.TAKEN)) == "3024 × 4032 · taken 12 May 2024"
    assert size_and_date(PhotoInfo(3024, 4032)) == "3024 × 4032"
