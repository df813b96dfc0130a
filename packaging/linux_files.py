"""What the app adds to a Linux desktop: menu entry, AppStream metainfo, file types, icons, man pages, completions.

All texts come from `catdog_desktop.self_description`, the command's help and CHANGELOG.md; languages from the catalogs.
"""

import gettext
import re
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

from build_stamp import build_stamp
from completions import write_completions
from project import PROJECT

from catdog_desktop import __version__
from catdog_desktop import self_description as texts

ROOT = Path(__file__).resolve().parent.parent
ICONS = ROOT / "resources" / "icons"
LOCALE = ROOT / "catdog_desktop" / "locale"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
DESKTOP_ID = "catdog-desktop"
PHOTO_TYPES = ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic", "heif")
OWN_TYPES = {
    "application/x-catdog-model": ("*.catdog", texts.MODEL_FILE),
    "application/x-catdog-backup": ("*.catdog-backup", texts.BACKUP_FILE),
}
OPENED = (*(f"image/{kind}" for kind in PHOTO_TYPES), "inode/directory", "application/x-catdog-model")
"""What *Open with* offers the app for."""


def translations(message: str) -> dict[str, str]:
    """Return the translations of a message by language; only those that exist."""
    found = {}
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/catdog.mo")):
        with path.open("rb") as file:
            text = gettext.GNUTranslations(file).gettext(message)
        if text != message:
            found[path.parent.parent.name] = text
    return found


def desktop_entry(program: str = "catdog-desktop") -> str:
    """Return the menu entry. `program` is the command or, for an installation into a home, its path."""
    lines = ["[Desktop Entry]", "Type=Application", f"Name={texts.NAME}"]
    for key, message in (
        ("GenericName", texts.GENERIC_NAME),
        ("Comment", texts.SUMMARY),
        ("Keywords", texts.KEYWORDS),
    ):
        lines.append(f"{key}={message}")
        lines += [f"{key}[{language}]={text}" for language, text in translations(message).items()]
    lines += [
        f"Exec={program} %F",
        "Icon=catdog",
        "Terminal=false",
        "Categories=Graphics;Photography;Qt;",
        f"MimeType={';'.join(OPENED)};",
        f"StartupWMClass={DESKTOP_ID}",
        "StartupNotify=true",
        "Actions=new-window;",
        "",
        "[Desktop Action new-window]",
        f"Name={texts.NEW_WINDOW}",
        *(f"Name[{language}]={text}" for language, text in translations(texts.NEW_WINDOW).items()),
        f"Exec={program} --new-window",
    ]
    return "\n".join(lines) + "\n"


def mime_types() -> str:
    """Return the file types of the app, for shared-mime-info."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">')
    for kind, (pattern, name) in OWN_TYPES.items():
        lines += [f'  <mime-type type="{kind}">', f"    <comment>{escape(name)}</comment>"]
        lines += [
            f'    <comment xml:lang="{language}">{escape(text)}</comment>'
            for language, text in translations(name).items()
        ]
        lines += ['    <sub-class-of type="application/zip"/>', '    <icon name="catdog"/>']
        lines += [f'    <glob pattern="{pattern}"/>', "  </mime-type>"]
    return "\n".join([*lines, "</mime-info>"]) + "\n"


def metainfo() -> str:
    """Return the AppStream metainfo. Addresses that are unset in `project` are left out."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<component type="desktop-application">']
    lines += [f"  <id>{PROJECT.component_id}</id>", "  <metadata_license>CC0-1.0</metadata_license>"]
    lines += ["  <project_license>Apache-2.0</project_license>", f"  <name>{texts.NAME}</name>"]
    lines += _translated("summary", texts.SUMMARY, "  ")
    lines += ["  <developer_name>CatDog Desktop contributors</developer_name>", "  <description>"]
    for paragraph in texts.DESCRIPTION:
        lines += _translated("p", paragraph, "    ")
    lines += ["  </description>", f'  <launchable type="desktop-id">{DESKTOP_ID}.desktop</launchable>']
    lines += ['  <icon type="stock">catdog</icon>']
    lines += [
        f'  <url type="{kind}">{escape(address)}</url>'
        for kind, address in (("homepage", PROJECT.homepage), ("bugtracker", PROJECT.issues))
        if address
    ]
    if PROJECT.screenshots:
        lines.append("  <screenshots>")
        for number, name in enumerate(("gallery", "viewer")):
            kind = ' type="default"' if number == 0 else ""
            lines.append(f"    <screenshot{kind}><image>{escape(PROJECT.screenshots)}/{name}.png</image></screenshot>")
        lines.append("  </screenshots>")
    lines += ["  <provides>", "    <binary>catdog-desktop</binary>", "    <binary>catdog</binary>"]
    lines += [f"    <mediatype>{kind}</mediatype>" for kind in OPENED]
    lines += ["  </provides>", "  <categories>", "    <category>Graphics</category>"]
    lines += ["    <category>Photography</category>", "  </categories>", '  <content_rating type="oars-1.1"/>']
    date = build_stamp().get("date", "")
    dated = f' date="{date}"' if date else ""
    lines += ["  <releases>", f'    <release version="{__version__}"{dated}>', "      <description>", "        <ul>"]
    lines += [f"          <li>{escape(entry)}</li>" for entry in release_notes(__version__)]
    lines += ["        </ul>", "      </description>", "    </release>", "  </releases>", "</component>"]
    return "\n".join(lines) + "\n"


def _translated(tag: str, message: str, indent: str) -> list[str]:
    lines = [f"{indent}<{tag}>{escape(message)}</{tag}>"]
    for language, text in translations(message).items():
        lines.append(f'{indent}<{tag} xml:lang="{language}">{escape(text)}</{tag}>')
    return lines


def release_notes(version: str) -> list[str]:
    """Return the entries of a version in CHANGELOG.md as plain text. Raises `ValueError` if it has no section."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(version)}\b.*?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        raise ValueError(f"CHANGELOG.md has no section for {version}")
    entries = re.findall(r"^- (.*?)(?=^- |\Z)", section[1].strip() + "\n", re.MULTILINE | re.DOTALL)
    return [re.sub(r"\[([^]]*)\]\([^)]*\)|[*`]", r"\1", " ".join(entry.split())) for entry in entries]


def write_share(share: Path, *, program: str = "catdog-desktop") -> None:
    """Write everything below a `share` folder."""
    for path, text in (
        (f"applications/{DESKTOP_ID}.desktop", desktop_entry(program)),
        (f"metainfo/{PROJECT.component_id}.metainfo.xml", metainfo()),
        (f"mime/packages/{DESKTOP_ID}.xml", mime_types()),
    ):
        (share / path).parent.mkdir(parents=True, exist_ok=True)
        (share / path).write_text(text, encoding="utf-8")
    for size in ICON_SIZES:
        _copy(ICONS / f"catdog-{size}.png", share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "catdog.png")
    _copy(ICONS / "catdog.svg", share / "icons" / "hicolor" / "scalable" / "apps" / "catdog.svg")
    for page in sorted((ROOT / "resources" / "linux" / "man" / "man1").iterdir()):
        _copy(page, share / "man" / "man1" / page.name)
    write_completions(share)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
