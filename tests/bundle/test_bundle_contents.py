"""The files that the bundle contains, and its size."""

import re
import sys

import pytest
from bundle_files import files_of, megabytes
from frozen import FrozenApp

MAX_MEGABYTES = 195

NEEDED = [
    r"^CatDog(\.exe)?$",
    r"^catdog-cli(\.exe)?$",
    r"^LICENSE\.txt$",
    r"^NOTICE\.txt$",
    r"^licences/LGPL-3\.0\.txt$",
    r"^licences/LGPL-2\.1\.txt$",
    r"/catdog_desktop/models/catdog/model\.tflite$",
    r"/catdog_desktop/models/catdog/model\.json$",
    r"/catdog_desktop/resources/icons/catdog-256\.png$",
    r"/catdog_desktop/docs/window\.md$",
    r"/plugins/platforms/\w*(xcb|windows|cocoa)\.",
    r"/plugins/platforms/\w*offscreen\.",
    r"/_pywrap_litert_interpreter_wrapper\.",
    r"/PIL/_webp\.",
    r"/PIL/_avif\.",
    r"/_pi_heif\.",
    r"/lxml/etree\.",
    r"/(lxml|watchdog)-[\d.]+\.dist-info/licenses/",
    r"/catdog_desktop-[\d.]+\.dist-info/METADATA$",
]
NEEDED += [r"/locale/de/LC_MESSAGES/catdog\.mo$", r"/locale/ar/LC_MESSAGES/help\.mo\.gz$", r"/qtbase_ar\.qm$"]
NEEDED_ON_LINUX = [r"/QtDBus\.", r"/plugins/platforms/libqwayland\.", r"/platformthemes/libqxdg", r"/libxcb-cursor\.so"]

UNWANTED = {
    "TensorFlow and what makes models": r"tensorflow|keras|h5py|catdog_desktop/training",
    "LiteRT's GPU, tools and compilers": r"WebGpu|ai_edge_litert/(tools|vendors|aot)",
    "Qt Quick and QML": r"Qt6?(Qml|Quick)",
    "Qt's network, and TLS": r"Qt6?Network|/plugins/(tls|networkinformation)|/_ssl\.|libssl",
    "Qt's SQL, PDF, help and designer": r"Qt6?(Sql|Pdf|Help|Designer|Test)\b",
    "translations of Qt into other languages": r"/(?!qtbase_(de|fr|es|pt_BR|it|ja|zh_CN|ar)\.)[\w]+\.qm$",
    "platforms without a desktop": r"platforms/libq(eglfs|linuxfb|vnc|vkkhr)",
    "other toolkits": r"tkinter|_tk\b|PyQt[56]",
    "scientific packages": r"/(scipy|skimage|sklearn|pandas|matplotlib)/",
    "what runs on many machines": r"/(dask|distributed|pyarrow|tornado)/",
    "lxml and watchdog beyond what is used": r"/lxml/(objectify|html|isoschematron)|/_?yaml/",
    "the machine's own C library and desktop libraries": r"lib(c|stdc\+\+|gtk-3|X11|GL|glib-2\.0|fontconfig)\.so",
    "photos and tests": r"/tests?/|chelsea",
}


@pytest.fixture
def files(app: FrozenApp) -> list[str]:
    return files_of(app.folder)


@pytest.mark.parametrize("pattern", NEEDED + (NEEDED_ON_LINUX if sys.platform.startswith("linux") else []))
def test_bundle_contains_needed_file(files: list[str], pattern: str) -> None:
    assert any(re.search(pattern, name) for name in files)


@pytest.mark.parametrize("what", UNWANTED)
def test_bundle_contains_no_unneeded_file(files: list[str], what: str) -> None:
    assert [name for name in files if re.search(UNWANTED[what], name)] == []


def test_bundle_size_is_within_limit(app: FrozenApp) -> None:
    size = megabytes(app.folder)
    assert size <= MAX_MEGABYTES, f"{size:.0f} MB"


def test_bundle_metadata_has_no_path_of_build_machine(app: FrozenApp) -> None:
    assert list(app.folder.rglob("direct_url.json")) == []
