"""The packages for Linux, from a bundle: archive with install.sh, .deb, .rpm and Arch (the last three by nfpm).

    python packaging/linux_packages.py BUNDLE TARGET [--version VERSION]

No package runs a script when it is installed: the systems' own triggers update menus, file types and icons.
"""

import argparse
import filecmp
import gzip
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

from archives import compress_deb, files_below, steady_modes, write_tar_xz  # noqa: E402  beside this file, which is not a package
from build_stamp import source_date_epoch  # noqa: E402
from linux_files import write_share  # noqa: E402
from project import PROJECT  # noqa: E402

from catdog_desktop import __version__  # noqa: E402
from catdog_desktop import self_description as texts  # noqa: E402
from catdog_desktop.model_import.conversion.keras_package import FOLDER as KERAS_FOLDER  # noqa: E402
from catdog_desktop.model_import.conversion.keras_package import VERSION_FILE  # noqa: E402

NAME = "catdog-desktop"
LIBRARY = f"usr/lib/{NAME}"
BESIDE = ("share",)
"""Folders of the bundle that a package installs elsewhere."""
OLDEST_GLIBC = "2.36"
"""Measured from the symbols of all libraries in the bundle by a test. Debian 12 has it, where releases are built."""

KERAS_DESCRIPTION = """\
Import of Keras models for CatDog
TensorFlow, by which catdog-desktop imports .h5, .keras and SavedModel files."""
DEB_DEPENDS = (
    f"libc6 (>= {OLDEST_GLIBC})", "libstdc++6 (>= 12)", "libgcc-s1", "libgl1", "libegl1",
    "libglib2.0-0 (>= 2.74) | libglib2.0-0t64", "libdbus-1-3", "libfontconfig1", "libfreetype6", "libx11-6",
    "libx11-xcb1", "libxcb1", "libzstd1",
)  # fmt: skip
DEB_RECOMMENDS = ("fonts-dejavu-core | fonts-noto-core", "libwayland-client0", "libwayland-cursor0", "xdg-utils")
RPM_DEPENDS = (
    f"libc.so.6(GLIBC_{OLDEST_GLIBC})(64bit)",
    *(
        f"{library}()(64bit)"
        for library in (
            "libstdc++.so.6", "libgcc_s.so.1", "libGL.so.1", "libEGL.so.1", "libglib-2.0.so.0", "libdbus-1.so.3",
            "libfontconfig.so.1", "libfreetype.so.6", "libX11.so.6", "libX11-xcb.so.1", "libxcb.so.1", "libzstd.so.1",
        )
    ),
)  # fmt: skip
RPM_FIELDS = {
    "buildhost": "reproducible",  # else the name of the machine
    "compression": "zstd",  # nfpm's xz takes minutes, for a tenth less
    "group": "Applications/Multimedia",
    "summary": texts.SUMMARY,
}
ARCH_DEPENDS = (
    f"glibc>={OLDEST_GLIBC}", "gcc-libs", "libglvnd", "glib2", "dbus", "fontconfig", "freetype2", "libx11", "libxcb",
    "zstd",
)  # fmt: skip


def stage(bundle: Path, root: Path) -> None:
    """Lay out the files of `bundle` in `root` as a package installs them."""
    library = root / LIBRARY
    shutil.copytree(bundle, library, symlinks=True, ignore=shutil.ignore_patterns(*BESIDE, "NOTICE.txt", "licences"))
    (library / "LICENSE.txt").unlink(missing_ok=True)  # Debian has the text; its copyright file names it.
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/catdog-desktop").symlink_to(f"../lib/{NAME}/CatDog")
    (root / "usr/bin/catdog").symlink_to(f"../lib/{NAME}/catdog-cli")
    share = root / "usr/share"
    write_share(share)
    for page in (share / "man/man1").iterdir():
        _compress(page)
    doc = share / "doc" / NAME
    doc.mkdir(parents=True)
    (doc / "copyright").write_text(copyright_file(), encoding="utf-8")
    shutil.copytree(bundle / "licences", doc / "licences")
    shutil.copyfile(bundle / "NOTICE.txt", doc / "NOTICE")
    steady_modes(root)


