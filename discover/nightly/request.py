"""What a run was asked for, checked before the long work begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import indexes
from discover.core import plugins
from discover.core.errors import SettingsError, UsageError
from discover.core.settings import Settings, SpaceSettings
from discover.embeddings import encoders
from discover.embeddings.embed import Progress
from discover.embeddings.encoders.base import Encoder
from discover.labels import name as labelling
from discover.search.index import check_settings_weights
from discover.themes import layouts


@dataclass(frozen=True)
class Request:
    """One run: its source and settings, every plug-in's options checked."""

    source: Any = field(repr=False)  # of the catalog
    settings: Settings  # paths of models are absolute
    encoders: Mapping[str, Encoder]  # by space
    as_of: date | None = None  # later items and audience are left out
    consumption: Any = field(default=None, repr=False)  # the source of audience by item and date
    full: bool = False  # themes and indexes are made anew in any case
    progress: Progress | None = field(default=None, repr=False)

    @classmethod
    def check(
        cls,
        source: Any,
        settings: Settings | Mapping[str, Any] | str | Path | None,
        as_of: str | date | None,
        consumption: Any,
        full: bool,
        progress: Progress | None,
    ) -> Request:
        """The request for these arguments of `discover.run`. Raises UsageError, SettingsError, ModelError."""
        if isinstance(source, str) and not source:  # the path "" would be the current folder
            raise UsageError("catalog: expected a file, got ''")
        located = _locate(Settings.load(settings))
        labelling.load(located.labels)
        plugins.load(layouts, located.themes.layout)
        _check_kind(located.index.kind)
        check_settings_weights(located.search.weights)
        by_space = {"text": _encoder(located.text), "image": _encoder(located.image)}
        return cls(source, located, by_space, _parse_day(as_of), consumption, full, progress)


def _locate(settings: Settings) -> Settings:
    """The settings with paths of models and pictures made absolute: they hold wherever the version is opened."""

    def absolute(space: SpaceSettings) -> SpaceSettings:
        encoder = _encoder(space).located(settings.folder.absolute())
        return replace(space, options={key: getattr(encoder, key) for key in space.options})

    roots = tuple(str(settings.folder.absolute() / root) for root in settings.catalog.media_roots)
    catalog = replace(settings.catalog, media_roots=roots)
    return replace(settings, catalog=catalog, text=absolute(settings.text), image=absolute(settings.image))


def _encoder(space: SpaceSettings) -> Encoder:
    encoder: Encoder = plugins.load(encoders, space.encoder, space.options)
    return encoder


def _check_kind(kind: str) -> None:
    """Raises SettingsError for a kind of index that is unknown, or whose package is not installed."""
    if kind in ("auto", *indexes.kinds()):
        return
    try:
        indexes.make_kind(kind, {})
    except ModuleNotFoundError as error:  # says what to install
        raise SettingsError(f"[index] kind: {error}") from error
    except ValueError as error:
        valid = ", ".join(("auto", *indexes.kinds()))
        raise SettingsError(f"[index] kind: unknown kind {kind!r}. Valid: {valid}") from error


def _parse_day(as_of: str | date | None) -> date | None:
    if isinstance(as_of, datetime):
        return as_of.date()
    if as_of is None or isinstance(as_of, date):
        return as_of
    try:
        return date.fromisoformat(as_of)
    except (TypeError, ValueError) as error:
        raise UsageError(f"as_of: {as_of!r} is not a date like 2021-06-30") from error
