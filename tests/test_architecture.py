"""gui -> core <- training: the core knows neither window nor TensorFlow, starts without them, and has no circles."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import catdog_desktop

PACKAGE = Path(catdog_desktop.__file__).parent
OTHER_PLACES = ("gui", "training", "cluster", "model_import", "sandbox")
"""Importing is core, but holds the one file that knows TensorFlow; it has a test of its own."""
CORE = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in OTHER_PLACES)
GUI = sorted((PACKAGE / "gui").rglob("*.py"))
TRAINING = sorted((PACKAGE / "training").rglob("*.py"))
CLUSTER = sorted((PACKAGE / "cluster").rglob("*.py"))
ENGINE = ("dask", "distributed", "pyarrow")
HEAVY = ("PySide6", "shiboken6", "tensorflow", "keras", "tf_keras", "h5py", "sklearn", "skimage")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    package = ".".join(("catdog_desktop", *path.relative_to(PACKAGE).parts[:-1]))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{name.name}" for name in node.names)


def reaches(path: Path, *roots: str) -> set[str]:
    return {name for name in imported(path) for root in roots if name == root or name.startswith(f"{root}.")}


def test_the_rooms_are_where_the_tests_look() -> None:
    assert {"verdict.py", "decode.py", "pipeline.py", "cli.py"} <= {path.name for path in CORE}
    assert GUI
    assert TRAINING


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_imports_neither_window_nor_training(path: Path) -> None:
    assert not reaches(path, *HEAVY, *ENGINE, "catdog_desktop.training", "catdog_desktop.cluster")
    from_gui = reaches(path, "catdog_desktop.gui")
    assert not from_gui or path.name == "__main__.py"


@pytest.mark.parametrize("path", GUI, ids=lambda path: path.name)
def test_the_window_knows_no_training(path: Path) -> None:
    assert not reaches(path, "catdog_desktop.training", "tensorflow", "keras", "tf_keras")


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.name)
def test_training_knows_no_window(path: Path) -> None:
    assert not reaches(path, "catdog_desktop.gui", "PySide6")


@pytest.mark.parametrize("path", CLUSTER, ids=lambda path: path.name)
def test_the_cluster_knows_neither_window_nor_training(path: Path) -> None:
    assert not reaches(path, *HEAVY, "catdog_desktop.gui", "catdog_desktop.training")


@pytest.mark.parametrize("path", [*GUI, *TRAINING], ids=lambda path: path.name)
def test_only_the_cluster_knows_its_engine(path: Path) -> None:
    assert not reaches(path, *ENGINE, "catdog_desktop.cluster")


@pytest.mark.parametrize("path", [*CORE, *GUI, *TRAINING, *CLUSTER], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_that_goes_online_is_imported(path: Path) -> None:
    networking = ("socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "requests", "PySide6.QtNetwork")
    assert not reaches(path, *networking)


def room_of(name: str) -> str | None:
    """Where a module lives: its folder in the package; a file that lies in none is a room of its own."""
    first = name.split(".")[1:2]
    place = PACKAGE.joinpath(*first)
    return first[0] if first and (place.is_dir() or place.with_suffix(".py").is_file()) else None


def test_the_rooms_of_the_core_know_each_other_in_one_direction() -> None:
    core = [*CORE, *(path for name in ("model_import", "sandbox") for path in (PACKAGE / name).rglob("*.py"))]
    knows: dict[str, set[str]] = {}
    for path in core:
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        others = {room_of(name) for name in reaches(path, "catdog_desktop")}
        knows.setdefault(room, set()).update(other for other in others if other not in (room, "gui", None))
    assert {"sorting", "exporting", "inference", "store"} <= set(knows)
    # Raises CycleError, which names the circle.
    assert list(TopologicalSorter(knows).static_order())


def test_a_fresh_interpreter_loads_neither_qt_nor_tensorflow() -> None:
    paths = [path.relative_to(PACKAGE.parent) for path in CORE if path.stem not in ("__init__", "__main__")]
    modules = [".".join(path.with_suffix("").parts) for path in paths]
    program = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"import catdog_desktop.__main__\n"
        f"print(sorted(set(sys.modules) & set({HEAVY + ENGINE!r})))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_command_does_without_them(model_folder: Path, photo_dir: Path, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled" / "cat"
    labelled.mkdir(parents=True)
    (labelled / "chelsea.jpg").write_bytes((photo_dir / "chelsea.jpg").read_bytes())
    model = ["--model", str(model_folder)]
    commands = [
        ["classify", *model, str(photo_dir)],
        ["doctor", *model],
        ["evaluate", *model, str(labelled.parent), "--report", str(tmp_path / "r.html"), "--save", str(tmp_path / "s")],
    ]
    program = (
        f"import sys\nfrom catdog_desktop.cli import main\n"
        f"for arguments in {commands!r}: assert main(arguments) == 0, arguments\n"
        f"sys.stderr.write(repr(sorted(set(sys.modules) & set({HEAVY!r}))))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stderr.endswith("[]")


def test_help_waits_for_nothing_heavy() -> None:
    program = (
        "import sys\nfrom catdog_desktop.cli import main\n"
        "assert main(['--help']) == 0\n"
        "print(sorted(set(sys.modules) & {'numpy', 'PIL', 'ai_edge_litert'}))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("[]\n")