def copyright_file() -> str:
    """Return Debian's copyright file: our licence, and where the licences of the parts are."""
    return f"""\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: CatDog Desktop
Upstream-Contact: {PROJECT.maintainer}
Source: {PROJECT.homepage or "the source archive that is published beside this package"}
Comment:
 The package contains Python, Qt and other libraries, unchanged, each under its own
 licence. /usr/share/doc/{NAME}/NOTICE lists them, and where their sources are.
 The licence texts that Debian does not have are in /usr/share/doc/{NAME}/licences
 and in /usr/lib/{NAME}/_internal/*.dist-info/licenses.

Files: *
Copyright: 2026 the CatDog Desktop contributors
License: Apache-2.0
 On Debian systems, the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
"""


def _compress(path: Path) -> None:
    with gzip.GzipFile(f"{path}.gz", "wb", 9, mtime=0) as file:
        file.write(path.read_bytes())
    path.unlink()


def debian_files(root: Path, version: str, seconds: int) -> None:
    """Add what only Debian wants: changelog, zsh completions in its folder, exceptions for lintian."""
    from email.utils import formatdate

    doc = root / "usr/share/doc" / NAME
    changelog = doc / "changelog.Debian"
    changelog.write_text(
        f"{NAME} ({version}-1) unstable; urgency=medium\n\n  * Version {version}; see changelog.gz.\n\n"
        f" -- {PROJECT.maintainer}  {formatdate(seconds)}\n",
        encoding="utf-8",
    )
    shutil.copyfile(ROOT / "CHANGELOG.md", doc / "changelog")
    _compress(changelog)
    _compress(doc / "changelog")
    zsh = root / "usr/share/zsh"
    (zsh / "site-functions").rename(zsh / "vendor-completions")
    overrides = root / "usr/share/lintian/overrides"
    overrides.mkdir(parents=True)
    shutil.copyfile(HERE / "linux" / "lintian-overrides", overrides / NAME)
    steady_modes(root)


def nfpm_description(root: Path, version: str, seconds: int, **more: Any) -> dict[str, Any]:
    """Return the description of a package for nfpm; JSON is YAML, too."""
    from datetime import UTC, datetime

    return {
        "name": NAME,
        "arch": "amd64",
        "platform": "linux",
        "version": version,
        "release": "1",
        "section": "graphics",
        "priority": "optional",
        "maintainer": PROJECT.maintainer,
        "vendor": "CatDog Desktop contributors",
        "description": "\n".join([texts.SUMMARY, *textwrap.wrap(" ".join(texts.DESCRIPTION), 76)]),
        "license": "Apache-2.0",
        "mtime": datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "contents": contents(root),
        **({"homepage": PROJECT.homepage} if PROJECT.homepage else {}),
        **more,
    }


def contents(root: Path) -> list[dict[str, Any]]:
    """Return all files and links of `root` for nfpm. Folders that only packages use are its own."""
    listed: list[dict[str, Any]] = []
    for path in files_below(root):
        place = f"/{path.relative_to(root).as_posix()}"
        if path.is_symlink():
            # With a mode, since nfpm otherwise takes that of whatever is there, seen from the current folder.
            link = {"src": str(path.readlink()), "dst": place, "type": "symlink", "file_info": {"mode": 0o777}}
            listed.append(link)
        elif path.is_file():
            listed.append({"src": str(path), "dst": place, "file_info": {"mode": path.stat().st_mode & 0o777}})
        elif place.startswith((f"/{LIBRARY}", f"/usr/share/doc/{NAME}")):
            listed.append({"dst": place, "type": "dir", "file_info": {"mode": 0o755}})
    return listed


