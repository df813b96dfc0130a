"""Where the frozen window starts."""

import os
import sys

# A windowed program on Windows has no standard streams, and a library that prints would raise.
for name in ("stdout", "stderr"):
    if getattr(sys, name) is None:
        setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  open for as long as we run

from catdog_desktop.__main__ import open_window  # noqa: E402  nothing may be imported, and print, before that

sys.exit(open_window())
