"""Who publishes the app and where: the one place of its address, contact and AppStream id.

They are unset. A release can be built and tested without them, with names under `.invalid`, which no network resolves,
but it refuses to be tagged: `python packaging/project.py` lists what is unset and exits with 1 then.
"""

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Project:
    """Address, contact and ids of the publisher."""

    homepage: str = ""
    """Address of the project's page, https://..."""
    screenshots: str = ""
    """Address of the folder with the screenshots `gallery.png` and `viewer.png`."""
    issues: str = ""
    """Address for bug reports."""
    contact: str = ""
    """Mail address of the maintainers."""
    appstream_id: str = ""
    """Reverse-DNS id in software centres, of a domain that the publisher controls. Also the bundle id of macOS."""

    def unset(self) -> list[str]:
        """Return the names of the fields that have no value."""
        return [
            name for name in ("homepage", "screenshots", "issues", "contact", "appstream_id") if not getattr(self, name)
        ]

    @property
    def maintainer(self) -> str:
        """Name and mail address, as packages need them."""
        return f"CatDog Desktop contributors <{self.contact or 'unset@catdog.invalid'}>"

    @property
    def component_id(self) -> str:
        """The AppStream id, or one that nobody can own."""
        return self.appstream_id or "invalid.catdog.desktop"


PROJECT = Project()


def main() -> int:
    """Refuse a tag as long as something is unset."""
    unset = PROJECT.unset()
    if unset:
        sys.stderr.write(f"packaging/project.py: unset, so no release can be tagged: {', '.join(unset)}\n")
    return 1 if unset else 0


if __name__ == "__main__":
    sys.exit(main())
