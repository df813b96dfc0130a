"""Public architectures with random weights are imported and answer as Keras over 20 photos. See `architectures.py`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parent
SMALL = [
    f"{library}/{name}" for name in ("MobileNet", "MobileNetV3Small", "ResNet50V2") for library in ("keras", "tf_keras")
]
"""Those that CI imports."""


@pytest.fixture(scope="module", params=SMALL)
def result(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, run_beside: Callable[..., str]
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("architecture")
    return dict(json.loads(run_beside(HERE / "architectures.py", folder / "models", request.param, folder=folder)))


def test_architecture_answers_as_keras(result: dict[str, Any]) -> None:
    assert "error" not in result, result["error"]
    assert result["lowest"] < 0.2
    assert result["highest"] > 0.8
    assert result["difference"] < 0.001
