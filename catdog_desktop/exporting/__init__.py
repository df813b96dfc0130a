"""Results for other programs: lines, one page, keywords beside photos."""
