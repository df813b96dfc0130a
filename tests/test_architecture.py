"""What import contracts cannot see: what is loaded at run time, and imports of parts of the standard library.

The import contracts themselves are in pyproject.toml and are checked by `make lint`.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import catdog_desktop

PACKAGE = Path(catdog_desktop.__file__).parent
OTHER_PACKAGES = ("gui", "training", "cluster")
TENSORFLOW_MODULE = "keras_conversion.py"
"""The only core module that imports TensorFlow; it runs in the sandboxed child."""
CORE = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in OTHER_PACKAGES and path.name != TENSORFLOW_MODULE
)
HEAVY = ("PySide6", "shiboken6", "tensorflow", "keras", "tf_keras", "h5py", "sklearn", "skimage")
ENGINE = ("dask", "distributed", "pyarrow")
NETWORKING = ("socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "requests", "PySide6.QtNetwork")
LOCAL_SOCKETS = "single_instance.py"
"""Asks a Unix socket, which no network reaches, whether anybody listens."""


def imported(path: Path) -> Iterator[str]:
    """Yield the absolute name of every module that a file imports, wherever in it."""
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
    """Return the imports of a file that are one of `roots` or below it."""
    return {name for name in imported(path) for root in roots if name == root or name.startswith(f"{root}.")}


def test_core_files_are_found() -> None:
    assert {"verdict.py", "decode.py", "pipeline.py", "cli.py"} <= {path.name for path in CORE}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_no_networking(path: Path) -> None:
    assert reaches(path, *NETWORKING) <= ({"socket"} if path.name == LOCAL_SOCKETS else set())


def test_local_sockets_are_unix_sockets() -> None:
    tree = ast.parse((PACKAGE / LOCAL_SOCKETS).read_text(encoding="utf-8"))
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "socket"]
    assert {use.attr for use in uses} == {"socket", "AF_UNIX"}
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "socket.socket"]
    assert [ast.unparse(call) for call in made] == ["socket.socket(socket.AF_UNIX)"]


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "gui").rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_painters_are_used_by_with(path: Path) -> None:
    """After an exception, its traceback keeps a painter. If that is still active, Qt ends the program."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    safe = {item.context_expr for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
    made = {
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("QPainter", "QStylePainter"))
    }
    assert not [ast.unparse(call) for call in made - safe]


def test_core_in_fresh_interpreter_loads_neither_qt_nor_tensorflow() -> None:
    paths = [path.relative_to(PACKAGE.parent) for path in CORE if path.stem not in ("__init__", "__main__")]
    modules = [".".join(path.with_suffix("").parts) for path in paths]
    program = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"import catdog_desktop.__main__\n"
        f"print(sorted(set(sys.modules) & set({HEAVY + ENGINE!r})))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_commands_run_without_qt_and_tensorflow(model_folder: Path, photo_dir: Path, tmp_path: Path) -> None:
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


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom catdog_desktop.cli import main\n"
        "assert main(['--help']) == 0\n"
        "print(sorted(set(sys.modules) & {'numpy', 'PIL', 'ai_edge_litert'}))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("[]\n")


def test_command_imports_no_other_command() -> None:
    program = (
        "import sys\nfrom catdog_desktop.cli import COMMANDS, main\n"
        "assert main(['models', '--help']) == 0\n"
        'print([name for name in COMMANDS if f\'catdog_desktop.commands.{name.replace("-", "_")}\' in sys.modules])\n'
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.endswith("['models']\n")


def test_window_is_shown_without_what_is_needed_later(tmp_path: Path) -> None:
    later = [
        "catdog_desktop.decoding.camera_info", "catdog_desktop.decoding.decoder_process",
        "catdog_desktop.decoding.odd_tiff", "catdog_desktop.decoding.raw_file", "catdog_desktop.gui.dialogs",
        "catdog_desktop.gui.sorting.sort_text", "catdog_desktop.gui.statistics.statistics_dialog",
        "catdog_desktop.gui.viewer.view_images", "catdog_desktop.gui.viewer.viewer", "email", "importlib.metadata",
        "logging.handlers",
    ]  # fmt: skip
    program = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "before = set(sys.modules)\n"
        "from catdog_desktop.gui import app\n"
        "from catdog_desktop.gui.main_window import MainWindow\n"
        "application = QApplication([])\n"
        "window = MainWindow(app.default_model(), app.Settings(), app.settings_file())\n"
        "window.show()\n"
        "window.repaint()\n"
        f"print(sorted(set({later!r}) & (set(sys.modules) - before)))\n"
        "window.close()\n"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "CATDOG_HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_window_is_imported_without_what_only_jobs_and_dialogs_need() -> None:
    later = [
        "decoding.decoder_process", "exporting.xmp_export", "gui.exporting.export_dialog", "gui.learning.lesson_dialog",
        "gui.learning.stack_finder", "gui.library.locate_dialog", "gui.settings.settings_dialog",
        "gui.sorting.sort_dialog", "gui.statistics.statistics_dialog", "learning.lesson", "learning.stacks",
        "library.backup", "model_import", "sandbox.process", "sorting.run", "store.look_rows", "trashing.trash_run",
    ]  # fmt: skip
    program = (
        "import sys\nimport catdog_desktop.gui.main_window\n"
        f"print(sorted(name for name in {later!r} if f'catdog_desktop.{{name}}' in sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
