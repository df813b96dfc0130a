"""Try a frozen app on its own system: classify, import a .tflite, and drop photos on the window without a screen.

python packaging/try_bundle.py BUNDLE
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENDING = ".exe" if sys.platform == "win32" else ""
PHOTO = ROOT / "resources" / "photos" / "cat.jpg"
MODEL = ROOT / "tests" / "data" / "tiny_0to1.tflite"
SECONDS = 300


def main() -> int:
    """Run the steps; return the exit status."""
    bundle = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="catdog-try-") as folder:
        home = Path(folder)
        environment = os.environ | {"CATDOG_HOME": folder, "QT_QPA_PLATFORM": "offscreen"}

        def run(*words: object, **more: str) -> str:
            done = subprocess.run(
                [str(bundle / f"{words[0]}{ENDING}"), *map(str, words[1:])],
                env=environment | more,
                capture_output=True,
                encoding="utf-8",
                timeout=SECONDS,
                check=False,
            )
            if done.returncode != 0:
                raise SystemExit(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
            return done.stdout

        sys.stdout.write(run("catdog-cli", "doctor"))
        row = json.loads(run("catdog-cli", "classify", "--no-store", "--format", "jsonl", PHOTO))
        if row["verdict"] != "cat":
            raise SystemExit(f"the cat is {row}")
        name = run("catdog-cli", "import-model", MODEL, "--positive", "dog", "--scaling", "0..1").strip()
        run("catdog-cli", "classify", "--no-store", "--model", name, PHOTO)
        report = home / "self-test.json"
        run("CatDog", PHOTO, CATDOG_SELF_TEST=str(report))
        log = home / "log" / "catdog.log"
        if log.exists():
            raise SystemExit(f"the window logged errors:\n{log.read_text(encoding='utf-8')}")
        verdicts = [row["verdict"] for row in json.loads(report.read_text(encoding="utf-8"))["rows"]]
        if verdicts != ["cat"]:
            raise SystemExit(f"the dropped cat is {verdicts}")
    sys.stdout.write("The frozen app works.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
