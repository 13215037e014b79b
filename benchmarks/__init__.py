"""Measurements: one command, one table each, peers in the same run. See README.md here for what each time includes."""
