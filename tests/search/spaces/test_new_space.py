"""A space is one file: a new one is put into the folder, and everything else is as it was.

`Initials` compares items by the first letters of their titles. It says of itself only what a space must say, and what
it shares; a second one, `TitleLength`, says no more than it must.
"""

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

import discover
from discover import cli
from discover.core import plugins
from discover.core.errors import SettingsError
from discover.search import spaces
from discover.service import app
from discover.service.current import Current
from discover.testing import shows

INITIALS = '''
"""The first letters of titles."""

from dataclasses import dataclass

import numpy as np

from discover.core import files
from discover.search.spaces.base import Compared, Feature, Shared, Space, union


@dataclass(frozen=True)
class Initials(Space):
    """Queries are codes of letters, 0 for none."""

    name = "initials"
    label = "First letters"
    hint = "how titles begin"
    weight = 0.3

    codes: np.ndarray

    @classmethod
    def build(cls, items):
        titles = items.catalog.titles
        return cls(np.array([ord(title[:1].casefold() or "\\0") for title in titles], dtype=np.int64))

    def save(self, folder):
        files.save_array(folder / "codes.npy", self.codes)

    @classmethod
    def load(cls, items, stored):
        return cls(stored.array("codes.npy"))

    def items(self, rows):
        return self.codes[rows]

    def query(self, text, models):
        return np.array([ord(text[0].casefold())])

    def compare(self, queries, rows=None):
        codes = self.codes if rows is None else self.codes[rows]
        return Compared(
            (queries[:, None] == codes).astype(np.float32), ((queries[:, None] > 0) & (codes > 0)).astype(np.float32)
        )

    def nearest(self, queries, count, allowed=None):
        rows = np.arange(len(self.codes)) if allowed is None else allowed
        return union([rows[self.codes[rows] == query][:count] for query in queries])

    def shared(self, query, rows):
        owners = np.flatnonzero(self.codes[rows] == query[0])
        names = [f"{chr(query[0]).upper()}…"] * len(owners)
        return [Shared("title", owners, np.zeros(len(owners), np.int64), names, np.ones(len(owners)))]

    def features(self, rows):
        return [Feature(place, "title", f"{chr(self.codes[row]).upper()}…", 1.0) for place, row in enumerate(rows)]
'''
TITLE_LENGTH = '''
"""How long titles are."""

from dataclasses import dataclass

import numpy as np

from discover.search.spaces.base import Compared, Space, union


@dataclass(frozen=True)
class TitleLength(Space):
    """Queries are lengths."""

    name = "title_length"
    weight = 0.2

    lengths: np.ndarray

    @classmethod
    def build(cls, items):
        return cls(np.array([len(title) for title in items.catalog.titles], dtype=np.float32))

    def items(self, rows):
        return self.lengths[rows]

    def compare(self, queries, rows=None):
        lengths = self.lengths if rows is None else self.lengths[rows]
        similarities = np.exp(-np.abs(queries[:, None] - lengths)).astype(np.float32)
        return Compared(similarities, np.ones_like(similarities))

    def nearest(self, queries, count, allowed=None):
        rows = np.arange(len(self.lengths)) if allowed is None else allowed
        return union([np.sort(rows[np.argsort(np.abs(self.lengths[rows] - query))[:count]]) for query in queries])
'''
DEFAULTS = {"text": 1.0, "metadata": 0.7, "lexical": 0.5, "initials": 0.3, "title_length": 0.2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two more files in the folder of spaces."""
    folder = tmp_path_factory.mktemp("spaces")
    (folder / "initials.py").write_text(INITIALS)
    (folder / "title_length.py").write_text(TITLE_LENGTH)
    spaces.__path__.append(str(folder))
    yield str(folder)
    spaces.__path__.remove(str(folder))


@pytest.fixture(scope="module")
def opened(folder, tmp_path_factory):
    """A version that was made with them."""
    rows, workspace = shows(each=12), tmp_path_factory.mktemp("made") / "ws"
    for number, row in enumerate(rows):
        row["title"] = f"{'ABCDEF'[number % 6]}{'x' * (number % 5)} {number}"
    discover.run(rows, workspace=workspace)
    return discover.open(workspace)


def parts(matches):
    return [(match.id, match.score, match.parts) for match in matches]


def test_it_is_a_choice_by_its_file_and_counts_what_it_says(opened):
    assert plugins.names(spaces) == ["image", "initials", "lexical", "metadata", "text", "title_length"]
    assert set(opened.space_names) == set(DEFAULTS)
    assert opened.weights == DEFAULTS


def test_the_service_names_it_so_that_the_page_draws_its_slider(opened):
    about = (
        TestClient(app.build(Current(opened.version.workspace), app.Limits()), base_url="http://localhost")
        .get("/v1/about")
        .json()
    )
    assert about["words"]["spaces"].keys() == set(about["spaces"]) == set(DEFAULTS)
    assert about["words"]["spaces"]["initials"] == {"label": "First letters", "hint": "how titles begin"}
    assert about["words"]["spaces"]["title_length"] == {"label": "Title length", "hint": ""}
    assert about["weights"] == DEFAULTS


def test_it_has_a_part_in_every_score(opened):
    for match in opened.similar("0003", k=5):
        assert set(match.parts) == set(DEFAULTS)
        assert sum(match.parts.values()) == pytest.approx(match.score)
    alone = opened.similar("0003", k=11, weights={"initials": 1})
    assert {match.title[0] for match in alone} == {opened.catalog.titles[3][0]}
    near = opened.similar("0003", k=3, weights={"title_length": 1})
    assert {len(match.title) for match in near} == {len(opened.catalog.titles[3])}
    assert set(opened.similar("0003", k=1, weights={"text": 1})[0].parts) == {"text"}
    assert "initials" in opened.recommend(["0003", "0005"], k=1)[0].parts


def test_it_is_asked_with_words_where_it_takes_them(opened):
    found = opened.search("Czech", k=5, weights={"initials": 1, "title_length": 1})
    assert {match.title[0] for match in found} == {"C"}
    assert set(found[0].parts) == {"initials"}


def test_it_explains_its_part(opened):
    told = opened.explain("0003", "0009")
    for name in ("initials", "title_length"):
        evidence = [each for each in told.evidence if each.space == name]
        assert sum(each.amount for each in evidence) == pytest.approx(told.parts[name])
    shared = [each for each in told.evidence if each.space == "initials" and each.kind == "value"]
    assert [(each.text, each.role) for each in shared] == [("D…", "title")]
    assert [each.kind for each in told.evidence if each.space == "title_length"] == ["together", "cohort"]
    assert "D…" in opened.similar("0003", k=3, why=True, weights={"initials": 1})[0].why
    apart = opened.explain("0003", "0004").differences
    assert {(each.item, each.text) for each in apart if each.role == "title"} == {("0003", "D…"), ("0004", "E…")}
    dossier = opened.compare(["0003", "0009", "0004"])
    assert ("title", "D…", ("0003", "0009")) in [(each.role, each.text, each.items) for each in dossier.traits]


def test_it_is_stored_and_read_back(opened):
    again = discover.open(opened.version.workspace)
    assert "spaces/initials/codes.npy" in opened.version.files
    assert not [name for name in opened.version.files if name.startswith("spaces/title_length/")]
    assert parts(again.similar("0003", k=20)) == parts(opened.similar("0003", k=20))
    assert np.array_equal(again._run.null_scores, opened._run.null_scores)


def test_settings_and_the_command_line_know_it(folder, tmp_path, capsys):
    rows, workspace = shows(each=6), tmp_path / "ws"
    discover.run(rows, workspace=workspace, settings={"search": {"weights": {"text": 1, "initials": 2}}})
    assert discover.open(workspace).weights == {"text": 1.0, "initials": 2.0}
    assert cli.main(["similar", "0003", "-k", "1", "--weights", "initials=1", "--json", "-w", str(workspace)]) == 0
    assert set(json.loads(capsys.readouterr().out)[0]["parts"]) == {"initials"}
    with pytest.raises(SettingsError, match=r"'initial'. Did you mean 'initials'\? Valid: image, initials"):
        discover.run(rows, workspace=workspace, settings={"search": {"weights": {"initial": 2}}})


def test_a_version_that_is_older_than_a_space_is_opened_without_it(folder, tmp_path):
    spaces.__path__.remove(folder)
    try:
        discover.run(shows(each=6), workspace=tmp_path / "ws")
    finally:
        spaces.__path__.append(folder)
    assert set(discover.open(tmp_path / "ws").space_names) == {"text", "lexical", "metadata"}
