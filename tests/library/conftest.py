"""Fixtures of the tests of the library."""

from collections.abc import Iterator

import pytest

from catdog_desktop.store.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    """The user's store, open."""
    with Store.open() as store:
        yield store
