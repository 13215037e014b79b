"""The catalog to vectors, space by space: what is known is taken over, what cannot be encoded is a warning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from discover.core.errors import InputError, ModelError
from discover.core.types import Catalog, Embeddings, Reject
from discover.core.words import plural
from discover.embeddings import checkpoint, embed
from discover.nightly.before import Before
from discover.nightly.request import Request


@dataclass(frozen=True)
class Encoded:
    """The vectors of a catalog."""

    catalog: Catalog  # pictures that failed are among its rejects
    spaces: dict[str, Embeddings]  # those that have something in them
    warnings: tuple[str, ...]


def encode_catalog(catalog: Catalog, request: Request, before: Before, workspace: Path) -> Encoded:
    """The vectors of every space. What was encoded stays in the workspace until `checkpoint.forget`, for the run that
    follows if this one is killed. Raises ModelError, InputError where there is nothing to encode, DiskError.
    """
    spaces: dict[str, Embeddings] = {}
    warnings: list[str] = []
    failures: list[Reject] = []
    for name, encoder in request.encoders.items():
        if all(value is None for value in encoder.inputs(catalog)):
            continue
        known = chain(checkpoint.known(workspace, name, warnings.append), before.known(name, warnings.append))
        keep = partial(checkpoint.keep, workspace, name)
        try:
            embeddings, rejects = embed.encode(catalog, encoder, name, known, request.progress, keep)
        except ModelError as error:
            if getattr(request.settings, name).required:
                raise
            warnings.append(f"{name}s were not used: {error}")
            continue
        failures += rejects
        if len(embeddings.rows):
            spaces[name] = embeddings
    roles = catalog.described(role for encoder in request.encoders.values() for role in encoder.roles())
    if not spaces:
        raise InputError(_nothing_to_encode(catalog, roles, [*(reject.reason for reject in failures), *warnings]))
    warnings += _unencoded(catalog, spaces, roles)
    unique = tuple(dict.fromkeys(warnings))  # both spaces may meet the same damage
    return Encoded(replace(catalog, rejects=(*catalog.rejects, *failures)), spaces, unique)


def _nothing_to_encode(catalog: Catalog, roles: str, reasons: Sequence[str]) -> str:
    why = f" ({reasons[0]})" if reasons else ""
    return f"{catalog.source}: none of its {plural(len(catalog), 'item')} has anything to encode in {roles}{why}"


def _unencoded(catalog: Catalog, spaces: dict[str, Embeddings], roles: str) -> list[str]:
    """A warning where items are in no space."""
    count = len(catalog) - len(set().union(*(space.rows.tolist() for space in spaces.values())))
    if not count:
        return []
    has, them = ("has", "it") if count == 1 else ("have", "them")
    items = plural(len(catalog), "item")
    return [f"{count:,} of {items} {has} nothing to encode in {roles}. No theme can hold {them}"]
