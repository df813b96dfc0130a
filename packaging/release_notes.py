"""Print the notes of this version: its section in CHANGELOG.md.

python packaging/release_notes.py
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

from linux_files import release_notes  # noqa: E402

from catdog_desktop import __version__  # noqa: E402

if __name__ == "__main__":
    sys.stdout.write("".join(f"- {note}\n" for note in release_notes(__version__)))