def run_nfpm(description: Mapping[str, Any], kind: str, target: Path, seconds: int) -> None:
    """Write one package. `kind` is deb, rpm or archlinux."""
    given = target.with_name(f"{target.name}.nfpm.json")
    given.write_text(json.dumps(description), encoding="utf-8")
    nfpm = shutil.which("nfpm") or str(Path(sys.executable).with_name("nfpm"))
    command = [nfpm, "package", "--config", str(given), "--packager", kind, "--target", str(target)]
    subprocess.run(command, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": str(seconds)}, stdout=subprocess.DEVNULL)
    given.unlink()


def keras_folder(full: Path, small: Path, target: Path) -> None:
    """Write what the full bundle has beyond the small one to `target`, with links to the app's files for the rest.

    The links hold where the app is in `catdog-desktop` beside it.
    """
    shutil.copytree(full / "_internal", target / "_internal", symlinks=True)
    shutil.copy2(full / "catdog-cli", target / "catdog-cli")
    (target / VERSION_FILE).write_text(f"{__version__}\n", encoding="utf-8")
    for path in files_below(target / "_internal"):
        below = path.relative_to(target)
        own = small / below
        if not path.is_symlink() and path.is_file() and own.is_file() and filecmp.cmp(path, own, shallow=False):
            path.unlink()
            path.symlink_to(Path(*[".."] * len(below.parts), NAME, below))


def write_keras_packages(full: Path, small: Path, target: Path) -> list[Path]:
    """Write the .deb and the archive that add the import of Keras models; return their paths."""
    seconds = source_date_epoch()
    work = target / "work-keras"
    shutil.rmtree(work, ignore_errors=True)
    root = work / "root"
    folder = root / "usr/lib" / KERAS_FOLDER
    folder.parent.mkdir(parents=True)
    keras_folder(full, small, folder)
    steady_modes(root)
    archive = target / f"CatDog-keras-{__version__}-linux-x86_64.tar.xz"
    packed = work / f"CatDog-keras-{__version__}"
    packed.mkdir()
    shutil.copytree(folder, packed / KERAS_FOLDER, symlinks=True)
    shutil.copytree(full / "licences", packed / "licences")
    shutil.copy(HERE / "linux" / "install-keras.sh", packed / "install.sh")
    steady_modes(packed)
    write_tar_xz(packed, archive, seconds)
    doc = root / "usr/share/doc" / KERAS_FOLDER
    doc.mkdir(parents=True)
    shutil.copytree(full / "licences", doc / "licences")
    (doc / "copyright").write_text(copyright_file(), encoding="utf-8")
    steady_modes(root)
    deb = target / f"{KERAS_FOLDER}_{__version__}-1_amd64.deb"
    description = nfpm_description(
        root, __version__, seconds, depends=[f"{NAME} (= {__version__}-1)"], deb={"compression": "none"}
    )
    description["name"] = KERAS_FOLDER
    description["description"] = KERAS_DESCRIPTION
    run_nfpm(description, "deb", deb, seconds)
    compress_deb(deb)
    shutil.rmtree(work)
    return [archive, deb]


def write_packages(bundle: Path, target: Path, version: str = __version__) -> list[Path]:
    """Write all packages of `bundle` to `target`; return their paths."""
    seconds = source_date_epoch()
    work = target / "work"
    shutil.rmtree(work, ignore_errors=True)
    root = work / "root"
    stage(bundle, root)
    rpm = target / f"{NAME}-{version}-1.x86_64.rpm"
    arch = target / f"{NAME}-{version}-1-x86_64.pkg.tar.zst"
    deb = target / f"{NAME}_{version}-1_amd64.deb"
    run_nfpm(
        nfpm_description(root, version, seconds, depends=RPM_DEPENDS, rpm=RPM_FIELDS),
        "rpm", rpm, seconds,
    )  # fmt: skip
    run_nfpm(nfpm_description(root, version, seconds, depends=ARCH_DEPENDS), "archlinux", arch, seconds)
    debian_files(root, version, seconds)
    run_nfpm(
        nfpm_description(
            root, version, seconds, depends=DEB_DEPENDS, recommends=DEB_RECOMMENDS, deb={"compression": "none"}
        ),
        "deb", deb, seconds,
    )  # fmt: skip
    compress_deb(deb)
    archive = target / f"CatDog-{version}-linux-x86_64.tar.xz"
    folder = work / f"CatDog-{version}"
    shutil.copytree(bundle, folder, symlinks=True)
    for script in ("install.sh", "uninstall.sh"):
        shutil.copy(HERE / "linux" / script, folder / script)
    steady_modes(folder)
    write_tar_xz(folder, archive, seconds)
    shutil.rmtree(work)
    return [archive, deb, rpm, arch]


def main() -> int:
    """Write the packages of a bundle."""
    parser = argparse.ArgumentParser(description="Write the packages for Linux.")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("target", type=Path, metavar="TARGET")
    parser.add_argument("--version", default=__version__)
    parser.add_argument("--keras", type=Path, metavar="FULL_BUNDLE", help="write the packages for Keras models instead")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    target = arguments.target.resolve()
    if arguments.keras is None:
        written = write_packages(arguments.bundle, target, arguments.version)
    else:
        written = write_keras_packages(arguments.keras, arguments.bundle, target)
    for path in written:
        sys.stdout.write(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
