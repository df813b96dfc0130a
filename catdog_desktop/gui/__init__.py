"""The window. The only place that imports PySide6; it shows what the core says and holds no rule of its own."""
