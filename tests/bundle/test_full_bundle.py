"""The full bundle imports Keras models in its sandbox without a network, and gives the scores of Keras.

The expected scores come from the development environment, where TensorFlow is installed.
"""

import re
import sys
from pathlib import Path

import hostile_models as make
import pytest
from bundle_files import files_of, megabytes
from frozen import FrozenApp
from network_calls import attempts, traced, without_network

from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.errors import RefusedModelError
from catdog_desktop.sandbox.process import CHILD_OPTION, child_command

FORMS = ("seed_notebook_tf24.h5", "new.keras", "new.h5", "old.h5", "saved_model")
AS_KERAS = 1e-3
MAX_MEGABYTES = 1_500
IMPORT_SECONDS = 300


def import_model(app: FrozenApp, model: Path, *options: object, before: tuple[str, ...] = ()) -> str:
    """Import a model with the command line; return its name."""
    ended = app.run(app.command_line, "import-model", model, *options, before=before, timeout=IMPORT_SECONDS)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.mark.parametrize("form", FORMS)
def test_import_each_keras_format_gives_scores_of_keras(
    full_app: FrozenApp, models: dict[str, tuple[Path, float]], cat: Path, form: str
) -> None:
    path, dog = models[form]
    name = import_model(full_app, path, "--positive", "dog", before=without_network())
    row = full_app.scores(cat, "--model", name)
    assert row["dog"] == pytest.approx(dog, abs=AS_KERAS)
    assert row["cat"] == pytest.approx(1 - dog, abs=AS_KERAS)


def test_exported_model_opens_in_small_bundle(
    full_app: FrozenApp, app: FrozenApp, models: dict[str, tuple[Path, float]], cat: Path, tmp_path: Path
) -> None:
    """The model is exported as one file and imported where TensorFlow is not installed."""
    path, dog = models["new.keras"]
    archive = tmp_path / "new.catdog"
    import_model(full_app, path, "--positive", "dog", "--export", archive)
    assert app.scores(cat, "--model", import_model(app, archive))["dog"] == pytest.approx(dog, abs=AS_KERAS)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace runs on Linux only")
def test_import_makes_no_network_call(
    full_app: FrozenApp, models: dict[str, tuple[Path, float]], tmp_path: Path
) -> None:
    log = tmp_path / "strace.log"
    import_model(full_app, models["new.keras"][0], before=traced(log))
    assert attempts(log) == []


@pytest.mark.parametrize("name", ["lambda.keras", "lambda.h5"])
def test_import_lambda_layer_is_refused(full_app: FrozenApp, tmp_path: Path, name: str) -> None:
    marker = tmp_path / "marker"
    path = model_with_a_lambda(tmp_path / name, marker)
    ended = full_app.run(full_app.command_line, "import-model", path, timeout=IMPORT_SECONDS)
    assert ended.returncode == 2
    assert "Lambda" in ended.stderr
    assert not marker.exists()


def test_child_is_confined_as_from_source(full_app: FrozenApp, tmp_path: Path) -> None:
    path = model_with_a_lambda(tmp_path / "lambda.h5", tmp_path / "marker")
    frozen = Conversion(path, command=[str(full_app.command_line), CHILD_OPTION])
    source = Conversion(path, command=child_command())
    for conversion in (frozen, source):
        with pytest.raises(RefusedModelError, match="Lambda"):
            conversion.run()
    assert frozen.confinement == source.confinement
    assert "empty environment" in frozen.confinement.kinds


def model_with_a_lambda(path: Path, marker: Path) -> Path:
    """Write a model that would write `marker` if its code were run."""
    if path.suffix == ".h5":
        return make.legacy(path, make.old_sequential(make.old_lambda_layer(marker)))
    return make.archive(path, make.sequential(make.lambda_layer(marker)))


def test_drop_offscreen_shows_verdict(full_app: FrozenApp, cat: Path) -> None:
    report = full_app.drop(cat, QT_QPA_PLATFORM="offscreen")
    assert [row["verdict"] for row in report["rows"]] == ["cat"]


NEEDED = [
    r"^licences/TensorFlow-LICENSE\.txt$",
    r"^licences/TensorFlow-THIRD_PARTY_NOTICES\.txt$",
    r"/(keras|h5py)-[\d.]+\.dist-info/licenses/",
    r"/tf_keras-[\d.]+\.dist-info/METADATA$",
]
UNWANTED = {
    "TensorFlow's headers and sources": r"tensorflow/(include|xla_aot)|\.(h|cc|proto)$",
    "other engines of Keras": r"/(jax|torch|openvino)/",
    "what trains": r"catdog_desktop/training|/(sklearn|skimage|scipy|pandas)/",
    "many machines": r"/(dask|distributed|pyarrow|grpc)/",
    "what goes online": r"Qt6?Network|/certifi|urllib3",
}


@pytest.mark.parametrize("pattern", NEEDED)
def test_full_bundle_contains_licence(full_app: FrozenApp, pattern: str) -> None:
    assert any(re.search(pattern, name) for name in files_of(full_app.folder))


@pytest.mark.parametrize("what", UNWANTED)
def test_full_bundle_contains_no_unneeded_file(full_app: FrozenApp, what: str) -> None:
    assert [name for name in files_of(full_app.folder) if re.search(UNWANTED[what], name)] == []


def test_full_bundle_size_is_within_limit(full_app: FrozenApp) -> None:
    size = megabytes(full_app.folder)
    assert size <= MAX_MEGABYTES, f"{size:.0f} MB"
