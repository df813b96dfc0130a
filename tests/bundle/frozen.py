"""Run the frozen app in an empty environment with an empty home, so without the system's Python and Qt."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENDING = ".exe" if sys.platform == "win32" else ""


def program(name: str) -> str:
    """Return the path of a tool that the tests need. Fails if it is missing."""
    path = shutil.which(name)
    assert path, f"{name} is missing; `sh packaging/set_up.sh bundle-test` installs it or says how"
    return path


@dataclass(frozen=True)
class FrozenApp:
    folder: Path
    home: Path

    @property
    def window(self) -> Path:
        return self.folder / f"CatDog{ENDING}"

    @property
    def command_line(self) -> Path:
        return self.folder / f"catdog-cli{ENDING}"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of the app: a home, and the variables in `more`."""
        needed = {"HOME": str(self.home), "TMPDIR": str(self.home), "PATH": "", "CATDOG_HOME": str(self.home / "own")}
        if sys.platform == "win32":
            needed |= {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "USERPROFILE") if name in os.environ}
        return needed | more

    def run(
        self, *command: object, before: tuple[str, ...] = (), timeout: float = 180, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run an executable and wait for it. `before` is a prefix such as strace."""
        return subprocess.run(
            [*before, *map(str, command)],
            env=self.environment(**more),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def scores(self, photo: Path, *options: object) -> dict[str, Any]:
        """Classify one readable photo with the command line; return its JSON line."""
        ended = self.run(self.command_line, "classify", "--no-store", "--format", "jsonl", *options, photo)
        assert ended.returncode == 0, ended.stderr
        row: dict[str, Any] = json.loads(ended.stdout)
        return row

    def drop(self, *photos: Path, before: tuple[str, ...] = (), **more: str) -> dict:
        """Open the window, drop `photos` on it, and return the report of its self-test."""
        report = self.home / "self-test.json"
        report.unlink(missing_ok=True)
        ended = self.run(self.window, *photos, before=before, CATDOG_SELF_TEST=str(report), **more)
        assert ended.returncode == 0, f"the window ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}"
        log = self.home / "own" / "log" / "catdog.log"
        assert not log.exists(), log.read_text(encoding="utf-8")
        return json.loads(report.read_text(encoding="utf-8"))
