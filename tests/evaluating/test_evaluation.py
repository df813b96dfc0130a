"""Figures of evaluations, on few enough photos to compute by hand."""

import json
import math
import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from catdog_desktop import cli
from catdog_desktop.evaluating.evaluation import (
    Evaluation,
    EvaluationError,
    JudgedPhoto,
    Proportion,
    calibration_bins,
    calibration_error,
    evaluate_model,
    figures_of,
    mean_log_loss,
)
from catdog_desktop.evaluating.html_report import render_report
from catdog_desktop.evaluating.saved_evaluation import compare, load_evaluation, save_evaluation
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.verdict import Scores, Thresholds, Verdict

Capture = pytest.CaptureFixture[str]


def evaluation(*photos: tuple[str, float, float], unsure: float = 0.2) -> Evaluation:
    judged = [
        JudgedPhoto(path, path.partition("/")[0], f"{abs(hash(path)):016x}"[:16], Scores(cat, dog))
        for path, cat, dog in photos
    ]
    return Evaluation("m", "1", "ab" * 32, Thresholds(0.5, 0.5, unsure), judged)


EXAMPLE = evaluation(
    ("cat/right", 0.9, 0.1),
    ("cat/unsure", 0.6, 0.1),
    ("cat/dog", 0.1, 0.95),
    ("cat/neither", 0.2, 0.1),
    ("dog/right", 0.1, 0.9),
    ("dog/both", 0.8, 0.9),
    ("neither/right", 0.1, 0.1),
    ("neither/cat", 0.9, 0.1),
    ("neither/unsure", 0.4, 0.1),
    ("both/right", 0.9, 0.9),
    ("both/cat", 0.9, 0.1),
)


def test_proportions() -> None:
    shares = {name: (share.count, share.total) for name, share in EXAMPLE.proportions().items()}
    assert shares == {
        "forced_accuracy": (5, 6),
        "forced_accuracy_cat": (3, 4),
        "forced_accuracy_dog": (2, 2),
        "right_verdicts": (4, 11),
        "wrong_verdicts": (5, 11),
        "pets_called_neither": (1, 6),
        "neither_called_a_pet": (1, 3),
        "both_found": (1, 2),
        "unsure_of_pets": (1, 6),
        "unsure_of_all": (2, 11),
    }


def test_proportions_omit_figures_without_photos() -> None:
    assert set(evaluation(("neither/a", 0.1, 0.1)).proportions()) == {
        "right_verdicts",
        "wrong_verdicts",
        "neither_called_a_pet",
        "unsure_of_all",
    }


def test_forced_accuracy_equal_scores_are_wrong() -> None:
    shares = evaluation(("cat/a", 0.5, 0.5), ("dog/a", 0.5, 0.5)).proportions()
    assert shares["forced_accuracy"].count == 0


def test_confusion() -> None:
    assert EXAMPLE.confusion() == {
        "cat": Counter({Verdict.CAT: 1, Verdict.UNSURE: 1, Verdict.DOG: 1, Verdict.NEITHER: 1}),
        "dog": Counter({Verdict.DOG: 1, Verdict.BOTH: 1}),
        "neither": Counter({Verdict.NEITHER: 1, Verdict.CAT: 1, Verdict.UNSURE: 1}),
        "both": Counter({Verdict.BOTH: 1, Verdict.CAT: 1}),
    }


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_interval(count: int, total: int, low: float, high: float) -> None:
    """Published values (the last: Newcombe 1998, table I)."""
    assert Proportion(count, total).interval == pytest.approx((low, high), abs=5e-5)


def test_log_loss() -> None:
    scores, targets = np.array([0.9, 0.2, 0.5]), np.array([1.0, 0.0, 1.0])
    assert mean_log_loss(scores, targets) == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(0.5)) / 3)
    assert mean_log_loss(np.array([0.0]), np.array([1.0])) == pytest.approx(-math.log(1e-7))
    assert mean_log_loss(np.array([1.0]), np.array([1.0])) == pytest.approx(0, abs=1e-6)


def test_log_loss_of_both_and_neither() -> None:
    losses = evaluation(("both/a", 0.9, 0.8), ("neither/a", 0.3, 0.4)).losses()
    assert losses["log_loss_cat"] == pytest.approx(-(math.log(0.9) + math.log(0.7)) / 2)
    assert losses["log_loss_dog"] == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert losses["log_loss"] == pytest.approx((losses["log_loss_cat"] + losses["log_loss_dog"]) / 2)


