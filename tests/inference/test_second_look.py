"""The second look: which parts of a photo are classified, and how their scores are joined."""

import itertools
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import open_package_photo

from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.model_file import ModelError, ModelFile, check_description
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.inference.second_look import QUARTERS, Fusion, SecondAnimal, SecondLook, halves, peaks, strips
from catdog_desktop.verdict import Scores

RULE = SecondLook(
    nothing=0.15,
    sure=0.55,
    peak=2.0,
    crops=2,
    thorough_crops=2,
    crop=0.4,
    panorama=3.0,
    fusion=Fusion(0.5, 1.0, -1.0),
    panorama_fusion=Fusion(0.3, 1.0, -2.0),
    thorough_fusion=Fusion(0.2, 1.0, -3.0),
)
SQUARE = (800, 600)


def maps_with_peak(row: int, column: int, *, heat: float = 1.0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return heat maps of 9 x 9 cells that are cold but for 3 x 3 cells of the cat's map."""
    maps = np.zeros((9, 9, 2), np.uint8)
    maps[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2, 0] = round(255 * heat)
    return maps


@pytest.mark.parametrize(
    ("scores", "heat", "looked"),
    [
        (Scores(0.01, 0.01), 0.0, 0),
        (Scores(0.01, 0.01), 0.5, 0),
        (Scores(0.01, 0.01), 1.0, 1),
        (Scores(0.3, 0.01), 0.0, 2),
        (Scores(0.9, 0.01), 1.0, 0),
        (Scores(0.9, 0.3), 1.0, 2),
    ],
    ids=["nothing, cold", "nothing, warm", "nothing, hot", "unsure", "sure", "sure of one, unsure of the other"],
)
def test_choose_default_looks_where_unsure_or_hot(scores: Scores, heat: float, looked: int) -> None:
    parts, fusion = RULE.choose(scores, maps_with_peak(4, 4, heat=heat), SQUARE)
    assert len(parts) == looked
    assert fusion is RULE.fusion


def test_choose_without_maps_looks_nowhere() -> None:
    assert RULE.choose(Scores(0.3, 0.0), None, SQUARE)[0] == []


def test_choose_thorough_looks_at_quarters_and_peaks_unless_sure() -> None:
    parts, fusion = RULE.choose(Scores(0.01, 0.01), maps_with_peak(4, 4, heat=0), SQUARE, thorough=True)
    assert parts[:4] == QUARTERS
    assert len(parts) == 4 + RULE.crops
    assert fusion is RULE.thorough_fusion
    assert RULE.choose(Scores(0.01, 0.01), None, SQUARE, thorough=True)[0] == QUARTERS
    assert RULE.choose(Scores(0.99, 0.01), maps_with_peak(4, 4), SQUARE, thorough=True)[0] == []


@pytest.mark.parametrize("size", [(3000, 1000), (1000, 3000), (5000, 999)])
@pytest.mark.parametrize("thorough", [False, True])
def test_choose_panorama_looks_at_strips_even_if_sure(size: tuple[int, int], thorough: bool) -> None:
    parts, fusion = RULE.choose(Scores(0.99, 0.01), maps_with_peak(4, 4), size, thorough=thorough)
    assert parts == strips(size)
    assert fusion is RULE.panorama_fusion


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (800, 100), (100, 101)])
def test_strips_cover_the_photo_and_overlap_by_half(size: tuple[int, int]) -> None:
    along = 0 if size[0] >= size[1] else 1
    spans = [(part[along], part[along + 2]) for part in strips(size)]
    assert spans[0][0] == 0.0
    assert spans[-1][1] == pytest.approx(1.0)
    length = spans[0][1] - spans[0][0]
    for (start, _), (following, _) in itertools.pairwise(spans):
        assert 0 < following - start <= length / 2 + 1e-9
    assert all((part[1 - along], part[3 - along]) == (0.0, 1.0) for part in strips(size))


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 8), (4, 4), (8, 3)])
def test_peaks_part_contains_the_peak_and_lies_inside(row: int, column: int) -> None:
    [((left, top, right, bottom), heat)] = peaks(maps_with_peak(row, column), 0.4, 1)
    assert 0 <= left < right <= 1 + 1e-9
    assert 0 <= top < bottom <= 1 + 1e-9
    assert right - left == pytest.approx(0.4)
    assert left <= (column + 0.5) / 9 <= right
    assert top <= (row + 0.5) / 9 <= bottom
    assert heat > 0.6


