"""Which bundle is built, and what the full one contains."""

import re
from pathlib import Path

import frozen_contents
import full_contents
import pytest


@pytest.mark.parametrize(
    ("environment", "full"),
    [({}, False), ({"CATDOG_BUNDLE": "small"}, False), ({"CATDOG_BUNDLE": "full"}, True)],
)
def test_is_full_reads_the_environment(environment: dict[str, str], full: bool) -> None:
    assert full_contents.is_full(environment) is full


@pytest.mark.parametrize("choice", ["", "Full", "1", "fat"])
def test_is_full_unknown_choice_exits(choice: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(repr(choice))):
        full_contents.is_full({"CATDOG_BUNDLE": choice})


def test_full_bundle_alone_has_tensorflow() -> None:
    assert {"tensorflow", "keras", "tf_keras", "h5py"} <= set(frozen_contents.EXCLUDED_MODULES)
    assert not {"tensorflow", "keras", "tf_keras", "h5py"} & set(full_contents.excluded_modules())


def test_bundles_exclude_training_and_network() -> None:
    for excluded in (frozen_contents.EXCLUDED_MODULES, full_contents.excluded_modules()):
        assert {"catdog_desktop.training", "catdog_desktop.cluster", "PySide6.QtNetwork"} <= set(excluded)


def test_imported_by_tensorflow_names_excluded_modules() -> None:
    assert set(full_contents.IMPORTED_BY_TENSORFLOW) <= set(frozen_contents.EXCLUDED_MODULES)


def test_modules_below_skips_tests_and_imports_nothing(tmp_path: Path) -> None:
    for name in ("__init__", "layers/__init__", "layers/dense", "layers/dense_test", "testing/cases", "src/tests/deep"):
        path = tmp_path / "package" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("raise AssertionError('imported')")
    found = list(full_contents.modules_below(tmp_path / "package"))
    assert found == ["package", "package.layers", "package.layers.dense"]


def test_package_folders_imports_nothing() -> None:
    assert full_contents.package_folders(["PIL"])["PIL"].name == "PIL"


def test_package_folders_missing_package_is_named() -> None:
    with pytest.raises(SystemExit, match=r"needs no_such_package.*pip install"):
        full_contents.package_folders(["no_such_package"])


def test_requests_stand_in_imports_nothing() -> None:
    source = (full_contents.STAND_INS / "requests.py").read_text(encoding="utf-8")
    assert "import" not in re.sub(r'""".*?"""', "", source, flags=re.DOTALL)
