"""Where output goes: one line, JSON, CSV, a text, a progress bar; with the letters that the terminal has."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from discover.core.types import plain

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from discover.embeddings.encoders.base import Advance


def print_answer(chosen: argparse.Namespace, result: Any, show: Callable[..., None], *more: Any) -> None:
    """Print a result: as JSON with --json, else by `show(result, *more)`."""
    if chosen.json:
        print_json(result)
    else:
        show(result, *more)


def print_line(_: Any, line: str) -> None:
    """Print one line, if it is not empty."""
    if line:
        print(line)


def print_text(text: str) -> None:
    """Print a page or a text as it is, letters that the terminal lacks as entities."""
    print(text if can_print(text) else text.encode("ascii", "xmlcharrefreplace").decode(), end="")


def print_warnings(warnings: Sequence[str]) -> None:
    """Print warnings on stderr, beside JSON too."""
    for warning in warnings:
        print(warning, file=sys.stderr)


def print_csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as CSV that is safe to open in a spreadsheet."""
    from discover.core import spreadsheet

    print(spreadsheet.text(headings, rows), end="")


def print_json(content: Any) -> None:
    """Print anything made of the engine's types."""
    text = json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False)
    print(text if can_print(text) else json.dumps(json.loads(text), indent=1))


def terminal(stderr: bool = False) -> Console:
    """Where tables go."""
    from rich.console import Console

    return Console(stderr=stderr)


def progress_bars() -> Any:
    """Progress bars with rate and time left on stderr, if that is a terminal; else None."""
    console = terminal(stderr=True)
    if not console.is_terminal:
        return None

    @contextmanager
    def show(what: str, total: int) -> Iterator[Advance]:
        """A bar for so many steps, and the function that moves it on."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        rate = TextColumn("{task.fields[rate]}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bars:
            task = bars.add_task(what, total=total, rate="")

            def advance(count: int) -> None:
                """Move the bar on by so many steps."""
                bars.advance(task, count)
                speed = bars.tasks[task].speed
                bars.update(task, rate=f"{speed:,.0f}/s" if speed else "")

            yield advance

    return show


def can_print(text: str) -> bool:
    """Whether standard output has all of these letters."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
