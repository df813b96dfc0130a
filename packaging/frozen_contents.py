"""What goes into the frozen app and what stays out, with the reason for each; `build.spec` and its tests ask here.

There are two bundles. The small one is for everybody. The full one has TensorFlow too, so that it imports Keras models
itself; what it takes beyond the small one stands in `full_contents.py`.
"""

import re
import sys

# Their metadata goes in: it holds their licences, and `doctor` tells their versions.
DISTRIBUTIONS = (
    "catdog-desktop", "ai-edge-litert", "numpy", "pillow", "pi_heif", "platformdirs", "lxml", "pathspec",
    "watchdog", "PySide6_Essentials",
)  # fmt: skip

EXCLUDED_MODULES = (
    # Makes models and is 1.5 GB; the app runs them by LiteRT.
    "catdog_desktop.training", "tensorflow", "keras", "tf_keras", "h5py",
    # Photos on many machines: a command of its own, from the wheel.
    "catdog_desktop.cluster", "dask", "distributed", "pyarrow",
    # Tests, demo and tools.
    "catdog_desktop.gui.screenshots", "catdog_desktop.gui.animated_picture",
    "skimage", "sklearn", "scipy", "pytest", "_pytest", "mypy", "PyInstaller",
    "readline", "pip", "setuptools", "pkg_resources", "wheel", "pydoc", "doctest", "numpy.f2py", "numpy.distutils",
    # Other toolkits, and Pillow's bridges to them.
    "tkinter", "_tkinter", "PIL.ImageTk", "PIL._tkinter_finder", "PIL._imagingtk", "PIL.ImageQt", "PyQt5", "PyQt6",
    "matplotlib", "IPython",
    # No network, ever: what cannot be imported cannot be used.
    "ssl", "_ssl", "http", "urllib.request", "ftplib", "smtplib", "xmlrpc", "PySide6.QtNetwork", "requests",
    # Qt that no widget needs.
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtSql",
    "PySide6.QtTest", "PySide6.QtDesigner", "PySide6.QtHelp", "PySide6.QtUiTools", "PySide6.QtPrintSupport",
    # numpy loads these only when they are asked for; nothing asks.
    "numpy.random", "numpy.fft", "numpy.polynomial", "numpy.testing", "numpy.ctypeslib",
    # lxml beyond its tree: 4 MB.
    "lxml.objectify", "lxml.html", "lxml.isoschematron", "lxml.sax", "lxml.builder", "lxml.cssselect",
    "lxml.doctestcompare", "lxml.ElementInclude", "lxml.pyclasslookup",
    # watchdog beyond its observers.
    "watchdog.tricks", "watchdog.watchmedo", "yaml",
    # LiteRT beyond its interpreter: compilers for phones, and the newer API, which needs libLiteRt.
    "ai_edge_litert.aot", "ai_edge_litert.tools", "ai_edge_litert.vendors", "ai_edge_litert.compiled_model",
    "ai_edge_litert.environment", "ai_edge_litert.tensor_buffer", "ai_edge_litert.tflite",
    "ai_edge_litert.schema_py_generated",
)  # fmt: skip

# Of Qt's plugins these stay; all others go.
QT_PLUGINS = {
    "platforms": r"xcb|wayland|offscreen|minimal(?!egl)|windows|cocoa",
    "platformthemes": r".*",  # the desktop's own colours, fonts and file dialogs
    "platforminputcontexts": r"compose|ibus",  # accents, Chinese, Japanese ...
    "imageformats": r"jpeg|svg|ico|gif",  # thumbnails are JPEG; icon themes are SVG
    "iconengines": r"svg",
    "styles": r".*",  # Windows and macOS
    "wayland-shell-integration": r".*",
    "wayland-decoration-client": r".*",
}

LEFT_OUT = re.compile(
    r"""
      (^|/)ai_edge_litert/.*(WebGpu|calibration|converter|compiled_model|environment_wrapper|tensor_buffer|analyzer
          |modify_model|genai|string_util|metrics_wrapper|format_converter)   # the interpreter needs none of them
    | (^|/)PySide6/(Qt/)?(qml|metatypes|resources)/
    | (^|/)PySide6/(Qt/)?translations/(?!qtbase_(de|fr|es|pt_BR|it|ja|zh_CN|ar)\.qm)  # the languages of the app
    | Qt6?(Qml|Quick|Labs|Pdf|Sql|VirtualKeyboard|Network|Designer|Help|Test|ShaderTools|PrintSupport|UiTools)\w*\.
    | Qt6EglF[Ss]
    | opengl32sw\.dll | d3dcompiler
    | _avif_enc | _imagingtk
    | /(test|tests)/
    | \.dist-info/(direct_url\.json|RECORD|REQUESTED|INSTALLER)          # where it was built is nobody's business
    """,
    re.VERBOSE,
)

# libLiteRt serves the newer API only. Where it could not be tried it stays in.
LEFT_OUT_ON_LINUX = re.compile(r"(^|/)libLiteRt\.so")

# Every Linux desktop has these, and its own fit its drivers, themes and input methods; a copy of the build machine's
# would fight with them. What remains of the system's libraries are Python's own and the small helpers of X that
# many a desktop lacks (libxcb-cursor0 above all: Qt does not start without it).
LINUX_SYSTEM_LIBRARIES = re.compile(
    r"""^lib(
        stdc\+\+|gcc_s|glib-2|gobject|gio|gmodule|gthread|pcre2|mount|blkid|selinux
      | dbus-1|systemd|gcrypt|gpg-error|cap|lz4|zstd
      | X11|Xau|Xdmcp|Xext|Xrender|Xi|Xfixes|Xcursor|Xcomposite|Xdamage|Xrandr|Xinerama|xcb\.|bsd|md\.
      | EGL|GL|GLX|GLdispatch|OpenGL|drm|gbm|wayland
      | fontconfig|freetype|harfbuzz|graphite2|brotli|png16|jpeg|fribidi|thai|datrie|pango|cairo|pixman
      | gtk-3|gdk|gdk_pixbuf|atk|atspi|epoxy|tinfo|ncurses|readline
      | gssapi_krb5|krb5|k5crypto|krb5support|com_err|keyutils|resolv|ssl
    )""",
    re.VERBOSE,
)


def is_wanted(target: str, source: str) -> bool:
    """Whether the file that would lie at `target` in the bundle, taken from `source`, belongs there."""
    target = target.replace("\\", "/")
    plugin = re.search(r"PySide6/(?:Qt/)?plugins/([^/]+)/(.+)$", target)
    if plugin:
        kept = QT_PLUGINS.get(plugin[1])
        return kept is not None and re.search(kept, plugin[2]) is not None
    if LEFT_OUT.search(target):
        return False
    if sys.platform.startswith("linux"):
        if LEFT_OUT_ON_LINUX.search(target):
            return False
        of_system = source.startswith(("/lib", "/usr/lib"))
        return not (of_system and LINUX_SYSTEM_LIBRARIES.match(target.rpartition("/")[2]))
    return True