def test_peaks_second_part_is_at_the_second_peak() -> None:
    maps = np.maximum(maps_with_peak(1, 1), maps_with_peak(7, 7, heat=0.8))
    (first, heat), (second, less) = peaks(maps, 0.4, 2)
    assert first[0] < 0.3 < second[0]
    assert heat > less > 0.5


def test_fusion_rises_with_whole_and_best_part() -> None:
    fusion = Fusion(0.5, 1.0, -1.0)
    assert fusion.join(0.1, [0.2, 0.99]) > fusion.join(0.1, [0.2, 0.9]) > fusion.join(0.01, [0.2, 0.9])
    assert fusion.join(0.1, [0.99, 0.2]) == fusion.join(0.1, [0.2, 0.99])
    assert fusion.join(0.5, [0.5]) == pytest.approx(1 / (1 + np.e))
    assert 0 < fusion.join(0.0, [0.0]) < fusion.join(1.0, [1.0]) < 1


def test_fuse_keeps_a_pet_that_the_whole_photo_shows() -> None:
    fused = RULE.fuse(Scores(0.9, 0.3), [Scores(0.0, 0.0)], RULE.fusion)
    assert fused.cat == 0.9
    assert fused.dog < 0.01


@pytest.mark.parametrize(
    ("whole", "part", "fused"),
    [(0.1, 0.3, 0.1), (0.1, 0.54, 0.1), (0.1, 0.56, 0.56), (0.2, 0.3, 0.3), (0.2, 0.01, 0.01)],
    ids=["found nothing", "unsure", "found", "unsure before", "no longer unsure"],
)
def test_fuse_of_a_photo_that_shows_nothing_counts_only_a_sure_pet(whole: float, part: float, fused: float) -> None:
    best_part = Fusion(0.0, 1.0, 0.0)
    scores = RULE.fuse(Scores(whole, 0.0), [Scores(part, 0.0), Scores(0.0, 0.0)], best_part)
    assert scores.cat == pytest.approx(fused)
    assert scores.dog == 0.0


@pytest.mark.parametrize(
    ("parts", "fused"),
    [
        ([Scores(0.7, 0.5)], Scores(0.9, 0.2)),
        ([Scores(0.5, 0.7)], Scores(0.2, 0.9)),
        ([Scores(0.7, 0.0), Scores(0.0, 0.6)], Scores(0.9, 0.8)),
    ],
    ids=["a cat", "a dog", "both"],
)
def test_fuse_second_animal_needs_a_part_that_shows_it(parts: list[Scores], fused: Scores) -> None:
    raised = Fusion(0.0, 1.0, 1.35)
    scores = RULE.fuse(Scores(0.2, 0.2), parts, raised)
    assert (scores.cat, scores.dog) == pytest.approx((fused.cat, fused.dog), abs=0.06)


BESIDE = SecondAnimal(least=0.05, most=0.8, fusion=Fusion(0.5, 0.5, -1.0))
PAIRED = replace(RULE, second_animal=BESIDE)


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize(
    ("scores", "size", "looked"),
    [
        (Scores(0.9, 0.1), (800, 600), [(0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)]),
        (Scores(0.1, 0.9), (600, 800), [(0.0, 0.0, 1.0, 0.5), (0.0, 0.5, 1.0, 1.0)]),
        (Scores(0.9, 0.04), (800, 600), []),
        (Scores(0.9, 0.6), (800, 600), []),
        (Scores(0.7, 0.1), (800, 600), []),
    ],
    ids=["wide", "tall", "surely one", "surely both", "first not sure enough"],
)
def test_choose_looks_at_halves_where_a_second_animal_is_possible(
    scores: Scores, size: tuple[int, int], looked: list[tuple[float, ...]], thorough: bool
) -> None:
    parts, rule = PAIRED.choose(scores, maps_with_peak(4, 4), size, thorough=thorough)
    assert parts == looked
    assert (rule is BESIDE) == bool(looked)


def test_choose_without_a_sure_animal_looks_for_no_second_one() -> None:
    parts, rule = PAIRED.choose(Scores(0.3, 0.2), maps_with_peak(4, 4), SQUARE)
    assert parts != halves(SQUARE)
    assert rule is PAIRED.fusion


def test_fuse_second_animal_counts_its_best_half_and_keeps_the_first() -> None:
    alone = PAIRED.fuse(Scores(0.95, 0.1), [Scores(0.9, 0.1), Scores(0.1, 0.99)], BESIDE)
    doubtful = PAIRED.fuse(Scores(0.95, 0.1), [Scores(0.9, 0.1), Scores(0.9, 0.1)], BESIDE)
    assert alone.cat == doubtful.cat == 0.95
    assert alone.dog > 0.4 > 0.1 > doubtful.dog
    mirrored = PAIRED.fuse(Scores(0.1, 0.95), [Scores(0.1, 0.9), Scores(0.99, 0.1)], BESIDE)
    assert (mirrored.cat, mirrored.dog) == (alone.dog, alone.cat)


