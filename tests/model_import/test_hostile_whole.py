"""Hostile files in a complete import, and the confinement if the inspection misses one."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_configs import BARE

from catdog_desktop.cli import main
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.errors import RefusedModelError

FILES = {name: entry for name, entry in BARE.items() if "path, marker" not in entry[1]}
"""Those that can be made without TensorFlow."""

CONFINED = """
import json, sys
from pathlib import Path
from catdog_desktop.sandbox.confinement import confine

work, *readable = json.load(sys.stdin)["places"]
confined = confine(Path(work), readable=[Path(path) for path, _ in readable])
import keras, tf_keras
ended = {}
for path, statement in readable:
    try:
        exec(statement)
        ended[path] = "ran"
    except BaseException as error:
        ended[path] = type(error).__name__ + str(error)[:200]
print(json.dumps([list(confined.kinds), ended]))
"""


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", FILES)
def test_import_of_hostile_file_refuses_and_runs_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    path = FILES[name][0](tmp_path, tmp_path / "marker")
    with pytest.raises(RefusedModelError):
        Conversion(path).run()
    assert main(["import-model", str(path)]) == 2
    assert "The model was not opened" in capsys.readouterr().err
    assert not (tmp_path / "marker").exists()
    assert not (home / "data" / "models").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs Landlock")
def test_hostile_file_without_inspection_cannot_write(tmp_path: Path, run_beside: Callable[..., str]) -> None:
    work = tmp_path / "work"
    work.mkdir()
    requested: list[object] = [str(work)]
    for number, (write, statement) in enumerate(FILES.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = write(folder, folder / "marker")
        requested.append((str(path), statement))
    printed = run_beside(CONFINED, folder=tmp_path, request={"places": requested})
    kinds, ended = json.loads(printed.splitlines()[-1])
    if "files" not in kinds:
        pytest.skip("this kernel has no Landlock")
    assert len(ended) == len(FILES)
    assert not list(tmp_path.glob("*/marker"))
