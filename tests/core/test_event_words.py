"""What people read of an event or an outcome comes from one table: in report, command line, API and page."""

import re
from pathlib import Path

import pytest

from discover.cli.show.themes import show_history
from discover.core.types import EVENT_WORDS, OUTCOME_WORDS, Alert, Entry, Event
from discover.ledger import match
from discover.service.wire import versions as wire

ROOT = Path(__file__).parents[2]


def kinds():
    """The kinds of events that the ledger's documentation lists."""
    table = [line.split()[0].rstrip(",") for line in (match.__doc__ or "").splitlines() if line.startswith("    ")]
    return {*table, "returned"}


def test_every_kind_of_event_has_words():
    assert kinds() == set(EVENT_WORDS)
    labels = [words.label for words in EVENT_WORDS.values()]
    assert len(set(labels)) == len(labels) and all(words.one and words.several for words in EVENT_WORDS.values())


@pytest.mark.parametrize("kind", EVENT_WORDS)
def test_an_event_is_called_the_same_in_a_terminal_and_over_the_api(kind, capsys):
    event = Event(version=2, created="2026-11-22T03:11:30+00:00", kind=kind, theme="T0001", others=(), confidence=0.9)
    show_history({"theme": Entry("T0001", born=1, label="Westerns"), "events": [event]})
    assert EVENT_WORDS[kind].label in capsys.readouterr().out
    sent = wire.EventWords.model_validate(EVENT_WORDS[kind]).model_dump()
    assert sent == {"label": EVENT_WORDS[kind].label, "past": EVENT_WORDS[kind].past}
    assert all(sent.values())


def test_the_sentence_names_the_other_themes():
    assert EVENT_WORDS["split"].describe(["A"]) == "lost A, now a theme of its own."
    assert EVENT_WORDS["split"].describe(["A", "B"]) == "lost A and B, now themes of their own."
    assert EVENT_WORDS["merged"].describe(["{A}"]) == "absorbed {A}."
    for kind in kinds() - {"split", "merged"}:
        assert re.fullmatch(r"[a-z][^{}]+\.", EVENT_WORDS[kind].describe())


def test_every_outcome_of_an_alert_has_words():
    assert re.findall(r'"(\w+)" \(', Alert.__doc__) == list(OUTCOME_WORDS)
    assert all(words.label and words.meaning for words in OUTCOME_WORDS.values())


def test_the_page_has_no_words_of_its_own_for_events_and_spaces():
    sources = {path: path.read_text() for path in (ROOT / "discover/service/page/src").rglob("*.ts*")}
    for path, source in sources.items():
        if not path.name.endswith(".d.ts"):
            assert not re.search(r"\b(?:born|merged|returned|died|lexical): *[\"{\[]", source), path
