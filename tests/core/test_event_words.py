"""Every event that the ledger tells has words."""

from discover.core.types import EVENT_WORDS
from discover.ledger import match


def test_every_kind_of_event_has_words():
    table = [line.split()[0].rstrip(",") for line in (match.__doc__ or "").splitlines() if line.startswith("    ")]
    assert {*table, "returned"} == set(EVENT_WORDS)
    labels = [words.label for words in EVENT_WORDS.values()]
    assert len(set(labels)) == len(labels) and all(words.one and words.several for words in EVENT_WORDS.values())
