"""`catdog watch` for the soak, with a clock that jumps. Arguments: the file of the clock, then those of catdog."""

import sys
from pathlib import Path

import soak_clock
from soak_caches import fill_interpreter_caches_soon

if __name__ == "__main__":
    soak_clock.install(Path(sys.argv[1]))
    fill_interpreter_caches_soon()
    from catdog_desktop.cli import main

    sys.exit(main(sys.argv[2:]))
