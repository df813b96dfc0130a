"""Start of the frozen command line, which is also the sandboxed child: a frozen app has no Python to call."""

import sys

if sys.argv[1:2] == ["--sandbox-child"]:  # `catdog_desktop.sandbox.process.CHILD_OPTION`
    from catdog_desktop.sandbox.child import main
else:
    from catdog_desktop.cli import main

sys.exit(main())
