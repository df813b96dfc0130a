"""Safe file operations: atomic writes, verified copies, free names, append-only journals."""
