"""Files on the disk of the user: written whole, copied over nothing, under names that are free."""
