"""The commands: each takes what was parsed, asks the engine, and shows the answer. No logic of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.cli import show
from discover.errors import UsageError
from discover.nouns import Listing
from discover.words import plural, share

if TYPE_CHECKING:
    import argparse

IN_FULL = 10  # claims that differ, of which it is said how


def run(chosen: argparse.Namespace) -> None:
    """Read a catalog, find its themes, write a new version and its report."""
    from dataclasses import replace

    from discover.settings import Settings

    if chosen.quiet and chosen.json:
        raise UsageError("--quiet and --json are two ways to print the outcome; choose one")
    settings = Settings.of(_settings(chosen))
    if chosen.strict:
        settings = replace(settings, catalog=replace(settings.catalog, strict=True))
    if chosen.metrics is not None:
        settings = replace(settings, run=replace(settings.run, metrics=str(Path(chosen.metrics).absolute())))
    if chosen.keep is not None:
        settings = replace(settings, run=replace(settings.run, keep=chosen.keep))
    _do_run(chosen, chosen.catalog, settings, chosen.as_of, chosen.consumption, chosen.full)


def _settings(chosen: argparse.Namespace) -> str | None:
    """The settings file that is named, or the one beside us."""
    return chosen.settings or ("discover.toml" if Path("discover.toml").exists() else None)


def demo(chosen: argparse.Namespace) -> None:
    """The main job on the sample catalog that comes with the package."""
    from discover import sample

    catalog, settings = sample.prepare(Path(chosen.workspace) / "sample")
    _do_run(chosen, catalog, settings, None)
    if not chosen.json:
        print(f'next: {sys.argv[0]} search "a haunted house" -w {chosen.workspace}')
        print(f"or, in a browser: the report, or {sys.argv[0]} serve -w {chosen.workspace}")


def _do_run(
    chosen: argparse.Namespace,
    catalog: Any,
    settings: Any,
    as_of: str | None,
    consumption: str | None = None,
    full: bool = False,
) -> None:
    from discover import job

    silent = getattr(chosen, "quiet", False) or getattr(chosen, "log_format", None)
    progress = None if silent else show.progress(show.terminal(stderr=True))
    summary = job.run(catalog, chosen.workspace, settings, as_of, progress, consumption, full)
    if chosen.json:
        show.as_json(summary.to_dict())
    elif getattr(chosen, "quiet", False):
        print(show.outcome(summary))
    else:
        show.run(summary)


def similar(chosen: argparse.Namespace) -> None:
    """The items most like one, by id or exact title."""
    opened = _open(chosen)
    show.matches(chosen, opened, opened.similar(chosen.item, **_answers(chosen)))


def search(chosen: argparse.Namespace) -> None:
    """The items that fit a text, are like some items and unlike others, or like a picture."""
    opened = _open(chosen)
    asked = {name: getattr(chosen, name) for name in ("text", "like", "unlike", "image", "anyway")}
    show.matches(chosen, opened, opened.search(**asked, **_answers(chosen)))


def _answers(chosen: argparse.Namespace) -> dict[str, Any]:
    """The options that all queries share."""
    names = ("k", "where", "weights", "diversity", "at_most", "dedupe", "explain")
    return {name: getattr(chosen, name) for name in names} | {"why": True}


def compare(chosen: argparse.Namespace) -> None:
    """Items side by side: what they share, how alike they are and why."""
    from discover import dossier as forms
    from discover import files

    dossier = _open(chosen).compare(chosen.items, weights=chosen.weights)
    for path, form in ((chosen.html, forms.html), (chosen.markdown, forms.markdown)):
        if path:
            files.replace_bytes(Path(path), form(dossier).encode())
    if chosen.json:
        show.as_json(dossier)
    else:
        show.dossier(dossier)


def evaluate(chosen: argparse.Namespace) -> None:
    """How well recommendations find what people liked next, in their ratings."""
    options = {name: getattr(chosen, name) for name in ("k", "holdout", "liked", "disliked", "weights", "seed")}
    found = _open(chosen).evaluate(chosen.ratings, **options, progress=show.progress(show.terminal(stderr=True)))
    if chosen.json:
        show.as_json(found)
    else:
        show.evaluation(found)


def themes(chosen: argparse.Namespace) -> None:
    """What the catalog is about."""
    opened = _open(chosen)
    found = opened.themes(chosen.level)
    if chosen.json:
        show.as_json(found)
    else:
        show.themes(found, opened.why)


def theme(chosen: argparse.Namespace) -> None:
    """One theme and its items."""
    if chosen.history:
        _history(chosen)
        return
    theme = _open(chosen).theme(chosen.id)
    if chosen.json:
        show.as_json(theme)
        return
    console = show.terminal()
    heading = f"{theme.id}  {theme.label}  ({plural(theme.size, 'item')}, {share(theme.share)} of the catalog)"
    console.print(heading, style="bold", markup=False, highlight=False)
    console.print(", ".join(theme.keywords), style="dim", markup=False, highlight=False)
    rows = [
        (item.id, item.title, show.bar(item.strength), f"{item.strength:.2f}", "loosely" if item.loose else "")
        for item in theme.items
    ]
    show.table(console, ("id", "title", "", "strength", ""), rows)


def assign(chosen: argparse.Namespace) -> None:
    """The themes that new items belong to, without a run."""
    found = _open(chosen).assign(chosen.file, chosen.level)
    if chosen.json:
        show.as_json(found)
        return
    rows = [
        (each.id, each.title, each.theme or "stray", each.label, show.bar(each.strength), f"{each.strength:.2f}")
        for each in found
    ]
    show.table(show.terminal(), ("id", "title", "theme", "label", "", "strength"), rows)


def trends(chosen: argparse.Namespace) -> None:
    """Which themes rise and fade beyond chance."""
    opened = _open(chosen)
    found, all_of_them = opened.trends(chosen.emerging, chosen.level), opened.trends_found
    if chosen.json:
        show.as_json(found)
    elif chosen.csv:
        names = ("theme", "label", "measure", "status", "lift", "low", "high", "p", "q", "carriers")
        values = [[getattr(each, name) for name in names[:-1]] for each in found]
        show.as_csv(names, [[*row, " ".join(each.carriers)] for row, each in zip(values, found, strict=True)])
    else:
        show.trends(opened, found)
        if not found:
            print(all_of_them.why or "nothing rises beyond chance")
        for note in all_of_them.notes:
            print(note, file=sys.stderr)


def changes(chosen: argparse.Namespace) -> None:
    """Why the themes' shares are other than in the version before."""
    opened = _open(chosen)
    found = opened.changes(chosen.since)
    if chosen.json:
        show.as_json(found)
        return
    labels = opened.labels(each.theme for each in found)
    rows = [
        (
            each.theme,
            labels.get(each.theme, ""),
            f"{each.before:.1%}",  # finer than elsewhere, as the parts beside it are
            f"{each.after:.1%}",
            *(f"{100 * part:+.2f}" for part in (each.titles, each.demand, each.clustering)),
        )
        for each in found
    ]
    show.table(show.terminal(), ("theme", "label", "before", "after", "titles", "demand", "re-clustering"), rows)
    print("points of the share that came by new and gone titles, by demand, and by items that changed their theme")


