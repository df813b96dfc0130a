"""Where the frozen command line starts."""

import sys

from catdog_desktop.cli import main

sys.exit(main())
