"""One file a noun, each with a `router`."""
