"""The commands of `catdog`, a file each."""
