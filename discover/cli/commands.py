"""The commands. One takes parsed arguments, asks the engine and shows the answer, without logic of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.cli import ask
from discover.cli.show.items import show_assignments, show_dossier, show_evaluation, show_matches
from discover.cli.show.output import print_answer, print_line, print_text, print_warnings, progress_bars
from discover.cli.show.runs import (
    print_next_steps,
    print_outcome,
    print_pending,
    print_undone,
    show_backtest,
    show_run,
    show_versions,
)
from discover.cli.show.themes import show_edits, show_history, show_label, show_theme, show_themes
from discover.cli.show.trends import show_changes, show_trends
from discover.core.errors import UsageError
from discover.core.types import Listing
from discover.core.types.options import QueryOptions, SearchOptions, options

if TYPE_CHECKING:
    import argparse

    from discover.core.settings import Settings

ALWAYS = {"why": True}  # options of a query that the command line sets, as it shows what comes of them
MAX_SHOWN_CLAIMS = 10  # differing claims that are shown with both values


def run(chosen: argparse.Namespace) -> None:
    """Read a catalog, find its themes, write a new version and its report."""
    from dataclasses import replace

    from discover.core.settings import Settings

    if chosen.quiet and chosen.json:
        raise UsageError("--quiet and --json are two ways to print the outcome. Choose one")
    if ask.may_ask(chosen):
        ask.about_columns(chosen.catalog, _settings(chosen))
    settings = Settings.load(_settings(chosen))
    if chosen.strict:
        settings = replace(settings, catalog=replace(settings.catalog, strict=True))
    settings = _rejects_allowed(chosen, settings)
    if chosen.metrics is not None:
        settings = replace(settings, run=replace(settings.run, metrics=chosen.metrics, metrics_option="--metrics"))
    if chosen.keep is not None:
        settings = replace(settings, run=replace(settings.run, keep=chosen.keep))
    _do_run(chosen, chosen.catalog, settings, chosen.as_of, chosen.consumption, chosen.full)


def _settings(chosen: argparse.Namespace) -> str | None:
    """The settings file that is named, or the one beside us."""
    return chosen.settings or ("discover.toml" if Path("discover.toml").exists() else None)


def _rejects_allowed(chosen: argparse.Namespace, settings: Settings) -> Settings:
    """The settings with what `--allow-rejects` says."""
    from dataclasses import replace

    if not chosen.allow_rejects:
        return settings
    return replace(settings, catalog=replace(settings.catalog, allow_rejects=True))


def demo(chosen: argparse.Namespace) -> None:
    """Run everything on the sample catalog that comes with discover."""
    from discover import sample
    from discover.store import versions

    catalog, settings = sample.prepare(versions.prepare(chosen.workspace) / "sample")
    _do_run(chosen, catalog, settings, None)
    if not chosen.json:
        print_next_steps(chosen.workspace)


def _do_run(
    chosen: argparse.Namespace,
    catalog: Any,
    settings: Any,
    as_of: str | None,
    consumption: str | None = None,
    full: bool = False,
) -> None:
    from discover.nightly import job

    quiet, events = getattr(chosen, "quiet", False), getattr(chosen, "log_format", None)
    progress = None if quiet or events else progress_bars()
    summary = job.run(catalog, chosen.workspace, settings, as_of, progress, consumption, full)
    print_answer(chosen, summary, print_outcome if quiet else show_run)
    if quiet and not events:
        print_undone(summary)


def similar(chosen: argparse.Namespace) -> None:
    """List the items most like one."""
    opened = _open(chosen)
    show_matches(chosen, opened.similar(chosen.item, **_query_options(chosen, QueryOptions)), opened)


def search(chosen: argparse.Namespace) -> None:
    """List the items that fit a text, resemble items or a picture, and differ from other items."""
    opened = _open(chosen)
    terms = {name: getattr(chosen, name) for name in ("text", "like", "unlike", "image")}
    show_matches(chosen, opened.search(**terms, **_query_options(chosen, SearchOptions)), opened)


def _query_options(chosen: argparse.Namespace, kind: type) -> dict[str, Any]:
    """The options of a query as they were chosen."""
    return {option.name: getattr(chosen, option.name) for option in options(kind) if option.name not in ALWAYS} | ALWAYS


def compare(chosen: argparse.Namespace) -> None:
    """Show items side by side: what they share, how similar they are and why."""
    from discover.core import files
    from discover.report import dossier as forms

    dossier = _open(chosen).compare(chosen.items, weights=chosen.weights)
    for option, path, form in (("--html", chosen.html, forms.html), ("--markdown", chosen.markdown, forms.markdown)):
        if path:
            files.replace_bytes(Path(path), form(dossier).encode(), option)
    print_answer(chosen, dossier, show_dossier)


def evaluate(chosen: argparse.Namespace) -> None:
    """Measure how well recommendations predict what users liked next."""
    options = {
        name: getattr(chosen, name)
        for name in ("k", "holdout", "liked", "disliked", "weights", "seed", "allow_rejects")
    }
    evaluation = _open(chosen).evaluate(chosen.ratings, **options, progress=progress_bars())
    print_answer(chosen, evaluation, show_evaluation)


def themes(chosen: argparse.Namespace) -> None:
    """List the themes of the catalog."""
    opened = _open(chosen)
    print_answer(chosen, opened.themes(chosen.level), show_themes, opened.why)


def theme(chosen: argparse.Namespace) -> None:
    """Show one theme and its items."""
    opened = _open(chosen)
    if chosen.history:
        history = {"theme": opened.entry(chosen.id), "events": opened.history(chosen.id)}
        print_answer(chosen, history, show_history)
    else:
        print_answer(chosen, opened.theme(chosen.id), show_theme)


def assign(chosen: argparse.Namespace) -> None:
    """Find the themes that new items belong to, without a run."""
    assignments = _open(chosen).assign(chosen.file, chosen.level, chosen.allow_rejects)
    print_warnings(assignments.warnings)
    print_answer(chosen, assignments, show_assignments)


def trends(chosen: argparse.Namespace) -> None:
    """List how themes move, and which rise or fade beyond chance."""
    opened = _open(chosen)
    show_trends(chosen, opened.trends(chosen.emerging, chosen.level), opened)


def changes(chosen: argparse.Namespace) -> None:
    """Explain why the themes' shares changed since an earlier version."""
    opened = _open(chosen)
    print_answer(chosen, opened.changes(chosen.since), show_changes, opened)


