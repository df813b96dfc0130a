"""Export results: CSV, JSON lines, a contact sheet, keywords in XMP sidecars."""