def test_calibration() -> None:
    scores = np.array([0.7, 0.7, 0.7, 0.7, 0.01, 1.0])
    targets = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 1.0])
    bins = calibration_bins(scores, targets)
    assert [(b.count, pytest.approx(b.mean_score), b.share) for b in bins] == [(1, 0.01, 0), (4, 0.7, 0.5), (1, 1.0, 1)]
    assert calibration_error(scores, targets) == pytest.approx((4 * 0.2 + 0.01) / 6)


def test_calibrated_scores_have_no_calibration_error() -> None:
    rng = np.random.default_rng(1)
    scores = rng.uniform(size=200_000)
    assert calibration_error(scores, (rng.uniform(size=scores.size) < scores).astype(float)) < 0.01


def test_worst_photos_come_first() -> None:
    assert [photo.path for photo in EXAMPLE.worst(2)] == ["cat/dog", "neither/cat"]


# --- a file ---


def test_saved_evaluation_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    save_evaluation(path, EXAMPLE)
    saved = load_evaluation(path)
    assert saved.evaluation == EXAMPLE
    assert saved.figures["forced_accuracy"] == pytest.approx(5 / 6, abs=1e-6)
    assert set(saved.figures) == {name for name, _ in figures_of(EXAMPLE)}
    lines = path.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith('["') for line in lines) == len(EXAMPLE.photos), "one photo a line"
    assert max(len(line) for line in lines if line.startswith('["')) < 70


