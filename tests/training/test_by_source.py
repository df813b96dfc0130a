import numpy as np
import pytest

from catdog_desktop.evaluating.evaluation import Proportion
from catdog_desktop.training.by_source import Judged, as_json, at_passing_score, group_of, summary
from catdog_desktop.training.calibration import Limits
from catdog_desktop.training.photo_folder import Photo

LIMITS = Limits(0.5, 0.5, 0.125)


@pytest.fixture
def judged(tmp_path):
    rows = [
        ("hlb-cat-00000001.jpg", "cat", (0.9, 0.1)),
        ("hlb-cat-00000002.jpg", "cat", (0.1, 0.9)),
        ("hlb-dog-00000003.jpg", "dog", (0.1, 0.2)),
        ("pacs-dog-00000004.jpg", "dog", (0.1, 0.45)),
        ("hlb-rabbit-00000005.jpg", "neither", (0.7, 0.1)),
        ("hlb-rabbit-00000006.jpg", "neither", (0.1, 0.1)),
        ("camvid-street-00000007.jpg", "neither", (0.45, 0.1)),
        ("houses-house-00000008.jpg", "neither", (0.0, 0.0)),
    ]
    return Judged(
        [Photo(tmp_path / name, label) for name, label, _ in rows], np.array([scores for *_, scores in rows]), LIMITS
    )


def test_judged_figures_count_verdicts_by_truth(judged):
    assert judged.figures() == {
        "called_pet": Proportion(1, 4),
        "unsure_of_neither": Proportion(1, 4),
        "pets_right": Proportion(1, 4),
        "pets_missed": Proportion(1, 4),
        "pets_wrong": Proportion(1, 4),
        "unsure_of_pets": Proportion(1, 4),
        "forced": Proportion(3, 4),
    }


def test_judged_figures_of_a_source_leave_out_what_it_has_no_photos_for(judged):
    of_sources = judged.by([photo.origin.source for photo in judged.photos])
    assert set(of_sources) == {"hlb", "pacs", "camvid", "houses"}
    assert of_sources["pacs"] == {
        "pets_right": Proportion(0, 1),
        "pets_missed": Proportion(0, 1),
        "pets_wrong": Proportion(0, 1),
        "unsure_of_pets": Proportion(1, 1),
        "forced": Proportion(1, 1),
    }
    assert of_sources["houses"] == {"called_pet": Proportion(0, 1), "unsure_of_neither": Proportion(0, 1)}


@pytest.mark.parametrize(
    ("name", "label", "group"),
    [
        ("hlb-cat-00000001.jpg", "cat", "pets"),
        ("camvid-street-00000001.jpg", "neither", "everyday"),
        ("pacs-person-00000001.jpg", "neither", "everyday"),
        ("pacs-house-00000001.jpg", "neither", "rooms"),
        ("pacs-horse-00000001.jpg", "neither", "animals"),
    ],
)
def test_group_of_photo_follows_source_and_kind(tmp_path, name, label, group):
    assert group_of(Photo(tmp_path / name, label)) == group


def test_passing_score_counts_the_photos_without_a_pet_above_it(judged):
    score, passing = at_passing_score(judged)
    assert 0.2 < score < 0.3  # between the lowest of the four pets and the next
    assert passing == {"everyday": Proportion(1, 1), "rooms": Proportion(0, 1), "animals": Proportion(1, 2)}


def test_passing_score_without_pets_is_an_error(judged):
    others = Judged(judged.photos[4:], judged.scores[4:], LIMITS)
    with pytest.raises(ValueError, match="no pets"):
        at_passing_score(others)


@pytest.mark.parametrize(("figure", "worst"), [("called_pet", "b"), ("pets_right", "a")])
def test_summary_names_the_worst_large_source(figure, worst):
    of_sources = {
        "a": {figure: Proportion(10, 100)},
        "b": {figure: Proportion(30, 100)},
        "small": {figure: Proportion(0 if figure == "pets_right" else 10, 10)},
        "none": {},
    }
    found = summary(of_sources, figure)
    assert found["worst"]["source"] == worst
    assert found["sources"] == 2  # the small one is only in the pooled figure
    assert found["mean_of_sources"] == pytest.approx(0.2)
    assert found["pooled"]["of"] == 210


def test_summary_without_photos_is_empty():
    assert summary({"a": {}}, "called_pet") == {}


def test_as_json_gives_the_wilson_interval():
    share = as_json(Proportion(0, 100))
    assert (share["count"], share["of"], share["share"]) == (0, 100, 0.0)
    assert share["interval"] == [0.0, pytest.approx(0.037, abs=0.001)]
