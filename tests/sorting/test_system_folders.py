"""Which system folders a sort would move photos out of."""

from pathlib import Path

import pytest
from sort_trees import plan_for, results, write

from catdog_desktop.sorting.plan import Action, system_folders_left


@pytest.mark.parametrize("action", list(Action))
def test_system_folders_left_names_each_folder_once_and_only_for_moves(tmp_path: Path, action: Action) -> None:
    names = ("a/1.jpg", ".Trash-1000/files/2.jpg", ".Trash-1000/files/3.jpg", "nas/@eaDir/4.jpg/SYNOPHOTO.jpg")
    plan = plan_for(results([write(tmp_path / "photos" / name) for name in names]), tmp_path / "out", action)
    found = system_folders_left(plan)
    if action is not Action.MOVE:
        assert found == {}
        return
    folders = {path.relative_to(tmp_path / "photos").as_posix(): kind for path, kind in found.items()}
    assert folders == {".Trash-1000": "trash", "nas/@eaDir": "cache of another program"}