def backtest(chosen: argparse.Namespace) -> None:
    """What alerts would have been worth: nights as of many dates."""
    from discover import backtest

    console = show.terminal(stderr=True)
    found = backtest.backtest(
        chosen.catalog, chosen.start, chosen.end, chosen.every, chosen.workspace, _settings(chosen), chosen.null,
        chosen.consumption, show.progress(console),
    )  # fmt: skip
    written = backtest.save(found, Path(chosen.workspace))
    if chosen.json:
        show.as_json(found.to_dict())
        return
    console, shown = show.terminal(), [alert for alert in found.alerts if alert.first]
    rows = [
        (
            alert.night, alert.label, str(alert.level), alert.measure, alert.status, f"{alert.lift:.2f}",
            *("" if part != part else share(part) for part in (alert.past, alert.recent, alert.after)),
            alert.outcome, "" if alert.lead is None else str(alert.lead),
        )
        for alert in shown
    ]  # fmt: skip
    if rows:
        headings = ("as of", "theme", "level", "of", "", "lift", "past", "recent", "after", "", "lead")
        show.table(console, headings, rows)
    firsts = ", ".join(f"{count} {outcome}" for outcome, count in found.firsts.items())
    nights = plural(len(found.nights), "night")
    console.print(f"{nights}, {plural(len(shown), 'first alert')}: {firsts}", highlight=False)
    if found.precision is not None:
        like = f"; themes without an alert: {share(found.quiet_held / found.quiet)}" if found.quiet else ""
        lead = (
            "" if found.lead is None else f"; median lead {found.lead:g} {'period' if found.lead == 1 else 'periods'}"
        )
        console.print(f"precision {share(found.precision)}{like}{lead}", highlight=False)
    if found.null_nights:
        alarms = share(found.null_alerts / found.null_nights)
        null = f"dates permuted: {found.null_alerts} of {plural(found.null_nights, 'night')} with any alert ({alarms}"
        console.print(f"{null}; stated {share(found.rate)})", highlight=False)
    for path in written:
        print(path)


