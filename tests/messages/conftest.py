"""Languages for tests: each test starts and ends in English."""

from collections.abc import Callable, Iterator
from pathlib import Path

import catalogs
import pytest

from catdog_desktop.languages.choice import use_language
from catdog_desktop.messages import use_catalog


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use_catalog(None)


@pytest.fixture(scope="session")
def pseudo_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pseudo") / "catdog.mo"
    catalogs.write_pseudo(path)
    return path


@pytest.fixture
def pseudo(pseudo_catalog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the pseudo-locale, in this process and in those that it starts."""
    monkeypatch.setenv("CATDOG_LANGUAGE", str(pseudo_catalog))
    use_catalog(pseudo_catalog)


@pytest.fixture
def speak() -> Callable[[str], None]:
    """Return a function that changes the language, and fails if the app does not have it."""

    def change(code: str) -> None:
        assert use_language(code) == code

    return change
