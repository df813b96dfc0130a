"""The list of software in a bundle as CycloneDX (SBOM), and NOTICE's list of it, from `third_party`.

python packaging/software_list.py BUNDLE FILE      write the CycloneDX list of a bundle
python packaging/software_list.py notice           write the list in NOTICE anew
"""

import hashlib
import json
import sys
import textwrap
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]

from build_stamp import build_stamp, source_date_epoch  # noqa: E402  beside this file, which is not a package
from third_party import COMPONENTS, Component, owner_of  # noqa: E402

from catdog_desktop import __version__  # noqa: E402

NOTICE = ROOT / "NOTICE"
BEGIN = "What the app needs and the frozen app contains"
END = "What the full frozen app contains in addition"
INTRODUCTION = """\
The frozen app contains copies of these; `pip install` downloads them. Their full licence texts are in the folder
licences of the frozen app (LGPL-3.0, GPL-3.0, LGPL-2.1, Python) and in _internal/*.dist-info/licenses. The list of
software that is published with each release also has the versions. This list is written by packaging/software_list.py.
"""


def libraries_of(bundle: Path) -> dict[str, list[Path]]:
    """Return the libraries in a bundle by the name of their component. Raises `ValueError` for one without."""
    found: dict[str, list[Path]] = {}
    for path in sorted(bundle.rglob("*.so*")):
        if path.is_symlink() or not path.is_file():
            continue
        owner = owner_of(path.relative_to(bundle / "_internal").as_posix())
        if owner is None:
            raise ValueError(f"packaging/third_party.py has no entry for {path.name}")
        found.setdefault(owner.name, []).append(path)
    return found


def software_list(bundle: Path) -> dict[str, Any]:
    """Return the list as a CycloneDX 1.6 document."""
    libraries = libraries_of(bundle)
    present = [component for component in COMPONENTS if not component.files or component.name in libraries]
    time = datetime.fromtimestamp(source_date_epoch(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    commit = build_stamp().get("commit", "unknown")
    serial = uuid.uuid5(uuid.NAMESPACE_OID, f"catdog-desktop {__version__} {commit}")
    app = {
        "type": "application",
        "bom-ref": "catdog-desktop",
        "name": "catdog-desktop",
        "version": __version__,
        "licenses": [{"expression": "Apache-2.0"}],
        "properties": [{"name": "commit", "value": commit}],
    }
    brought = {name: [part.name for part in present if part.part_of == name] for name in ("", *_names(present))}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"timestamp": time, "component": app},
        "components": [_entry(component, libraries.get(component.name, []), bundle) for component in present],
        "dependencies": [
            {"ref": "catdog-desktop", "dependsOn": brought[""]},
            *({"ref": name, "dependsOn": brought[name]} for name in _names(present)),
        ],
    }


def _names(components: list[Component]) -> list[str]:
    return [component.name for component in components]


def _entry(component: Component, libraries: list[Path], bundle: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "library", "bom-ref": component.name, "name": component.name}
    version = component.version()
    if version:
        entry["version"] = version
    entry["licenses"] = [{"expression": component.licence}]
    entry["externalReferences"] = [{"type": "website", "url": component.source}]
    if component.note:
        entry["description"] = component.note
    if libraries:
        entry["properties"] = [
            {"name": "file", "value": f"{path.relative_to(bundle).as_posix()} sha256:{_sha256(path)}"}
            for path in libraries
        ]
    return entry


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def notice_list() -> str:
    """Return NOTICE's list: each package, its licence, and what it contains."""
    blocks = []
    for component in COMPONENTS:
        if component.part_of and component.part_of not in ("PySide6 and Shiboken6",):
            continue
        parts = [part for part in COMPONENTS if part.part_of == component.name and part.name != "Qt"]
        lines = [f"{component.name}: {component.licence}", component.source]
        lines += [f"{component.note}."] if component.note else []
        plain = [f"{part.name} ({part.licence})" for part in parts if not part.note]
        lines += [f"contains {', '.join(plain)}"] if plain else []
        lines += [f"contains {part.name} ({part.licence}; {part.source}). {part.note}." for part in parts if part.note]
        first, *rest = lines
        body = [
            textwrap.fill(
                line,
                118,
                initial_indent="    ",
                subsequent_indent="    ",
                break_on_hyphens=False,
                break_long_words=False,
            )
            for line in rest
        ]
        blocks.append("\n".join([first, *body]))
    return "\n\n".join(blocks) + "\n"


def notice() -> str:
    """Return NOTICE with the list as it is now."""
    text = NOTICE.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{BEGIN}\n")
    _old, _, after = rest.partition(f"{END}\n")
    return (
        f"{before}{BEGIN}\n{'=' * len(BEGIN)}\n\n{INTRODUCTION}\n{notice_list()}\n"
        f"No fonts are included; the app uses those of the system.\n\n\n{END}\n{after}"
    )


def main() -> int:
    """Write a list."""
    if sys.argv[1:] == ["notice"]:
        NOTICE.write_text(notice(), encoding="utf-8")
        return 0
    bundle, target = map(Path, sys.argv[1:])
    target.write_text(json.dumps(software_list(bundle), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
