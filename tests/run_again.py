"""Run the tests that failed in the last run once more, one after the other: `make test-again` calls it.

Only when few failed: the suite keeps two cores busy with windows, decoders and stores, and a test that needs a moment
of the machine may fail beside the others. More failures than `MOST` are no coincidence.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

MOST: Final = 5
CACHE: Final = Path(__file__).resolve().parents[1] / ".pytest_cache" / "v" / "cache" / "lastfailed"


def main() -> int:
    """Return pytest's exit code, or 1 when nothing or too much failed."""
    try:
        failed = sorted(json.loads(CACHE.read_text(encoding="utf-8")))
    except FileNotFoundError:
        failed = []
    if not 0 < len(failed) <= MOST:
        print(f"{len(failed)} tests failed: not run again (1 to {MOST} are).", file=sys.stderr)
        return 1
    print("Failed once, run again alone:", *failed, sep="\n  ", flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", "--last-failed", "--last-failed-no-failures", "none"])


if __name__ == "__main__":
    sys.exit(main())
