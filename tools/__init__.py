"""What makes the files that ship with discover: run by hand from the repository's root, in no wheel."""
