"""Everything in the frozen app that others made: name, licence, version, and which files belong to it.

The list of software of a release (`software_list`) comes from this table, and so does the part of NOTICE that names
what the frozen app contains. A test checks that each library in a bundle belongs to an entry.
"""

import importlib.metadata
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Component:
    """One piece of software."""

    name: str
    licence: str
    """SPDX expression."""
    source: str
    """Address of its sources or its page."""
    version: Callable[[], str] = field(default=lambda: "")
    """Returns the version in this build; empty if the library does not say."""
    files: str = ""
    """Pattern of its libraries in the bundle; empty if it is part of another library."""
    part_of: str = ""
    """Name of the component whose package brings it."""
    note: str = ""
    """For NOTICE: how it is used, where that matters for the licence."""


def _package(name: str) -> Callable[[], str]:
    return lambda: importlib.metadata.version(name)


def _pillow(feature: str) -> Callable[[], str]:
    def version() -> str:
        from PIL import features

        return features.version(feature) or ""

    return version


def _python() -> str:
    return sys.version.split()[0]


def _openssl() -> str:
    import ssl

    return ssl.OPENSSL_VERSION.split()[1]


def _sqlite() -> str:
    import sqlite3

    return sqlite3.sqlite_version


def _expat() -> str:
    import pyexpat

    return pyexpat.EXPAT_VERSION.removeprefix("expat_")


def _zlib() -> str:
    import zlib

    return zlib.ZLIB_RUNTIME_VERSION


def _heif(name: str) -> Callable[[], str]:
    def version() -> str:
        import pi_heif

        if name == "libheif":
            return str(pi_heif.libheif_version())
        decoders = pi_heif.libheif_info().get("decoders", {})
        found = re.search(
            r"(\d+\.\d+[\d.]*)", " ".join(map(str, decoders.values())) if isinstance(decoders, dict) else ""
        )
        return found[1] if found else ""

    return version


def _openblas() -> str:
    import numpy as np

    details = np.show_config(mode="dicts")
    return str(details["Build Dependencies"]["blas"].get("version", "")) if isinstance(details, dict) else ""


def _lxml(name: str) -> Callable[[], str]:
    def version() -> str:
        from lxml import etree

        return ".".join(map(str, getattr(etree, name)))

    return version


def _icu() -> str:
    """Return the major version, which is in the name of the library."""
    from pathlib import Path

    import PySide6

    names = [path.name for path in Path(PySide6.__file__).parent.joinpath("Qt", "lib").glob("libicudata.so.*")]
    return names[0].rpartition(".")[2] if names else ""


LGPL_NOTE = "Used unchanged, as separate shared libraries, which you may replace with your own builds"