def test_save_unreadable_photos_and_odd_names(tmp_path: Path) -> None:
    odd = Evaluation(
        "m",
        "1",
        "0",
        Thresholds(),
        [JudgedPhoto("cat/\udcff.jpg", "cat", "", Scores(1, 0))],
        (("cat/x", "is damaged"),),
    )
    save_evaluation(tmp_path / "s.json", odd)
    assert load_evaluation(tmp_path / "s.json").evaluation == odd


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"format": 1}', '{"format": 2}', "[" * 100_000, '{"format": 1, "model": 3, "thresholds": 4}'],
)
def test_load_broken_file_raises(content: str, tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_text(content)
    with pytest.raises(EvaluationError, match="is no saved evaluation"):
        load_evaluation(path)
    with pytest.raises(EvaluationError, match="cannot be read"):
        load_evaluation(tmp_path / "gone.json")


def test_load_unknown_truth_raises(tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    save_evaluation(path, EXAMPLE)
    path.write_text(path.read_text().replace('"cat/right"', '"horse/right"'))
    with pytest.raises(EvaluationError, match="horse"):
        load_evaluation(path)


def test_compare_finds_better_and_worse() -> None:
    before = evaluation(
        ("cat/a", 0.9, 0.1), ("cat/b", 0.6, 0.1), ("cat/c", 0.1, 0.1), ("dog/d", 0.1, 0.9), ("dog/e", 0, 1)
    )
    after = evaluation(
        ("cat/a", 0.1, 0.1), ("cat/b", 0.9, 0.1), ("cat/c", 0.5, 0.1), ("dog/d", 0.1, 0.95), ("dog/f", 0, 1)
    )
    comparison = compare(before, after)
    assert [change.path for change in comparison.changes] == ["cat/a", "cat/c", "cat/b", "dog/d"]
    assert [change.path for change in comparison.worse] == ["cat/a"]
    assert [change.path for change in comparison.better] == ["cat/c", "cat/b"]
    assert comparison.changes[0].size == pytest.approx(0.8)
    assert (comparison.only_before, comparison.only_after) == (1, 1)


def test_compare_recognises_renamed_photos() -> None:
    thresholds = Thresholds()
    before = Evaluation("m", "1", "0", thresholds, [JudgedPhoto("cat/old", "cat", "f" * 16, Scores(0.2, 0.1))])
    after = Evaluation("m", "2", "1", thresholds, [JudgedPhoto("cat/new", "cat", "f" * 16, Scores(0.9, 0.1))])
    assert [change.path for change in compare(before, after).better] == ["cat/new"]
    other = Evaluation("m", "2", "1", thresholds, [JudgedPhoto("cat/old", "cat", "e" * 16, Scores(0.9, 0.1))])
    assert compare(before, other).changes == [], "another photo under the same name"


# --- a model on a folder ---


@pytest.fixture
def labelled(photo_dir: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "labelled"
    for truth in ("cat", "neither"):
        (folder / truth).mkdir(parents=True)
    for photo in photo_dir.iterdir():
        shutil.copyfile(photo, folder / ("cat" if photo.stem == "chelsea" else "neither") / photo.name)
    (folder / "cat" / "sub").mkdir()
    shutil.copyfile(photo_dir / "chelsea.jpg", folder / "cat" / "sub" / "again.jpg")
    (folder / "cat" / "Thumbs.db").write_text("x")
    return folder


def test_evaluate_model_on_a_folder(labelled: Path, model: ModelFile) -> None:
    counts: list[int] = []
    result = evaluate_model(labelled, model, on_photo=counts.append)
    assert counts == [1, 2, 3, 4, 5, 6, 7]
    assert [photo.path for photo in result.photos[:2]] == ["cat/chelsea.jpg", "cat/sub/again.jpg"]
    assert result.photos[0].digest == result.photos[1].digest != result.photos[2].digest
    assert result.confusion()["cat"] == Counter({Verdict.CAT: 2})
    assert result.proportions()["neither_called_a_pet"].total == 5
    assert result.unreadable == ()


def test_evaluate_command_lists_unreadable_photos(labelled: Path, capsys: Capture, model_folder: Path) -> None:
    (labelled / "cat" / "notes.jpg").write_text("hello")
    assert cli.main(["evaluate", str(labelled), "--model", str(model_folder)]) == 1
    out = capsys.readouterr().out
    assert "1 could not be read:\n  cat/notes.jpg is not a photo (it holds text)\n" in out
    assert "Photos: 2 cat, 5 neither\n" in out


def test_evaluate_command_saves_compares_and_reports(
    labelled: Path, tmp_path: Path, capsys: Capture, model_folder: Path
) -> None:
    saved, report = tmp_path / "saved.json", tmp_path / "report.html"
    arguments = ["evaluate", str(labelled), "--model", str(model_folder)]
    assert cli.main([*arguments, "--save", str(saved)]) == 0
    out = capsys.readouterr().out
    assert "larger score is the right animal       100.00%" in out
    assert re.search(r"^cat +2 +0 +0 +0 +0$", out, re.MULTILINE)
    content = json.loads(saved.read_text())
    content["photos"][0][2] = 0.05
    saved.write_text(json.dumps(content))
    assert cli.main([*arguments, "--compare", str(saved), "--report", str(report)]) == 0
    out = capsys.readouterr().out
    assert "7 photos are in both evaluations\n" in out
    assert "1 better:\n  cat/chelsea.jpg: neither -> cat, cat 0.0500 -> " in out
    assert "worse:" not in out
    html = report.read_text(encoding="utf-8")
    assert html.count('src="data:image/jpeg;base64,') == 7
    assert "Better than before: 1" in html


def test_html_report_is_self_contained(tmp_path: Path) -> None:
    odd = evaluation(
        *((photo.path, photo.scores.cat, photo.scores.dog) for photo in EXAMPLE.photos), ("cat/<b>&.jpg", 0, 1)
    )
    for label in ("cat", "dog", "neither", "both"):
        (tmp_path / label).mkdir()
    html = render_report(odd, tmp_path, worst=3)
    assert "prefers-color-scheme: dark" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "<script" not in html
    assert "cat/&lt;b&gt;&amp;.jpg" in html
    assert "<b>" not in html
    assert html.count('<span class="gone">This file is no longer there.</span>') == 3
    assert html.count("<circle") == len(odd.reliability("cat"))
    assert "50.00%" in html


def test_evaluate_command_without_photos_is_wrong_usage(tmp_path: Path, capsys: Capture, model_folder: Path) -> None:
    model = ["--model", str(model_folder)]
    assert cli.main(["evaluate", str(tmp_path / "gone"), *model]) == 2
    assert "gone” is no folder. Give one that holds cat, dog, neither or both." in capsys.readouterr().err
    assert cli.main(["evaluate", str(tmp_path), *model]) == 2
    assert "holds none of the folders cat, dog, neither, both." in capsys.readouterr().err
    (tmp_path / "dog").mkdir()
    assert cli.main(["evaluate", str(tmp_path), *model]) == 2
    assert "holds no photo that can be read." in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--save", "--report"])
def test_evaluate_command_invalid_target_is_reported_first(
    option: str, labelled: Path, tmp_path: Path, capsys: Capture, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catdog_desktop.evaluating.command.evaluate_model", lambda *_, **__: pytest.fail("worked"))
    target = tmp_path / "nowhere" / "file"
    assert cli.main(["evaluate", str(labelled), "--model", str(model_folder), option, str(target)]) == 2
    assert "there is no folder" in capsys.readouterr().err
