"""What shortens the start: a late first run of the garbage collector, and no search through sources by PySide."""

import subprocess
import sys


def printed(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    ).stdout.strip()


def test_deferred_collection_runs_once_many_objects_exist_and_has_usual_thresholds_then() -> None:
    assert printed(
        "import gc\n"
        "from catdog_desktop.quick_start import OBJECTS_OF_A_START, defer_collection\n"
        "usual = gc.get_threshold()\n"
        "defer_collection()\n"
        "runs = gc.get_stats()[0]['collections']\n"
        "kept = [[] for _ in range(OBJECTS_OF_A_START // 2)]\n"
        "print(gc.get_stats()[0]['collections'] - runs, gc.get_freeze_count())\n"
        "kept += [[] for _ in range(OBJECTS_OF_A_START // 2)]\n"
        "print(gc.get_freeze_count() > OBJECTS_OF_A_START // 2, gc.get_threshold() == usual)\n"
    ).splitlines() == ["0 0", "True True"]


def test_cycles_made_after_start_are_collected() -> None:
    assert (
        printed(
            "import gc, weakref\n"
            "from catdog_desktop.quick_start import OBJECTS_OF_A_START, defer_collection\n"
            "defer_collection()\n"
            "kept = [[] for _ in range(OBJECTS_OF_A_START)]\n"
            "class Node: pass\n"
            "node = Node(); node.itself = node; gone = weakref.ref(node); del node\n"
            "kept += [[] for _ in range(10_000)]\n"
            "print(gone() is None)\n"
        )
        == "True"
    )


def test_modules_imported_after_skipped_search_are_not_read() -> None:
    # The source of a module that PySide searches stays in `linecache`.
    program = (
        "import linecache\n"
        "import PySide6.QtCore\n"
        "from catdog_desktop.quick_start import skip_feature_search\n"
        "{}\n"
        "from catdog_desktop.verdict import Verdict\n"
        "print(any(name.endswith('verdict.py') for name in linecache.cache))\n"
    )
    assert printed(program.format("skip_feature_search()")) == "False"
    assert printed(program.format("pass")) == "True"


def test_window_started_from_source_reads_no_source() -> None:
    assert printed(
        "import os, sys\n"
        "os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from catdog_desktop.gui import app\n"
        "import linecache\n"
        "from unittest.mock import patch\n"
        "class Stop(Exception): pass\n"
        "def stop(*_): raise Stop\n"
        "app.load_settings = stop\n"
        "try: app.main([])\n"
        "except Stop: pass\n"
        "print('catdog_desktop.gui.main_window' in sys.modules)\n"
        "print([name for name in linecache.cache if 'catdog_desktop' in name])\n"
    ).splitlines() == ["True", "[]"]
