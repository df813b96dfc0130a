"""The commands of `catdog`, one file each."""
