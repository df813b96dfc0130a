"""Where the frozen command line starts; and the child that imports models: a frozen app has no Python to call."""

import sys

if sys.argv[1:2] == ["--model-import-child"]:  # `importing.child_process.CHILD_OPTION`
    from catdog_desktop.sandbox.child import main
else:
    from catdog_desktop.cli import main

sys.exit(main())
