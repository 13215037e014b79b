"""Answers as people read them: tables and bars on a terminal, JSON, CSV; one file a subject."""
