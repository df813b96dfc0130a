"""Measuring and fitting the second look: on records made by hand, and once from photos to the printed rule."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catdog_desktop.evaluating.second_look_trial import (
    Record,
    fit,
    judge,
    main,
    measure,
)
from catdog_desktop.inference.model_file import ModelFile, check_description
from catdog_desktop.inference.second_look import Fusion, SecondAnimal, SecondLook
from catdog_desktop.verdict import Scores, Thresholds, Verdict

LIMITS = Thresholds(0.35, 0.35, 0.2)
RULE = SecondLook(
    nothing=0.15,
    sure=0.55,
    peak=2.0,
    crops=2,
    thorough_crops=2,
    crop=0.35,
    panorama=3.0,
    fusion=Fusion(0.0, 1.0, 0.0),
    panorama_fusion=Fusion(0.0, 1.0, 0.0),
    thorough_fusion=Fusion(0.0, 1.0, 0.0),
)
NOTHING = Scores(0.01, 0.01)


def photo(
    kind: str, truth: str, whole: float, *, heat: float = -6.0, peak: float = 0.01, quarter: float = 0.01
) -> Record:
    """Return the record of a photo with these cat scores; the dog scores are low."""
    parts = (Scores(peak, 0.01), NOTHING)
    quarters = (Scores(quarter, 0.01), NOTHING, NOTHING, NOTHING)
    return Record(kind, truth, (640, 480), Scores(whole, 0.01), (heat, -6.0), parts, quarters, ())


@pytest.mark.parametrize(
    ("item", "default", "thorough"),
    [
        (photo("a", "cat", 0.9, heat=6.0), (Verdict.CAT, False), (Verdict.CAT, False)),
        (photo("a", "cat", 0.01, heat=6.0, peak=0.99), (Verdict.CAT, True), (Verdict.CAT, True)),
        (photo("a", "cat", 0.01, heat=0.3, peak=0.99), (Verdict.NEITHER, False), (Verdict.CAT, True)),
        (photo("a", "cat", 0.01, heat=0.3, quarter=0.99), (Verdict.NEITHER, False), (Verdict.CAT, True)),
        (photo("a", "cat", 0.3, peak=0.99), (Verdict.CAT, True), (Verdict.CAT, True)),
        (photo("a", "neither", 0.3), (Verdict.NEITHER, True), (Verdict.NEITHER, True)),
    ],
    ids=["sure", "hot", "warm", "in a quarter", "unsure", "unsure of nothing"],
)
def test_judge_by_mode(item: Record, default: tuple[Verdict, bool], thorough: tuple[Verdict, bool]) -> None:
    assert judge(item, RULE, LIMITS, "default") == default
    assert judge(item, RULE, LIMITS, "thorough") == thorough
    assert judge(item, RULE, LIMITS, "whole photo") == (LIMITS.judge(item.whole), False)


def test_judge_second_animal_by_the_halves() -> None:
    look = replace(RULE, second_animal=SecondAnimal(0.02, 0.9, Fusion(0.5, 1.0, -2.0)))
    halves = (Scores(0.99, 0.02), Scores(0.02, 0.99))
    item = Record("joined", "both", (640, 480), Scores(0.97, 0.1), (-6.0,), (NOTHING,), (NOTHING,) * 4, (), halves)
    assert judge(item, look, LIMITS, "default") == judge(item, look, LIMITS, "thorough") == (Verdict.BOTH, True)
    assert judge(item, RULE, LIMITS, "default") == (Verdict.CAT, False)


def test_judge_panorama_by_its_strips() -> None:
    item = Record("p", "cat", (3000, 900), NOTHING, (), (), (), (NOTHING, Scores(0.98, 0.01), NOTHING))
    assert judge(item, RULE, LIMITS, "default") == (Verdict.CAT, True)


def test_measure_counts_by_kind_and_mode() -> None:
    records = [
        photo("small pets", "cat", 0.01, heat=6.0, peak=0.99),
        photo("small pets", "cat", 0.01),
        photo("small things", "neither", 0.3, peak=0.3),
    ]
    figures = measure(records, RULE, LIMITS)
    assert figures["small pets"]["default"]["called a pet"].count == 1
    assert figures["small pets"]["default"]["looked closer"].count == 1
    assert figures["small pets"]["whole photo"]["called a pet"].count == 0
    assert figures["small things"]["default"]["unsure"].count == 1
    assert set(measure(records, None, LIMITS)["small pets"]) == {"whole photo"}


def made_records(number: int, seed: int) -> list[Record]:
    """Return records in which a high score of a part means a pet, and a middling one does not."""
    chance = np.random.default_rng(seed)
    records = []
    for _ in range(number):
        found = chance.random() < 0.85
        records.append(
            photo(
                "small pets",
                "cat",
                chance.uniform(0.0, 0.5),
                heat=chance.uniform(2.0, 6.0),
                peak=chance.uniform(0.97, 1.0) if found else chance.uniform(0.0, 0.5),
                quarter=chance.uniform(0.9, 1.0),
            )
        )
        for kind in ("small things", "other photos"):
            whole, peak, quarter = chance.uniform(0, [0.2, 0.9, 0.9])
            heat = chance.uniform(-6.0, 3.0)
            records.append(photo(kind, "neither", whole, heat=heat, peak=peak, quarter=quarter))
    return records


def test_fit_finds_pets_and_calls_few_other_photos_pets() -> None:
    look = fit(made_records(200, seed=1), LIMITS)
    assert (look.nothing, look.sure) == pytest.approx((0.15, 0.55))
    assert min(look.fusion.part, look.thorough_fusion.part) > 0
    figures = measure(made_records(200, seed=2), look, LIMITS)
    assert figures["small pets"]["default"]["called a pet"].value > 0.6
    assert figures["other photos"]["default"]["called a pet"].value < 0.03
    # Unsure photos are always looked at, the others by their heat: about as many as asked for.
    assert figures["other photos"]["default"]["looked closer"].value < 0.45


def test_fit_of_a_model_that_is_never_unsure_looks_near_its_threshold() -> None:
    look = fit(made_records(20, seed=4), Thresholds(0.5, 0.5, 0.0))
    assert (look.nothing, look.sure) == pytest.approx((0.45, 0.55))


def test_fit_without_panoramas_leaves_their_rule_plain() -> None:
    assert fit(made_records(20, seed=3), LIMITS).panorama_fusion == Fusion(0.0, 1.0, 0.0)


def test_command_prints_a_rule_that_the_model_takes(
    photo_dir: Path, tmp_path: Path, model_folder: Path, model: ModelFile, capsys: pytest.CaptureFixture[str]
) -> None:
    labelled = tmp_path / "labelled"
    for truth, names in (("cat", ["chelsea"]), ("dog", []), ("neither", ["coffee", "rocket"])):
        (labelled / truth).mkdir(parents=True)
        for name in names:
            shutil.copyfile(photo_dir / f"{name}.jpg", labelled / truth / f"{name}.jpg")
    (tmp_path / "scenes").mkdir()
    for name in ("china", "flower"):
        shutil.copyfile(photo_dir / f"{name}.jpg", tmp_path / "scenes" / f"{name}.jpg")
    shutil.copytree(model_folder, tmp_path / "model")
    arguments = [str(labelled), str(tmp_path / "scenes"), "--model", str(tmp_path / "model"), "--count", "2"]
    assert main([*arguments, "--fit", "--write"]) == 0
    printed = capsys.readouterr().out
    rule, end = json.JSONDecoder().raw_decode(printed)
    look = SecondLook.from_description(rule["second_look"])
    assert check_description(tmp_path / "model").second_look == look
    assert look.nothing == pytest.approx(model.thresholds.cat - model.thresholds.unsure)
    for kind in ("small pets", "small things", "panoramas with a pet", "panoramas without", "other photos"):
        assert f"\n{kind} " in printed[end:]
