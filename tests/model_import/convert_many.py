"""Convert many models in one confined process, to start TensorFlow only once. A program.

Usage: convert_many.py FOLDER, with one model in each folder of FOLDER. Prints the facts by the folder's name.
"""

import json
import sys
from pathlib import Path

from catdog_desktop.paths import shipped
from catdog_desktop.sandbox.confinement import ResourceLimits, confine

work = Path(sys.argv[1])
photos = [shipped("resources", "photos", f"{name}.jpg").resolve() for name in ("cat", "cup", "person", "rocket")]
confine(work, readable=photos, limits=ResourceLimits(memory_bytes=6 * 2**30), dies_with_parent=False)

# After the confinement, as in the child: it imports numpy, which starts threads.
from catdog_desktop.model_import.conversion.child_task import convert_file  # noqa: E402

facts = {}
for folder in sorted(work.iterdir()):
    steps = []
    facts[folder.name] = convert_file(next(folder.iterdir()), None, photos, steps.append).as_json()
    assert steps == ["inspecting", "starting", "opening", "converting", "comparing"]
print(json.dumps(facts))
