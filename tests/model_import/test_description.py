"""Facts, questions, and the description that comes of them."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from catdog_desktop.inference.model_file import check_description
from catdog_desktop.model_import.conversion.facts import Facts, facts_from_json
from catdog_desktop.model_import.errors import ModelImportError, NoTensorFlowError
from catdog_desktop.model_import.proposals.description import describe, proposed_answers, questions_for

FACTS = Facts(
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


def facts(**changes: Any) -> Facts:
    return dataclasses.replace(FACTS, **changes)


def described(given: Facts, answers: dict[str, str], folder: Path) -> Any:
    content = describe(given, answers, name="cats", title="Cats", sha256="a" * 64, source={"file": "cats.h5"})
    (folder / "model.json").write_text(json.dumps(content))
    return check_description(folder)


def test_facts_survive_the_way_from_the_child() -> None:
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
        {"outputs": 37},
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
def test_facts_that_make_no_sense_are_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        facts_from_json(FACTS.as_json() | change)


@pytest.mark.parametrize("content", [None, [], "facts", {}, {"kind": "keras3"}], ids=str)
def test_what_is_no_facts_at_all_is_not_believed(content: object) -> None:
    with pytest.raises(ValueError, match="no facts"):
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
def test_what_is_proposed(change: dict[str, Any], proposed: dict[str, str | None], tmp_path: Path) -> None:
    questions = questions_for(facts(**change))
    answers = proposed_answers(questions)
    assert {key: answers.get(key) for key in proposed} == proposed
    for question in questions:
        values = [option.value for option in question.options]
        assert question.proposed in values
        assert len(set(values)) == len(values)
        assert question.words.endswith("?")
        assert question.because.endswith(".")
    model = described(facts(**change), {}, tmp_path)
    assert model.input_size == (180, 160)
    assert model.scaling == answers["scaling"]
    assert f"{model.answers.kind}{' logits' * model.answers.logits}" == answers["answers"]


def test_every_combination_of_answers_is_a_model(tmp_path: Path) -> None:
    """What can be asked can be described: the app reads each, and no two alike."""
    for change in ({}, {"channels": 1}, {"outputs": 2, "activation": "unknown"}, {"outputs": 1000}):
        given = facts(**change)
        for question in questions_for(given):
            identities = {
                described(given, {question.key: option.value}, tmp_path).identity for option in question.options
            }
            assert len(identities) == len(question.options)


def test_who_says_1_is_a_cat(tmp_path: Path) -> None:
    assert described(FACTS, {"labels": "dog,cat"}, tmp_path).labels == ("dog", "cat")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"scaling": "0..2"}, "0..2"),
        ({"answers": "softmax"}, "it can be sigmoid"),
        ({"colour": "grey"}, "rgb, bgr"),
        ({"weather": "fine"}, "no choice about its weather"),
    ],
    ids=str,
)
def test_an_answer_that_is_not_possible_is_refused(answers: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelImportError, match=said):
        described(FACTS, answers, tmp_path)


def test_imagenets_means_need_three_colours() -> None:
    scaling = questions_for(facts(channels=1))[0]
    assert [option.value for option in scaling.options] == ["0..1", "-1..1", "in graph"]


def test_without_tensorflow_it_says_how_to_convert_elsewhere() -> None:
    error = NoTensorFlowError("my cats.h5")
    assert error.commands[0] == "pip install 'catdog-desktop[train]'"
    assert error.commands[1] == 'catdog import-model "my cats.h5" --export "my cats".catdog'
    assert all(command in str(error) for command in error.commands)
