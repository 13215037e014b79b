"""A run's outcome in a few lines, sent where people read: mail, chat, anything that apprise reaches.

A url may hold a password. It is therefore never stored, shown or logged: what is said of a receiver is its number in
`[notify] urls` and its kind. Source: https://github.com/caronc/apprise/wiki.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from discover.core import files
from discover.core.errors import SettingsError
from discover.core.settings import NotifySettings
from discover.core.types import RunSummary, Trend
from discover.core.words import factor
from discover.engine import engine

MAX_LINES = 5  # alerts, and warnings, that a message names


@dataclass(frozen=True)
class Message:
    """What is sent, as plain text."""

    title: str
    body: str


@dataclass(frozen=True)
class Receiver:
    """Where messages go."""

    name: str  # without secrets
    service: Any = field(repr=False)  # apprise's


def receivers(settings: NotifySettings) -> tuple[Receiver, ...]:
    """The receivers that are set. Raises SettingsError where a url is not understood, or apprise is not installed."""
    if not settings.urls:
        return ()
    try:
        from apprise import Apprise
    except ModuleNotFoundError as error:
        raise SettingsError("[notify] urls: run pip install 'content-discover[notify]' to send messages") from error
    known = []
    for number, url in enumerate(settings.urls, 1):
        with _silence():
            service = Apprise.instantiate(_expanded(url, number))
        if service is None:
            raise SettingsError(f"[notify] urls: number {number} is not an apprise URL. See the apprise wiki")
        known.append(Receiver(f"number {number} ({service.service_name})", service))
    return tuple(known)


def send(message: Message, receivers: Sequence[Receiver]) -> list[str]:
    """Give a message to each receiver, and say which did not take it; empty if all did.

    Waits for each as long as its url says (apprise: 4 s to connect, 4 s to answer).
    """
    from apprise import NotifyFormat

    failed = []
    for receiver in receivers:
        with _silence():
            try:
                taken = receiver.service.notify(body=message.body, title=message.title, body_format=NotifyFormat.TEXT)
            except Exception:  # the code of a hundred services: the run stands whatever it does
                taken = False
        if not taken:
            failed.append(f"[notify] urls: {receiver.name} did not take the message. Try the URL with `apprise -vv`")
    return failed


def success(summary: RunSummary) -> tuple[Message, bool]:
    """A run's message, and whether it has an alert: a rise that the last run had not reported.

    Raises WorkspaceError, DiskError.
    """
    opened = engine.open(summary.workspace, summary.version)
    rises = [trend for level in range(opened.levels) for trend in opened.trends(emerging=True, level=level)]
    rising = {trend.theme: trend for trend in reversed(rises)}  # once for all levels
    new = {alert.trend.theme for alert in opened.alerts if alert.version == summary.version} & set(rising)
    facts = files.load_json(opened.version.checked("report.json"))
    lines = [
        facts["sections"]["summary"]["paragraph"],
        *_some([_line(trend) for trend in sorted(rising.values(), key=lambda rise: (rise.theme not in new, rise.q))]),
        *_some([f"Warning: {warning}" for warning in summary.warnings]),
        f"Report: {summary.report.absolute()}",
    ]
    news = f"{len(rising)} rising, {len(new)} of them new" if rising else "no theme rises beyond chance"
    return Message(f"{facts['title']}: {news} (version {summary.version})", "\n".join(lines)), bool(new)


def failure(what: str, exit_code: int, workspace: object) -> Message:
    """The message of a run that failed."""
    body = f"{what}\nWorkspace {workspace}: the last version, if any, stays current."
    return Message(f"discover run failed (exit code {exit_code})", body)


def _line(trend: Trend) -> str:
    size = f": {factor(trend.lift)} times its past share [{factor(trend.low)}, {factor(trend.high)}]"
    return f"{trend.status.title()}: {trend.label} ({trend.theme}){size if trend.lift == trend.lift else ''}"


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - MAX_LINES
    return lines if more <= 0 else [*lines[:MAX_LINES], f"... and {more} more"]


def _expanded(url: str, number: int) -> str:
    """The url, or what the environment variable holds that it names: "$DISCOVER_CHAT"."""
    if not url.startswith("$"):
        return url
    value = os.environ.get(url[1:])
    if not value:
        raise SettingsError(f"[notify] urls: number {number} names the environment variable {url}, which is not set")
    return value


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing is logged meanwhile: apprise and what it sends with log parts of urls."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
