"""What someone may have meant: the known names that are most like one that is not known."""

from __future__ import annotations

from collections.abc import Iterable

MIN_SIMILARITY = 60  # percent of their letters that two names have in common, in order


def nearest_names(name: str, known: Iterable[str], k: int = 1) -> list[str]:
    """Up to `k` of the known names, most alike first; none where all are too different."""
    from rapidfuzz import fuzz, process  # imported where it is used, as commands that succeed need none of it

    matches = process.extract(name, list(known), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=k)
    return [match for match, _, _ in matches]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: `. Did you mean 'year'?`, or a full stop where none is near."""
    near = nearest_names(name, known)
    return f". Did you mean {near[0]!r}?" if near else "."