def _history(chosen: argparse.Namespace) -> None:
    opened = _open(chosen)
    entry, events = opened.entry(chosen.id), opened.history(chosen.id)
    if chosen.json:
        show.as_json({"theme": entry, "events": events})
        return
    console = show.terminal()
    before = f" (before: {'; '.join(entry.names)})" if entry.names else ""
    console.print(f"{entry.id}  {entry.label}{before}", style="bold", markup=False, highlight=False)
    rows = [
        (str(e.version), e.created, e.kind, e.theme, ", ".join(e.others), show.bar(e.confidence), f"{e.confidence:.2f}")
        for e in events
    ]
    show.table(console, ("version", "created", "event", "theme", "others", "", "confidence"), rows)


def edit(chosen: argparse.Namespace) -> None:
    """Change themes for good: names, members, what is one theme and what is not."""
    from discover import edits

    given = vars(chosen)
    if chosen.kind == "list":
        found = edits.read(chosen.workspace)
    elif chosen.kind == "undo":
        found = Listing([edits.undo(chosen.workspace, chosen.number)])
    else:
        items = [given["group"]] if "group" in given else given.get("items", [])
        themes, text = given.get("themes", []), given.get("text", "")
        found = Listing([edits.add(chosen.workspace, chosen.kind, themes, items, text)])
    if chosen.json:
        show.as_json(found)
        return
    counts = {edit.number for edit in edits.standing(edits.read(chosen.workspace))}
    rows = [
        (
            str(edit.number),
            edit.made,
            edit.kind,
            " ".join(edit.themes) or str(edit.undoes or ""),
            edit.text or " | ".join(", ".join(group) for group in edit.items),
            _stabilities(edit.before),
            _stabilities(edit.after),
            "" if edit.number in counts or edit.kind == "undo" else "undone",
        )
        for edit in found
    ]
    show.table(show.terminal(), ("edit", "made", "", "of", "", "stability before", "after", ""), rows)


def _stabilities(of_themes: Mapping[str, float]) -> str:
    return ", ".join(f"{id} {stability:.2f}" for id, stability in of_themes.items())


def label(chosen: argparse.Namespace) -> None:
    """Words for any set of items, against the rest of the catalog."""
    found = _open(chosen).label(chosen.items)
    if chosen.json:
        show.as_json(found)
        return
    console = show.terminal()
    if found.note:
        print(f"a keyword label, as {found.note}", file=sys.stderr)
    console.print(found.text, style="bold", markup=False, highlight=False)
    console.print(", ".join(found.keywords), style="dim", markup=False, highlight=False)
    show.table(console, ("id", "such as"), [(item.id, item.title) for item in found.items])


