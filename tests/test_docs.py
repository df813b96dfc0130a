"""Documents: files that they name exist, packages and commands are documented, the English is plain."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import catdog_desktop
from catdog_desktop.cli import COMMANDS

PACKAGE = Path(catdog_desktop.__file__).parent
ROOT = PACKAGE.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md"])
LINKED_DOCUMENTS = [path for path in DOCUMENTS if path not in (ROOT / "README.md", ROOT / "CHANGELOG.md")]
PACKAGES = sorted(
    path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE
)
FILE_NAME = re.compile(r"`([\w./-]+\.(?:py|sh|spec|md|ini|toml))`")
LINK = re.compile(r"\]\(([^)#]+?)(?:#[\w-]*)?\)")
MAX_README_WORDS = 700

FIGURES_OF_SPEECH = re.compile(
    r"""\blest\b | \bof\ which\b(?!\ inference) | \bthere\ (?:is|are)\ none\b | \bwho\ opens\b | \bfor\ want\ of\b
    | \b(?:is|are|was|were|be|been)\ told\b | \bthe\ house\b | \bmanners\b | \bdoors\b
    | \brooms?\ of\ (?:the\ )?(?:core|window|gui|importing|training|cluster)\b | \bwhatever\ lies\b""",
    re.VERBOSE | re.IGNORECASE,
)
"""Figures of speech of earlier versions. Literal uses of house, room and door are not matched."""
WORD_LISTS = {"CHANGELOG.md", "GLOSSARY.md", "tests/test_docs.py"}
"""Old entries, and files that name these words to avoid them."""


def project_files() -> set[str]:
    folders = ("catdog_desktop", "tests", "packaging", "benchmarks", "docs", "models")
    below = (path for folder in folders for path in (ROOT / folder).rglob("*.*"))
    return {f"/{path.relative_to(ROOT).as_posix()}" for path in [*ROOT.glob("*.*"), *below]}


def text_of(*names: str) -> str:
    return ROOT.joinpath(*names).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document_names_only_existing_files(document: Path) -> None:
    files = project_files()
    named = set(FILE_NAME.findall(document.read_text(encoding="utf-8")))
    assert not {name for name in named if not any(file.endswith(f"/{name}") for file in files)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document_links_only_to_existing_files(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (document.parent / link).exists()]


@pytest.mark.parametrize("package", PACKAGES)
def test_architecture_names_every_package(package: str) -> None:
    parent, _, name = package.rpartition("/")
    spellings = (f"`{package}/`", f"`{name}/`") if parent == "model_import" else (f"`{package}/`",)
    assert any(spelling in text_of("docs", "architecture.md") for spelling in spellings)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_line_document_names_every_command(command: str) -> None:
    assert f"`catdog {command}" in text_of("docs", "command-line.md")


def test_readme_is_short() -> None:
    assert len(text_of("README.md").split()) <= MAX_README_WORDS


@pytest.mark.parametrize("document", LINKED_DOCUMENTS, ids=lambda path: path.name)
def test_document_is_linked_from_readme(document: Path) -> None:
    assert document.relative_to(ROOT).as_posix() in text_of("README.md")


def tracked_texts() -> Iterator[str]:
    listed = subprocess.run(["git", "ls-files", "*.py", "*.md", "NOTICE"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    yield from (name for name in listed.stdout.splitlines() if name not in WORD_LISTS)


def test_texts_contain_no_figures_of_speech() -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in tracked_texts()
        if (ROOT / name).is_file()
        for number, line in enumerate(text_of(name).splitlines(), 1)
        if FIGURES_OF_SPEECH.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("sentence", "is_figure"),
    [
        ("Hold the lock, lest two sorts run.", True),
        ("Three files, of which one is read.", True),
        ("The user is told why.", True),
        ("Photos come in by any of the doors.", True),
        ("How the house is laid out", True),
        ("The rooms of the core", True),
        ("The lesson of the test", False),
        ("Photos of rooms, house fronts, clothes, food", False),
        ("The bytes, empty if there is none", True),
        ("The outdoors", False),
    ],
)
def test_figures_of_speech_matches_figures_only(sentence: str, is_figure: bool) -> None:
    assert (FIGURES_OF_SPEECH.search(sentence) is not None) == is_figure
