"""Fixtures of the tests of the bundle."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from frozen import ROOT, FrozenApp, program
from PIL import Image
from x_server import x_server

SEED = ROOT / "tests" / "data" / "seed_notebook_tf24.h5"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder with their bundle."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            full = item.path.stem.startswith("test_full_bundle")
            item.add_marker(pytest.mark.full_bundle if full else pytest.mark.bundle)


@pytest.fixture
def app(tmp_path: Path) -> FrozenApp:
    folder = ROOT / "dist" / "CatDog"
    assert folder.is_dir(), f"{folder} does not exist: run `make bundle` first"
    home = tmp_path / "home"
    home.mkdir()
    return FrozenApp(folder, home)


@pytest.fixture(scope="session")
def cat() -> Path:
    """The CC0 photo of a cat that the app ships."""
    return ROOT / "resources" / "photos" / "cat.jpg"


@pytest.fixture
def full_app(home: Path) -> FrozenApp:
    folder = ROOT / "dist" / "CatDog-full"
    assert folder.is_dir(), f"{folder} does not exist: run `make bundle-full` first"
    return FrozenApp(folder, home)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory, cat: Path) -> dict[str, tuple[Path, float]]:
    """Make the models; return the path of each and the probability of a dog that Keras gives for the cat."""
    folder = tmp_path_factory.mktemp("models")
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    maker = [sys.executable, str(Path(__file__).with_name("make_models.py")), str(folder), str(cat), str(SEED)]
    done = subprocess.run(maker, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    expected: dict[str, float] = json.loads((folder / "expected.json").read_text())
    return {name: (SEED if name == SEED.name else folder / name, value) for name, value in expected.items()}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write photos that scikit-image ships: a cat, and two with neither."""
    from skimage import data

    folder = tmp_path_factory.mktemp("photos with a space, ü and 猫")
    paths = {}
    for name in ("chelsea", "coffee", "rocket"):
        paths[name] = folder / f"{name}.jpg"
        Image.fromarray(getattr(data, name)()).convert("RGB").save(paths[name], quality=92)
    return paths


@pytest.fixture
def screen() -> Iterator[str]:
    """Start an X server without a window manager; yield its DISPLAY."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the X server is for Linux")
    with x_server(program("Xvfb"), "1280x900x24") as display:
        yield display
