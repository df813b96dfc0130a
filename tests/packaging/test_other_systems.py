"""What is for Windows, macOS and the workflows, as far as it can be checked here."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import try_bundle
from project import PROJECT

from catdog_desktop import __version__

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PHOTO_ENDINGS = {"jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "heif"}


@pytest.mark.skipif(shutil.which("makensis") is None, reason="makensis is not installed")
def test_windows_installer_compiles_without_warnings(small_bundle: Path, tmp_path: Path) -> None:
    for name in ("CatDog", "catdog-cli"):
        (small_bundle / name).rename(small_bundle / f"{name}.exe")
    target = tmp_path / "CatDog-setup.exe"
    script = ROOT / "packaging" / "windows" / "installer.nsi"
    run = subprocess.run(
        ["makensis", "-V2", "-WX", "-DVERSION=2.0.0", f"-DBUNDLE={small_bundle}", f"-DTARGET={target}", str(script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert target.read_bytes()[:2] == b"MZ"


def test_windows_installer_removes_what_it_registers() -> None:
    text = (ROOT / "packaging" / "windows" / "installer.nsi").read_text()
    install, uninstall = text.split('Section "Uninstall"')
    assert "RequestExecutionLevel user" in text
    assert not re.search(r"\bHKLM\b|\bHKCR\b", text), "no administrator"
    assert set(re.findall(r'insertmacro OpenWith "(\w+)"', install)) == PHOTO_ENDINGS
    assert set(re.findall(r'insertmacro NoOpenWith "(\w+)"', uninstall)) == PHOTO_ENDINGS
    written = set(re.findall(r'WriteReg\w+ HKCU "([^"]+)"', install))
    deleted = re.findall(r'DeleteRegKey HKCU "([^"]+)"', uninstall)
    left = [key for key in written if not any(key == root or key.startswith(f"{root}\\") for root in deleted)]
    assert left == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_pins_actions_by_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text())
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_limits_time_and_rights(path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    content = yaml.safe_load(path.read_text())
    assert content["permissions"] == {"contents": "read"}
    for name, job in content["jobs"].items():
        assert job["timeout-minutes"] <= 60, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_names_only_existing_files_and_targets(path: Path) -> None:
    text = path.read_text()
    missing = [name for name in re.findall(r"packaging/[\w./-]+\.\w+", text) if not (ROOT / name).exists()]
    assert missing == []
    makefile = (ROOT / "Makefile").read_text()
    assert [name for name in re.findall(r"run: make ([\w-]+)", text) if f"\n{name}:" not in makefile] == []


@pytest.mark.skipif(shutil.which("sh") is None, reason="no sh")
@pytest.mark.parametrize(
    "path", sorted((ROOT / "packaging").rglob("*.sh")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_shell_script_parses(path: Path) -> None:
    run = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_try_bundle_reports_program_that_fails(small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small_bundle / "catdog-cli").write_text("#!/bin/sh\nexit 3\n")
    monkeypatch.setattr("sys.argv", ["try_bundle.py", str(small_bundle)])
    with pytest.raises(SystemExit, match="doctor"):
        try_bundle.main()


def test_flatpak_takes_the_archive_of_this_version_and_no_network() -> None:
    text = (ROOT / "packaging" / "untried" / "flatpak.yml").read_text()
    assert f"CatDog-{__version__}-linux-x86_64.tar.xz" in text
    assert f"app-id: {PROJECT.component_id}\n" in text
    assert "- --share=network" not in text
