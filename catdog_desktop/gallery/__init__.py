"""Rules of the gallery without Qt: rows, filters, sorting, duplicates, folders."""
