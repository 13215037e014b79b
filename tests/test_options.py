"""An option of a query is declared once: engine, command line, service and client all have it."""

import argparse
import inspect
from dataclasses import dataclass, fields
from typing import get_type_hints

import pytest
from fastapi import Depends, FastAPI

from discover import cli
from discover.cli.commands import ALWAYS
from discover.cli.options import _query_options
from discover.client import Client
from discover.core.errors import UsageError
from discover.core.types import options as declared
from discover.core.types.options import NeighborOptions, QueryOptions, RecommendOptions, SearchOptions, option
from discover.engine.engine import Engine
from discover.service import app, guard
from discover.service.options import in_address, with_options
from discover.service.wire.base import MAX_ANSWERS, Body

METHODS = {
    "similar": QueryOptions,
    "search": SearchOptions,
    "recommend": RecommendOptions,
    "similar_many": NeighborOptions,
}
BODIES = {"search": "/v1/search", "recommend": "/v1/recommend", "similar_many": "/v1/similar"}


@pytest.fixture(scope="module")
def openapi():
    return app.routed(None, guard.Metrics()).openapi()


def body(openapi, path):
    schema = openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return openapi["components"]["schemas"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema


def flags(command):
    parsers = next(each for each in cli.parser()._actions if isinstance(each, argparse._SubParsersAction))
    return {each.dest: each for each in parsers.choices[command]._actions}


@pytest.mark.parametrize("kind", list(dict.fromkeys(METHODS.values())), ids=lambda kind: kind.__name__)
def test_keywords_are_the_fields(kind):
    keywords = getattr(declared, kind.__name__.replace("Options", "Keywords"))
    assert get_type_hints(keywords) == get_type_hints(kind)
    assert not keywords.__required_keys__


@pytest.mark.parametrize(("method", "kind"), METHODS.items())
def test_engine_and_client_show_every_option(method, kind):
    for owner in (Engine, Client):
        shown = inspect.signature(getattr(owner, method)).parameters
        for each in fields(kind):
            assert shown[each.name].default == each.default
            assert f"    {each.name}: {each.metadata['help']}" in getattr(owner, method).__doc__


@pytest.mark.parametrize(("command", "kind"), [("similar", QueryOptions), ("search", SearchOptions)])
def test_the_command_line_has_a_flag_for_every_option(command, kind):
    known = flags(command)
    for each in fields(kind):
        if each.name not in ALWAYS:
            assert known[each.name].default == each.default
            assert known[each.name].help.startswith(each.metadata["help"])


@pytest.mark.parametrize(("path", "kind"), [("/v1/items/{id}/similar", QueryOptions), ("/v1/search", SearchOptions)])
def test_addresses_take_every_option(openapi, path, kind):
    known = {each["name"]: each for each in openapi["paths"][path]["get"]["parameters"]}
    for each in fields(kind):
        assert known[each.name]["description"] == each.metadata["help"]
        assert known[each.name]["schema"].get("default") == each.default


@pytest.mark.parametrize(("method", "path"), BODIES.items())
def test_bodies_take_every_option(openapi, method, path):
    known = body(openapi, path)["properties"]
    for each in fields(METHODS[method]):
        assert known[each.name]["description"] == each.metadata["help"]
        assert known[each.name].get("default") == each.default


@dataclass(frozen=True)
class Extended(QueryOptions):
    """As if someone had added these."""

    oldest: int = option(1900, "the earliest year", least=1, most=3000)
    per_year: dict[str, float] | None = option(  # noqa: RUF009
        None, "how much a year counts", example="1990=2", least=0
    )


def test_a_new_option_needs_its_declaration_only():
    parser = argparse.ArgumentParser()
    _query_options(parser, Extended)
    chosen = parser.parse_args(["--oldest", "1950", "--per-year", "1990=2,1991=.5"])
    assert (chosen.oldest, chosen.per_year, chosen.k) == (1950, {"1990": 2.0, "1991": 0.5}, 10)
    known = with_options(Extended)(type("Body", (Body,), {"__doc__": "A body."})).model_json_schema()
    limits = [(known["properties"][name]["minimum"], known["properties"][name]["maximum"]) for name in ("k", "oldest")]
    assert limits == [(1, MAX_ANSWERS), (1, 3000)]
    assert set(known["properties"]) == {each.name for each in fields(Extended)}

    service = FastAPI()

    @service.get("/x")
    def read(given=Depends(in_address(Extended))):  # noqa: B008  # FastAPI reads it there
        return given

    parameters = service.openapi()["paths"]["/x"]["get"]["parameters"]
    assert [each["name"] for each in parameters] == [each.name for each in fields(Extended)]
    with pytest.raises(UsageError, match="oldest must be between 1 and 3000, got 0"):
        Extended(oldest=0)
    with pytest.raises(UsageError, match="per_year: 1990 must be a number of at least 0, got -1"):
        Extended(per_year={"1990": -1})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"k": True}, "k must be a whole number of at least 1, got True"),
        ({"k": 10**400}, "k must be a whole number of at least 1, got 1000"),
        ({"where": 5}, "where: give text such as 'year >= 1990', got 5"),
        ({"weights": [1]}, r"weights: give a dictionary such as \{'text': 1.0\}, got \[1\]"),
        ({"weights": {"text": 2e6}}, "weights: at most 1,000,000 .only their proportions count"),
        ({"weights": {"text": 10**400}}, "weights: text must be a number of at least 0, got 1000"),
        ({"diversity": float("nan")}, "diversity must be between 0 and 1, got nan"),
        ({"dedupe": "no"}, "dedupe must be True or False, got 'no'"),
    ],
)
def test_what_no_version_can_use_is_one_line(given, message):
    with pytest.raises(UsageError, match=message) as caught:
        QueryOptions(**given)
    assert len(str(caught.value)) < 200


def test_tables_are_read_as_they_are_written():
    weights = next(each for each in declared.options(QueryOptions) if each.name == "weights")
    assert weights.parse("text=1, image=.5") == {"text": 1.0, "image": 0.5}
    assert weights.parse("a=b=2") == {"a=b": 2.0}
    for text, message in (("text", "'text' is not like text=1,image=.5"), ("text=1,text=2", "gives a name twice")):
        with pytest.raises(UsageError, match=message):
            weights.parse(text)
