"""Figures by source: where the source comes from, which is worst, and what changed in it."""

import json
import shutil
from pathlib import Path

import pytest

from catdog_desktop import cli
from catdog_desktop.evaluating.by_source import changes_by_source, compile_pattern, figures_by_source, source_of
from catdog_desktop.evaluating.evaluation import Evaluation, EvaluationError, JudgedPhoto
from catdog_desktop.evaluating.html_report import render_report
from catdog_desktop.evaluating.saved_evaluation import compare, load_evaluation, save_evaluation
from catdog_desktop.evaluating.text_report import describe_comparison, describe_sources
from catdog_desktop.verdict import Scores, Thresholds


def evaluation(*photos: tuple[str, float, float], pattern: str = "") -> Evaluation:
    judged = [JudgedPhoto(path, path.partition("/")[0], "", Scores(cat, dog)) for path, cat, dog in photos]
    return Evaluation("m", "1", "ab" * 32, Thresholds(0.5, 0.5, 0.2), judged, source_pattern=pattern)


@pytest.mark.parametrize(
    ("path", "pattern", "source"),
    [
        ("cat/1.jpg", "", ""),
        ("cat/phone/1.jpg", "", "phone"),
        ("cat/phone/2020/1.jpg", "", "phone"),
        ("cat/hlb-cat-1a.jpg", r"^([a-z]+)-", "hlb"),
        ("cat/phone/hlb-cat-1a.jpg", r"^[a-z]+", "hlb"),
        ("cat/1.jpg", r"^([a-z]+)-", ""),
        ("cat/1.jpg", r"(x)?", ""),
    ],
)
def test_source_of_path(path: str, pattern: str, source: str) -> None:
    assert source_of(path, compile_pattern(pattern)) == source


def test_source_pattern_invalid_raises() -> None:
    with pytest.raises(EvaluationError, match="not a valid regular expression"):
        compile_pattern("(")


def test_figures_by_source_worst_source_and_photo_first() -> None:
    good = [(f"cat/good/{number}", 0.9, 0.1) for number in range(9)]
    bad = [("neither/bad/sure", 0.99, 0.0), ("neither/bad/less", 0.8, 0.0), ("cat/bad/missed", 0.1, 0.1)]
    vague = [("dog/vague/1", 0.0, 0.5), ("dog/vague/2", 0.0, 0.9)]
    sources = figures_by_source(evaluation(*good, *vague, *bad))
    assert [figures.source for figures in sources] == ["bad", "vague", "good"]
    worst = sources[0]
    assert [photo.path for photo in worst.wrong] == ["neither/bad/sure", "cat/bad/missed", "neither/bad/less"]
    assert worst.missed is not None
    assert worst.called_a_pet is not None
    assert (worst.missed.count, worst.missed.total) == (1, 1)
    assert (worst.called_a_pet.count, worst.called_a_pet.total) == (2, 2)
    assert sources[1].unsure_share.count == 1
    assert sources[2].called_a_pet is None
    assert sources[2].right_share.value == 1.0


def test_figures_by_source_one_wrong_of_two_is_less_certain_than_forty_of_a_hundred() -> None:
    small = [("neither/small/1", 0.9, 0.0), ("neither/small/2", 0.0, 0.0)]
    large = [(f"neither/large/{number}", 0.9 if number < 40 else 0.0, 0.0) for number in range(100)]
    assert [figures.source for figures in figures_by_source(evaluation(*small, *large))] == ["large", "small"]


def test_changes_by_source_counts_better_and_worse() -> None:
    before = evaluation(("cat/a/1", 0.1, 0.0), ("cat/a/2", 0.9, 0.0), ("cat/b/1", 0.9, 0.0))
    after = evaluation(("cat/a/1", 0.9, 0.0), ("cat/a/2", 0.9, 0.0), ("cat/b/1", 0.5, 0.0))
    comparison = compare(before, after)
    changes = changes_by_source(comparison.changes, "")
    assert [(change.source, change.photos, change.better, change.worse) for change in changes] == [
        ("b", 1, 0, 1),
        ("a", 2, 1, 0),
    ]
    text = "\n".join(describe_comparison(comparison))
    assert "b                              1        0        1" in text


def test_saved_evaluation_keeps_source_pattern(tmp_path: Path) -> None:
    saved = evaluation(("cat/x-1", 0.9, 0.0), pattern="^(x)-")
    save_evaluation(tmp_path / "s.json", saved)
    assert load_evaluation(tmp_path / "s.json").evaluation.source_pattern == "^(x)-"


def test_describe_sources_single_source_is_empty() -> None:
    assert list(describe_sources(figures_by_source(evaluation(("cat/1", 0.9, 0.0))))) == []


def test_html_report_lists_sources_with_their_photos(tmp_path: Path) -> None:
    page = render_report(evaluation(("cat/<a>/1", 0.0, 0.9), ("cat/b/1", 0.9, 0.0)), tmp_path, worst=1)
    assert "<h3>&lt;a&gt;: 1 wrong</h3>" in page
    assert page.index("&lt;a&gt;</td>") < page.index("<td>b</td>")


@pytest.mark.parametrize("pattern", ["", "^([a-z]+)"])
def test_evaluate_command_reports_by_source(
    pattern: str, photo_dir: Path, tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for truth, source, name in (("cat", "zoo", "chelsea"), ("neither", "kitchen", "coffee")):
        (tmp_path / "labelled" / truth / source).mkdir(parents=True)
        shutil.copyfile(photo_dir / f"{name}.jpg", tmp_path / "labelled" / truth / source / f"{name}.jpg")
    saved = tmp_path / "saved.json"
    arguments = ["evaluate", str(tmp_path / "labelled"), "--model", str(model_folder), "--save", str(saved)]
    assert cli.main([*arguments, "--source-pattern", pattern]) == 0
    out = capsys.readouterr().out
    assert "by source, worst first" in out
    for source in ("chelsea", "coffee") if pattern else ("zoo", "kitchen"):
        assert f"\n{source} " in out
    assert json.loads(saved.read_text()).get("source_pattern", "") == pattern


def test_evaluate_command_invalid_source_pattern_is_wrong_usage(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cat").mkdir()
    assert cli.main(["evaluate", str(tmp_path), "--model", str(model_folder), "--source-pattern", "("]) == 2
    assert "not a valid regular expression" in capsys.readouterr().err
