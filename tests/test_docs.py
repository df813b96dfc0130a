"""The documents name files that there are, and the architecture names every module where it tells of its room."""

import re
from pathlib import Path

import pytest

import catdog_desktop

PACKAGE = Path(catdog_desktop.__file__).parent
ROOT = PACKAGE.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md"])
TOLD_AS_ONE = ("commands", "evaluating")
"""Rooms of which the architecture names the folder only."""
PLACES = {"gui": "window", "importing": "importing", "training": "training", "cluster": "cluster"}
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if not path.name.startswith("__")]
FILE = re.compile(r"`([\w./-]+\.(?:py|sh|spec|md|ini|toml))`")


def of_the_project() -> set[str]:
    folders = ("catdog_desktop", "tests", "packaging", "benchmarks", "docs", "models")
    below = (path for folder in folders for path in (ROOT / folder).rglob("*.*"))
    return {f"/{path.relative_to(ROOT).as_posix()}" for path in [*ROOT.glob("*.*"), *below]}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_files_that_it_names_exist(document: Path) -> None:
    files = of_the_project()
    named = set(FILE.findall(document.read_text(encoding="utf-8")))
    assert not {name for name in named if not any(file.endswith(f"/{name}") for file in files)}


def room_told() -> dict[str, str]:
    """Return what the architecture tells, by the room of which it does."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    heads = re.split(r"^## The rooms of (?:the )?(\w+)$", text, flags=re.MULTILINE)
    return {room: told.partition("\n## ")[0] for room, told in zip(heads[1::2], heads[2::2], strict=True)}


def is_named(module: Path, told: dict[str, str]) -> bool:
    place = module.relative_to(PACKAGE).parts[0]
    name = f"{place}/" if place in TOLD_AS_ONE else module.name
    return re.search(rf"`(?:[\w/]+/)?{re.escape(name)}`", told[PLACES.get(place, "core")]) is not None


def test_the_architecture_names_every_module() -> None:
    told = room_told()
    assert set(PLACES.values()) | {"core"} == set(told)
    assert not [str(module) for module in MODULES if not is_named(module, told)]
