"""What a Linux desktop gets: menu entry, metainfo, file types and completions, checked by the systems' own tools."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import completions
import linux_files
import project
import pytest

from catdog_desktop import __version__

PROGRAMS = completions.programs()


def tool(name: str) -> str:
    """Return the path of a checking tool, which may be missing on a developer's machine."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    linux_files.write_share(folder)
    return folder


def test_menu_entry_is_valid_and_opens_photos_and_folders(share: Path) -> None:
    entry = share / "applications" / "catdog-desktop.desktop"
    run = subprocess.run([tool("desktop-file-validate"), str(entry)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")
    kinds = re.search(r"^MimeType=(.*)$", entry.read_text(), re.MULTILINE)
    assert kinds is not None
    assert {"image/jpeg", "image/heic", "inode/directory", "application/x-catdog-model"} <= set(kinds[1].split(";"))


def test_metainfo_is_valid_but_for_the_unset_id(share: Path) -> None:
    (path,) = (share / "metainfo").iterdir()
    run = subprocess.run(
        [tool("appstreamcli"), "validate", "--pedantic", "--no-net", "--no-color", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    found = set(re.findall(r"^[EWIP]: \S+ ([\w-]+)", run.stdout, re.MULTILINE))
    # Versions before 1.0 want <developer_name>, later ones <developer>; the address is unset until there is one.
    assert found <= {"cid-maybe-not-rdns", "url-homepage-missing", "developer-name-tag-deprecated", "no-screenshots"}


def test_metainfo_has_the_notes_of_this_version() -> None:
    root = ElementTree.fromstring(linux_files.metainfo())
    release = root.find("releases/release")
    assert release is not None
    assert release.get("version") == __version__
    notes = [item.text or "" for item in root.iterfind("releases/release/description/ul/li")]
    assert notes == linux_files.release_notes(__version__)
    assert not any(sign in note for note in notes for sign in "*`")


def test_release_notes_of_unknown_version_raises() -> None:
    with pytest.raises(ValueError, match=r"9\.9\.9"):
        linux_files.release_notes("9.9.9")


def test_file_type_is_known_after_update(share: Path, tmp_path: Path) -> None:
    packages = tmp_path / "mime" / "packages"
    packages.mkdir(parents=True)
    shutil.copy(share / "mime" / "packages" / "catdog-desktop.xml", packages)
    run = subprocess.run(
        [tool("update-mime-database"), str(tmp_path / "mime")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"XDG_DATA_HOME": str(tmp_path)},
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "application/x-catdog-model:*.catdog\n" in (tmp_path / "mime" / "globs").read_text()


def test_translated_entry_has_a_line_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_files, "translations", lambda message: {"de": f"{message} auf Deutsch"})
    assert "GenericName[de]=Cat and dog photo sorter auf Deutsch" in linux_files.desktop_entry()
    assert '<summary xml:lang="de">' in linux_files.metainfo()


def test_unset_project_refuses_a_tag(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(project, "PROJECT", project.Project(homepage="https://example.org"))
    assert project.main() == 1
    assert "contact" in capsys.readouterr().err
    filled = project.Project(*["https://example.org"] * 3, "ada@example.org", "org.example.CatDog")
    monkeypatch.setattr(project, "PROJECT", filled)
    assert project.main() == 0


def test_set_addresses_are_in_the_metainfo(monkeypatch: pytest.MonkeyPatch) -> None:
    filled = project.Project(*["https://example.org/a&b"] * 3, "ada@example.org", "org.example.CatDog")
    monkeypatch.setattr(linux_files, "PROJECT", filled)
    root = ElementTree.fromstring(linux_files.metainfo())
    assert root.findtext("id") == "org.example.CatDog"
    assert root.findtext("url[@type='homepage']") == "https://example.org/a&b"
    assert len(root.findall("screenshots/screenshot")) == 2


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_has_all_options_and_parses(program: str, shell: str, tmp_path: Path) -> None:
    parser = PROGRAMS[program]
    text = getattr(completions, shell)(program, parser)
    for each in (parser, *completions.commands_of(parser).values()):
        for option in completions.options_of(each):
            for name in option.option_strings:
                shown = f"-l {name[2:]}" if shell == "fish" and name.startswith("--") else name
                assert shown in text or shell == "fish"
    path = tmp_path / "completion"
    path.write_text(text)
    run = subprocess.run([tool(shell), "-n", str(path)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def complete_in_bash(share: Path, *words: str) -> set[str]:
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _catdog; printf "%s\\n" "${COMPREPLY[@]}"'
    path = share / "bash-completion" / "completions" / "catdog"
    run = subprocess.run([tool("bash"), "-c", script, "bash", path, *words], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("catdog", "fo"), {"forget"}),
        (("catdog", "sort", "--dry"), {"--dry-run"}),
        (("catdog", "export", "--as", ""), {"csv", "html", "jsonl", "xmp"}),
        (("catdog", "--vers"), {"--version"}),
        (("catdog", "classify", "cat"), set()),
    ],
)
def test_bash_offers(share: Path, words: tuple[str, ...], offered: set[str]) -> None:
    assert complete_in_bash(share, *words) == offered


def test_fish_offers_options_of_the_command(share: Path, tmp_path: Path) -> None:
    path = share / "fish" / "vendor_completions.d" / "catdog.fish"
    run = subprocess.run(
        [tool("fish"), "-c", f"source '{path}'; complete -C 'catdog sort --dr'"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"HOME": str(tmp_path)},
    )
    assert run.stdout.startswith("--dry-run\t")
