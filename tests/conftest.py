"""Fixtures of all tests: a home, photos of installed packages, and the model."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CATDOG_LANGUAGE"] = "en"  # The tests compare English sentences, whatever the language of the machine.
# The tests run in a process for each core. Threads of NumPy beside them only wait for one another, at full load.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Otherwise each program that a test starts compiles the app anew: a second of work for one with a window.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from catdog_desktop.inference.model_file import ModelFile, load_model_file
from catdog_desktop.paths import default_model

PACKAGE_PHOTOS = {
    "chelsea": ("skimage", "data/chelsea.png"),  # a cat, CC0
    "astronaut": ("skimage", "data/astronaut.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
}


def pytest_configure() -> None:
    """Let Ctrl+C reach the programs that tests start, where the tests run in the background and ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def open_package_photo(name: str) -> Image.Image:
    """Open a photo that scikit-image or scikit-learn ships, without the second it takes to import them."""
    return _decoded(name).copy()


@cache
def _decoded(name: str) -> Image.Image:
    package, below = PACKAGE_PHOTOS[name]
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Image.open(Path(spec.origin).parent / below).convert("RGB")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for settings, data and logs, so that no test touches the user's."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CATDOG_HOME", str(folder))
    return folder


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than the temporary one, in memory; skips if there is no such folder."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system here")
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


@pytest.fixture
def chelsea() -> Image.Image:
    return open_package_photo("chelsea")


@pytest.fixture(scope="session")
def encoded_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Encode the photos once. `photo_dir` copies them."""
    folder = tmp_path_factory.mktemp("encoded")
    for name in PACKAGE_PHOTOS:
        open_package_photo(name).save(folder / f"{name}.jpg", quality=92)
    return folder


@pytest.fixture
def photo_dir(encoded_photos: Path, tmp_path: Path) -> Path:
    """Six photos as JPEG files: one cat, five with neither."""
    return Path(shutil.copytree(encoded_photos, tmp_path / "photos"))


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The shipped model, or the one named by CATDOG_TEST_MODEL."""
    named = os.environ.get("CATDOG_TEST_MODEL")
    return Path(named) if named else default_model()


@pytest.fixture(scope="session")
def model(model_folder: Path) -> ModelFile:
    return load_model_file(model_folder)


@pytest.fixture(scope="session")
def run_beside() -> Callable[..., str]:
    """Run a Python program in a process of its own, since TensorFlow is slow and large; return its output."""

    def run(program: str | Path, *arguments: object, folder: Path, request: Any = None) -> str:
        start = [str(program)] if isinstance(program, Path) else ["-c", program]
        done = subprocess.run(
            [sys.executable, *start, *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            input=None if request is None else json.dumps(request),
            capture_output=True,
            text=True,
            timeout=1500,
        )
        assert done.returncode == 0, done.stderr[-5000:]
        return done.stdout

    return run
