"""The packages for Linux, made of a small stand-in of a bundle."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import archives
import linux_packages
import pytest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


def test_stage_lays_out_files_as_packages_install_them(small_bundle: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    linux_packages.stage(small_bundle, root)
    assert (root / "usr/bin/catdog").resolve() == (root / "usr/lib/catdog-desktop/catdog-cli").resolve()
    assert (root / "usr/bin/catdog-desktop").resolve().name == "CatDog"
    for place in (
        "usr/share/applications/catdog-desktop.desktop",
        "usr/share/man/man1/catdog.1.gz",
        "usr/share/mime/packages/catdog-desktop.xml",
        "usr/share/icons/hicolor/256x256/apps/catdog.png",
        "usr/share/doc/catdog-desktop/copyright",
        "usr/share/doc/catdog-desktop/NOTICE",
    ):
        assert (root / place).is_file(), place
    modes = {path.stat().st_mode & 0o777 for path in root.rglob("*") if not path.is_symlink()}
    assert modes == {0o755, 0o644}


def test_contents_names_every_file_once(small_bundle: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    linux_packages.stage(small_bundle, root)
    listed = [entry["dst"] for entry in linux_packages.contents(root) if entry.get("type") != "dir"]
    files = [f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file() or path.is_symlink()]
    assert sorted(listed) == sorted(files)
    shared = {"/usr", "/usr/bin", "/usr/share", "/usr/share/man", "/usr/share/icons"}
    owned = {entry["dst"] for entry in linux_packages.contents(root) if entry.get("type") == "dir"}
    assert not owned & shared, "folders of the system do not belong to the package"


@linux
@pytest.mark.skipif(shutil.which("xz") is None, reason="xz is not installed")
def test_archive_depends_on_names_contents_and_modes_alone(small_bundle: Path, tmp_path: Path) -> None:
    first = tmp_path / "first.tar.xz"
    archives.write_tar_xz(small_bundle, first, 1_700_000_000)
    copy = tmp_path / "elsewhere" / "CatDog"
    copy.mkdir(parents=True)
    for path in reversed(archives.files_below(small_bundle)):  # another order, and other times
        target = copy / path.relative_to(small_bundle)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            shutil.copy(path, target)
        os.utime(target if target.exists() else copy, (1, 1))
    second = tmp_path / "second.tar.xz"
    archives.write_tar_xz(copy, second, 1_700_000_000)
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as archive:
        assert {(info.uid, info.uname, info.mtime) for info in archive} == {(0, "root", 1_700_000_000)}


def test_zip_depends_on_names_and_contents_alone(small_bundle: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        archives.write_zip(small_bundle, tmp_path / name, (2026, 1, 2))
        os.utime(small_bundle / "CatDog", (1, 1))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.getinfo("CatDog/CatDog").external_attr >> 16 == 0o100755


@linux
@pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("nfpm", "dpkg-deb", "xz")), reason="nfpm, dpkg-deb or xz is missing"
)
def test_packages_are_equal_from_another_folder(
    small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the links of the package would lead to, seen from the first folder: nfpm looks there.
    shutil.copytree(small_bundle, tmp_path / "lib" / "catdog-desktop")
    moved = tmp_path / "moved" / "CatDog"
    shutil.copytree(small_bundle, moved)
    sums = []
    for bundle, name in ((small_bundle, "one"), (moved, "elsewhere/two")):
        (tmp_path / name).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / name)
        packages = linux_packages.write_packages(bundle, tmp_path / name)
        sums.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in packages})
    assert sums[0] == sums[1]
    (deb,) = (tmp_path / "one").glob("*.deb")
    fields = subprocess.check_output(["dpkg-deb", "--field", str(deb)], text=True)
    assert "Package: catdog-desktop\n" in fields
    assert f"libc6 (>= {linux_packages.OLDEST_GLIBC})" in fields
    listed = subprocess.check_output(["dpkg-deb", "--contents", str(deb)], text=True)
    assert "./usr/bin/catdog -> ../lib/catdog-desktop/catdog-cli" in listed
    scripts = subprocess.check_output(["dpkg-deb", "--info", str(deb)], text=True)
    assert "postinst" not in scripts, "nothing runs at the installation"


@linux
def test_install_and_uninstall_in_home_leave_no_trace(small_bundle: Path, tmp_path: Path) -> None:
    linux_packages.write_share(small_bundle / "share")
    for script in ("install.sh", "uninstall.sh"):
        shutil.copy(Path(linux_packages.HERE) / "linux" / script, small_bundle / script)
    home = tmp_path / "home with a space"
    (home / ".config" / "CatDog").mkdir(parents=True)
    (home / ".config" / "CatDog" / "settings.json").write_text("{}")
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}

    def run(script: Path) -> str:
        done = subprocess.run([str(script)], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(small_bundle / "install.sh")
    before = {path for path in home.rglob("*") if path.is_file()}
    assert "not in your PATH" in run(small_bundle / "install.sh"), "a second time, over the first"
    assert {path for path in home.rglob("*") if path.is_file()} == before
    started = subprocess.check_output([str(home / ".local/bin/catdog"), "doctor"], text=True)
    assert started == "catdog-cli doctor\n"
    entry = (home / ".local/share/applications/catdog-desktop.desktop").read_text()
    assert f'Exec="{home}/.local/bin/catdog-desktop" %F' in entry
    run(home / ".local/lib/catdog-desktop/uninstall.sh")
    left = [path for path in home.rglob("*") if path.is_file() or path.is_symlink()]
    assert left == [home / ".config" / "CatDog" / "settings.json"]


@pytest.fixture
def full_bundle(small_bundle: Path) -> Path:
    """A bundle with everything of the small one, a library more, and another program."""
    full = small_bundle.with_name("CatDog-full")
    shutil.copytree(small_bundle, full)
    (full / "_internal" / "tensorflow").mkdir()
    (full / "_internal" / "tensorflow" / "libtensorflow.so").write_bytes(b"\x7fELF TensorFlow")
    (full / "catdog-cli").write_text('#!/bin/sh\necho "full $*"\n')
    return full


@linux
def test_keras_folder_has_only_what_the_app_lacks(small_bundle: Path, full_bundle: Path, tmp_path: Path) -> None:
    lib = tmp_path / "lib"
    shutil.copytree(small_bundle, lib / "catdog-desktop")
    folder = lib / linux_packages.KERAS_FOLDER
    linux_packages.keras_folder(full_bundle, small_bundle, folder)
    own = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
    }
    assert own == {"catdog-cli", "version", "_internal/tensorflow/libtensorflow.so"}
    link = folder / "_internal" / "libsmall.so.1"
    assert link.is_symlink()
    assert link.resolve() == (lib / "catdog-desktop" / "_internal" / "libsmall.so.1").resolve()
    assert not (folder / "CatDog").exists(), "the window is that of the app"


@linux
def test_keras_archive_installs_beside_the_app(small_bundle: Path, full_bundle: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = home / ".local" / "lib" / "catdog-desktop"
    shutil.copytree(small_bundle, app)
    packed = tmp_path / "packed"
    packed.mkdir()
    linux_packages.keras_folder(full_bundle, small_bundle, packed / linux_packages.KERAS_FOLDER)
    shutil.copy(linux_packages.HERE / "linux" / "install-keras.sh", packed / "install.sh")
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}

    def install() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(packed / "install.sh")], env=environment, capture_output=True, text=True, check=False
        )

    (app / "catdog-cli").write_text("#!/bin/sh\necho CatDog 1.0.0\n")
    refused = install()
    assert refused.returncode == 1
    assert "another version" in refused.stderr
    (app / "catdog-cli").write_text(f"#!/bin/sh\necho 'CatDog {linux_packages.__version__} (build 1 of 2)'\n")
    for _ in range(2):
        done = install()
        assert done.returncode == 0, done.stderr
    assert (app.parent / linux_packages.KERAS_FOLDER / "_internal" / "libsmall.so.1").read_bytes() == b"\x7fELF"
