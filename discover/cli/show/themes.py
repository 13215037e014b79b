"""Themes: a list, one with its items or its history, words for items, edits."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from discover.cli.show.output import terminal
from discover.cli.show.table import Column, bar, print_heading, print_table, whole
from discover.core.types import EVENT_WORDS, Listing
from discover.core.words import plural, share

if TYPE_CHECKING:
    from discover.core.types import Edit, Theme


def show_themes(themes: Listing[Theme], why: str) -> None:
    """Show themes, or why there are none."""
    console = terminal()
    if not themes:
        console.print(why, markup=False, highlight=False)
        return
    largest = max(theme.share for theme in themes)
    rows = [
        (
            theme.id,
            theme.label,
            f"{theme.size:,}",
            bar(theme.share / largest),
            ", ".join(item.title for item in theme.exemplars[:3]),
        )
        for theme in themes
    ]
    print_table(console, (whole("theme"), "label", whole("items"), whole(spare=1), "such as"), rows)


def show_theme(theme: Any) -> None:
    """Show one theme and its items."""
    console = terminal()
    heading = f"{theme.id}  {theme.label}  ({plural(theme.size, 'item')}, {share(theme.share)} of the catalog)"
    print_heading(console, heading, theme.keywords)
    rows = [
        (item.id, item.title, bar(item.strength), f"{item.strength:.2f}", "attached" if item.attached else "")
        for item in theme.items
    ]
    print_table(console, ("id", "title", whole(spare=1), whole("strength"), whole()), rows)


def show_history(history: Mapping[str, Any]) -> None:
    """Show what happened to a theme, run by run."""
    console, entry = terminal(), history["theme"]
    before = f" (before: {'; '.join(entry.names)})" if entry.names else ""
    print_heading(console, f"{entry.id}  {entry.label}{before}")
    rows = [
        (
            str(event.version),
            event.created[:10],
            EVENT_WORDS[event.kind].label,
            event.theme,
            ", ".join(event.others),
            bar(event.confidence),
            f"{event.confidence:.2f}",
        )
        for event in history["events"]
    ]
    columns = (
        whole("version"), whole("created", 2), whole("event"), whole("theme"), Column("others", spare=1),
        whole(spare=3), whole("confidence"),
    )  # fmt: skip
    print_table(console, columns, rows)


def show_label(label: Any) -> None:
    """Show words for some items."""
    console = terminal()
    if label.note:
        print(f"This is a keyword label because {label.note}", file=sys.stderr)
    print_heading(console, label.text, label.keywords)
    print_table(console, ("id", "such as"), [(item.id, item.title) for item in label.items])


def show_edits(edits: Listing[Edit], counting: Set[int]) -> None:
    """Edits; `counting` are the numbers of those that were not undone."""
    if not edits:
        print("no edits")
    rows = [
        (
            str(edit.number),
            edit.created[:10],
            edit.kind,
            _subject(edit),
            _stabilities(edit),
            "" if edit.number in counting or edit.kind == "undo" else "undone",
        )
        for edit in edits
    ]
    print_table(terminal(), (whole("edit"), whole("date", 1), whole(), "what", whole("stability", 2), whole()), rows)


def _subject(edit: Edit) -> str:
    """What an edit is about: themes, items, the new label, another edit."""
    items = " | ".join(", ".join(group) for group in edit.items)
    return ": ".join(filter(None, (" ".join(edit.themes), items, edit.text, str(edit.undoes or ""))))


def _stabilities(edit: Edit) -> str:
    """What an edit costs: the stability of each theme before and after it, a line each."""

    themes = dict.fromkeys((*edit.before, *edit.after))
    return "\n".join(f"{id} {_stability(edit.before, id)} to {_stability(edit.after, id)}" for id in themes)


def _stability(stabilities: Mapping[str, float], id: str) -> str:
    return f"{stabilities[id]:.2f}" if id in stabilities else "none"
