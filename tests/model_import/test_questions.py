"""ModelFacts about a model, the questions they lead to, and the description that the answers give."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop.inference.model_file import check_description
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError
from catdog_desktop.model_import.proposals.facts import ModelFacts, facts_from_json
from catdog_desktop.model_import.proposals.questions import describe, proposed_answers, questions_for

FACTS = ModelFacts(
    kind="keras3",
    width=180,
    height=160,
    channels=3,
    outputs=1,
    activation="sigmoid",
    scaled="no",
    scores_output="scores",
    keras_version="3.15.1",
    loaded_by="Keras 3.15.1",
    difference=1e-6,
    misfits={"0..1": 0.5},
    notes=("A note.",),
)


def facts(**changes: Any) -> ModelFacts:
    return dataclasses.replace(FACTS, **changes)


def described(facts: ModelFacts, answers: dict[str, str], folder: Path) -> Any:
    content = describe(facts, answers, name="cats", title="Cats", sha256="a" * 64, source={"file": "cats.h5"})
    (folder / "model.json").write_text(json.dumps(content))
    return check_description(folder)


def test_facts_from_json_reads_what_as_json_writes() -> None:
    assert facts_from_json(json.loads(json.dumps(FACTS.as_json()))) == FACTS


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "pickle"},
        {"width": 0},
        {"width": 10**9},
        {"height": 1.5},
        {"width": True},
        {"channels": 4},
        {"outputs": 0},
        {"outputs": 10**6},
        {"class_names": ["cat", 3]},
        {"class_names": ["cat", "dog", "fox"]},
        {"activation": "__import__"},
        {"scaled": True},
        {"scores_output": 3},
        {"scores_output": "x" * 10_000},
        {"notes": ["x"] * 1000},
        {"notes": [1]},
        {"misfits": {"0..1": "low"}},
        {"misfits": {"0..1": float("nan")}},
        {"difference": float("inf")},
        {"free_size": "yes"},
        {"more": 1},
        {"loaded_by": None},
    ],
    ids=str,
)
def test_facts_from_json_impossible_value_raises(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        facts_from_json(FACTS.as_json() | change)


@pytest.mark.parametrize("content", [None, [], "facts", {}, {"kind": "keras3"}], ids=str)
def test_facts_from_json_other_content_raises(content: object) -> None:
    with pytest.raises(ValueError, match="not facts"):
        facts_from_json(content)


@pytest.mark.parametrize(
    ("change", "proposed"),
    [
        ({}, {"scaling": "0..1", "labels": "cat,dog", "answers": "sigmoid", "colour": "rgb"}),
        ({"scaled": "yes"}, {"scaling": "in graph"}),
        ({"scaled": "unknown"}, {"scaling": "0..1"}),
        ({"activation": "linear"}, {"answers": "sigmoid logits"}),
        ({"activation": "unknown"}, {"answers": "sigmoid"}),
        ({"outputs": 2, "activation": "softmax"}, {"answers": "softmax", "labels": "cat,dog"}),
        ({"outputs": 2, "activation": "linear"}, {"answers": "softmax logits"}),
        ({"outputs": 2, "activation": "sigmoid"}, {"answers": "independent"}),
        ({"outputs": 1000, "activation": "softmax"}, {"answers": "imagenet", "labels": None}),
        ({"outputs": 1001, "activation": "linear"}, {"answers": "imagenet logits", "labels": None}),
        ({"channels": 1}, {"colour": "grey"}),
        ({}, {"resampling": "nearest", "decoding": "as stored"}),
    ],
    ids=str,
)
def test_questions_propose_answers_from_the_facts(
    change: dict[str, Any], proposed: dict[str, str | None], tmp_path: Path
) -> None:
    questions = questions_for(facts(**change))
    answers = proposed_answers(questions)
    assert {key: answers.get(key) for key in proposed} == proposed
    for question in questions:
        values = [option.value for option in question.options]
        assert question.proposed in values
        assert len(set(values)) == len(values)
        assert question.text.endswith("?")
        assert question.reason.endswith(".")
    model = described(facts(**change), {}, tmp_path)
    assert model.input_size == (180, 160)
    assert model.scaling == answers["scaling"]
    assert f"{model.answers.kind}{' logits' * model.answers.logits}" == answers["answers"]


def test_answers_each_give_another_model(tmp_path: Path) -> None:
    for change in ({}, {"channels": 1}, {"outputs": 2, "activation": "unknown"}, {"outputs": 1000}):
        changed = facts(**change)
        for question in questions_for(changed):
            identities = {
                described(changed, {question.key: option.value}, tmp_path).identity for option in question.options
            }
            assert len(identities) == len(question.options)


def test_answer_labels_reversed_gives_reversed_labels(tmp_path: Path) -> None:
    assert described(FACTS, {"labels": "dog,cat"}, tmp_path).labels == ("dog", "cat")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"scaling": "0..2"}, "0..2"),
        ({"answers": "softmax"}, "it can be sigmoid"),
        ({"colour": "grey"}, "rgb, bgr"),
        ({"weather": "fine"}, "no choice about its weather"),
    ],
    ids=str,
)
def test_impossible_answer_raises(answers: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(ModelImportError, match=words):
        described(FACTS, answers, tmp_path)


def test_grey_model_has_no_imagenet_scalings() -> None:
    scaling = questions_for(facts(channels=1))[0]
    assert [option.value for option in scaling.options] == ["0..1", "-1..1", "in graph"]


def test_missing_tensorflow_error_has_the_commands() -> None:
    error = NoTensorFlowError("my cats.h5")
    assert error.commands[0] == "pip install 'catdog-desktop[train]'"
    assert error.commands[1] == 'catdog import-model "my cats.h5" --export "my cats".catdog'
    assert all(command in str(error) for command in error.commands)
