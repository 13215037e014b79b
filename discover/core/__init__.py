"""What every room stands on: the frozen objects, errors, settings, files, logs, plug-ins, words."""

__version__ = "0.1.0"