COMPONENTS = (
    Component("Python", "PSF-2.0", "https://www.python.org", _python, r"libpython3|/lib-dynload/"),
    Component("OpenSSL (libcrypto)", "Apache-2.0", "https://www.openssl.org", _openssl, r"libcrypto\.so", "Python"),
    Component("libffi", "MIT", "https://sourceware.org/libffi", files=r"libffi\.so", part_of="Python"),
    Component("Expat", "MIT", "https://libexpat.github.io", _expat, r"libexpat\.so", "Python"),
    Component("SQLite", "blessing", "https://sqlite.org", _sqlite, r"libsqlite3\.so", "Python"),
    Component("zlib", "Zlib", "https://zlib.net", _zlib, r"libz\.so", "Python"),
    Component("bzip2", "bzip2-1.0.6", "https://sourceware.org/bzip2", files=r"libbz2\.so", part_of="Python"),
    Component("liblzma", "0BSD", "https://tukaani.org/xz", files=r"(^|/)liblzma\.so", part_of="Python"),
    Component(
        "PyInstaller bootloader",
        "GPL-2.0-or-later WITH Bootloader-exception",
        "https://pyinstaller.org",
        _package("pyinstaller"),
        note="The exception permits any use of the programs that it starts",
    ),
    Component(
        "PySide6 and Shiboken6",
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        "https://code.qt.io",
        _package("PySide6-Essentials"),
        r"PySide6/\w+\.abi3|libpyside6|shiboken6",
        note=f"{LGPL_NOTE}: the files in _internal/PySide6 and _internal/shiboken6",
    ),
    Component(
        "Qt",
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
        "https://code.qt.io",
        _package("PySide6-Essentials"),
        r"libQt6|PySide6/Qt/plugins/",
        "PySide6 and Shiboken6",
        f"{LGPL_NOTE}. Qt contains more; see https://doc.qt.io/qt-6/licenses-used-in-qt.html",
    ),
    Component(
        "ICU",
        "Unicode-3.0",
        "https://icu.unicode.org",
        _icu,
        r"libicu",
        "Qt",
        "On Linux its data is reduced to what Qt uses (packaging/trim_icu.py)",
    ),
    Component("libjpeg-turbo of Qt", "IJG AND BSD-3-Clause", "https://libjpeg-turbo.org", part_of="Qt"),
    Component("FreeType of Qt", "FTL", "https://freetype.org", part_of="Qt"),
    Component("HarfBuzz of Qt", "MIT", "https://harfbuzz.github.io", part_of="Qt"),
    Component("PCRE2 of Qt", "BSD-3-Clause", "https://www.pcre.org", part_of="Qt"),
    Component("libpng of Qt", "libpng-2.0", "http://www.libpng.org/pub/png/libpng.html", part_of="Qt"),
    Component("zlib of Qt", "Zlib", "https://zlib.net", part_of="Qt"),
    Component(
        "LiteRT",
        "Apache-2.0",
        "https://github.com/google-ai-edge/LiteRT",
        _package("ai-edge-litert"),
        r"ai_edge_litert/",
    ),
    *(
        Component(name, licence, source, part_of="LiteRT")
        for name, licence, source in (
            ("XNNPACK", "BSD-3-Clause", "https://github.com/google/XNNPACK"),
            ("FlatBuffers", "Apache-2.0", "https://github.com/google/flatbuffers"),
            ("Eigen", "MPL-2.0", "https://eigen.tuxfamily.org"),
            ("ruy", "Apache-2.0", "https://github.com/google/ruy"),
            ("gemmlowp", "Apache-2.0", "https://github.com/google/gemmlowp"),
            ("Abseil", "Apache-2.0", "https://abseil.io"),
            ("FP16", "MIT", "https://github.com/Maratyszcza/FP16"),
            ("cpuinfo", "BSD-2-Clause", "https://github.com/pytorch/cpuinfo"),
            ("pthreadpool", "BSD-2-Clause", "https://github.com/google/pthreadpool"),
            ("pybind11", "BSD-3-Clause", "https://github.com/pybind/pybind11"),
        )
    ),
    Component(
        "NumPy", "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", "https://numpy.org", _package("numpy"), r"numpy/"
    ),
    Component("OpenBLAS", "BSD-3-Clause", "https://www.openblas.net", _openblas, r"openblas", "NumPy"),
    Component("LAPACK", "BSD-3-Clause-Open-MPI", "https://www.netlib.org/lapack", part_of="NumPy"),
    Component(
        "libgfortran",
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "https://gcc.gnu.org",
        files=r"libgfortran",
        part_of="NumPy",
    ),
    Component(
        "libquadmath",
        "LGPL-2.1-or-later",
        "https://gcc.gnu.org",
        files=r"libquadmath",
        part_of="NumPy",
        note=f"{LGPL_NOTE}: _internal/numpy.libs",
    ),
    Component("Pillow", "MIT-CMU", "https://python-pillow.github.io", _package("pillow"), r"PIL/"),
    Component(
        "libjpeg-turbo",
        "IJG AND BSD-3-Clause",
        "https://libjpeg-turbo.org",
        _pillow("libjpeg_turbo"),
        r"libjpeg-",
        "Pillow",
    ),
    Component(
        "libwebp",
        "BSD-3-Clause",
        "https://chromium.googlesource.com/webm/libwebp",
        _pillow("webp"),
        r"libwebp|libsharpyuv",
        "Pillow",
    ),
    Component(
        "libavif", "BSD-2-Clause", "https://github.com/AOMediaCodec/libavif", _pillow("avif"), r"libavif", "Pillow"
    ),
    Component("dav1d", "BSD-2-Clause", "https://code.videolan.org/videolan/dav1d", part_of="Pillow"),
    Component("AOM", "BSD-2-Clause", "https://aomedia.googlesource.com/aom", part_of="Pillow"),
    Component("libyuv", "BSD-3-Clause", "https://chromium.googlesource.com/libyuv/libyuv", part_of="Pillow"),
    Component("libtiff", "libtiff", "https://libtiff.gitlab.io/libtiff", _pillow("libtiff"), r"libtiff", "Pillow"),
    Component("OpenJPEG", "BSD-2-Clause", "https://www.openjpeg.org", _pillow("jpg_2000"), r"libopenjp2", "Pillow"),
    Component(
        "zlib-ng or zlib of Pillow", "Zlib", "https://github.com/zlib-ng/zlib-ng", _pillow("zlib"), part_of="Pillow"
    ),
    Component("liblzma of Pillow", "0BSD", "https://tukaani.org/xz", files=r"liblzma-", part_of="Pillow"),
    Component("Zstandard", "BSD-3-Clause", "https://facebook.github.io/zstd", files=r"libzstd-", part_of="Pillow"),
    Component("Little CMS", "MIT", "https://www.littlecms.com", _pillow("littlecms2"), r"liblcms2", "Pillow"),
    Component(
        "libXau and libxcb of Pillow",
        "MIT",
        "https://xcb.freedesktop.org",
        files=r"libXau-|libxcb-[0-9a-f]{8}\.",
        part_of="Pillow",
    ),
    Component("pi-heif", "BSD-3-Clause", "https://github.com/bigcat88/pillow_heif", _package("pi_heif"), r"_pi_heif"),
    Component(
        "libheif",
        "LGPL-3.0-or-later",
        "https://github.com/strukturag/libheif",
        _heif("libheif"),
        r"libheif",
        "pi-heif",
        f"{LGPL_NOTE}: _internal/pi_heif.libs",
    ),
    Component(
        "libde265",
        "LGPL-3.0-or-later",
        "https://github.com/strukturag/libde265",
        _heif("libde265"),
        r"libde265",
        "pi-heif",
        f"{LGPL_NOTE}: _internal/pi_heif.libs",
    ),
    Component("platformdirs", "MIT", "https://github.com/tox-dev/platformdirs", _package("platformdirs")),
    Component("lxml", "BSD-3-Clause AND HPND", "https://lxml.de", _package("lxml"), r"lxml/"),
    Component("libxml2", "MIT", "https://gitlab.gnome.org/GNOME/libxml2", _lxml("LIBXML_VERSION"), part_of="lxml"),
    Component(
        "libxslt and libexslt",
        "MIT",
        "https://gitlab.gnome.org/GNOME/libxslt",
        _lxml("LIBXSLT_VERSION"),
        part_of="lxml",
    ),
    Component(
        "GNU libiconv",
        "LGPL-2.1-or-later",
        "https://www.gnu.org/software/libiconv",
        part_of="lxml",
        note="Used unchanged, in the module lxml, which you may replace with your own build",
    ),
    Component(
        "pathspec", "MPL-2.0", "https://github.com/cpburnz/python-pathspec", _package("pathspec"), note="Used unchanged"
    ),
    Component("watchdog", "Apache-2.0", "https://github.com/gorakhargosh/watchdog", _package("watchdog")),
    Component(
        "X libraries (libxcb and libxkbcommon)",
        "MIT",
        "https://xcb.freedesktop.org",
        files=r"libxcb-(?![0-9a-f]{8}\.)|libxkbcommon",
        note="On Linux: small libraries that Qt needs and many systems lack",
    ),
)


def owner_of(file: str) -> Component | None:
    """Return the component of a library in the bundle. Parts come before the package that brings them."""
    found = [component for component in COMPONENTS if component.files and re.search(component.files, file)]
    parts = [component for component in found if component.part_of]
    return (parts or found or [None])[0]
