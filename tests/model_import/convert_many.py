"""Converts many models in one confined child, to save the start of TensorFlow for each. A program.

Usage: convert_many.py FOLDER, with one model in each folder of FOLDER. Prints the facts by the folder's name.
"""

import json
import sys
from pathlib import Path

from catdog_desktop.model_import.proposals.trial_photos import trial_photos
from catdog_desktop.sandbox.child import convert_file
from catdog_desktop.sandbox.confinement import Limits, confine

work = Path(sys.argv[1])
photos = tuple(path.resolve() for path in trial_photos())
confine(work, readable=photos, limits=Limits(memory_bytes=6 * 2**30))
facts = {}
for folder in sorted(work.iterdir()):
    steps = []
    facts[folder.name] = convert_file(next(folder.iterdir()), None, photos, steps.append).as_json()
    assert steps == ["inspecting", "starting", "opening", "converting", "comparing"]
print(json.dumps(facts))
