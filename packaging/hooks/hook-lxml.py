"""For PyInstaller, in place of its own hook, which takes all of lxml: the app uses its tree alone."""

hiddenimports: list[str] = []
