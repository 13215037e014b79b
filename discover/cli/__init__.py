"""The command line: parse, call, show. No logic of its own.

Results go to stdout (tables in a terminal, JSON with --json), progress and messages to stderr. Errors are one line;
exit codes are those of `discover.core.errors`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from discover.cli.options import parser
from discover.core import logs
from discover.core.errors import DiscoverError, DiskError, OutOfMemoryError

__all__ = ["main", "parser"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    line = parser()
    chosen = line.parse_args(arguments)
    if chosen.command is None:
        line.print_help()
        return 0
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter shows ? in its place
    form = getattr(chosen, "log_format", None)
    if form:
        logs.show(form)
    try:
        chosen.run(chosen)
        sys.stdout.flush()
    except DiscoverError as error:
        return _failed(". ".join([str(error), *getattr(error, "__notes__", ())]), error.exit_code, form)
    except MemoryError:
        message = "not enough memory for this. Ask for less at once or use a larger machine"
        return _failed(message, OutOfMemoryError.exit_code, form)
    except BrokenPipeError:
        _discard_output()  # the reader (head, less) is gone
    except OSError as error:
        if error.filename is not None:
            return _unforeseen(error, form)
        _discard_output()
        return _failed(f"cannot write the output: {error.strerror}", DiskError.exit_code, form)
    except Exception as error:
        return _unforeseen(error, form)
    return 0


def _failed(message: str, code: int, form: str | None) -> int:
    """Say what went wrong in one line, or as an event where events are shown."""
    message = " ".join(message.split())
    if form:
        logs.failure(message, code)
    else:
        print(f"discover: {message}", file=sys.stderr)
    return code


def _unforeseen(error: Exception, form: str | None) -> int:
    """A fault of ours: a traceback as ever, or as an event where events are shown."""
    if not form:
        raise error
    logs.failure(f"{type(error).__name__}: {error}", DiscoverError.exit_code, error)
    return DiscoverError.exit_code


def _discard_output() -> None:
    """What is still to be written goes nowhere: Python would try again at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