def backtest(chosen: argparse.Namespace) -> None:
    """Test what alerts would have been worth, with runs as of past dates."""
    from discover.core.settings import Settings
    from discover.nightly import backtest

    settings = _rejects_allowed(chosen, Settings.load(_settings(chosen)))
    result = backtest.backtest(
        chosen.catalog, chosen.start, chosen.end, chosen.every, chosen.workspace, settings, chosen.null,
        chosen.consumption, progress_bars(),
    )  # fmt: skip
    written = backtest.save(result, Path(chosen.workspace))
    print_answer(chosen, result.to_dict(), show_backtest, result, written)


def edit(chosen: argparse.Namespace) -> None:
    """Correct themes for this and all later runs: names, members, merges and splits."""
    from discover.edits import adding, log

    arguments = vars(chosen)
    if chosen.kind == "list":
        edits = log.read(chosen.workspace)
    elif chosen.kind == "undo":
        edits = Listing([adding.undo(chosen.workspace, chosen.number, _warn)])
    else:
        items = [arguments["group"]] if "group" in arguments else arguments.get("items", [])
        themes, text = arguments.get("themes", []), arguments.get("text", "")
        edits = Listing([adding.add(chosen.workspace, chosen.kind, themes, items, text, _warn)])
    counting = {edit.number for edit in log.standing(log.read(chosen.workspace))}
    print_answer(chosen, edits, show_edits, counting)


def label(chosen: argparse.Namespace) -> None:
    """Find words that set some items apart from the rest of the catalog."""
    print_answer(chosen, _open(chosen).label(chosen.items), show_label)


