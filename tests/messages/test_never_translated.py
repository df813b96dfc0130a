"""What other programs read is the same in every language: keys, values, journals, settings, default names."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catdog_desktop import cli
from catdog_desktop.languages.choice import LANGUAGES
from catdog_desktop.settings import Settings, save_settings
from catdog_desktop.sorting.options import DEFAULT_FOLDERS

OTHERS = [code for code in LANGUAGES if code in ("de", "ja", "ar")]


@pytest.fixture
def photos(photo_dir: Path) -> Path:
    (photo_dir / "note.jpg").write_text("no photo")
    return photo_dir


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run a command in a language; return its exit status and its standard output."""

    def run_command(code: str, *arguments: object) -> tuple[int, str]:
        monkeypatch.setenv("CATDOG_LANGUAGE", code)
        status = cli.main([str(argument) for argument in arguments])
        return status, capsys.readouterr().out

    return run_command


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_results_are_the_same_in_every_language(
    kind: str, code: str, photos: Path, run: Callable[..., tuple[int, str]]
) -> None:
    english = run("en", "classify", "--format", kind, "--no-store", photos)
    assert run(code, "classify", "--format", kind, "--no-store", photos) == english
    if kind == "csv":
        rows = list(csv.DictReader(io.StringIO(english[1])))
        assert {row["verdict"] for row in rows} <= {"cat", "dog", "both", "neither", "unsure", ""}
        assert [row["error"] for row in rows if row["error"]] == ["is not a photo (it holds text)"]


@pytest.mark.parametrize("code", OTHERS)
def test_sort_uses_english_folders_and_journals(
    code: str, photos: Path, tmp_path: Path, home: Path, run: Callable[..., tuple[int, str]]
) -> None:
    status, _output = run(code, "sort", photos, tmp_path / "sorted")
    assert status in (0, 1)
    folders = {path.name for path in (tmp_path / "sorted").iterdir()}
    assert folders
    assert folders <= {name for name in DEFAULT_FOLDERS.values() if name}
    (journal,) = home.rglob("journals/*.jsonl")
    head = json.loads(journal.read_text(encoding="utf-8").splitlines()[0])
    assert all(key.isascii() for key in head)
    assert head["action"] == "copy"
    _status, listed = run(code, "undo", "--list", "--format", "jsonl")
    assert json.loads(listed.splitlines()[0])["action"] == "copy"


@pytest.mark.parametrize("code", OTHERS)
def test_keywords_stay_english(code: str, photos: Path, run: Callable[..., tuple[int, str]]) -> None:
    run(code, "export", photos, "--as", "xmp")
    written = b"".join(path.read_bytes() for path in photos.glob("*.xmp"))
    assert b"<rdf:li>cat</rdf:li>" in written


def test_settings_hold_ids(tmp_path: Path, speak: Callable[[str], None]) -> None:
    speak("de")
    path = tmp_path / "settings.json"
    save_settings(path, Settings(theme="dark", language="de"))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["theme"], content["view"], content["language"]) == ("dark", "grid", "de")
    assert path.read_text(encoding="utf-8").isascii()
