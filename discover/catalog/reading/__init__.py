"""Kinds of source, one a file; `choose.load` looks at the content and takes the right one."""
