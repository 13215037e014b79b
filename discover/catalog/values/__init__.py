"""Kinds of value, one a file: how text cells become clean texts, lists, days, numbers, picture paths and ids."""
