"""What earlier versions hold for a run, looked at once: under the lock, before the catalog is read.

Of the last version every file that a run may use is checked here, so that no stage meets damage in it; what is damaged
is one warning, and counts as if it had never been. The other versions lend vectors of contents that the last one lacks,
their ledger where its own is damaged, and the highest id that was ever given to a theme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import indexes
from discover.core.errors import WorkspaceError
from discover.core.settings import IndexSettings, ThemeSettings
from discover.core.types import Alert, Catalog, CatalogDiff, Embeddings, Ledger, Place, Trends, plain
from discover.core.words import listed
from discover.embeddings.embed import Known
from discover.ledger import catalog_diff
from discover.store import versions
from discover.store.load import StoredRun
from discover.themes.go_on import Last

CATALOG, THEMES, LEDGER, ALERTS, PLACES = "catalog", "themes", "ledger", "alerts", "places"  # parts of a version
MOST_CONSEQUENCES = 6  # that the warning names


@dataclass(frozen=True, eq=False)
class Before:
    """What a run goes on from; empty on a workspace's first run."""

    last: StoredRun | None  # the last version; None where there is none, or it cannot be opened
    lost: frozenset[str]  # parts of it that are damaged, see `_part`
    ledger: Ledger  # of the last version or, where it is damaged, of the newest sound one; `last` is the highest of all
    warnings: tuple[str, ...] = ()
    runs: tuple[tuple[int, StoredRun | WorkspaceError], ...] = field(default=(), repr=False)  # all, newest first

    @classmethod
    def open(cls, draft: versions.Draft) -> Before:
        """All that a workspace's versions hold for the version that is in the making."""
        last = None if draft.last is None else StoredRun(draft.last)
        runs = tuple(_open_all(draft, last))
        damages = _damages(last)
        ledger, ledger_words = _ledger(runs, last, LEDGER in damages)
        problem = draft.problem or next(iter(damages.values()), None)
        warnings: tuple[str, ...] = ()
        if problem is not None:
            what = "cannot be read" if draft.problem else "is damaged"
            consequences = [*(_consequences(damages) if last else ["nothing continues from it"]), *ledger_words]
            warnings = (f"The last version {what}, so {listed(consequences, MOST_CONSEQUENCES)}: {problem}",)
        return cls(last, frozenset(damages), ledger, (*draft.notes, *warnings), runs)

    def _has(self, *parts: str) -> StoredRun | None:
        """The last version, if all of these parts of it are sound."""
        return None if self.lost & set(parts) else self.last

    # --- what stages ask for -----------------------------------------------------------------------------------

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """What each column of the last catalog was, by its name."""
        run = self._has(CATALOG)
        return run.columns if run else {}

    def known(self, space: str, warn: Callable[[str], None]) -> Iterator[Known]:
        """What all versions know of a space, newest first; damage in older ones is reported once it is met."""
        for number, run in self.runs:
            if self.last is not None and number == self.last.version.number and _space(space) in self.lost:
                continue
            report = partial(_report, warn, number)
            try:
                if isinstance(run, WorkspaceError):
                    raise run
                known = run.known(space, report) if space in run.space_names else None
            except WorkspaceError as error:
                report(error)
                continue
            if known is not None:
                yield known

    def index(self, embeddings: Embeddings, settings: IndexSettings) -> LastIndex | None:
        """The last index of a space, if it was made with these settings from comparable vectors."""
        name = embeddings.space
        run = self._has(_space(name), _index(name))
        if run is None or name not in run.space_names:
            return None
        if run.version.manifest["settings"]["index"] != plain(settings):
            return None
        before = run.spaces[name]
        if before.identity.differences(embeddings.identity):
            return None
        return LastIndex(before, run.version.manifest["indexes"][name], partial(run.index, name))

    def themes(self, settings: ThemeSettings) -> Last | None:
        """The last themes, if they were made with these settings."""
        run = self._has(THEMES)
        if run is None or run.version.manifest["settings"]["themes"] != plain(settings):
            return None
        return Last(run.graph, run.themes, bool(run.edit_numbers))

    def compare(self, catalog: Catalog, spaces: Mapping[str, Embeddings]) -> CatalogDiff | None:
        """What became of the last version's items; None where there is no telling."""
        run = self.last
        if run is None or self._has(CATALOG, *map(_space, run.space_names)) is None:
            return None
        return catalog_diff.compare(run.catalog, run.spaces, catalog, spaces, run.version.number, run.created)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All alerts up to the last version, not scored."""
        run = self._has(ALERTS)
        return run.alerts if run else ()

    @property
    def trends(self) -> Trends:
        """The last trends."""
        run = self._has(ALERTS)
        return run.trends if run else Trends()

    @property
    def places(self) -> Mapping[str, Place]:
        """Where the names of themes stood on the last map, by id."""
        run = self._has(PLACES)
        return run.places if run else {}


@dataclass(frozen=True)
class LastIndex:
    """An index of the last version, and the vectors that it is of."""

    embeddings: Embeddings
    choice: Mapping[str, Any]  # kind, parameters, why, what was measured
    load: Callable[[], indexes.VectorIndex]  # raises WorkspaceError where what the kind needs is not installed


# --- opening -----------------------------------------------------------------------------------------------


def _open_all(draft: versions.Draft, last: StoredRun | None) -> Iterator[tuple[int, StoredRun | WorkspaceError]]:
    """Every version or why it cannot be opened, newest first; the last one is open already."""
    for number in reversed(versions.numbers(draft.workspace)):
        if last is not None and number == last.version.number:
            yield number, last
            continue
        try:
            yield number, StoredRun(versions.open(draft.workspace, number))
        except WorkspaceError as error:
            yield number, error


def _damages(run: StoredRun | None) -> dict[str, WorkspaceError]:
    """The damaged parts of a version, each with the first thing that is wrong with it; every file is read."""
    if run is None:
        return {}

    def check(name: str) -> WorkspaceError | None:
        try:
            run.version.checked(name)
        except WorkspaceError as error:
            return error
        return None

    names = [name for name in run.version.files if _part(name)]
    with ThreadPoolExecutor() as threads:  # hashing releases the interpreter
        errors = list(threads.map(check, names))
    damages: dict[str, WorkspaceError] = {}
    for name, error in zip(names, errors, strict=True):
        if error is not None:
            damages.setdefault(_part(name), error)
    return damages


def _ledger(
    runs: tuple[tuple[int, StoredRun | WorkspaceError], ...], last: StoredRun | None, is_damaged: bool
) -> tuple[Ledger, list[str]]:
    """The ledger to go on from, with the highest id that any version gave; and where it comes from, if not the last."""
    opened = [run for _, run in runs if isinstance(run, StoredRun)]
    highest = max((run.last_theme for run in opened), default=0)
    if last is not None and not is_damaged:
        return replace(last.ledger, last=highest), []
    for run in opened:
        if run is not last:
            try:
                return replace(run.ledger, last=highest), [f"version {run.version.number}'s ledger is used"]
            except WorkspaceError:
                continue
    return Ledger(last=highest), ["all themes begin anew, as no ledger can be read"] if runs else []


# --- parts -------------------------------------------------------------------------------------------------


def _space(name: str) -> str:
    return f"space {name}"


def _index(space: str) -> str:
    return f"index {space}"


def _part(file: str) -> str:
    """Which part a file of a version belongs to; "" for files that no run reads again."""
    match file.split("/"):
        case ["catalog", _]:
            return CATALOG
        case ["spaces", name, "index", *_]:
            return _index(name)
        case ["spaces", name, _]:
            return _space(name)
        case ["themes", "places.json"]:
            return PLACES
        case ["graph" | "themes", _]:
            return THEMES
        case ["ledger", _]:
            return LEDGER
        case ["trends.json" | "alerts.json"]:
            return ALERTS
    return ""


def _consequences(damages: Mapping[str, WorkspaceError]) -> list[str]:
    """What a run does without the parts that are damaged, but for the ledger."""
    spaces = [part.removeprefix("space ") for part in damages if part.startswith("space ")]
    rebuilt = [part.removeprefix("index ") for part in damages if part.startswith("index ")]
    words = [f"{name} was encoded anew where no other version has it" for name in spaces]
    words += [f"the index of {name} was built anew" for name in rebuilt if name not in spaces]
    words += ["the columns were recognised anew"] if CATALOG in damages else []
    words += ["themes were found anew"] if THEMES in damages else []
    words += ["nothing was compared with it"] if spaces or CATALOG in damages else []
    words += ["its alerts are lost"] if ALERTS in damages else []
    return words + (["names on the map were placed anew"] if PLACES in damages else [])


def _report(warn: Callable[[str], None], number: int, error: WorkspaceError) -> None:
    warn(f"Version {number} cannot be read, so what only it knew was encoded anew: {error}")
