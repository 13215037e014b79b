"""What a run does, as events: one line each on standard error, for people or as JSON for machines.

Every event has `time` (ISO 8601, UTC), `level` (info, warning, error) and `event`; by event it has besides

    start     catalog, workspace, program (the version of discover)
    stage     stage, seconds, and counts of what it handled
    warning   message
    removed   versions: numbers of old ones that were removed
    notified  receivers: how many got the message
    done      version, seconds, counts, report
    error     message, exit_code, and traceback where discover itself is at fault
    library   message, logger: a warning of another package

Events are records of the logger "discover" of the standard library; who calls `discover.run` may handle them there.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from discover.core.types import plain

FORMATS = ("text", "json")
LOGGER = logging.getLogger("discover")
LOGGER.addHandler(logging.NullHandler())  # nothing is printed unless somebody asks for it


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Emit an event; values of `fields` are JSON-ready, dataclasses, arrays or paths."""
    LOGGER.log(level, name, extra={"fields": plain(fields)})


def show(form: str) -> None:
    """From now on events, and warnings of other packages, go to standard error as "text" or "json"."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if form == "json" else _Text())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    LOGGER.setLevel(logging.INFO)


def failure(message: str, exit_code: int, error: BaseException | None = None) -> None:
    """The event of a run that failed; `error` is one that nobody foresaw."""
    trace = {} if error is None else {"traceback": "".join(traceback.format_exception(error))}
    event("error", logging.ERROR, message=message, exit_code=exit_code, **trace)


def _content(record: logging.LogRecord) -> dict[str, Any]:
    fields = getattr(record, "fields", None)
    if fields is None:
        fields = {"message": " ".join(record.getMessage().split()), "logger": record.name}
    return {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": "library" if "logger" in fields else record.msg,
        **fields,
    }


class _Json(logging.Formatter):
    """One JSON object a line, in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of an event."""
        return json.dumps(_content(record), allow_nan=False)


class _Text(logging.Formatter):
    """Time, level and event, then what else there is as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of an event."""
        content = _content(record)
        head = (content.pop(name) for name in ("time", "level", "event"))
        return " ".join([*head, *(_shown(name, value) for name, value in content.items())])


def _shown(name: str, value: Any) -> str:
    if name in ("message", "traceback"):
        return str(value)
    return f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
