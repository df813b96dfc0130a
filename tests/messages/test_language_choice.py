"""Which language is used: the override, the setting, the system, else English."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from catdog_desktop import cli, messages
from catdog_desktop.languages import choice
from catdog_desktop.messages import _, ngettext, use_catalog
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings, load_settings, save_settings


@pytest.fixture(autouse=True)
def system_without_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CATDOG_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("wished", "best"),
    [
        (["de_AT.UTF-8"], "de"),
        (["pt"], "pt_BR"),
        (["pt-PT", "fr"], "pt_BR"),
        (["zh-Hans-CN"], "zh_CN"),
        (["zh_SG"], "zh_CN"),
        (["zh_TW.UTF-8", "ja_JP"], "ja"),
        (["zh-Hant-HK"], "en"),
        (["eo", "nl_NL", "es_MX@euro"], "es"),
        (["en_GB", "de"], "en"),
        (["C.UTF-8", "de"], "en"),
        (["POSIX"], "en"),
        (["", "ar_EG"], "ar"),
        ([], "en"),
    ],
)
def test_best_language_is_first_that_app_has(wished: list[str], best: str) -> None:
    assert choice.best_language(wished) == best


@pytest.mark.parametrize(
    ("environment", "languages"),
    [
        ({"LANGUAGE": "de:fr", "LANG": "it_IT.UTF-8"}, ["de", "fr"]),
        ({"LANGUAGE": "", "LC_ALL": "ja_JP.UTF-8", "LANG": "it_IT.UTF-8"}, ["ja_JP.UTF-8"]),
        ({"LC_MESSAGES": "es_ES", "LANG": "it_IT.UTF-8"}, ["es_ES"]),
        ({"LC_NUMERIC": "es_ES", "LANG": "it_IT.UTF-8"}, ["it_IT.UTF-8"]),
        ({}, []),
    ],
)
def test_environment_languages_follow_gettext(environment: dict[str, str], languages: list[str]) -> None:
    assert choice.environment_languages(environment) == languages


def test_language_of_system_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert choice.start_language() == "de"
    assert messages.language() == "de"


def test_language_that_only_qt_knows_is_used_after_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choice.start_language(["fr-CA"]) == "fr"
    monkeypatch.setenv("LANG", "it_IT.UTF-8")
    assert choice.start_language(["fr-CA"]) == "it"


def test_setting_overrides_system_and_variable_overrides_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(settings_file(), Settings(language="fr"))
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert choice.start_language() == "fr"
    monkeypatch.setenv("CATDOG_LANGUAGE", "it")
    assert choice.start_language() == "it"
    monkeypatch.setenv("CATDOG_LANGUAGE", "en")
    assert choice.start_language() == "en"


@pytest.mark.parametrize(
    "content", ["", "[]", '{"language": 3}', '{"language": "xx"}', '{"language": ["de"]}', "\udcff"]
)
def test_damaged_settings_use_language_of_system(content: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert choice.saved_language(path) == ""


def test_unknown_language_in_settings_is_reset(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"language": "xx", "theme": "dark"}))
    settings, warning = load_settings(path)
    assert (settings.language, settings.theme) == ("", "dark")
    assert warning is not None
    assert "language" in warning


@pytest.mark.parametrize("content", [b"no catalog", b""])
def test_catalog_that_cannot_be_read_means_english(tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "catdog.mo"
    broken.write_bytes(content)
    assert use_catalog(broken) == "en"
    assert use_catalog(tmp_path / "missing.mo") == "en"
    assert _("Stopped.") == "Stopped."


def test_catalog_named_by_variable_translates(pseudo_catalog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATDOG_LANGUAGE", str(pseudo_catalog))
    assert choice.start_language() == "en_XA"
    assert _("Stopped.").startswith("⟦Stöppéd.")
    assert ngettext("{count} photo", "{count} photos", 2).format(count=2).startswith("⟦2 phötös")


def test_command_line_speaks_the_language(
    pseudo_catalog: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CATDOG_LANGUAGE", str(pseudo_catalog))
    assert cli.main(["--help"]) == 0
    assert "⟦Shöws för éåçh phötö" in capsys.readouterr().out


def test_program_started_in_language_needs_no_babel(pseudo_catalog: Path) -> None:
    program = (
        "import sys; sys.modules['babel'] = None; sys.argv = ['catdog', 'models', '--help']\n"
        f"import os; os.environ['CATDOG_LANGUAGE'] = {str(pseudo_catalog)!r}\n"
        "from catdog_desktop.cli import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "⟦" in done.stdout
