"""Move photos with their companions to the trash of the system, with a journal, and back."""
