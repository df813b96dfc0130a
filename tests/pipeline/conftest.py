"""Fixtures of the tests of the pipeline."""

from collections.abc import Iterator

import pytest
from pipeline_gate import Gate

from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.store.store import Store


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(pipeline_module, "classify_photo", gate.classify)
    yield gate
    gate.let_through()


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open() as store:
        yield store