def report(chosen: argparse.Namespace) -> None:
    """Where the report is; or the report in another form."""
    form = chosen.form or ("html" if chosen.executive or chosen.output else None)
    if form is None and chosen.pdf is None:
        path = str(_open(chosen).report)
        if chosen.json:
            show.as_json({"report": path})
        else:
            print(path)
        return
    from discover import files, recompute, report, store

    night = recompute.night(store.open(chosen.workspace, chosen.at))
    if chosen.pdf is not None:
        written, output = report.pdf(night, chosen.executive), chosen.pdf
    else:
        write = {"html": report.html, "markdown": report.markdown, "email": report.email}[form or "html"]
        text, output = write(night, chosen.executive), chosen.output
        written = text.encode()
    if output is None:
        print(text if show.can_print(text) else text.encode("ascii", "xmlcharrefreplace").decode(), end="")
        return
    with files.disk_errors(Path(output)):
        files.replace_bytes(Path(output), written)
    if chosen.json:
        show.as_json({"report": output})
    else:
        print(output)


def serve(chosen: argparse.Namespace) -> None:
    """The page and the API over HTTP, on this machine unless told otherwise."""
    server = _service("serve")
    models = {None: "background", True: "before", False: "asked"}[chosen.preload]
    server.serve(chosen.workspace, _address(server, chosen), models, not chosen.read_only)


def mcp(chosen: argparse.Namespace) -> None:
    """Tools for assistants over stdin and stdout, or over HTTP."""
    server = _service("mcp")
    server.serve_tools(chosen.workspace, _address(server, chosen) if chosen.http else None)


def _service(extra: str) -> Any:
    from importlib.util import find_spec

    from discover.errors import UsageError

    for package in ("fastapi", "uvicorn", "limits", "prometheus_client", *(["mcp"] if extra == "mcp" else [])):
        if find_spec(package) is None:
            raise UsageError(f"{package} is not installed; `pip install 'content-discover[{extra}]'` brings it")
    from discover.service import server

    return server


def _address(server: Any, chosen: argparse.Namespace) -> Any:
    return server.Address(chosen.host, chosen.port, tuple(chosen.name), chosen.rate)


def versions(chosen: argparse.Namespace) -> None:
    """The versions of the workspace."""
    from discover import store

    found = store.versions(chosen.workspace)
    if chosen.json:
        show.as_json(found)
        return
    rows = [
        (str(v.number), "current" if v.current else "", v.created, v.source, f"{v.items:,}", f"{v.themes:,}")
        for v in found
    ]
    show.table(show.terminal(), ("version", "", "created", "source", "items", "themes"), rows)


def rollback(chosen: argparse.Namespace) -> None:
    """Make another version the current one."""
    from discover import store

    store.rollback(chosen.workspace, chosen.number)
    if chosen.json:
        show.as_json({"current": chosen.number})
    else:
        print(f"version {chosen.number} is current")


def prune(chosen: argparse.Namespace) -> None:
    """Remove old versions, never the current one."""
    from discover import store

    removed = store.prune(chosen.workspace, chosen.keep)
    if chosen.json:
        show.as_json({"removed": removed})
    else:
        print(f"removed: {', '.join(map(str, removed))}" if removed else "nothing to remove")


def verify(chosen: argparse.Namespace) -> None:
    """Check every byte of a version."""
    from discover import store
    from discover.errors import WorkspaceError

    if chosen.report is not None:
        _verify_report(chosen)
        return
    problems = store.verify(chosen.workspace, chosen.number)
    if chosen.json:
        show.as_json(problems)
    elif not problems:
        print("every byte is as it was written")
    if problems:
        listed = "; ".join(f"{problem.file}: {problem.what}" for problem in problems)
        raise WorkspaceError(f"{chosen.workspace} is damaged: {listed}; `discover rollback N` heals it")


def _verify_report(chosen: argparse.Namespace) -> None:
    from discover import recompute
    from discover.errors import WorkspaceError

    found = recompute.verify(chosen.workspace, chosen.number, chosen.report or None)
    if chosen.json:
        show.as_json(found)
    elif not found:
        print("every number of the report is what the version gives")
    if found:
        named = [f"{each.claim} (says {each.said}, is {each.found})" for each in found[:IN_FULL]]
        named += [each.claim for each in found[IN_FULL:]]
        raise WorkspaceError(f"{chosen.report or 'the report'} is not what its version gives: {', '.join(named)}")


def _open(chosen: argparse.Namespace) -> Any:
    from discover import engine

    return engine.open(chosen.workspace, getattr(chosen, "at", None))