def report(chosen: argparse.Namespace) -> None:
    """Print where the report is, or print it in another form."""
    if chosen.pdf is not None and chosen.output is not None:
        raise UsageError("--pdf names its own file. Leave out --output")
    form, opened = chosen.form or ("html" if chosen.executive or chosen.output else None), _open(chosen)
    print_pending(opened)
    if form is None and chosen.pdf is None:
        path = str(opened.report)
        print_answer(chosen, {"report": path}, print_line, path)
        return
    from discover.core import files
    from discover.nightly import replay
    from discover.report import write

    content = write.make(replay.recompute(opened.version))
    if chosen.pdf is not None:
        option, output, written = "--pdf", chosen.pdf, write.pdf(content, chosen.executive)
    else:
        to_text = {"html": write.html, "markdown": write.markdown, "email": write.email}[form or "html"]
        text = to_text(content, chosen.executive)
        option, output, written = "--output", chosen.output, text.encode()
    if output is None:
        print_text(text)
    else:
        files.replace_bytes(Path(output), written, option)
        print_answer(chosen, {"report": output}, print_line, output)


def serve(chosen: argparse.Namespace) -> None:
    """Serve the page and the API over HTTP, by default to this machine only."""
    server = _service("serve")
    models = {None: "background", True: "before", False: "asked"}[chosen.preload]
    server.serve(chosen.workspace, _address(server, chosen), models, not chosen.read_only)


def mcp(chosen: argparse.Namespace) -> None:
    """Offer tools to assistants (Model Context Protocol) over stdin and stdout, or over HTTP."""
    server = _service("mcp")
    server.serve_tools(chosen.workspace, _address(server, chosen) if chosen.http else None)


def _service(extra: str) -> Any:
    from importlib.util import find_spec

    for package in ("fastapi", "uvicorn", "limits", "prometheus_client", *(["mcp"] if extra == "mcp" else [])):
        if find_spec(package) is None:
            raise UsageError(f"{package} is not installed. Run pip install 'content-discover[{extra}]'")
    from discover.service import server

    return server


def _address(server: Any, chosen: argparse.Namespace) -> Any:
    return server.Address(chosen.host, chosen.port, tuple(chosen.name), chosen.rate)


def versions(chosen: argparse.Namespace) -> None:
    """List the versions of the workspace."""
    from discover.store import versions

    print_answer(chosen, versions.list_versions(chosen.workspace), show_versions)


def rollback(chosen: argparse.Namespace) -> None:
    """Make another version the current one."""
    from discover.store import versions

    versions.rollback(chosen.workspace, chosen.number, _warn)
    print_answer(chosen, {"current": chosen.number}, print_line, f"version {chosen.number} is now current")


def prune(chosen: argparse.Namespace) -> None:
    """Remove old versions, never the current one."""
    from discover.store import versions

    removed = versions.prune(chosen.workspace, chosen.keep)
    outcome = f"removed: {', '.join(map(str, removed))}" if removed else "nothing to remove"
    print_answer(chosen, {"removed": removed}, print_line, outcome)


def verify(chosen: argparse.Namespace) -> None:
    """Check every byte of a version, or every number of its report."""
    from discover.core.errors import WorkspaceError
    from discover.store import versions

    if chosen.all and (chosen.number is not None or chosen.report is not None):
        raise UsageError("--all checks the files of every version. Leave out N and --report")
    if chosen.report is not None:
        _verify_report(chosen)
        return
    damages = versions.verify_files(chosen.workspace, chosen.number, chosen.all)
    print_answer(chosen, damages, print_line, "" if damages else "all files are intact")
    if damages:
        listed = ", ".join(f"{damage.file} ({damage.what})" for damage in damages)
        raise WorkspaceError(f"{chosen.workspace} is damaged: {listed}. `discover rollback N` restores a sound version")


def _verify_report(chosen: argparse.Namespace) -> None:
    from discover.core.errors import WorkspaceError
    from discover.nightly import replay

    differences = replay.verify_report(chosen.workspace, chosen.number, chosen.report or None)
    print_answer(chosen, differences, print_line, "" if differences else "every number of the report is confirmed")
    if differences:
        named = [
            f"{claim.claim} (says {claim.reported}, is {claim.computed})" for claim in differences[:MAX_SHOWN_CLAIMS]
        ]
        named += [claim.claim for claim in differences[MAX_SHOWN_CLAIMS:]]
        raise WorkspaceError(f"{chosen.report or 'the report'} differs from its version: {', '.join(named)}")


def _warn(message: str) -> None:
    print_warnings([message])


def _open(chosen: argparse.Namespace) -> Any:
    from discover.engine import engine

    return engine.open(chosen.workspace, getattr(chosen, "at", None))
