"""Roles of columns: what people call them, what they hold, and the search."""
