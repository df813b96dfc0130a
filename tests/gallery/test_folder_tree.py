"""The folder tree of the folder filter."""

from pathlib import Path

import pytest

from catdog_desktop.gallery.folder_tree import folder_tree


@pytest.mark.parametrize(
    ("photos", "opened", "tree"),
    [
        ({}, ["/a"], []),
        ({"/a": 2}, ["/a"], [("/a", 0, 2)]),
        ({"/a/b/c": 2}, ["/a"], [("/a", 0, 2), ("/a/b", 1, 2), ("/a/b/c", 2, 2)]),
        (
            {"/a/10": 1, "/a/9": 2, "/a": 4, "/a/9/x": 8},
            ["/a"],
            [("/a", 0, 15), ("/a/9", 1, 10), ("/a/9/x", 2, 8), ("/a/10", 1, 1)],
        ),
        ({"/a/b": 1, "/ab": 2}, ["/a", "/ab"], [("/a", 0, 1), ("/a/b", 1, 1), ("/ab", 0, 2)]),
        # One was opened within the other: they are one tree.
        ({"/a/b": 1}, ["/a/b", "/a"], [("/a", 0, 1), ("/a/b", 1, 1)]),
        # Photos opened one by one.
        ({"/x/y": 3, "/a": 1}, ["/x/y/1.jpg", "/a"], [("/a", 0, 1), ("/x/y", 0, 3)]),
        ({"/a b/c": 1, "/a/c": 1}, ["/a b", "/a"], [("/a", 0, 1), ("/a/c", 1, 1), ("/a b", 0, 1), ("/a b/c", 1, 1)]),
        ({"/x": 1}, ["/"], [("/", 0, 1), ("/x", 1, 1)]),
        ({"": 1}, [], [(".", 0, 1)]),
    ],
)
def test_folder_tree(photos: dict[str, int], opened: list[str], tree: list[tuple[str, int, int]]) -> None:
    found = folder_tree(photos, map(Path, opened))
    assert [(str(folder.path), folder.depth, folder.photos) for folder in found] == tree