def test_description_of_a_second_animal_is_read_and_checked(model_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(model_folder, tmp_path / "model")
    description = json.loads((tmp_path / "model" / "model.json").read_text())
    for rule in (asdict(PAIRED), asdict(replace(PAIRED, second_animal=None))):
        (tmp_path / "model" / "model.json").write_text(json.dumps({**description, "second_look": rule}))
        assert asdict(check_description(tmp_path / "model").second_look) == rule  # type: ignore[call-overload]
    wrong = asdict(PAIRED)
    for second in ({**asdict(BESIDE), "least": 0.0}, {**asdict(BESIDE), "most": 0.5}, {"least": 0.1}, 3):
        (tmp_path / "model" / "model.json").write_text(
            json.dumps({**description, "second_look": wrong | {"second_animal": second}})
        )
        with pytest.raises(ModelError):
            check_description(tmp_path / "model")


def test_description_gives_the_rule_and_changes_the_identity(model_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(model_folder, tmp_path / "model")
    description = json.loads((tmp_path / "model" / "model.json").read_text())

    def described(**rule: Any) -> ModelFile:
        (tmp_path / "model" / "model.json").write_text(json.dumps({**description, **rule}))
        return check_description(tmp_path / "model")

    plain, closer = described(second_look=None), described(second_look=asdict(RULE))
    assert plain.second_look is None
    assert closer.second_look == RULE
    identities = {plain.identity, closer.identity, replace(closer, thorough=True).identity}
    assert len(identities) == 3
    assert replace(plain, thorough=True).identity == plain.identity
    other = asdict(RULE) | {"peak": 0.7}
    assert described(second_look=other).identity not in identities


@pytest.mark.parametrize(
    "wrong",
    [
        {"peak": 21},
        {"peak": "high"},
        {"crops": 0},
        {"crop": 1.5},
        {"nothing": 0.9},
        {"fusion": {"whole": 1, "part": 1}},
        {"fusion": {"whole": 1, "part": 1, "bias": float("nan")}},
        {"fusion": 3},
    ],
)
def test_description_invalid_rule_raises(wrong: dict[str, Any], model_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(model_folder, tmp_path / "model")
    description = json.loads((tmp_path / "model" / "model.json").read_text())
    description["second_look"] = asdict(RULE) | wrong
    (tmp_path / "model" / "model.json").write_text(json.dumps(description))
    with pytest.raises(ModelError):
        check_description(tmp_path / "model")


@pytest.fixture
def small_cat(tmp_path: Path) -> Path:
    """A scene in which a cat covers a fiftieth of the area."""
    scene = open_package_photo("coffee").resize((1200, 900))
    scene.paste(open_package_photo("chelsea").resize((180, 135)), (800, 600))
    scene.save(tmp_path / "scene.png")
    return tmp_path / "scene.png"


@pytest.mark.parametrize("thorough", [False, True])
def test_classify_photo_small_cat_is_found_by_looking_closer(thorough: bool, small_cat: Path, model: ModelFile) -> None:
    best_part = Fusion(0.0, 1.0, 0.0)
    rule = replace(RULE, nothing=0.0, sure=1.0, fusion=best_part, thorough_fusion=best_part)
    plain = replace(model, second_look=None)
    closer = replace(model, second_look=rule, thorough=thorough)
    classifier = Classifier(plain)
    before = classify_photo(small_cat, classifier, plain)
    after = classify_photo(small_cat, classifier, closer)
    assert before.scores is not None
    assert after.scores is not None
    assert (before.looked_closer, after.looked_closer) == (False, True)
    assert after.scores.cat > before.scores.cat + 0.1


def test_classify_photo_that_vanishes_before_the_second_look_keeps_its_scores(
    small_cat: Path, model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = Classifier(model)
    classify = classifier.classify
    seen = []

    def classify_and_delete(pixels: Any) -> Any:
        small_cat.unlink(missing_ok=True)
        seen.append(classify(pixels))
        return seen[-1]

    monkeypatch.setattr(classifier, "classify", classify_and_delete)
    rule = replace(RULE, panorama=1.5, nothing=0.0, sure=1.0)
    small_cat = small_cat.rename(small_cat.with_name("other.png"))
    result = classify_photo(small_cat, classifier, replace(model, second_look=rule, thorough=True))
    assert len(seen) == 1
    assert result.scores == seen[0].scores
    assert not result.looked_closer
