"""Themes that keep their ids from version to version, and what happened to them."""
